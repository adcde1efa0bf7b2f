/* Order, visibility, groups and speed of the walk over a scene. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "renderer/types/draw_scene.h"
#include "tests/unit/types/types_bench.h"

/* Names of the objects whose items come, in order, "[" and "]" for groups. */
static char *order_of(struct types_bench *bench) {
    struct display_list *list = draw_scene(types_bench_find(bench, "/ITL/scene"));
    struct text out = {0};
    assert_non_null(list);
    for (size_t item_i = 0; item_i < display_list_size(list); item_i++) {
        const struct display_item *item = display_list_item(list, item_i);
        const struct object *object = score_find_id(bench->score, item->object_id);
        const char *name = item->kind == ITEM_GROUP_BEGIN ? "["
                           : item->kind == ITEM_GROUP_END ? "]"
                           : object != NULL               ? object->name
                                                          : "-";
        text_printf(&out, "%s ", name);
    }
    display_list_unref(list);
    char *order = strdup(out.data != NULL ? out.data : "");
    text_finish(&out);
    return order;
}

static void expect_order(struct types_bench *bench, const char *wanted) {
    char *order = order_of(bench);
    assert_string_equal(order, wanted);
    free(order);
}

static void test_draw_scene__z_orders_and_negative_children_are_behind(void **state) {
    struct types_bench bench;
    (void)state;
    types_bench_init(&bench);
    types_bench_ok(&bench, "/ITL/scene/a set rect 1 1; /ITL/scene/b set rect 1 1;"
                           "/ITL/scene/c set rect 1 1; /ITL/scene/a z 0.5;"
                           "/ITL/scene/b/over set rect 1 1; /ITL/scene/b/under set rect 1 1;"
                           "/ITL/scene/b/under z -1.;");
    expect_order(&bench, "under b over c a ");
    types_bench_ok(&bench, "/ITL/scene/b set ellipse 1 1;");
    expect_order(&bench, "c b a ");
    types_bench_finish(&bench);
}

static void test_draw_scene__hidden_objects_hide_their_children(void **state) {
    struct types_bench bench;
    (void)state;
    types_bench_init(&bench);
    types_bench_ok(&bench, "/ITL/scene/a set rect 1 1; /ITL/scene/a/b set rect 1 1;"
                           "/ITL/scene/a/b/c set rect 1 1; /ITL/scene/a/b show 0;");
    expect_order(&bench, "a ");
    types_bench_ok(&bench, "/ITL/scene/a show 0; /ITL/scene/a/b show 1;");
    expect_order(&bench, "");
    types_bench_finish(&bench);
}

static void test_draw_scene__effects_group_object_and_children(void **state) {
    struct types_bench bench;
    (void)state;
    types_bench_init(&bench);
    types_bench_ok(&bench, "/ITL/scene/a set rect 1 1; /ITL/scene/a/b set rect 1 1;"
                           "/ITL/scene/a/c set rect 1 1; /ITL/scene/a/c z -1.;"
                           "/ITL/scene/a effect blur 5; /ITL/scene/d set rect 1 1;");
    expect_order(&bench, "[ c a b ] d ");
    types_bench_finish(&bench);
}

static void test_draw_scene__what_is_off_the_picture_is_left_out(void **state) {
    struct types_bench bench;
    (void)state;
    types_bench_init(&bench);
    types_bench_ok(&bench, "/ITL/scene/a set rect 0.1 0.1; /ITL/scene/a x 3.;"
                           "/ITL/scene/b set rect 0.1 0.1; /ITL/scene/c set rect 0.1 0.1;"
                           "/ITL/scene/c x 3.; /ITL/scene/c/d set rect 0.5 0.5;"
                           "/ITL/scene/c/d x -60.;");
    expect_order(&bench, "b d ");
    types_bench_finish(&bench);
}

static void test_draw_scene__unchanged_scene_gives_an_equal_list(void **state) {
    struct types_bench bench;
    (void)state;
    types_bench_init(&bench);
    types_bench_ok(&bench,
                   "/ITL/scene/a set txt word; /ITL/scene/b set arc 1 1 10. 100.;"
                   "/ITL/scene/c set line xy 0.5 0.5; /ITL/scene/c arrows disk triangle;"
                   "/ITL/scene/d set polygon 0 0 1 0 1 1; /ITL/scene/e set html \"<ul><li>x</ul>\";"
                   "/ITL/scene/f set grid 3 3; /ITL/scene/f penWidth 2; /ITL/scene/g set layer;");
    struct object *scene = types_bench_find(&bench, "/ITL/scene");
    struct display_list *first = draw_scene(scene), *second = draw_scene(scene);
    assert_true(display_list_equal(first, second));
    display_list_unref(second);
    types_bench_ok(&bench, "/ITL/scene/c arrows disk disk;");
    second = draw_scene(scene);
    assert_false(display_list_equal(first, second));
    display_list_unref(first);
    display_list_unref(second);
    types_bench_finish(&bench);
}

static void test_draw_scene__deep_nesting_ends(void **state) {
    struct types_bench bench;
    struct text script = {0};
    (void)state;
    types_bench_init(&bench);
    text_printf(&script, "/ITL/scene/a set rect 1 1;");
    struct text address = {0};
    text_printf(&address, "/ITL/scene/a");
    for (int depth = 0; depth < 1000; depth++) {
        text_printf(&address, "/a");
        text_printf(&script, "%s set rect 1 1;\n", address.data);
    }
    free(types_bench_run(&bench, script.data)); /* the score may refuse some */
    text_finish(&script);
    text_finish(&address);
    struct display_list *list = draw_scene(types_bench_find(&bench, "/ITL/scene"));
    assert_non_null(list);
    assert_true(display_list_size(list) > 0);
    display_list_unref(list);
    types_bench_finish(&bench);
}

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* The promise is well under a second; the bound here leaves room for sanitizers and a busy
 * machine. */
static void test_draw_scene__hundred_thousand_objects_are_quick(void **state) {
    struct types_bench bench;
    struct text script = {0};
    (void)state;
    types_bench_init(&bench);
    for (int i = 0; i < 100000; i++) {
        text_printf(&script, "/ITL/scene/o%d set rect 0.01 0.01;\n", i);
    }
    types_bench_ok(&bench, script.data);
    text_finish(&script);
    struct object *scene = types_bench_find(&bench, "/ITL/scene");
    double start = seconds();
    struct display_list *list = draw_scene(scene);
    double first = seconds() - start;
    assert_int_equal(display_list_size(list), 100000);
    display_list_unref(list);
    start = seconds();
    list = draw_scene(scene);
    double again = seconds() - start;
    display_list_unref(list);
    print_message("100000 rects: first %.0f ms, again %.0f ms\n", first * 1000, again * 1000);
    assert_true(first < 8 && again < 4);
    types_bench_finish(&bench);
}

static void test_draw_object_alone__is_as_large_as_the_object(void **state) {
    struct types_bench bench;
    (void)state;
    types_bench_init(&bench);
    types_bench_ok(&bench, "/ITL/scene/o set rect 0.6 0.4; /ITL/scene/o angle 30.;"
                           "/ITL/scene/o scale 2.; /ITL/scene/o x 5.;"
                           "/ITL/scene/o/c set ellipse 0.8 0.8; /ITL/scene/o/c x 1.5;");
    const struct object *object = types_bench_find(&bench, "/ITL/scene/o");
    struct display_list *list = draw_object_alone(object, false, true);
    assert_int_equal(display_list_width(list), 480);
    assert_int_equal(display_list_height(list), 320);
    assert_int_equal(display_list_size(list), 1);
    display_list_unref(list);
    /* The child reaches 32 units over the right edge. */
    list = draw_object_alone(object, true, false);
    assert_int_equal(display_list_width(list), 544);
    assert_int_equal(display_list_height(list), 320);
    assert_int_equal(display_list_size(list), 2);
    expect_near(display_list_background(list).a, 1, 0);
    display_list_unref(list);
    types_bench_finish(&bench);
}

/* syncTop puts it over the master; stretched, it is as wide as the master and keeps its height. */
static void test_draw_object_alone__has_room_for_stretched_slaves(void **state) {
    struct types_bench bench;
    (void)state;
    types_bench_init(&bench);
    types_bench_ok(&bench, "/ITL/scene/m set rect 0.6 0.4; /ITL/scene/s set rect 0.2 0.2;"
                           "/ITL/scene/sync s m h syncTop;");
    struct display_list *list =
        draw_object_alone(types_bench_find(&bench, "/ITL/scene/m"), true, false);
    assert_int_equal(display_list_width(list), 240);
    assert_int_equal(display_list_height(list), 160 + 80);
    display_list_unref(list);
    types_bench_finish(&bench);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_draw_scene__z_orders_and_negative_children_are_behind),
        cmocka_unit_test(test_draw_scene__hidden_objects_hide_their_children),
        cmocka_unit_test(test_draw_scene__effects_group_object_and_children),
        cmocka_unit_test(test_draw_scene__what_is_off_the_picture_is_left_out),
        cmocka_unit_test(test_draw_scene__unchanged_scene_gives_an_equal_list),
        cmocka_unit_test(test_draw_scene__deep_nesting_ends),
        cmocka_unit_test(test_draw_scene__hundred_thousand_objects_are_quick),
        cmocka_unit_test(test_draw_object_alone__is_as_large_as_the_object),
        cmocka_unit_test(test_draw_object_alone__has_room_for_stretched_slaves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
