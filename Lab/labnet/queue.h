// A server with one core and a line before it, in virtual work: no CPU is burnt, and departures
// fall on the exact moments.
//
// Work is counted in requests of mean size; the capacity says how much of it a second carries. When
// the capacity changes, the work that is left goes on at the new speed.

#ifndef QUEUE_H
#define QUEUE_H

#include "labnet.h"

struct request {
    int connection;
    unsigned generation;  // which connection of that number, since numbers are used again
    double work;
};

struct queue {
    double capacity;  // requests per second; 0 stands still
    struct dice dice;
    struct request *line;  // a ring
    size_t head, length, room;
    double head_leaves;        // when the first of the line is done
    double counted_until;      // the integrals below are right for this moment
    double busy_seconds;       // time with somebody in the system
    double runnable_seconds;   // integral over time of the number in the system
    long arrived, departed;
};

struct queue queue_new(double capacity, struct dice dice, double time);
// False when the line is at its limit.
bool queue_arrive(struct queue *queue, int connection, unsigned generation, double time);
// Takes the next request that was done by `time`; false when there is none.
bool queue_depart(struct queue *queue, double time, struct request *done);
// Call when queue_depart has nothing more to give for this moment.
void queue_count_until(struct queue *queue, double time);
void queue_set_capacity(struct queue *queue, double capacity, double time);

#endif
