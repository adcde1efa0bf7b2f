/* See condition.h. */
#include "common/condition.h"

bool lg_condition_init(pthread_cond_t *condition) {
    pthread_condattr_t attributes;
    if (pthread_condattr_init(&attributes) != 0) {
        return false;
    }
    bool is_done = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0 &&
                   pthread_cond_init(condition, &attributes) == 0;
    pthread_condattr_destroy(&attributes);
    return is_done;
}

struct timespec lg_condition_until(int64_t wait_us) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    int64_t whole_us = wait_us > 0 ? wait_us : 0;
    int64_t ns = until.tv_nsec + (whole_us % 1000000) * 1000;
    until.tv_sec += (time_t)(whole_us / 1000000 + ns / 1000000000);
    until.tv_nsec = (long)(ns % 1000000000);
    return until;
}
