/* Messages, their text form, addresses, rationals, the index. */
#include "score_fixture.h"

#include <stdlib.h>
#include <string.h>

#include "renderer/score/address.h"
#include "renderer/score/index.h"
#include "renderer/score/rational.h"

#define CASE(name) static void test_message__##name(void **state)

static void expect_param(struct param param, bool is_plain, const char *expected) {
    struct text out = {0};
    param_print(&param, is_plain, &out);
    assert_string_equal(out.data, expected);
    text_finish(&out);
    param_finish(&param);
}

CASE(parameters_print_as_script) {
    (void)state;
    expect_param(param_int(-12), false, "-12");
    expect_param(param_float(1), false, "1.0");
    expect_param(param_float(0.163398f), false, "0.163398");
    expect_param(param_float(1e20f), false, "1e+20");
    expect_param(param_float(-0.25f), true, "-0.25");
    expect_param(param_string("word"), false, "word");
    expect_param(param_string("my-name+*?_9"), false, "my-name+*?_9");
    expect_param(param_string("two words"), false, "\"two words\"");
    expect_param(param_string("$x"), false, "\"$x\"");
    expect_param(param_string(""), false, "\"\"");
    expect_param(param_string("a\"b\\c"), false, "\"a\\\"b\\c\"");
    expect_param(param_string("two words"), true, "two words");
    expect_param(param_string("1sh"), false, "\"1sh\"");
    expect_param(param_string("-1sw"), false, "-1sw");
    expect_param(param_string("12"), false, "\"12\"");
    expect_param(param_string("-12"), false, "\"-12\"");
}

CASE(lists_print_nested) {
    (void)state;
    struct message msg;
    struct text out = {0};
    fixture_parse("/ITL/a watch GO ( /ITL/a x 1., /ITL/b set txt \"a b\" )", &msg);
    message_print(&msg, &out);
    assert_string_equal(out.data, "/ITL/a watch GO ( /ITL/a x 1.0, /ITL/b set txt \"a b\" )");
    text_finish(&out);
    message_print_error(&msg, &out);
    assert_string_equal(out.data, "/ITL/a watch GO ( /ITL/a x 1, /ITL/b set txt a b )");
    text_finish(&out);
    struct message copy;
    message_copy(&copy, &msg);
    message_finish(&msg);
    message_print(&copy, &out);
    assert_non_null(strstr(out.data, "( /ITL/a x 1.0,"));
    text_finish(&out);
    message_finish(&copy);
}

CASE(floats_saturate_as_ints) {
    (void)state;
    struct param p = param_float(3.9f);
    assert_int_equal(param_as_int(&p), 3);
    p = param_float(-3.9f);
    assert_int_equal(param_as_int(&p), -3);
    p = param_float(1e20f);
    assert_int_equal(param_as_int(&p), INT32_MAX);
    p = param_float(-1e20f);
    assert_int_equal(param_as_int(&p), INT32_MIN);
}

static void expect_match(const char *pattern, const char *name, bool is_match) {
    if (address_segment_matches(pattern, strlen(pattern), name) != is_match) {
        fail_msg("%s against %s", pattern, name);
    }
}

CASE(patterns_match_segments) {
    (void)state;
    expect_match("abc", "abc", true);
    expect_match("abc", "abcd", false);
    expect_match("*", "", true);
    expect_match("a*", "abc", true);
    expect_match("*c", "abc", true);
    expect_match("a*b*c", "axxbyyc", true);
    expect_match("a*b*c", "axxbyy", false);
    expect_match("a?c", "abc", true);
    expect_match("a?c", "ac", false);
    expect_match("p[13]", "p1", true);
    expect_match("p[13]", "p2", false);
    expect_match("[a-c]x", "bx", true);
    expect_match("[^a-c]x", "bx", false);
    expect_match("[^a-c]x", "dx", true);
    expect_match("[rs]*", "rx", true);
    expect_match("{one,two}", "two", true);
    expect_match("{one,two}", "three", false);
    expect_match("a{1,2}b{3,4}", "a2b3", true);
    expect_match("{a*,b}c", "axxc", true);
    expect_match("[", "[", true);
    expect_match("{a", "{a", true);
    assert_true(address_segment_is_pattern("{a,b}", 5));
    assert_false(address_segment_is_pattern("a-b_1", 5));
}

CASE(hostile_patterns_end) {
    (void)state;
    char name[256], pattern[256];
    memset(name, 'a', 255);
    name[255] = '\0';
    for (int i = 0; i < 254; i += 2) {
        pattern[i] = '*';
        pattern[i + 1] = 'a';
    }
    pattern[254] = 'b';
    pattern[255] = '\0';
    expect_match(pattern, name, false);
    expect_match("{a,a}{a,a}{a,a}{a,a}{a,a}{a,a}{a,a}{a,a}{a,a}{a,a}{a,a}{a,a}{a,a}{a,a}b", name,
                 false);
}

CASE(segments_are_cut) {
    (void)state;
    const char *rest = "//ITL/scene//a", *segment;
    assert_int_equal(address_next_segment(&rest, &segment), 3);
    assert_int_equal(address_next_segment(&rest, &segment), 5);
    assert_int_equal(address_next_segment(&rest, &segment), 1);
    assert_int_equal(address_next_segment(&rest, &segment), 0);
}

CASE(rationals_are_exact) {
    (void)state;
    struct rational a, b, out = {5, 7};
    assert_false(rational_make(1, 0, &out));
    assert_int_equal(out.num, 5);
    assert_true(rational_make(1, -2, &a));
    assert_int_equal(a.num, -1);
    assert_int_equal(a.den, 2);
    assert_true(rational_from_float(3.5, &a));
    assert_int_equal(a.num, 35000);
    assert_int_equal(a.den, 10000);
    assert_true(rational_make(1, 3, &a));
    assert_true(rational_make(1, 6, &b));
    assert_true(rational_add(a, b, &out));
    assert_int_equal(out.num, 1);
    assert_int_equal(out.den, 2);
    assert_int_equal(rational_compare(a, b), 1);
    assert_int_equal(rational_compare((struct rational){2, 4}, (struct rational){1, 2}), 0);
    assert_int_equal(rational_compare((struct rational){-1, 3}, (struct rational){-1, 4}), -1);
    assert_int_equal(rational_compare((struct rational){INT64_MAX, INT64_MAX - 1},
                                      (struct rational){INT64_MAX - 1, INT64_MAX - 2}),
                     -1);
    assert_false(
        rational_add((struct rational){1, INT64_MAX}, (struct rational){1, INT64_MAX - 1}, &out));
    assert_true(rational_quantise((struct rational){7, 8}, (struct rational){1, 4}, &out));
    assert_int_equal(out.num, 3);
    assert_int_equal(out.den, 4);
    assert_true(rational_quantise((struct rational){-1, 8}, (struct rational){1, 4}, &out));
    assert_int_equal(out.num, -1);
    assert_false(rational_from_float(1e300, &out));
}

static bool is_number(const void *item, const void *key) {
    return *(const int *)item == *(const int *)key;
}

CASE(index_finds_what_it_holds) {
    (void)state;
    enum { N = 5000 };
    static int items[N];
    struct index index = {0};
    for (int i = 0; i < N; i++) {
        items[i] = i;
        index_put(&index, index_hash_number((uint64_t)i % 700), &items[i]); /* many collisions */
    }
    for (int i = 0; i < N; i += 3) {
        index_remove(&index, index_hash_number((uint64_t)i % 700), &items[i]);
    }
    for (int i = 0; i < N; i++) {
        void *found = index_find(&index, index_hash_number((uint64_t)i % 700), is_number, &i);
        assert_ptr_equal(found, i % 3 == 0 ? NULL : &items[i]);
    }
    assert_int_equal(index.n_items, N - (N + 2) / 3);
    index_finish(&index);
}

#define RUN(name) cmocka_unit_test(test_message__##name)

int main(void) {
    const struct CMUnitTest tests[] = {
        RUN(parameters_print_as_script), RUN(lists_print_nested),
        RUN(floats_saturate_as_ints),    RUN(patterns_match_segments),
        RUN(hostile_patterns_end),       RUN(segments_are_cut),
        RUN(rationals_are_exact),        RUN(index_finds_what_it_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
