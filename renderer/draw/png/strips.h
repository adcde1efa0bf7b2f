/* Rows of pixels → one strip of a frame: filter none or up, one deflate run, its own
 * IDAT chunk. The layout of the PNG is in common/png_join.h. */
#ifndef LEGGIO_DRAW_STRIPS_H
#define LEGGIO_DRAW_STRIPS_H

#include <stddef.h>
#include <stdint.h>

#include "common/frame.h"
#include "renderer/draw/display_list.h"

#define STRIPS_GREY 0 /* PNG colour types */
#define STRIPS_RGB  2
#define STRIPS_RGBA 6

/* Buffers of one encoding thread; grows with the widest picture. */
struct strip_encoder;
struct strip_encoder *strip_encoder_create(void);
void strip_encoder_destroy(struct strip_encoder *encoder);

/* Encode rows (at most FRAME_STRIP_ROWS).
 *
 * pixels      first of them; width x rows, ARGB32 as cairo has it (native-endian words,
 *             premultiplied)
 * color_type  STRIPS_RGB: alpha is taken as 255; STRIPS_GREY: of each pixel, blue
 * out         chunk with one reference for the caller
 * returns     0 or LG_ENOMEM
 */
int strip_encode(struct strip_encoder *encoder, const uint8_t *pixels, size_t stride_bytes,
                 uint32_t width_px, uint32_t rows, uint8_t color_type, struct frame_strip *out);

/* A rectangle of a picture as a whole PNG. NULL when out of memory. */
struct lg_bytes *tile_encode(struct strip_encoder *encoder, const uint8_t *pixels,
                             size_t stride_bytes, struct rect_px rect, uint8_t color_type);

#endif
