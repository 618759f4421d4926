// The open loop; see openloop.h.

#include "openloop.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define MOST_CONNECTIONS 65536
#define LONGEST_ANSWER 512

static struct {
    double planned;
    int target;
    bool asked;
    size_t length;
    char answer[LONGEST_ANSWER + 1];
} connections[MOST_CONNECTIONS];

static int poller;

static void watch(int file, int action, uint32_t events) {
    struct epoll_event event = {.events = events, .data.fd = file};
    epoll_ctl(poller, action, file, &event);
}

static void send_request(struct open_loop *loop, double planned, double time, long *open) {
    loop->sent++;
    loop->late_sum += time - planned;
    loop->late_most = fmax(loop->late_most, time - planned);
    int target = loop->choose ? loop->choose(loop->owner) : 0;
    if (target < 0) return loop->finished(loop->owner, target, 0, NULL);
    const struct address *address = &loop->targets[target];
    int file = socket(address->bytes.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (file >= 0 && file < MOST_CONNECTIONS &&
        bind_source(file, &loop->sources, any_number(&loop->source_dice)) &&
        (connect(file, (const struct sockaddr *)&address->bytes, address->size) == 0 ||
         errno == EINPROGRESS)) {
        connections[file].planned = planned;
        connections[file].target = target;
        connections[file].asked = false;
        connections[file].length = 0;
        watch(file, EPOLL_CTL_ADD, EPOLLOUT);
        ++*open;
        return;
    }
    if (file >= 0) close(file);
    loop->finished(loop->owner, target, 0, NULL);
}

static void end_request(struct open_loop *loop, int file, double time, const char *body,
                        long *open) {
    int target = connections[file].target;
    double latency = time - connections[file].planned;
    close(file);
    --*open;
    loop->finished(loop->owner, target, latency, body);
}

static void go_on(struct open_loop *loop, int file, uint32_t events, double time, long *open) {
    static const char question[] = "GET / HTTP/1.0\r\n\r\n";
    if (!connections[file].asked) {
        if (events & (EPOLLERR | EPOLLHUP) ||
            write(file, question, sizeof question - 1) != sizeof question - 1)
            return end_request(loop, file, time, NULL, open);
        connections[file].asked = true;
        return watch(file, EPOLL_CTL_MOD, EPOLLIN);
    }
    char *answer = connections[file].answer;
    size_t *length = &connections[file].length;
    ssize_t got = read(file, answer + *length, LONGEST_ANSWER - *length);
    if (got < 0 && errno == EAGAIN) return;
    if (got > 0) *length += (size_t)got;
    answer[*length] = 0;
    // A server's name ends with a line end: with that the answer is whole.
    const char *body = answer_body(answer);
    if (body && strchr(body, '\n')) return end_request(loop, file, time, body, open);
    if (got <= 0 || *length == LONGEST_ANSWER) end_request(loop, file, time, NULL, open);
}

void run_open_loop(struct open_loop *loop) {
    raise_file_limit();
    poller = epoll_create1(EPOLL_CLOEXEC);
    int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    watch(timer, EPOLL_CTL_ADD, EPOLLIN);
    bool listening = loop->readable != NULL;
    if (listening) watch(loop->input, EPOLL_CTL_ADD, EPOLLIN);

    double started = now(), end = started + loop->seconds;
    double next = started + exponential(&loop->dice) / loop->rate;
    long open = 0;
    int second = 0;
    for (double time = started; next < end || (open > 0 && time < end + loop->patience);) {
        double ring = next < end ? next : time + 0.5;
        if (loop->each_second) ring = fmin(ring, started + second + 1);
        set_timer(timer, ring);
        struct epoll_event events[256];
        int ready = epoll_wait(poller, events, 256, -1);
        time = now();
        if (loop->over) end = fmin(end, time);
        for (int i = 0; i < ready; i++) {
            int file = events[i].data.fd;
            uint64_t rings;
            if (file == timer)
                (void)!read(timer, &rings, sizeof rings);
            else if (listening && file == loop->input) {
                listening = loop->readable(loop->owner, file);
                if (!listening) epoll_ctl(poller, EPOLL_CTL_DEL, file, NULL);
            } else
                go_on(loop, file, events[i].events, time, &open);
        }
        for (; next <= time && next < end; next += exponential(&loop->dice) / loop->rate)
            send_request(loop, next, time, &open);
        while (loop->each_second && time >= started + second + 1)
            loop->each_second(loop->owner, ++second);
    }
    loop->unanswered = open;
}
