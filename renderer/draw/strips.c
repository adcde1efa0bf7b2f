/* The strip encoder on ISA-L, and tiles made of the same strips. */
#include "renderer/draw/strips.h"

#include <stdlib.h>
#include <string.h>

#include <isa-l/igzip_lib.h>

#include "common/err.h"
#include "common/log.h"
#include "common/png_join.h"
#include "proto/limits.h"
#include "renderer/draw/pixels.h"

struct strip_encoder {
    struct isal_zstream stream;
    uint8_t level_buffer[ISAL_DEF_LVL1_EXTRA_LARGE];
    uint8_t *raw; /* filtered rows */
    size_t raw_capacity;
    uint8_t *chunk; /* header, deflate run, CRC */
    size_t chunk_capacity;
};

struct strip_encoder *strip_encoder_create(void) {
    struct strip_encoder *encoder = calloc(1, sizeof(*encoder));
    if (encoder == NULL) {
        lg_log(LG_LOG_ERROR, "strips", "no_memory", NULL);
        return NULL;
    }
    isal_deflate_init(&encoder->stream);
    return encoder;
}

void strip_encoder_destroy(struct strip_encoder *encoder) {
    if (encoder == NULL) {
        return;
    }
    free(encoder->raw);
    free(encoder->chunk);
    free(encoder);
}

static int grow(uint8_t **buffer, size_t *capacity, size_t needed) {
    if (needed <= *capacity) {
        return 0;
    }
    uint8_t *larger = realloc(*buffer, needed);
    if (larger == NULL) {
        lg_log(LG_LOG_ERROR, "strips", "no_memory", "size_bytes=%zu", needed);
        return LG_ENOMEM;
    }
    *buffer = larger;
    *capacity = needed;
    return 0;
}

/* Deflate of raw into the chunk after its header; returns the bytes, 0 when something is wrong. */
static size_t deflate_run(struct strip_encoder *encoder, size_t raw_bytes) {
    struct isal_zstream *stream = &encoder->stream;
    isal_deflate_reset(stream);
    stream->level = 1;
    stream->level_buf = encoder->level_buffer;
    stream->level_buf_size = sizeof(encoder->level_buffer);
    stream->gzip_flag = IGZIP_DEFLATE;
    stream->flush = FULL_FLUSH;
    stream->end_of_stream = 0;
    stream->next_in = encoder->raw;
    stream->avail_in = (uint32_t)raw_bytes;
    stream->next_out = encoder->chunk + PNG_CHUNK_DATA_OFFSET;
    stream->avail_out = (uint32_t)(encoder->chunk_capacity - PNG_CHUNK_OVERHEAD_BYTES);
    uint32_t room = stream->avail_out;
    if (isal_deflate(stream) != COMP_OK || stream->avail_in > 0 || stream->avail_out == 0) {
        lg_log(LG_LOG_ERROR, "strips", "deflate", "raw_bytes=%zu", raw_bytes);
        return 0;
    }
    return room - stream->avail_out;
}

int strip_encode(struct strip_encoder *encoder, const uint8_t *pixels, size_t stride_bytes,
                 uint32_t width_px, uint32_t rows, uint8_t color_type, struct frame_strip *out) {
    size_t row_bytes = 1 + (size_t)width_px * (color_type == STRIPS_RGBA ? 4 : 3);
    size_t raw_bytes = row_bytes * rows;
    /* Deflate never grows data by more than its stored form: 5 bytes each 64 KB, and the flush. */
    if (grow(&encoder->raw, &encoder->raw_capacity, raw_bytes + 16) != 0 ||
        grow(&encoder->chunk, &encoder->chunk_capacity, raw_bytes + raw_bytes / 64 + 4096) != 0) {
        return LG_ENOMEM;
    }
    for (uint32_t y = 0; y < rows; y++) {
        uint8_t *row = encoder->raw + y * row_bytes;
        row[0] = 0;
        if (color_type == STRIPS_RGBA) {
            pixels_to_rgba(pixels + y * stride_bytes, row + 1, width_px);
        } else {
            pixels_to_rgb(pixels + y * stride_bytes, row + 1, width_px);
        }
    }
    size_t run_bytes = deflate_run(encoder, raw_bytes);
    if (run_bytes == 0) {
        return LG_ENOMEM;
    }
    png_chunk_close(encoder->chunk, run_bytes);
    out->chunk = lg_bytes_copy(encoder->chunk, run_bytes + PNG_CHUNK_OVERHEAD_BYTES);
    out->adler = isal_adler32(1, encoder->raw, raw_bytes);
    out->raw_size_bytes = (uint32_t)raw_bytes;
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
