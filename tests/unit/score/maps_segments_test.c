/* Segments of time and space: score-language reference 10.2, 10.4. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>

#include "renderer/score/maps/segments.h"

static bool near(double a, double b) {
    return fabs(a - b) < 1e-12;
}

static struct segment at(int64_t begin, int64_t end, int64_t den, double x1, double x2) {
    return (struct segment){{begin, den}, {end, den}, {x1, x2}, {-1, 1}};
}

/* Two lines of a score: quarters 0..4 left to right, then 4..8. */
static void two_lines(struct segments *out) {
    *out = (struct segments){0};
    for (int64_t i = 7; i >= 0; i--) { /* backwards: sorting is its business */
        double left = -1 + 0.5 * (double)(i % 4);
        struct segment segment = at(i, i + 1, 4, left, left + 0.5);
        segment.y = i < 4 ? (struct span_1d){-1, 0} : (struct span_1d){0, 1};
        segments_add(out, &segment);
    }
    segments_sort(out);
}

static void test_segments__date_is_found_in_half_open_intervals(void **state) {
    (void)state;
    struct segments segments;
    two_lines(&segments);
    size_t i;
    assert_true(segments_find(&segments, (struct rational){0, 1}, &i));
    assert_int_equal(i, 0);
    assert_true(segments_find(&segments, (struct rational){1, 4}, &i));
    assert_int_equal(i, 1);
    assert_true(segments_find(&segments, (struct rational){1999, 1000}, &i));
    assert_int_equal(i, 7);
    assert_false(segments_find(&segments, (struct rational){2, 1}, &i));
    assert_false(segments_find(&segments, (struct rational){-1, 1000}, &i));
    assert_true(near(segment_x(&segments.items[1], (struct rational){3, 8}), -0.25));
    segments_finish(&segments);
}

static void test_segments__first_of_overlapping_ones_wins(void **state) {
    (void)state;
    struct segments segments = {0};
    struct segment all = at(0, 8, 4, -1, 1), part = at(1, 2, 4, 0, 1), late = at(6, 7, 4, 0, 1);
    segments_add(&segments, &part);
    segments_add(&segments, &late);
    segments_add(&segments, &all);
    segments_sort(&segments);
    size_t i;
    assert_true(segments_find(&segments, (struct rational){1, 4}, &i));
    assert_int_equal(i, 0);
    assert_true(segments_find(&segments, (struct rational){5, 4}, &i));
    assert_int_equal(i, 0);
    segments_finish(&segments);
}

static void test_segments__point_gives_its_date_back(void **state) {
    (void)state;
    struct segments segments;
    two_lines(&segments);
    size_t i;
    assert_true(segments_find_point(&segments, 0.25, 0.5, &i));
    assert_int_equal(i, 6);
    struct rational date;
    assert_true(segment_date(&segments.items[i], 0.25, &date));
    assert_int_equal(rational_compare(date, (struct rational){13, 8}), 0);
    assert_false(segments_find_point(&segments, 1, 0.5, &i)); /* the right edge is open */
    segments_finish(&segments);
}

static void test_segments__no_duration_has_no_default(void **state) {
    (void)state;
    struct segments segments;
    segments_whole(&segments, (struct rational){0, 1});
    size_t i;
    assert_false(segments_find(&segments, (struct rational){0, 1}, &i));
    segments_finish(&segments);
    segments_whole(&segments, (struct rational){2, 1});
    assert_true(segments_find(&segments, (struct rational){1, 1}, &i));
    assert_true(near(segment_x(&segments.items[0], (struct rational){1, 1}), 0));
    segments_finish(&segments);
}

static void test_segments__composition_covers_the_common_time(void **state) {
    (void)state;
    struct segments master, slave;
    two_lines(&master);
    segments_whole(&slave, (struct rational){1, 2}); /* two quarters long */
    struct segment_piece *pieces;
    size_t n = segments_compose(&slave, (struct rational){3, 8}, &master, false, &pieces);
    /* From 3/8 to 7/8: half a quarter, one quarter on line one, half a quarter. */
    assert_int_equal(n, 3);
    assert_true(near(pieces[0].from_x.from, -1));
    assert_true(near(pieces[0].from_x.to, -0.5));
    assert_true(near(pieces[0].to_x.from, -0.25));
    assert_true(near(pieces[0].to_x.to, 0));
    assert_true(near(pieces[2].from_x.to, 1));
    assert_true(near(pieces[2].to_x.to, 0.75));
    free(pieces);
    n = segments_compose(&slave, (struct rational){3, 8}, &master, true, &pieces);
    assert_int_equal(n, 1); /* one line: merged */
    assert_true(near(pieces[0].to_x.from, -0.25));
    assert_true(near(pieces[0].to_x.to, 0.75));
    free(pieces);
    n = segments_compose(&slave, (struct rational){3, 4}, &master, true, &pieces);
    assert_int_equal(n, 2); /* over the break of the line: two */
    assert_true(near(pieces[1].to_y.from, 0));
    free(pieces);
    segments_finish(&master);
    segments_finish(&slave);
}

static void test_segments__dates_near_the_limit_are_left_out_not_wrapped(void **state) {
    (void)state;
    struct segments master, slave;
    two_lines(&master);
    segments_whole(&slave, (struct rational){INT64_MAX, 3});
    struct segment_piece *pieces;
    assert_int_equal(
        segments_compose(&slave, (struct rational){INT64_MAX, 2}, &master, false, &pieces), 0);
    free(pieces);
    segments_finish(&master);
    segments_finish(&slave);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_segments__date_is_found_in_half_open_intervals),
        cmocka_unit_test(test_segments__first_of_overlapping_ones_wins),
        cmocka_unit_test(test_segments__point_gives_its_date_back),
        cmocka_unit_test(test_segments__no_duration_has_no_default),
        cmocka_unit_test(test_segments__composition_covers_the_common_time),
        cmocka_unit_test(test_segments__dates_near_the_limit_are_left_out_not_wrapped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
