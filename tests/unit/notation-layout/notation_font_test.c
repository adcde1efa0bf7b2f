/* The music font: glyphs, boxes and stem attachments (gmn.md 15), and boxes of ink. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/err.h"
#include "renderer/notation/font.h"
#include "renderer/notation/font_tables.h"

static void assert_near(double value, double expected, double tolerance) {
    if (!(fabs(value - expected) <= tolerance)) {
        fail_msg("%g is not %g +- %g", value, expected, tolerance);
    }
}

static void test_font__missing_folder_names_the_package(void **state) {
    (void)state;
    char error[300] = "";
    setenv("LEGGIO_MUSIC_FONTS", "/nowhere", 1);
    assert_int_equal(music_font_load(error, sizeof error), LG_ENOTFOUND);
    assert_non_null(strstr(error, "lilypond-fonts"));
    assert_non_null(strstr(error, "/nowhere"));
    unsetenv("LEGGIO_MUSIC_FONTS");
}

static void test_font__loads_twice_and_tells_its_path(void **state) {
    (void)state;
    char error[300] = "";
    assert_int_equal(music_font_load(error, sizeof error), 0);
    assert_int_equal(music_font_load(error, sizeof error), 0);
    assert_non_null(strstr(music_font_path(), "emmentaler-20.otf"));
    assert_non_null(music_font_face());
}

static void test_font__heads_measure_as_the_reference_says(void **state) {
    (void)state;
    static const struct {
        enum music_glyph glyph;
        double width;
    } WIDTHS[] = {
        {GLYPH_HEAD_BLACK, 1.304},   {GLYPH_HEAD_HALF, 1.377},   {GLYPH_HEAD_WHOLE, 1.962},
        {GLYPH_HEAD_X_BLACK, 1.304}, {GLYPH_HEAD_X_HALF, 1.504}, {GLYPH_SHARP, 1.1},
        {GLYPH_DOT, 0.45},           {GLYPH_NATURAL, 0.667},
    };
    for (size_t i = 0; i < sizeof WIDTHS / sizeof WIDTHS[0]; i++) {
        struct ink_box box = music_glyph_box(WIDTHS[i].glyph);
        assert_near(box.right - box.left, WIDTHS[i].width, 0.002);
        assert_true(box.top < 0 && box.bottom > 0);
    }
    assert_near(music_glyph_advance(GLYPH_HEAD_BLACK), 1.304, 0.01);
}

static void test_font__stems_attach_as_the_reference_says(void **state) {
    (void)state;
    struct ink_point up = music_glyph_attach(GLYPH_HEAD_BLACK, true);
    struct ink_point down = music_glyph_attach(GLYPH_HEAD_BLACK, false);
    assert_near(up.x, 1.304, 0.002);
    assert_near(up.y, -0.186, 0.002); /* y downwards */
    assert_near(down.x, 0, 0.002);
    assert_near(down.y, 0.186, 0.002);
    assert_near(music_glyph_attach(GLYPH_HEAD_HALF, true).y, -0.259, 0.002);
}

static void test_font__every_glyph_has_an_outline(void **state) {
    (void)state;
    for (int i = 0; i < GLYPH_COUNT; i++) {
        const cairo_path_t *path = music_glyph_path((enum music_glyph)i);
        assert_true(music_glyph_index((enum music_glyph)i) > 0);
        assert_true(path->num_data > 4);
        assert_int_equal(path->data[0].header.type, CAIRO_PATH_MOVE_TO);
        struct ink_box box = music_glyph_box((enum music_glyph)i);
        assert_true(box.left < box.right && box.top < box.bottom);
    }
}

static const char *const NAMES[] = {"b.two", "a.one"};

static void test_font_tables__broken_text_is_refused_or_skipped(void **state) {
    (void)state;
    struct font_metrics metrics[2] = {0};
    static const char *const BROKEN[] = {"",
                                         ")))(((",
                                         "(a.one",
                                         "(a.one . ((bbox . (1 2 3",
                                         "((((((((((((",
                                         "(a.one . ((bbox . (1 2 x 4))))",
                                         "(a.one . ((bbox . (nan 1 2 3))))"};
    for (size_t i = 0; i < sizeof BROKEN / sizeof BROKEN[0]; i++) {
        assert_int_equal(font_table_glyphs(BROKEN[i], strlen(BROKEN[i]), 5, NAMES, metrics, 2),
                         LG_EBADREQUEST);
    }
    const char *good =
        "(x . ((bbox . (9 9 9 9))))(a.one . ((bbox . (0 -5 10 15)) (attachment . (10 . 5))"
        "(attachment-down . (0 . -5))))";
    assert_int_equal(font_table_glyphs(good, strlen(good), 5, NAMES, metrics, 2), 0);
    assert_near(metrics[1].box.right, 2, 1e-9);
    assert_near(metrics[1].box.top, -3, 1e-9);
    assert_near(metrics[1].box.bottom, 1, 1e-9);
    assert_near(metrics[1].attach_up.y, -1, 1e-9);
    assert_near(metrics[1].attach_down.y, 1, 1e-9);
    assert_near(metrics[0].box.right, 0, 1e-9);
}

static void test_font_tables__number_is_found_by_name(void **state) {
    (void)state;
    const char *text = "(other . 7)\n(staff_space . 5)\n";
    assert_near(font_table_number(text, strlen(text), "staff_space"), 5, 0);
    assert_near(font_table_number(text, strlen(text), "space"), 0, 0);
}

static void test_ink__boxes_hold_the_ink_exactly(void **state) {
    (void)state;
    struct ink line = {.shape = INK_LINE, .x = 0, .y = 0, .x2 = 4, .y2 = 0, .thickness = 0.5};
    ink_measure(&line);
    assert_near(line.box.left, 0, 1e-9);
    assert_near(line.box.top, -0.25, 1e-9);
    line.is_round = true;
    ink_measure(&line);
    assert_near(line.box.left, -0.25, 1e-9);
    struct ink_point points[] = {{0, 0}, {0, -4}, {4, -4}, {4, 0}};
    struct ink curve = {.shape = INK_CURVE, .points = points, .n_points = 4};
    ink_measure(&curve);
    assert_near(curve.box.top, -3, 1e-9); /* 3/4 of the control points' height */
    ink_move(&curve, 1, 2);
    assert_near(curve.box.top, -1, 1e-9);
    assert_near(points[3].x, 5, 1e-9);
    struct ink ring = {.shape = INK_CIRCLE, .x = 1, .y = 1, .x2 = 1, .thickness = 0.2};
    ink_measure(&ring);
    assert_near(ring.box.right, 2.1, 1e-9);
    struct ink head = {.shape = INK_GLYPH, .glyph = GLYPH_HEAD_BLACK, .size = 0.5, .x = 10, .y = 3};
    ink_measure(&head);
    assert_near(head.box.right - head.box.left, 0.652, 0.001);
    assert_near(head.box.left, 10, 0.001);
}

static void test_ink__list_grows_and_stops_at_the_arena(void **state) {
    (void)state;
    struct arena *arena = arena_create(64 * 1024);
    struct ink_list list = {0};
    struct ink dot = {.shape = INK_BOX, .x2 = 1, .y2 = 1};
    size_t n = 0;
    while (n < 100000 && ink_list_add(arena, &list, &dot)) {
        n++;
    }
    assert_true(n > 50 && n < 1000);
    assert_int_equal(list.n_items, n);
    assert_true(arena_is_full(arena));
    arena_destroy(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_font__missing_folder_names_the_package),
        cmocka_unit_test(test_font__loads_twice_and_tells_its_path),
        cmocka_unit_test(test_font__heads_measure_as_the_reference_says),
        cmocka_unit_test(test_font__stems_attach_as_the_reference_says),
        cmocka_unit_test(test_font__every_glyph_has_an_outline),
        cmocka_unit_test(test_font_tables__broken_text_is_refused_or_skipped),
        cmocka_unit_test(test_font_tables__number_is_found_by_name),
        cmocka_unit_test(test_ink__boxes_hold_the_ink_exactly),
        cmocka_unit_test(test_ink__list_grows_and_stops_at_the_arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
