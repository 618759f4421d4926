// The emulated server: HTTP over a queue in virtual work.
//
// GET of anything is one request of exponential work; the answer's body is the server's name, sent
// when the queue is through with it. "ping" is answered "pong NAME" on a connection that stays.

#define _GNU_SOURCE
#include "page.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define MOST_CONNECTIONS 65536
#define LONGEST_HEAD 2048

static struct {
    unsigned generation;
    size_t length;
    char *head;  // what has come of the request so far
} connections[MOST_CONNECTIONS];

static struct state state;
static int poller;

static void watch(int file) {
    struct epoll_event event = {.events = EPOLLIN, .data.fd = file};
    epoll_ctl(poller, EPOLL_CTL_ADD, file, &event);
}

static int listen_at(const struct address *address) {
    int yes = 1, no = 0;
    int listener = socket(address->bytes.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (address->bytes.ss_family == AF_INET6)
        setsockopt(listener, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no);
    if (bind(listener, (const struct sockaddr *)&address->bytes, address->size) ||
        listen(listener, 4096)) {
        perror("labnet serve: listen");
        exit(1);
    }
    return listener;
}

static void hang_up(int file) {
    connections[file].generation++;
    connections[file].length = 0;
    free(connections[file].head);
    connections[file].head = NULL;
    close(file);
}

static void answer(int file, const char *status, const char *type, const char *body) {
    char text[4096];
    int length = snprintf(text, sizeof text,
                          "HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n"
                          "Connection: close\r\n\r\n%s",
                          status, type, strlen(body), body);
    (void)!write(file, text, (size_t)length);
    hang_up(file);
}

static void answer_name(int file) {
    char body[64];
    snprintf(body, sizeof body, "%.60s\n", state.name);
    state.requests++;
    answer(file, "200 OK", "text/plain; charset=utf-8", body);
}

static void refuse(int file, const char *status) {
    state.requests++;
    state.errors++;
    answer(file, status, "text/plain; charset=utf-8", "refused\n");
}

// A whole head has come: "GET PATH HTTP/1.x".
static void take_request(int file, double time) {
    char path[256], body[2048];
    if (sscanf(connections[file].head, "GET %255s HTTP/1.", path) != 1)
        return refuse(file, "400 Bad Request");
    const char *type = page_for(path, &state, time, body, sizeof body);
    if (type) return answer(file, "200 OK", type, body);
    if (state.failing) return refuse(file, "500 Internal Server Error");
    if (state.instant) return answer_name(file);
    if (!queue_arrive(&state.queue, file, connections[file].generation, time))
        refuse(file, "503 Service Unavailable");
}

static void read_from(int file, double time) {
    char **head = &connections[file].head;
    size_t *length = &connections[file].length;
    if (!*head) *head = malloc(LONGEST_HEAD + 1);
    ssize_t got = read(file, *head + *length, LONGEST_HEAD - *length);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) return hang_up(file);
    *length += (size_t)got;
    (*head)[*length] = 0;
    if (!strncmp(*head, "ping\n", 5)) {
        char text[64];
        (void)!write(file, text, (size_t)snprintf(text, sizeof text, "pong %.50s\n", state.name));
        *length = 0;
    } else if (strstr(*head, "\r\n\r\n")) {
        *length = 0;
        take_request(file, time);
    } else if (*length == LONGEST_HEAD) {
        refuse(file, "431 Request Header Fields Too Large");
    }
}

static void accept_from(int listener) {
    int file, yes = 1;
    while ((file = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        if (file >= MOST_CONNECTIONS) {
            state.errors++;
            close(file);
            continue;
        }
        setsockopt(file, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        watch(file);
    }
}

// Answers everything that was done by `time`. Those who hung up meanwhile got their work done too.
static void settle(double time) {
    struct request done;
    while (queue_depart(&state.queue, time, &done)) {
        if (connections[done.connection].generation == done.generation)
            answer_name(done.connection);
        else
            state.requests++;
    }
    queue_count_until(&state.queue, time);
}

int serve_command(int count, char **words) {
    struct address address = parse_address(words[1]);
    uint64_t seed = count > 3 ? strtoull(words[3], NULL, 10) : 1;
    state.name = words[0];
    state.instant = count < 3;
    state.started = now();
    state.queue = queue_new(count > 2 ? strtod(words[2], NULL) : 0,
                            dice_for_name(seed, state.name), state.started);
    raise_file_limit();
    poller = epoll_create1(EPOLL_CLOEXEC);
    int listener = listen_at(&address);
    int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    watch(listener);
    watch(timer);
    for (;;) {
        struct epoll_event events[256];
        int ready = epoll_wait(poller, events, 256, -1);
        double time = now();
        settle(time);
        for (int i = 0; i < ready; i++) {
            int file = events[i].data.fd;
            uint64_t rings;
            if (file == listener)
                accept_from(listener);
            else if (file == timer)
                (void)!read(timer, &rings, sizeof rings);
            else
                read_from(file, time);
        }
        double next = state.queue.length > 0 ? state.queue.head_leaves : 0;
        set_timer(timer, next < 1e12 ? next : 0);
    }
}
