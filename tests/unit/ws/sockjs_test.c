/* SockJS without its sessions: texts, frames, paths, chunked bodies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gateway-ws/link/ws_chunks.h"
#include "gateway-ws/sockjs/sockjs_route.h"
#include "gateway-ws/sockjs/sockjs_text.h"

static void test_sockjs_text__escapes_what_json_must_not_hold(void **state) {
    static const uint8_t BYTES[] = "a\"b\\c\n\x01\x1f\x7f \xc3\xa9";
    struct sockjs_text text = {0};
    (void)state;
    assert_true(sockjs_text_escape(&text, BYTES, sizeof BYTES)); /* with its NUL */
    assert_true(sockjs_text_add(&text, "", 1));
    assert_string_equal(text.bytes, "a\\\"b\\\\c\\u000a\\u0001\\u001f\x7f \xc3\xa9\\u0000");
    sockjs_text_finish(&text);
    assert_null(text.bytes);
}

static void test_sockjs_text__pieces_join_anywhere(void **state) {
    static const char WHOLE[] = "\xe2\x82\xac \"quoted\" \\ \t\xf0\x9f\x8e\xbc";
    struct sockjs_text expected = {0};
    (void)state;
    assert_true(sockjs_text_escape(&expected, (const uint8_t *)WHOLE, sizeof WHOLE - 1));
    for (size_t cut = 0; cut < sizeof WHOLE; cut++) {
        struct sockjs_text text = {0};
        assert_true(sockjs_text_escape(&text, (const uint8_t *)WHOLE, cut));
        assert_true(
            sockjs_text_escape(&text, (const uint8_t *)WHOLE + cut, sizeof WHOLE - 1 - cut));
        assert_int_equal(text.size_bytes, expected.size_bytes);
        assert_memory_equal(text.bytes, expected.bytes, text.size_bytes);
        sockjs_text_finish(&text);
    }
    sockjs_text_finish(&expected);
}

static void test_sockjs_messages__come_back_as_they_were_escaped(void **state) {
    static const char MESSAGE[] = "{\"a\":\"\\n\xc3\xa9\"}\x01\n";
    struct sockjs_text text = {0};
    size_t size_bytes;
    (void)state;
    assert_true(sockjs_text_add(&text, "[\"", 2));
    assert_true(sockjs_text_escape(&text, (const uint8_t *)MESSAGE, sizeof MESSAGE)); /* and NUL */
    assert_true(sockjs_text_add(&text, "\",\"\"]", 5));
    struct sockjs_messages *messages = sockjs_messages_read(text.bytes, text.size_bytes, false);
    assert_non_null(messages);
    const char *first = sockjs_messages_next(messages, &size_bytes);
    assert_int_equal(size_bytes, sizeof MESSAGE);
    assert_memory_equal(first, MESSAGE, sizeof MESSAGE);
    assert_non_null(sockjs_messages_next(messages, &size_bytes));
    assert_int_equal(size_bytes, 0);
    assert_null(sockjs_messages_next(messages, &size_bytes));
    sockjs_messages_destroy(messages);
    sockjs_text_finish(&text);
}

static void test_sockjs_messages__are_an_array_of_strings(void **state) {
    static const char *const WRONG[] = {
        "",          "x",    "{}",        "[1]", "[\"a\",null]",  "[",         "[\"a\"",
        "[\"a\"] 1", "null", "[[\"a\"]]", "\"a", "[\"\\ud800\"]", "[\"\xff\"]"};
    (void)state;
    for (size_t i = 0; i < sizeof WRONG / sizeof WRONG[0]; i++) {
        assert_null(sockjs_messages_read(WRONG[i], strlen(WRONG[i]), true));
    }
    assert_null(sockjs_messages_read("\"a\"", 3, false));
    struct sockjs_messages *one = sockjs_messages_read("\"a\"", 3, true);
    assert_non_null(one);
    sockjs_messages_destroy(one);
}

static void test_sockjs_close_frame__has_code_and_reason(void **state) {
    char text[SOCKJS_CLOSE_ROOM], reason[600];
    (void)state;
    assert_int_equal(sockjs_close_frame(text, 3000, "Go away!"), 18);
    assert_string_equal(text, "c[3000,\"Go away!\"]");
    sockjs_close_frame(text, 4001, "a \"b\"");
    assert_string_equal(text, "c[4001,\"a \\\"b\\\"\"]");
    memset(reason, '\x01', sizeof reason - 1);
    reason[sizeof reason - 1] = '\0';
    size_t size = sockjs_close_frame(text, 65535, reason); /* cut, and whole */
    assert_int_equal(size, strlen(text));
    assert_string_equal(text + strlen(text) - 8, "\\u0001\"]");
}

static void expect_door(const char *path, enum sockjs_door door, const char *session) {
    struct sockjs_route route;
    sockjs_route_find(path, &route);
    assert_int_equal(route.door, door);
    assert_string_equal(route.session, session);
}

static void test_sockjs_route__knows_every_door(void **state) {
    (void)state;
    expect_door("/", SOCKJS_NONE, "");
    expect_door("/sockj", SOCKJS_NONE, "");
    expect_door("/sockjsa/info", SOCKJS_NONE, "");
    expect_door("/sockjs", SOCKJS_WELCOME, "");
    expect_door("/sockjs/", SOCKJS_WELCOME, "");
    expect_door("/sockjs/info", SOCKJS_INFO, "");
    expect_door("/sockjs/websocket", SOCKJS_RAW, "");
    expect_door("/sockjs/000/abc/websocket", SOCKJS_FRAMED, "abc");
    expect_door("/sockjs/000/abc/xhr", SOCKJS_XHR, "abc");
    expect_door("/sockjs/000/abc/xhr_streaming", SOCKJS_XHR_STREAMING, "abc");
    expect_door("/sockjs/000/abc/xhr_send", SOCKJS_XHR_SEND, "abc");
    expect_door("/sockjs/000/abc/eventsource", SOCKJS_EVENTSOURCE, "abc");
}

static void test_sockjs_route__wants_two_names_without_dots(void **state) {
    static const char *const WRONG[] = {"/sockjs/a",        "/sockjs/a/b",      "/sockjs/a/b/",
                                        "/sockjs//b/xhr",   "/sockjs/a//xhr",   "/sockjs/a.b/c/xhr",
                                        "/sockjs/a/b./xhr", "/sockjs/a/b/xhr/", "/sockjs/a/b/c/xhr",
                                        "/sockjs///",       "/sockjs/./../xhr"};
    char path[200];
    (void)state;
    for (size_t i = 0; i < sizeof WRONG / sizeof WRONG[0]; i++) {
        expect_door(WRONG[i], SOCKJS_UNKNOWN, "");
    }
    snprintf(path, sizeof path, "/sockjs/a/%0*d/xhr", SOCKJS_SESSION_BYTES, 0);
    struct sockjs_route route;
    sockjs_route_find(path, &route);
    assert_int_equal(route.door, SOCKJS_XHR);
    snprintf(path, sizeof path, "/sockjs/a/%0*d/xhr", SOCKJS_SESSION_BYTES + 1, 0);
    expect_door(path, SOCKJS_UNKNOWN, "");
}

/* Data of a chunked body that comes in two parts; returns the state. */
static enum ws_chunks_state take(const char *text, size_t cut, char *data) {
    struct ws_chunks chunks = {0};
    size_t size = strlen(text), n = 0;
    for (int part = 0; part < 2; part++) {
        const uint8_t *at = (const uint8_t *)text + (part == 0 ? 0 : cut);
        size_t left = part == 0 ? cut : size - cut;
        while (left > 0 && chunks.state != WS_CHUNKS_END && chunks.state != WS_CHUNKS_BROKEN) {
            const uint8_t *piece;
            size_t piece_bytes;
            size_t used = ws_chunks_take(&chunks, at, left, &piece, &piece_bytes);
            assert_true(used > 0 && used <= left && piece_bytes <= used);
            if (piece_bytes > 0) {
                memcpy(data + n, piece, piece_bytes);
                n += piece_bytes;
            }
            at += used;
            left -= used;
        }
    }
    data[n] = '\0';
    return chunks.state;
}

static void test_ws_chunks__join_wherever_they_are_cut(void **state) {
    static const char TEXT[] = "3\r\nabc\r\n00A;x=\"y\"\r\n0123456789\r\n0\r\nA: b\r\n\r\nnext";
    char data[64];
    (void)state;
    for (size_t cut = 0; cut < sizeof TEXT; cut++) {
        assert_int_equal(take(TEXT, cut, data), WS_CHUNKS_END);
        assert_string_equal(data, "abc0123456789");
    }
    assert_int_equal(take("3\r\nab", 2, data), WS_CHUNKS_DATA);
    assert_int_equal(take("0\r\n\r\n", 2, data), WS_CHUNKS_END);
}

static void test_ws_chunks__of_other_form_are_refused(void **state) {
    static const char *const WRONG[] = {"\r\n",   "g\r\n",   "-1\r\n",    "1\n",
                                        "1;x\n",  "1\r\nab", "1\r\na\rb", "12345678\r\n",
                                        " 1\r\n", "0x1\r\n"};
    char data[64];
    (void)state;
    for (size_t i = 0; i < sizeof WRONG / sizeof WRONG[0]; i++) {
        assert_int_equal(take(WRONG[i], 1, data), WS_CHUNKS_BROKEN);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sockjs_text__escapes_what_json_must_not_hold),
        cmocka_unit_test(test_sockjs_text__pieces_join_anywhere),
        cmocka_unit_test(test_sockjs_messages__come_back_as_they_were_escaped),
        cmocka_unit_test(test_sockjs_messages__are_an_array_of_strings),
        cmocka_unit_test(test_sockjs_close_frame__has_code_and_reason),
        cmocka_unit_test(test_sockjs_route__knows_every_door),
        cmocka_unit_test(test_ws_chunks__join_wherever_they_are_cut),
        cmocka_unit_test(test_ws_chunks__of_other_form_are_refused),
        cmocka_unit_test(test_sockjs_route__wants_two_names_without_dots),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
