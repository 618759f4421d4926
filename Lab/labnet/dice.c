// Random numbers that a seed repeats: xorshift, 64 bits. Seed 0 leaves nothing to chance.

#include "labnet.h"

#include <math.h>

static uint64_t turn(struct dice *dice) {
    dice->state ^= dice->state << 13;
    dice->state ^= dice->state >> 7;
    dice->state ^= dice->state << 17;
    return dice->state;
}

struct dice dice_for_seed(uint64_t seed) {
    if (seed == 0) return (struct dice){0};
    struct dice dice = {seed * 0x9E3779B97F4A7C15u + 1};
    // The one seed that would leave zero, which never turns into anything else.
    if (dice.state == 0) dice.state = 88172645463325252u;
    // Neighbouring seeds begin with like numbers; twenty turns part them.
    for (int i = 0; i < 20; i++) turn(&dice);
    return dice;
}

struct dice dice_for_name(uint64_t seed, const char *name) {
    if (seed == 0) return (struct dice){0};
    uint64_t hash = 14695981039346656037u ^ seed;  // FNV-1a
    for (; *name; name++) hash = (hash ^ (unsigned char)*name) * 1099511628211u;
    return dice_for_seed(hash);
}

uint32_t any_number(struct dice *dice) {
    return (uint32_t)(turn(dice) >> 32);
}

double exponential(struct dice *dice) {
    if (dice->state == 0) return 1;
    return -log(((double)(turn(dice) >> 11) + 0.5) / 9007199254740992.0);
}
