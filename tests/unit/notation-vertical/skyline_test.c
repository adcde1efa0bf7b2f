/* The outline against a plain array of heights. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "near.h"
#include "renderer/notation/layout/skyline.h"

static void test_skyline__empty_is_the_staff_line(void **state) {
    (void)state;
    struct skyline below;
    skyline_init(&below, 1, 4);
    assert_near(skyline_extreme(&below, 0, 100), 4, 0);
}

static void test_skyline__boxes_inside_the_staff_do_not_show(void **state) {
    (void)state;
    struct arena *arena = arena_create(1 << 20);
    struct skyline above;
    skyline_init(&above, -1, 0);
    assert_true(skyline_add(arena, &above, &(struct ink_box){2, 1, 3, 2}));
    assert_near(skyline_extreme(&above, 0, 10), 0, 0);
    assert_true(skyline_add(arena, &above, &(struct ink_box){2.5, -2, 4, 2}));
    assert_near(skyline_extreme(&above, 0, 2.5), 0, 0);
    assert_near(skyline_extreme(&above, 0, 2.6), -2, 0);
    arena_destroy(arena);
}

#define CELLS 200

/* Random boxes on whole x: each cell remembers its outermost y. */
static void test_skyline__agrees_with_an_array(void **state) {
    (void)state;
    for (unsigned seed = 1; seed <= 40; seed++) {
        struct arena *arena = arena_create(1 << 22);
        struct skyline line;
        int side = seed % 2 ? -1 : 1;
        double cells[CELLS];
        unsigned random = seed * 7919;
        skyline_init(&line, side, 0);
        for (int i = 0; i < CELLS; i++) {
            cells[i] = 0;
        }
        for (int n = 0; n < 150; n++) {
            random = random * 1103515245u + 12345u;
            int left = (int)(random >> 8) % (CELLS - 20), width = 1 + (int)(random >> 20) % 19;
            double y = ((int)(random >> 4) % 160) / 8.0 - 10;
            assert_true(skyline_add(arena, &line, &(struct ink_box){left, y, left + width, y}));
            for (int i = left; i < left + width; i++) {
                cells[i] = side < 0 ? fmin(cells[i], y) : fmax(cells[i], y);
            }
        }
        for (int i = 0; i < CELLS; i++) {
            assert_near(skyline_extreme(&line, i + 0.25, i + 0.75), cells[i], 0);
        }
        for (size_t i = 1; i < line.n_segments; i++) {
            assert_true(line.segments[i - 1].right <= line.segments[i].left);
        }
        arena_destroy(arena);
    }
}

static void test_skyline__distance_keeps_the_gap_everywhere(void **state) {
    (void)state;
    struct arena *arena = arena_create(1 << 20);
    struct skyline upper, lower;
    skyline_init(&upper, 1, 4);
    skyline_init(&lower, -1, 0);
    assert_near(skyline_distance(&upper, &lower, 1), 5, 0);
    assert_true(skyline_add(arena, &upper, &(struct ink_box){10, 4, 12, 7}));
    assert_true(skyline_add(arena, &lower, &(struct ink_box){20, -5, 22, 0}));
    assert_near(skyline_distance(&upper, &lower, 1), 10, 0); /* beside each other */
    assert_true(skyline_add(arena, &lower, &(struct ink_box){12.1, -2, 12.2, 0}));
    assert_near(skyline_distance(&upper, &lower, 1), 10, 0); /* stems so near do not pass */
    assert_true(skyline_add(arena, &lower, &(struct ink_box){11, -4, 30, 0}));
    assert_near(skyline_distance(&upper, &lower, 1), 12, 0);
    arena_destroy(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_skyline__empty_is_the_staff_line),
        cmocka_unit_test(test_skyline__boxes_inside_the_staff_do_not_show),
        cmocka_unit_test(test_skyline__agrees_with_an_array),
        cmocka_unit_test(test_skyline__distance_keeps_the_gap_everywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
