// The kernel's schedulers, for a client that has no IPVS before it.

#ifndef SCHEDULER_H
#define SCHEDULER_H

#include <stdbool.h>

struct scheduler {
    enum { sed, wlc, wrr } kind;
    int count;
    long *weights, *active;  // active: open connections to each target
    struct {                 // where wrr stands in its walk
        int last;
        long current, most, step;
    } walk;
};

bool scheduler_named(const char *name, struct scheduler *scheduler);
// To be called when weights have changed.
void scheduler_weights_changed(struct scheduler *scheduler);
// The target of the next connection; -1 when every weight is 0.
int scheduler_choose(struct scheduler *scheduler);

#endif
