/* Tags: forms, parameters, pairs, units: gmn.md 7, 8, 14. */
/* clang-format off: cmocka needs these before it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "notation_reading.h"
#include "renderer/notation/tags.h"

static void assert_near(double value, double expected) {
    if (fabs(value - expected) > 1e-6) {
        fail_msg("%g instead of %g", value, expected);
    }
}

static void check_warning(const char *text, const char *expected, const char *events) {
    struct notation *notation = read_gmn(text);
    assert_string_equal(only_warning(notation), expected);
    assert_string_equal(summary(notation), events);
    notation_destroy(notation);
}

static void test_tags__unnamed_values_go_by_place(void **state) {
    (void)state;
    struct notation *notation = read_gmn("[\\slur<\"up\",2,3>(c d) \\slur<dx1=4,5>(c d)"
                                         "\\slur<\"down\",h=1hs,6>(c d)]");
    const struct notation_tag *tag = tag_of(notation, TAG_SLUR, 0);
    assert_string_equal(notation_tag_text(tag, "curve", ""), "up");
    assert_near(notation_tag_number(tag, "dx1", 0), 2);
    assert_near(notation_tag_number(tag, "dy1", 0), 3);
    assert_null(notation_tag_param(tag, "dx2"));
    tag = tag_of(notation, TAG_SLUR, 1); /* named ones count as places */
    assert_near(notation_tag_number(tag, "dx1", 0), 4);
    assert_null(notation_tag_param(tag, "curve"));
    tag = tag_of(notation, TAG_SLUR, 2);
    assert_near(notation_tag_number(tag, "dy1", 0), 6);
    assert_near(notation_tag_length(tag, "h", 0), 0.5);
    notation_destroy(notation);
}

static void test_tags__common_parameters_go_by_name_only(void **state) {
    (void)state;
    struct notation *notation = read_gmn("[\\clef<\"g\",color=\"red\",dx=2hs,size=0.5> c]");
    const struct notation_tag *tag = tag_of(notation, TAG_CLEF, 0);
    assert_string_equal(notation_tag_text(tag, "color", ""), "red");
    assert_near(notation_tag_length(tag, "dx", 0), 1);
    assert_near(notation_tag_number(tag, "size", 1), 0.5);
    assert_null(notation_tag_param(tag, "dy"));
    assert_int_equal(notation->n_warnings, 0);
    notation_destroy(notation);
}

static void test_tags__bare_words_are_ignored(void **state) {
    (void)state;
    struct notation *notation = read_gmn("[\\clef<treble> c]");
    assert_null(notation_tag_param(tag_of(notation, TAG_CLEF, 0), "type"));
    notation_destroy(notation);
}

static void test_tags__lengths_have_units(void **state) {
    (void)state;
    static const struct {
        const char *written;
        double spaces;
    } rows[] = {
        {"2", 1},        {"2hs", 1},        {"6pt", 1},         {"1pc", 2},
        {"1in", 12.045}, {"1cm", 4.742126}, {"10mm", 4.742126}, {"0.01m", 4.742126},
        {".5hs", 0.25},  {"-3hs", -1.5},    {"+1.5 pc", 3},     {"3 pt", 0.5},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[64];
        snprintf(text, sizeof(text), "[\\space<%s>]", rows[i].written);
        struct notation *notation = read_gmn(text);
        assert_near(notation_tag_length(tag_of(notation, TAG_SPACE, 0), "dd", 99), rows[i].spaces);
        notation_destroy(notation);
    }
}

static void test_tags__units_change_what_follows_in_the_voice(void **state) {
    (void)state;
    struct notation *notation =
        read_gmn("{[\\space<2> \\units<\"mm\"> \\space<10> \\space<2hs>],[\\space<2>]}");
    assert_near(notation_tag_length(tag_of(notation, TAG_SPACE, 0), "dd", 0), 1);
    assert_near(notation_tag_length(tag_of(notation, TAG_SPACE, 1), "dd", 0), 4.742126);
    assert_near(notation_tag_length(tag_of(notation, TAG_SPACE, 2), "dd", 0), 1);
    assert_near(notation_tag_length(tag_of(notation, TAG_SPACE, 3), "dd", 0), 1);
    notation_destroy(notation);
}

static void test_tags__true_words_are_true(void **state) {
    (void)state;
    static const char *const words[] = {"\"true\"", "\"on\"",  "\"yes\"",
                                        "\"1\"",    "\"off\"", "\"x\""};
    for (size_t i = 0; i < 6; i++) {
        char text[64];
        snprintf(text, sizeof(text), "[\\repeatBegin<hidden=%s>]", words[i]);
        struct notation *notation = read_gmn(text);
        const struct notation_tag *tag = tag_of(notation, TAG_REPEAT_BEGIN, 0);
        assert_int_equal(notation_tag_bool(tag, "hidden", i >= 4), i < 4);
        notation_destroy(notation);
    }
}

static void test_tags__page_format_takes_a_name_in_place_of_two_lengths(void **state) {
    (void)state;
    struct notation *notation = read_gmn("[\\pageFormat<14cm,8cm,1cm> \\pageFormat<\"A3\",3cm>"
                                         "\\pageFormat<type=\"A4\",lm=2cm>]");
    const struct notation_tag *tag = tag_of(notation, TAG_PAGE_FORMAT, 0);
    assert_near(notation_tag_length(tag, "w", 0) * NOTATION_CM_PER_SPACE, 14);
    assert_near(notation_tag_length(tag, "lm", 0) * NOTATION_CM_PER_SPACE, 1);
    assert_null(notation_tag_param(tag, "type"));
    tag = tag_of(notation, TAG_PAGE_FORMAT, 1);
    assert_string_equal(notation_tag_text(tag, "type", ""), "A3");
    assert_null(notation_tag_param(tag, "w"));
    assert_near(notation_tag_length(tag, "lm", 0) * NOTATION_CM_PER_SPACE, 3);
    tag = tag_of(notation, TAG_PAGE_FORMAT, 2);
    assert_string_equal(notation_tag_text(tag, "type", ""), "A4");
    assert_near(notation_tag_length(tag, "lm", 0) * NOTATION_CM_PER_SPACE, 2);
    notation_destroy(notation);
}

static void test_tags__set_knows_names_without_auto(void **state) {
    (void)state;
    struct notation *notation = read_gmn(
        "[\\set<endBar=\"off\"> \\auto<autoEndBar=\"off\"> \\set<clefKeyMeterOrder=\"off\">]");
    assert_false(notation_tag_bool(tag_of(notation, TAG_SET, 0), "autoEndBar", true));
    assert_false(notation_tag_bool(tag_of(notation, TAG_SET, 1), "autoEndBar", true));
    assert_false(notation_tag_bool(tag_of(notation, TAG_SET, 2), "autoClefKeyMeterOrder", true));
    assert_int_equal(notation->n_warnings, 0);
    notation_destroy(notation);
}

static void test_tags__aliases_are_one_kind(void **state) {
    (void)state;
    struct notation *notation = read_gmn(
        "[\\b(c d) \\bm(c d) \\beam(c d) \\beamBegin c \\bEnd \\t<\"x\"> \\i<\"p\"> \\s<\"a.png\">"
        "\\acc(c) \\accidental(c) \\oct<1> \\octava<0> \\newLine \\newSystem \\colour<0,0,0>]");
    assert_int_equal(count_tags(notation, TAG_BEAM), 4);
    assert_int_equal(count_tags(notation, TAG_TEXT), 1);
    assert_int_equal(count_tags(notation, TAG_INTENSITY), 1);
    assert_int_equal(count_tags(notation, TAG_SYMBOL), 1);
    assert_int_equal(count_tags(notation, TAG_ACCIDENTAL), 2);
    assert_int_equal(count_tags(notation, TAG_OCTAVA), 2);
    assert_int_equal(count_tags(notation, TAG_NEW_SYSTEM), 2);
    assert_int_equal(count_tags(notation, TAG_COLOR), 1);
    assert_int_equal(notation->n_warnings, 0);
    notation_destroy(notation);
}

static void test_tags__every_name_of_the_table_is_found(void **state) {
    (void)state;
    struct arena *arena = arena_create(1 << 20);
    struct tag_names *names = tag_names_create(arena);
    assert_non_null(names);
    for (int kind = TAG_UNKNOWN + 1; kind < TAG_COUNT; kind++) {
        const char *name = notation_tag_name((enum notation_tag_kind)kind), *found;
        char pair[64];
        enum tag_role role;
        assert_int_equal(tag_names_find(names, name, strlen(name), &role, &found), kind);
        assert_int_equal(role, TAG_ROLE_PLAIN);
        assert_string_equal(found, name);
        snprintf(pair, sizeof(pair), "%sEnd", name);
        bool is_pair = notation_tag_form((enum notation_tag_kind)kind) == FORM_RE;
        assert_int_equal(tag_names_find(names, pair, strlen(pair), &role, &found),
                         is_pair                       ? kind
                         : strcmp(name, "repeat") == 0 ? TAG_REPEAT_END
                                                       : TAG_UNKNOWN);
    }
    arena_destroy(arena);
}

static void test_tags__ranges_know_their_events(void **state) {
    (void)state;
    struct notation *notation = read_gmn("[c \\slur(d \\stacc(e f) | g) a]");
    const struct notation_voice *voice = &notation->voices[0];
    const struct notation_tag *slur = tag_of(notation, TAG_SLUR, 0);
    const struct notation_tag *stacc = tag_of(notation, TAG_STACCATO, 0);
    assert_int_equal(slur->first_event, 1);
    assert_int_equal(slur->end_event, 5);
    assert_int_equal(stacc->first_event, 2);
    assert_int_equal(stacc->end_event, 4);
    assert_int_equal(voice->items[slur->first].kind, NOTATION_ITEM_TAG);
    assert_int_equal(voice->items[slur->end].kind, NOTATION_ITEM_TAG_END);
    assert_ptr_equal(&voice->tags[voice->items[slur->end].index], slur);
    assert_rational(voice->items[slur->first].date, 1, 4);
    assert_rational(voice->items[slur->end].date, 5, 4);
    notation_destroy(notation);
}

static void test_tags__pairs_are_matched_by_id(void **state) {
    (void)state;
    struct notation *notation =
        read_gmn("[\\slurBegin:1 c \\slurBegin:2 d \\slurEnd:1 e"
                 "\\slurEnd:2 f \\slurBegin g \\slurBegin a \\slurEnd b \\slurEnd]");
    static const uint32_t ends[] = {2, 3, 7, 6}, firsts[] = {0, 1, 4, 5};
    for (size_t i = 0; i < 4; i++) {
        const struct notation_tag *tag = tag_of(notation, TAG_SLUR, i);
        assert_true(tag->is_pair && tag->has_range);
        assert_int_equal(tag->first_event, firsts[i]);
        assert_int_equal(tag->end_event, ends[i]);
    }
    assert_int_equal(notation->n_warnings, 0);
    notation_destroy(notation);
}

static void test_tags__odd_use_gives_a_warning_and_keeps_the_notes(void **state) {
    (void)state;
    check_warning("[\\slurEnd c]", "1:2 \\slurEnd without \\slurBegin", "c1 1/4");
    check_warning("[\\crescBegin c]", "1:2 \\crescBegin without \\crescEnd", "c1 1/4");
    check_warning("[\\tie c]", "1:2 \\tie needs notes in parentheses behind it", "c1 1/4");
    check_warning("[\\clef<\"g\">(c d)]", "1:2 \\clef takes no range", "c1 1/4 d1 1/4");
    check_warning("[c\n \\nonsense<\"a\",b=2>(d e) f]", "2:2 unknown tag \\nonsense",
                  "c1 1/4 d1 1/4 e1 1/4 f1 1/4");
    check_warning("[\\unit<\"cm\"> c]", "1:2 unknown tag \\unit", "c1 1/4");
    check_warning("[\\clef<\"g\",typ=1> c]", "1:2 \\clef has no parameter typ", "c1 1/4");
    check_warning("[\\staff c]", "1:2 \\staff needs a parameter id", "c1 1/4");
    check_warning("[\\octava<hidden=\"on\"> c]", "1:2 \\octava needs a parameter i", "c1 1/4");
    check_warning("[c99]", "1:2 octave 99 is out of range (-12 to 12)", "c12 1/4");
}

static void test_tags__dropped_and_unknown_tags_stay_apart(void **state) {
    (void)state;
    struct notation *notation = read_gmn("[\\tie c \\nonsense<\"a\"> \\DrHoos(d) \\port<1>]");
    assert_int_equal(count_tags(notation, TAG_TIE), 0);
    assert_string_equal(tag_of(notation, TAG_UNKNOWN, 0)->name, "nonsense");
    assert_int_equal(tag_of(notation, TAG_UNKNOWN, 0)->n_params, 1);
    assert_int_equal(count_tags(notation, TAG_IGNORED), 2);
    assert_int_equal(notation->n_warnings, 2);
    notation_destroy(notation);
}

static void test_tags__jump_texts_may_be_named_m(void **state) {
    (void)state;
    struct notation *notation = read_gmn("[\\coda<m=\"x\"> \\fine<\"y\">]");
    assert_string_equal(notation_tag_text(tag_of(notation, TAG_CODA, 0), "m", ""), "x");
    assert_string_equal(notation_tag_text(tag_of(notation, TAG_FINE, 0), "m", ""), "y");
    notation_destroy(notation);
}

static void test_tags__repeat_end_may_enclose_an_ending(void **state) {
    (void)state;
    struct notation *notation = read_gmn("[\\repeatBegin c \\repeatEnd<1>(d) \\repeatEnd e]");
    assert_true(tag_of(notation, TAG_REPEAT_END, 0)->has_range);
    assert_false(tag_of(notation, TAG_REPEAT_END, 1)->has_range);
    assert_int_equal(notation->n_warnings, 0);
    notation_destroy(notation);
}

static void test_tags__members_of_chords_have_their_own(void **state) {
    (void)state;
    struct notation *notation =
        read_gmn("[c {\\acc(d), e, \\fing<\"1\">(\\noteFormat<\"x\"> f) \\dotFormat}]");
    const struct notation_voice *voice = &notation->voices[0];
    const struct notation_event *chord = &voice->events[1];
    assert_int_equal(voice->n_items, 2); /* none of them is an item */
    assert_int_equal(chord->notes[0].n_tags, 1);
    assert_int_equal(chord->notes[1].n_tags, 0);
    assert_int_equal(chord->notes[2].n_tags, 3);
    const struct notation_tag *tag = &voice->tags[chord->notes[0].tags[0]];
    assert_int_equal(tag->kind, TAG_ACCIDENTAL);
    assert_true(tag->is_member && tag->has_range);
    assert_int_equal(tag->first, 1);
    assert_int_equal(tag->first_event, 1);
    assert_int_equal(tag->end_event, 2);
    notation_destroy(notation);
}

static void test_tags__a_pair_may_begin_and_end_at_chord_members(void **state) {
    (void)state;
    struct notation *notation = read_gmn("[{\\tieBegin:1 c, e} f {c \\tieEnd:1, g}]");
    const struct notation_tag *tie = tag_of(notation, TAG_TIE, 0);
    const struct notation_note *first = &notation->voices[0].events[0].notes[0];
    assert_true(tie->is_pair && tie->is_member);
    assert_int_equal(tie->first_event, 0);
    assert_int_equal(tie->end_event, 3);
    assert_int_equal(first->n_tags, 1);
    assert_int_equal(notation->n_warnings, 0);
    notation_destroy(notation);
}

static void test_tags__alter_adds_to_the_written_accidental(void **state) {
    (void)state;
    struct notation *notation = read_gmn(
        "[\\alter<0.5>(c# \\alter<-0.5>(d) e) f \\alter<0.25> g {\\alter<1>(a), b} \\alter<0> c]");
    static const double expected[] = {0.5, -0.5, 0.5, 0, 0.25, 1, 0};
    for (size_t i = 0; i < 7; i++) {
        assert_near(notation->voices[0].events[i].notes[0].detune, expected[i]);
    }
    assert_near(notation->voices[0].events[5].notes[1].detune, 0.25);
    assert_int_equal(notation->voices[0].events[0].notes[0].alter, 1);
    notation_destroy(notation);
}

static void test_tags__strokes_are_bars(void **state) {
    (void)state;
    struct notation *notation = read_gmn("[c | d \\| e \\bar<hidden=\"true\">]");
    assert_int_equal(count_tags(notation, TAG_BAR), 3);
    assert_true(notation_tag_bool(tag_of(notation, TAG_BAR, 2), "hidden", false));
    notation_destroy(notation);
}

static void test_tags__strings_have_escapes_and_two_quotes(void **state) {
    (void)state;
    struct notation *notation =
        read_gmn("[\\text<\"a\\\"b\\\\c\\n\\d\"> \\text<'it\\'s \"x\"'> \\text<\"% (*\">]");
    assert_string_equal(notation_tag_text(tag_of(notation, TAG_TEXT, 0), "text", ""),
                        "a\"b\\c\n\\d");
    assert_string_equal(notation_tag_text(tag_of(notation, TAG_TEXT, 1), "text", ""), "it's \"x\"");
    assert_string_equal(notation_tag_text(tag_of(notation, TAG_TEXT, 2), "text", ""), "% (*");
    notation_destroy(notation);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tags__unnamed_values_go_by_place),
        cmocka_unit_test(test_tags__common_parameters_go_by_name_only),
        cmocka_unit_test(test_tags__bare_words_are_ignored),
        cmocka_unit_test(test_tags__lengths_have_units),
        cmocka_unit_test(test_tags__units_change_what_follows_in_the_voice),
        cmocka_unit_test(test_tags__true_words_are_true),
        cmocka_unit_test(test_tags__page_format_takes_a_name_in_place_of_two_lengths),
        cmocka_unit_test(test_tags__set_knows_names_without_auto),
        cmocka_unit_test(test_tags__aliases_are_one_kind),
        cmocka_unit_test(test_tags__every_name_of_the_table_is_found),
        cmocka_unit_test(test_tags__ranges_know_their_events),
        cmocka_unit_test(test_tags__pairs_are_matched_by_id),
        cmocka_unit_test(test_tags__odd_use_gives_a_warning_and_keeps_the_notes),
        cmocka_unit_test(test_tags__dropped_and_unknown_tags_stay_apart),
        cmocka_unit_test(test_tags__jump_texts_may_be_named_m),
        cmocka_unit_test(test_tags__repeat_end_may_enclose_an_ending),
        cmocka_unit_test(test_tags__members_of_chords_have_their_own),
        cmocka_unit_test(test_tags__a_pair_may_begin_and_end_at_chord_members),
        cmocka_unit_test(test_tags__alter_adds_to_the_written_accidental),
        cmocka_unit_test(test_tags__strokes_are_bars),
        cmocka_unit_test(test_tags__strings_have_escapes_and_two_quotes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
