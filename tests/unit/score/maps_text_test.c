/* Map texts: score-language reference 10.2. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "common/err.h"
#include "renderer/score/maps/map_text.h"

static bool near(double a, double b) {
    return fabs(a - b) < 1e-12;
}

static int parse(const char *text, enum map_space space, struct map_text *out, int *line) {
    struct map_text_error error = {0, NULL};
    int err = map_text_parse(text, strlen(text), space, out, &error);
    assert_true(err == LG_OK || error.expected != NULL);
    *line = error.line;
    return err;
}

static void test_map_text__pairs_of_pixels_and_dates(void **state) {
    (void)state;
    struct map_text map;
    int line = 0;
    assert_int_equal(parse("# a line\n( [0, 100[ [0, 40[ ) ( [0/4, 1/4[ )\n// more\n"
                           "([100,200[[0,40[)([1/4,1/2[) /* end\n */ % done",
                           MAP_SPACE_PIXELS, &map, &line),
                     LG_OK);
    assert_int_equal(map.segments.n_items, 2);
    assert_true(near(map.segments.items[1].x.to, 200));
    assert_true(near(map.segments.items[1].y.to, 40));
    assert_int_equal(map.segments.items[1].begin.num, 1);
    assert_int_equal(map.segments.items[1].begin.den, 4);
    map_text_finish(&map);
}

static void test_map_text__absolute_time_is_at_sixty(void **state) {
    (void)state;
    struct map_text map;
    int line = 0;
    assert_int_equal(parse("([0,1[[0,1[)([0:0:0, 01:02:50[)", MAP_SPACE_PIXELS, &map, &line),
                     LG_OK);
    struct rational seconds_62_5 = {125, 8}; /* 62.5 s / 4 */
    assert_int_equal(rational_compare(map.segments.items[0].end, seconds_62_5), 0);
    map_text_finish(&map);
    assert_int_equal(parse("([0,1[[0,1[)([0:0:0, 1/4[)", MAP_SPACE_PIXELS, &map, &line),
                     LG_EBADREQUEST); /* one kind only */
}

static void refuse(const char *text, enum map_space space, int at_line) {
    struct map_text map;
    int line = 0;
    if (parse(text, space, &map, &line) != LG_EBADREQUEST || line != at_line) {
        fail_msg("%s: line %d instead of %d", text, line, at_line);
    }
}

static void test_map_text__errors_name_the_line(void **state) {
    (void)state;
    refuse("", MAP_SPACE_UNIT, 1);
    refuse("([0.0,1.0[[0.0,1.0[)([0/1,1/1[)\n\n([0.0,1.0[ x", MAP_SPACE_UNIT, 3);
    refuse("([0,1[[0,1[)([0/1,1/1[)", MAP_SPACE_UNIT, 1);     /* a point is required */
    refuse("([0.5,1[[0,1[)([0/1,1/1[)", MAP_SPACE_PIXELS, 1); /* ints */
    refuse("([0,1[[0,1[)([0,1[)", MAP_SPACE_PIXELS, 1);       /* the bar is required */
    refuse("([0,1[[0,1[)([0/0,1/1[)", MAP_SPACE_PIXELS, 1);
    refuse("([0,1])([0/1,1/1[)", MAP_SPACE_FRAMES, 1);
    refuse("([0,1[)([0/1,1/1[)\n/* open", MAP_SPACE_FRAMES, 2);
    refuse("([0,1[)([0/1,9223372036854775808/1[)", MAP_SPACE_FRAMES, 1);
    refuse("([0,1[)([0/1,1/1[)", MAP_SPACE_NONE, 1);
}

static void test_map_text__print_is_read_again(void **state) {
    (void)state;
    static const struct {
        const char *text;
        enum map_space space;
    } CASES[] = {
        {"([-1., 1.0[[-0.25,0.125[)([0/4,-3/4[)([0.0,1.0e-3[[0.1,0.2[)([1/3,2/3[)", MAP_SPACE_UNIT},
        {"([0,100[)([0:0:0,0:1:0[)", MAP_SPACE_FRAMES},
        {"([0,100[[5,7[)([1/2,2/3[)", MAP_SPACE_PIXELS}};
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct map_text map, again;
        int line = 0;
        assert_int_equal(parse(CASES[i].text, CASES[i].space, &map, &line), LG_OK);
        struct text printed = {0};
        map_text_print(&map, &printed);
        assert_int_equal(parse(printed.data, CASES[i].space, &again, &line), LG_OK);
        assert_int_equal(again.segments.n_items, map.segments.n_items);
        assert_memory_equal(again.segments.items, map.segments.items,
                            map.segments.n_items * sizeof *map.segments.items);
        text_finish(&printed);
        map_text_finish(&map);
        map_text_finish(&again);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_map_text__pairs_of_pixels_and_dates),
        cmocka_unit_test(test_map_text__absolute_time_is_at_sixty),
        cmocka_unit_test(test_map_text__errors_name_the_line),
        cmocka_unit_test(test_map_text__print_is_read_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
