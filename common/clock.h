/* Time, replaceable by tests. */
#ifndef LEGGIO_COMMON_CLOCK_H
#define LEGGIO_COMMON_CLOCK_H

#include <stdint.h>

/* Microseconds that never go back; the origin means nothing. Any thread. */
int64_t lg_clock_us(void);

/* Microseconds since 1970 by the wall clock. Any thread. */
int64_t lg_clock_wall_us(void);

/* Processor time of the calling thread, microseconds; a fake clock stands for it too. */
int64_t lg_clock_thread_us(void);

/* For tests: from now on both clocks stand still at these values (until the
 * next call). A negative monotonic_us gives the real clocks back. */
void lg_clock_fake(int64_t monotonic_us, int64_t wall_us);

#endif
