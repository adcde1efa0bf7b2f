/* \instr<transp>: what instruments read (docs/notation.md); spellings by the circle of fifths. */
#include "music_fixture.h"

#include <stdio.h>
#include <string.h>

/* Heads of voice 0 as "f#1 b&0", members of a chord joined by +. */
static const char *spelled(const struct music *music) {
    static char text[512];
    size_t len = 0;
    text[0] = '\0';
    for (uint32_t i = music->voices[0].first_chord; i != NOTATION_NONE;
         i = music->chords[i].next_in_voice) {
        for (uint32_t h = 0; h < music->chords[i].n_heads; h++) {
            const struct notation_note *note = music->chords[i].heads[h].note;
            const char *signs = note->alter < 0 ? &"&&"[2 + note->alter] : &"##"[2 - note->alter];
            len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%c%s%d",
                                    h > 0     ? "+"
                                    : len > 0 ? " "
                                              : "",
                                    "cdefgab"[note->step], signs, note -> octave);
        }
    }
    return text;
}

static void check(const char *transp, const char *notes, const char *expected, int fifths) {
    char gmn[256];
    snprintf(gmn, sizeof(gmn), "[\\instr<\"X\",transp=\"%s\"> \\key<1> %s]", transp, notes);
    struct music *music = music_of(gmn);
    assert_string_equal(spelled(music), expected);
    assert_int_equal(music_mark_of(music, MUSIC_MARK_KEY, 0)->key.fifths, fifths);
    music_done(music);
}

static void test_transposition__spells_by_step_and_semitone(void **state) {
    (void)state;
    check("B&", "c1 f# b e&", "d1 g#1 c#2 f1", 3);   /* major second */
    check("A", "c1 f# b e&", "e&1 a1 d2 g&1", -2);   /* minor third */
    check("A&", "c1 f# b e&", "e1 a#1 d#2 g1", 5);   /* major third */
    check("G", "c1 f# b e&", "f1 b1 e2 a&1", 0);     /* fourth */
    check("F#", "c1 f# b e&", "g&1 c2 f2 b&&1", -5); /* diminished fifth */
    check("F", "c1 f# b e&", "g1 c#2 f#2 b&1", 2);   /* fifth */
    check("E&", "c1 f# b e&", "a1 d#2 g#2 c2", 4);   /* major sixth */
    check("D", "c1 f# b e&", "b&1 e2 a2 d&2", -1);   /* minor seventh */
    check("b&", "c1 h0", "d1 c#1", 3);               /* letters as of notes */
}

static void test_transposition__c_is_none(void **state) {
    (void)state;
    check("C", "c1 f#", "c1 f#1", 1);
    check("C#", "c1 f#", "c&1 f1", -6);
    check("C&", "f1", "g&1", -4); /* eight sharps are too many: f in g major is g& in a& major */
}

static void test_transposition__more_than_seven_signs_change_the_name(void **state) {
    (void)state;
    struct music *music = music_of("[\\instr<\"X\",\"E&\"> \\key<5> b0 d#1 \\key<0> b0]");
    assert_string_equal(spelled(music), "a&1 c2 g#1"); /* b major is a& major, not g# */
    assert_int_equal(music_mark_of(music, MUSIC_MARK_KEY, 0)->key.fifths, -4);
    assert_int_equal(music_mark_of(music, MUSIC_MARK_KEY, 1)->key.fifths, 3);
    assert_string_equal(music_accidentals(music, 0), "---"); /* in the new key g# has its sign */
    music_done(music);
}

static void test_transposition__more_than_two_accidentals_change_the_name(void **state) {
    (void)state;
    check("B&", "{b##1,c2}", "d2+d#2", 3); /* c### is d#, now the higher one */
    check("F#", "e&&1", "a&1", -5);        /* b&&& */
}

static void test_transposition__accidentals_follow_the_written_key(void **state) {
    (void)state;
    struct music *music = music_of("[\\instr<\"X\",\"B&\"> \\key<1> f# f b b& | c c#]");
    assert_string_equal(spelled(music), "g#1 g1 c#2 c2 d1 d#1");
    assert_string_equal(music_accidentals(music, 0), "-n-n-#");
    music_done(music);
}

static void test_transposition__goes_on_until_another_one(void **state) {
    (void)state;
    struct music *music = music_of("[c1 | \\instr<\"X\",\"B&\"> c | \\instr<\"Y\"> \\key<-1> c | "
                                   "\\instr<\"Z\",\"A\"> c | \\instr<\"Z\",\"C\"> c]");
    static const int keys[] = {2, 1, -4, -1}; /* of c, f, f, f major */
    assert_string_equal(spelled(music), "c1 d1 d1 e&1 c1");
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(music_mark_of(music, MUSIC_MARK_KEY, i)->key.fifths, keys[i]);
    }
    assert_null(music_mark_of(music, MUSIC_MARK_KEY, 4));
    assert_int_equal(music_mark_of(music, MUSIC_MARK_KEY, 3)->key.n_naturals, 3); /* of e& a& d& */
    music_done(music);
}

static void test_transposition__is_the_staffs_and_no_other(void **state) {
    (void)state;
    struct music *music =
        music_of("{[\\staff<1> \\instr<\"X\",\"F\"> c1],[\\staff<1> e1],[\\staff<2> c1]}");
    assert_int_equal(music_chord_of(music, 0, 0)->heads[0].position, -2); /* g1 */
    assert_int_equal(music_chord_of(music, 1, 0)->heads[0].position, 0);  /* b1 */
    assert_int_equal(music_chord_of(music, 2, 0)->heads[0].position, -6); /* c1 */
    music_done(music);
}

static void test_transposition__leaves_what_sounds(void **state) {
    (void)state;
    struct music *music = music_of("[\\instr<\"X\",\"F\"> c1 \\tie(g g)]");
    assert_true(music_chord_of(music, 0, 0)->heads[0].pitch == 60);
    assert_true(music_chord_of(music, 0, 1)->heads[0].tie_to_chord != NOTATION_NONE);
    assert_int_equal(music->notation->voices[0].events[0].notes[0].step, 0);
    music_done(music);
}

static void test_transposition__free_keys(void **state) {
    (void)state;
    struct music *music = music_of("[\\instr<\"X\",\"B&\"> \\key<free=\"f#\"> c1 d e f# g a b]");
    const struct music_key *key = &music_mark_of(music, MUSIC_MARK_KEY, 0)->key;
    assert_int_equal(key->n_signs, 3); /* g#, and f# c# for e and b */
    assert_int_equal(key->signs[0].step, 4);
    assert_string_equal(music_accidentals(music, 0), "-------");
    music_done(music);
}

static void test_transposition__anything_else_warns_and_changes_nothing(void **state) {
    static const char *const values[] = {"\"Bb\"",  "\"M2\"",   "\"2\"", "2",
                                         "\"B#&\"", "\"B&&&\"", "\"x\""};
    (void)state;
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        char gmn[128];
        snprintf(gmn, sizeof(gmn), "[\\instr<\"X\",transp=%s> c1 f#]", values[i]);
        struct music *music = music_of(gmn);
        assert_string_equal(spelled(music), "c1 f#1");
        assert_null(music_mark_of(music, MUSIC_MARK_KEY, 0));
        assert_int_equal(music->notation->n_warnings, 1);
        assert_non_null(strstr(music->notation->warnings[0].text, "transp"));
        music_done(music);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_transposition__spells_by_step_and_semitone),
        cmocka_unit_test(test_transposition__c_is_none),
        cmocka_unit_test(test_transposition__more_than_seven_signs_change_the_name),
        cmocka_unit_test(test_transposition__more_than_two_accidentals_change_the_name),
        cmocka_unit_test(test_transposition__accidentals_follow_the_written_key),
        cmocka_unit_test(test_transposition__goes_on_until_another_one),
        cmocka_unit_test(test_transposition__is_the_staffs_and_no_other),
        cmocka_unit_test(test_transposition__leaves_what_sounds),
        cmocka_unit_test(test_transposition__free_keys),
        cmocka_unit_test(test_transposition__anything_else_warns_and_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
