/* The strip encoder, and tiles made of the same strips. */
#include "renderer/draw/png/strips.h"

#include <stdlib.h>

#include "common/err.h"
#include "common/log.h"
#include "common/png_join.h"
#include "proto/limits.h"
#include "renderer/draw/png/pixel_deflate.h"

struct strip_encoder {
    struct pixel_deflate *deflate;
};

struct strip_encoder *strip_encoder_create(void) {
    struct strip_encoder *encoder = calloc(1, sizeof(*encoder));
    if (encoder == NULL) {
        lg_log(LG_LOG_ERROR, "strips", "no_memory", NULL);
        return NULL;
    }
    encoder->deflate = pixel_deflate_create();
    if (encoder->deflate == NULL) {
        free(encoder);
        return NULL;
    }
    return encoder;
}

void strip_encoder_destroy(struct strip_encoder *encoder) {
    if (encoder != NULL) {
        pixel_deflate_destroy(encoder->deflate);
        free(encoder);
    }
}

int strip_encode(struct strip_encoder *encoder, const uint8_t *pixels, size_t stride_bytes,
                 uint32_t width_px, uint32_t rows, uint8_t color_type, struct frame_strip *out) {
    struct pixel_rows from = {
        .pixels = pixels,
        .stride_bytes = stride_bytes,
        .width_px = width_px,
        .rows = rows,
        .bytes_per_pixel = png_bytes_per_pixel(color_type),
    };
    uint8_t *chunk;
    size_t run_bytes =
        pixel_deflate_run(encoder->deflate, &from, PNG_CHUNK_DATA_OFFSET,
                          PNG_CHUNK_OVERHEAD_BYTES - PNG_CHUNK_DATA_OFFSET, &chunk, &out->adler);
    if (run_bytes == 0) {
        return LG_ENOMEM;
    }
    png_chunk_close(chunk, run_bytes);
    out->chunk = lg_bytes_copy(chunk, run_bytes + PNG_CHUNK_OVERHEAD_BYTES);
    out->raw_size_bytes = rows * (1 + width_px * from.bytes_per_pixel);
    return out->chunk != NULL ? 0 : LG_ENOMEM;
}

struct lg_bytes *tile_encode(struct strip_encoder *encoder, const uint8_t *pixels,
                             size_t stride_bytes, struct rect_px rect, uint8_t color_type) {
    struct frame_strip strips[LIMIT_STRIPS];
    struct lg_bytes *png = NULL;
    uint32_t width = (uint32_t)rect.width, height = (uint32_t)rect.height;
    size_t n = 0, n_strips = (height + FRAME_STRIP_ROWS - 1) / FRAME_STRIP_ROWS;
    for (; n < n_strips; n++) {
        size_t top = (size_t)rect.y + n * FRAME_STRIP_ROWS;
        if (strip_encode(encoder, pixels + top * stride_bytes + (size_t)rect.x * 4, stride_bytes,
                         width, png_strip_rows(height, n), color_type, &strips[n]) != 0) {
            break;
        }
    }
    if (n == n_strips) {
        png = png_join(width, height, color_type, strips, n_strips);
    }
    for (size_t i = 0; i < n; i++) {
        lg_bytes_unref(strips[i].chunk);
    }
    return png;
}
