/* Which strips of two frames become tiles. That the tiles make the whole picture:
 * tests/browser/view.test.mjs, with real pixels. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/png_join.h"
#include "gateway-ws/rpc/sub_strips.h"

enum { WIDTH = 100, HEIGHT = 300, N_STRIPS = 5, GREY = 0, RGB = 2 };

/* Strips with one letter each as their content. */
static struct frame *make(const char letters[N_STRIPS + 1], uint8_t color_type) {
    struct frame *frame = frame_create("scene", WIDTH, HEIGHT, color_type);
    assert_int_equal(frame->n_strips, N_STRIPS);
    for (size_t i = 0; i < N_STRIPS; i++) {
        uint8_t chunk[PNG_CHUNK_OVERHEAD_BYTES + 1] = {0};
        chunk[PNG_CHUNK_DATA_OFFSET] = (uint8_t)letters[i];
        png_chunk_close(chunk, 1);
        struct frame_strip strip = {
            .chunk = lg_bytes_copy(chunk, sizeof chunk),
            .adler = 1,
            .raw_size_bytes = (uint32_t)png_strip_raw_bytes(WIDTH, HEIGHT, color_type, i)};
        frame_give_strip(frame, i, strip);
    }
    frame->epoch = 7;
    return frame;
}

static uint32_t read_u32(const uint8_t *at) {
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void check_tile(const struct tile *tile, uint32_t y_px, uint32_t height_px) {
    static const size_t IHDR_AT = 16;
    const uint8_t *png = lg_bytes_data(tile->png);
    assert_int_equal(tile->x_px, 0);
    assert_int_equal(tile->y_px, y_px);
    assert_int_equal(tile->width_px, WIDTH);
    assert_int_equal(tile->height_px, height_px);
    assert_int_equal(read_u32(png + IHDR_AT), WIDTH);
    assert_int_equal(read_u32(png + IHDR_AT + 4), height_px);
}

static size_t compare(const char *before, const char *after, struct tile **tiles) {
    struct frame *base = make(before, RGB), *frame = make(after, RGB);
    size_t n_tiles = strip_tiles(base, frame, tiles);
    frame_unref(base);
    frame_unref(frame);
    return n_tiles;
}

static void test_strip_tiles__runs_of_changed_strips(void **state) {
    struct tile *tiles;
    (void)state;
    assert_int_equal(compare("abcde", "aBCdE", &tiles), 2);
    check_tile(&tiles[0], 64, 128);
    check_tile(&tiles[1], 256, 44);
    tiles_free(tiles, 2);
    assert_int_equal(compare("abcde", "AbCdE", &tiles), 3);
    check_tile(&tiles[2], 256, 44);
    tiles_free(tiles, 3);
    assert_int_equal(compare("abcde", "ABCDE", &tiles), 1);
    check_tile(&tiles[0], 0, 300);
    tiles_free(tiles, 1);
}

static void test_strip_tiles__equal_pictures_are_one_strip(void **state) {
    struct tile *tiles;
    (void)state;
    assert_int_equal(compare("abcde", "abcde", &tiles), 1);
    check_tile(&tiles[0], 0, 64);
    tiles_free(tiles, 1);
}

static void test_strip_tiles__nothing_for_another_picture(void **state) {
    struct frame *frame = make("abcde", RGB), *grey = make("abcde", GREY);
    struct frame *other = make("abcde", RGB);
    struct tile *tiles;
    (void)state;
    other->epoch = 8;
    assert_int_equal(strip_tiles(NULL, frame, &tiles), 0);
    assert_int_equal(strip_tiles(grey, frame, &tiles), 0);
    assert_int_equal(strip_tiles(other, frame, &tiles), 0);
    assert_null(tiles);
    frame_unref(frame);
    frame_unref(grey);
    frame_unref(other);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_strip_tiles__runs_of_changed_strips),
        cmocka_unit_test(test_strip_tiles__equal_pictures_are_one_strip),
        cmocka_unit_test(test_strip_tiles__nothing_for_another_picture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
