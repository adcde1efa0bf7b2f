/* Placement of slaves: score-language reference 10.4, worked by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>

#include "renderer/score/sync/place.h"

static bool near(double a, double b) {
    return fabs(a - b) < 1e-9;
}

/* A master 400 x 200 units with two lines of four quarters, and a slave of 40 x 20. */
struct stage {
    struct segments lines, whole;
    struct sync_master master;
    struct sync_slave slave;
    struct sync_mode mode;
};

static int set_up(void **state) {
    static struct stage stage;
    stage = (struct stage){0};
    for (int i = 0; i < 8; i++) {
        double left = -1 + 0.5 * (i % 4);
        struct segment segment = {{i, 4}, {i + 1, 4}, {left, left + 0.5}, {-0.8, -0.2}};
        if (i >= 4) {
            segment.y = (struct span_1d){0.2, 0.8};
        }
        segments_add(&stage.lines, &segment);
    }
    segments_sort(&stage.lines);
    segments_whole(&stage.whole, (struct rational){1, 1});
    stage.master = (struct sync_master){400, 200, {0, 1}, {2, 1}, &stage.lines};
    stage.slave = (struct sync_slave){40, 20, 1, 0, 0, 0, {3, 8}, &stage.whole};
    *state = &stage;
    return 0;
}

static int tear_down(void **state) {
    struct stage *stage = *state;
    segments_finish(&stage->lines);
    segments_finish(&stage->whole);
    return 0;
}

static void test_sync__slave_stands_at_its_date(void **state) {
    struct stage *stage = *state;
    struct sync_box box;
    assert_true(sync_place(&stage->mode, &stage->slave, &stage->master, &box));
    assert_true(near(box.width, 0.2) && near(box.height, 0.2));
    assert_true(near(box.left, -0.25 - 0.1)); /* centred at 3/8 of the first line */
    assert_true(near(box.top, -0.5 - 0.1));
    stage->slave.xorigin = -1;
    stage->slave.dy = 0.05;
    assert_true(sync_place(&stage->mode, &stage->slave, &stage->master, &box));
    assert_true(near(box.left, -0.25) && near(box.top, -0.55));
}

static void test_sync__top_and_bottom_touch_the_segment(void **state) {
    struct stage *stage = *state;
    struct sync_box box;
    stage->mode.align = SYNC_TOP;
    assert_true(sync_place(&stage->mode, &stage->slave, &stage->master, &box));
    assert_true(near(box.top + box.height, -0.8));
    stage->mode.align = SYNC_BOTTOM;
    assert_true(sync_place(&stage->mode, &stage->slave, &stage->master, &box));
    assert_true(near(box.top, -0.2));
    stage->mode.is_vertical = true;
    assert_true(sync_place(&stage->mode, &stage->slave, &stage->master, &box));
    assert_true(near(box.height, 0.6));
}

static void test_sync__relative_counts_from_the_masters_date(void **state) {
    struct stage *stage = *state;
    struct sync_box box;
    stage->master.date = (struct rational){1, 4};
    assert_true(sync_place(&stage->mode, &stage->slave, &stage->master, &box));
    assert_true(near(box.left + 0.1, -0.75)); /* 3/8 - 1/4 = 1/8 */
    stage->mode.is_absolute = true;
    assert_true(sync_place(&stage->mode, &stage->slave, &stage->master, &box));
    assert_true(near(box.left + 0.1, -0.25));
}

static void test_sync__slaves_own_time_point_is_aligned(void **state) {
    struct stage *stage = *state;
    /* Its date 0 lies in the middle of its picture. */
    struct segments map = {0};
    struct segment segment = {{-1, 2}, {1, 2}, {-1, 1}, {-1, 1}};
    segments_add(&map, &segment);
    segments_sort(&map);
    stage->slave.map = &map;
    struct sync_box box;
    assert_true(sync_place(&stage->mode, &stage->slave, &stage->master, &box));
    assert_true(near(box.left + 0.1, -0.25 - 0.2 * 1 / 2));
    segments_finish(&map);
}

static void test_sync__before_the_master_its_date_in_the_slave_counts(void **state) {
    struct stage *stage = *state;
    struct sync_box box;
    stage->slave.date = (struct rational){-1, 2}; /* starts a half before */
    assert_true(sync_place(&stage->mode, &stage->slave, &stage->master, &box));
    /* The middle of the slave (xs 0 = xorigin) is at date 0, the left end. */
    assert_true(near(box.left + 0.1, -1));
    stage->slave.date = (struct rational){-2, 1};
    assert_false(sync_place(&stage->mode, &stage->slave, &stage->master, &box));
    stage->slave.date = (struct rational){2, 1};
    assert_false(sync_place(&stage->mode, &stage->slave, &stage->master, &box));
}

static void test_sync__stretch_fills_the_masters_segments(void **state) {
    struct stage *stage = *state;
    struct sync_piece *pieces;
    stage->mode.stretch = SYNC_STRETCH_H;
    stage->slave.date = (struct rational){1, 2};
    size_t n = sync_stretch_pieces(&stage->mode, &stage->slave, &stage->master, &pieces);
    assert_int_equal(n, 4);
    assert_true(near(pieces[0].from.left, -1) && near(pieces[0].from.width, 0.5));
    assert_true(near(pieces[0].to.left, 0) && near(pieces[0].to.width, 0.5));
    assert_true(near(pieces[0].to.height, 0.2) && near(pieces[0].to.top, -0.6));
    assert_true(near(pieces[2].to.left, -1) && near(pieces[2].to.top, 0.4));
    free(pieces);
    stage->mode.stretch = SYNC_STRETCH_H_MERGED;
    stage->mode.is_vertical = true;
    n = sync_stretch_pieces(&stage->mode, &stage->slave, &stage->master, &pieces);
    assert_int_equal(n, 2);
    assert_true(near(pieces[0].to.width, 1) && near(pieces[0].to.height, 0.6));
    assert_true(near(pieces[1].to.top, 0.2));
    free(pieces);
}

static void test_sync__frame_runs_along_the_outline(void **state) {
    struct stage *stage = *state;
    double fraction, x, y;
    stage->mode.align = SYNC_FRAME;
    stage->slave.date = (struct rational){1, 1};
    assert_true(sync_frame_fraction(&stage->mode, &stage->slave, &stage->master, &fraction));
    assert_true(near(fraction, 0.5));
    sync_outline_rect(400, 200, fraction, &x, &y);
    assert_true(near(x, 400) && near(y, 200));
    sync_outline_rect(400, 200, 1, &x, &y);
    assert_true(near(x, 0) && near(y, 0));
    sync_outline_ellipse(0.25, &x, &y);
    assert_true(near(x, 0) && near(y, -1)); /* from the left over the top */
    const double line[] = {0, 0, 30, 40};
    sync_outline_points(line, 2, false, 0.5, &x, &y);
    assert_true(near(x, 15) && near(y, 20));
    stage->master.date = (struct rational){3, 1};
    assert_false(sync_frame_fraction(&stage->mode, &stage->slave, &stage->master, &fraction));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_sync__slave_stands_at_its_date, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_sync__top_and_bottom_touch_the_segment, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_sync__relative_counts_from_the_masters_date, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_sync__slaves_own_time_point_is_aligned, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_sync__before_the_master_its_date_in_the_slave_counts,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_sync__stretch_fills_the_masters_segments, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_sync__frame_runs_along_the_outline, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
