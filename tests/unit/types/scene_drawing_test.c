/* A scene drawn again and again is the scene drawn afresh: the same items, and the same pixels when
 * only the damage is painted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "renderer/draw/damage.h"
#include "renderer/draw/painter.h"
#include "renderer/types/draw_scene.h"
#include "tests/unit/types/types_bench.h"

static uint32_t random_state;

static int chance(int n) {
    random_state = random_state * 1664525u + 1013904223u;
    return (int)((random_state >> 8) % (uint32_t)n);
}

/* Items with everything that picking and painting go by. */
static void expect_same_items(const struct display_list *list, const struct display_list *whole) {
    assert_int_equal(display_list_size(list), display_list_size(whole));
    for (size_t i = 0; i < display_list_size(list); i++) {
        const struct display_item *a = display_list_item(list, i);
        const struct display_item *b = display_list_item(whole, i);
        assert_int_equal(a->kind, b->kind);
        assert_int_equal(a->object_id, b->object_id);
        assert_memory_equal(&a->bounds, &b->bounds, sizeof a->bounds);
        assert_memory_equal(a->matrix, b->matrix, sizeof a->matrix);
    }
    assert_true(display_list_equal(list, whole));
    assert_true(display_list_equal(whole, list));
}

/* -- random scripts --------------------------------------------------------- */

static const char *const CONTENTS[] = {
    "set rect 0.2 0.1",      "set ellipse 0.1 0.2",
    "set txt \"word\"",      "set arc 0.3 0.2 10 200",
    "set line xy 0.2 0.1",   "set polygon 0 0 0.1 0 0.1 0.2",
    "set grid 2 2",          "set layer",
    "set html \"<b>a</b>\"", "set curve 0 0 0.1 0.1 0.2 -0.1 0.3 0",
};
#define N_CONTENTS ((int)(sizeof CONTENTS / sizeof *CONTENTS))

static void random_message(struct text *script, int n_names) {
    int name = chance(n_names);
    double value = chance(2000) / 1000.0 - 1;
    switch (chance(22)) {
    case 0:
    case 1:
    case 2:
        text_printf(script, "/ITL/scene/o%d %s;\n", name, CONTENTS[chance(N_CONTENTS)]);
        break;
    case 3:
        text_printf(script, "/ITL/scene/o%d del;\n", name);
        break;
    case 4:
    case 5:
        text_printf(script, "/ITL/scene/o%d z %d.;\n", name, chance(5) - 2);
        break;
    case 6:
        text_printf(script, "/ITL/scene/o%d/c%d %s;\n", name, chance(3),
                    CONTENTS[chance(N_CONTENTS)]);
        break;
    case 7:
        text_printf(script, "/ITL/scene/o%d/c%d x %.3f;\n", name, chance(3), value);
        break;
    case 8:
        text_printf(script, "/ITL/scene/o%d/c%d del;\n", name, chance(3));
        break;
    case 9:
        text_printf(script, "/ITL/scene/o%d show %d;\n", name, chance(2));
        break;
    case 10:
        text_printf(script, "/ITL/scene/o%d effect %s;\n", name,
                    chance(2) == 0 ? "none" : "shadow 3 3 100 100 100 200 4");
        break;
    case 11:
        text_printf(script, "/ITL/scene/o%d color %d %d 100;\n", name, chance(256), chance(256));
        break;
    case 12:
        text_printf(script, "/ITL/scene/o%d penWidth %d;\n", name, chance(4));
        break;
    case 13:
        text_printf(script, "/ITL/scene/o%d/c%d z %.3f;\n", name, chance(3), value);
        break;
    case 14:
        text_printf(script, "/ITL/scene/o%d/debug name %d;\n", name, chance(2));
        break;
    case 15:
        if (chance(6) == 0) {
            text_printf(script, "/ITL/scene %s;\n",
                        chance(2) == 0 ? "scale 1.2" : "color 200 200 255");
        }
        break;
    case 16:
        if (chance(8) == 0) {
            text_printf(script, "/ITL/scene/o%d* del;\n", 1 + chance(9));
        }
        break;
    case 17:
        if (chance(20) == 0) {
            text_printf(script, chance(2) == 0 ? "/ITL/scene/* del;\n"
                                               : "/ITL/scene show 0;\n/ITL/scene x 0.;\n");
        } else {
            text_printf(script, "/ITL/scene show 1;\n");
        }
        break;
    default:
        text_printf(script, "/ITL/scene/o%d %s %.3f;\n", name, chance(2) == 0 ? "x" : "y", value);
    }
}

static cairo_surface_t *new_surface(const struct display_list *list) {
    return cairo_image_surface_create(CAIRO_FORMAT_ARGB32, (int)display_list_width(list),
                                      (int)display_list_height(list));
}

static void paint_whole(cairo_surface_t *surface, const struct display_list *list) {
    const struct rect_px whole = {0, 0, (int)display_list_width(list),
                                  (int)display_list_height(list)};
    painter_paint(surface, list, &whole);
}

/* The surface shows `before`; damage painted, it shows `list`, as a fresh one does. */
static void expect_same_pixels(cairo_surface_t *surface, const struct display_list *before,
                               const struct display_list *list, const struct display_list *whole) {
    struct damage damage;
    damage_between(before, list, &damage);
    painter_paint_rects(surface, list, damage.rects, damage.n);
    cairo_surface_t *fresh = new_surface(whole);
    paint_whole(fresh, whole);
    size_t size = (size_t)cairo_image_surface_get_stride(fresh) *
                  (size_t)cairo_image_surface_get_height(fresh);
    assert_memory_equal(cairo_image_surface_get_data(surface), cairo_image_surface_get_data(fresh),
                        size);
    cairo_surface_destroy(fresh);
}

static void walk_randomly(uint32_t seed, int n_names, int n_steps) {
    struct types_bench bench;
    types_bench_init_px(&bench, 200);
    struct object *scene = types_bench_find(&bench, "/ITL/scene");
    struct scene_drawing *drawing = scene_drawing_create();
    struct display_list *shown = scene_drawing_update(drawing, scene);
    cairo_surface_t *surface = new_surface(shown);
    paint_whole(surface, shown);
    random_state = seed;
    for (int step = 0; step < n_steps; step++) {
        struct text script = {0};
        for (int n = step == 0 ? 4 * n_names : 1 + chance(12); n > 0; n--) {
            random_message(&script, n_names);
        }
        if (script.data != NULL) { /* messages to objects that are not there are errors */
            free(types_bench_run(&bench, script.data));
        }
        text_finish(&script);
        struct display_list *list = scene_drawing_update(drawing, scene);
        struct display_list *whole = draw_scene(scene);
        expect_same_items(list, whole);
        expect_same_pixels(surface, shown, list, whole);
        display_list_unref(whole);
        display_list_unref(shown);
        shown = list;
    }
    cairo_surface_destroy(surface);
    display_list_unref(shown);
    scene_drawing_destroy(drawing);
    types_bench_finish(&bench);
}

static void test_scene_drawing__is_the_scene_drawn_afresh(void **state) {
    (void)state;
    walk_randomly(1, 20, 60);
    walk_randomly(2, 400, 60);
    walk_randomly(3, 1500, 25);
}

static void test_scene_drawing__another_scene_of_the_name_is_drawn_afresh(void **state) {
    struct types_bench bench;
    (void)state;
    types_bench_init(&bench);
    types_bench_ok(&bench, "/ITL/two new; /ITL/two/a set rect 1 1;");
    struct scene_drawing *drawing = scene_drawing_create();
    display_list_unref(scene_drawing_update(drawing, types_bench_find(&bench, "/ITL/two")));
    types_bench_ok(&bench, "/ITL/two del;");
    types_bench_ok(&bench, "/ITL/two new; /ITL/two/b set ellipse 1 1;");
    struct object *scene = types_bench_find(&bench, "/ITL/two");
    struct display_list *list = scene_drawing_update(drawing, scene), *whole = draw_scene(scene);
    expect_same_items(list, whole);
    display_list_unref(list);
    display_list_unref(whole);
    scene_drawing_destroy(drawing);
    types_bench_finish(&bench);
}

/* -- speed ------------------------------------------------------------------ */

static double milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static double one_change_ms(int n_objects) {
    struct types_bench bench;
    struct text script = {0};
    types_bench_init(&bench);
    for (int i = 0; i < n_objects; i++) {
        text_printf(&script, "/ITL/scene/o%d set rect 0.01 0.01;\n", i);
    }
    types_bench_ok(&bench, script.data);
    text_finish(&script);
    struct object *scene = types_bench_find(&bench, "/ITL/scene");
    struct scene_drawing *drawing = scene_drawing_create();
    struct display_list *before = scene_drawing_update(drawing, scene);
    double best = 1e9;
    for (int turn = 0; turn < 30; turn++) {
        char line[80];
        struct damage damage;
        snprintf(line, sizeof line, "/ITL/scene/o%d x 0.%d;", turn * n_objects / 40, turn + 1);
        types_bench_ok(&bench, line);
        double start = milliseconds();
        struct display_list *list = scene_drawing_update(drawing, scene);
        assert_false(display_list_equal(before, list));
        damage_between(before, list, &damage);
        double took = milliseconds() - start;
        best = took < best ? took : best;
        assert_in_range(damage.n, 1, 2);
        display_list_unref(before);
        before = list;
    }
    display_list_unref(before);
    scene_drawing_destroy(drawing);
    types_bench_finish(&bench);
    return best;
}

/* The promises are 10 ms and 1 ms from post to picture; the bounds leave room for sanitizers. */
static void test_scene_drawing__one_change_costs_one_change(void **state) {
    (void)state;
    double among_many = one_change_ms(100000), among_few = one_change_ms(1000);
    print_message("one change among 100000: %.2f ms, among 1000: %.2f ms\n", among_many, among_few);
    assert_true(among_many < 10);
    assert_true(among_few < 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scene_drawing__is_the_scene_drawn_afresh),
        cmocka_unit_test(test_scene_drawing__another_scene_of_the_name_is_drawn_afresh),
        cmocka_unit_test(test_scene_drawing__one_change_costs_one_change),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
