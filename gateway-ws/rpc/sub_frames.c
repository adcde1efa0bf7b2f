/* Frames as subscribers get them, prepared once per version and shared: base64, a
 * whole PNG in a binary message, tiles from a base version.
 *
 * source: docs/jsonrpc.md "Binary messages"
 */
#include <stdlib.h>
#include <string.h>

#include "common/broker/tile_ring.h"
#include "common/broker/upstream.h"
#include "gateway-ws/rpc/rpc_private.h"
#include "gateway-ws/rpc/sub_strips.h"

enum {
    HEAD_BYTES = 40,
    TILE_HEAD_BYTES = 20,
    LAYOUT = 1,
    KIND_WHOLE = 1,
    KIND_TILES = 2,
};

enum { N_FORMER = sizeof((struct prepared *)0)->former / sizeof(struct frame *) };

static void drop_messages(struct prepared *prepared) {
    picture_unref(prepared->base64);
    picture_unref(prepared->whole);
    for (unsigned i = 0; i < prepared->n_deltas; i++) {
        picture_unref(prepared->deltas[i].tiles);
    }
    prepared->base64 = prepared->whole = NULL;
    prepared->n_deltas = 0;
}

void prepared_finish(struct prepared *prepared) {
    drop_messages(prepared);
    frame_unref(prepared->frame);
    for (size_t i = 0; i < N_FORMER; i++) {
        frame_unref(prepared->former[i]);
    }
    *prepared = (struct prepared){.keeps_former = prepared->keeps_former};
}

static void keep_former(struct prepared *prepared) {
    frame_unref(prepared->former[N_FORMER - 1]);
    memmove(&prepared->former[1], &prepared->former[0],
            (N_FORMER - 1) * sizeof prepared->former[0]);
    prepared->former[0] = prepared->frame;
}

void prepared_renew(struct prepared *prepared, struct frame *frame) {
    if (prepared->frame != frame) {
        drop_messages(prepared);
        if (prepared->keeps_former) {
            keep_former(prepared);
        } else {
            frame_unref(prepared->frame);
        }
        prepared->frame = frame_ref(frame);
    }
}

static const struct lg_bytes *best_png(const struct frame *frame) {
    return frame->dense != NULL ? frame->dense : frame->png;
}

static uint8_t *put(uint8_t *at, uint64_t value, int n_bytes) {
    for (int i = n_bytes; i-- > 0;) {
        *at++ = (uint8_t)(value >> (8 * i));
    }
    return at;
}

/* The head and the scene's name; returns its length. */
static size_t print_head(uint8_t *head, const struct frame *frame, unsigned kind, uint64_t base,
                         size_t n_tiles) {
    size_t scene_len = strlen(frame->scene);
    uint8_t *at = head;
    *at++ = 'L';
    *at++ = 'G';
    *at++ = LAYOUT;
    *at++ = (uint8_t)kind;
    at = put(at, frame->epoch, 8);
    at = put(at, frame->version, 8);
    at = put(at, base, 8);
    at = put(at, frame->width_px, 4);
    at = put(at, frame->height_px, 4);
    at = put(at, scene_len, 2);
    at = put(at, n_tiles, 2);
    memcpy(at, frame->scene, scene_len);
    return HEAD_BYTES + scene_len;
}

struct picture *prepared_base64(struct prepared *prepared, struct view *view) {
    if (prepared->base64 == NULL) {
        bool is_views = view_frame(view) == prepared->frame;
        struct picture *picture = is_views ? view_picture(view) : picture_create(prepared->frame);
        prepared->base64 = is_views && picture != NULL ? picture_ref(picture) : picture;
    }
    return prepared->base64;
}

struct picture *prepared_whole(struct prepared *prepared) {
    if (prepared->whole == NULL) {
        uint8_t head[HEAD_BYTES + LIMIT_SCENE_NAME_BYTES];
        const struct lg_bytes *png = best_png(prepared->frame);
        const struct picture_part parts[] = {
            {head, print_head(head, prepared->frame, KIND_WHOLE, 0, 0)},
            {lg_bytes_data(png), lg_bytes_size(png)},
        };
        prepared->whole = picture_create_binary(parts, 2);
    }
    return prepared->whole;
}

static struct picture *join_tiles(const struct frame *frame, uint64_t base,
                                  const struct tile *tiles, size_t n_tiles) {
    uint8_t head[HEAD_BYTES + LIMIT_SCENE_NAME_BYTES];
    uint8_t *table = malloc(n_tiles * TILE_HEAD_BYTES), *at = table;
    struct picture_part *parts = calloc(n_tiles + 2, sizeof *parts);
    struct picture *picture = NULL;
    if (table != NULL && parts != NULL) {
        parts[0] = (struct picture_part){head, print_head(head, frame, KIND_TILES, base, n_tiles)};
        parts[1] = (struct picture_part){table, n_tiles * TILE_HEAD_BYTES};
        for (size_t i = 0; i < n_tiles; i++) {
            size_t size_bytes = lg_bytes_size(tiles[i].png);
            at = put(at, tiles[i].x_px, 4);
            at = put(at, tiles[i].y_px, 4);
            at = put(at, tiles[i].width_px, 4);
            at = put(at, tiles[i].height_px, 4);
            at = put(at, size_bytes, 4);
            parts[i + 2] = (struct picture_part){lg_bytes_data(tiles[i].png), size_bytes};
        }
        picture = picture_create_binary(parts, n_tiles + 2);
    }
    free(table);
    free(parts);
    return picture;
}

static const struct frame *find_former(const struct prepared *prepared, uint64_t version) {
    for (size_t i = 0; i < N_FORMER; i++) {
        const struct frame *frame = prepared->former[i];
        if (frame != NULL && frame->version == version) {
            return frame;
        }
    }
    return NULL;
}

/* When they are fewer bytes than the whole. */
static struct picture *make_tiles(const struct prepared *prepared, struct upstream *upstream,
                                  uint64_t base) {
    struct tile *tiles;
    const struct frame *frame = prepared->frame;
    size_t whole_bytes = lg_bytes_size(best_png(frame)), tile_bytes = 0;
    size_t n_tiles = prepared->keeps_former
                         ? strip_tiles(find_former(prepared, base), frame, &tiles)
                         : upstream_tiles(upstream, frame->scene, frame->epoch, base,
                                          frame->version, whole_bytes, &tiles);
    for (size_t i = 0; i < n_tiles; i++) {
        tile_bytes += TILE_HEAD_BYTES + lg_bytes_size(tiles[i].png);
    }
    struct picture *picture =
        n_tiles > 0 && tile_bytes < whole_bytes ? join_tiles(frame, base, tiles, n_tiles) : NULL;
    tiles_free(tiles, n_tiles);
    return picture;
}

struct picture *prepared_tiles(struct prepared *prepared, struct upstream *upstream,
                               uint64_t base) {
    for (unsigned i = 0; i < prepared->n_deltas; i++) {
        if (prepared->deltas[i].base == base) {
            return prepared->deltas[i].tiles;
        }
    }
    struct picture *tiles = make_tiles(prepared, upstream, base);
    unsigned n_max = sizeof prepared->deltas / sizeof prepared->deltas[0];
    if (prepared->n_deltas == n_max) { /* the client furthest behind pays again */
        picture_unref(prepared->deltas[0].tiles);
        memmove(&prepared->deltas[0], &prepared->deltas[1],
                (n_max - 1) * sizeof prepared->deltas[0]);
        prepared->n_deltas--;
    }
    prepared->deltas[prepared->n_deltas++] = (struct prepared_delta){.base = base, .tiles = tiles};
    return tiles;
}
