/* Spans, signs, marks, lyrics, staves and pages, repeats: gmn.md 8, 9, 10.11, 10.12, 13. */
#include "music_fixture.h"

#include <math.h>

#include "renderer/notation/music/look.h"
#include "renderer/notation/music/lyric_text.h"

static void test_spans__reach_from_first_to_last_chord(void **state) {
    (void)state;
    struct music *music = music_of("[\\slur<\"up\">(c d e) \\cresc(f g) \\dim(a) \\slur(c)]");
    const struct music_span *slur = music_span_of(music, MUSIC_SLUR, 0);
    assert_int_equal(slur->first_chord, 0);
    assert_int_equal(slur->last_chord, 2);
    assert_int_equal(slur->side, 1);
    assert_null(music_span_of(music, MUSIC_SLUR, 1)); /* one note has nothing to slur to */
    const struct music_span *hairpin = music_span_of(music, MUSIC_CRESCENDO, 0);
    assert_date(hairpin->begin, 3, 4);
    assert_date(hairpin->end, 5, 4);
    assert_non_null(music_span_of(music, MUSIC_DIMINUENDO, 0));
    music_done(music);
}

static void test_spans__end_at_the_last_part_of_a_split_note(void **state) {
    (void)state;
    struct music *music = music_of("[\\meter<\"2/4\"> \\slurBegin c d/2 \\slurEnd e/4]");
    assert_int_equal(music_span_of(music, MUSIC_SLUR, 0)->last_chord, 2);
    music_done(music);
}

static void test_spans__overlapping_pairs(void **state) {
    (void)state;
    struct music *music = music_of("[\\slurBegin:1 c \\slurBegin:2 d \\slurEnd:1 e \\slurEnd:2 f]");
    assert_int_equal(music_span_of(music, MUSIC_SLUR, 0)->first_chord, 0);
    assert_int_equal(music_span_of(music, MUSIC_SLUR, 0)->last_chord, 1);
    assert_int_equal(music_span_of(music, MUSIC_SLUR, 1)->first_chord, 1);
    assert_int_equal(music_span_of(music, MUSIC_SLUR, 1)->last_chord, 2);
    music_done(music);
}

static void test_spans__glissandi_join_each_pair(void **state) {
    (void)state;
    struct music *music = music_of("[\\glissando(c d e) f]");
    assert_int_equal(music_span_of(music, MUSIC_GLISSANDO, 0)->last_chord, 1);
    assert_int_equal(music_span_of(music, MUSIC_GLISSANDO, 1)->first_chord, 1);
    assert_null(music_span_of(music, MUSIC_GLISSANDO, 2));
    music_done(music);
}

static void test_spans__voltas_have_hooks_and_passes(void **state) {
    (void)state;
    struct music *music =
        music_of("[\\meter<\"2/4\"> \\repeatBegin c d \\volta<\"1.\">(e f \\repeatEnd)"
                 "\\volta<\"2.\", \"|-\">(g a)]");
    const struct music_span *first = music_span_of(music, MUSIC_VOLTA, 0);
    const struct music_span *second = music_span_of(music, MUSIC_VOLTA, 1);
    assert_string_equal(first->text, "1.");
    assert_true(first->has_left_hook && first->has_right_hook);
    assert_true(second->has_left_hook);
    assert_false(second->has_right_hook);
    assert_int_equal(music->n_endings, 2);
    assert_int_equal(music->endings[0].passes, 1);
    assert_int_equal(music->endings[1].passes, 2);
    assert_date(music->endings[1].begin, 1, 1);
    assert_date(music->endings[1].end, 3, 2);
    assert_int_equal(music->n_repeats, 1);
    assert_date(music->repeats[0].end, 1, 1);
    assert_int_equal(music->repeats[0].times, 2);
    music_done(music);
}

static void test_spans__trills_have_a_line_when_they_last(void **state) {
    (void)state;
    struct music *music = music_of("[\\trill(c/2) \\trill(d/8) \\trill<wavy=\"false\">(e/1)]");
    assert_int_equal(music_span_of(music, MUSIC_TRILL_LINE, 0)->first_chord, 0);
    assert_null(music_span_of(music, MUSIC_TRILL_LINE, 1));
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(music_chord_of(music, 0, i)->n_signs, 1);
        assert_int_equal(music_chord_of(music, 0, i)->signs[0].kind, TAG_TRILL);
    }
    music_done(music);
}

static void test_tuplets__are_found_and_close_at_a_normal_value(void **state) {
    (void)state;
    struct music *music = music_of("[c/12 d e f/6 g/12 a/20 h c d e c/4 d/12]");
    const struct music_span *span = music_span_of(music, MUSIC_TUPLET, 0);
    assert_int_equal(span->number, 3);
    assert_int_equal(span->first_chord, 0);
    assert_int_equal(span->last_chord, 2);
    assert_false(span->has_bracket); /* one beam covers it */
    span = music_span_of(music, MUSIC_TUPLET, 1);
    assert_int_equal(span->first_chord, 3);
    assert_int_equal(span->last_chord, 4);
    assert_true(span->has_bracket);
    assert_int_equal(music_span_of(music, MUSIC_TUPLET, 2)->number, 5);
    span = music_span_of(music, MUSIC_TUPLET, 3); /* unfinished */
    assert_int_equal(span->first_chord, span->last_chord);
    assert_int_equal(music_chord_of(music, 0, 1)->tuplet, 0);
    assert_int_equal(music_chord_of(music, 0, 10)->tuplet, NOTATION_NONE);
    music_done(music);
}

static void test_tuplets__written_ones_replace_automatic_ones(void **state) {
    (void)state;
    struct music *music =
        music_of("[\\tuplet<\"-5:4-\", \"below\">(c/12 d e) \\tuplet<\"3\">(c/4 d)]");
    const struct music_span *span = music_span_of(music, MUSIC_TUPLET, 0);
    assert_int_equal(span->number, 5);
    assert_int_equal(span->against, 4);
    assert_int_equal(span->side, -1);
    assert_true(span->has_left_hook && span->has_right_hook && span->has_bracket);
    span = music_span_of(music, MUSIC_TUPLET, 1);
    assert_false(span->has_bracket);
    assert_true(span->has_number);
    assert_null(music_span_of(music, MUSIC_TUPLET, 2));
    music_done(music);
}

static void test_signs__stand_on_each_chord_of_the_range(void **state) {
    (void)state;
    struct music *music = music_of("[\\stacc(\\accent<position=\"below\">(c) _ d) e]");
    const struct music_chord *chord = music_chord_of(music, 0, 0);
    assert_int_equal(chord->n_signs, 2);
    assert_int_equal(chord->signs[0].kind, TAG_STACCATO);
    assert_int_equal(chord->signs[1].kind, TAG_ACCENT);
    assert_int_equal(chord->signs[1].side, -1);
    assert_int_equal(music_chord_of(music, 0, 1)->n_signs, 0); /* a rest */
    assert_int_equal(music_chord_of(music, 0, 2)->n_signs, 1);
    assert_int_equal(music_chord_of(music, 0, 3)->n_signs, 0);
    music_done(music);
}

static void test_signs__of_a_split_note_stand_once(void **state) {
    (void)state;
    struct music *music = music_of("[\\meter<\"2/4\"> c \\accent(\\fermata(d/2)) e/4]");
    assert_int_equal(music_chord_of(music, 0, 1)->signs[0].kind, TAG_ACCENT);
    assert_int_equal(music_chord_of(music, 0, 1)->n_signs, 1);
    assert_int_equal(music_chord_of(music, 0, 2)->signs[0].kind, TAG_FERMATA);
    music_done(music);
}

static void test_signs__of_a_member_belong_to_its_head(void **state) {
    (void)state;
    struct music *music = music_of("[{e, \\fing<text=\"1\">(c), g}]");
    const struct music_chord *chord = music_chord_of(music, 0, 0);
    assert_int_equal(chord->n_signs, 1);
    assert_int_equal(chord->signs[0].head, 0);
    assert_string_equal(chord->signs[0].text, "1");
    music_done(music);
}

static void test_marks__stand_at_their_date(void **state) {
    (void)state;
    struct music *music = music_of("[c \\intens<\"mf\"> d \\text<\"dolce\">(e f) \\breathMark "
                                   "g \\fermata \\segno]");
    const struct music_mark *mark = music_mark_of(music, MUSIC_MARK_DYNAMIC, 0);
    assert_string_equal(mark->text, "mf");
    assert_date(mark->date, 1, 4);
    assert_int_equal(mark->chord, 1);
    assert_string_equal(music_mark_of(music, MUSIC_MARK_TEXT, 0)->text, "dolce");
    assert_non_null(music_mark_of(music, MUSIC_MARK_BREATH, 0));
    mark = music_mark_of(music, MUSIC_MARK_FERMATA, 0);
    assert_int_equal(mark->chord, NOTATION_NONE); /* nothing follows */
    assert_string_equal(music_mark_of(music, MUSIC_MARK_JUMP, 0)->text, "[segno]");
    assert_int_equal(music->n_jumps, 1);
    assert_int_equal(music->jumps[0].kind, TAG_SEGNO);
    music_done(music);
}

static void test_marks__space_goes_before_the_next_chord(void **state) {
    (void)state;
    struct music *music = music_of("[c \\space<12hs> d e]");
    assert_true(music_chord_of(music, 0, 1)->space_before == 6);
    assert_true(music_chord_of(music, 0, 2)->space_before == 0);
    music_done(music);
}

static void test_lyric_next__splits_as_section_9_says(void **state) {
    struct lyric lyric;
    (void)state;
    const char *text = lyric_next("  glo-ri-a in_ ~ex~ce ", &lyric);
    assert_int_equal(lyric.len, 3);
    assert_true(lyric.has_hyphen);
    text = lyric_next(text, &lyric);
    text = lyric_next(text, &lyric);
    assert_int_equal(lyric.len, 1);
    assert_false(lyric.has_hyphen);
    text = lyric_next(text, &lyric);
    assert_true(lyric.has_extender);
    text = lyric_next(text, &lyric);
    assert_int_equal(lyric.len, 6);
    assert_null(lyric_next(text, &lyric));
}

static void test_lyrics__one_syllable_an_event(void **state) {
    (void)state;
    struct music *music = music_of("[\\lyrics<\"a b~c d e f\">(c _ d \\grace(e/8) {f/4,a}) g]");
    assert_string_equal(music_chord_of(music, 0, 0)->syllables[0].text, "a");
    assert_string_equal(music_chord_of(music, 0, 1)->syllables[0].text, "b c");
    assert_string_equal(music_chord_of(music, 0, 2)->syllables[0].text, "d");
    assert_int_equal(music_chord_of(music, 0, 3)->n_syllables, 0); /* grace */
    assert_string_equal(music_chord_of(music, 0, 4)->syllables[0].text, "e");
    assert_int_equal(music_chord_of(music, 0, 5)->n_syllables, 0); /* surplus is dropped */
    music_done(music);
    music = music_of("[\\lyrics<\"a b\">(\\lyrics<\"x y\">(c d))]");
    assert_int_equal(music_chord_of(music, 0, 1)->n_syllables, 2);
    assert_int_equal(music_chord_of(music, 0, 1)->syllables[1].verse, 1);
    assert_string_equal(music_chord_of(music, 0, 1)->syllables[1].text, "y");
    music_done(music);
}

static void test_staves__voices_go_where_they_are_sent(void **state) {
    (void)state;
    struct music *music = music_of("{[\\staff<1> c \\staff<4> d \\staff<1> e],[\\staff<4> c d e]}");
    assert_int_equal(music->n_staves, 2);
    assert_int_equal(music->staves[1].number, 4);
    assert_int_equal(music_chord_of(music, 0, 1)->staff, 1);
    assert_int_equal(music_chord_of(music, 0, 2)->staff, 0);
    assert_int_equal(music->staves[1].n_voices, 2);
    music_done(music);
    music = music_of("{[c],[\\staff<1> d],[e]}");
    assert_int_equal(music->n_staves, 2);
    assert_int_equal(music->staves[1].number, 3);
    music_done(music);
}

static void test_staves__groups_and_formats(void **state) {
    (void)state;
    struct music *music = music_of("{[c],[d]}");
    assert_int_equal(music->n_groups, 1);
    assert_int_equal(music->groups[0].kind, MUSIC_GROUP_BRACE);
    assert_int_equal(music->groups[0].last_staff, 1);
    music_done(music);
    music = music_of("{[\\accol<id=1, range=\"1-2\"> \\barFormat<\"system\", \"1-2\"> c],"
                     "[\\staffFormat<\"3-lines\", size=1.5pt> d],[e]}");
    assert_int_equal(music->n_groups, 1);
    assert_int_equal(music->groups[0].kind, MUSIC_GROUP_BRACKET);
    assert_int_equal(music->staves[1].n_lines, 3);
    assert_true(music->staves[1].space > 0.49 && music->staves[1].space < 0.51);
    assert_int_equal(music->n_bar_spans, 1);
    assert_int_equal(music->bar_spans[0].last_staff, 1);
    music_done(music);
    assert_int_equal((music = music_of("[c]"))->n_groups, 0);
    music_done(music);
}

static void test_staves__off_hides_until_on(void **state) {
    (void)state;
    struct music *music = music_of("[c \\staffOff d e \\staffOn f]");
    assert_false(music_chord_of(music, 0, 0)->is_hidden);
    assert_true(music_chord_of(music, 0, 1)->is_hidden);
    assert_true(music_chord_of(music, 0, 2)->is_hidden);
    assert_false(music_chord_of(music, 0, 3)->is_hidden);
    assert_int_equal(music->staves[0].n_hidden, 1);
    assert_date(music->staves[0].hidden[0].begin, 1, 4);
    assert_date(music->staves[0].hidden[0].end, 3, 4);
    music_done(music);
}

static void test_page__has_margins_of_its_own_once_it_is_written(void **state) {
    (void)state;
    struct music *music = music_of("[c]");
    double cm = 1 / NOTATION_CM_PER_SPACE;
    assert_false(music->page.is_set);
    assert_true(fabs(music->page.width - 21 * cm) < 0.01);
    assert_true(fabs(music->page.top - 2 * cm) < 0.01);
    music_done(music);
    music = music_of("[\\pageFormat<\"A3\">\\systemFormat<2cm> c]");
    assert_true(fabs(music->page.height - 42 * cm) < 0.01);
    assert_true(fabs(music->page.top - 5 * cm) < 0.01);
    assert_true(fabs(music->page.bottom - 3 * cm) < 0.01);
    assert_true(fabs(music->first_indent - 2 * cm) < 0.01);
    music_done(music);
    music = music_of("[\\pageFormat<14cm,8cm,1cm,1.5cm,1cm,1cm>\\title<\"Etude\",\"42\">"
                     "\\composer<\"A. B.\"> c]");
    assert_true(fabs(music->page.width - 14 * cm) < 0.01);
    assert_true(fabs(music->page.top - 1.5 * cm) < 0.01);
    assert_int_equal(music->n_page_texts, 2);
    assert_string_equal(music->page_texts[0].page_format, "42");
    assert_string_equal(music->page_texts[1].page_format, "53");
    assert_true(fabs(music->page_texts[0].size_sp - 4) < 0.01); /* 24pt */
    music_done(music);
}

static void test_look__reads_colours(void **state) {
    struct music_color color = {0, 0, 0, 0};
    (void)state;
    assert_true(look_parse_color("0x11223380", &color));
    assert_int_equal(color.g, 0x22);
    assert_int_equal(color.a, 0x80);
    assert_true(look_parse_color("#FF8000", &color));
    assert_int_equal(color.r, 255);
    assert_int_equal(color.a, 255);
    assert_true(look_parse_color("navy", &color));
    assert_false(look_parse_color("0x12", &color));
    assert_false(look_parse_color("no such", &color));
}

static void test_repeats__of_several_voices_count_once(void **state) {
    (void)state;
    struct music *music = music_of("{[\\repeatBegin c d \\repeatEnd e \\repeatEnd],"
                                   "[\\repeatBegin c d \\repeatEnd e \\repeatEnd \\daCapo]}");
    assert_int_equal(music->n_repeats, 2);
    assert_date(music->repeats[0].begin, 0, 1);
    assert_date(music->repeats[1].begin, 1, 2); /* from the end of the one before */
    assert_int_equal(music->n_jumps, 1);
    music_done(music);
    music = music_of("[c d \\volta<\"1-3\">(e) \\repeatEnd \\volta<\"4\">(f)]");
    assert_int_equal(music->repeats[0].times, 4);
    assert_int_equal(music->endings[0].passes, 7);
    music_done(music);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_spans__reach_from_first_to_last_chord),
        cmocka_unit_test(test_spans__end_at_the_last_part_of_a_split_note),
        cmocka_unit_test(test_spans__overlapping_pairs),
        cmocka_unit_test(test_spans__glissandi_join_each_pair),
        cmocka_unit_test(test_spans__voltas_have_hooks_and_passes),
        cmocka_unit_test(test_spans__trills_have_a_line_when_they_last),
        cmocka_unit_test(test_tuplets__are_found_and_close_at_a_normal_value),
        cmocka_unit_test(test_tuplets__written_ones_replace_automatic_ones),
        cmocka_unit_test(test_signs__stand_on_each_chord_of_the_range),
        cmocka_unit_test(test_signs__of_a_split_note_stand_once),
        cmocka_unit_test(test_signs__of_a_member_belong_to_its_head),
        cmocka_unit_test(test_marks__stand_at_their_date),
        cmocka_unit_test(test_marks__space_goes_before_the_next_chord),
        cmocka_unit_test(test_lyric_next__splits_as_section_9_says),
        cmocka_unit_test(test_lyrics__one_syllable_an_event),
        cmocka_unit_test(test_staves__voices_go_where_they_are_sent),
        cmocka_unit_test(test_staves__groups_and_formats),
        cmocka_unit_test(test_staves__off_hides_until_on),
        cmocka_unit_test(test_page__has_margins_of_its_own_once_it_is_written),
        cmocka_unit_test(test_look__reads_colours),
        cmocka_unit_test(test_repeats__of_several_voices_count_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
