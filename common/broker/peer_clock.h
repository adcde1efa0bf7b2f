/* How old a process elsewhere is, by our own clock: the clocks of two hosts have
 * nothing in common, but each heartbeat tells the age of its sender, and it was not
 * younger when it arrived. Any thread; the caller guards it.
 */
#ifndef LEGGIO_COMMON_BROKER_PEER_CLOCK_H
#define LEGGIO_COMMON_BROKER_PEER_CLOCK_H

#include <stdint.h>

struct peer_clock {
    uint64_t peer_id;  /* random id of the process; 0 = none was heard */
    int64_t offset_us; /* its age less our clock, at least */
    int64_t heard_us;
};

/* A heartbeat came: read now_us after it was received, not before. */
void peer_clock_hear(struct peer_clock *clock, uint64_t peer_id, uint64_t uptime_ms,
                     int64_t now_us);
/* Its age at a moment of our clock, milliseconds: at least this, and less by no more
 * than the heartbeats took to get here. 0 = not known. */
uint64_t peer_clock_uptime_ms(const struct peer_clock *clock, int64_t at_us);

#endif
