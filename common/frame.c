/* Shared bytes and frames: made by one thread, frozen, then counted. */
#include "common/frame.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "common/log.h"
#include "common/png_join.h"
#include "proto/limits.h"

struct lg_bytes {
    atomic_int refs;
    size_t size;
    uint8_t data[];
};

struct lg_bytes *lg_bytes_alloc(size_t size_bytes, uint8_t **data) {
    if (size_bytes > LIMIT_MESSAGE_BYTES) {
        return NULL;
    }
    struct lg_bytes *bytes = malloc(sizeof *bytes + size_bytes);
    if (bytes == NULL) {
        return NULL;
    }
    atomic_init(&bytes->refs, 1);
    bytes->size = size_bytes;
    *data = bytes->data;
    return bytes;
}

struct lg_bytes *lg_bytes_copy(const void *data, size_t size_bytes) {
    uint8_t *to;
    struct lg_bytes *bytes = lg_bytes_alloc(size_bytes, &to);
    if (bytes != NULL && size_bytes > 0) {
        memcpy(to, data, size_bytes);
    }
    return bytes;
}

struct lg_bytes *lg_bytes_ref(struct lg_bytes *bytes) {
    if (bytes != NULL) {
        atomic_fetch_add_explicit(&bytes->refs, 1, memory_order_relaxed);
    }
    return bytes;
}

void lg_bytes_unref(struct lg_bytes *bytes) {
    if (bytes != NULL && atomic_fetch_sub_explicit(&bytes->refs, 1, memory_order_acq_rel) == 1) {
        free(bytes);
    }
}

const uint8_t *lg_bytes_data(const struct lg_bytes *bytes) {
    return bytes->data;
}

size_t lg_bytes_size(const struct lg_bytes *bytes) {
    return bytes->size;
}

static bool is_good_size(uint32_t width_px, uint32_t height_px) {
    return width_px > 0 && height_px > 0 && width_px <= LIMIT_SIDE_PX &&
           height_px <= LIMIT_SIDE_PX && (uint64_t)width_px * height_px <= LIMIT_PIXELS;
}

struct frame *frame_create(const char *scene, uint32_t width_px, uint32_t height_px,
                           uint8_t color_type) {
    size_t scene_len = strlen(scene);
    if (!is_good_size(width_px, height_px) || scene_len > LIMIT_SCENE_NAME_BYTES) {
        lg_log(LG_LOG_WARN, "frame", "size_refused",
               "scene=%s width_px=%u height_px=%u limit_px=%d", scene, width_px, height_px,
               LIMIT_SIDE_PX);
        return NULL;
    }
    size_t n_strips = (height_px + FRAME_STRIP_ROWS - 1) / FRAME_STRIP_ROWS;
    struct frame *frame = calloc(1, sizeof *frame);
    struct frame_strip *strips = calloc(n_strips, sizeof *strips);
    if (frame == NULL || strips == NULL) {
        free(strips);
        free(frame);
        return NULL;
    }
    memcpy(frame->scene, scene, scene_len);
    frame->width_px = width_px;
    frame->height_px = height_px;
    frame->color_type = color_type;
    frame->n_strips = n_strips;
    frame->strips = strips;
    atomic_init(&frame->refs, 1);
    return frame;
}

struct frame *frame_derive(const struct frame *base) {
    struct frame *frame =
        frame_create(base->scene, base->width_px, base->height_px, base->color_type);
    if (frame == NULL) {
        return NULL;
    }
    frame->epoch = base->epoch;
    for (size_t i = 0; i < frame->n_strips; i++) {
        frame->strips[i] = base->strips[i];
        lg_bytes_ref(frame->strips[i].chunk);
    }
    return frame;
}

void frame_give_strip(struct frame *frame, size_t strip_i, struct frame_strip strip) {
    assert(!frame->is_sealed && strip_i < frame->n_strips);
    lg_bytes_unref(frame->strips[strip_i].chunk);
    frame->strips[strip_i] = strip;
}

int frame_seal(struct frame *frame) {
    assert(!frame->is_sealed);
    for (size_t i = 0; i < frame->n_strips; i++) {
        if (frame->strips[i].chunk == NULL) {
            return LG_EBADREQUEST;
        }
    }
    frame->png = png_join(frame->width_px, frame->height_px, frame->color_type, frame->strips,
                          frame->n_strips);
    if (frame->png == NULL) {
        return LG_ENOMEM;
    }
    frame->is_sealed = true;
    return 0;
}

struct frame *frame_with_dense(const struct frame *frame, struct lg_bytes *dense) {
    assert(frame->is_sealed);
    struct frame *with = frame_derive(frame);
    if (with == NULL) {
        return NULL;
    }
    with->version = frame->version;
    with->pixels_hash = frame->pixels_hash;
    with->drawn_wall_us = frame->drawn_wall_us;
    with->png = lg_bytes_ref(frame->png);
    with->dense = lg_bytes_ref(dense);
    with->is_sealed = true;
    return with;
}

struct frame *frame_ref(struct frame *frame) {
    if (frame != NULL) {
        atomic_fetch_add_explicit(&frame->refs, 1, memory_order_relaxed);
    }
    return frame;
}

void frame_unref(struct frame *frame) {
    if (frame == NULL || atomic_fetch_sub_explicit(&frame->refs, 1, memory_order_acq_rel) != 1) {
        return;
    }
    for (size_t i = 0; i < frame->n_strips; i++) {
        lg_bytes_unref(frame->strips[i].chunk);
    }
    lg_bytes_unref(frame->png);
    lg_bytes_unref(frame->dense);
    free(frame->strips);
    free(frame);
}
