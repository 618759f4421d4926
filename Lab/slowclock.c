// A slower clock for a machine: preloaded into the User-Mode Linux kernel, it lets one second of the
// machine last SLOW_CLOCK seconds of the host.
//
// On a host that is busy, or has little CPU to give, a machine cannot do in a second what it should,
// and every latency in it grows. With a slower clock it has the time; inside, nobody can tell.
// It replaces the calls from which the kernel has its time: clock_gettime, gettimeofday, timer_*.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

static int (*host_clock)(clockid_t, struct timespec *);
static int (*host_set)(timer_t, int, const struct itimerspec *, struct itimerspec *);
static int (*host_get)(timer_t, struct itimerspec *);
static double slowness = 1;
static int64_t started[2];  // on CLOCK_REALTIME and CLOCK_MONOTONIC, when the machine came to life

static int64_t nanoseconds(struct timespec time) {
    return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

static struct timespec timespec_of(int64_t nanoseconds) {
    return (struct timespec){nanoseconds / 1000000000, nanoseconds % 1000000000};
}

static struct timespec stretched(struct timespec time, double factor) {
    return timespec_of((int64_t)((double)nanoseconds(time) * factor));
}

__attribute__((constructor)) static void find_host(void) {
    *(void **)&host_clock = dlsym(RTLD_NEXT, "clock_gettime");
    *(void **)&host_set = dlsym(RTLD_NEXT, "timer_settime");
    *(void **)&host_get = dlsym(RTLD_NEXT, "timer_gettime");
    const char *text = getenv("SLOW_CLOCK");
    if (text && strtod(text, NULL) >= 1) slowness = strtod(text, NULL);
    for (clockid_t clock = CLOCK_REALTIME; clock <= CLOCK_MONOTONIC; clock++) {
        struct timespec time;
        host_clock(clock, &time);
        started[clock] = nanoseconds(time);
    }
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    if (!host_clock) find_host();
    int failed = host_clock(clock, time);
    // Clocks of CPU time go at their own pace.
    if (failed || (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC)) return failed;
    double passed = (double)(nanoseconds(*time) - started[clock]) / slowness;
    *time = timespec_of(started[clock] + (int64_t)passed);
    return 0;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
    (void)zone;
    struct timespec precise;
    int failed = clock_gettime(CLOCK_REALTIME, &precise);
    *time = (struct timeval){precise.tv_sec, precise.tv_nsec / 1000};
    return failed;
}

int timer_settime(timer_t timer, int flags, const struct itimerspec *wanted,
                  struct itimerspec *before) {
    struct itimerspec host = {.it_interval = stretched(wanted->it_interval, slowness)};
    int64_t moment = nanoseconds(wanted->it_value);
    if (flags & TIMER_ABSTIME && moment > 0) {
        double ahead = (double)(moment - started[CLOCK_MONOTONIC]) * slowness;
        host.it_value = timespec_of(started[CLOCK_MONOTONIC] + (int64_t)ahead);
    } else {
        host.it_value = stretched(wanted->it_value, slowness);
    }
    int failed = host_set(timer, flags, &host, before);
    if (!failed && before) {
        before->it_value = stretched(before->it_value, 1 / slowness);
        before->it_interval = stretched(before->it_interval, 1 / slowness);
    }
    return failed;
}

int timer_gettime(timer_t timer, struct itimerspec *left) {
    int failed = host_get(timer, left);
    left->it_value = stretched(left->it_value, 1 / slowness);
    left->it_interval = stretched(left->it_interval, 1 / slowness);
    return failed;
}
