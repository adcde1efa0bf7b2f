/* Events to chords: splitting, values, heads, grace and cue notes, ties (gmn.md 5,
 * 9, 10.4-10.6). */
#include "music_fixture.h"

#define CHECK_VALUES(gmn, expected)                                                                \
    do {                                                                                           \
        struct music *music_ = music_of(gmn);                                                      \
        assert_string_equal(music_values(music_, 0), expected);                                    \
        music_done(music_);                                                                        \
    } while (0)

static void test_split__at_bars_with_ties(void **state) {
    (void)state;
    CHECK_VALUES("[\\meter<\"3/4\"> c/2 d/2]", "2 4~ 4");
    CHECK_VALUES("[\\meter<\"4/4\"> c*5/4 d/2.]", "1~ 4 2.");
    CHECK_VALUES("[\\meter<\"2/4\"> _/1 c/2]", "r1 r1 2");
    CHECK_VALUES("[\\meter<\"2/4\"> c | d/2. e]", "4 2~ 4 4~ 2");
}

static void test_split__into_displayable_values(void **state) {
    (void)state;
    CHECK_VALUES("[c*5/4]", "1~ 4");
    CHECK_VALUES("[c*5/8]", "2~ 8");
    CHECK_VALUES("[c*3/1]", "1~ 0");
    CHECK_VALUES("[c*7/8]", "2..");
    CHECK_VALUES("[c*9/16 d*3/8 e*2]", "2~ 16 4. 0");
}

static void test_split__tuplets_are_the_next_longer_value(void **state) {
    (void)state;
    CHECK_VALUES("[c/12 d e c/20 d e f g c/6 d/12 e/3 f g]", "8 8 8 16 16 16 16 16 4 8 2 2 2");
}

static void test_split__display_duration_is_drawn_instead(void **state) {
    (void)state;
    CHECK_VALUES("[\\dispDur<1,2>(c/4 d/8) e/4]", "2 2 4");
    CHECK_VALUES("[\\displayDuration<1,4,1>(c*0) d/4]", "4. 4");
    CHECK_VALUES("[\\tuplet<format=\"3\", dispNote=\"/8\">(c/4 d)]", "8 8");
}

static void test_split__rests_of_a_measure(void **state) {
    (void)state;
    struct music *music = music_of("[\\meter<\"3/4\"> _/2. c/4 _/2 _/2.]");
    assert_true(music_chord_of(music, 0, 0)->is_measure_rest);
    assert_int_equal(music_chord_of(music, 0, 0)->value, MUSIC_VALUE_WHOLE);
    assert_false(music_chord_of(music, 0, 2)->is_measure_rest);
    assert_true(music_chord_of(music, 0, 3)->is_measure_rest);
    music_done(music);
    music = music_of("[\\meter<\"2/4\"> \\mrest<3>(_*3/2) c/2]");
    assert_int_equal(music_chord_of(music, 0, 0)->n_measures, 3);
    assert_int_equal(music_chord_of(music, 0, 1)->value, MUSIC_VALUE_HALF);
    music_done(music);
}

static void test_chords__heads_stand_from_low_to_high(void **state) {
    (void)state;
    struct music *music = music_of("[{g1/4,c,e2}]");
    const struct music_chord *chord = music_chord_of(music, 0, 0);
    assert_int_equal(chord->n_heads, 3);
    assert_int_equal(chord->heads[0].position, -6);
    assert_int_equal(chord->heads[1].position, -2);
    assert_int_equal(chord->heads[2].position, 3);
    music_done(music);
}

static void test_chords__members_of_other_length_have_their_own_stem(void **state) {
    (void)state;
    struct music *music = music_of("[{c1/2,g1/4,e2/2} d/4]");
    assert_int_equal(music->n_chords, 3);
    assert_string_equal(music_values(music, 0), "2 4"); /* the chain: longest members */
    const struct music_chord *side = &music->chords[1];
    assert_true(side->is_side);
    assert_int_equal(side->n_heads, 1);
    assert_date(side->duration, 1, 4);
    assert_int_equal(side->stem, -music->chords[0].stem);
    music_done(music);
}

static void test_chords__octave_lines_shift_the_heads(void **state) {
    (void)state;
    struct music *music = music_of("[\\oct<1>(c2) c2 \\oct<-1> c1 d \\oct<0> c1]");
    assert_int_equal(music_chord_of(music, 0, 0)->heads[0].position, -6);
    assert_int_equal(music_chord_of(music, 0, 1)->heads[0].position, 1);
    assert_int_equal(music_chord_of(music, 0, 2)->heads[0].position, 1);
    assert_int_equal(music_chord_of(music, 0, 4)->heads[0].position, -6);
    const struct music_span *first = music_span_of(music, MUSIC_OCTAVA, 0);
    const struct music_span *second = music_span_of(music, MUSIC_OCTAVA, 1);
    assert_int_equal(first->side, 1);
    assert_int_equal(second->number, -1);
    assert_int_equal(second->side, -1);
    assert_date(second->begin, 1, 2);
    assert_date(second->end, 1, 1);
    assert_null(music_span_of(music, MUSIC_OCTAVA, 2));
    music_done(music);
}

static void test_chords__note_formats_and_colours(void **state) {
    (void)state;
    struct music *music = music_of("[\\noteFormat<\"(x)\", color=\"red\">(c) d "
                                   "\\noteFormat<\"diamond\"> e {f, \\noteFormat<\"square\">(a)}]");
    const struct music_head *head = &music_chord_of(music, 0, 0)->heads[0];
    assert_int_equal(head->style, MUSIC_HEAD_X);
    assert_int_equal(head->bracket, MUSIC_BRACKET_ROUND);
    assert_int_equal(head->look.color.r, 255);
    assert_int_equal(head->look.color.g, 0);
    assert_int_equal(music_chord_of(music, 0, 1)->heads[0].style, MUSIC_HEAD_STANDARD);
    assert_int_equal(music_chord_of(music, 0, 2)->heads[0].style, MUSIC_HEAD_DIAMOND);
    assert_int_equal(music_chord_of(music, 0, 3)->heads[0].style, MUSIC_HEAD_DIAMOND);
    assert_int_equal(music_chord_of(music, 0, 3)->heads[1].style, MUSIC_HEAD_SQUARE);
    music_done(music);
}

static void test_chords__grace_notes_take_no_time(void **state) {
    (void)state;
    struct music *music = music_of("[c/4 \\grace(d/8) e/4 \\grace(f/16 g) a/4]");
    assert_string_equal(music_values(music, 0), "4 g8 4 g16 g16 4");
    assert_true(music_chord_of(music, 0, 1)->has_slash);
    assert_false(music_chord_of(music, 0, 3)->has_slash);
    assert_date(music->duration, 3, 4);
    assert_string_equal(music_beams(music, 0), "...aa.");
    assert_true(music->beams[0].is_grace);
    assert_string_equal(music_stems(music, 0), "uuuuuu");
    music_done(music);
}

static void test_chords__cue_notes_are_blue(void **state) {
    (void)state;
    struct music *music = music_of("[\\cue<\"Flute\">(c d) e]");
    assert_true(music_chord_of(music, 0, 0)->is_cue);
    assert_int_equal(music_chord_of(music, 0, 0)->heads[0].look.color.b, 255);
    assert_string_equal(music_mark_of(music, MUSIC_MARK_TEXT, 0)->text, "Flute");
    assert_false(music_chord_of(music, 0, 2)->is_cue);
    music_done(music);
}

static void test_chords__tablature_stands_on_its_string(void **state) {
    (void)state;
    struct music *music = music_of("[\\staffFormat<\"TAB\">\\clef<\"TAB\"> s1:7:/8 s6:x:]");
    assert_int_equal(music->staves[0].n_lines, 6);
    assert_int_equal(music_chord_of(music, 0, 0)->heads[0].position, 5);
    assert_string_equal(music_chord_of(music, 0, 0)->heads[0].tab_text, "7");
    assert_int_equal(music_chord_of(music, 0, 1)->heads[0].position, -5);
    music_done(music);
}

static void test_chords__tremolo_with_a_second_note(void **state) {
    (void)state;
    struct music *music = music_of("[\\trem<pitch=\"e2\">(c1/2) d/2]");
    assert_string_equal(music_values(music, 0), "2 2 2");
    assert_int_equal(music_chord_of(music, 0, 1)->heads[0].position, 3);
    assert_date(music_chord_of(music, 0, 1)->date, 1, 4);
    const struct music_span *span = music_span_of(music, MUSIC_TREMOLO_PAIR, 0);
    assert_non_null(span);
    assert_int_equal(span->number, 3);
    assert_false(music->measures[0].may_break_after); /* not between the two */
    music_done(music);
    music = music_of("[\\trem<pitch=\"a0\">(d2/2)]"); /* both as the farther one wants */
    assert_string_equal(music_stems(music, 0), "uu");
    music_done(music);
}

static void test_ties__join_equal_neighbours(void **state) {
    (void)state;
    CHECK_VALUES("[\\tie(c c c) c]", "4~ 4~ 4 4");
    CHECK_VALUES("[\\tie(c d)]", "4 4");
    CHECK_VALUES("[\\tie(c c#)]", "4 4");
    CHECK_VALUES("[\\tie(c _ c)]", "4 r4 4");
    CHECK_VALUES("[\\tieBegin c | c \\tieEnd c]", "4~ 4 4");
}

static void test_ties__join_chords_note_by_note(void **state) {
    (void)state;
    struct music *music = music_of("[\\tie({c,e,g} {d,e,g})]");
    const struct music_chord *chord = music_chord_of(music, 0, 0);
    assert_int_equal(chord->heads[0].tie_to_chord, NOTATION_NONE);
    assert_int_equal(chord->heads[1].tie_to_chord, 1);
    assert_int_equal(chord->heads[1].tie_to_head, 1);
    assert_int_equal(chord->heads[2].tie_to_head, 2);
    music_done(music);
}

static void test_ties__go_on_from_the_last_part(void **state) {
    (void)state;
    CHECK_VALUES("[\\meter<\"2/4\"> \\tie(c/2. c/4)]", "2~ 4~ 4");
    struct music *music = music_of("[\\tie<curve=\"up\">(c c)]");
    assert_int_equal(music_chord_of(music, 0, 0)->heads[0].tie_side, 1);
    music_done(music);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_split__at_bars_with_ties),
        cmocka_unit_test(test_split__into_displayable_values),
        cmocka_unit_test(test_split__tuplets_are_the_next_longer_value),
        cmocka_unit_test(test_split__display_duration_is_drawn_instead),
        cmocka_unit_test(test_split__rests_of_a_measure),
        cmocka_unit_test(test_chords__heads_stand_from_low_to_high),
        cmocka_unit_test(test_chords__members_of_other_length_have_their_own_stem),
        cmocka_unit_test(test_chords__octave_lines_shift_the_heads),
        cmocka_unit_test(test_chords__note_formats_and_colours),
        cmocka_unit_test(test_chords__grace_notes_take_no_time),
        cmocka_unit_test(test_chords__cue_notes_are_blue),
        cmocka_unit_test(test_chords__tablature_stands_on_its_string),
        cmocka_unit_test(test_chords__tremolo_with_a_second_note),
        cmocka_unit_test(test_ties__join_equal_neighbours),
        cmocka_unit_test(test_ties__join_chords_note_by_note),
        cmocka_unit_test(test_ties__go_on_from_the_last_part),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
