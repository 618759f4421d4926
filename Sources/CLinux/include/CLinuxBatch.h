// Many datagrams with one call, and the way back of each.
#ifndef POISE_CLINUX_BATCH_H
#define POISE_CLINUX_BATCH_H

#include <netinet/in.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

// A block of receive buffers for recvmmsg, with all that belongs to them, in one allocation.
struct linux_batch {
    struct mmsghdr *headers;
    struct iovec *vectors;
    struct sockaddr_storage *names;
    uint8_t *controls;
    uint8_t *bytes;
    unsigned count;
    size_t each;
};

int linux_batch_make(struct linux_batch *batch, unsigned count, size_t each);
int linux_batch_receive(const struct linux_batch *batch, int fd);
// The true length of one datagram, also when the buffer cut it.
size_t linux_batch_length(const struct linux_batch *batch, unsigned index);
// 1 with the datagrams dropped at the socket before this one, modulo 2^32; 0 when it does not tell.
int linux_batch_dropped(const struct linux_batch *batch, unsigned index, uint32_t *dropped);
// Where a datagram came from, and which of our addresses it came to; small enough to keep many.
struct linux_path {
    struct sockaddr_in6 from;
    uint8_t from_bytes;
    uint8_t to[16];
    // AF_UNSPEC when the kernel did not tell.
    uint8_t to_family;
};

void linux_batch_path(const struct linux_batch *batch, unsigned index, struct linux_path *path);
// Sends to where that datagram came from, from the address it came to.
ssize_t linux_send_back(const struct linux_path *path, int fd, const void *bytes, size_t count);
void linux_batch_free(struct linux_batch *batch);

#endif
