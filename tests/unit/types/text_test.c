/* Text objects: sizes, fonts, bounds, data messages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/limits.h"
#include "renderer/types/text/text_layout.h"
#include "tests/unit/types/types_bench.h"

static const struct text_font CARLITO = {"Carlito", 14, TEXT_NORMAL, TEXT_REGULAR};

/* Heights of the reference replies 01 and 02: whole units per line. */
static void test_text_layout__line_heights_are_those_of_the_reference(void **state) {
    static const struct {
        const char *family;
        double size, height;
    } CASES[] = {{"Carlito", 14, 17}, {"Carlito", 24, 29}, {"Carlito", 28, 34},
                 {"Carlito", 30, 37}, {"Carlito", 40, 49}, {"DejaVu Sans", 30, 36}};
    (void)state;
    for (size_t case_i = 0; case_i < sizeof CASES / sizeof CASES[0]; case_i++) {
        struct text_font font = CARLITO;
        struct text_metrics metrics;
        memset(font.family, 0, sizeof font.family);
        memcpy(font.family, CASES[case_i].family, strlen(CASES[case_i].family));
        font.size = CASES[case_i].size;
        text_face_measure(&font, &metrics);
        expect_near(metrics.line_height, CASES[case_i].height, 1e-9);
    }
}

/* "Default size" at 14: 0.163398 * 400 units in the reference. */
static void test_text_layout__width_is_that_of_the_reference(void **state) {
    double box[4];
    (void)state;
    struct draw_resource *glyphs = text_layout_plain(&CARLITO, "Default size", 12, box);
    assert_non_null(glyphs);
    expect_near(box[2], 65.36, 65.36 * 0.03);
    expect_near(box[3], 17, 1e-9);
    resource_unref(glyphs);
}

static void test_text_layout__width_grows_with_the_size_alone(void **state) {
    struct text_font large = CARLITO;
    double small_box[4], large_box[4];
    (void)state;
    large.size = 1400;
    resource_unref(text_layout_plain(&CARLITO, "proportion", 10, small_box));
    resource_unref(text_layout_plain(&large, "proportion", 10, large_box));
    expect_near(large_box[2] / small_box[2], 100, 0.5);
}

static void test_text_layout__broken_utf8_is_drawn(void **state) {
    double box[4];
    (void)state;
    struct draw_resource *glyphs = text_layout_plain(&CARLITO, "a\xff\xfe\x80z", 5, box);
    assert_non_null(glyphs);
    resource_unref(glyphs);
}

static void test_text_layout__long_texts_are_cut_between_characters(void **state) {
    (void)state;
    assert_int_equal(text_cut("a\xc3\xa9z", 4, 2), 1);
    assert_int_equal(text_cut("a\xc3\xa9z", 4, 3), 3);
    assert_int_equal(text_cut("abc", 3, 9), 3);
}

static void test_txt__ten_megabytes_are_kept_and_drawn_in_part(void **state) {
    const size_t len = 10u * 1024 * 1024;
    struct types_bench bench;
    char *script = malloc(len + 64);
    (void)state;
    types_bench_init(&bench);
    strcpy(script, "/ITL/scene/t set txt \"");
    size_t at = strlen(script);
    for (size_t i = 0; i < len; i++) {
        script[at + i] = i % 100 == 99 ? '\n' : 'x';
    }
    strcpy(script + at + len, "\";");
    types_bench_ok(&bench, script);
    free(script);
    char *reply = types_bench_get(&bench, "/ITL/scene/t get height;");
    assert_string_not_equal(reply, "");
    free(reply);
    reply = types_bench_get(&bench, "/ITL/scene/t get;");
    assert_true(strlen(reply) > len);
    free(reply);
    types_bench_finish(&bench);
}

static void expect_reply(struct types_bench *bench, const char *script, const char *wanted) {
    char *reply = types_bench_get(bench, script);
    assert_string_equal(reply, wanted);
    free(reply);
}

static void test_txt__values_are_joined_and_written_to(void **state) {
    struct types_bench bench;
    (void)state;
    types_bench_init(&bench);
    types_bench_ok(&bench, "/ITL/scene/t set txt a 3 0.5 2.0; /ITL/scene/t write more 1;");
    expect_reply(&bench, "/ITL/scene/t get;", "/ITL/scene/t set txt \"a 3 0.5 2.0 more 1\"");
    expect_reply(&bench, "/ITL/scene/t get text;", "/ITL/scene/t text \"a 3 0.5 2.0 more 1\"");
    types_bench_finish(&bench);
}

static void test_txt__font_messages_are_checked(void **state) {
    struct types_bench bench;
    (void)state;
    types_bench_init(&bench);
    types_bench_ok(&bench, "/ITL/scene/t set txt a; /ITL/scene/t fontWeight black;"
                           "/ITL/scene/t fontStyle italic; /ITL/scene/t fontSize 20;");
    char *errors = types_bench_run(&bench, "/ITL/scene/t fontWeight heavy;");
    assert_non_null(strstr(errors, "incorrect parameters: /ITL/scene/t fontWeight heavy"));
    free(errors);
    expect_reply(&bench, "/ITL/scene/t get fontWeight;", "/ITL/scene/t fontWeight black");
    expect_reply(&bench, "/ITL/scene/t get fontStyle;", "/ITL/scene/t fontStyle italic");
    expect_reply(&bench, "/ITL/scene/t get fontSize;", "/ITL/scene/t fontSize 20");
    expect_reply(&bench, "/ITL/scene/t get fontFamily;", "/ITL/scene/t fontFamily Carlito");
    types_bench_finish(&bench);
}

static void test_txt__negative_font_size_is_kept_and_draws_nothing(void **state) {
    struct types_bench bench;
    (void)state;
    types_bench_init(&bench);
    types_bench_ok(&bench, "/ITL/scene/t set txt a; /ITL/scene/t fontSize -4;");
    expect_reply(&bench, "/ITL/scene/t get fontSize;", "/ITL/scene/t fontSize -4");
    expect_reply(&bench, "/ITL/scene/t get width;", "/ITL/scene/t width 0.0");
    types_bench_finish(&bench);
}

static void test_txtf__missing_file_is_an_error(void **state) {
    struct types_bench bench;
    (void)state;
    types_bench_init(&bench);
    bench.file_name = "a.txt";
    bench.file_data = "from file";
    bench.file_size = 9;
    types_bench_ok(&bench, "/ITL/scene/t set txtf a.txt;");
    expect_reply(&bench, "/ITL/scene/t get;", "/ITL/scene/t set txtf \"a.txt\"");
    expect_reply(&bench, "/ITL/scene/t get text;", "/ITL/scene/t text \"from file\"");
    char *errors = types_bench_run(&bench, "/ITL/scene/u set txtf b.txt;");
    assert_non_null(strstr(errors, "can't open file : b.txt"));
    free(errors);
    assert_null(score_find(bench.score, "/ITL/scene/u"));
    types_bench_finish(&bench);
}

/* Replies of reference script 24. */
static void test_html__heights_are_those_of_the_reference(void **state) {
    struct types_bench bench;
    (void)state;
    types_bench_init(&bench);
    types_bench_ok(&bench,
                   "/ITL/scene/l set html \"<ul><li>first</li><li>second</li></ul>\";"
                   "/ITL/scene/t set html \"<table border='1' cellpadding='4'><tr><td>a</td>"
                   "<td>bb</td></tr><tr><td>ccc</td><td>d</td></tr></table>\";"
                   "/ITL/scene/h set html \"<h2>Heading</h2><p>Some</p>\";"
                   "/ITL/scene/h fontSize 20;");
    expect_reply(&bench, "/ITL/scene/l get height;", "/ITL/scene/l height 0.085");
    expect_reply(&bench, "/ITL/scene/t get height;", "/ITL/scene/t height 0.155");
    expect_reply(&bench, "/ITL/scene/t get width;", "/ITL/scene/t width 0.1525");
    expect_reply(&bench, "/ITL/scene/h get height;", "/ITL/scene/h height 0.1825");
    types_bench_finish(&bench);
}

static void test_html__deep_and_broken_markup_ends(void **state) {
    struct types_bench bench;
    const size_t n = 20000;
    char *script = malloc(n * 5 + 128);
    (void)state;
    types_bench_init(&bench);
    strcpy(script, "/ITL/scene/t set html \"");
    for (size_t i = 0; i < n; i++) {
        strcat(script + i * 5, i % 2 == 0 ? "<div>" : "<ul> ");
    }
    strcat(script, "</b><table><td><img src='no'>&#0;&bogus;\";");
    types_bench_ok(&bench, script);
    free(script);
    char *reply = types_bench_get(&bench, "/ITL/scene/t get width;");
    assert_string_not_equal(reply, "");
    free(reply);
    types_bench_finish(&bench);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_layout__line_heights_are_those_of_the_reference),
        cmocka_unit_test(test_text_layout__width_is_that_of_the_reference),
        cmocka_unit_test(test_text_layout__width_grows_with_the_size_alone),
        cmocka_unit_test(test_text_layout__broken_utf8_is_drawn),
        cmocka_unit_test(test_text_layout__long_texts_are_cut_between_characters),
        cmocka_unit_test(test_txt__ten_megabytes_are_kept_and_drawn_in_part),
        cmocka_unit_test(test_txt__values_are_joined_and_written_to),
        cmocka_unit_test(test_txt__font_messages_are_checked),
        cmocka_unit_test(test_txt__negative_font_size_is_kept_and_draws_nothing),
        cmocka_unit_test(test_txtf__missing_file_is_an_error),
        cmocka_unit_test(test_html__heights_are_those_of_the_reference),
        cmocka_unit_test(test_html__deep_and_broken_markup_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
