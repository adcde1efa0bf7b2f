/* Notes, chords, voices, variables: gmn.md 1 to 6 and 14. */
/* clang-format off: cmocka needs these before it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include <string.h>

#include "notation_reading.h"
#include "renderer/notation/read/gmn.h"

static void check(const char *text, const char *expected) {
    struct notation *notation = read_gmn(text);
    assert_string_equal(summary(notation), expected);
    notation_destroy(notation);
}

static void check_duration(const char *text, int64_t num, int64_t den) {
    struct notation *notation = read_gmn(text);
    assert_rational(notation->duration, num, den);
    notation_destroy(notation);
}

static void check_voices(const char *text, size_t n_voices) {
    struct notation *notation = read_gmn(text);
    assert_int_equal(notation->n_voices, n_voices);
    notation_destroy(notation);
}

static void test_gmn__voices_stand_in_brackets(void **state) {
    (void)state;
    check_voices("[c d e]", 1);
    check_voices("{[c d],[e f]}", 2);
    check_voices("{}", 0);
    check_voices("[]", 1);
    check_voices("{[]}", 1);
    check_duration("{}", 0, 1);
    check_duration("[]", 0, 1);
    check_duration("{[c],[d e f]}", 3, 4); /* the longest */
}

static void test_gmn__names_of_all_systems_mix(void **state) {
    (void)state;
    check("[c d e f g a h b]", "c1 1/4 d1 1/4 e1 1/4 f1 1/4 g1 1/4 a1 1/4 b1 1/4 b1 1/4");
    check("[cis dis fis gis ais]", "c#1 1/4 d#1 1/4 f#1 1/4 g#1 1/4 a#1 1/4");
    check("[do re mi fa sol la si ti]", "c1 1/4 d1 1/4 e1 1/4 f1 1/4 g1 1/4 a1 1/4 b1 1/4 b1 1/4");
    check("[do c mi]", "c1 1/4 c1 1/4 e1 1/4");
}

static void test_gmn__longest_match_decides(void **state) {
    (void)state;
    check("[cdef]", "c1 1/4 d1 1/4 e1 1/4 f1 1/4");
    check("[fa]", "f1 1/4");
    check("[gad]", "g1 1/4 a1 1/4 d1 1/4");
    check("[lac]", "a1 1/4 c1 1/4");
    check("[cisd]", "c#1 1/4 d1 1/4");
}

static void test_gmn__accidentals_add_up(void **state) {
    (void)state;
    check("[c# d& e##& f&& c]", "c#1 1/4 d&1 1/4 e#1 1/4 f&&1 1/4 c1 1/4");
    check("[cis#]", "c##1 1/4");
}

static void test_gmn__octave_is_remembered_in_textual_order(void **state) {
    (void)state;
    check("[c2 d _ e0 f-1]", "c2 1/4 d2 1/4 _ 1/4 e0 1/4 f-1 1/4");
    check("[{c2,e1,g} a]", "c2,e1,g1 1/4 a1 1/4"); /* the last written one */
    check("{[c3 d],[e]}", "c3 1/4 d3 1/4 | e1 1/4");
    check("[c-1]", "c-1 1/4");
    check("[c+2]", "c2 1/4");
}

static void test_gmn__durations_have_four_forms(void **state) {
    (void)state;
    check("[c*3/8]", "c1 3/8");
    check("[c/8]", "c1 1/8");
    check("[c*2]", "c1 2/1");
    check("[c*500ms]", "c1 1/8");
    check("[c*1000ms]", "c1 1/4");
    check("[c*0 d]", "c1 0/1 d1 0/1");
    check("[c*4396/53760]", "c1 157/1920");
    check("[c*3/8 d/4 e]", "c1 3/8 d1 1/4 e1 1/4"); /* the numerator goes back to 1 */
    check("[c*3/8 d*2]", "c1 3/8 d1 2/1");          /* the denominator goes back to 1 */
    check("[c/12 d e]", "c1 1/12 d1 1/12 e1 1/12");
}

static void test_gmn__durations_are_remembered_with_their_dots(void **state) {
    (void)state;
    check("[c d]", "c1 1/4 d1 1/4");
    check("[c/8 _ d]", "c1 1/8 _ 1/8 d1 1/8");
    check("[c/4. d e]", "c1 3/8 d1 3/8 e1 3/8");
    check("[c/4. d/4 e]", "c1 3/8 d1 1/4 e1 1/4");
    check("[c/2.. d/4... e]", "c1 7/8 d1 15/32 e1 15/32");
    check("[c. d]", "c1 3/8 d1 3/8");
    check("[c*1/8.]", "c1 3/16");
    check("[{c/2,e} f]", "c1,e1 1/2 f1 1/2");
    check("[\\grace(c/16) d]", "~c1 1/16 d1 1/16");
    check("{[c/4.],[d]}", "c1 3/8 | d1 1/4"); /* nothing leaks into the next voice */
}

static void test_gmn__blanks_may_stand_inside_a_note(void **state) {
    (void)state;
    check("[c # 1 / 8 .]", "c#1 3/16");
    check("[ c\n/\r\n8\t. ]", "c1 3/16");
    check("[c1/8(*x*)d%y\n e]", "c1 1/8 d1 1/8 e1 1/8");
}

static void test_gmn__comments_nest_and_do_not_start_in_strings(void **state) {
    (void)state;
    check("(* a (* b *) [c] *) [d] (* e *)", "d1 1/4");
    check("% [c]\n[d] % e", "d1 1/4");
    check("[\\text<\"100 % (* no\"> c]", "c1 1/4");
    check("[c % d\r e]", "c1 1/4 e1 1/4");
}

static void test_gmn__byte_order_mark_and_blank_lines_may_come_first(void **state) {
    (void)state;
    check("\xef\xbb\xbf\n\n[c]", "c1 1/4");
}

static void test_gmn__rests_empties_and_ids(void **state) {
    (void)state;
    check("[_/2 _*1/8. _ empty/4]", "_ 1/2 _ 3/16 _ 3/16 empty 1/4");
    check("[c<12>2/8 _<3> c<2>#1 d&<7>]", "c2 1/8 _ 1/8 c#1 1/8 d&1 1/8");
}

static void test_gmn__tablature_has_a_string_and_a_text(void **state) {
    (void)state;
    check("[s2:7:/8 s6:x\\:y:.]", "s2:7 1/8 s6:x:y 3/16");
    check("[{s1:0:, s2:1:}]", "s1:0,s2:1 1/4");
}

static void test_gmn__a_chord_lasts_as_long_as_its_longest_note(void **state) {
    (void)state;
    struct notation *notation = read_gmn("[{c/4,e/2.,g/8} a]");
    const struct notation_event *chord = &notation->voices[0].events[0];
    assert_rational(chord->duration, 3, 4);
    assert_int_equal(chord->n_dots, 1);
    assert_rational(chord->notes[0].duration, 1, 4);
    assert_rational(chord->notes[2].duration, 1, 8);
    assert_rational(notation->voices[0].events[1].date, 3, 4);
    assert_rational(notation->voices[0].events[1].duration, 1, 8); /* carried out */
    notation_destroy(notation);
    check("[{c}]", "c1 1/4");
    check("[{c,_/2}]", "c1,_ 1/2");
    check("[{_}]", "_ 1/4");
}

static void test_gmn__grace_notes_take_no_time_and_cue_notes_do(void **state) {
    (void)state;
    struct notation *notation = read_gmn("[c \\grace(d/16 {e,g}) f/4 \\cue(a b)]");
    const struct notation_event *events = notation->voices[0].events;
    assert_rational(notation->duration, 1, 1);
    assert_true(events[1].is_grace && events[2].is_grace && !events[3].is_grace);
    assert_rational(events[1].written, 1, 16);
    assert_rational(events[2].duration, 0, 1);
    assert_rational(events[2].notes[1].duration, 0, 1);
    assert_rational(events[3].date, 1, 4);
    assert_true(!events[3].is_cue && events[4].is_cue && events[5].is_cue);
    notation_destroy(notation);
}

static void test_gmn__dates_are_exact(void **state) {
    (void)state;
    struct notation *notation = read_gmn("[c/12 d e f/7 g]");
    assert_rational(notation->voices[0].events[4].date, 11, 28);
    assert_rational(notation->duration, 15, 28);
    notation_destroy(notation);
}

static void test_gmn__variables_insert_text(void **state) {
    (void)state;
    check("$riff = \"c/8 d e\"; [ $riff g $riff ]",
          "c1 1/8 d1 1/8 e1 1/8 g1 1/8 c1 1/8 d1 1/8 e1 1/8");
    check("$r='c';[$r]", "c1 1/4"); /* no blank needed before ] */
    check("$r=\"c\";[$r/8 $r]", "c1 1/8 c1 1/8");
    check("$a=\"c\";$b=\"$a d $a\";[\\beam($b)]", "c1 1/4 d1 1/4 c1 1/4");
    check("$n=8;$v=\"[c/8]\";{$v,[d]}", "c1 1/8 | d1 1/4");
    check("$open=\"\\\\slur(c\";[$open d)]", "c1 1/4 d1 1/4");
    check("$t=\"\\newSystem c\";[$t]", "c1 1/4"); /* not an escape among symbols */
    check("$e=\"\";[$e c $e]", "c1 1/4");
    check("$r=\"c\";$r=\"d\";[$r]", "d1 1/4");
}

static void test_gmn__variables_give_values_to_parameters(void **state) {
    (void)state;
    struct notation *notation =
        read_gmn("$k=-3;$x=1.5;$t=\"a\\\"b\\nc\";[\\key<$k> \\text<$t,dy=$x> c]");
    assert_true(notation_tag_number(tag_of(notation, TAG_KEY, 0), "key", 0) < -2.9);
    assert_string_equal(notation_tag_text(tag_of(notation, TAG_TEXT, 0), "text", ""), "a\"b\nc");
    assert_true(notation_tag_number(tag_of(notation, TAG_TEXT, 0), "dy", 0) > 1.4);
    notation_destroy(notation);
}

static void test_gmn__some_variables_are_settings(void **state) {
    (void)state;
    struct notation *notation = read_gmn("$FORCE = 900; $SPRING=1.5; $SYSTEM_DISTANCE = 50; [c d]");
    assert_int_equal((int)notation->settings.force, 900);
    assert_int_equal((int)(notation->settings.spring * 10), 15);
    assert_int_equal((int)notation->settings.system_distance, 50);
    assert_int_equal((int)(notation->settings.system_distribution_limit * 100), 25);
    notation_destroy(notation);
}

static void test_gmn__a_partial_text_keeps_its_whole_symbols(void **state) {
    (void)state;
    static const char *const rows[][2] = {
        {"[c d", "c1 1/4 d1 1/4"},
        {"[c d]", "c1 1/4 d1 1/4"},
        {"{[c d],[e \\beam(f g/8", "c1 1/4 d1 1/4 | e1 1/4 f1 1/4 g1 1/8"},
        {"[c \\text<\"unfin", "c1 1/4"},
        {"[c \\clef<\"g\"", "c1 1/4"},
        {"[c \\slur(\\beam", "c1 1/4"},
        {"[c \\", "c1 1/4"},
        {"[{c,e", "c1,e1 1/4"},
        {"[{c,e,", "c1,e1 1/4"},
        {"[{c,\\acc(e", "c1,e1 1/4"},
        {"[c d/", "c1 1/4"},
        {"[c so", "c1 1/4"},
        {"[c (* comment", "c1 1/4"},
        {"[c $ri", "c1 1/4"},
        {"[c s1:2", "c1 1/4"},
        {"{[c],", "c1 1/4"},
        {"{", ""},
        {"", ""},
        {"$x = \"c", ""},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct notation *notation = read_gmn_partial(rows[i][0]);
        assert_string_equal(summary(notation), rows[i][1]);
        notation_destroy(notation);
    }
}

static void test_gmn__a_partial_text_is_refused_for_errors_before_its_end(void **state) {
    (void)state;
    static const char *const rows[] = {"[c ) d", "[c] d", "[c {e f", "[c/0 d", "[$x c"};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct notation *notation = NULL;
        struct notation_message error;
        assert_true(gmn_read_partial(rows[i], strlen(rows[i]), &notation, &error) < 0);
        assert_true(error.line == 1 && error.column > 1);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gmn__voices_stand_in_brackets),
        cmocka_unit_test(test_gmn__names_of_all_systems_mix),
        cmocka_unit_test(test_gmn__longest_match_decides),
        cmocka_unit_test(test_gmn__accidentals_add_up),
        cmocka_unit_test(test_gmn__octave_is_remembered_in_textual_order),
        cmocka_unit_test(test_gmn__durations_have_four_forms),
        cmocka_unit_test(test_gmn__durations_are_remembered_with_their_dots),
        cmocka_unit_test(test_gmn__blanks_may_stand_inside_a_note),
        cmocka_unit_test(test_gmn__comments_nest_and_do_not_start_in_strings),
        cmocka_unit_test(test_gmn__byte_order_mark_and_blank_lines_may_come_first),
        cmocka_unit_test(test_gmn__rests_empties_and_ids),
        cmocka_unit_test(test_gmn__tablature_has_a_string_and_a_text),
        cmocka_unit_test(test_gmn__a_chord_lasts_as_long_as_its_longest_note),
        cmocka_unit_test(test_gmn__grace_notes_take_no_time_and_cue_notes_do),
        cmocka_unit_test(test_gmn__dates_are_exact),
        cmocka_unit_test(test_gmn__variables_insert_text),
        cmocka_unit_test(test_gmn__variables_give_values_to_parameters),
        cmocka_unit_test(test_gmn__some_variables_are_settings),
        cmocka_unit_test(test_gmn__a_partial_text_keeps_its_whole_symbols),
        cmocka_unit_test(test_gmn__a_partial_text_is_refused_for_errors_before_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
