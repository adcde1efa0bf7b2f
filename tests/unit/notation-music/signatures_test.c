/* Clefs, keys, meters: texts (gmn.md 9) and what is in force (6, 10.1, 10.2, 10.10). */
#include "music_fixture.h"

#include "renderer/notation/music/signature_text.h"

static int middle_c(const char *text) {
    return signature_parse_clef(text).middle_c;
}

static void test_parse_clef__places_middle_c(void **state) {
    (void)state;
    assert_int_equal(middle_c("treble"), -6);
    assert_int_equal(middle_c("g2"), -6);
    assert_int_equal(middle_c("g"), -6);
    assert_int_equal(middle_c("g1"), -8);
    assert_int_equal(middle_c("bass"), 6);
    assert_int_equal(middle_c("f4"), 6);
    assert_int_equal(middle_c("f3"), 4);
    assert_int_equal(middle_c("alto"), 0);
    assert_int_equal(middle_c("tenor"), 2);
    assert_int_equal(middle_c("c0"), -6);
}

static void test_parse_clef__octaves_shift_what_is_read(void **state) {
    (void)state;
    assert_int_equal(middle_c("g2-8"), 1); /* c1 where c2 would be */
    assert_int_equal(middle_c("g2+8"), -13);
    assert_int_equal(middle_c("bass-15"), 20);
    assert_int_equal(signature_parse_clef("treble-8").octaves, -1);
}

static void test_parse_clef__unknown_names_draw_nothing_and_read_as_treble(void **state) {
    (void)state;
    const char *const names[] = {"none", "off", "", "x", "g2-9", "trebles"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        assert_int_equal(signature_parse_clef(names[i]).sign, MUSIC_CLEF_NONE);
        assert_int_equal(middle_c(names[i]), -6);
    }
}

static void test_parse_tonic__upper_case_is_major(void **state) {
    int fifths = 99;
    (void)state;
    assert_true(signature_parse_tonic("e&", &fifths));
    assert_int_equal(fifths, -6);
    assert_true(signature_parse_tonic("F#", &fifths));
    assert_int_equal(fifths, 6);
    assert_true(signature_parse_tonic("h", &fifths));
    assert_int_equal(fifths, 2);
    assert_true(signature_parse_tonic("C", &fifths));
    assert_int_equal(fifths, 0);
    assert_false(signature_parse_tonic("X", &fifths));
    assert_false(signature_parse_tonic("", &fifths));
    assert_false(signature_parse_tonic("G#", &fifths)); /* eight sharps */
}

static void test_set_fifths__stands_at_customary_heights(void **state) {
    static const int treble_sharps[] = {4, 1, 5, 2, -1, 3, 0}, treble_flats[] = {0, 3, -1, 2};
    static const int bass_sharps[] = {2, -1, 3, 0}, tenor_sharps[] = {-2, 2, -1, 3};
    struct music_clef treble = signature_parse_clef("g2"), bass = signature_parse_clef("f4");
    struct music_clef tenor = signature_parse_clef("c4");
    struct music_key key = {0};
    (void)state;
    signature_set_fifths(&key, 7, &treble);
    for (int i = 0; i < 7; i++) {
        assert_int_equal(key.signs[i].position, treble_sharps[i]);
    }
    signature_set_fifths(&key, -4, &treble);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(key.signs[i].position, treble_flats[i]);
        assert_int_equal(key.signs[i].accidental, MUSIC_FLAT);
    }
    signature_set_fifths(&key, 4, &bass);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(key.signs[i].position, bass_sharps[i]);
    }
    signature_set_fifths(&key, 4, &tenor);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(key.signs[i].position, tenor_sharps[i]);
    }
}

/* A sign stands where its note is drawn, whatever the clef. */
static void test_set_fifths__positions_are_those_of_the_step(void **state) {
    static const char *const clefs[] = {"g2", "g1", "f4", "f3", "c1", "c2", "c3", "c4", "c5"};
    (void)state;
    for (size_t c = 0; c < sizeof(clefs) / sizeof(clefs[0]); c++) {
        struct music_clef clef = signature_parse_clef(clefs[c]);
        for (int fifths = -7; fifths <= 7; fifths++) {
            struct music_key key = {0};
            signature_set_fifths(&key, fifths, &clef);
            for (int i = 0; i < key.n_signs; i++) {
                int above_c = key.signs[i].position - clef.middle_c;
                assert_int_equal(((above_c % 7) + 7) % 7, key.signs[i].step);
            }
        }
    }
}

static void test_set_free__reads_accidentals_and_octaves(void **state) {
    struct music_clef clef = signature_parse_clef("g2");
    struct music_key key = {0};
    (void)state;
    signature_set_free(&key, "free=f#c[0.5]da&2", &clef);
    assert_int_equal(key.n_signs, 4);
    assert_int_equal(key.signs[0].accidental, MUSIC_SHARP);
    assert_int_equal(key.signs[1].accidental, MUSIC_HALF_SHARP);
    assert_int_equal(key.signs[2].accidental, MUSIC_HALF_SHARP); /* repeats the one before */
    assert_int_equal(key.signs[3].accidental, MUSIC_FLAT);
    assert_int_equal(key.signs[3].position, 6); /* a2 in treble: above the staff */
}

static void test_parse_meter__knows_sums_and_signs(void **state) {
    (void)state;
    struct music_meter meter = signature_parse_meter("2+3/8");
    assert_int_equal(meter.n_parts, 2);
    assert_int_equal(meter.parts[0].den, 8);
    assert_date(meter.length, 5, 8);
    assert_false(meter.is_sum_of_fractions);
    meter = signature_parse_meter("3/4+2/8");
    assert_true(meter.is_sum_of_fractions);
    assert_date(meter.length, 1, 1);
    assert_int_equal(signature_parse_meter("C").look, MUSIC_METER_COMMON);
    assert_int_equal(signature_parse_meter("c/").look, MUSIC_METER_CUT);
    assert_date(signature_parse_meter("C/").length, 1, 1);
    const char *const wrong[] = {"", "4", "4/", "/4", "4/4/4", "0/4", "4/0", "x", "4/4 x", "+3/8"};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_int_equal(signature_parse_meter(wrong[i]).look, MUSIC_METER_NONE);
        assert_date(signature_parse_meter(wrong[i]).length, 0, 1);
    }
}

static void test_signatures__treble_is_the_default(void **state) {
    (void)state;
    struct music *music = music_of("{[c],[\\clef<\"bass\"> c]}");
    const struct music_mark *first = music_mark_of(music, MUSIC_MARK_CLEF, 0);
    const struct music_mark *second = music_mark_of(music, MUSIC_MARK_CLEF, 1);
    assert_null(first->tag);
    assert_int_equal(first->clef.sign, MUSIC_CLEF_G);
    assert_int_equal(second->clef.sign, MUSIC_CLEF_F);
    assert_null(music_mark_of(music, MUSIC_MARK_CLEF, 2));
    assert_int_equal(music_chord_of(music, 0, 0)->heads[0].position, -6);
    assert_int_equal(music_chord_of(music, 1, 0)->heads[0].position, 6);
    music_done(music);
}

static void test_signatures__stand_in_one_order(void **state) {
    (void)state;
    struct music *music = music_of("[\\meter<\"3/4\">\\key<1>\\text<\"x\">\\clef<\"f\"> c]");
    assert_int_equal(music->marks[0].kind, MUSIC_MARK_CLEF);
    assert_int_equal(music->marks[1].kind, MUSIC_MARK_KEY);
    assert_int_equal(music->marks[2].kind, MUSIC_MARK_METER);
    assert_int_equal(music->marks[3].kind, MUSIC_MARK_TEXT);
    music_done(music);
}

static void test_signatures__a_clef_of_one_voice_holds_for_its_staff(void **state) {
    (void)state;
    struct music *music =
        music_of("{[\\staff<1> c/4 c \\clef<\"bass\"> c c],[\\staff<1> c/4 c c c]}");
    assert_int_equal(music_chord_of(music, 1, 1)->heads[0].position, -6);
    assert_int_equal(music_chord_of(music, 1, 2)->heads[0].position, 6);
    music_done(music);
}

static void test_signatures__a_key_change_cancels_what_goes(void **state) {
    (void)state;
    struct music *music = music_of("[\\key<7> c \\key<0> c \\key<-2> c \\key<-1> c "
                                   "\\key<key=2, hideNaturals=\"true\"> c]");
    assert_int_equal(music_mark_of(music, MUSIC_MARK_KEY, 1)->key.n_naturals, 7);
    assert_int_equal(music_mark_of(music, MUSIC_MARK_KEY, 1)->key.n_signs, 0);
    assert_int_equal(music_mark_of(music, MUSIC_MARK_KEY, 2)->key.n_naturals, 0);
    assert_int_equal(music_mark_of(music, MUSIC_MARK_KEY, 3)->key.n_naturals, 1);
    assert_int_equal(music_mark_of(music, MUSIC_MARK_KEY, 4)->key.n_naturals, 0);
    music_done(music);
}

static void test_signatures__clef_changes_stand_before_their_bar(void **state) {
    (void)state;
    struct music *music = music_of("[\\meter<\"2/4\"> c d \\clef<\"bass\"> c \\clef<\"alto\"> d]");
    assert_false(music_mark_of(music, MUSIC_MARK_CLEF, 0)->is_before_bar);
    assert_true(music_mark_of(music, MUSIC_MARK_CLEF, 1)->is_before_bar);
    assert_false(music_mark_of(music, MUSIC_MARK_CLEF, 2)->is_before_bar);
    music_done(music);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse_clef__places_middle_c),
        cmocka_unit_test(test_parse_clef__octaves_shift_what_is_read),
        cmocka_unit_test(test_parse_clef__unknown_names_draw_nothing_and_read_as_treble),
        cmocka_unit_test(test_parse_tonic__upper_case_is_major),
        cmocka_unit_test(test_set_fifths__stands_at_customary_heights),
        cmocka_unit_test(test_set_fifths__positions_are_those_of_the_step),
        cmocka_unit_test(test_set_free__reads_accidentals_and_octaves),
        cmocka_unit_test(test_parse_meter__knows_sums_and_signs),
        cmocka_unit_test(test_signatures__treble_is_the_default),
        cmocka_unit_test(test_signatures__stand_in_one_order),
        cmocka_unit_test(test_signatures__a_clef_of_one_voice_holds_for_its_staff),
        cmocka_unit_test(test_signatures__a_key_change_cancels_what_goes),
        cmocka_unit_test(test_signatures__clef_changes_stand_before_their_bar),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
