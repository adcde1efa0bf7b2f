/* Which object is under a point: the display list from the top down, the same
 * order as painting. */
#ifndef LEGGIO_DRAW_PICK_H
#define LEGGIO_DRAW_PICK_H

#include <stdbool.h>
#include <stdint.h>

#include "renderer/draw/display_list.h"

/* Calls `is_wanted(ctx, object_id)` for each object whose shape (fill or stroke of a path, box of
 * glyphs, bitmap or svg) holds the device point, top-most first, until it returns true.
 * returns that id, 0 when none */
uint64_t pick_at(const struct display_list *list, double x_px, double y_px,
                 bool (*is_wanted)(void *ctx, uint64_t object_id), void *ctx);

#endif
