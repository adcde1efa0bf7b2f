/* RFC 9110 section 14. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gateway-http/range.h"

static void test_range__whole_when_absent_several_or_malformed(void **state) {
    static const char *const ROWS[] = {
        NULL,
        "",
        "bytes",
        "bytes=",
        "items=0-1",
        "bytes=1-0",
        "bytes=a-b",
        "bytes=0-1,3-4",
        "bytes=0-1x",
        "bytes=-",
        "bytes=1",
        "bytes=--1",
        "bytes=99999999999999999999-",
    };
    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        struct range range;
        assert_int_equal(range_parse(ROWS[i], 100, &range), RANGE_WHOLE);
    }
}

static void test_range__parts(void **state) {
    static const struct {
        const char *text;
        uint64_t first, length;
    } ROWS[] = {
        {"bytes=0-0", 0, 1},     {"bytes=0-", 0, 100},     {"bytes=99-", 99, 1},
        {"bytes=10-19", 10, 10}, {"bytes=90-200", 90, 10}, {"bytes=-1", 99, 1},
        {"bytes=-100", 0, 100},  {"bytes=-500", 0, 100},   {"BYTES= 5-5", 5, 1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        struct range range;
        assert_int_equal(range_parse(ROWS[i].text, 100, &range), RANGE_PART);
        assert_int_equal(range.first, ROWS[i].first);
        assert_int_equal(range.length, ROWS[i].length);
    }
}

static void test_range__unsatisfiable_behind_the_end(void **state) {
    struct range range;
    (void)state;
    assert_int_equal(range_parse("bytes=100-", 100, &range), RANGE_UNSATISFIABLE);
    assert_int_equal(range_parse("bytes=-0", 100, &range), RANGE_UNSATISFIABLE);
    assert_int_equal(range_parse("bytes=0-", 0, &range), RANGE_UNSATISFIABLE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_range__whole_when_absent_several_or_malformed),
        cmocka_unit_test(test_range__parts),
        cmocka_unit_test(test_range__unsatisfiable_behind_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
