/* What differs between two frames, as tiles of whole strips. */
#ifndef LEGGIO_GATEWAY_WS_RPC_SUB_STRIPS_H
#define LEGGIO_GATEWAY_WS_RPC_SUB_STRIPS_H

#include <stddef.h>

#include "common/broker/tile_ring.h"
#include "common/frame.h"

/* Tiles that make frame out of base, as wide as the picture, each of one or more
 * strips; at least one, also when nothing differs. *tiles: to be freed by
 * tiles_free. 0: base is NULL or of another size, kind or epoch, or no memory. */
size_t strip_tiles(const struct frame *base, const struct frame *frame, struct tile **tiles);

#endif
