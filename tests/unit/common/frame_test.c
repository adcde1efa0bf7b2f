/* Frames and shared bytes: sharing, sealing, counting. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "common/err.h"
#include "common/frame.h"
#include "common/log.h"
#include "common/png_join.h"

static struct frame_strip strip_of(uint8_t byte) {
    uint8_t chunk[PNG_CHUNK_OVERHEAD_BYTES + 1];
    chunk[PNG_CHUNK_DATA_OFFSET] = byte;
    png_chunk_close(chunk, 1);
    return (struct frame_strip){lg_bytes_copy(chunk, sizeof chunk), byte, 100};
}

static struct frame *make(void) {
    struct frame *frame = frame_create("scene", 100, 130, 2);
    for (uint8_t i = 0; i < 3; i++) {
        frame_give_strip(frame, i, strip_of(i));
    }
    return frame;
}

static void test_frame__has_a_strip_for_each_64_rows(void **state) {
    (void)state;
    struct frame *frame = frame_create("scene", 100, 130, 2);
    assert_int_equal(frame->n_strips, 3);
    assert_int_equal(frame_seal(frame), LG_EBADREQUEST); /* strips are missing */
    frame_unref(frame);
    frame = frame_create("scene", 1, 64, 6);
    assert_int_equal(frame->n_strips, 1);
    frame_unref(frame);
}

static void test_frame__sizes_out_of_limits_are_refused(void **state) {
    (void)state;
    lg_log_open(&(struct lg_log_options){"test", LG_LOG_ERROR, false, 2});
    assert_null(frame_create("scene", 0, 10, 2));
    assert_null(frame_create("scene", 10, 0, 2));
    assert_null(frame_create("scene", 16385, 10, 2));
    assert_null(frame_create("scene", 16384, 16384, 2));
    assert_null(frame_create("a name of a scene that is much longer than the sixty-three bytes "
                             "that one may have",
                             10, 10, 2));
}

static void test_frame__a_derived_frame_shares_what_did_not_change(void **state) {
    (void)state;
    struct frame *base = make();
    assert_int_equal(frame_seal(base), 0);
    struct frame *next = frame_derive(base);
    frame_give_strip(next, 1, strip_of(9));
    next->version = 2;
    assert_int_equal(frame_seal(next), 0);
    assert_ptr_equal(next->strips[0].chunk, base->strips[0].chunk);
    assert_ptr_not_equal(next->strips[1].chunk, base->strips[1].chunk);
    frame_unref(base); /* its strips live on */
    assert_int_equal(lg_bytes_data(next->strips[2].chunk)[PNG_CHUNK_DATA_OFFSET], 2);
    frame_unref(next);
}

static void test_frame__the_dense_form_shares_everything_else(void **state) {
    (void)state;
    struct frame *frame = make();
    frame->version = 7;
    frame->pixels_hash = 8;
    assert_int_equal(frame_seal(frame), 0);
    struct lg_bytes *dense = lg_bytes_copy("png", 3);
    struct frame *with = frame_with_dense(frame, dense);
    lg_bytes_unref(dense);
    assert_null(frame->dense);
    assert_ptr_equal(with->dense, dense);
    assert_ptr_equal(with->png, frame->png);
    assert_int_equal(with->version, 7);
    assert_int_equal(with->pixels_hash, 8);
    frame_unref(frame);
    assert_memory_equal(lg_bytes_data(with->dense), "png", 3);
    frame_unref(with);
}

static void *ref_and_unref(void *ctx) {
    for (int i = 0; i < 20000; i++) {
        struct frame *frame = frame_ref(ctx);
        assert_int_equal(lg_bytes_data(frame->png)[1], 'P');
        frame_unref(frame);
    }
    frame_unref(ctx);
    return NULL;
}

static void test_frame__is_counted_from_many_threads(void **state) {
    (void)state;
    pthread_t threads[4];
    struct frame *frame = make();
    assert_int_equal(frame_seal(frame), 0);
    for (int i = 0; i < 4; i++) {
        pthread_create(&threads[i], NULL, ref_and_unref, frame_ref(frame));
    }
    frame_unref(frame);
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
    }
}

static void test_frame__null_is_fine_where_it_says_so(void **state) {
    (void)state;
    frame_unref(NULL);
    lg_bytes_unref(NULL);
    assert_null(frame_ref(NULL));
    struct lg_bytes *empty = lg_bytes_copy(NULL, 0);
    assert_int_equal(lg_bytes_size(empty), 0);
    lg_bytes_unref(empty);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_frame__has_a_strip_for_each_64_rows),
        cmocka_unit_test(test_frame__sizes_out_of_limits_are_refused),
        cmocka_unit_test(test_frame__a_derived_frame_shares_what_did_not_change),
        cmocka_unit_test(test_frame__the_dense_form_shares_everything_else),
        cmocka_unit_test(test_frame__is_counted_from_many_threads),
        cmocka_unit_test(test_frame__null_is_fine_where_it_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
