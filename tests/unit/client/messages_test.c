/* JSON-RPC messages and binary frames as a client reads them. Wire tests have many more. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "clients/c/frame_message.h"
#include "clients/c/json_message.h"

static struct scan_span slice(const char *text) {
    return (struct scan_span){text, strlen(text)};
}

static enum json_message_kind kind_of(const char *text) {
    struct json_message message;
    assert_true(json_message_is_json(text, strlen(text)));
    json_message_read(slice(text), &message);
    return message.kind;
}

static void check_slice(struct scan_span got, const char *expected) {
    assert_non_null(got.text);
    assert_int_equal(got.len, strlen(expected));
    assert_memory_equal(got.text, expected, got.len);
}

static void test_json_message__kinds(void **state) {
    static const struct {
        const char *text;
        enum json_message_kind kind;
    } ROWS[] = {
        {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\"}", JSON_MESSAGE_REQUEST},
        {"{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"m\"}", JSON_MESSAGE_REQUEST},
        {"{\"jsonrpc\":\"2.0\",\"method\":\"m\",\"params\":[]}", JSON_MESSAGE_NOTIFICATION},
        {"{\"jsonrpc\":\"2.0\",\"id\":0,\"result\":null}", JSON_MESSAGE_RESULT},
        {"{\"jsonrpc\":\"2.0\",\"id\":0,\"result\":1,\"error\":null}", JSON_MESSAGE_RESULT},
        {"{\"jsonrpc\":\"2.0\",\"id\":0,\"result\":null,\"error\":{}}", JSON_MESSAGE_ERROR},
        {"{\"jsonrpc\":\"2.0\",\"id\":[0],\"result\":1}", JSON_MESSAGE_NONE},
        {"{\"jsonrpc\":\"2.0\",\"id\":true,\"method\":\"m\"}", JSON_MESSAGE_NONE},
        {"{\"jsonrpc\":2.0,\"id\":0,\"result\":1}", JSON_MESSAGE_NONE},
        {"{\"jsonrpc\":\"2.0\",\"method\":\"m\",\"params\":\"x\"}", JSON_MESSAGE_NONE},
        {"{\"jsonrpc\":\"2.0\",\"result\":1}", JSON_MESSAGE_NONE},
        {"[]", JSON_MESSAGE_NONE},
        {"\"{}\"", JSON_MESSAGE_NONE},
        {"{}", JSON_MESSAGE_NONE},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
        assert_int_equal(kind_of(ROWS[i].text), ROWS[i].kind);
    }
}

static void test_json_message__members_are_slices_of_the_text(void **state) {
    (void)state;
    struct scan_span text = slice(
        " { \"a\" : {\"x}\":[1,\"]\"]} ,\"b\\\"\":1, \"c\":\"\\\\\",\"d\":-1.50e+2 , \"a\":[] } ");
    check_slice(json_message_member(text, "a"), "[]"); /* the last one counts */
    check_slice(json_message_member(text, "c"), "\"\\\\\"");
    check_slice(json_message_member(text, "d"), "-1.50e+2");
    assert_null(json_message_member(text, "x}").text);
    assert_null(json_message_member(text, "b").text);
    assert_null(json_message_member(slice("[1]"), "a").text);
    assert_null(json_message_member((struct scan_span){NULL, 0}, "a").text);
}

static void test_json_message__items(void **state) {
    static const char *const EXPECTED[] = {"1", "\"a,]\"", "[2,[3]]", "{\"b\":[4]}", "null"};
    struct scan_span array = slice(" [1 , \"a,]\",[2,[3]],{\"b\":[4]},null ] "), item;
    size_t at = 0, n = 0;
    (void)state;
    while (json_message_item(array, &at, &item)) {
        assert_true(n < 5);
        check_slice(item, EXPECTED[n++]);
    }
    assert_int_equal(n, 5);
    at = 0;
    assert_false(json_message_item(slice("[ ]"), &at, &item));
    at = 0;
    assert_false(json_message_item(slice("{}"), &at, &item));
}

static void test_json_message__numbers(void **state) {
    uint64_t number = 7;
    int small = 7;
    (void)state;
    assert_true(json_message_unsigned(slice("18446744073709551615"), &number));
    assert_true(number == UINT64_MAX);
    assert_false(json_message_unsigned(slice("18446744073709551616"), &number));
    assert_false(json_message_unsigned(slice("1.0"), &number));
    assert_false(json_message_unsigned(slice("-1"), &number));
    assert_false(json_message_unsigned(slice("\"1\""), &number));
    assert_false(json_message_unsigned((struct scan_span){NULL, 0}, &number));
    assert_true(json_message_int(slice("-32601"), &small));
    assert_int_equal(small, -32601);
    assert_false(json_message_int(slice("-99999999999"), &small));
    assert_false(json_message_int(slice("-"), &small));
}

static void test_json_message__texts_that_are_sent(void **state) {
    (void)state;
    char *text = json_message_call(7, "a\"b\n", "[1.50]");
    assert_string_equal(
        text, "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"a\\\"b\\n\",\"params\":[1.50]}");
    free(text);
    text = json_message_call(0, "m", NULL);
    assert_string_equal(text, "{\"jsonrpc\":\"2.0\",\"method\":\"m\"}");
    free(text);
    assert_null(json_message_call(1, "\xff", NULL));
    text = json_message_result(slice("\"x\""), NULL);
    assert_string_equal(text, "{\"jsonrpc\":\"2.0\",\"id\":\"x\",\"result\":null}");
    free(text);
    text = json_message_error(slice("1e0"), -32601, "no", "{}");
    assert_string_equal(text, "{\"jsonrpc\":\"2.0\",\"id\":1e0,\"error\":{\"code\":-32601,"
                              "\"message\":\"no\",\"data\":{}}}");
    free(text);
}

/* The layout of docs/jsonrpc.md, byte by byte. */
static void test_frame_message__tiles(void **state) {
    static const unsigned char BYTES[] = {
        'L', 'G', 1, 2, 0, 0,  0, 0, 0, 0,   0, 0xab, 0, 0,  0, 0, 0,   0,   0,   9,   0, 0,
        0,   0,   0, 0, 0, 8,  0, 0, 0, 100, 0, 0,    0, 50, 0, 2, 0,   2,   'a', 'b', 0, 0,
        0,   10,  0, 0, 0, 20, 0, 0, 0, 90,  0, 0,    0, 30, 0, 0, 0,   3,   0,   0,   0, 0,
        0,   0,   0, 0, 0, 0,  0, 1, 0, 0,   0, 1,    0, 0,  0, 1, 'x', 'y', 'z', '!'};
    struct frame_message message;
    (void)state;
    assert_int_equal(frame_message_read(&message, BYTES, sizeof(BYTES)), LG_CLIENT_OK);
    assert_string_equal(message.frame.scene, "ab");
    assert_true(message.frame.epoch == 0xab && message.frame.version == 9 &&
                message.frame.base_version == 8);
    assert_true(message.frame.width == 100 && message.frame.height == 50);
    assert_int_equal(message.frame.n_tiles, 2);
    assert_int_equal(message.frame.tiles[0].x, 10);
    assert_int_equal(message.frame.tiles[0].y, 20);
    assert_int_equal(message.frame.tiles[0].width, 90);
    assert_int_equal(message.frame.tiles[0].height, 30);
    assert_memory_equal(message.frame.tiles[0].png, "xyz", 3);
    assert_memory_equal(message.frame.tiles[1].png, "!", 1);
    frame_message_finish(&message);
    for (size_t len = 0; len < sizeof(BYTES); len++) {
        assert_int_equal(frame_message_read(&message, BYTES, len), LG_CLIENT_ERROR_ARGUMENT);
        frame_message_finish(&message);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_message__kinds),
        cmocka_unit_test(test_json_message__members_are_slices_of_the_text),
        cmocka_unit_test(test_json_message__items),
        cmocka_unit_test(test_json_message__numbers),
        cmocka_unit_test(test_json_message__texts_that_are_sent),
        cmocka_unit_test(test_frame_message__tiles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
