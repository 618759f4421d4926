// What Swift cannot import from Linux by itself: headers the Glibc module leaves out, macros,
// variadic calls and calls that take a transparent union. Each shim is one call and no more.
#ifndef POISE_CLINUX_H
#define POISE_CLINUX_H

// No _GNU_SOURCE here: it changes types (fd_set) that Swift's own module of the C library has too,
// and the compiler takes only one of the two. What needs it is in CLinux.c.

#include <arpa/inet.h>
#include <dirent.h>
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
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "CLinuxBatch.h"

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

// struct ucred of SO_PEERCRED: who is at the other end of a unix socket.
struct linux_peer {
    pid_t pid;
    uid_t uid;
    gid_t gid;
};

static inline int64_t linux_monotonic_nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

// A signal may end it early.
static inline void linux_nap(int64_t nanoseconds) {
    struct timespec span = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000};
    nanosleep(&span, NULL);
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

// From then on writing to what nobody reads is an error, not the end of the process.
static inline void linux_ignore_broken_pipes(void) { signal(SIGPIPE, SIG_IGN); }

// Allows this process as many open descriptors as it may allow itself.
static inline void linux_raise_descriptor_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

static inline int linux_mode(int fd, uint32_t *mode, uint64_t *device, uint64_t *inode) {
    struct stat facts;
    if (fstat(fd, &facts) != 0) return -1;
    *mode = facts.st_mode;
    *device = facts.st_dev;
    *inode = facts.st_ino;
    return 0;
}

static inline int64_t linux_real_nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

// 0 when this process has it to itself now, as long as the descriptor is open.
static inline int linux_claim(int fd) { return flock(fd, LOCK_EX | LOCK_NB); }

// What tells one version of a file from another.
struct linux_file {
    uint32_t mode;
    uint64_t inode;
    uint64_t byte_count;
    int64_t modified_nanoseconds;
};

static inline void linux_take_facts(struct linux_file *file, const struct stat *facts) {
    file->mode = facts->st_mode;
    file->inode = facts->st_ino;
    file->byte_count = (uint64_t)facts->st_size;
    // A file may have any date, and those beyond some 292 years from 1970 have no nanoseconds here.
    int64_t seconds = facts->st_mtim.tv_sec;
    if (__builtin_mul_overflow(seconds, (int64_t)1000000000, &file->modified_nanoseconds) ||
        __builtin_add_overflow(
            file->modified_nanoseconds, (int64_t)facts->st_mtim.tv_nsec,
            &file->modified_nanoseconds))
        file->modified_nanoseconds = seconds < 0 ? INT64_MIN : INT64_MAX;
}

static inline int linux_examine(int fd, struct linux_file *file) {
    struct stat facts;
    if (fstat(fd, &facts) != 0) return -1;
    linux_take_facts(file, &facts);
    return 0;
}

static inline int linux_examine_path(const char *path, struct linux_file *file) {
    struct stat facts;
    if (stat(path, &facts) != 0) return -1;
    linux_take_facts(file, &facts);
    return 0;
}

static inline int linux_is_socket(const char *path) {
    struct stat facts;
    return lstat(path, &facts) == 0 && S_ISSOCK(facts.st_mode);
}

// What tells the socket of a name from another that took the name later.
struct linux_socket_mark {
    uint64_t device;
    uint64_t inode;
};

static inline int linux_mark_socket(const char *path, struct linux_socket_mark *mark) {
    struct stat facts;
    if (lstat(path, &facts) != 0 || !S_ISSOCK(facts.st_mode)) return -1;
    mark->device = facts.st_dev;
    mark->inode = facts.st_ino;
    return 0;
}

// The kernel's form of a path; 0 when it is too long for one.
static inline socklen_t linux_unix_address(const char *path, struct sockaddr_storage *address) {
    struct sockaddr_un *form = (struct sockaddr_un *)address;
    if (strlen(path) >= sizeof form->sun_path) return 0;
    memset(form, 0, sizeof *form);
    form->sun_family = AF_UNIX;
    strcpy(form->sun_path, path);
    return sizeof *form;
}

// Starts a program in a session of its own: no signals blocked, no input, output to a descriptor,
// no way to gain rights. With a user it gives up every group and right of ours. The program's exit
// status is 126 when it could not become the user, 127 when it could not be started.
struct linux_user {
    uid_t uid;
    gid_t gid;
};

pid_t linux_start_program(
    const char *const *arguments, int output, const struct linux_user *user);

// Ends a program and its session; the program alone when it has made none yet.
void linux_kill_program(pid_t process);

// Whether a process of ours ended: 1, 0 when not yet, -1 when it is none. It can still be signalled.
int linux_has_ended(pid_t process);

// Takes the end of a process: its exit status, or minus the signal that ended it.
int linux_take_end(pid_t process);

// Gives memory that was freed back to the system.
void linux_give_back_memory(void);
// Large blocks get pages of their own, which go back when they are freed: by itself the allocator
// soon puts them among the small ones.
void linux_keep_large_blocks_apart(void);

// Two ends of a pipe, the first to read from without blocking.
int linux_pipe(int ends[2]);

// What changes when a folder's entries do: device, inode, seconds and nanoseconds.
static inline int linux_folder_mark(const char *path, uint64_t mark[4]) {
    struct stat facts;
    if (stat(path, &facts) != 0) return -1;
    mark[0] = facts.st_dev;
    mark[1] = facts.st_ino;
    mark[2] = (uint64_t)facts.st_mtim.tv_sec;
    mark[3] = (uint64_t)facts.st_mtim.tv_nsec;
    return 0;
}

// The array at the end of dirent is a tuple in Swift.
static inline const char *linux_next_name(DIR *folder) {
    struct dirent *entry = readdir(folder);
    return entry == NULL ? NULL : entry->d_name;
}

#endif
