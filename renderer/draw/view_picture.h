/* A scene at another width than its own: the same display list, scaled, painted
 * anew. For clients that ask for as many pixels as their screen has. */
#ifndef LEGGIO_DRAW_VIEW_PICTURE_H
#define LEGGIO_DRAW_VIEW_PICTURE_H

#include <stdint.h>

#include "common/frame.h"
#include "renderer/draw/display_list.h"

/* The list with everything width_px / its width times as large: places, pens, effects; hatches
 * stay device pixels. One reference for the caller; NULL when out of memory. */
struct display_list *display_list_scaled(const struct display_list *list, uint32_t width_px);

/* Height of a picture of this width, rounded, at least 1. 0 when a side or the number of pixels is
 * over the limits (LIMIT_SIDE_PX, LIMIT_VIEW_PIXELS). */
uint32_t view_picture_height(uint32_t scene_width_px, uint32_t scene_height_px, uint32_t width_px);

/* Paint and encode.
 *
 * list     what `shown` shows
 * shown    its frame: scene, epoch, version and time go over to the new one
 * returns  sealed, one reference for the caller; NULL after logging
 * shape    O(pixels); some 10 ms for a full-HD page
 * thread   any; not the draw thread, which it would keep from newer pictures
 */
struct frame *view_picture_draw(const struct display_list *list, const struct frame *shown,
                                uint32_t width_px);

#endif
