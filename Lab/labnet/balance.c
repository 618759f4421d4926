// labnet balance: an open loop over several targets that schedules each request itself, as IPVS
// would. Weights start at 1; a line `w W1 W2 ...` on standard input replaces them.
//
// Prints one line a second and one at the end, {"second":N,"now":{...},"total":{...}}.

#include "openloop.h"
#include "scheduler.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MOST_TARGETS 64

struct figures {
    struct latencies latencies;
    long sent, errors, answered[MOST_TARGETS];
};

struct balance {
    struct open_loop loop;
    struct scheduler scheduler;
    long weights[MOST_TARGETS], active[MOST_TARGETS];
    struct figures recent, total;
    char line[1024];
    size_t length;
};

static int choose(void *owner) {
    struct balance *balance = owner;
    int target = scheduler_choose(&balance->scheduler);
    balance->recent.sent++;
    balance->total.sent++;
    if (target >= 0) balance->active[target]++;
    return target;
}

static void note(struct figures *figures, int target, double latency, bool answered) {
    if (!answered) {
        figures->errors++;
        return;
    }
    figures->answered[target]++;
    latencies_add(&figures->latencies, latency);
}

static void finished(void *owner, int target, double latency, const char *body) {
    struct balance *balance = owner;
    if (target >= 0) balance->active[target]--;
    note(&balance->recent, target, latency, body != NULL);
    note(&balance->total, target, latency, body != NULL);
}

static void print_list(const char *name, const long *values, int count) {
    printf("\"%s\":[", name);
    for (int i = 0; i < count; i++) printf("%s%ld", i ? "," : "", values[i]);
    printf("]");
}

static void print_figures(const char *name, struct figures *figures, int count) {
    printf("\"%s\":{\"sent\":%ld,\"errors\":%ld,\"p50_ms\":%.2f,\"p99_ms\":%.2f,", name,
           figures->sent, figures->errors, latencies_ms(&figures->latencies, .5),
           latencies_ms(&figures->latencies, .99));
    print_list("answered", figures->answered, count);
    printf("}");
}

static void each_second(void *owner, int second) {
    struct balance *balance = owner;
    int count = balance->scheduler.count;
    printf("{\"second\":%d,", second);
    print_list("weights", balance->weights, count);
    printf(",");
    print_list("open", balance->active, count);
    printf(",");
    print_figures("now", &balance->recent, count);
    printf(",");
    print_figures("total", &balance->total, count);
    printf("}\n");
    free(balance->recent.latencies.seconds);
    balance->recent = (struct figures){0};
}

// A line with a wrong number of weights, or a weight that IPVS would refuse, changes nothing.
static void take_line(struct balance *balance, char *line) {
    long weights[MOST_TARGETS];
    int count = 0;
    char *word = strtok(line, " \r");
    if (!word || strcmp(word, "w")) {
        fprintf(stderr, "labnet balance: a line is `w` and one weight for each target\n");
        return;
    }
    while ((word = strtok(NULL, " \r")) && count < MOST_TARGETS) {
        char *end;
        weights[count] = strtol(word, &end, 10);
        if (*end || weights[count] < 0 || weights[count] > 65535) break;
        count++;
    }
    if (word || count != balance->scheduler.count) {
        fprintf(stderr, "labnet balance: weights unchanged; wanted %d of 0 to 65535\n",
                balance->scheduler.count);
        return;
    }
    memcpy(balance->weights, weights, sizeof *weights * (size_t)count);
    scheduler_weights_changed(&balance->scheduler);
}

static bool readable(void *owner, int input) {
    struct balance *balance = owner;
    ssize_t got = read(input, balance->line + balance->length,
                       sizeof balance->line - 1 - balance->length);
    if (got <= 0) return false;
    balance->length += (size_t)got;
    balance->line[balance->length] = 0;
    char *start = balance->line, *end;
    for (; (end = strchr(start, '\n')); start = end + 1) {
        *end = 0;
        take_line(balance, start);
    }
    balance->length = strlen(start);
    memmove(balance->line, start, balance->length + 1);
    return balance->length < sizeof balance->line - 1;
}

static bool take_option(struct balance *balance, const char *name, const char *value) {
    if (!strcmp(name, "--rate")) balance->loop.rate = strtod(value, NULL);
    else if (!strcmp(name, "--secs")) balance->loop.seconds = strtod(value, NULL);
    else if (!strcmp(name, "--seed"))
        balance->loop.dice = dice_for_seed(strtoull(value, NULL, 10));
    else if (!strcmp(name, "--scheduler")) return scheduler_named(value, &balance->scheduler);
    else return false;
    return balance->loop.rate > 0 && balance->loop.seconds > 0;
}

int balance_command(int count, char **words) {
    static struct balance balance;
    static struct address targets[MOST_TARGETS];
    balance.loop = (struct open_loop){.rate = 100, .seconds = 10, .patience = 5};
    balance.loop.dice = dice_for_seed(1);
    int next = 0;
    for (; next + 1 < count && words[next][0] == '-'; next += 2) {
        if (take_option(&balance, words[next], words[next + 1])) continue;
        fprintf(stderr, "labnet balance: `%s %s` makes no sense\n", words[next], words[next + 1]);
        return 2;
    }
    int targets_given = count - next;
    if (targets_given < 1 || targets_given > MOST_TARGETS) {
        fprintf(stderr, "labnet balance: give 1 to %d targets\n", MOST_TARGETS);
        return 2;
    }
    for (int i = 0; i < targets_given; i++) {
        targets[i] = parse_address(words[next + i]);
        balance.weights[i] = 1;
    }
    balance.scheduler.count = targets_given;
    balance.scheduler.weights = balance.weights;
    balance.scheduler.active = balance.active;
    scheduler_weights_changed(&balance.scheduler);
    balance.loop.targets = targets;
    balance.loop.choose = choose;
    balance.loop.finished = finished;
    balance.loop.each_second = each_second;
    balance.loop.readable = readable;
    balance.loop.input = STDIN_FILENO;
    balance.loop.owner = &balance;
    run_open_loop(&balance.loop);

    printf("{\"final\":true,\"unanswered\":%ld,", balance.loop.unanswered);
    print_figures("total", &balance.total, targets_given);
    printf("}\n");
    return 0;
}
