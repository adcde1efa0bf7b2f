/* The colours of a picture, when they are few. Part of dense_png.c. */
#ifndef LEGGIO_DRAW_PALETTE_H
#define LEGGIO_DRAW_PALETTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PALETTE_MAX   256
#define PALETTE_SLOTS 1024

struct palette {
    uint32_t argb[PALETTE_MAX]; /* as in the picture */
    uint32_t rgba[PALETTE_MAX]; /* pixels_straight of them */
    size_t n;
    size_t n_translucent;         /* these come first */
    bool is_grey;                 /* opaque and r = g = b everywhere: values instead of indexes */
    uint32_t alpha_mask;          /* 0xff000000 when alpha is ignored */
    uint16_t slot[PALETTE_SLOTS]; /* hash → index + 1 */
};

/* false as soon as there are more than 256 colours. */
bool palette_collect(struct palette *palette, const uint8_t *pixels, size_t stride_bytes,
                     uint32_t width_px, uint32_t height_px, bool has_alpha);
/* Bits a pixel: 1, 2, 4 or 8. */
uint8_t palette_depth(const struct palette *palette);
/* One row to packed indexes (or grey values). to: zeroed */
void palette_map_row(const struct palette *palette, const uint8_t *pixels, uint32_t width_px,
                     uint8_t depth, uint8_t *to);

#endif
