/* The reply queue and the picture that is chosen late. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/err.h"
#include "gateway-ws/link/ws_link.h"
#include "gateway-ws/outbox.h"
#include "gateway-ws/picture.h"
#include "proto/limits.h"
#include "tests/unit/ws/fake_frame.h"

/* Writes everything that can be written into text; returns its length. */
static size_t drain(struct outbox *outbox, char *text, size_t room, unsigned *n_pieces) {
    struct ws_link_piece piece;
    size_t used = 0;
    bool must_be_first = true;
    *n_pieces = 0;
    while (outbox_peek(outbox, &piece)) {
        assert_int_equal(piece.is_first, must_be_first);
        assert_true(used + piece.size_bytes < room);
        memcpy(text + used, piece.bytes, piece.size_bytes);
        used += piece.size_bytes;
        must_be_first = piece.is_last;
        outbox_advance(outbox);
        assert_int_equal(outbox_is_inside(outbox), !piece.is_last);
        ++*n_pieces;
    }
    text[used] = '\0';
    return used;
}

static void test_outbox__replies_keep_their_order(void **state) {
    struct outbox outbox = {0};
    char text[64];
    unsigned n_pieces;
    (void)state;
    assert_int_equal(outbox_push_text(&outbox, "one", 3), 0);
    assert_int_equal(outbox_push_text(&outbox, "two", 3), 0);
    assert_false(outbox_is_inside(&outbox));
    drain(&outbox, text, sizeof text, &n_pieces);
    assert_string_equal(text, "onetwo");
    assert_int_equal(n_pieces, 2);
    assert_true(outbox_is_empty(&outbox));
    assert_int_equal(outbox.size_bytes, 0);
    outbox_finish(&outbox);
}

static void test_outbox__a_long_text_goes_in_fragments(void **state) {
    struct outbox outbox = {0};
    static char wide[50000], text[60000];
    unsigned n_pieces;
    (void)state;
    memset(wide, 'x', sizeof wide);
    assert_int_equal(outbox_push_text(&outbox, wide, sizeof wide), 0);
    assert_int_equal(drain(&outbox, text, sizeof text, &n_pieces), sizeof wide);
    assert_int_equal(n_pieces, 4);
    outbox_finish(&outbox);
}

static void test_outbox__a_full_queue_refuses(void **state) {
    struct outbox outbox = {0};
    (void)state;
    for (int i = 0; i < LIMIT_WS_REPLIES_QUEUED; i++) {
        assert_int_equal(outbox_push_text(&outbox, "x", 1), 0);
    }
    assert_int_equal(outbox_push_text(&outbox, "x", 1), LG_EBUSY);
    assert_int_equal(outbox_push_picture(&outbox, "x", 1), LG_EBUSY);
    outbox_finish(&outbox);
    assert_true(outbox_is_empty(&outbox));
}

static void test_outbox__a_picture_is_chosen_when_its_turn_comes(void **state) {
    static const char START[] =
        "{\"id\":\"7\",\"version\":9,\"mimeType\":\"image/png\",\"image\":\"iVBORw0KGgo";
    struct outbox outbox = {0};
    struct ws_link_piece piece;
    static char text[200000];
    unsigned n_pieces;
    (void)state;
    struct frame *frame = fake_frame("scene", 1, 9, 30000);
    struct picture *picture = picture_create(frame);
    assert_int_equal(outbox_push_picture(&outbox, "{\"id\":\"7\",", 10), 0);
    assert_true(outbox_needs_picture(&outbox));
    assert_false(outbox_peek(&outbox, &piece));
    assert_int_equal(outbox_choose_picture(&outbox, picture, NULL), 0);
    picture_unref(picture); /* the outbox keeps its own reference */
    assert_false(outbox_needs_picture(&outbox));
    drain(&outbox, text, sizeof text, &n_pieces);
    assert_memory_equal(text, START, sizeof START - 1);
    assert_string_equal(text + strlen(text) - 2, "\"}");
    assert_int_equal(n_pieces, 1 + 3);
    outbox_finish(&outbox);
    frame_unref(frame);
}

static void test_outbox__without_a_picture_an_error_takes_its_place(void **state) {
    struct outbox outbox = {0};
    char text[64];
    unsigned n_pieces;
    (void)state;
    assert_int_equal(outbox_push_picture(&outbox, "start", 5), 0);
    assert_int_equal(outbox_push_text(&outbox, " next", 5), 0);
    assert_string_equal(outbox_picture_start(&outbox), "start");
    assert_int_equal(outbox_choose_picture(&outbox, NULL, "error"), 0);
    drain(&outbox, text, sizeof text, &n_pieces);
    assert_string_equal(text, "error next");
    outbox_finish(&outbox);
}

/* Start, the pieces that all share, end: one message for each who gets it. */
static void test_outbox__shared_pieces_stand_between_own_texts(void **state) {
    static char text[200000], again[200000];
    struct outbox outbox = {0};
    struct frame *frame = fake_frame("scene", 1, 7, 50000);
    struct picture *picture = picture_create(frame);
    unsigned n_pieces;
    (void)state;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(outbox_push_shared(&outbox, "{\"a\":{\"image\":\"", picture, "}"), 0);
    }
    picture_unref(picture);
    size_t size = 0;
    struct ws_link_piece piece;
    while (outbox.n_items == 2 && outbox_peek(&outbox, &piece)) {
        assert_false(piece.is_binary);
        memcpy(text + size, piece.bytes, piece.size_bytes);
        size += piece.size_bytes;
        outbox_advance(&outbox);
    }
    assert_int_equal(drain(&outbox, again, sizeof again, &n_pieces), size);
    assert_memory_equal(text, again, size);
    assert_true(size > 60000 && n_pieces > 4);
    assert_memory_equal(text + size - 3, "\"}}", 3);
    outbox_finish(&outbox);
    frame_unref(frame);
}

static void test_outbox__a_binary_message_is_its_parts(void **state) {
    static uint8_t wide[40000];
    static char text[50000];
    struct outbox outbox = {0};
    struct ws_link_piece piece;
    unsigned n_pieces;
    (void)state;
    for (size_t i = 0; i < sizeof wide; i++) {
        wide[i] = (uint8_t)(i * 7);
    }
    const struct picture_part parts[] = {{"head", 4}, {"", 0}, {wide, sizeof wide}};
    struct picture *picture = picture_create_binary(parts, 3);
    assert_int_equal(picture_size_bytes(picture), 40004);
    assert_int_equal(outbox_push_shared(&outbox, "", picture, ""), 0);
    outbox_mark_news(&outbox);
    assert_true(outbox_has_news_inside(&outbox));
    assert_false(outbox_is_inside(&outbox));
    assert_true(outbox_peek(&outbox, &piece));
    assert_true(piece.is_binary && piece.is_first);
    assert_int_equal(drain(&outbox, text, sizeof text, &n_pieces), 40004);
    assert_memory_equal(text, "head", 4);
    assert_memory_equal(text + 4, wide, sizeof wide);
    assert_false(outbox_has_news_inside(&outbox));
    picture_unref(picture);
}

static void test_outbox__short_texts_are_gathered_in_order(void **state) {
    struct outbox outbox = {0};
    uint8_t frames[64];
    (void)state;
    assert_int_equal(outbox_push_text(&outbox, "one", 3), 0);
    assert_int_equal(outbox_push_text(&outbox, "three", 5), 0);
    assert_int_equal(outbox_push_text(&outbox, "seven", 5), 0);
    size_t n_texts, size = outbox_gather(&outbox, frames, 13, &n_texts);
    assert_int_equal(size, 12); /* the third has no room */
    assert_memory_equal(frames, "\x81\x03one\x81\x05three", 12);
    assert_int_equal(n_texts, 2);
    assert_int_equal(outbox.n_items, 3);
    outbox_drop(&outbox, n_texts);
    assert_int_equal(outbox_gather(&outbox, frames, sizeof frames, &n_texts), 7);
    outbox_drop(&outbox, n_texts);
    assert_true(outbox_is_empty(&outbox));
    assert_int_equal(outbox_gather(&outbox, frames, sizeof frames, &n_texts), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_outbox__shared_pieces_stand_between_own_texts),
        cmocka_unit_test(test_outbox__a_binary_message_is_its_parts),
        cmocka_unit_test(test_outbox__short_texts_are_gathered_in_order),
        cmocka_unit_test(test_outbox__replies_keep_their_order),
        cmocka_unit_test(test_outbox__a_long_text_goes_in_fragments),
        cmocka_unit_test(test_outbox__a_full_queue_refuses),
        cmocka_unit_test(test_outbox__a_picture_is_chosen_when_its_turn_comes),
        cmocka_unit_test(test_outbox__without_a_picture_an_error_takes_its_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
