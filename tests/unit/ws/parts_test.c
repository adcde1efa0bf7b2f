/* Small parts: counting by address, the mailbox, pictures as text, frames of RFC 6455. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "common/err.h"
#include "gateway-ws/mailbox.h"
#include "common/access/peer_key.h"
#include "common/access/peers.h"
#include "gateway-ws/picture.h"
#include "gateway-ws/link/ws_frame.h"
#include "tests/unit/ws/fake_frame.h"

static struct sockaddr_storage address(const char *text) {
    struct sockaddr_storage storage;
    memset(&storage, 0, sizeof storage);
    struct sockaddr_in *ip4 = (struct sockaddr_in *)&storage;
    struct sockaddr_in6 *ip6 = (struct sockaddr_in6 *)&storage;
    if (inet_pton(AF_INET, text, &ip4->sin_addr) == 1) {
        storage.ss_family = AF_INET;
    } else {
        assert_int_equal(inet_pton(AF_INET6, text, &ip6->sin6_addr), 1);
        storage.ss_family = AF_INET6;
    }
    return storage;
}

static struct peer *enter(struct peers *peers, const char *text, unsigned max) {
    struct sockaddr_storage storage = address(text);
    return peers_enter(peers, peer_key((const struct sockaddr *)&storage), max);
}

static void test_peers__an_address_is_limited_and_comes_back(void **state) {
    (void)state;
    struct peers *peers = peers_create();
    struct peer *first = enter(peers, "192.0.2.1", 2);
    assert_non_null(first);
    assert_ptr_equal(enter(peers, "192.0.2.1", 2), first);
    assert_null(enter(peers, "192.0.2.1", 2));
    assert_non_null(enter(peers, "192.0.2.2", 2));
    assert_non_null(enter(peers, "192.0.2.1", 0)); /* no limit */
    peers_leave(peers, first);
    peers_leave(peers, first);
    assert_non_null(enter(peers, "192.0.2.1", 2));
    peers_leave(peers, NULL);
    peers_destroy(peers);
}

static void test_peers__ipv6_counts_by_its_network_and_mapped_ipv4_as_itself(void **state) {
    (void)state;
    struct peers *peers = peers_create();
    struct peer *house = enter(peers, "2001:db8:1:2::1", 0);
    assert_ptr_equal(enter(peers, "2001:db8:1:2:ffff::9", 0), house);
    assert_ptr_not_equal(enter(peers, "2001:db8:1:3::1", 0), house);
    struct peer *ip4 = enter(peers, "192.0.2.1", 0);
    assert_ptr_equal(enter(peers, "::ffff:192.0.2.1", 0), ip4);
    peers_destroy(peers);
}

static void count_wake(void *ctx) {
    ++*(int *)ctx;
}

static void test_mailbox__keeps_the_newest_frame_of_each_scene(void **state) {
    (void)state;
    int n_wakes = 0;
    struct mail mail;
    struct mailbox *mailbox = mailbox_create(count_wake, &n_wakes);
    for (uint64_t version = 1; version <= 3; version++) {
        struct frame *frame = fake_frame(version == 2 ? "other" : "scene", 1, version, 10);
        mailbox_put_frame(mailbox, frame);
        frame_unref(frame);
    }
    mailbox_put_state(mailbox);
    assert_int_equal(n_wakes, 1); /* until the box was emptied */
    mailbox_take(mailbox, &mail);
    assert_int_equal(mail.n_frames, 2);
    assert_int_equal(mail.frames[0]->version, 3);
    assert_int_equal(mail.frames[1]->version, 2);
    assert_true(mail.has_state);
    assert_false(mail.has_servers);
    frame_unref(mail.frames[0]);
    frame_unref(mail.frames[1]);
    mailbox_put_servers(mailbox);
    assert_int_equal(n_wakes, 2);
    mailbox_destroy(mailbox);
}

static struct answer *make_answer(struct mailbox *mailbox, uint32_t slot) {
    struct answer *answer = calloc(1, sizeof *answer);
    answer->mailbox = mailbox;
    answer->id.slot = slot;
    return answer;
}

static void test_mailbox__answers_keep_their_order_and_own_their_texts(void **state) {
    (void)state;
    int n_wakes = 0;
    struct mail mail;
    struct mailbox *mailbox = mailbox_create(count_wake, &n_wakes);
    char text[] = "text";
    struct call_reply reply = {.code = LG_ESCRIPT,
                               .text = text,
                               .text_size_bytes = 4,
                               .bytes = (const uint8_t *)"\0\1",
                               .bytes_size = 2};
    mailbox_put_answer(make_answer(mailbox, 1), &reply);
    mailbox_put_answer(make_answer(mailbox, 2), &(struct call_reply){.code = LG_EBUSY});
    memset(text, 'x', 4);
    mailbox_take(mailbox, &mail);
    struct answer *first = mail.answers, *second = first->next;
    assert_int_equal(first->id.slot, 1);
    assert_string_equal(first->reply.text, "text");
    assert_int_equal(first->reply.bytes_size, 2);
    assert_memory_equal(first->reply.bytes, "\0\1", 2);
    assert_int_equal(second->id.slot, 2);
    assert_int_equal(second->reply.code, LG_EBUSY);
    assert_string_equal(second->reply.text, "");
    assert_null(second->next);
    answer_destroy(first);
    answer_destroy(second);
    mailbox_destroy(mailbox);
}

static void test_picture__pieces_join_to_the_base64_of_the_png(void **state) {
    (void)state;
    const size_t sizes[] = {1, 12000, 12288 - 60, 40000};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct frame *frame = fake_frame("scene", 1, 7, sizes[i]);
        struct picture *picture = picture_create(frame);
        static char text[80000];
        size_t used = 0;
        for (size_t piece_i = 0; piece_i < picture_n_pieces(picture); piece_i++) {
            size_t size_bytes;
            const uint8_t *piece = picture_piece(picture, piece_i, &size_bytes);
            assert_true(size_bytes <= 16400);
            memcpy(text + used, piece, size_bytes);
            used += size_bytes;
        }
        assert_memory_equal(text + used - 2, "\"}", 2);
        static uint8_t bytes[60000];
        size_t n_bytes;
        assert_int_equal(sodium_base642bin(bytes, sizeof bytes, text, used - 2, NULL, &n_bytes,
                                           NULL, sodium_base64_VARIANT_ORIGINAL),
                         0);
        assert_int_equal(n_bytes, lg_bytes_size(frame->png));
        assert_memory_equal(bytes, lg_bytes_data(frame->png), n_bytes);
        picture_unref(picture);
        frame_unref(frame);
    }
}

static void test_ws_frame_text__has_the_header_of_its_length(void **state) {
    (void)state;
    uint8_t frame[400];
    char text[300] = {0};
    assert_int_equal(ws_frame_text(frame, sizeof frame, "ab", 2), 4);
    assert_memory_equal(frame,
                        "\x81\x02"
                        "ab",
                        4);
    assert_int_equal(ws_frame_text(frame, sizeof frame, text, 125), 127);
    assert_int_equal(ws_frame_text(frame, sizeof frame, text, 300), 304);
    assert_memory_equal(frame, "\x81\x7e\x01\x2c", 4);
    assert_int_equal(ws_frame_text(frame, 303, text, 300), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_peers__an_address_is_limited_and_comes_back),
        cmocka_unit_test(test_peers__ipv6_counts_by_its_network_and_mapped_ipv4_as_itself),
        cmocka_unit_test(test_mailbox__keeps_the_newest_frame_of_each_scene),
        cmocka_unit_test(test_mailbox__answers_keep_their_order_and_own_their_texts),
        cmocka_unit_test(test_picture__pieces_join_to_the_base64_of_the_png),
        cmocka_unit_test(test_ws_frame_text__has_the_header_of_its_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
