/* How often somebody may do something: token buckets in a table of fixed size.
 *
 * A bucket holds what may be done at once, at most `burst`, and fills with `per_s`
 * a second. Who has no bucket has a full one. When all places for a key are taken
 * the fullest bucket goes, so a flood of new keys costs those who rest, not those
 * who are at their limit; the table never grows. Keys are hashed with a secret.
 *
 * Any thread: one short lock.
 */
#ifndef LEGGIO_COMMON_RATE_LIMIT_H
#define LEGGIO_COMMON_RATE_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

struct rate_limit;

/* per_s 0 = no limit: everything is allowed. burst: at least 1. NULL: out of memory. */
struct rate_limit *rate_limit_create(uint32_t per_s, uint32_t burst);
void rate_limit_destroy(struct rate_limit *limit); /* NULL is fine */

/* Do it once: true. false: not now; *wait_us (may be NULL) until it may be done. limit NULL or key
 * 0: true. */
bool rate_limit_take(struct rate_limit *limit, uint64_t key, int64_t now_us, int64_t *wait_us);

/* It is being done: it counts, allowed or not, and what is too much is owed (ten
 * bursts at most). Returns how long to rest until nothing is owed, in microseconds;
 * 0 = it was allowed. */
int64_t rate_limit_charge(struct rate_limit *limit, uint64_t key, int64_t now_us);

#endif
