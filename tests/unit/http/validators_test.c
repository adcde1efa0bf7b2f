/* Entity tags and dates: RFC 9110 8.8, 13.1 and 5.6.7. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "gateway-http/validators.h"

static void test_validator_etag__names_epoch_version_and_view(void **state) {
    char tag[VALIDATOR_ETAG_BYTES];
    (void)state;
    validator_etag(tag, 0xabcdef, 42, "scene");
    assert_string_equal(tag, "W/\"0000000000abcdef-42-scene\"");
}

static void test_validator_etag__any_view_stays_one_token(void **state) {
    char tag[VALIDATOR_ETAG_BYTES];
    char view[200];
    (void)state;
    validator_etag(tag, 1, 2, "a\"b, c%");
    assert_string_equal(tag, "W/\"0000000000000001-2-a%22b%2C%20c%25\"");
    memset(view, '"', sizeof view - 1);
    view[sizeof view - 1] = '\0';
    validator_etag(tag, UINT64_MAX, UINT64_MAX, view);
    assert_true(strlen(tag) < VALIDATOR_ETAG_BYTES);
    assert_int_equal(tag[strlen(tag) - 1], '"');
}

static void test_validator_etag__matches_weakly_in_lists(void **state) {
    const char *tag = "W/\"1-2-s\"";
    (void)state;
    assert_true(validator_etag_matches("W/\"1-2-s\"", tag));
    assert_true(validator_etag_matches("\"1-2-s\"", tag));
    assert_true(validator_etag_matches("*", tag));
    assert_true(validator_etag_matches("\"a\", W/\"b,c\" ,W/\"1-2-s\"", tag));
    assert_false(validator_etag_matches("", tag));
    assert_false(validator_etag_matches("W/\"1-2-\"", tag));
    assert_false(validator_etag_matches("W/\"1-2-ss\"", tag));
    assert_false(validator_etag_matches("1-2-s", tag));
    assert_false(validator_etag_matches("\"1-2-s", tag));
    assert_false(validator_etag_matches("\"x\" y \"1-2-s\"", tag));
}

static void test_validator_date__is_written_as_the_standard_says(void **state) {
    char text[VALIDATOR_DATE_BYTES];
    (void)state;
    validator_date_format(text, 784111777);
    assert_string_equal(text, "Sun, 06 Nov 1994 08:49:37 GMT");
    validator_date_format(text, -5);
    assert_string_equal(text, "Thu, 01 Jan 1970 00:00:00 GMT");
}

static void test_validator_date__three_forms_are_read(void **state) {
    static const char *const ROWS[] = {"Sun, 06 Nov 1994 08:49:37 GMT",
                                       "Sunday, 06-Nov-94 08:49:37 GMT",
                                       "Sun Nov  6 08:49:37 1994"};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        int64_t second = 0;
        assert_true(validator_date_parse(ROWS[i], &second));
        assert_int_equal(second, 784111777);
    }
}

static void test_validator_date__reads_what_it_writes(void **state) {
    (void)state;
    for (int64_t second = 0; second < 8000000000; second += 86399 * 97 + 13) {
        char text[VALIDATOR_DATE_BYTES];
        int64_t back = -1;
        validator_date_format(text, second);
        assert_true(validator_date_parse(text, &back));
        assert_int_equal(back, second);
    }
}

static void test_validator_date__nonsense_is_refused(void **state) {
    static const char *const ROWS[] = {"",
                                       "now",
                                       "Sun, 06 Foo 1994 08:49:37 GMT",
                                       "0",
                                       "Sun, 99 Nov 1994 08:49:37 GMT",
                                       ",",
                                       "Sun, 06 Nov 1994 25:49:37 GMT"};
    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        int64_t second;
        assert_false(validator_date_parse(ROWS[i], &second));
    }
}

static void test_validator_last_modified__settled_is_the_second_after(void **state) {
    (void)state;
    assert_int_equal(validator_last_modified_s(1234567890123456, false), 1234567890);
    assert_int_equal(validator_last_modified_s(1234567890123456, true), 1234567891);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_validator_etag__names_epoch_version_and_view),
        cmocka_unit_test(test_validator_etag__any_view_stays_one_token),
        cmocka_unit_test(test_validator_etag__matches_weakly_in_lists),
        cmocka_unit_test(test_validator_date__is_written_as_the_standard_says),
        cmocka_unit_test(test_validator_date__three_forms_are_read),
        cmocka_unit_test(test_validator_date__reads_what_it_writes),
        cmocka_unit_test(test_validator_date__nonsense_is_refused),
        cmocka_unit_test(test_validator_last_modified__settled_is_the_second_after),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
