/* Durations to values, gmn.md 10.5 and 10.6. */
#include "music_fixture.h"

#include "renderer/notation/music/notes/values.h"

static void check(int64_t num, int64_t den, int value, int n_dots) {
    int got_value = 99, got_dots = 99;
    assert_true(value_of_duration((struct rational){num, den}, &got_value, &got_dots));
    assert_int_equal(got_value, value);
    assert_int_equal(got_dots, n_dots);
}

static void test_value_of_duration__finds_dots(void **state) {
    (void)state;
    check(2, 1, MUSIC_VALUE_BREVE, 0);
    check(1, 1, MUSIC_VALUE_WHOLE, 0);
    check(3, 2, MUSIC_VALUE_WHOLE, 1);
    check(3, 4, MUSIC_VALUE_HALF, 1);
    check(7, 8, MUSIC_VALUE_HALF, 2);
    check(15, 16, MUSIC_VALUE_HALF, 3);
    check(1, 128, 7, 0);
    check(3, 128, 6, 1);
}

static void test_value_of_duration__refuses_what_needs_two(void **state) {
    int value, n_dots;
    (void)state;
    assert_false(value_of_duration((struct rational){5, 8}, &value, &n_dots));
    assert_false(value_of_duration((struct rational){3, 1}, &value, &n_dots));
    assert_false(value_of_duration((struct rational){1, 3}, &value, &n_dots));
    assert_false(value_of_duration((struct rational){0, 1}, &value, &n_dots));
}

static void test_value_figure__is_the_odd_part(void **state) {
    (void)state;
    assert_int_equal(value_figure((struct rational){1, 12}), 3);
    assert_int_equal(value_figure((struct rational){1, 20}), 5);
    assert_int_equal(value_figure((struct rational){1, 28}), 7);
    assert_int_equal(value_figure((struct rational){3, 12}), 1);
    assert_int_equal(value_figure_normal(3), 2);
    assert_int_equal(value_figure_normal(5), 4);
    assert_int_equal(value_figure_normal(7), 4);
    assert_int_equal(value_figure_normal(9), 8);
}

static void test_value_first_part__writes_tuplets_as_the_next_longer_value(void **state) {
    (void)state;
    struct value_part part = value_first_part((struct rational){1, 12});
    assert_int_equal(part.value, 3);
    assert_date(part.duration, 1, 12);
    part = value_first_part((struct rational){1, 20});
    assert_int_equal(part.value, 4);
    part = value_first_part((struct rational){1, 3});
    assert_int_equal(part.value, MUSIC_VALUE_HALF);
    part = value_first_part((struct rational){5, 24}); /* five triplet sixteenths: 1/4 + 1/16 */
    assert_int_equal(part.value, MUSIC_VALUE_QUARTER);
    assert_date(part.duration, 1, 6);
}

static void test_value_first_part__takes_what_cannot_be_drawn(void **state) {
    (void)state;
    struct value_part part = value_first_part((struct rational){1, 4096});
    assert_int_equal(part.value, MUSIC_VALUE_MAX);
    assert_date(part.duration, 1, 4096);
}

static void test_value_parse__reads_fractions_with_dots(void **state) {
    int value, n_dots;
    (void)state;
    assert_true(value_parse("/8", &value, &n_dots));
    assert_int_equal(value, 3);
    assert_true(value_parse("1/4.", &value, &n_dots));
    assert_int_equal(value, 2);
    assert_int_equal(n_dots, 1);
    assert_false(value_parse("", &value, &n_dots));
    assert_false(value_parse("5/8", &value, &n_dots));
    assert_false(value_parse("1/0", &value, &n_dots));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_value_of_duration__finds_dots),
        cmocka_unit_test(test_value_of_duration__refuses_what_needs_two),
        cmocka_unit_test(test_value_figure__is_the_odd_part),
        cmocka_unit_test(test_value_first_part__writes_tuplets_as_the_next_longer_value),
        cmocka_unit_test(test_value_first_part__takes_what_cannot_be_drawn),
        cmocka_unit_test(test_value_parse__reads_fractions_with_dots),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
