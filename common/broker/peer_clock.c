/* The fastest heartbeat tells most; what it told fades, since clocks run apart. */
#include "common/broker/peer_clock.h"

enum { DRIFT_PER_US = 5000 }; /* 1/5000: twice what two crystals may differ by (100 ppm) */
#define UPTIME_MAX_MS (INT64_MAX / 4000) /* more is nonsense, and must not overflow */

void peer_clock_hear(struct peer_clock *clock, uint64_t peer_id, uint64_t uptime_ms,
                     int64_t now_us) {
    int64_t told_ms = uptime_ms < UPTIME_MAX_MS ? (int64_t)uptime_ms : UPTIME_MAX_MS;
    int64_t told_us = told_ms * 1000 - now_us;
    int64_t kept_us = clock->offset_us - (now_us - clock->heard_us) / DRIFT_PER_US;
    if (clock->peer_id != peer_id || told_us > kept_us) {
        kept_us = told_us;
    }
    *clock = (struct peer_clock){peer_id, kept_us, now_us};
}

uint64_t peer_clock_uptime_ms(const struct peer_clock *clock, int64_t at_us) {
    int64_t uptime_us = at_us + clock->offset_us;
    return clock->peer_id == 0 || uptime_us < 1000 ? 0 : (uint64_t)uptime_us / 1000;
}
