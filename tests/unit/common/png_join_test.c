/* Joined PNGs: decoded by gdk-pixbuf (libpng), pixel for pixel. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <cmocka.h>
#include <gdk-pixbuf/gdk-pixbuf.h>

#include "common/frame.h"
#include "common/png_join.h"

static uint8_t pixel(uint32_t x, uint32_t y, unsigned channel, unsigned seed) {
    return channel == 3 ? (uint8_t)(x + 1)
                        : (uint8_t)(x * 7 + y * 13 + channel * 31 + seed * y * x);
}

/* As the encoder does it: filter 0, raw deflate, full flush, one IDAT chunk. */
static struct frame_strip encode(uint32_t width, uint32_t height, uint8_t color_type,
                                 size_t strip_i, unsigned seed) {
    unsigned n_channels = color_type == 6 ? 4 : 3;
    size_t raw_size = png_strip_raw_bytes(width, height, color_type, strip_i);
    uint8_t *raw = malloc(raw_size), *at = raw;
    uint8_t *chunk = malloc(2 * raw_size + 1000);
    for (uint32_t row = 0; row < png_strip_rows(height, strip_i); row++) {
        *at++ = 0;
        for (uint32_t x = 0; x < width; x++) {
            for (unsigned c = 0; c < n_channels; c++) {
                *at++ = pixel(x, (uint32_t)strip_i * 64 + row, c, seed);
            }
        }
    }
    assert_ptr_equal(at, raw + raw_size);
    z_stream z = {.next_in = raw,
                  .avail_in = (uInt)raw_size,
                  .next_out = chunk + 8,
                  .avail_out = (uInt)(2 * raw_size + 900)};
    assert_int_equal(deflateInit2(&z, 1, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY), Z_OK);
    assert_int_equal(deflate(&z, Z_FULL_FLUSH), Z_OK);
    size_t len = z.total_out;
    deflateEnd(&z);
    png_chunk_close(chunk, len);
    struct frame_strip strip = {lg_bytes_copy(chunk, len + PNG_CHUNK_OVERHEAD_BYTES),
                                (uint32_t)adler32(1, raw, (uInt)raw_size), (uint32_t)raw_size};
    free(chunk);
    free(raw);
    return strip;
}

static struct frame *draw(uint32_t width, uint32_t height, uint8_t color_type) {
    struct frame *frame = frame_create("scene", width, height, color_type);
    for (size_t i = 0; i < frame->n_strips; i++) {
        frame_give_strip(frame, i, encode(width, height, color_type, i, 0));
    }
    return frame;
}

/* seeds[strip_i]: what each strip shows. */
static void check(const struct frame *frame, const unsigned *seeds) {
    GError *error = NULL;
    GdkPixbufLoader *loader = gdk_pixbuf_loader_new_with_type("png", &error);
    if (!gdk_pixbuf_loader_write(loader, lg_bytes_data(frame->png), lg_bytes_size(frame->png),
                                 &error) ||
        !gdk_pixbuf_loader_close(loader, &error)) {
        fail_msg("%s", error->message);
    }
    GdkPixbuf *pixbuf = gdk_pixbuf_loader_get_pixbuf(loader);
    assert_int_equal(gdk_pixbuf_get_width(pixbuf), frame->width_px);
    assert_int_equal(gdk_pixbuf_get_height(pixbuf), frame->height_px);
    const uint8_t *pixels = gdk_pixbuf_read_pixels(pixbuf);
    size_t stride = (size_t)gdk_pixbuf_get_rowstride(pixbuf);
    unsigned n_channels = (unsigned)gdk_pixbuf_get_n_channels(pixbuf);
    assert_int_equal(n_channels, frame->color_type == 6 ? 4 : 3);
    for (uint32_t y = 0; y < frame->height_px; y++) {
        for (uint32_t x = 0; x < frame->width_px; x++) {
            for (unsigned c = 0; c < n_channels; c++) {
                assert_int_equal(pixels[y * stride + x * n_channels + c],
                                 pixel(x, y, c, seeds[y / 64]));
            }
        }
    }
    g_object_unref(loader);
}

/* Signature, then chunks with good CRCs, IDATs in a row, IEND at the very end;
 * all IDATs together one zlib stream (its Adler is checked by inflate). */
static void check_chunks(const struct frame *frame) {
    const uint8_t *png = lg_bytes_data(frame->png);
    size_t size = lg_bytes_size(frame->png), raw_size = 0;
    z_stream z = {.avail_in = 0};
    uint8_t out[4096];
    int code = Z_OK;
    size_t at = 8, n_idat = 0;
    assert_memory_equal(png, "\x89PNG\r\n\x1a\n", 8);
    assert_int_equal(inflateInit(&z), Z_OK);
    while (at < size) {
        size_t len = (size_t)png[at] << 24 | (size_t)png[at + 1] << 16 | (size_t)png[at + 2] << 8 |
                     png[at + 3];
        const uint8_t *crc = png + at + 8 + len;
        uint32_t told =
            (uint32_t)crc[0] << 24 | (uint32_t)crc[1] << 16 | (uint32_t)crc[2] << 8 | crc[3];
        assert_int_equal(told, crc32(0, png + at + 4, (uInt)(len + 4)));
        if (memcmp(png + at + 4, "IDAT", 4) == 0) {
            n_idat++;
            z.next_in = (uint8_t *)(uintptr_t)(png + at + 8);
            z.avail_in = (uInt)len;
            do {
                z.next_out = out;
                z.avail_out = sizeof out;
                code = inflate(&z, Z_NO_FLUSH);
                raw_size += sizeof out - z.avail_out;
            } while (code == Z_OK && (z.avail_in > 0 || z.avail_out == 0));
        }
        at += len + 12;
    }
    assert_int_equal(at, size);
    assert_memory_equal(png + size - 8, "IEND", 4);
    assert_int_equal(code, Z_STREAM_END);
    assert_int_equal(n_idat, frame->n_strips + 2);
    assert_int_equal(raw_size, (size_t)frame->height_px *
                                   (1 + frame->width_px * (frame->color_type == 6 ? 4u : 3u)));
    inflateEnd(&z);
}

static void test_png_join__joined_pictures_decode(void **state) {
    (void)state;
    static const uint32_t SIZES[][2] = {{1, 1}, {1, 64}, {3, 65}, {200, 63}, {320, 200}, {7, 128}};
    static const unsigned SEEDS[4] = {0};
    for (size_t i = 0; i < sizeof SIZES / sizeof SIZES[0]; i++) {
        for (uint8_t color_type = 2; color_type <= 6; color_type = (uint8_t)(color_type + 4)) {
            struct frame *frame = draw(SIZES[i][0], SIZES[i][1], color_type);
            assert_int_equal(frame_seal(frame), 0);
            assert_int_equal(lg_bytes_size(frame->png),
                             png_join_size(frame->strips, frame->n_strips));
            check(frame, SEEDS);
            check_chunks(frame);
            frame_unref(frame);
        }
    }
}

static void test_png_join__strips_of_other_versions_join(void **state) {
    (void)state;
    static const unsigned SEEDS[4] = {0, 5, 0, 9};
    struct frame *base = draw(320, 200, 2);
    assert_int_equal(frame_seal(base), 0);
    struct frame *frame = frame_derive(base);
    frame_give_strip(frame, 1, encode(320, 200, 2, 1, 5));
    frame_give_strip(frame, 3, encode(320, 200, 2, 3, 9));
    assert_int_equal(frame_seal(frame), 0);
    check(frame, SEEDS);
    check_chunks(frame);
    frame_unref(base);
    frame_unref(frame);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_png_join__joined_pictures_decode),
        cmocka_unit_test(test_png_join__strips_of_other_versions_join),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
