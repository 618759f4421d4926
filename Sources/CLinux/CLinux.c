// The shims over calls that the C library declares for _GNU_SOURCE only.
#define _GNU_SOURCE 1
#include "CLinux.h"

int linux_batch_make(struct linux_batch *batch, unsigned count, size_t each) {
    size_t header_bytes = count * sizeof(struct mmsghdr);
    size_t vector_bytes = count * sizeof(struct iovec);
    uint8_t *block = calloc(1, header_bytes + vector_bytes + count * each);
    if (block == NULL) return -1;
    batch->headers = (struct mmsghdr *)block;
    batch->vectors = (struct iovec *)(block + header_bytes);
    batch->bytes = block + header_bytes + vector_bytes;
    batch->count = count;
    batch->each = each;
    for (unsigned i = 0; i < count; i++) {
        batch->vectors[i].iov_base = batch->bytes + i * each;
        batch->vectors[i].iov_len = each;
        batch->headers[i].msg_hdr.msg_iov = &batch->vectors[i];
        batch->headers[i].msg_hdr.msg_iovlen = 1;
    }
    return 0;
}

int linux_batch_receive(const struct linux_batch *batch, int fd) {
    return recvmmsg(fd, batch->headers, batch->count, MSG_DONTWAIT | MSG_TRUNC, NULL);
}

size_t linux_batch_length(const struct linux_batch *batch, unsigned index) {
    return batch->headers[index].msg_len;
}

void linux_batch_free(struct linux_batch *batch) { free(batch->headers); }

int linux_accept(int fd) { return accept4(fd, NULL, NULL, SOCK_CLOEXEC); }
