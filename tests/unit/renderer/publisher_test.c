/* The feed: what a subscriber sees of pictures that come faster than they are sent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/err.h"
#include "renderer/broker/feed_send.h"

static struct frame *make_frame(uint64_t version, uint32_t height_px) {
    struct frame *frame = frame_create("scene", 100, height_px, 2);
    assert_non_null(frame);
    frame->version = version;
    for (size_t i = 0; i < frame->n_strips; i++) {
        frame_give_strip(frame, i, (struct frame_strip){lg_bytes_copy("strip", 5), 1, 100});
    }
    return frame;
}

static void join(struct feed_picture *waiting, uint64_t version, uint64_t base, uint32_t strip,
                 size_t n_tiles) {
    struct frame *frame = make_frame(version, 200);
    struct feed_tile tiles[LIMIT_TILES];
    for (size_t i = 0; i < n_tiles; i++) {
        tiles[i] =
            (struct feed_tile){(uint32_t)version, (uint32_t)i, 10, 10, lg_bytes_copy("png", 3)};
    }
    const struct feed_update update = {.frame = frame,
                                       .base_version = base,
                                       .changed_strips = &strip,
                                       .n_changed_strips = 1,
                                       .tiles = tiles,
                                       .n_tiles = n_tiles};
    feed_picture_join(waiting, &update);
    for (size_t i = 0; i < n_tiles; i++) {
        lg_bytes_unref(tiles[i].png);
    }
    frame_unref(frame);
}

static void test_feed_picture__joined_pictures_hold_all_changes_since_the_base(void **state) {
    (void)state;
    struct feed_picture waiting = {0};
    join(&waiting, 5, 4, 0, 1);
    join(&waiting, 6, 5, 2, 2);
    assert_int_equal(waiting.frame->version, 6);
    assert_int_equal(waiting.base_version, 4);
    assert_true(waiting.is_strip_changed[0]);
    assert_false(waiting.is_strip_changed[1]);
    assert_true(waiting.is_strip_changed[2]);
    assert_int_equal(waiting.n_tiles, 3);
    assert_int_equal(waiting.tiles[0].x_px, 5); /* older first: newer ones are drawn over them */
    assert_int_equal(waiting.tiles[1].x_px, 6);
    feed_picture_finish(&waiting);
}

static void test_feed_picture__a_whole_picture_replaces_what_waits(void **state) {
    (void)state;
    struct feed_picture waiting = {0};
    join(&waiting, 5, 4, 0, 1);
    join(&waiting, 6, 0, 1, 0);
    assert_int_equal(waiting.base_version, 0);
    join(&waiting, 7, 6, 1, 1);
    assert_int_equal(waiting.base_version, 0);
    assert_int_equal(waiting.n_tiles, 0);
    feed_picture_finish(&waiting);
}

static void test_feed_picture__a_picture_on_another_base_is_sent_whole(void **state) {
    (void)state;
    struct feed_picture waiting = {0};
    join(&waiting, 5, 4, 0, 1);
    join(&waiting, 9, 8, 1, 1);
    assert_int_equal(waiting.base_version, 0);
    assert_int_equal(waiting.frame->version, 9);
    feed_picture_finish(&waiting);
}

static void test_feed_picture__too_many_tiles_are_not_told(void **state) {
    (void)state;
    struct feed_picture waiting = {0};
    join(&waiting, 5, 4, 0, LIMIT_TILES);
    join(&waiting, 6, 5, 1, 1);
    assert_int_equal(waiting.n_tiles, 0);
    join(&waiting, 7, 6, 1, 1);
    assert_int_equal(waiting.n_tiles, 0); /* part of them would be a lie */
    feed_picture_finish(&waiting);
}

static void test_publisher__tells_its_endpoint_and_ends(void **state) {
    (void)state;
    const struct publisher_options options = {
        .endpoint = "tcp://127.0.0.1:0", .epoch = 7, .renderer_id = 8};
    struct publisher *publisher = publisher_create(&options);
    assert_non_null(publisher);
    assert_int_equal(strncmp(publisher_endpoint(publisher), "tcp://127.0.0.1:", 16), 0);
    const struct publisher_options same = {
        .endpoint = publisher_endpoint(publisher), .epoch = 7, .renderer_id = 9};
    assert_null(publisher_create(&same)); /* in use */
    const char *name = "scene";
    publisher_set_scenes(publisher, &name, 1);
    struct msg_scene scenes[LIMIT_SCENES];
    assert_int_equal(publisher_scenes(publisher, scenes), 0); /* no picture yet */
    publisher_destroy(publisher);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_feed_picture__joined_pictures_hold_all_changes_since_the_base),
        cmocka_unit_test(test_feed_picture__a_whole_picture_replaces_what_waits),
        cmocka_unit_test(test_feed_picture__a_picture_on_another_base_is_sent_whole),
        cmocka_unit_test(test_feed_picture__too_many_tiles_are_not_told),
        cmocka_unit_test(test_publisher__tells_its_endpoint_and_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
