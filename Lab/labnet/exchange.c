// Clients that do one thing after another: get, seq, hold.

#include "labnet.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

const char *answer_body(const char *answer) {
    if (strncmp(answer, "HTTP/1.", 7) || strncmp(answer + 8, " 200", 4)) return NULL;
    const char *end = strstr(answer, "\r\n\r\n");
    return end ? end + 4 : NULL;
}

int connect_from(const struct sources *sources, uint32_t which, const struct address *address) {
    int yes = 1, file = socket(address->bytes.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct timeval patience = {.tv_sec = 3};
    setsockopt(file, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(file, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    setsockopt(file, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (bind_source(file, sources, which) &&
        connect(file, (const struct sockaddr *)&address->bytes, address->size) == 0)
        return file;
    close(file);
    return -1;
}

static const struct sources anywhere;

bool fetch(const struct address *address, const char *path, char *body, size_t room) {
    return fetch_from(&anywhere, 0, address, path, body, room);
}

bool fetch_from(const struct sources *sources, uint32_t which, const struct address *address,
                const char *path, char *body, size_t room) {
    char text[16384];
    int file = connect_from(sources, which, address);
    if (file < 0) return false;
    int length = snprintf(text, sizeof text, "GET %.1024s HTTP/1.0\r\n\r\n", path);
    size_t got = 0;
    if (write(file, text, (size_t)length) == length) {
        ssize_t more;
        while (got < sizeof text - 1 && (more = read(file, text + got, sizeof text - 1 - got)) > 0)
            got += (size_t)more;
    }
    close(file);
    text[got] = 0;
    const char *found = answer_body(text);
    if (found) snprintf(body, room, "%s", found);
    return found != NULL;
}

int get_command(int count, char **words) {
    (void)count;
    struct address address = parse_address(words[0]);
    char body[16384];
    if (!fetch(&address, words[1], body, sizeof body)) {
        fprintf(stderr, "labnet get: no answer from %s\n", words[0]);
        return 1;
    }
    fputs(body, stdout);
    return 0;
}

int seq_command(int count, char **words) {
    static struct tally tally;
    struct address address = parse_address(words[0]);
    struct sources sources = count > 2 ? parse_sources(words[2]) : anywhere;
    int wanted = atoi(words[1]), errors = 0, in_a_row = 0;
    double started = now();
    // Three failures in a row cost nine seconds and say enough.
    for (int i = 0; i < wanted && in_a_row < 3; i++) {
        char body[256];
        bool answered = fetch_from(&sources, (uint32_t)i, &address, "/", body, sizeof body);
        if (answered) tally_add(&tally, body);
        errors += !answered;
        in_a_row = answered ? 0 : in_a_row + 1;
    }
    double seconds = now() - started;
    printf("{\"wanted\":%d,\"errors\":%d,\"seconds\":%.3f,\"servers\":", wanted, errors, seconds);
    tally_print(&tally);
    printf("}\n");
    return errors != 0;
}

static volatile sig_atomic_t over;

static void end(int signal) {
    (void)signal;
    over = true;
}

static bool can_read(int file) {
    struct pollfd answer = {.fd = file, .events = POLLIN};
    int ready;
    do
        ready = poll(&answer, 1, 30000);
    while (ready < 0 && errno == EINTR);
    return ready > 0;
}

int hold_command(int count, char **words) {
    struct address address = parse_address(words[0]);
    double ends = now() + strtod(words[1], NULL), longest = 0;
    double interval = (count > 2 ? strtod(words[2], NULL) : 100) / 1e3;
    long pings = 0;
    char text[64], name[64] = "";
    int file = connect_from(&anywhere, 0, &address);
    bool alive = file >= 0;
    sigaction(SIGTERM, &(struct sigaction){.sa_handler = end}, NULL);
    while (alive && now() < ends && !over) {
        double asked = now();
        alive = write(file, "ping\n", 5) == 5 && can_read(file);
        ssize_t got = alive ? read(file, text, sizeof text - 1) : 0;
        alive = got > 0;
        if (!alive) break;
        text[got] = 0;
        sscanf(text, "pong %60s", name);
        pings++;
        if (now() - asked > longest) longest = now() - asked;
        double pause = interval - (now() - asked);
        if (pause > 0) usleep((useconds_t)(pause * 1e6));
    }
    printf("{\"server\":\"%s\",\"pings\":%ld,\"longest_ms\":%.1f,\"alive\":%s}\n", name, pings,
           longest * 1e3, alive ? "true" : "false");
    return !alive;
}
