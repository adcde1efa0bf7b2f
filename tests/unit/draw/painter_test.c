/* The law of painting: any repaint equals the full painting, pixel for pixel. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cmocka_head.h"
#include "draw_fixture.h"
#include "renderer/draw/damage.h"
#include "renderer/draw/painter.h"

#define SETTINGS      40 /* random lists */
#define EDITS_A_LIST  60
#define ODD_WIDTH_PX  613 /* no multiple of a cell */
#define ODD_HEIGHT_PX 331

static void test_painter__incremental_equals_full(void **state) {
    (void)state;
    struct fixture_random random = {20261121};
    for (int setting = 0; setting < SETTINGS; setting++) {
        struct fixture_plan plan;
        fixture_plan_init(&plan, &random, ODD_WIDTH_PX, ODD_HEIGHT_PX,
                          1 + fixture_random(&random, 24));
        if (setting % 4 == 3) {
            plan.background = (struct item_color){0.2, 0.5, 0.1, 0.3};
        }
        struct display_list *list = fixture_plan_list(&plan);
        cairo_surface_t *surface = fixture_paint(list);
        for (int edit = 0; edit < EDITS_A_LIST; edit++) {
            struct damage damage;
            fixture_plan_edit(&plan, &random);
            struct display_list *next = fixture_plan_list(&plan);
            damage_between(list, next, &damage);
            painter_paint_rects(surface, next, damage.rects, damage.n);
            display_list_unref(list);
            list = next;
        }
        cairo_surface_t *full = fixture_paint(list);
        assert_true(fixture_same_pixels(surface, full));
        cairo_surface_destroy(full);
        cairo_surface_destroy(surface);
        display_list_unref(list);
    }
}

static void test_painter__any_rectangle_repainted_changes_nothing(void **state) {
    (void)state;
    struct fixture_random random = {77};
    struct fixture_plan plan;
    fixture_plan_init(&plan, &random, ODD_WIDTH_PX, ODD_HEIGHT_PX, 30);
    struct display_list *list = fixture_plan_list(&plan);
    cairo_surface_t *surface = fixture_paint(list), *full = fixture_paint(list);
    for (int i = 0; i < 200; i++) {
        struct rect_px rect = {
            (int)fixture_random(&random, 700) - 50, (int)fixture_random(&random, 400) - 50,
            1 + (int)fixture_random(&random, 200), 1 + (int)fixture_random(&random, 200)};
        painter_paint(surface, list, &rect);
    }
    assert_true(fixture_same_pixels(surface, full));
    cairo_surface_destroy(full);
    cairo_surface_destroy(surface);
    display_list_unref(list);
}

static cairo_surface_t *paint_one(struct display_item item) {
    struct display_list *list = display_list_create(320, 200, FIXTURE_WHITE);
    display_list_append(list, &item);
    cairo_surface_t *surface = fixture_paint(list);
    display_list_unref(list);
    return surface;
}

static double cover(enum item_brush brush) {
    struct display_item item = fixture_box(0, 0, 320, 200, (struct item_color){0, 0, 0, 1});
    item.brush = brush;
    cairo_surface_t *surface = paint_one(item);
    int dark = 0;
    for (int y = 0; y < 200; y++) {
        for (int x = 0; x < 320; x++) {
            uint32_t pixel = fixture_pixel(surface, x, y);
            assert_true(pixel == 0xff000000u || pixel == 0xffffffffu);
            dark += pixel == 0xff000000u;
        }
    }
    cairo_surface_destroy(surface);
    return dark / (320.0 * 200);
}

/* Reference 8.3: dense1 covers about 94 %, dense7 6 %; hatches a line of 1 unit every 8. */
static void test_painter__brushes_cover_what_their_name_says(void **state) {
    (void)state;
    static const double covers[] = {
        [ITEM_BRUSH_NONE] = 0,      [ITEM_BRUSH_SOLID] = 1,     [ITEM_BRUSH_DENSE1] = 0.94,
        [ITEM_BRUSH_DENSE2] = 0.88, [ITEM_BRUSH_DENSE3] = 0.63, [ITEM_BRUSH_DENSE4] = 0.5,
        [ITEM_BRUSH_DENSE5] = 0.37, [ITEM_BRUSH_DENSE6] = 0.12, [ITEM_BRUSH_DENSE7] = 0.06,
        [ITEM_BRUSH_HOR] = 0.125,   [ITEM_BRUSH_VER] = 0.125,   [ITEM_BRUSH_CROSS] = 0.234,
        [ITEM_BRUSH_BDIAG] = 0.125, [ITEM_BRUSH_FDIAG] = 0.125, [ITEM_BRUSH_DIAG_CROSS] = 0.25,
    };
    for (int brush = ITEM_BRUSH_NONE; brush <= ITEM_BRUSH_DIAG_CROSS; brush++) {
        assert_true(fabs(cover((enum item_brush)brush) - covers[brush]) < 0.016);
    }
}

/* Reference picture 09: lines are 8 units of the object apart, not pixels. */
static void test_painter__hatches_grow_with_the_object(void **state) {
    (void)state;
    struct display_item item = fixture_box(0, 0, 100, 100, (struct item_color){0, 0, 0, 1});
    item.brush = ITEM_BRUSH_HOR;
    item.matrix[0] = item.matrix[4] = 2;
    cairo_surface_t *surface = paint_one(item);
    int starts[16], n = 0;
    for (int y = 1; y < 200; y++) {
        bool is_dark = fixture_pixel(surface, 50, y) == 0xff000000u;
        if (is_dark && fixture_pixel(surface, 50, y - 1) == 0xffffffffu && n < 16) {
            starts[n++] = y;
        }
    }
    assert_int_equal(n, 13); /* in 100 units */
    for (int i = 1; i < n; i++) {
        assert_int_equal(starts[i] - starts[i - 1], 16);
    }
    assert_int_equal(fixture_pixel(surface, 50, starts[0] + 1), 0xff000000u); /* 2 px thick */
    assert_int_equal(fixture_pixel(surface, 50, starts[0] + 2), 0xffffffffu);
    cairo_surface_destroy(surface);
}

/* A zigzag of 20 lines, each in n_parts; its translucent stroke. */
static cairo_surface_t *paint_zigzag(int n_parts) {
    int n = 20 * n_parts + 1;
    cairo_path_data_t *data = calloc((size_t)n * 2, sizeof *data);
    assert_non_null(data);
    for (int i = 0; i < n; i++) {
        int line = i / n_parts, part = i % n_parts;
        double along = line % 2 == 0 ? (double)part / n_parts : 1 - (double)part / n_parts;
        data[2 * i].header.type = i == 0 ? CAIRO_PATH_MOVE_TO : CAIRO_PATH_LINE_TO;
        data[2 * i].header.length = 2;
        data[2 * i + 1].point.x = 10 + 15 * (double)i / n_parts;
        data[2 * i + 1].point.y = 20 + 150 * along;
    }
    struct display_item item = fixture_box(0, 0, 1, 1, (struct item_color){0, 0, 0, 1});
    resource_unref(item.resource);
    item.resource = resource_path_copy(data, n * 2);
    item.brush = ITEM_BRUSH_NONE;
    item.stroke_width = 4;
    item.stroke = (struct item_color){0, 0, 0, 0.5};
    free(data);
    return paint_one(item);
}

static void test_painter__a_long_stroke_in_pieces_is_the_stroke(void **state) {
    (void)state;
    cairo_surface_t *whole = paint_zigzag(2), *pieces = paint_zigzag(100);
    int n_different = 0, n_dark = 0;
    for (int y = 0; y < 200; y++) {
        for (int x = 0; x < 320; x++) {
            int a = (int)(fixture_pixel(whole, x, y) & 0xff);
            int b = (int)(fixture_pixel(pieces, x, y) & 0xff);
            assert_true(b >= 127); /* nowhere twice */
            n_different += abs(a - b) > 16;
            n_dark += b < 140;
        }
    }
    assert_in_range(n_different, 0, 120); /* 3 pixels of edge at each of 40 seams */
    assert_true(n_dark > 8000);
    cairo_surface_destroy(whole);
    cairo_surface_destroy(pieces);
}

static int dark_runs(cairo_surface_t *surface, int y, int first_run[2]) {
    int n = 0;
    for (int x = 1; x < 320; x++) {
        bool was = (fixture_pixel(surface, x - 1, y) & 255) < 128;
        bool is = (fixture_pixel(surface, x, y) & 255) < 128;
        if (is && !was && n++ == 0) {
            first_run[0] = x;
        }
        if (was && !is && n == 1) {
            first_run[1] = x;
        }
    }
    return n;
}

/* Reference 8.3: dash 3, dot 0.5, gap 3 pen widths, round caps. */
static void test_painter__dashes_are_multiples_of_the_pen(void **state) {
    (void)state;
    struct display_item item = fixture_box(20, 40, 280, 500, FIXTURE_RED);
    item.brush = ITEM_BRUSH_NONE;
    item.stroke_width = 8;
    item.stroke = (struct item_color){0, 0, 0, 1};
    item.dash = ITEM_DASH_DASH;
    cairo_surface_t *surface = paint_one(item);
    int run[2] = {0, 0};
    assert_int_equal(dark_runs(surface, 40, run), 6); /* 280 / 48 */
    assert_in_range(run[1] - run[0], 31, 33);         /* 24 and two half caps of 4 */
    cairo_surface_destroy(surface);
}

/* Effect bounds: nothing is drawn outside the bounds that the list tells. */
static void test_painter__effects_stay_inside_their_bounds(void **state) {
    (void)state;
    struct fixture_random random = {5};
    for (int i = 0; i < 60; i++) {
        struct display_list *list = display_list_create(400, 300, FIXTURE_WHITE);
        struct display_item group = {.kind = ITEM_GROUP_BEGIN, .effect_strength = 1};
        group.effect = (enum item_effect)fixture_random(&random, 4);
        group.effect_px = (int)fixture_random(&random, 40);
        group.effect_dx = (int)fixture_random(&random, 100) - 50;
        group.effect_dy = (int)fixture_random(&random, 100) - 50;
        group.effect_color = FIXTURE_RED;
        display_list_append(list, &group);
        struct display_item box = fixture_box(150, 100, 80, 60, (struct item_color){0, 0, 0, 1});
        display_list_append(list, &box);
        group.kind = ITEM_GROUP_END;
        display_list_append(list, &group);
        struct rect_px bounds = display_list_item(list, 0)->bounds;
        cairo_surface_t *surface = fixture_paint(list);
        assert_true(bounds.width >= 80);
        for (int y = 0; y < 300; y++) {
            for (int x = 0; x < 400; x++) {
                bool is_outside = x < bounds.x || y < bounds.y || x >= bounds.x + bounds.width ||
                                  y >= bounds.y + bounds.height;
                assert_false(is_outside && fixture_pixel(surface, x, y) != 0xffffffffu);
            }
        }
        cairo_surface_destroy(surface);
        display_list_unref(list);
    }
}

/* Measured on pictures/20-effects.png: black at alpha 0.6, colorize 1 with 0,0,192 → 66 66 d9. */
static void test_painter__colorize_screens_grey_with_the_colour(void **state) {
    (void)state;
    struct display_list *list = display_list_create(64, 64, FIXTURE_WHITE);
    struct display_item group = {.kind = ITEM_GROUP_BEGIN, .effect = ITEM_EFFECT_COLORIZE};
    group.effect_strength = 1;
    group.effect_color = (struct item_color){0, 0, 192 / 255.0, 1};
    display_list_append(list, &group);
    struct display_item box = fixture_box(0, 0, 64, 64, (struct item_color){0, 0, 0, 0.6});
    display_list_append(list, &box);
    group.kind = ITEM_GROUP_END;
    display_list_append(list, &group);
    cairo_surface_t *surface = fixture_paint(list);
    assert_int_equal(fixture_pixel(surface, 30, 30), 0xff6666d9u);
    cairo_surface_destroy(surface);
    display_list_unref(list);
}

/* An affine matrix written as a projective one draws (nearly) the same. */
static void test_painter__warped_path_agrees_with_affine(void **state) {
    (void)state;
    struct display_item item = fixture_box(40, 30, 200, 100, (struct item_color){0, 0, 0, 1});
    cairo_surface_t *affine = paint_one(item);
    item.resource = fixture_rect(200, 100);
    item.matrix[6] = 1e-9; /* still the same to a thousandth of a pixel */
    cairo_surface_t *warped = paint_one(item);
    for (int y = 0; y < 200; y++) {
        for (int x = 0; x < 320; x++) {
            int a = (int)(fixture_pixel(affine, x, y) & 255);
            int b = (int)(fixture_pixel(warped, x, y) & 255);
            assert_in_range(a - b + 3, 0, 6);
        }
    }
    cairo_surface_destroy(affine);
    cairo_surface_destroy(warped);
}

/* A box far larger than the picture fills it; so do its pen and hatches without end. */
static void test_painter__huge_box_fills_the_picture(void **state) {
    (void)state;
    struct display_item item = fixture_box(0, 0, 2, 2, FIXTURE_RED);
    item.matrix[0] = item.matrix[4] = 1e9;
    item.matrix[2] = item.matrix[5] = -1e9;
    cairo_surface_t *surface = paint_one(item);
    assert_int_equal(fixture_pixel(surface, 0, 0), 0xffff0000u);
    assert_int_equal(fixture_pixel(surface, 319, 199), 0xffff0000u);
    cairo_surface_destroy(surface);
}

static double strange(struct fixture_random *random) {
    static const double values[] = {0,    1,     -1,  1e-30, 1e30, -1e30, 1e300, 100,
                                    1e-9, 12345, 1e9, -1e6,  0.5,  1e5,   320,   1e12};
    uint32_t i = fixture_random(random, 20);
    return i < 16    ? values[i]
           : i == 16 ? (double)NAN
           : i == 17 ? (double)INFINITY
                     : (double)-INFINITY;
}

/* No number in a list may hang or crash the painter. */
static void test_painter__strange_numbers_are_survived(void **state) {
    (void)state;
    struct fixture_random random = {99};
    for (int i = 0; i < 1500; i++) {
        struct display_list *list = display_list_create(320, 200, FIXTURE_WHITE);
        struct display_item item = {.kind = (enum item_kind)fixture_random(&random, 4)};
        cairo_path_data_t data[8];
        memset(data, 0, sizeof(data));
        for (int j = 0; j < 4; j++) {
            data[2 * j].header.type = j == 0 ? CAIRO_PATH_MOVE_TO : CAIRO_PATH_LINE_TO;
            data[2 * j].header.length = 2;
            data[2 * j + 1].point.x = strange(&random);
            data[2 * j + 1].point.y = strange(&random);
        }
        item.resource = item.kind == ITEM_PATH     ? resource_path_copy(data, 8)
                        : item.kind == ITEM_GLYPHS ? fixture_text("strange", 20)
                        : item.kind == ITEM_BITMAP ? fixture_bitmap(30, 20, 1)
                                                   : fixture_svg();
        for (int j = 0; j < 9; j++) {
            bool is_sane = fixture_random(&random, 3) != 0;
            item.matrix[j] = is_sane ? (j % 4 == 0 ? 1 : 0) : strange(&random);
        }
        item.fill = (struct item_color){strange(&random), 0, 0, 1};
        item.stroke = (struct item_color){0, strange(&random), 0, 1};
        item.brush = (enum item_brush)fixture_random(&random, 15);
        item.stroke_width = strange(&random);
        item.dash = (enum item_dash)fixture_random(&random, 5);
        item.has_clip = fixture_random(&random, 4) == 0;
        for (int j = 0; j < 4; j++) {
            item.clip[j] = strange(&random);
        }
        display_list_append(list, &item);
        cairo_surface_t *surface = fixture_paint(list);
        assert_int_equal(cairo_surface_status(surface), CAIRO_STATUS_SUCCESS);
        cairo_surface_destroy(surface);
        display_list_unref(list);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_painter__incremental_equals_full),
        cmocka_unit_test(test_painter__any_rectangle_repainted_changes_nothing),
        cmocka_unit_test(test_painter__brushes_cover_what_their_name_says),
        cmocka_unit_test(test_painter__hatches_grow_with_the_object),
        cmocka_unit_test(test_painter__a_long_stroke_in_pieces_is_the_stroke),
        cmocka_unit_test(test_painter__dashes_are_multiples_of_the_pen),
        cmocka_unit_test(test_painter__effects_stay_inside_their_bounds),
        cmocka_unit_test(test_painter__colorize_screens_grey_with_the_colour),
        cmocka_unit_test(test_painter__warped_path_agrees_with_affine),
        cmocka_unit_test(test_painter__huge_box_fills_the_picture),
        cmocka_unit_test(test_painter__strange_numbers_are_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
