// The one instruction that a receiver of thousands needs and Swift has no word for.
#pragma once

#include <stddef.h>

// Asks the processor to have `count` bytes from `start` on in its cache soon. Any address will do.
static inline void prefetch_bytes(const void *start, size_t count) {
    for (size_t offset = 0; offset < count; offset += 64)
        __builtin_prefetch((const char *)start + offset);
    // They may begin in the middle of a line and so end in one more.
    if (count > 0) __builtin_prefetch((const char *)start + count - 1);
}
