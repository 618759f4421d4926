// The shims over calls that the C library declares for _GNU_SOURCE only.
#define _GNU_SOURCE 1
#include "CLinux.h"

#include <grp.h>
#include <malloc.h>
#include <sys/prctl.h>
#include <sys/wait.h>

// Room for what the kernel tells of one datagram: the address it came to, and the drops before it.
union batch_control {
    char room[CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(struct in_pktinfo)) +
              CMSG_SPACE(sizeof(uint32_t))];
    struct cmsghdr aligned;
};

int linux_batch_make(struct linux_batch *batch, unsigned count, size_t each) {
    size_t header_bytes = count * sizeof(struct mmsghdr);
    size_t vector_bytes = count * sizeof(struct iovec);
    size_t name_bytes = count * sizeof(struct sockaddr_storage);
    size_t control_bytes = count * sizeof(union batch_control);
    size_t front = header_bytes + vector_bytes + name_bytes + control_bytes;
    uint8_t *block = calloc(1, front + count * each);
    if (block == NULL) return -1;
    batch->headers = (struct mmsghdr *)block;
    batch->vectors = (struct iovec *)(block + header_bytes);
    batch->names = (struct sockaddr_storage *)(block + header_bytes + vector_bytes);
    batch->controls = block + header_bytes + vector_bytes + name_bytes;
    batch->bytes = block + front;
    batch->count = count;
    batch->each = each;
    for (unsigned i = 0; i < count; i++) {
        batch->vectors[i].iov_base = batch->bytes + i * each;
        batch->vectors[i].iov_len = each;
        batch->headers[i].msg_hdr.msg_iov = &batch->vectors[i];
        batch->headers[i].msg_hdr.msg_iovlen = 1;
        batch->headers[i].msg_hdr.msg_name = &batch->names[i];
        batch->headers[i].msg_hdr.msg_control =
            batch->controls + i * sizeof(union batch_control);
    }
    return 0;
}

int linux_batch_receive(const struct linux_batch *batch, int fd) {
    // The kernel wrote the lengths that it used over these.
    for (unsigned i = 0; i < batch->count; i++) {
        batch->headers[i].msg_hdr.msg_namelen = sizeof(struct sockaddr_storage);
        batch->headers[i].msg_hdr.msg_controllen = sizeof(union batch_control);
    }
    return recvmmsg(fd, batch->headers, batch->count, MSG_DONTWAIT | MSG_TRUNC, NULL);
}

int linux_batch_dropped(const struct linux_batch *batch, unsigned index, uint32_t *dropped) {
    struct msghdr *message = &batch->headers[index].msg_hdr;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c != NULL; c = CMSG_NXTHDR(message, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SO_RXQ_OVFL) continue;
        memcpy(dropped, CMSG_DATA(c), sizeof *dropped);
        return 1;
    }
    return 0;
}

void linux_batch_path(const struct linux_batch *batch, unsigned index, struct linux_path *path) {
    struct msghdr *message = &batch->headers[index].msg_hdr;
    size_t named = message->msg_namelen;
    path->from_bytes = named <= sizeof path->from ? (uint8_t)named : 0;
    memcpy(&path->from, message->msg_name, path->from_bytes);
    path->to_family = AF_UNSPEC;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c != NULL; c = CMSG_NXTHDR(message, c)) {
        if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
            struct in_pktinfo info;
            memcpy(&info, CMSG_DATA(c), sizeof info);
            path->to_family = AF_INET;
            memcpy(path->to, &info.ipi_spec_dst, sizeof info.ipi_spec_dst);
            return;
        }
        if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
            struct in6_pktinfo info;
            memcpy(&info, CMSG_DATA(c), sizeof info);
            path->to_family = AF_INET6;
            memcpy(path->to, &info.ipi6_addr, sizeof info.ipi6_addr);
            return;
        }
    }
}

ssize_t linux_send_back(
    const struct linux_path *path, int fd, const void *bytes, size_t count) {
    struct iovec vector = {.iov_base = (void *)bytes, .iov_len = count};
    union batch_control control = {0};
    struct msghdr message = {
        .msg_name = (void *)&path->from,
        .msg_namelen = path->from_bytes,
        .msg_iov = &vector,
        .msg_iovlen = 1,
        .msg_control = &control,
        .msg_controllen = sizeof control,
    };
    struct cmsghdr *out = CMSG_FIRSTHDR(&message);
    // From the address that the datagram came to, on whatever interface the route chooses.
    if (path->to_family == AF_INET) {
        struct in_pktinfo info = {0};
        memcpy(&info.ipi_spec_dst, path->to, sizeof info.ipi_spec_dst);
        out->cmsg_level = IPPROTO_IP;
        out->cmsg_type = IP_PKTINFO;
        out->cmsg_len = CMSG_LEN(sizeof info);
        memcpy(CMSG_DATA(out), &info, sizeof info);
        message.msg_controllen = CMSG_SPACE(sizeof info);
    } else if (path->to_family == AF_INET6) {
        struct in6_pktinfo info = {0};
        memcpy(&info.ipi6_addr, path->to, sizeof info.ipi6_addr);
        out->cmsg_level = IPPROTO_IPV6;
        out->cmsg_type = IPV6_PKTINFO;
        out->cmsg_len = CMSG_LEN(sizeof info);
        memcpy(CMSG_DATA(out), &info, sizeof info);
        message.msg_controllen = CMSG_SPACE(sizeof info);
    } else {
        message.msg_control = NULL;
        message.msg_controllen = 0;
    }
    return sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
}

size_t linux_batch_length(const struct linux_batch *batch, unsigned index) {
    return batch->headers[index].msg_len;
}

void linux_batch_free(struct linux_batch *batch) { free(batch->headers); }

int linux_accept(int fd) { return accept4(fd, NULL, NULL, SOCK_CLOEXEC); }

void linux_give_back_memory(void) { malloc_trim(0); }

void linux_keep_large_blocks_apart(void) {
    mallopt(M_MMAP_THRESHOLD, 256 * 1024);
    mallopt(M_ARENA_MAX, 2);
}

int linux_pipe(int ends[2]) {
    if (pipe2(ends, O_CLOEXEC) != 0) return -1;
    if (fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0) return 0;
    close(ends[0]);
    close(ends[1]);
    return -1;
}

// Runs in the child, where only calls that a signal handler may make are safe.
static void become_program(
    const char *const *arguments, int output, const struct linux_user *user, pid_t parent) {
    char *const environment[] = {"PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8", NULL};
    sigset_t none;
    int null = open("/dev/null", O_RDWR);
    setsid();
    signal(SIGPIPE, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (null < 0 || dup2(null, 0) < 0 || dup2(output, 1) < 0 || dup2(null, 2) < 0) _exit(127);
    // What spares the agent when memory runs out is not for its programs. Before the change of user,
    // for then the file is ours; without it the program runs all the same.
    int score = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (score >= 0) (void)!write(score, "0", 1);
    // Kernels before 4.3 have no ambient rights that could be kept.
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    if (user != NULL &&
        (setgroups(0, NULL) != 0 || setresgid(user->gid, user->gid, user->gid) != 0 ||
         setresuid(user->uid, user->uid, user->uid) != 0))
        _exit(126);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) _exit(126);
    // After the change of user, which would undo it: the program dies with the agent.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent || chdir("/") != 0) _exit(127);
    execve(arguments[0], (char *const *)arguments, environment);
    _exit(127);
}

pid_t linux_start_program(
    const char *const *arguments, int output, const struct linux_user *user) {
    pid_t self = getpid();
    pid_t child = fork();
    if (child == 0) become_program(arguments, output, user, self);
    return child;
}

void linux_kill_program(pid_t process) {
    // Before the child is the leader of a session there is no group by its number.
    if (kill(-process, SIGKILL) != 0) kill(process, SIGKILL);
}

int linux_has_ended(pid_t process) {
    siginfo_t info = {.si_pid = 0};
    if (waitid(P_PID, (id_t)process, &info, WEXITED | WNOHANG | WNOWAIT) != 0) return -1;
    return info.si_pid == process;
}

int linux_take_end(pid_t process) {
    int status = 0;
    if (waitpid(process, &status, WNOHANG) != process) return -SIGKILL;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}
