// An open loop: requests leave at Poisson moments, whatever has become of those before them, each on
// a connection of its own. Its latency counts from the planned moment, so a late generator or a full
// server cannot hide.

#ifndef OPENLOOP_H
#define OPENLOOP_H

#include "labnet.h"

#include <signal.h>

struct open_loop {
    double rate, seconds, patience;  // patience: how long after the end answers still count
    struct dice dice;
    const struct address *targets;
    struct sources sources;  // each request comes from one of them, by lot
    struct dice source_dice;

    // Which target a request goes to; NULL means the first. -1 is an error: nobody to send to.
    int (*choose)(void *owner);
    // One request is over; `body` is NULL when it failed.
    void (*finished)(void *owner, int target, double latency, const char *body);
    // Once a second, counted from the start; may be NULL.
    void (*each_second)(void *owner, int second);
    // `input` can be read; may be NULL. Returns false when there will be nothing more.
    bool (*readable)(void *owner, int input);
    int input;
    void *owner;
    volatile sig_atomic_t over;  // no more requests: those under way are waited for

    // What the run was like.
    long sent, unanswered;
    double late_sum, late_most;
};

void run_open_loop(struct open_loop *loop);

#endif
