/* When a waiting list is painted and a quiet scene encoded for size. Pure
 * arithmetic on microseconds. */
#ifndef LEGGIO_DRAW_DRAW_SCHEDULE_H
#define LEGGIO_DRAW_DRAW_SCHEDULE_H

#include <stdint.h>

#define DRAW_SCHEDULE_NEVER INT64_MAX

/* A first change after quiet is due at once (0 = no picture yet), the next 1/max_fps after it. */
static inline int64_t draw_schedule_paint_us(int64_t last_picture_us, int max_fps) {
    return last_picture_us == 0 ? 0 : last_picture_us + 1000000 / (max_fps > 0 ? max_fps : 1);
}

static inline int64_t draw_schedule_dense_us(int64_t last_picture_us, uint32_t quiet_ms) {
    return last_picture_us + (int64_t)quiet_ms * 1000;
}

#endif
