/* The same pixels encoded for size: fewer bits a pixel where the colours allow
 * it exactly, filters where they help, libdeflate. */
#ifndef LEGGIO_DRAW_DENSE_PNG_H
#define LEGGIO_DRAW_DENSE_PNG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/frame.h"

/* Larger pictures stay as they are: seconds of work for one version. */
#define DENSE_PIXELS_MAX (16u * 1024 * 1024)

/* Whole PNG. pixels: ARGB32 premultiplied words; has_alpha false: alpha is taken as 255.
 * NULL when out of memory or the picture is too large. */
struct lg_bytes *dense_png_encode(const uint8_t *pixels, size_t stride_bytes, uint32_t width_px,
                                  uint32_t height_px, bool has_alpha);

#endif
