/* A view shows what the scene shows, at another width. */
#include <stdlib.h>
#include <string.h>

#include "cmocka_head.h"
#include "draw_fixture.h"
#include "proto/limits.h"
#include "renderer/draw/view_picture.h"

/* A rectangle of 30 x 40 pixels at 10, 20. */
static struct display_list *one_rectangle(void) {
    struct display_list *list = display_list_create(300, 200, (struct item_color){1, 1, 1, 1});
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_A8, 1, 1);
    cairo_t *cr = cairo_create(surface);
    cairo_rectangle(cr, 10, 20, 30, 40);
    struct display_item item = {.kind = ITEM_PATH,
                                .matrix = {1, 0, 0, 0, 1, 0, 0, 0, 1},
                                .resource = resource_path_from_cairo(cr),
                                .fill = {0, 0, 0, 1},
                                .brush = ITEM_BRUSH_SOLID};
    assert_int_equal(display_list_append(list, &item), 0);
    cairo_destroy(cr);
    cairo_surface_destroy(surface);
    return list;
}

static void test_view_picture__items_are_placed_and_sized_alike(void **state) {
    (void)state;
    struct display_list *list = one_rectangle();
    struct display_list *scaled = display_list_scaled(list, 600);
    assert_non_null(scaled);
    assert_int_equal(display_list_width(scaled), 600);
    assert_int_equal(display_list_height(scaled), 400);
    cairo_surface_t *surface = fixture_paint(scaled);
    assert_int_equal(fixture_pixel(surface, 20, 40), 0xff000000);
    assert_int_equal(fixture_pixel(surface, 79, 119), 0xff000000);
    assert_int_equal(fixture_pixel(surface, 19, 40), 0xffffffff);
    assert_int_equal(fixture_pixel(surface, 80, 119), 0xffffffff);
    cairo_surface_destroy(surface);
    display_list_unref(scaled);
    display_list_unref(list);
}

static void test_view_picture__its_own_width_gives_the_same_pixels(void **state) {
    (void)state;
    struct fixture_random random = {6};
    struct fixture_plan plan;
    fixture_plan_init(&plan, &random, 300, 200, 40);
    struct display_list *list = fixture_plan_list(&plan);
    struct display_list *same = display_list_scaled(list, 300);
    assert_true(display_list_equal(list, same));
    cairo_surface_t *a = fixture_paint(list), *b = fixture_paint(same);
    assert_true(fixture_same_pixels(a, b));
    cairo_surface_destroy(a);
    cairo_surface_destroy(b);
    display_list_unref(same);
    display_list_unref(list);
}

static void test_view_picture__the_frame_keeps_scene_epoch_and_version(void **state) {
    (void)state;
    struct display_list *list = display_list_create(100, 50, (struct item_color){1, 1, 1, 1});
    struct frame *shown = frame_create("scene", 100, 50, 2);
    shown->epoch = 7;
    shown->version = 9;
    struct frame *frame = view_picture_draw(list, shown, 250);
    assert_non_null(frame);
    assert_string_equal(frame->scene, "scene");
    assert_int_equal(frame->epoch, 7);
    assert_int_equal(frame->version, 9);
    assert_int_equal(frame->width_px, 250);
    assert_int_equal(frame->height_px, 125);
    assert_non_null(frame->png);
    frame_unref(frame);
    frame_unref(shown);
    display_list_unref(list);
}

static void test_view_picture__sizes_are_bounded(void **state) {
    (void)state;
    assert_int_equal(view_picture_height(540, 540, 1080), 1080);
    assert_int_equal(view_picture_height(1000, 1, 100), 1);
    assert_int_equal(view_picture_height(540, 540, LIMIT_SIDE_PX), 0);
    assert_int_equal(view_picture_height(540, 540, LIMIT_SIDE_PX + 1), 0);
    assert_int_equal(view_picture_height(1, 100, 1000), 0);
    assert_int_equal(view_picture_height(540, 540, 0), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_view_picture__items_are_placed_and_sized_alike),
        cmocka_unit_test(test_view_picture__its_own_width_gives_the_same_pixels),
        cmocka_unit_test(test_view_picture__the_frame_keeps_scene_epoch_and_version),
        cmocka_unit_test(test_view_picture__sizes_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
