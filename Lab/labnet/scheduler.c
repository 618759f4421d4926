// sed, wlc and wrr as net/netfilter/ipvs of Linux 6.1 computes them (ip_vs_sed.c, ip_vs_wlc.c,
// ip_vs_wrr.c). Without the inactive connections of wlc: no entry outlives its connection here.
//
// The kernel puts each new destination before the others, so its lists run from the target that was
// named last to the first; so do ours.

#include "scheduler.h"

#include <string.h>

bool scheduler_named(const char *name, struct scheduler *scheduler) {
    static const char *names[] = {[sed] = "sed", [wlc] = "wlc", [wrr] = "wrr"};
    for (int kind = sed; kind <= wrr; kind++) {
        if (strcmp(names[kind], name)) continue;
        scheduler->kind = kind;
        return true;
    }
    return false;
}

// sed counts the connection that is to come; wlc weighs an active one 256 inactive ones.
static long overhead(const struct scheduler *scheduler, int target) {
    long active = scheduler->active[target];
    return scheduler->kind == sed ? active + 1 : active * 256;
}

// The least overhead for its weight; the first of equals. Compared by cross products, as the kernel
// does without division.
static int choose_least(const struct scheduler *scheduler) {
    int least = -1;
    for (int target = scheduler->count - 1; target >= 0; target--) {
        if (scheduler->weights[target] <= 0) continue;
        if (least < 0 || overhead(scheduler, least) * scheduler->weights[target] >
                             overhead(scheduler, target) * scheduler->weights[least])
            least = target;
    }
    return least;
}

// Rounds over the targets, each round asking for less weight; a target is taken in every round that
// asks for no more than its own.
static int choose_next(struct scheduler *scheduler) {
    if (scheduler->walk.most <= 0) return -1;
    for (;;) {
        while (--scheduler->walk.last >= 0)
            if (scheduler->weights[scheduler->walk.last] >= scheduler->walk.current)
                return scheduler->walk.last;
        scheduler->walk.last = scheduler->count;
        scheduler->walk.current -= scheduler->walk.step;
        if (scheduler->walk.current <= 0) scheduler->walk.current = scheduler->walk.most;
    }
}

static long greatest_common_divisor(long a, long b) {
    while (b) {
        long rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

void scheduler_weights_changed(struct scheduler *scheduler) {
    long step = 0, most = 0;
    for (int target = 0; target < scheduler->count; target++) {
        long weight = scheduler->weights[target];
        if (weight > 0) step = greatest_common_divisor(weight, step);
        if (weight > most) most = weight;
    }
    if (step == 0) step = 1;
    // The walk starts its round again, at the height where it was.
    scheduler->walk.last = scheduler->count;
    scheduler->walk.step = step;
    scheduler->walk.most = most > 0 ? most - (step - 1) : 0;
    if (scheduler->walk.current > scheduler->walk.most || scheduler->walk.current == 0)
        scheduler->walk.current = scheduler->walk.most;
    else if (step > 1)
        scheduler->walk.current = scheduler->walk.current / step * step + 1;
}

int scheduler_choose(struct scheduler *scheduler) {
    return scheduler->kind == wrr ? choose_next(scheduler) : choose_least(scheduler);
}
