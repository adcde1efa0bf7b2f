/* A frame: the picture of one scene at one version, encoded, immutable after
 * frame_seal, shared by reference count between threads.
 *
 * A frame holds the strips (64 rows each, one IDAT chunk with its own full
 * flush) and the PNG joined from them. The dense frame of the same version
 * (whole PNG encoded for size) may be attached as another frame.
 */
#ifndef LEGGIO_COMMON_FRAME_H
#define LEGGIO_COMMON_FRAME_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRAME_STRIP_ROWS 64

/* Bytes shared by count; the frame's strips point to these, so a new version
 * shares the strips that did not change with the one before. */
struct lg_bytes; /* opaque, atomic count */
struct lg_bytes *lg_bytes_copy(const void *data, size_t size_bytes);
/* Fresh bytes to be filled by the caller before they are shared. */
struct lg_bytes *lg_bytes_alloc(size_t size_bytes, uint8_t **data);
struct lg_bytes *lg_bytes_ref(struct lg_bytes *bytes);
void lg_bytes_unref(struct lg_bytes *bytes); /* NULL is fine */
const uint8_t *lg_bytes_data(const struct lg_bytes *bytes);
size_t lg_bytes_size(const struct lg_bytes *bytes);

/* One strip: the deflate run of its rows (filter byte + grey, RGB or RGBA),
 * ready as one IDAT chunk: length, "IDAT", data, CRC. */
struct frame_strip {
    struct lg_bytes *chunk;  /* whole IDAT chunk, owned reference */
    uint32_t adler;          /* Adler-32 of the raw (filtered) rows of this strip */
    uint32_t raw_size_bytes; /* number of raw bytes behind that sum */
};

struct frame {
    char scene[64];
    uint64_t epoch;
    uint64_t version;
    uint32_t width_px, height_px;
    uint8_t color_type; /* of the PNG: 0 = grey, 2 = RGB, 6 = RGBA */
    uint64_t pixels_hash;
    int64_t drawn_wall_us; /* wall clock when it was drawn, microseconds since 1970 */
    size_t n_strips;
    struct frame_strip *strips;
    struct lg_bytes *png;   /* joined by frame_seal */
    struct lg_bytes *dense; /* whole PNG encoded for size, or NULL; never changes after sealing */
    /* private */
    atomic_int refs;
    bool is_sealed;
};

/* A fresh, unsealed frame with n_strips = ceil(height / 64) empty strips and
 * one reference. NULL when out of memory or a size is out of proto/limits.h. */
struct frame *frame_create(const char *scene, uint32_t width_px, uint32_t height_px,
                           uint8_t color_type);

/* A fresh, unsealed frame that shares all strips of base (same size, scene and
 * epoch; version, hash and time are for the caller to set). */
struct frame *frame_derive(const struct frame *base);

/* Put strip strip_i; takes over the chunk reference, drops the one before. */
void frame_give_strip(struct frame *frame, size_t strip_i, struct frame_strip strip);

/* Join the PNG and freeze. LG_EBADREQUEST when a strip is missing. */
int frame_seal(struct frame *frame);

/* Same frame, with the dense encoding; both share everything else. */
struct frame *frame_with_dense(const struct frame *frame, struct lg_bytes *dense);

struct frame *frame_ref(struct frame *frame);
void frame_unref(struct frame *frame); /* any thread; NULL is fine */

#endif
