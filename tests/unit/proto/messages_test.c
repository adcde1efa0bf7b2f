/* The codec over all messages of the table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <msgpack.h>

#include "common/err.h"
#include "proto/messages.h"

#define MESSAGE_BYTES 8192 /* of the largest struct */

static uint64_t seed = 12345;

static uint64_t random_u64(void) { /* splitmix64 */
    uint64_t z = (seed += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* Small and large values alike, from min to max. */
static uint64_t random_between(uint64_t min, uint64_t max) {
    uint64_t value = random_u64() >> (random_u64() % 64);
    uint64_t span = max - min;
    return span == UINT64_MAX ? value : min + value % (span + 1);
}

static const uint8_t *random_bytes(void) {
    static uint8_t bytes[512];
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (uint8_t)random_u64();
    }
    return bytes;
}

static void fill(const struct msg_type *type, char *message);

static void fill_list(const struct msg_field *field, char *message) {
    size_t n = (size_t)random_between(0, 5);
    char *elements = n > 0 ? calloc(n, field->part->size_bytes) : NULL;
    for (size_t i = 0; i < n; i++) {
        fill(field->part, elements + i * field->part->size_bytes);
    }
    memcpy(message + field->offset, &elements, sizeof elements);
    memcpy(message + field->count_offset, &n, sizeof n);
}

static void fill(const struct msg_type *type, char *message) {
    size_t n_fields;
    const struct msg_field *fields = type->fields(&n_fields);
    for (size_t i = 0; i < n_fields; i++) {
        const struct msg_field *field = &fields[i];
        if (field->kind == MSG_UINT) {
            uint64_t value = random_between((uint64_t)field->min, field->max);
            memcpy(message + field->offset, &value, sizeof value);
        } else if (field->kind == MSG_INT) {
            int64_t span = (int64_t)random_between(0, field->max);
            int64_t value = field->min < 0 && random_u64() % 2 ? -span : span;
            memcpy(message + field->offset, &value, sizeof value);
        } else if (field->kind == MSG_NAME) {
            size_t len = (size_t)random_between(0, field->max);
            memset(message + field->offset, 'a' + (int)(random_u64() % 26), len);
        } else if (field->kind == MSG_TEXT || field->kind == MSG_BYTES) {
            struct msg_bytes bytes = {random_bytes(), (size_t)random_between(0, 512)};
            memcpy(message + field->offset, &bytes, sizeof bytes);
        } else if (field->kind == MSG_LIST) {
            fill_list(field, message);
        }
    }
}

static void test_messages__what_is_written_is_read_again(void **state) {
    (void)state;
    size_t n_types;
    const struct msg_type *const *types = msg_types(&n_types);
    for (int round = 0; round < 300; round++) {
        const struct msg_type *type = types[random_u64() % n_types];
        _Alignas(16) char message[MESSAGE_BYTES] = {0};
        _Alignas(16) char again[MESSAGE_BYTES];
        struct msg_buf first, second;
        struct msg_problem problem;
        assert_true(type->size_bytes <= sizeof message);
        fill(type, message);
        assert_int_equal(msg_encode(type, message, &first, &problem), 0);
        assert_int_equal(msg_decode(type, first.data, first.size, again, &problem), 0);
        assert_int_equal(msg_encode(type, again, &second, &problem), 0);
        assert_int_equal(first.size, second.size);
        assert_memory_equal(first.data, second.data, first.size);
        msg_finish(type, again);
        msg_finish(type, message);
        free(first.data);
        free(second.data);
    }
}

static void test_messages__the_table_is_sound(void **state) {
    (void)state;
    size_t n_types, n_fields;
    const struct msg_type *const *types = msg_types(&n_types);
    bool is_taken[256] = {false};
    for (size_t i = 0; i < n_types; i++) {
        const struct msg_field *fields = types[i]->fields(&n_fields);
        bool is_key_taken[256] = {false};
        assert_false(types[i]->number != 0 && is_taken[types[i]->number]);
        is_taken[types[i]->number] = true;
        for (size_t j = 0; j < n_fields; j++) {
            assert_false(is_key_taken[fields[j].number]);
            is_key_taken[fields[j].number] = true;
            assert_true(fields[j].number > 0);
            /* msg_finish frees one level of lists. */
            assert_false(types[i]->number == 0 && fields[j].kind == MSG_LIST);
        }
    }
}

static struct msg_buf sample(void) {
    static struct msg_scene scenes[2] = {{"scene", 1, 2, 3}, {"b", 4, 5, 6}};
    struct msg_heartbeat beat = {.epoch = 1, .renderer_id = 2, .scenes = scenes, .n_scenes = 2};
    struct msg_buf buf;
    assert_int_equal(msg_heartbeat_encode(&beat, &buf), 0);
    return buf;
}

static void test_messages__every_cut_is_refused(void **state) {
    (void)state;
    struct msg_buf buf = sample();
    for (size_t size = 0; size < buf.size; size++) {
        struct msg_heartbeat beat;
        uint8_t *exact = malloc(size + 1); /* so that reading too far is seen */
        memcpy(exact, buf.data, size);
        assert_int_equal(msg_heartbeat_decode(exact, size, &beat, NULL), LG_EBADREQUEST);
        free(exact);
    }
    free(buf.data);
}

static void test_messages__no_flipped_byte_does_harm(void **state) {
    (void)state;
    struct msg_buf buf = sample();
    for (size_t i = 0; i < buf.size * 256; i++) {
        struct msg_heartbeat beat;
        uint8_t old = buf.data[i / 256];
        buf.data[i / 256] = (uint8_t)i;
        if (msg_heartbeat_decode(buf.data, buf.size, &beat, NULL) == 0) {
            msg_heartbeat_finish(&beat);
        }
        buf.data[i / 256] = old;
    }
    free(buf.data);
}

static void test_messages__a_missing_field_is_named(void **state) {
    (void)state;
    struct msg_notice notice = {.epoch = 1};
    struct msg_buf buf;
    struct msg_problem problem;
    assert_int_equal(msg_encode(&msg_notice_type, &notice, &buf, &problem), LG_EBADREQUEST);
    assert_string_equal(problem.text, "notice.version is missing or out of its bounds");
    assert_int_equal(msg_notice_decode("\x93\x01\x01\x81\x01\x01", 6, &notice, &problem),
                     LG_EBADREQUEST);
    assert_string_equal(problem.text, "notice.version is missing or out of its bounds");
}

static void test_messages__names_hold_no_control_characters(void **state) {
    (void)state;
    struct msg_dense dense = {
        .epoch = 1, .version = 1, .scene = "a\nb", .width_px = 1, .height_px = 1, .size_bytes = 1};
    struct msg_buf buf;
    assert_int_equal(msg_dense_encode(&dense, &buf), LG_EBADREQUEST);
}

/* A heartbeat whose field `key` is what `put` writes. */
static int decode_with(uint8_t key, void (*put)(msgpack_packer *packer)) {
    msgpack_sbuffer buffer;
    msgpack_packer packer;
    struct msg_heartbeat beat;
    msgpack_sbuffer_init(&buffer);
    msgpack_packer_init(&packer, &buffer, msgpack_sbuffer_write);
    msgpack_pack_array(&packer, 3);
    msgpack_pack_uint8(&packer, MSG_PROTOCOL);
    msgpack_pack_uint8(&packer, MSG_heartbeat);
    msgpack_pack_map(&packer, 3);
    msgpack_pack_uint8(&packer, 1);
    msgpack_pack_uint8(&packer, 1);
    msgpack_pack_uint8(&packer, 2);
    msgpack_pack_uint8(&packer, 1);
    msgpack_pack_uint8(&packer, key);
    put(&packer);
    int code = msg_heartbeat_decode(buffer.data, buffer.size, &beat, NULL);
    if (code == 0) {
        msg_heartbeat_finish(&beat);
    }
    msgpack_sbuffer_destroy(&buffer);
    return code;
}

static void put_deep(msgpack_packer *packer) {
    for (int i = 0; i < 10000; i++) {
        msgpack_pack_array(packer, 1);
    }
    msgpack_pack_nil(packer);
}

static void put_too_many(msgpack_packer *packer) {
    msgpack_pack_array(packer, LIMIT_SCENES + 1);
    for (int i = 0; i <= LIMIT_SCENES; i++) {
        msgpack_pack_map(packer, 0);
    }
}

static void put_text(msgpack_packer *packer) {
    msgpack_pack_str_with_body(packer, "1", 1);
}

static void put_float(msgpack_packer *packer) {
    msgpack_pack_double(packer, 1);
}

static void put_negative(msgpack_packer *packer) {
    msgpack_pack_int(packer, -1);
}

static void put_twice(msgpack_packer *packer) { /* a second scenes list in the same map */
    msgpack_pack_array(packer, 1);
    msgpack_pack_map(packer, 0);
    msgpack_pack_uint8(packer, 4);
}

static void test_messages__malformed_fields_are_refused(void **state) {
    (void)state;
    assert_int_equal(decode_with(99, put_float), 0); /* unknown: skipped */
    assert_int_equal(decode_with(99, put_deep), LG_EBADREQUEST);
    assert_int_equal(decode_with(4, put_deep), LG_EBADREQUEST);
    assert_int_equal(decode_with(4, put_too_many), LG_EBADREQUEST);
    assert_int_equal(decode_with(4, put_text), LG_EBADREQUEST);
    assert_int_equal(decode_with(4, put_twice), 0); /* the map ends after its three */
    assert_int_equal(decode_with(3, put_text), LG_EBADREQUEST);
    assert_int_equal(decode_with(3, put_float), LG_EBADREQUEST);
    assert_int_equal(decode_with(3, put_negative), LG_EBADREQUEST);
}

static void test_messages__a_list_that_comes_twice_is_refused(void **state) {
    (void)state;
    struct msg_servers servers;
    static const uint8_t BYTES[] = {0x93, 1, 4, 0x83, 1,    1,    2, 0x91,
                                    0x81, 4, 1, 2,    0x91, 0x81, 4, 1};
    assert_int_equal(msg_servers_decode(BYTES, sizeof BYTES, &servers, NULL), LG_EBADREQUEST);
}

static void test_messages__another_message_is_refused(void **state) {
    (void)state;
    struct msg_buf buf = sample();
    struct msg_notice notice;
    struct msg_problem problem;
    uint64_t protocol, number;
    assert_int_equal(msg_notice_decode(buf.data, buf.size, &notice, &problem), LG_EBADREQUEST);
    assert_string_equal(problem.text, "message 5 where notice was expected");
    assert_int_equal(msg_peek(buf.data, buf.size, &protocol, &number), 0);
    assert_int_equal(protocol, MSG_PROTOCOL);
    assert_int_equal(number, MSG_heartbeat);
    assert_ptr_equal(msg_type_by_number(number), &msg_heartbeat_type);
    assert_null(msg_type_by_number(0));
    assert_null(msg_type_by_number(200));
    free(buf.data);
}

static void test_messages__print_is_one_bounded_line(void **state) {
    (void)state;
    char text[64] = "";
    struct msg_request request = {
        .gateway_id = 1, .counter = 2, .kind = 4, .role = 3, .text = {"a\nb\"", 4}};
    size_t len = msg_request_print(&request, text, sizeof text);
    assert_int_equal(len, strlen(text));
    assert_string_equal(text,
                        "request{gateway_id=1 counter=2 kind=4 role=3 text=\"a\\x0ab\\x22\"}");
    assert_int_equal(msg_request_print(&request, text, 8), 7);
    assert_string_equal(text, "request");
    assert_int_equal(msg_request_print(&request, text, 0), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_messages__what_is_written_is_read_again),
        cmocka_unit_test(test_messages__the_table_is_sound),
        cmocka_unit_test(test_messages__every_cut_is_refused),
        cmocka_unit_test(test_messages__no_flipped_byte_does_harm),
        cmocka_unit_test(test_messages__a_missing_field_is_named),
        cmocka_unit_test(test_messages__names_hold_no_control_characters),
        cmocka_unit_test(test_messages__malformed_fields_are_refused),
        cmocka_unit_test(test_messages__a_list_that_comes_twice_is_refused),
        cmocka_unit_test(test_messages__another_message_is_refused),
        cmocka_unit_test(test_messages__print_is_one_bounded_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
