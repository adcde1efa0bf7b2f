/* Pictures of the fake renderer: computed, not drawn; strips by zlib. */
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "common/png_join.h"
#include "tests/fake/fake.h"

#define BAR_ROWS 8

static void put_pixel(const struct fake_scene *scene, uint32_t x, uint32_t y, uint8_t rgb[3]) {
    uint64_t v = scene->version;
    uint32_t bar = (uint32_t)(v * BAR_ROWS % scene->height_px);
    if (x == 0 && y == 0) {
        memcpy(rgb, (uint8_t[]){(uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v}, 3);
    } else if (y >= bar && y < bar + BAR_ROWS) {
        memcpy(rgb, (uint8_t[]){(uint8_t)(v * 37), (uint8_t)x, 0}, 3);
    } else {
        memcpy(rgb,
               (uint8_t[]){(uint8_t)(x * 255 / scene->width_px),
                           (uint8_t)(y * 255 / scene->height_px), 200},
               3);
    }
}

static uint8_t *raw_strip(const struct fake_scene *scene, size_t strip_i, size_t size) {
    uint8_t *raw = malloc(size), *at = raw;
    uint32_t rows = png_strip_rows(scene->height_px, strip_i);
    if (raw == NULL) {
        abort();
    }
    for (uint32_t row = 0; row < rows; row++) {
        *at++ = 0; /* filter: none */
        for (uint32_t x = 0; x < scene->width_px; x++, at += 3) {
            put_pixel(scene, x, (uint32_t)strip_i * FRAME_STRIP_ROWS + row, at);
        }
    }
    return raw;
}

static struct frame_strip encode(const uint8_t *raw, size_t size) {
    z_stream z = {.next_in = (uint8_t *)(uintptr_t)raw, .avail_in = (uInt)size};
    if (deflateInit2(&z, 1, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
        abort();
    }
    size_t room = deflateBound(&z, size) + 64;
    uint8_t *chunk = malloc(room + PNG_CHUNK_OVERHEAD_BYTES);
    if (chunk == NULL) {
        abort();
    }
    z.next_out = chunk + PNG_CHUNK_DATA_OFFSET;
    z.avail_out = (uInt)room;
    deflate(&z, Z_FULL_FLUSH);
    size_t len = room - z.avail_out;
    deflateEnd(&z);
    png_chunk_close(chunk, len);
    struct frame_strip strip = {
        .chunk = lg_bytes_copy(chunk, len + PNG_CHUNK_OVERHEAD_BYTES),
        .adler = (uint32_t)adler32(adler32(0, NULL, 0), raw, (uInt)size),
        .raw_size_bytes = (uint32_t)size,
    };
    free(chunk);
    return strip;
}

struct frame *fake_draw(const struct fake_scene *scene, uint64_t epoch, const struct frame *base) {
    struct frame *frame = base != NULL
                              ? frame_derive(base)
                              : frame_create(scene->name, scene->width_px, scene->height_px, 2);
    if (frame == NULL) {
        abort();
    }
    frame->epoch = epoch;
    frame->version = scene->version;
    for (size_t i = 0; i < frame->n_strips; i++) {
        size_t size = png_strip_raw_bytes(scene->width_px, scene->height_px, 2, i);
        uint8_t *raw = raw_strip(scene, i, size);
        uint32_t adler = (uint32_t)adler32(adler32(0, NULL, 0), raw, (uInt)size);
        if (frame->strips[i].chunk == NULL || frame->strips[i].adler != adler) {
            frame_give_strip(frame, i, encode(raw, size));
        }
        free(raw);
    }
    if (frame_seal(frame) != 0) {
        abort();
    }
    return frame;
}
