// The pages of the emulated server: its counters for an agent, the truth for a judge, its capacity.

#include "page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *plain = "text/plain; charset=utf-8";

// Counters that only grow, as Prometheus text. The agent computes rates from them; nothing here
// says what the capacity is.
static const char *metrics(struct state *state, char *body, size_t room) {
    struct queue *queue = &state->queue;
    snprintf(body, room,
             "# HELP emulated_busy_seconds_total Time the one core had work.\n"
             "# TYPE emulated_busy_seconds_total counter\n"
             "emulated_busy_seconds_total %.6f\n"
             "# HELP emulated_runnable_seconds_total Integral over time of requests inside.\n"
             "# TYPE emulated_runnable_seconds_total counter\n"
             "emulated_runnable_seconds_total %.6f\n"
             "# HELP emulated_requests_total Requests answered, with an error or without.\n"
             "# TYPE emulated_requests_total counter\n"
             "emulated_requests_total %ld\n"
             "# HELP emulated_errors_total Requests answered with an error.\n"
             "# TYPE emulated_errors_total counter\n"
             "emulated_errors_total %ld\n"
             "# HELP emulated_in_flight Requests inside now.\n"
             "# TYPE emulated_in_flight gauge\n"
             "emulated_in_flight %zu\n"
             "# HELP emulated_cores Cores of the emulated machine.\n"
             "# TYPE emulated_cores gauge\n"
             "emulated_cores 1\n"
             "# HELP emulated_up Always 1.\n"
             "# TYPE emulated_up gauge\n"
             "emulated_up 1\n",
             queue->busy_seconds, queue->runnable_seconds, state->requests, state->errors,
             queue->length);
    return "text/plain; version=0.0.4; charset=utf-8";
}

static const char *truth(struct state *state, double time, char *body, size_t room) {
    struct queue *queue = &state->queue;
    snprintf(body, room,
             "{\"name\":\"%s\",\"capacity\":%g,\"in_flight\":%zu,\"arrived\":%ld,"
             "\"answered\":%ld,\"errors\":%ld,\"busy_s\":%.6f,\"runnable_s\":%.6f,\"age_s\":%.6f}\n",
             state->name, queue->capacity, queue->length, queue->arrived,
             state->requests - state->errors, state->errors, queue->busy_seconds,
             queue->runnable_seconds, time - state->started);
    return "application/json";
}

static const char *change_capacity(const char *text, struct state *state, double time, char *body,
                                   size_t room) {
    char *end;
    double capacity = strtod(text, &end);
    if (end == text || !(capacity >= 0)) {
        snprintf(body, room, "unchanged: write /cap/ and requests per second\n");
        return plain;
    }
    queue_set_capacity(&state->queue, capacity, time);
    snprintf(body, room, "%s capacity %g\n", state->name, capacity);
    return plain;
}

static const char *fail(const char *text, struct state *state, char *body, size_t room) {
    state->failing = !strcmp(text, "1");
    snprintf(body, room, "%s %s\n", state->name, state->failing ? "fails" : "works");
    return plain;
}

const char *page_for(const char *path, struct state *state, double time, char *body, size_t room) {
    if (!strcmp(path, "/metrics")) return metrics(state, body, room);
    if (!strcmp(path, "/load")) return truth(state, time, body, room);
    if (!strncmp(path, "/cap/", 5)) return change_capacity(path + 5, state, time, body, room);
    if (!strncmp(path, "/fail/", 6)) return fail(path + 6, state, body, room);
    return NULL;
}
