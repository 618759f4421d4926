// The queue in virtual work; see queue.h.

#include "queue.h"

#include <math.h>
#include <stdlib.h>

// Ten minutes of a flood of 300 requests/s.
#define LONGEST_LINE 200000

struct queue queue_new(double capacity, struct dice dice, double time) {
    return (struct queue){.capacity = capacity, .dice = dice, .counted_until = time};
}

void queue_count_until(struct queue *queue, double time) {
    double passed = time - queue->counted_until;
    if (passed <= 0) return;
    if (queue->length > 0) queue->busy_seconds += passed;
    queue->runnable_seconds += passed * (double)queue->length;
    queue->counted_until = time;
}

static void grow(struct queue *queue) {
    size_t room = queue->room ? queue->room * 2 : 256;
    struct request *line = malloc(room * sizeof *line);
    for (size_t i = 0; i < queue->length; i++)
        line[i] = queue->line[(queue->head + i) % queue->room];
    free(queue->line);
    queue->line = line;
    queue->room = room;
    queue->head = 0;
}

static void start_head(struct queue *queue, double time) {
    double work = queue->line[queue->head].work;
    queue->head_leaves = queue->capacity > 0 ? time + work / queue->capacity : INFINITY;
}

bool queue_arrive(struct queue *queue, int connection, unsigned generation, double time) {
    if (queue->length == LONGEST_LINE) return false;
    if (queue->length == queue->room) grow(queue);
    queue_count_until(queue, time);
    queue->line[(queue->head + queue->length) % queue->room] =
        (struct request){connection, generation, exponential(&queue->dice)};
    queue->arrived++;
    if (queue->length++ == 0) start_head(queue, time);
    return true;
}

bool queue_depart(struct queue *queue, double time, struct request *done) {
    if (queue->length == 0 || queue->head_leaves > time) return false;
    queue_count_until(queue, queue->head_leaves);
    *done = queue->line[queue->head];
    queue->head = (queue->head + 1) % queue->room;
    queue->departed++;
    if (--queue->length > 0) start_head(queue, queue->head_leaves);
    return true;
}

void queue_set_capacity(struct queue *queue, double capacity, double time) {
    if (queue->length > 0) {
        struct request *head = &queue->line[queue->head];
        if (queue->capacity > 0) head->work = (queue->head_leaves - time) * queue->capacity;
        if (head->work < 0) head->work = 0;
    }
    queue->capacity = capacity;
    if (queue->length > 0) start_head(queue, time);
}
