/* Last-value slots of frames. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "common/broker/frame_cache.h"
#include "common/err.h"
#include "common/log.h"
#include "common/png_join.h"
#include "proto/limits.h"

static struct frame *make(const char *scene, uint64_t epoch, uint64_t version) {
    struct frame *frame = frame_create(scene, 4, 4, 2);
    uint8_t chunk[PNG_CHUNK_OVERHEAD_BYTES] = {0};
    png_chunk_close(chunk, 0);
    frame_give_strip(frame, 0, (struct frame_strip){lg_bytes_copy(chunk, sizeof chunk), 1, 52});
    frame->epoch = epoch;
    frame->version = version;
    assert_int_equal(frame_seal(frame), 0);
    return frame;
}

static uint64_t cached(struct frame_cache *cache, const char *scene) {
    struct frame *frame = frame_cache_get(cache, scene);
    uint64_t version = frame != NULL ? frame->version : 0;
    frame_unref(frame);
    return version;
}

static void test_frame_cache__the_newest_wins(void **state) {
    (void)state;
    struct frame_cache *cache = frame_cache_create();
    assert_null(frame_cache_get(cache, "a"));
    assert_int_equal(frame_cache_give(cache, make("a", 1, 5)), 0);
    assert_int_equal(frame_cache_give(cache, make("a", 1, 4)), LG_EOLD);
    assert_int_equal(frame_cache_give(cache, make("a", 1, 5)), LG_EOLD);
    assert_int_equal(cached(cache, "a"), 5);
    assert_int_equal(frame_cache_give(cache, make("a", 1, 6)), 0);
    assert_int_equal(cached(cache, "a"), 6);
    assert_int_equal(cached(cache, "b"), 0);
    frame_cache_destroy(cache);
}

static void test_frame_cache__another_epoch_replaces(void **state) {
    (void)state;
    uint64_t epoch, version;
    struct frame_cache *cache = frame_cache_create();
    frame_cache_give(cache, make("a", 1, 100));
    assert_int_equal(frame_cache_give(cache, make("a", 2, 1)), 0);
    assert_int_equal(cached(cache, "a"), 1);
    assert_true(frame_cache_version(cache, "a", &epoch, &version));
    assert_int_equal(epoch, 2);
    assert_int_equal(version, 1);
    frame_cache_destroy(cache);
}

static void test_frame_cache__a_dense_form_of_the_same_version_is_newer(void **state) {
    (void)state;
    struct frame_cache *cache = frame_cache_create();
    struct frame *frame = make("a", 1, 5);
    struct lg_bytes *dense = lg_bytes_copy("x", 1);
    struct frame *with = frame_with_dense(frame, dense);
    assert_int_equal(frame_cache_give(cache, frame_ref(frame)), 0);
    assert_int_equal(frame_cache_give(cache, frame_ref(with)), 0);
    assert_int_equal(frame_cache_give(cache, frame_ref(frame)), LG_EOLD);
    struct frame *got = frame_cache_get(cache, "a");
    assert_ptr_equal(got->dense, dense);
    frame_unref(got);
    frame_unref(with);
    frame_unref(frame);
    lg_bytes_unref(dense);
    frame_cache_destroy(cache);
}

static void test_frame_cache__announcements_only_rise(void **state) {
    (void)state;
    uint64_t epoch, version;
    struct frame_cache *cache = frame_cache_create();
    assert_false(frame_cache_version(cache, "a", &epoch, &version));
    frame_cache_announce(cache, "a", 1, 7);
    frame_cache_announce(cache, "a", 1, 6);
    frame_cache_give(cache, make("a", 1, 5));
    assert_true(frame_cache_version(cache, "a", &epoch, &version));
    assert_int_equal(version, 7);
    assert_int_equal(cached(cache, "a"), 5);
    frame_cache_drop(cache, "a");
    assert_false(frame_cache_version(cache, "a", &epoch, &version));
    frame_cache_drop(cache, "a");
    frame_cache_destroy(cache);
}

static void test_frame_cache__scenes_are_bounded(void **state) {
    (void)state;
    char name[16];
    struct frame_cache *cache = frame_cache_create();
    lg_log_open(&(struct lg_log_options){"test", LG_LOG_ERROR, false, 2});
    for (int i = 0; i < LIMIT_SCENES; i++) {
        snprintf(name, sizeof name, "s%d", i);
        assert_int_equal(frame_cache_give(cache, make(name, 1, 1)), 0);
    }
    assert_int_equal(frame_cache_give(cache, make("more", 1, 1)), LG_ETOOLARGE);
    frame_cache_destroy(cache);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_frame_cache__the_newest_wins),
        cmocka_unit_test(test_frame_cache__another_epoch_replaces),
        cmocka_unit_test(test_frame_cache__a_dense_form_of_the_same_version_is_newer),
        cmocka_unit_test(test_frame_cache__announcements_only_rise),
        cmocka_unit_test(test_frame_cache__scenes_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
