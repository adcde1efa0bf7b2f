/* Damage is checked by comparing the pixels of both full paintings. */
#include <stdlib.h>

#include "cmocka_head.h"
#include "draw_fixture.h"
#include "renderer/draw/damage.h"

static bool is_covered(const struct damage *damage, int x, int y) {
    for (size_t i = 0; i < damage->n; i++) {
        const struct rect_px *rect = &damage->rects[i];
        if (x >= rect->x && y >= rect->y && x < rect->x + rect->width &&
            y < rect->y + rect->height) {
            return true;
        }
    }
    return false;
}

static void test_damage__covers_every_changed_pixel(void **state) {
    (void)state;
    struct fixture_random random = {11};
    for (int i = 0; i < 300; i++) {
        struct fixture_plan plan;
        struct damage damage;
        fixture_plan_init(&plan, &random, 300, 200, 1 + fixture_random(&random, 15));
        struct display_list *before = fixture_plan_list(&plan);
        for (uint32_t edits = 1 + fixture_random(&random, 4); edits > 0; edits--) {
            fixture_plan_edit(&plan, &random);
        }
        struct display_list *after = fixture_plan_list(&plan);
        damage_between(before, after, &damage);
        cairo_surface_t *a = fixture_paint(before), *b = fixture_paint(after);
        for (int y = 0; y < 200; y++) {
            for (int x = 0; x < 300; x++) {
                assert_true(fixture_pixel(a, x, y) == fixture_pixel(b, x, y) ||
                            is_covered(&damage, x, y));
            }
        }
        cairo_surface_destroy(a);
        cairo_surface_destroy(b);
        display_list_unref(before);
        display_list_unref(after);
    }
}

static void test_damage__equal_lists_have_none(void **state) {
    (void)state;
    struct fixture_random random = {12};
    struct fixture_plan plan;
    struct damage damage;
    fixture_plan_init(&plan, &random, 300, 200, 40);
    struct display_list *a = fixture_plan_list(&plan), *b = fixture_plan_list(&plan);
    damage_between(a, b, &damage);
    assert_int_equal(damage.n, 0);
    display_list_unref(a);
    display_list_unref(b);
}

static void test_damage__one_moved_box_damages_two_places(void **state) {
    (void)state;
    struct display_list *lists[2];
    struct damage damage;
    for (int l = 0; l < 2; l++) {
        lists[l] = display_list_create(300, 200, FIXTURE_WHITE);
        for (int i = 0; i < 10; i++) {
            struct display_item box =
                fixture_box(i * 20 + (l == 1 && i == 4 ? 100 : 0), 30, 10, 10, FIXTURE_RED);
            display_list_append(lists[l], &box);
        }
    }
    damage_between(lists[0], lists[1], &damage);
    assert_int_equal(damage.n, 2);
    assert_true(damage.rects[0].width <= 12 && damage.rects[1].width <= 12);
    display_list_unref(lists[0]);
    display_list_unref(lists[1]);
}

static void test_damage__set_is_bounded_and_covers_all(void **state) {
    (void)state;
    struct fixture_random random = {13};
    struct rect_px rects[3000];
    struct damage damage = {.n = 0};
    for (int i = 0; i < 3000; i++) {
        rects[i] =
            (struct rect_px){(int)fixture_random(&random, 2000), (int)fixture_random(&random, 2000),
                             (int)fixture_random(&random, 50), (int)fixture_random(&random, 50)};
        damage_add(&damage, rects[i]);
        assert_true(damage.n <= DAMAGE_RECTS_MAX);
    }
    for (int i = 0; i < 3000; i++) {
        for (int y = rects[i].y; y < rects[i].y + rects[i].height; y += 7) {
            for (int x = rects[i].x; x < rects[i].x + rects[i].width; x += 7) {
                assert_true(is_covered(&damage, x, y));
            }
        }
    }
}

static void test_damage__comparison_finds_the_smallest_rectangle(void **state) {
    (void)state;
    static uint32_t before[100][120], after[100][120];
    struct rect_px all = {10, 5, 100, 90};
    const uint8_t *a = (const uint8_t *)before, *b = (const uint8_t *)after;
    assert_int_equal(damage_compare(a, b, 480, all).width, 0);
    after[20][40] = 1;
    after[33][37] = 2;
    after[25][77] = 3;
    after[99][119] = 4; /* outside */
    struct rect_px found = damage_compare(a, b, 480, all);
    assert_int_equal(found.x, 37);
    assert_int_equal(found.y, 20);
    assert_int_equal(found.width, 41);
    assert_int_equal(found.height, 14);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_damage__covers_every_changed_pixel),
        cmocka_unit_test(test_damage__equal_lists_have_none),
        cmocka_unit_test(test_damage__one_moved_box_damages_two_places),
        cmocka_unit_test(test_damage__set_is_bounded_and_covers_all),
        cmocka_unit_test(test_damage__comparison_finds_the_smallest_rectangle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
