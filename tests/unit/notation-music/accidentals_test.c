/* Accidentals: gmn.md 10.9, modern practice: memory per octave, courtesies, ties. */
#include "music_fixture.h"

#define CHECK(gmn, expected)                                                                       \
    do {                                                                                           \
        struct music *music_ = music_of(gmn);                                                      \
        assert_string_equal(music_accidentals(music_, 0), expected);                               \
        music_done(music_);                                                                        \
    } while (0)

static void test_accidentals__are_remembered_for_the_measure(void **state) {
    (void)state;
    CHECK("[\\meter<\"4/4\"> f# f# f f# f# f f f]", "#-n##n--");
    CHECK("[\\meter<\"2/4\"> f# f# f# f f]", "#-#n-");
    CHECK("[f# f# | f# f]", "#-#n");
    CHECK("[c## c# c c& c&&]", "x#nbd");
}

static void test_accidentals__follow_the_key(void **state) {
    (void)state;
    CHECK("[\\key<2> f# c# f c e]", "--nn-");
    CHECK("[\\key<-3> b& e& a& a d&]", "---nb");
    CHECK("[\\key<1> f# \\key<0> f# f]", "-#n");
    CHECK("[\\key<free=\"f[0.5]\"> f \\alter<0.5>(f)]", "n+");
}

static void test_accidentals__another_octave_gets_a_courtesy(void **state) {
    (void)state;
    CHECK("[\\meter<\"4/4\"> f#1 f2 f1 f2]", "#nn-");
    CHECK("[\\meter<\"4/4\"> f#1 f#2 f#1 f#2]", "##--");
    CHECK("[\\meter<\"4/4\"> f1 f2 f#2 f1]", "--#n");
}

static void test_accidentals__a_tie_does_not_repeat_them(void **state) {
    (void)state;
    CHECK("[\\meter<\"4/4\"> c f# \\tie(f# f#) f# f]", "-#--#n");
}

static void test_accidentals__ties_over_bars(void **state) {
    (void)state;
    CHECK("[\\meter<\"2/4\"> c \\tie(f# f#) e]", "-#--");
    CHECK("[\\meter<\"2/4\"> c \\tie(f# f#) f#]", "-#-#"); /* said again after the tied note */
    CHECK("[\\meter<\"2/4\"> c \\tie(f# f#) f]", "-#-n");
    CHECK("[\\meter<\"2/4\"> c f#/2 d/4 c]", "-#---"); /* a note that the bar splits */
    CHECK("[\\set<autoHideTiedAccidentals=\"off\">\\meter<\"2/4\"> c \\tie(f# f#) e]", "-##-");
}

static void test_accidentals__of_all_voices_of_a_staff_together(void **state) {
    (void)state;
    struct music *music =
        music_of("{[\\staff<1>\\meter<\"4/4\"> f#1/4 g a g],[\\staff<1> c1/4 f# f d],[f# f f f]}");
    assert_string_equal(music_accidentals(music, 0), "#---");
    assert_string_equal(music_accidentals(music, 1), "--n-");
    assert_string_equal(music_accidentals(music, 2), "#n--");
    music_done(music);
}

static void test_accidentals__the_tag_forces_brackets_and_hides(void **state) {
    (void)state;
    CHECK("[\\acc(c) \\acc<\"cautionary\">(d) \\acc<\"none\">(f#) \\acc(f#)]", "n(n)-#");
    CHECK("[{c, \\acc(e), g}]", "-n-");
}

static void test_accidentals__quarter_tones_add_to_what_is_written(void **state) {
    (void)state;
    CHECK("[\\alter<0.5>(c) \\alter<-0.5>(d) \\alter<0.5>(e#) \\alter<-0.5>(g&)]", "+w*q");
    CHECK("[\\alter<0.5> c c \\alter<0> c]", "+-n");
    struct music *music = music_of("[\\alter<0.3, text=\"+30\">(c)]");
    assert_int_equal(music_chord_of(music, 0, 0)->heads[0].accidental, MUSIC_ACCIDENTAL_TEXT);
    assert_string_equal(music_chord_of(music, 0, 0)->heads[0].accidental_text, "+30");
    music_done(music);
}

static void test_accidentals__pitch_is_the_sounding_one(void **state) {
    (void)state;
    struct music *music = music_of("[a1 c1 c#1 \\oct<1>(c2) \\alter<0.5>(c1)]");
    static const double pitches[] = {69, 60, 61, 72, 60.5};
    for (size_t i = 0; i < 5; i++) {
        assert_true(music_chord_of(music, 0, i)->heads[0].pitch == pitches[i]);
    }
    music_done(music);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accidentals__are_remembered_for_the_measure),
        cmocka_unit_test(test_accidentals__follow_the_key),
        cmocka_unit_test(test_accidentals__another_octave_gets_a_courtesy),
        cmocka_unit_test(test_accidentals__a_tie_does_not_repeat_them),
        cmocka_unit_test(test_accidentals__ties_over_bars),
        cmocka_unit_test(test_accidentals__of_all_voices_of_a_staff_together),
        cmocka_unit_test(test_accidentals__the_tag_forces_brackets_and_hides),
        cmocka_unit_test(test_accidentals__quarter_tones_add_to_what_is_written),
        cmocka_unit_test(test_accidentals__pitch_is_the_sounding_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
