/* Bars, measures, breaks: gmn.md 10.3, 10.13. */
#include "music_fixture.h"

#include <string.h>

#define CHECK_BARS(gmn, expected)                                                                  \
    do {                                                                                           \
        struct music *music_ = music_of(gmn);                                                      \
        assert_string_equal(music_bars(music_, 0), expected);                                      \
        music_done(music_);                                                                        \
    } while (0)

static void test_bars__follow_the_meter(void **state) {
    (void)state;
    CHECK_BARS("[\\meter<\"2/4\"> c d e f g]", "| 1/2 | 1/1 |] 5/4");
    CHECK_BARS("[\\meter<\"3/4\"> c/2 d/2 e/2]", "| 3/4 |] 3/2");
    CHECK_BARS("[\\meter<\"C/\"> c/1 d]", "| 1/1 |] 2/1");
    CHECK_BARS("[\\meter<\"2/4\"> c*2]", "| 1/2 | 1/1 | 3/2 |] 2/1");
}

static void test_bars__without_meter_only_written_ones(void **state) {
    (void)state;
    CHECK_BARS("[c d e f g a]", "|] 3/2");
    CHECK_BARS("[c d | e f]", "| 1/2 |] 1/1");
    CHECK_BARS("[\\meter<\"x\"> c d e f g]", "|] 5/4");
    CHECK_BARS("[\\meter<\"2/4\", autoBarlines=\"off\"> c d e f]", "|] 1/1");
}

static void test_bars__a_written_bar_restarts_the_count(void **state) {
    (void)state;
    CHECK_BARS("[\\meter<\"3/4\"> c | d e f | g a h]", "| 1/4 | 1/1 |] 7/4");
    CHECK_BARS("[\\meter<\"2/4\"> c d | e f]", "| 1/2 |] 1/1"); /* not doubled */
    CHECK_BARS("[\\meter<\"2/4\"> c d \\doubleBar e f]", "|| 1/2 |] 1/1");
}

static void test_bars__repeats_join(void **state) {
    (void)state;
    CHECK_BARS("[\\meter<\"2/4\"> \\repeatBegin c d \\repeatEnd e f]", "|: 0/1 :| 1/2 |] 1/1");
    CHECK_BARS("[\\meter<\"2/4\"> c d \\repeatEnd \\repeatBegin e f \\repeatEnd]",
               ":|: 1/2 :| 1/1");
    CHECK_BARS("[\\meter<\"2/4\"> c d | \\repeatBegin e f]", "|: 1/2 |] 1/1");
    CHECK_BARS("[\\meter<\"2/4\"> c d \\repeatEnd<1>(e f) g a]", "| 1/2 :| 1/1 |] 3/2");
    /* hidden, it still repeats */
    CHECK_BARS("[\\meter<\"2/4\"> c d | \\repeatBegin<hidden=\"true\"> e f]", "|: 1/2 |] 1/1");
}

static void test_bars__end_of_the_score(void **state) {
    (void)state;
    CHECK_BARS("[\\meter<\"2/4\"> c d |]", "|] 1/2");
    CHECK_BARS("[\\meter<\"2/4\"> c d \\doubleBar]", "|| 1/2");
    CHECK_BARS("[\\set<autoEndBar=\"off\">\\meter<\"2/4\"> c d]", "| 1/2");
    CHECK_BARS("[\\set<autoEndBar=\"off\">\\meter<\"2/4\"> c]", "");
    CHECK_BARS("[\\meter<\"2/4\"> c d \\bar<hidden=\"true\"> e f]", "|(hidden) 1/2 |] 1/1");
    CHECK_BARS("[]", "");
}

static void test_bars__a_change_of_meter_starts_anew(void **state) {
    (void)state;
    CHECK_BARS("[\\meter<\"2/4\"> c d \\meter<\"3/4\"> e f g a]", "| 1/2 | 5/4 |] 3/2");
    CHECK_BARS("[\\meter<\"2/4\"> c d | \\meter<\"3/4\"> e f g a]", "| 1/2 | 5/4 |] 3/2");
    CHECK_BARS("[\\meter<\"2/4\"> c d \\meter<\"3/4\"> | e f g a]", "| 1/2 | 5/4 |] 3/2");
}

static void test_bars__a_long_rest_has_none_inside(void **state) {
    (void)state;
    CHECK_BARS("[\\meter<\"2/4\"> c d \\mrest<4>(_*2) e/4 f]", "| 1/2 | 5/2 |] 3/1");
}

static void test_bars__a_voice_of_the_staff_takes_its_meter(void **state) {
    (void)state;
    struct music *music = music_of("{[\\staff<1>\\meter<\"2/4\"> c d e f],[\\staff<1> c/1]}");
    assert_string_equal(music_values(music, 1), "2~ 2");
    music_done(music);
}

static void test_measures__are_common_to_all_voices(void **state) {
    (void)state;
    struct music *music = music_of("{[\\meter<\"2/4\"> c d e f],[\\meter<\"4/4\"> c d e f]}");
    assert_string_equal(music_measures(music), "0 1/1");
    music_done(music);
    music = music_of("{[\\meter<\"2/4\"> c d e f],[c/4 d e f]}");
    assert_string_equal(music_measures(music), "0 1/2 1/1");
    music_done(music);
    music = music_of("{[\\meter<\"2/4\"> c d e f],[c/8 d/2 e/8 f/4]}");
    assert_string_equal(music_measures(music), "0 1/1");
    music_done(music);
}

static void test_measures__without_bars_each_common_event(void **state) {
    (void)state;
    struct music *music = music_of("{[c d e f],[c/2 d/2]}");
    assert_string_equal(music_measures(music), "0 1/2 1/1");
    assert_false(music->measures[0].ends_with_bar);
    assert_true(music->measures[1].ends_with_bar);
    music_done(music);
    music = music_of("[c d | e f]"); /* written bars keep their notes together */
    assert_string_equal(music_measures(music), "0 1/2 1/1");
    music_done(music);
}

static void test_measures__what_no_line_could_hold_may_break(void **state) {
    (void)state;
    char text[4096] = "{[\\meter<\"2/4\"> ";
    for (int i = 0; i < 60; i++) {
        strcat(text, "c/8 d e f ");
    }
    strcat(text, "],[\\meter<\"5/8\"> e/8 ");
    for (int i = 0; i < 59; i++) {
        strcat(text, "c/4 e/8 f ");
    }
    strcat(text, "c/4 d/8]}"); /* bars of both meet every 5/2 */
    struct music *music = music_of(text);
    assert_date(music->measures[0].end, 5, 2);
    music_done(music);
    text[0] = '\0';
    strcat(text, "[\\meter<\"100/4\"> ");
    for (int i = 0; i < 90; i++) {
        strcat(text, "c/4 ");
    }
    strcat(text, "]");
    music = music_of(text);
    assert_int_equal(music->n_measures, 90);
    assert_false(music->measures[3].ends_with_bar);
    music_done(music);
}

static void test_measures__count_from_one_and_upbeats_from_zero(void **state) {
    (void)state;
    struct music *music = music_of("[\\meter<\"2/4\", autoMeasuresNum=\"on\"> c | d e f g]");
    assert_int_equal(music->measures[0].number, 0);
    assert_int_equal(music->measures[1].number, 1);
    assert_int_equal(music->measures[2].number, 2);
    assert_true(music->measures[2].shows_number);
    assert_int_equal(music->numbering, MUSIC_NUMBERS_EACH);
    music_done(music);
    music = music_of("[\\meter<\"2/4\"> c d \\bar<measNum=10, displayMeasNum=\"true\"> e f g]");
    assert_int_equal(music->measures[0].number, 1);
    assert_int_equal(music->measures[1].number, 10);
    assert_true(music->measures[1].shows_number);
    assert_int_equal(music->measures[2].number, 11);
    music_done(music);
}

static void test_measures__forced_breaks_hold_for_all(void **state) {
    (void)state;
    struct music *music = music_of(
        "{[\\meter<\"2/4\"> c d \\newSystem e f \\newPage g a],[\\meter<\"2/4\"> c/2 d e]}");
    assert_true(music->measures[0].breaks_system_after);
    assert_false(music->measures[0].breaks_page_after);
    assert_true(music->measures[1].breaks_page_after);
    assert_false(music->measures[2].breaks_system_after);
    music_done(music);
    music = music_of("[\\meter<\"4/4\"> c d \\newSystem e f g]"); /* inside a measure */
    assert_string_equal(music_measures(music), "0 1/2 1/1 5/4");
    assert_false(music->measures[0].ends_with_bar);
    music_done(music);
}

static void test_measures__no_break_where_it_is_forbidden(void **state) {
    (void)state;
    struct music *music = music_of("[\\set<autoSystemBreak=\"off\">\\meter<\"2/4\"> c d e f]");
    assert_false(music->measures[0].may_break_after);
    music_done(music);
    music = music_of("[\\meter<\"2/4\"> c/4 c/8 \\beam(d/8 e/8 f/8) g/4]");
    assert_false(music->measures[0].may_break_after); /* a beam crosses the bar */
    music_done(music);
    music = music_of("[c/12 d e f/4]"); /* a tuplet stays on one line */
    assert_false(music->measures[0].may_break_after);
    assert_true(music->measures[2].may_break_after);
    music_done(music);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bars__follow_the_meter),
        cmocka_unit_test(test_bars__without_meter_only_written_ones),
        cmocka_unit_test(test_bars__a_written_bar_restarts_the_count),
        cmocka_unit_test(test_bars__repeats_join),
        cmocka_unit_test(test_bars__end_of_the_score),
        cmocka_unit_test(test_bars__a_change_of_meter_starts_anew),
        cmocka_unit_test(test_bars__a_long_rest_has_none_inside),
        cmocka_unit_test(test_bars__a_voice_of_the_staff_takes_its_meter),
        cmocka_unit_test(test_measures__are_common_to_all_voices),
        cmocka_unit_test(test_measures__without_bars_each_common_event),
        cmocka_unit_test(test_measures__what_no_line_could_hold_may_break),
        cmocka_unit_test(test_measures__count_from_one_and_upbeats_from_zero),
        cmocka_unit_test(test_measures__forced_breaks_hold_for_all),
        cmocka_unit_test(test_measures__no_break_where_it_is_forbidden),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
