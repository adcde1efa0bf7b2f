/* Base64 of a frame, cut into pieces that lie apart by the room that a writer
 * needs in front of each.
 */
#include "gateway-ws/picture.h"

#include <assert.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway-ws/link/ws_link.h"

enum {
    PIECE_RAW_BYTES = 12288, /* a multiple of 3: pieces join without padding between */
    PIECE_BYTES = PIECE_RAW_BYTES / 3 * 4,
    STRIDE_BYTES = WS_LINK_PRE + PIECE_BYTES + 16, /* room for `"}` and a NUL */
};

struct picture {
    unsigned refs;
    bool is_binary;
    char head[80];
    size_t n_pieces;
    size_t last_size_bytes;
    uint8_t bytes[];
};

/* The shared bytes stay writable on purpose: see picture_piece. */
static uint8_t *piece_at(const struct picture *picture, size_t piece_i) {
    return (uint8_t *)(uintptr_t)picture->bytes + piece_i * STRIDE_BYTES + WS_LINK_PRE;
}

struct picture *picture_create(const struct frame *frame) {
    const struct lg_bytes *png = frame->dense != NULL ? frame->dense : frame->png;
    const uint8_t *raw = lg_bytes_data(png);
    size_t left = lg_bytes_size(png);
    size_t n_pieces = left == 0 ? 1 : (left + PIECE_RAW_BYTES - 1) / PIECE_RAW_BYTES;
    struct picture *picture = malloc(sizeof(*picture) + n_pieces * STRIDE_BYTES);
    if (picture == NULL) {
        return NULL;
    }
    picture->refs = 1;
    picture->is_binary = false;
    picture->n_pieces = n_pieces;
    snprintf(picture->head, sizeof(picture->head),
             "\"version\":%" PRIu64 ",\"mimeType\":\"image/png\",\"image\":\"", frame->version);
    for (size_t i = 0; i < n_pieces; i++) {
        size_t part = left < PIECE_RAW_BYTES ? left : PIECE_RAW_BYTES;
        char *text = (char *)piece_at(picture, i);
        sodium_bin2base64(text, PIECE_BYTES + 1, raw, part, sodium_base64_VARIANT_ORIGINAL);
        raw += part;
        left -= part;
    }
    char *last = (char *)piece_at(picture, n_pieces - 1);
    size_t len = strlen(last);
    memcpy(last + len, "\"}", 2);
    picture->last_size_bytes = len + 2;
    return picture;
}

struct picture *picture_create_binary(const struct picture_part *parts, size_t n_parts) {
    size_t size_bytes = 0, at = 0;
    for (size_t i = 0; i < n_parts; i++) {
        size_bytes += parts[i].size_bytes;
    }
    size_t n_pieces = size_bytes == 0 ? 1 : (size_bytes + PIECE_BYTES - 1) / PIECE_BYTES;
    struct picture *picture = malloc(sizeof(*picture) + n_pieces * STRIDE_BYTES);
    if (picture == NULL) {
        return NULL;
    }
    picture->refs = 1;
    picture->is_binary = true;
    picture->head[0] = '\0';
    picture->n_pieces = n_pieces;
    picture->last_size_bytes = size_bytes - (n_pieces - 1) * PIECE_BYTES;
    for (size_t i = 0; i < n_parts; i++) {
        const uint8_t *bytes = parts[i].bytes;
        for (size_t left = parts[i].size_bytes; left > 0;) {
            size_t room = PIECE_BYTES - at % PIECE_BYTES;
            size_t part = left < room ? left : room;
            memcpy(piece_at(picture, at / PIECE_BYTES) + at % PIECE_BYTES, bytes, part);
            at += part;
            bytes += part;
            left -= part;
        }
    }
    return picture;
}

bool picture_is_binary(const struct picture *picture) {
    return picture->is_binary;
}

size_t picture_size_bytes(const struct picture *picture) {
    return (picture->n_pieces - 1) * PIECE_BYTES + picture->last_size_bytes;
}

struct picture *picture_ref(struct picture *picture) {
    picture->refs++;
    return picture;
}

void picture_unref(struct picture *picture) {
    if (picture != NULL && --picture->refs == 0) {
        free(picture);
    }
}

const char *picture_head(const struct picture *picture) {
    return picture->head;
}

size_t picture_n_pieces(const struct picture *picture) {
    return picture->n_pieces;
}

uint8_t *picture_piece(const struct picture *picture, size_t piece_i, size_t *size_bytes) {
    assert(piece_i < picture->n_pieces);
    *size_bytes = piece_i + 1 == picture->n_pieces ? picture->last_size_bytes : PIECE_BYTES;
    return piece_at(picture, piece_i);
}
