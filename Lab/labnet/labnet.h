// What the parts of labnet share: time, dice, addresses, one HTTP exchange, latencies.

#ifndef LABNET_H
#define LABNET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

// Seconds on the monotonic clock.
double now(void);
// Arms a timerfd for a moment on that clock; 0 disarms it.
void set_timer(int timer, double moment);

// A generator of its own for everyone who throws dice, so that one's throws never move another's.
struct dice {
    uint64_t state;
};
struct dice dice_for_seed(uint64_t seed);
struct dice dice_for_name(uint64_t seed, const char *name);
// Exponential with mean 1; always 1 for seed 0, so that a load is quite even.
double exponential(struct dice *dice);
// Uniform over all of them; always 0 for seed 0.
uint32_t any_number(struct dice *dice);

struct address {
    struct sockaddr_storage bytes;
    socklen_t size;
};
// Reads "10.0.0.1:80", "[fd00::1]:80" or, for servers, "80" (every address). Ends the program on
// nonsense.
struct address parse_address(const char *text);
void raise_file_limit(void);

// Addresses of this host that a client comes from, for schedulers that go by them.
struct sources {
    uint32_t first, count;  // none: the kernel chooses the one address there is
};
// Reads "10.1.0.0/16": all of it but the first and the last. Ends the program on nonsense.
struct sources parse_sources(const char *text);
// Binds to one of them, counted from 0 and over again; false when the kernel does not have it.
bool bind_source(int file, const struct sources *sources, uint32_t which);

// A connection from one of these addresses, that waits 3 s at most for anything; -1 without one.
int connect_from(const struct sources *sources, uint32_t which, const struct address *address);

// One GET on a connection of its own, 3 s at most. Body into `body`; false when anything failed.
bool fetch(const struct address *address, const char *path, char *body, size_t room);
// The same from one of these addresses.
bool fetch_from(const struct sources *sources, uint32_t which, const struct address *address,
                const char *path, char *body, size_t room);
// Where the body of an answer begins; NULL unless it is a whole header with status 200.
const char *answer_body(const char *answer);

// How many answers each server gave, by the name on the first line of its answers.
struct tally {
    int count;
    struct {
        char name[32];
        long answers;
    } servers[256];
};
void tally_add(struct tally *tally, const char *body);
void tally_print(struct tally *tally);

struct latencies {
    double *seconds;
    size_t count, room;
};
void latencies_add(struct latencies *latencies, double seconds);
// Sorts, then reads off the share (0...1), in milliseconds; 0 when there are none.
double latencies_ms(struct latencies *latencies, double share);

int serve_command(int count, char **words);
int get_command(int count, char **words);
int seq_command(int count, char **words);
int hold_command(int count, char **words);
int crowd_command(int count, char **words);
int open_command(int count, char **words);
int balance_command(int count, char **words);
int netlink_command(int count, char **words);

#endif
