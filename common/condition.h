/* Condition variables that wait by the monotonic clock: a step of the wall clock neither wakes nor
 * delays anybody. */
#ifndef LEGGIO_COMMON_CONDITION_H
#define LEGGIO_COMMON_CONDITION_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* false: out of memory. pthread_cond_destroy ends it. */
bool lg_condition_init(pthread_cond_t *condition);

/* The moment that is so far from now (microseconds; below 0 counts as 0), for
 * pthread_cond_timedwait. */
struct timespec lg_condition_until(int64_t wait_us);

#endif
