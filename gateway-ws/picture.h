/* The text of one frame as INScore clients get it: version, type and base64,
 * made once and shared by count. Loop thread only.
 */
#ifndef LEGGIO_GATEWAY_WS_PICTURE_H
#define LEGGIO_GATEWAY_WS_PICTURE_H

#include <stddef.h>
#include <stdint.h>

#include "common/frame.h"

struct picture;

/* From the dense form where there is one. NULL when out of memory. */
struct picture *picture_create(const struct frame *frame);
struct picture *picture_ref(struct picture *picture);
void picture_unref(struct picture *picture); /* NULL is fine */

/* `"version":7,"mimeType":"image/png","image":"`: what stands before the
 * pieces. Borrowed. */
const char *picture_head(const struct picture *picture);
/* The base64 text and what closes the object, in pieces of at most 16 KB, each
 * with WS_LINK_PRE writable bytes in front (the header that a writer puts there
 * is the same for every client). At least one. */
size_t picture_n_pieces(const struct picture *picture);
uint8_t *picture_piece(const struct picture *picture, size_t piece_i, size_t *size_bytes);

#endif
