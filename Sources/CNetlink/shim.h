// What Poise takes from libnl and from the kernel's own header: every IPVS number in the Swift
// code is named there.
#pragma once

#include <linux/genetlink.h>
#include <linux/ip_vs.h>
#include <linux/netlink.h>
#include <netlink/errno.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

// recvmmsg(2) without the macros that its declarations need: a system header must not set them.
#define NETLINK_DATAGRAMS 32
// As large as the parts in which the kernel cuts its dumps.
#define NETLINK_DATAGRAM_ROOM 16384
#define NETLINK_WAIT_FOR_ONE 0x10000

struct netlink_received {
    struct msghdr header;
    unsigned int length;
};

struct netlink_inbox {
    struct netlink_received received[NETLINK_DATAGRAMS];
    struct iovec pieces[NETLINK_DATAGRAMS];
    struct sockaddr_nl senders[NETLINK_DATAGRAMS];
    // Memory that is not written is not there: of acknowledgements a page each.
    char room[NETLINK_DATAGRAMS][NETLINK_DATAGRAM_ROOM];
};

static inline struct netlink_inbox *_Nullable netlink_inbox_make(void) {
    return (struct netlink_inbox *)calloc(1, sizeof(struct netlink_inbox));
}

static inline size_t netlink_datagram_room(void) { return NETLINK_DATAGRAM_ROOM; }

// Waits for one datagram, and takes along all others that are there; how many, or -1 and errno.
static inline long netlink_receive(int file, struct netlink_inbox *_Nonnull inbox) {
    for (int i = 0; i < NETLINK_DATAGRAMS; i++) {
        inbox->pieces[i] = (struct iovec){inbox->room[i], NETLINK_DATAGRAM_ROOM};
        inbox->received[i].header = (struct msghdr){
            .msg_name = &inbox->senders[i], .msg_namelen = sizeof inbox->senders[i],
            .msg_iov = &inbox->pieces[i], .msg_iovlen = 1};
    }
    long count;
    do {
        count = syscall(SYS_recvmmsg, file, inbox->received, NETLINK_DATAGRAMS,
                        NETLINK_WAIT_FOR_ONE | MSG_TRUNC, NULL);
    } while (count < 0 && errno == EINTR);
    return count;
}

// A datagram with its whole length, of which there may be less here; NULL when not of the kernel.
static inline const void *_Nullable netlink_datagram(
    const struct netlink_inbox *_Nonnull inbox, long index, long *_Nonnull length) {
    *length = inbox->received[index].length;
    return inbox->senders[index].nl_pid == 0 ? inbox->room[index] : NULL;
}

static inline long netlink_send(int file, const void *_Nullable bytes, size_t count) {
    long sent;
    do {
        sent = send(file, bytes, count, 0);
    } while (sent < 0 && errno == EINTR);
    return sent;
}
