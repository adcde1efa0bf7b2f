/* A histogram of delays with 1/16 of relative error, in constant memory: 16
 * steps an octave, from 1 us to an hour. */
#ifndef LEGGIO_TESTS_BENCH_SCALE_DELAYS_H
#define LEGGIO_TESTS_BENCH_SCALE_DELAYS_H

#include <stdint.h>

enum { DELAYS_STEPS = 16, DELAYS_OCTAVES = 32, DELAYS_BUCKETS = DELAYS_STEPS * DELAYS_OCTAVES };

struct delays {
    uint64_t n;
    uint64_t max_us;
    uint64_t buckets[DELAYS_BUCKETS];
};

void delays_add(struct delays *delays, uint64_t delay_us);
/* Both together into `sum`. */
void delays_join(struct delays *sum, const struct delays *more);
/* Upper edge of the bucket in which this share (0…1) of all values ends, us. */
uint64_t delays_share_us(const struct delays *delays, double share);

#endif
