/* Chains of tiles, and what breaks them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/broker/tile_ring.h"

/* One tile whose PNG is that many bytes of the version's number. */
static void put(struct tile_ring *ring, uint64_t epoch, uint64_t base, uint64_t version,
                size_t size_bytes) {
    static uint8_t bytes[5 * 1024 * 1024];
    memset(bytes, (int)version, size_bytes);
    struct msg_tile tile = {.width_px = 1, .height_px = 1, .size_bytes = size_bytes};
    struct msg_bytes png = {bytes, size_bytes};
    struct feed_frame frame = {.header = {.epoch = epoch,
                                          .base_version = base,
                                          .version = version,
                                          .tiles = &tile,
                                          .n_tiles = size_bytes > 0 ? 1 : 0},
                               .tiles = &png};
    strcpy(frame.header.scene, "scene");
    tile_ring_put(ring, &frame);
}

/* Versions of the tiles as digits; "" = no way. */
static const char *get(struct tile_ring *ring, uint64_t epoch, uint64_t base, uint64_t version,
                       size_t max_bytes) {
    static char text[128];
    struct tile *tiles;
    size_t n = tile_ring_get(ring, "scene", epoch, base, version, max_bytes, &tiles);
    for (size_t i = 0; i < n; i++) {
        text[i] = (char)('0' + lg_bytes_data(tiles[i].png)[0] % 10);
    }
    text[n] = '\0';
    tiles_free(tiles, n);
    return text;
}

static void test_tile_ring__steps_lead_from_base_to_version(void **state) {
    struct tile_ring *ring = tile_ring_create();
    (void)state;
    put(ring, 1, 1, 2, 10);
    put(ring, 1, 2, 4, 10); /* 3 was folded into it */
    put(ring, 1, 4, 5, 10);
    assert_string_equal(get(ring, 1, 1, 5, 1000), "245");
    assert_string_equal(get(ring, 1, 2, 5, 1000), "45");
    assert_string_equal(get(ring, 1, 3, 5, 1000), "");
    assert_string_equal(get(ring, 1, 1, 3, 1000), "");
    assert_string_equal(get(ring, 1, 5, 5, 1000), "");
    assert_string_equal(get(ring, 2, 1, 5, 1000), "");
    assert_string_equal(get(ring, 1, 1, 5, 29), "");
    assert_string_equal(get(ring, 1, 1, 5, 30), "245");
    tile_ring_destroy(ring);
}

static void test_tile_ring__whole_frames_break_the_chain(void **state) {
    struct tile_ring *ring = tile_ring_create();
    (void)state;
    put(ring, 1, 1, 2, 10);
    put(ring, 1, 0, 3, 10);
    put(ring, 1, 3, 4, 0); /* tiles not told */
    put(ring, 1, 4, 5, 10);
    assert_string_equal(get(ring, 1, 1, 5, 1000), "");
    assert_string_equal(get(ring, 1, 3, 5, 1000), "");
    assert_string_equal(get(ring, 1, 4, 5, 1000), "5");
    tile_ring_destroy(ring);
}

static void test_tile_ring__versions_and_bytes_are_bounded(void **state) {
    struct tile_ring *ring = tile_ring_create();
    (void)state;
    for (uint64_t version = 2; version <= 100; version++) {
        put(ring, 1, version - 1, version, 10);
    }
    assert_string_equal(get(ring, 1, 35, 100, 100000), "");
    assert_int_equal(strlen(get(ring, 1, 36, 100, 100000)), 64);
    put(ring, 1, 100, 101, 4 * 1024 * 1024);
    assert_string_equal(get(ring, 1, 99, 101, SIZE_MAX), "");
    assert_string_equal(get(ring, 1, 100, 101, SIZE_MAX), "1");
    put(ring, 1, 101, 102, 4 * 1024 * 1024 + 1); /* larger than all that is kept */
    assert_string_equal(get(ring, 1, 101, 102, SIZE_MAX), "");
    tile_ring_drop(ring, "scene");
    assert_string_equal(get(ring, 1, 100, 101, SIZE_MAX), "");
    tile_ring_destroy(ring);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tile_ring__steps_lead_from_base_to_version),
        cmocka_unit_test(test_tile_ring__whole_frames_break_the_chain),
        cmocka_unit_test(test_tile_ring__versions_and_bytes_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
