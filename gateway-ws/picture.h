/* The long part of a message, made once and shared by count: the base64 of a frame
 * (with what stands before it for INScore clients), or any bytes. Loop thread only.
 */
#ifndef LEGGIO_GATEWAY_WS_PICTURE_H
#define LEGGIO_GATEWAY_WS_PICTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/frame.h"

struct picture;

/* From the dense form where there is one. NULL when out of memory. */
struct picture *picture_create(const struct frame *frame);
/* Bytes one after another, for a binary message. NULL when out of memory. */
struct picture_part {
    const void *bytes;
    size_t size_bytes;
};
struct picture *picture_create_binary(const struct picture_part *parts, size_t n_parts);
bool picture_is_binary(const struct picture *picture);
size_t picture_size_bytes(const struct picture *picture); /* of all pieces */
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
