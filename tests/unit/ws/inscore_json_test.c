/* Requests and replies of the INScore dialect. source: reference inscore-web-api 3.1, 3.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gateway-ws/inscore_json.h"

struct expected {
    const char *text;
    enum inscore_method method;
    const char *id;
};

static void check_rows(const struct expected *rows, size_t n_rows) {
    for (size_t i = 0; i < n_rows; i++) {
        struct inscore_request request;
        inscore_parse(rows[i].text, strlen(rows[i].text), &request);
        if (request.method != rows[i].method || strcmp(request.id, rows[i].id) != 0) {
            fail_msg("%s: method %d id '%s'", rows[i].text, (int)request.method, request.id);
        }
        inscore_request_finish(&request);
    }
}

static void test_inscore_parse__ids_are_strings_or_integers(void **state) {
    static const struct expected ROWS[] = {
        {"{\"method\":\"version\",\"id\":\"abc\"}", INSCORE_VERSION, "abc"},
        {"{\"method\":\"version\",\"id\":7}", INSCORE_VERSION, "7"},
        {"{\"method\":\"version\",\"id\":-12}", INSCORE_VERSION, "-12"},
        {"{\"id\":\"\\u00e9\\n\",\"method\":\"version\"}", INSCORE_VERSION, "\xc3\xa9\n"},
        {"{\"method\":\"version\",\"id\":\"\"}", INSCORE_BAD, ""},
        {"{\"method\":\"version\"}", INSCORE_BAD, ""},
        {"{\"method\":\"version\",\"id\":1.5}", INSCORE_BAD, ""},
        {"{\"method\":\"version\",\"id\":true}", INSCORE_BAD, ""},
        {"{\"method\":\"version\",\"id\":null}", INSCORE_BAD, ""},
        {"{\"method\":\"version\",\"id\":{}}", INSCORE_BAD, ""},
        {"{\"method\":\"version\",\"id\":99999999999999999999}", INSCORE_BAD, ""},
    };
    (void)state;
    check_rows(ROWS, sizeof ROWS / sizeof ROWS[0]);
}

static void test_inscore_parse__fields_must_have_their_types(void **state) {
    static const struct expected ROWS[] = {
        {"{\"id\":1,\"method\":\"image\"}", INSCORE_IMAGE, "1"},
        {"{\"id\":1,\"method\":\"log\"}", INSCORE_LOG, "1"},
        {"{\"id\":1,\"method\":\"post\",\"data\":\"x\"}", INSCORE_POST, "1"},
        {"{\"id\":1,\"method\":\"post\",\"data\":\"\"}", INSCORE_POST, "1"},
        {"{\"id\":1,\"method\":\"post\"}", INSCORE_BAD, "1"},
        {"{\"id\":1,\"method\":\"post\",\"data\":7}", INSCORE_BAD, "1"},
        {"{\"id\":1,\"method\":\"click\",\"x\":1,\"y\":2}", INSCORE_CLICK, "1"},
        {"{\"id\":1,\"method\":\"hover\",\"x\":-2,\"y\":2,\"z\":[]}", INSCORE_HOVER, "1"},
        {"{\"id\":1,\"method\":\"click\",\"x\":-1,\"y\":2}", INSCORE_BAD, "1"},
        {"{\"id\":1,\"method\":\"click\",\"x\":12.0,\"y\":2}", INSCORE_BAD, "1"},
        {"{\"id\":1,\"method\":\"click\",\"x\":\"12\",\"y\":2}", INSCORE_BAD, "1"},
        {"{\"id\":1,\"method\":\"click\",\"x\":4294967296,\"y\":2}", INSCORE_BAD, "1"},
        {"{\"id\":1,\"method\":\"click\",\"x\":1}", INSCORE_BAD, "1"},
        {"{\"id\":1,\"method\":\"file\",\"path\":\"a\"}", INSCORE_FILE, "1"},
        {"{\"id\":1,\"method\":\"file\",\"path\":[]}", INSCORE_BAD, "1"},
        {"{\"id\":1,\"method\":\"file\"}", INSCORE_BAD, "1"},
        {"{\"id\":1,\"method\":\"Version\"}", INSCORE_BAD, "1"},
        {"{\"id\":1,\"method\":5}", INSCORE_BAD, "1"},
        {"{\"id\":1}", INSCORE_BAD, "1"},
    };
    (void)state;
    check_rows(ROWS, sizeof ROWS / sizeof ROWS[0]);
}

static void test_inscore_parse__what_is_no_object_is_bad_without_id(void **state) {
    static const struct expected ROWS[] = {
        {"", INSCORE_BAD, ""},
        {"[]", INSCORE_BAD, ""},
        {"7", INSCORE_BAD, ""},
        {"{\"id\":1,\"method\":\"version\"", INSCORE_BAD, ""},
        {"{\"id\":1,\"method\":\"version\"} x", INSCORE_BAD, ""},
        {"{\"id\":+5,\"method\":\"version\"}", INSCORE_BAD, ""},
        {"{\"id\":007,\"method\":\"version\"}", INSCORE_BAD, ""},
        {"{\"id\":1,\"method\":\"post\",\"data\":\"a\\u0000b\"}", INSCORE_BAD, ""},
        {"{\"id\":1,\"method\":\"post\",\"data\":\"a\nb\"}", INSCORE_BAD, ""},
        {"{\"id\":1,\"method\":\"post\",\"data\":\"\xff\"}", INSCORE_BAD, ""},
    };
    (void)state;
    check_rows(ROWS, sizeof ROWS / sizeof ROWS[0]);
}

static void test_inscore_parse__deep_nesting_is_bad(void **state) {
    static char text[20100];
    struct inscore_request request;
    (void)state;
    memset(text, '[', 10000);
    inscore_parse(text, 10000, &request);
    assert_int_equal(request.method, INSCORE_BAD);
    inscore_request_finish(&request);
    size_t used = (size_t)sprintf(text, "{\"id\":1,\"method\":\"version\",\"a\":");
    memset(text + used, '[', 60);
    memset(text + used + 60, ']', 60);
    text[used + 120] = '}';
    inscore_parse(text, used + 121, &request);
    assert_int_equal(request.method, INSCORE_VERSION); /* 61 deep is allowed */
    inscore_request_finish(&request);
}

static void test_inscore_parse__of_a_repeated_key_the_first_wins(void **state) {
    static const struct expected ROWS[] = {
        {"{\"id\":1,\"id\":2,\"method\":\"version\"}", INSCORE_VERSION, "1"},
        {"{\"id\":\"a\\\"b\", \"id\" : \"x,}\" ,\"method\":\"version\",\"method\":\"no\"}",
         INSCORE_VERSION, "a\"b"},
        {"{\"id\":1,\"u\":{\"id\":3,\"id\":4},\"method\":\"version\",\"id\":[1,{\"a\":2}]}",
         INSCORE_VERSION, "1"},
    };
    (void)state;
    check_rows(ROWS, sizeof ROWS / sizeof ROWS[0]);
}

static void test_inscore_parse__escapes_are_decoded(void **state) {
    static const char TEXT[] =
        "{\"id\":1,\"method\":\"post\",\"data\":\"a\\n\\\"b\\\" \\/ \\u266d \\ud834\\udd1e\"}";
    struct inscore_request request;
    (void)state;
    inscore_parse(TEXT, strlen(TEXT), &request);
    assert_int_equal(request.method, INSCORE_POST);
    assert_string_equal(request.text, "a\n\"b\" / \xe2\x99\xad \xf0\x9d\x84\x9e");
    assert_int_equal(request.text_size_bytes, strlen(request.text));
    inscore_request_finish(&request);
}

static void expect_text(char *text, const char *expected) {
    assert_non_null(text);
    assert_string_equal(text, expected);
    free(text);
}

static void test_inscore_replies__have_their_keys_in_order(void **state) {
    char notice[64];
    (void)state;
    expect_text(inscore_ok("7"), "{\"id\":\"7\",\"status\":\"OK\"}");
    expect_text(inscore_error("", "Bad request", 11),
                "{\"id\":\"\",\"status\":\"ERROR\",\"error\":\"Bad request\"}");
    expect_text(inscore_version("a\"", 18), "{\"id\":\"a\\\"\",\"status\":\"OK\",\"version\":18}");
    expect_text(inscore_log("1", "a\nb", 3), "{\"id\":\"1\",\"status\":\"OK\",\"log\":\"a\\nb\"}");
    expect_text(
        inscore_file("1", "text/plain", (const uint8_t *)"\0\xff\1\2", 4),
        "{\"id\":\"1\",\"status\":\"OK\",\"mimeType\":\"text/plain\",\"file\":\"AP8BAg==\"}");
    expect_text(inscore_image_start("1"), "{\"id\":\"1\",\"status\":\"OK\",");
    expect_text(inscore_image_failed("{\"id\":\"1\",\"status\":\"OK\","),
                "{\"id\":\"1\",\"status\":\"ERROR\",\"error\":\"Cannot create score image\"}");
    size_t len = inscore_notice(notice, sizeof notice, UINT64_MAX);
    assert_int_equal(len, strlen(notice));
    assert_string_equal(notice, "{\"notification\":true,\"version\":18446744073709551615}");
}

static void test_inscore_error__foreign_bytes_become_the_replacement_character(void **state) {
    (void)state;
    expect_text(
        inscore_error("1", "a\xff\xc3\xa9\xc3", 5),
        "{\"id\":\"1\",\"status\":\"ERROR\",\"error\":\"a\xef\xbf\xbd\xc3\xa9\xef\xbf\xbd\"}");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_inscore_parse__ids_are_strings_or_integers),
        cmocka_unit_test(test_inscore_parse__fields_must_have_their_types),
        cmocka_unit_test(test_inscore_parse__what_is_no_object_is_bad_without_id),
        cmocka_unit_test(test_inscore_parse__deep_nesting_is_bad),
        cmocka_unit_test(test_inscore_parse__of_a_repeated_key_the_first_wins),
        cmocka_unit_test(test_inscore_parse__escapes_are_decoded),
        cmocka_unit_test(test_inscore_replies__have_their_keys_in_order),
        cmocka_unit_test(test_inscore_error__foreign_bytes_become_the_replacement_character),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
