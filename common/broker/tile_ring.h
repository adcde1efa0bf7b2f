/* Tiles of the last versions of each scene, as the feed brought them, so that a
 * client that has one of these versions can be brought to the newest one.
 *
 * Policy: LIMIT_TILE_VERSIONS versions and LIMIT_TILE_BYTES bytes per scene, the
 * oldest go first; a version whose tiles are not told (or larger than all that)
 * breaks the chain: nobody gets over it. All functions: any thread, one short lock.
 */
#ifndef LEGGIO_COMMON_BROKER_TILE_RING_H
#define LEGGIO_COMMON_BROKER_TILE_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/frame.h"
#include "proto/feed.h"

struct tile {
    uint32_t x_px, y_px, width_px, height_px;
    struct lg_bytes *png; /* a reference */
};

struct tile_ring;

struct tile_ring *tile_ring_create(void);
void tile_ring_destroy(struct tile_ring *ring);

/* A frame of the feed came; its tiles are copied. */
void tile_ring_put(struct tile_ring *ring, const struct feed_frame *frame);
/* The scene is gone. */
void tile_ring_drop(struct tile_ring *ring, const char *scene);

/* All tiles from version base to version, in order; at most max_bytes of PNGs.
 * Returns how many (*tiles to be freed by tiles_free), 0 when there is no way. */
size_t tile_ring_get(struct tile_ring *ring, const char *scene, uint64_t epoch, uint64_t base,
                     uint64_t version, size_t max_bytes, struct tile **tiles);
void tiles_free(struct tile *tiles, size_t n_tiles);

#endif
