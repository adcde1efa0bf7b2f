/* Counting colours with a small open hash table; most pixels equal the one
 * before and never get there. */
#include "renderer/draw/png/palette.h"

#include <string.h>

#include "renderer/draw/pixels.h"

static size_t slot_of(uint32_t argb) {
    return (argb * 2654435761u) >> 22; /* golden ratio; the top 10 bits */
}

/* Index of a colour; n when it is not there. */
static size_t find(const struct palette *palette, uint32_t argb, size_t *slot) {
    size_t at = slot_of(argb);
    while (palette->slot[at] != 0) {
        size_t i = palette->slot[at] - 1u;
        if (palette->argb[i] == argb) {
            return i;
        }
        at = (at + 1) % PALETTE_SLOTS;
    }
    *slot = at;
    return palette->n;
}

static void rebuild_slots(struct palette *palette) {
    memset(palette->slot, 0, sizeof(palette->slot));
    for (size_t i = 0; i < palette->n; i++) {
        size_t slot = 0;
        find(palette, palette->argb[i], &slot);
        palette->slot[slot] = (uint16_t)(i + 1);
    }
}

/* Translucent ones first (tRNS may end early), and grey if all of them are. */
static void arrange(struct palette *palette) {
    palette->n_translucent = 0;
    palette->is_grey = true;
    for (size_t i = 0; i < palette->n; i++) {
        uint32_t argb = palette->argb[i];
        uint32_t r = (argb >> 16) & 255, g = (argb >> 8) & 255, b = argb & 255;
        if (argb >> 24 != 255) {
            size_t to = palette->n_translucent++;
            palette->argb[i] = palette->argb[to];
            palette->argb[to] = argb;
        }
        palette->is_grey = palette->is_grey && argb >> 24 == 255 && r == g && g == b;
    }
    /* Few greys take fewer bits as a palette. */
    palette->is_grey = palette->is_grey && palette->n > 16;
    for (size_t i = 0; i < palette->n; i++) {
        palette->rgba[i] = pixels_straight(palette->argb[i]);
    }
    rebuild_slots(palette);
}

bool palette_collect(struct palette *palette, const uint8_t *pixels, size_t stride_bytes,
                     uint32_t width_px, uint32_t height_px, bool has_alpha) {
    memset(palette, 0, sizeof(*palette));
    palette->alpha_mask = has_alpha ? 0 : 0xff000000u;
    uint32_t last = 0;
    bool has_last = false;
    for (uint32_t y = 0; y < height_px; y++) {
        const uint8_t *row = pixels + y * stride_bytes;
        for (uint32_t x = 0; x < width_px; x++) {
            uint32_t argb;
            memcpy(&argb, row + 4 * (size_t)x, 4);
            argb |= palette->alpha_mask;
            if (has_last && argb == last) {
                continue;
            }
            last = argb;
            has_last = true;
            size_t slot = 0;
            if (find(palette, argb, &slot) < palette->n) {
                continue;
            }
            if (palette->n == PALETTE_MAX) {
                return false;
            }
            palette->argb[palette->n++] = argb;
            palette->slot[slot] = (uint16_t)palette->n;
        }
    }
    arrange(palette);
    return true;
}

uint8_t palette_depth(const struct palette *palette) {
    return palette->n <= 2 ? 1 : palette->n <= 4 ? 2 : palette->n <= 16 ? 4 : 8;
}

void palette_map_row(const struct palette *palette, const uint8_t *pixels, uint32_t width_px,
                     uint8_t depth, uint8_t *to) {
    uint32_t last = palette->argb[0];
    uint8_t value = palette->is_grey ? (uint8_t)palette->rgba[0] : 0;
    for (uint32_t x = 0; x < width_px; x++) {
        uint32_t argb;
        memcpy(&argb, pixels + 4 * (size_t)x, 4);
        argb |= palette->alpha_mask;
        if (argb != last) {
            size_t slot = 0, i = find(palette, argb, &slot);
            last = argb;
            value = palette->is_grey ? (uint8_t)argb : (uint8_t)i;
        }
        size_t bit = (size_t)x * depth;
        to[bit / 8] = (uint8_t)(to[bit / 8] | value << (8 - depth - bit % 8));
    }
}
