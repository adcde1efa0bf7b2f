/* Pictures at other widths than a scene's own come whole from the renderer, without
 * tiles. Their strips tell where they differ from the version before: equal rows
 * are encoded into equal bytes, so nothing has to be decoded here.
 */
#include "gateway-ws/rpc/sub_strips.h"

#include <stdlib.h>
#include <string.h>

#include "common/png_join.h"

static bool is_same_strip(const struct frame_strip *one, const struct frame_strip *other) {
    size_t size_bytes = lg_bytes_size(one->chunk);
    return one->chunk == other->chunk ||
           (one->adler == other->adler && one->raw_size_bytes == other->raw_size_bytes &&
            size_bytes == lg_bytes_size(other->chunk) &&
            memcmp(lg_bytes_data(one->chunk), lg_bytes_data(other->chunk), size_bytes) == 0);
}

static bool is_comparable(const struct frame *base, const struct frame *frame) {
    return base != NULL && base->epoch == frame->epoch && base->width_px == frame->width_px &&
           base->height_px == frame->height_px && base->color_type == frame->color_type;
}

static bool put_tile(const struct frame *frame, size_t first, size_t n_strips, struct tile *tile) {
    uint32_t y_px = (uint32_t)first * FRAME_STRIP_ROWS;
    uint32_t rows = (uint32_t)n_strips * FRAME_STRIP_ROWS;
    tile->y_px = y_px;
    tile->width_px = frame->width_px;
    tile->height_px = rows < frame->height_px - y_px ? rows : frame->height_px - y_px;
    tile->png = png_join(frame->width_px, tile->height_px, frame->color_type, &frame->strips[first],
                         n_strips);
    return tile->png != NULL;
}

size_t strip_tiles(const struct frame *base, const struct frame *frame, struct tile **tiles) {
    size_t n_tiles = 0, i = 0;
    *tiles = NULL;
    if (!is_comparable(base, frame) ||
        (*tiles = calloc(frame->n_strips / 2 + 1, sizeof **tiles)) == NULL) {
        return 0;
    }
    while (i < frame->n_strips) {
        size_t first = i;
        while (i < frame->n_strips && !is_same_strip(&base->strips[i], &frame->strips[i])) {
            i++;
        }
        if (i > first && !put_tile(frame, first, i - first, &(*tiles)[n_tiles++])) {
            goto fail;
        }
        i++; /* this one is the same */
    }
    /* A change too small for this width: the client moves on to the version all the same. */
    if (n_tiles == 0 && !put_tile(frame, 0, 1, &(*tiles)[n_tiles++])) {
        goto fail;
    }
    return n_tiles;
fail:
    tiles_free(*tiles, n_tiles);
    *tiles = NULL;
    return 0;
}
