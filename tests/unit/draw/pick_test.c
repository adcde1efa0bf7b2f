#include <math.h>

#include "cmocka_head.h"
#include "draw_fixture.h"
#include "renderer/draw/pick.h"

static bool is_any(void *ctx, uint64_t object_id) {
    (void)ctx;
    return object_id != 0;
}

static bool is_not(void *ctx, uint64_t object_id) {
    return object_id != *(uint64_t *)ctx;
}

static struct display_list *list_with(struct display_item *items, size_t n) {
    struct display_list *list = display_list_create(300, 200, FIXTURE_WHITE);
    for (size_t i = 0; i < n; i++) {
        items[i].object_id = i + 1;
        display_list_append(list, &items[i]);
    }
    return list;
}

static void test_pick__topmost_comes_first(void **state) {
    (void)state;
    struct display_item items[] = {fixture_box(0, 0, 300, 200, FIXTURE_RED),
                                   fixture_box(50, 50, 100, 100, FIXTURE_RED),
                                   fixture_box(100, 60, 100, 100, FIXTURE_RED)};
    struct display_list *list = list_with(items, 3);
    uint64_t unwanted = 3;
    assert_int_equal(pick_at(list, 120, 80, is_any, NULL), 3);
    assert_int_equal(pick_at(list, 120, 80, is_not, &unwanted), 2);
    assert_int_equal(pick_at(list, 60, 60, is_any, NULL), 2);
    assert_int_equal(pick_at(list, 10, 10, is_any, NULL), 1);
    assert_int_equal(pick_at(list, -1, 10, is_any, NULL), 0);
    assert_int_equal(pick_at(list, NAN, 10, is_any, NULL), 0);
    assert_int_equal(pick_at(list, 1e300, INFINITY, is_any, NULL), 0);
    display_list_unref(list);
}

static void test_pick__shape_decides_not_box(void **state) {
    (void)state;
    cairo_path_data_t data[7] = {0};
    const double corners[3][2] = {{0, 0}, {100, 0}, {0, 100}}; /* a triangle */
    for (int i = 0; i < 3; i++) {
        data[2 * i].header.type = i == 0 ? CAIRO_PATH_MOVE_TO : CAIRO_PATH_LINE_TO;
        data[2 * i].header.length = 2;
        data[2 * i + 1].point.x = corners[i][0];
        data[2 * i + 1].point.y = corners[i][1];
    }
    data[6].header.type = CAIRO_PATH_CLOSE_PATH;
    data[6].header.length = 1;
    struct display_item item = fixture_box(20, 20, 1, 1, FIXTURE_RED);
    resource_unref(item.resource);
    item.resource = resource_path_copy(data, 7);
    struct display_list *list = list_with(&item, 1);
    assert_int_equal(pick_at(list, 40, 40, is_any, NULL), 1);
    assert_int_equal(pick_at(list, 110, 110, is_any, NULL), 0);
    display_list_unref(list);
}

static void test_pick__hollow_box_is_hit_on_its_pen_only(void **state) {
    (void)state;
    struct display_item item = fixture_box(50, 50, 100, 100, FIXTURE_RED);
    item.brush = ITEM_BRUSH_NONE;
    item.stroke_width = 10;
    item.stroke = FIXTURE_RED;
    struct display_list *list = list_with(&item, 1);
    assert_int_equal(pick_at(list, 100, 100, is_any, NULL), 0);
    assert_int_equal(pick_at(list, 47, 100, is_any, NULL), 1);
    assert_int_equal(pick_at(list, 54, 100, is_any, NULL), 1);
    assert_int_equal(pick_at(list, 43, 100, is_any, NULL), 0);
    display_list_unref(list);
}

static void test_pick__turned_and_projective_items_are_hit_where_they_are_drawn(void **state) {
    (void)state;
    struct display_item items[] = {fixture_box(100, 20, 60, 60, FIXTURE_RED),
                                   fixture_box(150, 100, 80, 80, FIXTURE_RED)};
    double diagonal = sqrt(0.5);
    items[0].matrix[0] = items[0].matrix[4] = diagonal;
    items[0].matrix[1] = -diagonal;
    items[0].matrix[3] = diagonal;
    items[1].matrix[6] = 0.004;
    struct display_list *list = list_with(items, 2);
    cairo_surface_t *surface = fixture_paint(list);
    int misses = 0;
    for (int y = 0; y < 200; y++) {
        for (int x = 0; x < 300; x++) {
            bool is_drawn = fixture_pixel(surface, x, y) == 0xffff0000u;
            bool is_blank = fixture_pixel(surface, x, y) == 0xffffffffu;
            bool is_hit = pick_at(list, x + 0.5, y + 0.5, is_any, NULL) != 0;
            misses += (is_drawn && !is_hit) || (is_blank && is_hit);
        }
    }
    assert_int_equal(misses, 0);
    cairo_surface_destroy(surface);
    display_list_unref(list);
}

static void test_pick__clip_hides(void **state) {
    (void)state;
    struct display_item item = fixture_box(0, 0, 200, 200, FIXTURE_RED);
    item.has_clip = true;
    item.clip[2] = item.clip[3] = 50;
    struct display_list *list = list_with(&item, 1);
    assert_int_equal(pick_at(list, 25, 25, is_any, NULL), 1);
    assert_int_equal(pick_at(list, 75, 25, is_any, NULL), 0);
    display_list_unref(list);
}

static void test_pick__text_is_hit_in_its_box(void **state) {
    (void)state;
    struct display_item item = {.kind = ITEM_GLYPHS, .matrix = {1, 0, 20, 0, 1, 60, 0, 0, 1}};
    item.resource = fixture_text("i i", 30);
    item.fill = FIXTURE_RED;
    struct display_list *list = list_with(&item, 1);
    assert_int_equal(pick_at(list, 30, 50, is_any, NULL), 1); /* between the letters */
    assert_int_equal(pick_at(list, 30, 90, is_any, NULL), 0);
    display_list_unref(list);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pick__topmost_comes_first),
        cmocka_unit_test(test_pick__shape_decides_not_box),
        cmocka_unit_test(test_pick__hollow_box_is_hit_on_its_pen_only),
        cmocka_unit_test(test_pick__turned_and_projective_items_are_hit_where_they_are_drawn),
        cmocka_unit_test(test_pick__clip_hides),
        cmocka_unit_test(test_pick__text_is_hit_in_its_box),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
