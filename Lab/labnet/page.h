// The pages of the emulated server beside its real work.

#ifndef PAGE_H
#define PAGE_H

#include "queue.h"

struct state {
    const char *name;
    bool instant;  // answers at once, without a queue
    double started;
    struct queue queue;
    bool failing;  // answers every request with an error, at once
    long requests, errors;  // answered, and those of them with an error
};

// Fills in the page for `path` and returns its content type; NULL when the path means work.
const char *page_for(const char *path, struct state *state, double time, char *body, size_t room);

#endif
