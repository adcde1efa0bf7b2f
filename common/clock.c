/* The two clocks. A fake time is kept in atomics, so that tests may move it
 * while other threads read it. */
#include "common/clock.h"

#include <stdatomic.h>
#include <time.h>

static _Atomic int64_t fake_us = -1;
static _Atomic int64_t fake_wall_us;

static int64_t read_clock(clockid_t id) {
    struct timespec now;
    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t lg_clock_us(void) {
    int64_t fake = atomic_load(&fake_us);
    return fake >= 0 ? fake : read_clock(CLOCK_MONOTONIC);
}

int64_t lg_clock_wall_us(void) {
    return atomic_load(&fake_us) >= 0 ? atomic_load(&fake_wall_us) : read_clock(CLOCK_REALTIME);
}

int64_t lg_clock_thread_us(void) {
    int64_t fake = atomic_load(&fake_us);
    return fake >= 0 ? fake : read_clock(CLOCK_THREAD_CPUTIME_ID);
}

void lg_clock_fake(int64_t monotonic_us, int64_t wall_us) {
    atomic_store(&fake_wall_us, wall_us);
    atomic_store(&fake_us, monotonic_us);
}
