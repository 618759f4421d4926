// What Swift cannot import from Linux by itself: headers the Glibc module leaves out, macros,
// variadic calls and calls that take a transparent union. Each shim is one call and no more.
#ifndef POISE_CLINUX_H
#define POISE_CLINUX_H

// No _GNU_SOURCE here: it changes types (fd_set) that Swift's own module of the C library has too,
// and the compiler takes only one of the two. What needs it is in CLinux.c.

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static inline int linux_errno(void) { return errno; }

static inline int linux_open(const char *path, int flags, mode_t mode) {
    return open(path, flags | O_CLOEXEC, mode);
}

// Named apart from the Swift methods that are called read and write.
static inline ssize_t linux_read(int fd, void *bytes, size_t count) {
    return read(fd, bytes, count);
}

static inline ssize_t linux_write(int fd, const void *bytes, size_t count) {
    return write(fd, bytes, count);
}

static inline int linux_socket(int family, int type, int protocol) {
    return socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
}

static inline int linux_bind(int fd, const struct sockaddr_storage *address, socklen_t size) {
    return bind(fd, (const struct sockaddr *)address, size);
}

static inline int linux_connect(int fd, const struct sockaddr_storage *address, socklen_t size) {
    return connect(fd, (const struct sockaddr *)address, size);
}

int linux_accept(int fd);

static inline ssize_t linux_sendto(
    int fd, const void *bytes, size_t count, const struct sockaddr_storage *address,
    socklen_t size) {
    return sendto(
        fd, bytes, count, MSG_DONTWAIT | MSG_NOSIGNAL, (const struct sockaddr *)address, size);
}

static inline ssize_t linux_send(int fd, const void *bytes, size_t count) {
    return send(fd, bytes, count, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static inline int linux_getsockname(int fd, struct sockaddr_storage *address, socklen_t *size) {
    return getsockname(fd, (struct sockaddr *)address, size);
}

static inline int linux_setsockopt(int fd, int level, int name, int value) {
    return setsockopt(fd, level, name, &value, sizeof value);
}

static inline int linux_getsockopt(int fd, int level, int name) {
    int value = 0;
    socklen_t size = sizeof value;
    return getsockopt(fd, level, name, &value, &size) == 0 ? value : -1;
}

static inline int64_t linux_monotonic_nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static inline int linux_epoll_add(int poller, int fd, uint32_t events, uint64_t token) {
    struct epoll_event event = {.events = events, .data.u64 = token};
    return epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event);
}

static inline int linux_epoll_change(int poller, int fd, uint32_t events, uint64_t token) {
    struct epoll_event event = {.events = events, .data.u64 = token};
    return epoll_ctl(poller, EPOLL_CTL_MOD, fd, &event);
}

static inline int linux_epoll_remove(int poller, int fd) {
    return epoll_ctl(poller, EPOLL_CTL_DEL, fd, NULL);
}

// epoll_event is packed on x86-64, so its fields are read here.
static inline uint64_t linux_epoll_token(const struct epoll_event *events, int index) {
    return events[index].data.u64;
}

static inline uint32_t linux_epoll_flags(const struct epoll_event *events, int index) {
    return events[index].events;
}

static inline int linux_timer_set(int timer, int64_t deadline_nanoseconds) {
    struct itimerspec when = {
        .it_value.tv_sec = deadline_nanoseconds / 1000000000,
        .it_value.tv_nsec = deadline_nanoseconds % 1000000000,
    };
    return timerfd_settime(timer, TFD_TIMER_ABSTIME, &when, NULL);
}

// Blocks the signals and returns a descriptor that reports them; SIGPIPE is ignored.
static inline int linux_signal_descriptor(const int *numbers, int count) {
    sigset_t set;
    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&set);
    for (int i = 0; i < count; i++) sigaddset(&set, numbers[i]);
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0) return -1;
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static inline int linux_mode(int fd, uint32_t *mode, uint64_t *device, uint64_t *inode) {
    struct stat facts;
    if (fstat(fd, &facts) != 0) return -1;
    *mode = facts.st_mode;
    *device = facts.st_dev;
    *inode = facts.st_ino;
    return 0;
}

// A block of receive buffers for recvmmsg: headers, vectors and bytes in one allocation.
struct linux_batch {
    struct mmsghdr *headers;
    struct iovec *vectors;
    uint8_t *bytes;
    unsigned count;
    size_t each;
};

int linux_batch_make(struct linux_batch *batch, unsigned count, size_t each);
int linux_batch_receive(const struct linux_batch *batch, int fd);
// The true length of one datagram, also when the buffer cut it.
size_t linux_batch_length(const struct linux_batch *batch, unsigned index);
void linux_batch_free(struct linux_batch *batch);

#endif
