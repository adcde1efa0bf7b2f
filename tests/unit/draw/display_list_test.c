#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cmocka_head.h"
#include "common/clock.h"
#include "draw_fixture.h"
#include "renderer/draw/damage.h"
#include "renderer/draw/display_list_private.h"
#include "renderer/draw/painter.h"
#include "renderer/draw/resource.h"

static struct display_list *list_of(const struct display_item *items, size_t n) {
    struct display_list *list = display_list_create(300, 200, FIXTURE_WHITE);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(display_list_append(list, &items[i]), 0);
    }
    return list;
}

static void test_display_list__equal_content_is_equal(void **state) {
    (void)state;
    struct fixture_random random = {1};
    for (int i = 0; i < 50; i++) {
        struct fixture_plan plan;
        fixture_plan_init(&plan, &random, 300, 200, 12);
        struct display_list *a = fixture_plan_list(&plan), *b = fixture_plan_list(&plan);
        assert_true(display_list_equal(a, b));
        display_list_unref(b);
        plan.seeds[5]++;
        b = fixture_plan_list(&plan);
        /* The new unit may fall outside; then the lists are equal only if both lack it. */
        if (display_list_size(a) != display_list_size(b)) {
            assert_false(display_list_equal(a, b));
        }
        display_list_unref(a);
        display_list_unref(b);
    }
}

static void test_display_list__each_visible_field_counts(void **state) {
    (void)state;
    struct display_item base = fixture_box(10, 10, 50, 50, FIXTURE_RED);
    base.stroke_width = 2;
    base.stroke = (struct item_color){0, 0, 0, 1};
    struct display_list *list = list_of(&base, 1);
    for (int field = 0; field < 11; field++) {
        struct display_item other = fixture_box(10, 10, 50, 50, FIXTURE_RED);
        other.stroke_width = 2;
        other.stroke = (struct item_color){0, 0, 0, 1};
        other.object_id = 77; /* not visible */
        other.fill.g = field == 1 ? 0.5 : 0;
        other.brush = field == 2 ? ITEM_BRUSH_HOR : ITEM_BRUSH_SOLID;
        other.is_even_odd = field == 3;
        other.stroke_width = field == 4 ? 3 : 2;
        other.stroke.b = field == 5 ? 1 : 0;
        other.dash = field == 6 ? ITEM_DASH_DOT : ITEM_DASH_SOLID;
        other.has_clip = field == 7;
        other.clip[2] = other.clip[3] = 100;
        other.matrix[2] += field == 8 ? 0.01 : 0;
        if (field == 9) {
            resource_unref(other.resource);
            other.resource = fixture_rect(50, 50.01);
        }
        other.fill.a = field == 10 ? 0.99 : 1;
        struct display_list *changed = list_of(&other, 1);
        assert_int_equal(display_list_equal(list, changed), field == 0);
        display_list_unref(changed);
    }
    display_list_unref(list);
}

static void test_display_list__bounds_hold_the_shape_and_stay_in_the_picture(void **state) {
    (void)state;
    struct display_item item = fixture_box(100, 50, 40, 30, FIXTURE_RED);
    item.stroke_width = 10;
    item.stroke = FIXTURE_RED;
    struct display_list *list = list_of(&item, 1);
    struct rect_px bounds = display_list_item(list, 0)->bounds;
    assert_true(bounds.x <= 95 && bounds.x >= 93 && bounds.y <= 45 && bounds.y >= 43);
    assert_true(bounds.x + bounds.width >= 145 && bounds.x + bounds.width <= 147);
    display_list_unref(list);
    item = fixture_box(-20, 190, 1000, 1000, FIXTURE_RED);
    list = list_of(&item, 1);
    bounds = display_list_item(list, 0)->bounds;
    assert_int_equal(bounds.x, 0);
    assert_int_equal(bounds.x + bounds.width, 300);
    assert_int_equal(bounds.y + bounds.height, 200);
    display_list_unref(list);
}

static void test_display_list__what_touches_no_pixel_is_dropped(void **state) {
    (void)state;
    struct display_item items[] = {
        fixture_box(400, 0, 10, 10, FIXTURE_RED),
        fixture_box(NAN, 0, 10, 10, FIXTURE_RED),
        fixture_box(0, INFINITY, 10, 10, FIXTURE_RED),
        fixture_box(0, 0, 10, 10, FIXTURE_RED),
    };
    items[3].matrix[0] = 0; /* singular */
    struct display_list *list = list_of(items, 4);
    assert_int_equal(display_list_size(list), 0);
    display_list_unref(list);
}

static void test_display_list__group_bounds_hold_its_content(void **state) {
    (void)state;
    struct display_item items[] = {
        {.kind = ITEM_GROUP_BEGIN, .effect = ITEM_EFFECT_SHADOW, .effect_dx = 30, .effect_dy = 40},
        fixture_box(100, 50, 20, 20, FIXTURE_RED),
        {.kind = ITEM_GROUP_END},
        {.kind = ITEM_GROUP_END}, /* one too many: ignored */
    };
    struct display_list *list = list_of(items, 4);
    assert_int_equal(display_list_size(list), 3);
    struct rect_px bounds = display_list_item(list, 0)->bounds;
    assert_true(bounds.x <= 100 && bounds.y <= 50);
    assert_true(bounds.x + bounds.width >= 150 && bounds.y + bounds.height >= 110);
    display_list_unref(list);
}

static void test_display_list__open_and_deep_groups_are_drawn(void **state) {
    (void)state;
    struct display_list *list = display_list_create(100, 100, FIXTURE_WHITE);
    struct display_item group = {.kind = ITEM_GROUP_BEGIN, .effect = ITEM_EFFECT_COLORIZE};
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(display_list_append(list, &group), 0);
    }
    struct display_item box = fixture_box(0, 0, 100, 100, FIXTURE_RED);
    assert_int_equal(display_list_append(list, &box), 0);
    cairo_surface_t *surface = fixture_paint(list);
    assert_int_equal(fixture_pixel(surface, 50, 50), 0xffff0000u); /* strength 0 */
    cairo_surface_destroy(surface);
    display_list_unref(list);
}

/* 100 000 items: built, compared and repainted after one change in bounded time. */
static void test_display_list__hundred_thousand_items(void **state) {
    (void)state;
    struct display_list *lists[2];
    for (size_t l = 0; l < 2; l++) {
        struct draw_resource *shared = fixture_rect(6, 4);
        lists[l] = display_list_create(1920, 1080, FIXTURE_WHITE);
        for (int i = 0; i < 100000; i++) {
            struct display_item item = fixture_box(i % 1900, (i / 1900) * 20.0, 0, 0, FIXTURE_RED);
            resource_unref(item.resource);
            item.resource = resource_ref(shared);
            item.fill.g = l == 1 && i == 50000 ? 1 : 0;
            assert_int_equal(display_list_append(lists[l], &item), 0);
        }
        resource_unref(shared);
    }
    assert_false(display_list_equal(lists[0], lists[1]));
    int64_t start_us = lg_clock_us();
    struct damage damage;
    damage_between(lists[0], lists[1], &damage);
    assert_int_equal(damage.n, 1);
    assert_true(damage.rects[0].width <= 9);
    cairo_surface_t *surface = fixture_paint(lists[0]);
    painter_paint_rects(surface, lists[1], damage.rects, damage.n);
    cairo_surface_t *full = fixture_paint(lists[1]);
    assert_true(lg_clock_us() - start_us < 20000000); /* sanitizers included; 0.2 s without */
    assert_true(fixture_same_pixels(surface, full));
    cairo_surface_destroy(surface);
    cairo_surface_destroy(full);
    display_list_unref(lists[0]);
    display_list_unref(lists[1]);
}

static void test_resource__small_bitmap_is_averaged_not_picked(void **state) {
    (void)state;
    /* Black and white columns of one pixel, at an eighth of their size: grey, not stripes. */
    cairo_surface_t *pixels = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, 256, 256);
    for (int i = 0; i < 256 * 256; i++) {
        uint32_t pixel = i % 2 == 0 ? 0xff000000u : 0xffffffffu;
        memcpy(cairo_image_surface_get_data(pixels) + 4 * (size_t)i, &pixel, 4);
    }
    struct display_list *list = display_list_create(64, 64, FIXTURE_WHITE);
    struct display_item item = {.kind = ITEM_BITMAP, .resource = resource_give_bitmap(pixels)};
    item.fill.a = 1;
    item.matrix[0] = item.matrix[4] = 0.125;
    item.matrix[8] = 1;
    display_list_append(list, &item);
    cairo_surface_t *surface = fixture_paint(list);
    for (int x = 2; x < 30; x++) {
        assert_in_range(fixture_pixel(surface, x, 10) & 255, 126, 129);
    }
    cairo_surface_destroy(surface);
    display_list_unref(list);
}

static void test_resource__broken_svg_is_refused(void **state) {
    (void)state;
    double width, height;
    assert_null(resource_svg("<svg", 4, NULL, &width, &height));
    assert_null(resource_svg("", 0, NULL, &width, &height));
    assert_null(resource_svg("\0\377", 2, NULL, &width, &height));
}

static void test_resource__svg_size_is_the_view_box(void **state) {
    (void)state;
    static const char text[] = "<svg xmlns='http://www.w3.org/2000/svg' width='10cm' "
                               "viewBox='0 0 200 100'><rect width='9' height='9'/></svg>";
    double width, height;
    struct draw_resource *svg = resource_svg(text, sizeof(text) - 1, NULL, &width, &height);
    assert_non_null(svg);
    assert_true(width == 200 && height == 100);
    resource_unref(svg);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_display_list__equal_content_is_equal),
        cmocka_unit_test(test_display_list__each_visible_field_counts),
        cmocka_unit_test(test_display_list__bounds_hold_the_shape_and_stay_in_the_picture),
        cmocka_unit_test(test_display_list__what_touches_no_pixel_is_dropped),
        cmocka_unit_test(test_display_list__group_bounds_hold_its_content),
        cmocka_unit_test(test_display_list__open_and_deep_groups_are_drawn),
        cmocka_unit_test(test_display_list__hundred_thousand_items),
        cmocka_unit_test(test_resource__small_bitmap_is_averaged_not_picked),
        cmocka_unit_test(test_resource__broken_svg_is_refused),
        cmocka_unit_test(test_resource__svg_size_is_the_view_box),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
