/* Plain requests are read as the JSON library would read them, or left to it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/jsonrpc/plain.h"

static bool is_plain(const char *text) {
    struct jsonrpc_parsed parsed;
    return plain_request(text, strlen(text), &parsed);
}

/* The same message with a member more, which is none of the plain ones. */
static void parse_by_library(const char *text, char *longer, size_t room,
                             struct jsonrpc_parsed *parsed) {
    const char *brace = strrchr(text, '}');
    snprintf(longer, room, "%.*s,\"more\":0%s", (int)(brace - text), text, brace);
    assert_false(is_plain(longer));
    assert_int_equal(jsonrpc_parse(longer, strlen(longer), NULL, parsed), 0);
}

static void same(const char *text) {
    char longer[512];
    struct jsonrpc_parsed plain, other;
    assert_true(plain_request(text, strlen(text), &plain));
    parse_by_library(text, longer, sizeof longer, &other);
    assert_int_equal(other.n_messages, 1);
    assert_int_equal(plain.n_messages, 1);
    assert_false(plain.is_batch);
    assert_int_equal(plain.messages->kind, other.messages->kind);
    assert_string_equal(plain.messages->method, other.messages->method);
    assert_int_equal(plain.messages->id_len, other.messages->id_len);
    if (plain.messages->id_len > 0) {
        assert_memory_equal(plain.messages->id, other.messages->id, plain.messages->id_len);
    }
    assert_null(plain.messages->params);
    jsonrpc_parsed_finish(&other);
    jsonrpc_parsed_finish(&plain);
}

static void test_plain_request__is_what_the_library_reads(void **state) {
    (void)state;
    same("{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"version\"}");
    same("{\"jsonrpc\":\"2.0\",\"method\":\"version\",\"id\":0}");
    same(" {\t\"id\" : \"a b\" ,\r\n\"method\":\"x.y\", \"jsonrpc\" : \"2.0\" } \n");
    same("{\"id\":-12,\"jsonrpc\":\"2.0\",\"method\":\"v\"}");
    same("{\"id\":\"\",\"jsonrpc\":\"2.0\",\"method\":\"\"}");
    same("{\"id\":999999999999999999,\"jsonrpc\":\"2.0\",\"method\":\"v\"}");
    same("{\"jsonrpc\":\"2.0\",\"method\":\"news\"}");
    same("{\"jsonrpc\":\"2.0\",\"id\":-0,\"method\":\"v\"}");
}

static void test_plain_request__leaves_the_rest_to_the_library(void **state) {
    (void)state;
    static const char *const OTHERS[] = {
        "",
        "{",
        "{}",
        "7",
        "[{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"version\"}]",
        "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"version\"",
        "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"version\",}",
        "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"version\"}x",
        "{\"jsonrpc\":\"2.0\",\"id\":7 8,\"method\":\"version\"}",
        "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"version\",\"id\":7}",
        "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"version\",\"params\":{}}",
        "{\"jsonrpc\":\"2.0\",\"id\":07,\"method\":\"version\"}",
        "{\"jsonrpc\":\"2.0\",\"id\":1.5,\"method\":\"version\"}",
        "{\"jsonrpc\":\"2.0\",\"id\":-,\"method\":\"version\"}",
        "{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"version\"}",
        "{\"jsonrpc\":\"2.0\",\"id\":9999999999999999999,\"method\":\"version\"}",
        "{\"jsonrpc\":\"2.0\",\"id\":\"a\\\"b\",\"method\":\"version\"}",
        "{\"jsonrpc\":\"2.0\",\"id\":\"\xc3\xa9\",\"method\":\"version\"}",
        "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"vers\\u0069on\"}",
        "{\"jsonrpc\":\"2.1\",\"id\":7,\"method\":\"version\"}",
        "{\"jsonrpc\":2.0,\"id\":7,\"method\":\"version\"}",
        "{\"id\":7,\"method\":\"version\"}",
        "{\"jsonrpc\":\"2.0\",\"id\":7}",
        "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":7}",
        "{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":\"x\"}",
        ("{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"a name of more than sixty-three bytes is "
         "left to the library too.\"}"),
    };
    for (size_t i = 0; i < sizeof OTHERS / sizeof OTHERS[0]; i++) {
        if (is_plain(OTHERS[i])) {
            fail_msg("%s", OTHERS[i]);
        }
    }
}

/* A request cut anywhere, and with any byte at any place, reads within its bounds (the
 * sanitizers look) and is plain only where the library finds the same. */
static void test_plain_request__any_byte_anywhere(void **state) {
    (void)state;
    static const char TEXT[] = "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"v\"}";
    for (size_t at = 0; at < sizeof TEXT - 1; at++) {
        struct jsonrpc_parsed parsed;
        char *cut = test_malloc(at > 0 ? at : 1);
        memcpy(cut, TEXT, at);
        assert_false(plain_request(cut, at, &parsed));
        test_free(cut);
        for (int byte = 1; byte < 256; byte++) {
            char changed[sizeof TEXT];
            memcpy(changed, TEXT, sizeof TEXT);
            changed[at] = (char)byte;
            if (is_plain(changed)) {
                same(changed);
            }
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain_request__is_what_the_library_reads),
        cmocka_unit_test(test_plain_request__leaves_the_rest_to_the_library),
        cmocka_unit_test(test_plain_request__any_byte_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
