/* Ink as outlines: what a filled pixel says. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "renderer/notation/font.h"
#include "renderer/notation/ink_path.h"

static const struct music_color BLACK = {0, 0, 0, 255};
static const struct music_color RED = {255, 0, 0, 255};

/* Is the point inside the outlines of all layers together? */
static bool is_inside(const struct ink_layers *layers, double x, double y) {
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_A8, 1, 1);
    cairo_t *cr = cairo_create(surface);
    bool is_hit = false;
    for (size_t i = 0; i < layers->n_layers; i++) {
        const cairo_path_t path = {CAIRO_STATUS_SUCCESS, layers->layers[i].data,
                                   layers->layers[i].num_data};
        cairo_new_path(cr);
        cairo_append_path(cr, &path);
        is_hit = is_hit || cairo_in_fill(cr, x, y);
    }
    cairo_destroy(cr);
    cairo_surface_destroy(surface);
    return is_hit;
}

static int load_font(void **state) {
    char why[256];
    (void)state;
    return music_font_load(why, sizeof why);
}

static void test_ink_path__pieces_that_overlap_join(void **state) {
    /* a head with its stem drawn in both directions of going round, and a ledger line over it */
    const struct ink ink[] = {
        {.shape = INK_GLYPH, .color = BLACK, .glyph = GLYPH_HEAD_BLACK, .size = 1},
        {.shape = INK_BOX, .color = BLACK, .x = 0.5, .y = -1, .x2 = 0.8, .y2 = 1},
        {.shape = INK_BOX, .color = BLACK, .x = 0.8, .y = 1, .x2 = 0.5, .y2 = -1},
        {.shape = INK_LINE, .color = BLACK, .x = 3, .y = 0, .x2 = -1, .y2 = 0, .thickness = 0.2},
    };
    struct ink_layers layers = {0};
    (void)state;
    ink_layers_add(&layers, ink, sizeof ink / sizeof ink[0]);
    assert_int_equal(layers.n_layers, 1);
    assert_true(is_inside(&layers, 0.65, 0));
    assert_true(is_inside(&layers, 0.65, 0.9));
    assert_true(is_inside(&layers, 2.5, 0.05));
    assert_false(is_inside(&layers, 2.5, 0.15));
    assert_false(is_inside(&layers, 0.65, 1.1));
    ink_layers_finish(&layers);
}

static void test_ink_path__holes_of_glyphs_and_rings_stay_open(void **state) {
    const struct ink ink[] = {
        {.shape = INK_GLYPH, .color = BLACK, .glyph = GLYPH_HEAD_WHOLE, .size = 1},
        {.shape = INK_CIRCLE, .color = BLACK, .x = 10, .y = 0, .x2 = 2, .thickness = 0.4},
    };
    struct ink_layers layers = {0};
    struct ink_box box = music_glyph_box(GLYPH_HEAD_WHOLE);
    (void)state;
    ink_layers_add(&layers, ink, 2);
    assert_false(is_inside(&layers, (box.left + box.right) / 2, 0));
    assert_true(is_inside(&layers, box.left + 0.1, 0));
    assert_false(is_inside(&layers, 10, 0));
    assert_true(is_inside(&layers, 12, 0));
    assert_true(is_inside(&layers, 11.9, 0));
    assert_false(is_inside(&layers, 12.3, 0));
    ink_layers_finish(&layers);
}

static void test_ink_path__each_colour_is_a_layer_once(void **state) {
    struct ink ink[5];
    struct ink_layers layers = {0};
    (void)state;
    for (int i = 0; i < 5; i++) {
        ink[i] = (struct ink){.shape = INK_BOX,
                              .color = i % 2 == 0 ? BLACK : RED,
                              .x = 2 * i,
                              .x2 = 2 * i + 1,
                              .y2 = 1};
    }
    ink_layers_add(&layers, ink, 5);
    assert_int_equal(layers.n_layers, 2);
    assert_true(music_color_is_black(layers.layers[0].color));
    assert_false(music_color_is_black(layers.layers[1].color));
    ink_layers_finish(&layers);
}

static void test_ink_path__dashes_leave_gaps_and_are_bounded(void **state) {
    struct ink line = {
        .shape = INK_LINE, .color = BLACK, .x2 = 10, .thickness = 0.2, .dash = 1, .gap = 1};
    struct ink_layers layers = {0};
    (void)state;
    ink_layers_add(&layers, &line, 1);
    assert_true(is_inside(&layers, 0.5, 0));
    assert_false(is_inside(&layers, 1.5, 0));
    assert_true(is_inside(&layers, 8.5, 0));
    ink_layers_finish(&layers);
    line.x2 = 1e6;
    line.dash = line.gap = 1e-6;
    ink_layers_add(&layers, &line, 1);
    assert_true(layers.layers[0].num_data < 100);
    ink_layers_finish(&layers);
}

static void test_ink_path__round_ends_reach_half_the_thickness_further(void **state) {
    const struct ink line = {.shape = INK_LINE,
                             .color = BLACK,
                             .x = 1,
                             .y = 1,
                             .x2 = 5,
                             .y2 = 1,
                             .thickness = 1,
                             .is_round = true};
    struct ink_layers layers = {0};
    (void)state;
    ink_layers_add(&layers, &line, 1);
    assert_true(is_inside(&layers, 0.6, 1));
    assert_true(is_inside(&layers, 5.4, 1));
    assert_false(is_inside(&layers, 5.4, 1.4));
    assert_true(is_inside(&layers, 3, 1.45));
    assert_false(is_inside(&layers, 3, 1.55));
    ink_layers_finish(&layers);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ink_path__pieces_that_overlap_join),
        cmocka_unit_test(test_ink_path__holes_of_glyphs_and_rings_stay_open),
        cmocka_unit_test(test_ink_path__each_colour_is_a_layer_once),
        cmocka_unit_test(test_ink_path__dashes_leave_gaps_and_are_bounded),
        cmocka_unit_test(test_ink_path__round_ends_reach_half_the_thickness_further),
    };
    return cmocka_run_group_tests(tests, load_font, NULL);
}
