/* One scene on the feed: joining, gaps, epochs; then any order of losses ends at
 * the renderer's picture. Time is given. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "common/broker/scene_feed.h"
#include "common/log.h"
#include "common/png_join.h"

#define MS       1000
#define N_STRIPS 3
#define WIDTH    4
#define HEIGHT   (2 * 64 + 1)

/* The renderer's side: strips are one byte each, the version that changed them. */
struct source {
    uint64_t epoch, version;
    uint8_t strips[N_STRIPS];
    uint8_t chunks[N_STRIPS][PNG_CHUNK_OVERHEAD_BYTES + 1];
    struct msg_strip headers[N_STRIPS];
    struct msg_bytes payload[N_STRIPS];
};

/* A new version that changes one strip. */
static void change(struct source *source, size_t strip_i) {
    source->version++;
    source->strips[strip_i] = (uint8_t)source->version;
}

/* The strips of a set of bits, as a frame on the given base. */
static struct feed_frame frame_of(struct source *source, uint64_t base, unsigned bits) {
    size_t n = 0;
    for (size_t i = 0; i < N_STRIPS; i++) {
        if ((bits >> i & 1) != 0) {
            source->chunks[n][PNG_CHUNK_DATA_OFFSET] = source->strips[i];
            png_chunk_close(source->chunks[n], 1);
            source->payload[n] =
                (struct msg_bytes){source->chunks[n], PNG_CHUNK_OVERHEAD_BYTES + 1};
            source->headers[n] = (struct msg_strip){.strip_i = i};
            n++;
        }
    }
    return (struct feed_frame){.header = {.epoch = source->epoch,
                                          .version = source->version,
                                          .base_version = base,
                                          .scene = "scene",
                                          .width_px = WIDTH,
                                          .height_px = HEIGHT,
                                          .color_type = 2,
                                          .strips = source->headers,
                                          .n_strips = n},
                               .strips = source->payload};
}

static void give_change(struct scene_feed *feed, struct source *source, size_t strip_i,
                        int64_t now_us) {
    change(source, strip_i);
    struct feed_frame frame = frame_of(source, source->version - 1, 1u << strip_i);
    scene_feed_take_frame(feed, &frame, now_us);
}

static void give_snapshot(struct scene_feed *feed, struct source *source, int64_t now_us) {
    struct feed_frame frame = frame_of(source, 0, 7);
    scene_feed_take_snapshot(feed, &frame, now_us);
}

static void assert_shows(struct scene_feed *feed, const struct source *source) {
    scene_feed_flush(feed);
    const struct frame *frame = scene_feed_frame(feed);
    assert_non_null(frame);
    assert_int_equal(frame->epoch, source->epoch);
    assert_int_equal(frame->version, source->version);
    for (size_t i = 0; i < N_STRIPS; i++) {
        assert_int_equal(lg_bytes_data(frame->strips[i].chunk)[PNG_CHUNK_DATA_OFFSET],
                         source->strips[i]);
    }
}

/* A feed that has joined at the source's version. */
static struct scene_feed *joined(struct source *source) {
    struct scene_feed *feed = scene_feed_create("scene");
    assert_true(scene_feed_wants_snapshot(feed, 0));
    assert_false(scene_feed_wants_snapshot(feed, 0)); /* once */
    give_snapshot(feed, source, 0);
    assert_true(scene_feed_is_live(feed));
    assert_shows(feed, source);
    return feed;
}

static void test_scene_feed__joins_by_snapshot_and_follows(void **state) {
    (void)state;
    struct source source = {.epoch = 1, .version = 10};
    struct scene_feed *feed = joined(&source);
    give_change(feed, &source, 1, 0);
    give_change(feed, &source, 2, 0);
    assert_shows(feed, &source);
    assert_null(scene_feed_flush(feed)); /* nothing new */
    assert_false(scene_feed_wants_snapshot(feed, 10 * MS));
    scene_feed_destroy(feed);
}

static void test_scene_feed__versions_between_are_skipped_not_their_strips(void **state) {
    (void)state;
    struct source source = {.epoch = 1, .version = 10};
    struct scene_feed *feed = joined(&source);
    struct frame *before = frame_ref(scene_feed_frame(feed));
    for (size_t i = 0; i < N_STRIPS; i++) {
        give_change(feed, &source, i, 0);
    }
    struct frame *after = scene_feed_flush(feed);
    assert_int_equal(after->version, 13);
    assert_int_equal(before->version, 10); /* who holds it keeps it */
    assert_shows(feed, &source);
    frame_unref(before);
    scene_feed_destroy(feed);
}

static void test_scene_feed__frames_during_joining_are_kept_for_the_snapshot(void **state) {
    (void)state;
    struct source source = {.epoch = 1, .version = 10};
    struct scene_feed *feed = scene_feed_create("scene");
    assert_true(scene_feed_wants_snapshot(feed, 0));
    give_change(feed, &source, 0, 0); /* 11 */
    struct source at_11 = source;
    give_change(feed, &source, 1, 0); /* 12 */
    give_change(feed, &source, 2, 0); /* 13 */
    assert_null(scene_feed_flush(feed));
    give_snapshot(feed, &at_11, 0); /* holds 11 already: 12 and 13 follow */
    assert_true(scene_feed_is_live(feed));
    assert_shows(feed, &source);
    scene_feed_destroy(feed);
}

static void test_scene_feed__a_snapshot_newer_than_the_frames_drops_them(void **state) {
    (void)state;
    struct source source = {.epoch = 1, .version = 10};
    struct scene_feed *feed = scene_feed_create("scene");
    assert_true(scene_feed_wants_snapshot(feed, 0));
    give_change(feed, &source, 0, 0);
    change(&source, 1);
    give_snapshot(feed, &source, 0);
    assert_shows(feed, &source);
    assert_true(scene_feed_is_live(feed));
    scene_feed_destroy(feed);
}

static void test_scene_feed__a_gap_asks_and_goes_on(void **state) {
    (void)state;
    struct source source = {.epoch = 1, .version = 10};
    struct scene_feed *feed = joined(&source);
    change(&source, 0); /* lost */
    give_change(feed, &source, 1, 0);
    assert_int_equal(scene_feed_gaps(feed), 1);
    assert_false(scene_feed_is_live(feed));
    assert_true(scene_feed_wants_snapshot(feed, 0));
    assert_int_equal(scene_feed_frame(feed)->version, 10); /* shown until then */
    give_snapshot(feed, &source, 0);
    assert_shows(feed, &source);
    scene_feed_destroy(feed);
}

static void test_scene_feed__a_snapshot_behind_the_news_is_asked_again(void **state) {
    (void)state;
    struct source source = {.epoch = 1, .version = 10};
    struct scene_feed *feed = scene_feed_create("scene");
    assert_true(scene_feed_wants_snapshot(feed, 0));
    scene_feed_announce(feed, 1, 12, 0);
    give_snapshot(feed, &source, 0);
    assert_false(scene_feed_is_live(feed));
    assert_false(scene_feed_wants_snapshot(feed, 0));
    assert_true(scene_feed_wants_snapshot(feed, SCENE_FEED_REASK_US));
    scene_feed_destroy(feed);
}

static void test_scene_feed__an_announced_frame_that_does_not_come_is_asked_for(void **state) {
    (void)state;
    struct source source = {.epoch = 1, .version = 10};
    struct scene_feed *feed = joined(&source);
    scene_feed_announce(feed, 1, 11, 0);
    assert_false(scene_feed_wants_snapshot(feed, SCENE_FEED_PATIENCE_US));
    scene_feed_announce(feed, 1, 12, SCENE_FEED_PATIENCE_US); /* the first wait counts */
    assert_true(scene_feed_wants_snapshot(feed, SCENE_FEED_PATIENCE_US + 1));
    scene_feed_destroy(feed);
}

static void test_scene_feed__a_failed_snapshot_is_asked_again_later(void **state) {
    (void)state;
    struct scene_feed *feed = scene_feed_create("scene");
    assert_true(scene_feed_wants_snapshot(feed, 0));
    scene_feed_snapshot_failed(feed, 0);
    assert_false(scene_feed_wants_snapshot(feed, SCENE_FEED_RETRY_US - 1));
    assert_true(scene_feed_wants_snapshot(feed, SCENE_FEED_RETRY_US));
    scene_feed_destroy(feed);
}

static void test_scene_feed__a_new_epoch_replaces_also_with_lower_versions(void **state) {
    (void)state;
    struct source source = {.epoch = 1, .version = 10};
    struct scene_feed *feed = joined(&source);
    source = (struct source){.epoch = 2, .version = 1};
    give_change(feed, &source, 0, 0);
    assert_false(scene_feed_is_live(feed));
    scene_feed_flush(feed);
    assert_int_equal(scene_feed_frame(feed)->epoch, 1);
    assert_true(scene_feed_wants_snapshot(feed, 0));
    give_snapshot(feed, &source, 0);
    assert_shows(feed, &source);
    scene_feed_destroy(feed);
}

static void test_scene_feed__a_whole_frame_needs_no_snapshot(void **state) {
    (void)state;
    struct source source = {.epoch = 1, .version = 10};
    struct scene_feed *feed = scene_feed_create("scene");
    struct feed_frame frame = frame_of(&source, 0, 7);
    scene_feed_take_frame(feed, &frame, 0);
    assert_true(scene_feed_is_live(feed));
    assert_shows(feed, &source);
    scene_feed_destroy(feed);
}

static void test_scene_feed__a_delta_of_another_size_is_a_gap(void **state) {
    (void)state;
    struct source source = {.epoch = 1, .version = 10};
    struct scene_feed *feed = joined(&source);
    change(&source, 0);
    struct feed_frame frame = frame_of(&source, 10, 1);
    frame.header.width_px = WIDTH + 1;
    scene_feed_take_frame(feed, &frame, 0);
    assert_false(scene_feed_is_live(feed));
    scene_feed_destroy(feed);
}

static void test_scene_feed__dense_forms_join_only_their_version(void **state) {
    (void)state;
    static const char PNG[] = "\x89PNG\r\n\x1a\n and more";
    struct msg_bytes png = {PNG, sizeof PNG};
    struct source source = {.epoch = 1, .version = 10};
    struct scene_feed *feed = joined(&source);
    struct msg_dense dense = {
        .epoch = 1, .version = 9, .width_px = WIDTH, .height_px = HEIGHT, .size_bytes = sizeof PNG};
    assert_false(scene_feed_take_dense(feed, &dense, png));
    dense.version = 10;
    dense.width_px++;
    assert_false(scene_feed_take_dense(feed, &dense, png));
    dense.width_px--;
    assert_false(scene_feed_take_dense(feed, &dense,
                                       (struct msg_bytes){"GIF89a and more more", sizeof PNG}));
    assert_true(scene_feed_take_dense(feed, &dense, png));
    assert_false(scene_feed_take_dense(feed, &dense, png)); /* has it */
    assert_int_equal(lg_bytes_size(scene_feed_frame(feed)->dense), sizeof PNG);
    give_change(feed, &source, 1, 0);
    assert_shows(feed, &source);
    assert_null(scene_feed_frame(feed)->dense);
    scene_feed_destroy(feed);
}

/* Any losses, delays of snapshots, rejoins and epochs: versions never go back
 * within an epoch, what is shown is what the source had at that version, and
 * when the losses end the newest is reached. */
static void test_scene_feed__any_losses_end_at_the_newest_picture(void **state) {
    (void)state;
    srand(7);
    for (int round = 0; round < 200; round++) {
        struct source source = {.epoch = 1, .version = 1}, snapshot = source;
        struct scene_feed *feed = scene_feed_create("scene");
        uint64_t last_epoch = 0, last_version = 0;
        bool is_asked = false;
        int64_t now_us = 0;
        for (int step = 0; step < 200 || last_version != source.version ||
                           last_epoch != source.epoch || !scene_feed_is_live(feed);
             step++) {
            int what = step < 200 ? rand() % 100 : 50;
            now_us += 20 * MS;
            if (what < 30) {
                give_change(feed, &source, (size_t)rand() % N_STRIPS, now_us);
            } else if (what < 40) {
                change(&source, (size_t)rand() % N_STRIPS); /* lost, but told */
                scene_feed_announce(feed, source.epoch, source.version, now_us);
            } else if (what < 70 && is_asked) {
                if (snapshot.epoch == source.epoch) {
                    give_snapshot(feed, &snapshot, now_us);
                } else { /* feed_client drops what comes from a former life */
                    scene_feed_snapshot_failed(feed, now_us);
                }
                is_asked = false;
            } else if (what < 71) {
                source.epoch++;
                source.version = 1;
                scene_feed_announce(feed, source.epoch, 1, now_us);
            } else if (what < 73) {
                scene_feed_rejoin(feed);
                is_asked = false;
            }
            if (scene_feed_wants_snapshot(feed, now_us)) {
                is_asked = true;
                snapshot = source; /* the renderer answers with its newest; it may travel long */
            }
            const struct frame *frame = scene_feed_flush(feed);
            if (frame != NULL) {
                assert_true(frame->epoch > last_epoch ||
                            (frame->epoch == last_epoch && frame->version > last_version));
                last_epoch = frame->epoch;
                last_version = frame->version;
            }
            assert_true(step < 1000);
        }
        assert_shows(feed, &source);
        scene_feed_destroy(feed);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scene_feed__joins_by_snapshot_and_follows),
        cmocka_unit_test(test_scene_feed__versions_between_are_skipped_not_their_strips),
        cmocka_unit_test(test_scene_feed__frames_during_joining_are_kept_for_the_snapshot),
        cmocka_unit_test(test_scene_feed__a_snapshot_newer_than_the_frames_drops_them),
        cmocka_unit_test(test_scene_feed__a_gap_asks_and_goes_on),
        cmocka_unit_test(test_scene_feed__a_snapshot_behind_the_news_is_asked_again),
        cmocka_unit_test(test_scene_feed__an_announced_frame_that_does_not_come_is_asked_for),
        cmocka_unit_test(test_scene_feed__a_failed_snapshot_is_asked_again_later),
        cmocka_unit_test(test_scene_feed__a_new_epoch_replaces_also_with_lower_versions),
        cmocka_unit_test(test_scene_feed__a_whole_frame_needs_no_snapshot),
        cmocka_unit_test(test_scene_feed__a_delta_of_another_size_is_a_gap),
        cmocka_unit_test(test_scene_feed__dense_forms_join_only_their_version),
        cmocka_unit_test(test_scene_feed__any_losses_end_at_the_newest_picture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
