/* Buckets by the position of the highest bit and the four bits after it. */
#include "delays.h"

static unsigned bucket_of(uint64_t value) {
    if (value < DELAYS_STEPS) {
        return (unsigned)value;
    }
    unsigned top = 63u - (unsigned)__builtin_clzll(value);
    unsigned step = (unsigned)(value >> (top - 4)) & (DELAYS_STEPS - 1);
    unsigned bucket = (top - 3) * DELAYS_STEPS + step;
    return bucket < DELAYS_BUCKETS ? bucket : DELAYS_BUCKETS - 1;
}

static uint64_t upper_edge(unsigned bucket) {
    if (bucket < DELAYS_STEPS) {
        return bucket;
    }
    unsigned shift = bucket / DELAYS_STEPS - 1;
    return ((uint64_t)(DELAYS_STEPS + bucket % DELAYS_STEPS + 1) << shift) - 1;
}

void delays_add(struct delays *delays, uint64_t delay_us) {
    delays->n++;
    delays->buckets[bucket_of(delay_us)]++;
    if (delay_us > delays->max_us) {
        delays->max_us = delay_us;
    }
}

void delays_join(struct delays *sum, const struct delays *more) {
    sum->n += more->n;
    if (more->max_us > sum->max_us) {
        sum->max_us = more->max_us;
    }
    for (unsigned i = 0; i < DELAYS_BUCKETS; i++) {
        sum->buckets[i] += more->buckets[i];
    }
}

uint64_t delays_share_us(const struct delays *delays, double share) {
    uint64_t wanted = (uint64_t)(share * (double)delays->n), seen = 0;
    for (unsigned i = 0; i < DELAYS_BUCKETS; i++) {
        seen += delays->buckets[i];
        if (seen > wanted) {
            uint64_t edge = upper_edge(i);
            return edge < delays->max_us ? edge : delays->max_us;
        }
    }
    return delays->max_us;
}
