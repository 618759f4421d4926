// The clock, and timers on it.

#include "labnet.h"

#include <sys/timerfd.h>
#include <time.h>

double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

void set_timer(int timer, double moment) {
    struct itimerspec when = {0};
    when.it_value.tv_sec = (time_t)moment;
    when.it_value.tv_nsec = (long)((moment - (double)(time_t)moment) * 1e9);
    timerfd_settime(timer, TFD_TIMER_ABSTIME, &when, NULL);
}
