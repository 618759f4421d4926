// labnet crowd: many connections that stay, each pinged in turn, until somebody says who leaves.

#define _GNU_SOURCE
#include "labnet.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define MOST_CONNECTIONS 16384
// TCP sends again for longer than this before it gives up; nobody who is well is so slow.
#define PATIENCE_SECONDS 30.0

static struct {
    int file;  // -1 once it is closed or broken
    char server[32];
    double asked;  // when a ping left that has no answer yet; 0 without one
} members[MOST_CONNECTIONS];

static int wanted, refused, broken, moved, left, next_member;
static long pings;
static double longest;
static int poller;

static void drop(int which) {
    close(members[which].file);
    members[which].file = -1;
}

static void break_off(int which) {
    drop(which);
    broken++;
}

static bool join(int which, const struct address *address, const struct sources *sources) {
    char text[64];
    int file = connect_from(sources, (uint32_t)which, address);
    members[which].file = -1;
    if (file < 0) return false;
    // Its first answer is waited for: with that it is known who serves it.
    ssize_t got = write(file, "ping\n", 5) == 5 ? read(file, text, sizeof text - 1) : 0;
    text[got > 0 ? got : 0] = 0;
    if (sscanf(text, "pong %31s", members[which].server) != 1) {
        close(file);
        return false;
    }
    members[which].file = file;
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = (uint32_t)which};
    epoll_ctl(poller, EPOLL_CTL_ADD, file, &event);
    return true;
}

static void ping_next(double time) {
    int which = next_member;
    next_member = (next_member + 1) % wanted;
    if (members[which].file < 0) return;
    if (members[which].asked > 0) {
        if (time - members[which].asked > PATIENCE_SECONDS) break_off(which);
        return;
    }
    if (write(members[which].file, "ping\n", 5) != 5) return break_off(which);
    members[which].asked = time;
    pings++;
}

static void take_answer(int which, double time) {
    char text[64], server[32] = "";
    if (members[which].file < 0) return;
    ssize_t got = read(members[which].file, text, sizeof text - 1);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) return break_off(which);
    text[got] = 0;
    sscanf(text, "pong %31s", server);
    // Another server could not know of this connection; should it ever answer, it is to show.
    moved += strcmp(server, members[which].server) != 0;
    if (time - members[which].asked > longest) longest = time - members[which].asked;
    members[which].asked = 0;
}

static void leave(const char *server, int count) {
    for (int i = 0; i < wanted && count > 0; i++) {
        if (members[i].file < 0 || strcmp(members[i].server, server)) continue;
        drop(i);
        left++;
        count--;
    }
}

static void print_figures(void) {
    struct tally tally = {0};
    int open = 0;
    for (int i = 0; i < wanted; i++) {
        if (members[i].file < 0) continue;
        open++;
        tally_add(&tally, members[i].server);
    }
    printf("{\"open\":%d,\"refused\":%d,\"broken\":%d,\"moved\":%d,\"left\":%d,\"pings\":%ld,"
           "\"longest_ms\":%.1f,\"servers\":",
           open, refused, broken, moved, left, pings, longest * 1e3);
    tally_print(&tally);
    printf("}\n");
}

// Each line is answered by one of figures; false at the end of the input.
static bool obey(void) {
    static char line[256];
    static size_t length;
    char server[32], *end;
    int count;
    ssize_t got = read(STDIN_FILENO, line + length, sizeof line - 1 - length);
    if (got <= 0) return false;
    length += (size_t)got;
    line[length] = 0;
    while ((end = strchr(line, '\n'))) {
        if (sscanf(line, "leave %31s %d", server, &count) == 2) leave(server, count);
        print_figures();
        length -= (size_t)(end + 1 - line);
        memmove(line, end + 1, length + 1);
    }
    return length < sizeof line - 1;
}

int crowd_command(int count, char **words) {
    struct address address = parse_address(words[0]);
    struct sources sources = count > 3 ? parse_sources(words[3]) : (struct sources){0};
    wanted = atoi(words[1]);
    if (wanted < 1 || wanted > MOST_CONNECTIONS) {
        fprintf(stderr, "labnet crowd: 1 to %d connections\n", MOST_CONNECTIONS);
        return 2;
    }
    raise_file_limit();
    poller = epoll_create1(EPOLL_CLOEXEC);
    for (int i = 0; i < wanted; i++) refused += !join(i, &address, &sources);
    print_figures();

    int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    struct epoll_event ring = {.events = EPOLLIN, .data.u32 = MOST_CONNECTIONS};
    struct epoll_event input = {.events = EPOLLIN, .data.u32 = MOST_CONNECTIONS + 1};
    epoll_ctl(poller, EPOLL_CTL_ADD, timer, &ring);
    epoll_ctl(poller, EPOLL_CTL_ADD, STDIN_FILENO, &input);
    double interval = strtod(words[2], NULL) / 1e3 / wanted, next = now();
    for (;;) {
        set_timer(timer, next);
        struct epoll_event events[256];
        int ready = epoll_wait(poller, events, 256, -1);
        double time = now();
        for (int i = 0; i < ready; i++) {
            uint64_t rings;
            uint32_t which = events[i].data.u32;
            if (which == MOST_CONNECTIONS)
                (void)!read(timer, &rings, sizeof rings);
            else if (which < MOST_CONNECTIONS)
                take_answer((int)which, time);
            else if (!obey())
                return 0;
        }
        for (; next <= time; next += interval) ping_next(time);
    }
}
