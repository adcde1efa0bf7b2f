/* Joining of strips; the layout is described in the header. */
#include "common/png_join.h"

#include <assert.h>
#include <string.h>

#include <libdeflate.h>
#include <zlib.h>

#define SIGNATURE_BYTES 8
#define IHDR_BYTES      (13 + PNG_CHUNK_OVERHEAD_BYTES)
#define ZLIB_HEAD_BYTES (2 + PNG_CHUNK_OVERHEAD_BYTES)
#define ZLIB_TAIL_BYTES (6 + PNG_CHUNK_OVERHEAD_BYTES)
#define IEND_BYTES      PNG_CHUNK_OVERHEAD_BYTES

static void put_u32(uint8_t *to, uint32_t value) {
    to[0] = (uint8_t)(value >> 24);
    to[1] = (uint8_t)(value >> 16);
    to[2] = (uint8_t)(value >> 8);
    to[3] = (uint8_t)value;
}

/* The data is in place already. Returns the byte after the chunk. */
static uint8_t *close_chunk(uint8_t *chunk, const char *type, size_t data_len) {
    put_u32(chunk, (uint32_t)data_len);
    memcpy(chunk + 4, type, 4);
    uint8_t *crc = chunk + PNG_CHUNK_DATA_OFFSET + data_len;
    put_u32(crc, libdeflate_crc32(0, chunk + 4, 4 + data_len));
    return crc + 4;
}

void png_chunk_close(uint8_t *chunk, size_t data_len) {
    close_chunk(chunk, "IDAT", data_len);
}

uint32_t png_strip_rows(uint32_t height_px, size_t strip_i) {
    size_t top = strip_i * FRAME_STRIP_ROWS;
    if (top >= height_px) {
        return 0;
    }
    uint32_t left = height_px - (uint32_t)top;
    return left < FRAME_STRIP_ROWS ? left : FRAME_STRIP_ROWS;
}

unsigned png_bytes_per_pixel(uint8_t color_type) {
    return color_type == 0 ? 1 : color_type == 6 ? 4 : 3;
}

size_t png_strip_raw_bytes(uint32_t width_px, uint32_t height_px, uint8_t color_type,
                           size_t strip_i) {
    size_t row_bytes = 1 + (size_t)width_px * png_bytes_per_pixel(color_type);
    return png_strip_rows(height_px, strip_i) * row_bytes;
}

size_t png_join_size(const struct frame_strip *strips, size_t n_strips) {
    size_t size = SIGNATURE_BYTES + IHDR_BYTES + ZLIB_HEAD_BYTES + ZLIB_TAIL_BYTES + IEND_BYTES;
    for (size_t i = 0; i < n_strips; i++) {
        size += lg_bytes_size(strips[i].chunk);
    }
    return size;
}

static uint8_t *put_head(uint8_t *at, uint32_t width_px, uint32_t height_px, uint8_t color_type) {
    static const uint8_t SIGNATURE[SIGNATURE_BYTES] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    memcpy(at, SIGNATURE, sizeof SIGNATURE);
    at += sizeof SIGNATURE;
    uint8_t *ihdr = at + PNG_CHUNK_DATA_OFFSET;
    put_u32(ihdr, width_px);
    put_u32(ihdr + 4, height_px);
    memcpy(ihdr + 8, (uint8_t[]){8, color_type, 0, 0, 0}, 5);
    at = close_chunk(at, "IHDR", 13);
    memcpy(at + PNG_CHUNK_DATA_OFFSET, (uint8_t[]){0x78, 0x01}, 2);
    return close_chunk(at, "IDAT", 2);
}

static uint8_t *put_tail(uint8_t *at, uint32_t adler) {
    memcpy(at + PNG_CHUNK_DATA_OFFSET, (uint8_t[]){0x03, 0x00}, 2);
    put_u32(at + PNG_CHUNK_DATA_OFFSET + 2, adler);
    at = close_chunk(at, "IDAT", 6);
    return close_chunk(at, "IEND", 0);
}

struct lg_bytes *png_join(uint32_t width_px, uint32_t height_px, uint8_t color_type,
                          const struct frame_strip *strips, size_t n_strips) {
    uint8_t *data;
    size_t size = png_join_size(strips, n_strips);
    struct lg_bytes *png = lg_bytes_alloc(size, &data);
    if (png == NULL) {
        return NULL;
    }
    uint8_t *at = put_head(data, width_px, height_px, color_type);
    uLong adler = adler32(0, NULL, 0);
    for (size_t i = 0; i < n_strips; i++) {
        size_t chunk_size = lg_bytes_size(strips[i].chunk);
        memcpy(at, lg_bytes_data(strips[i].chunk), chunk_size);
        at += chunk_size;
        adler = adler32_combine(adler, strips[i].adler, (z_off_t)strips[i].raw_size_bytes);
    }
    at = put_tail(at, (uint32_t)adler);
    assert(at == data + size);
    return png;
}
