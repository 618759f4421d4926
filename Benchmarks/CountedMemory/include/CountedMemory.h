// Counts what the program takes from the heap.
#pragma once
#include <stdint.h>

/// Allocations since the start, by whatever call.
uint64_t counted_allocations(void);
