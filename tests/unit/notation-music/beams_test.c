/* Beams and stems: gmn.md 10.7, 10.8, 16.8, 16.11, 16.17, 16.18. */
#include "music_fixture.h"

#include "renderer/notation/music/notes/beats.h"
#include "renderer/notation/music/signature_text.h"

#define CHECK_BEAMS(gmn, expected)                                                                 \
    do {                                                                                           \
        struct music *music_ = music_of(gmn);                                                      \
        assert_string_equal(music_beams(music_, 0), expected);                                     \
        music_done(music_);                                                                        \
    } while (0)
#define CHECK_STEMS(gmn, expected)                                                                 \
    do {                                                                                           \
        struct music *music_ = music_of(gmn);                                                      \
        assert_string_equal(music_stems(music_, 0), expected);                                     \
        music_done(music_);                                                                        \
    } while (0)

static void test_beams__group_by_beats(void **state) {
    (void)state;
    CHECK_BEAMS("[\\meter<\"4/4\"> c/8 c c c c c c c]", "aabbccdd");
    CHECK_BEAMS("[\\meter<\"6/8\"> c/8 c c c c c]", "aaabbb");
    CHECK_BEAMS("[\\meter<\"9/8\"> c/8 c c c c c c c c]", "aaabbbccc");
    CHECK_BEAMS("[\\meter<\"5/8\"> c/8 c c c c]", "aabb.");
    CHECK_BEAMS("[\\meter<\"7/8\"> c/8 c c c c c c]", "aabbcc.");
    CHECK_BEAMS("[\\meter<\"3/8\"> c/8 c c]", "aaa");
    CHECK_BEAMS("[\\meter<\"2+3/8\"> c/8 c c c c]", "aabbb");
    CHECK_BEAMS("[\\meter<\"C/\"> c/8 c c c c c c c]", "aabbccdd");
    CHECK_BEAMS("[c/8 c c c c]", "aabb."); /* without meter as in 4/4 */
}

static void test_beams__keep_to_the_bar_and_the_beat(void **state) {
    (void)state;
    CHECK_BEAMS("[\\meter<\"3/8\"> c/8 c c c c c]", "aaabbb");
    CHECK_BEAMS("[\\meter<\"2/4\"> c/8 c/4 c/8 c/8 c]", "...aa");
    CHECK_BEAMS("[\\meter<\"2/4\"> c/8. c/16 c/8 c/16 c]", "aabbb");
    CHECK_BEAMS("[\\meter<\"4/4\"> c/4 c c c/8 c c/2 c/4 c]", "...aa...");
    CHECK_BEAMS("[\\meter<\"4/4\"> c/12 d e c/8 d]", "aaabb");
}

static void test_beams__an_upbeat_counts_from_its_end(void **state) {
    (void)state;
    CHECK_BEAMS("[\\meter<\"4/4\"> c/8 d e | f/1]", ".aa.");
    CHECK_BEAMS("[\\meter<\"6/8\"> c/8 d | f/8 g a]", "aabbb");
}

static void test_beams__rests_break_them(void **state) {
    (void)state;
    CHECK_BEAMS("[\\meter<\"4/4\"> c/16 _ d e]", "..aa");
    CHECK_BEAMS("[\\meter<\"4/4\">\\beamsFull c/16 _ d e \\beamsAuto c _ d e]", "a.aa..bb");
}

static void test_beams__off_flags_every_note(void **state) {
    (void)state;
    CHECK_BEAMS("[\\beamsOff c/8 c \\beamsAuto c c]", "..aa");
    CHECK_BEAMS("[\\stemsOff c/8 c \\stemsAuto c c]", "..aa");
}

static void test_beams__written_ones_replace_automatic_ones(void **state) {
    (void)state;
    CHECK_BEAMS("[\\meter<\"4/4\"> \\beam(c/8 c c c) c c]", "aaaabb");
    CHECK_BEAMS("[\\meter<\"2/4\"> c/4 c/8 \\beam(c c) c c/4]", "..aa..");
    CHECK_BEAMS("[\\beam(c/8 _ d)]", "a.a");
    CHECK_BEAMS("[\\beam(c/8)]", ".");
    CHECK_BEAMS("[\\beamsOff \\beamBegin c/8 d \\beamEnd e f]", "aa..");
}

static void test_beams__go_on_over_a_change_of_staff(void **state) {
    (void)state;
    CHECK_BEAMS("{[\\beam(c/8 d \\staff<2> e f)],[\\staff<2> c/2]}", "aaaa");
    CHECK_BEAMS("{[c/16 d \\staff<2> e f],[\\staff<2> c/4]}", "aaaa");
    CHECK_BEAMS("{[c/16 d \\staff<3> e f],[\\staff<2> c/4],[\\staff<3> c/4]}", "aabb");
    CHECK_BEAMS("{[\\grace(c/16 d \\staff<2> e f) g/4],[\\staff<2> c/4]}", "aabb.");
    struct music *music = music_of("{[\\beam(c/8 \\staff<2> e) \\beam(c d)],[\\staff<2> c/2]}");
    assert_true(music->beams[0].is_cross_staff);
    assert_false(music->beams[1].is_cross_staff);
    music_done(music);
}

static void test_beams__over_two_staves_have_stems_towards_each_other(void **state) {
    (void)state;
    CHECK_STEMS("{[\\staff<1> \\beam(c2/8 e \\staff<2> e0 c)],[\\staff<2> empty/2]}", "dduu");
    CHECK_STEMS("{[\\staff<2> \\beam(e0/8 c \\staff<1> c2 e)],[\\staff<2> empty/2]}", "uudd");
    CHECK_STEMS("{[\\staff<1>\\stemsUp \\beam(c2/8 e \\staff<2> e0 c)],[\\staff<2> empty/2]}",
                "uuuu");
    CHECK_STEMS("{[\\staff<1> \\beam(c2/8 e \\staff<2> \\stemsDown e0 c)],[\\staff<2> empty/2]}",
                "dddd");
    CHECK_STEMS("{[\\staff<1> \\beam(c2/8 \\staff<2> c0)],[\\staff<2> \\clef<\"f\"> c-1/4]}", "du");
}

static const struct music_beam_member *member(const struct music *music, size_t i) {
    return &music->beams[0].members[i];
}

static void test_beams__nested_ones_part_the_lower_levels(void **state) {
    (void)state;
    struct music *music = music_of("[\\beam(\\beam(c/16 d) \\beam(e f))]");
    assert_int_equal(music->n_beams, 1);
    assert_int_equal(member(music, 0)->to_right, 2);
    assert_int_equal(member(music, 1)->to_right, 1);
    assert_int_equal(member(music, 2)->to_left, 1);
    assert_int_equal(member(music, 2)->to_right, 2);
    music_done(music);
}

static void test_beams__stubs_point_into_their_beat(void **state) {
    (void)state;
    struct music *music = music_of("[\\meter<\"2/4\"> c/8. d/16]");
    assert_int_equal(member(music, 1)->levels, 2);
    assert_int_equal(member(music, 1)->to_left, 1);
    assert_int_equal(member(music, 1)->stub, -1);
    assert_int_equal(member(music, 0)->stub, 0);
    music_done(music);
    music = music_of("[\\meter<\"2/4\"> c/16 d/8 e/16]");
    assert_int_equal(member(music, 0)->stub, 1);
    assert_int_equal(member(music, 2)->stub, -1);
    music_done(music);
    music = music_of("[\\meter<\"6/8\"> c/8. d/16 e/8]"); /* belongs to the dotted note */
    assert_int_equal(member(music, 1)->stub, -1);
    music_done(music);
    music = music_of("[\\meter<\"3/8\"> c/8 d/16 e/8.]");
    assert_int_equal(member(music, 1)->stub, 1);
    music_done(music);
}

static void test_beams__32nds_show_their_eighths(void **state) {
    (void)state;
    struct music *music = music_of("[\\meter<\"4/4\"> c/32 c c c c c c c]");
    assert_int_equal(member(music, 2)->to_right, 3);
    assert_int_equal(member(music, 3)->to_right, 1);
    assert_int_equal(member(music, 4)->to_right, 3);
    music_done(music);
}

static void test_beams__feathered_ones_tell_their_ends(void **state) {
    (void)state;
    struct music *music = music_of("[\\fBeam<\"1/8,1/32\">(c/16 d e f)]");
    assert_true(music->beams[0].is_feathered);
    assert_int_equal(music->beams[0].feather_first, 1);
    assert_int_equal(music->beams[0].feather_last, 3);
    music_done(music);
}

static void test_beat_in_measure__follows_section_10_7(void **state) {
    (void)state;
    struct music_meter meter = signature_parse_meter("3/4+2/8");
    assert_date(beat_in_measure(&meter, (struct rational){5, 16}), 1, 4);
    assert_date(beat_in_measure(&meter, (struct rational){7, 8}), 3, 4);
    meter = signature_parse_meter("7/8");
    assert_date(beat_in_measure(&meter, (struct rational){3, 8}), 1, 4);
    assert_date(beat_in_measure(&meter, (struct rational){6, 8}), 3, 4);
    assert_date(beat_in_measure(NULL, (struct rational){5, 8}), 1, 2);
}

static void test_stems__turn_at_the_middle_line(void **state) {
    (void)state;
    CHECK_STEMS("[a1/4 b1 c2 c1/1 c1/2 b/2]", "udd-ud");
    CHECK_STEMS("[{c1/4,e2} {a1,d2} {a1,c2} {g1,c2}]", "uddu");
    CHECK_STEMS("[\\clef<\"bass\"> c0/4 d0 e]", "udd");
}

static void test_stems__one_direction_for_a_beam(void **state) {
    (void)state;
    CHECK_STEMS("[\\meter<\"4/4\"> c1/16 c2 c1 c1]", "uuuu");
    CHECK_STEMS("[\\meter<\"4/4\"> c1/8 c2]", "uu"); /* c1 lies farther out */
    CHECK_STEMS("[\\meter<\"4/4\"> a1/8 f2]", "dd");
}

static void test_stems__can_be_forced(void **state) {
    (void)state;
    CHECK_STEMS("[\\stemsUp c2 \\stemsDown c1 \\stemsAuto c1 \\stemsOff c1]", "udu-");
    CHECK_STEMS("[\\stemsUp(c2) c2]", "ud");
    struct music *music = music_of("[\\stemsUp<length=10hs> c1 \\stemsAuto c]");
    assert_true(music_chord_of(music, 0, 0)->stem_length == 5);
    assert_true(music_chord_of(music, 0, 0)->is_stem_forced);
    assert_true(music_chord_of(music, 0, 1)->stem_length !=
                music_chord_of(music, 0, 1)->stem_length); /* NAN: by rule */
    music_done(music);
}

static void test_stems__two_voices_go_apart(void **state) {
    (void)state;
    struct music *music =
        music_of("{[\\staff<1>\\meter<\"2/4\"> c2 c c c],[\\staff<1> c1 c],[c1 c2]}");
    assert_string_equal(music_stems(music, 0), "uudd"); /* alone in the second measure */
    assert_string_equal(music_stems(music, 1), "dd");
    assert_string_equal(music_stems(music, 2), "ud");
    assert_true(music_chord_of(music, 0, 0)->is_in_voices);
    assert_false(music_chord_of(music, 0, 2)->is_in_voices);
    music_done(music);
    music = music_of("{[\\staff<1>\\stemsDown c1 c],[\\staff<1> c2 c]}");
    assert_string_equal(music_stems(music, 1), "uu"); /* the other one is forced down */
    assert_int_equal(music_chord_of(music, 1, 0)->voice_side, 1);
    music_done(music);
}

static void test_voices__rests_keep_away_from_notes(void **state) {
    (void)state;
    struct music *music = music_of("{[\\staff<1> _/4 g2/4],[\\staff<1> c2/4 _/4]}");
    assert_true(music_chord_of(music, 0, 0)->rest_position >= 5); /* c2 is at 1 */
    assert_int_equal(music_chord_of(music, 0, 0)->rest_position % 2, 0);
    assert_true(music_chord_of(music, 1, 1)->rest_position <= -4);
    music_done(music);
    music = music_of("{[\\staff<1> _/2 g2/4],[\\staff<1> c1/4 f2/4 _/4]}");
    assert_true(music_chord_of(music, 0, 0)->rest_position >= 8); /* f2 at 4 sounds meanwhile */
    music_done(music);
}

static void test_voices__one_rest_is_enough_for_two(void **state) {
    (void)state;
    struct music *music = music_of("{[\\staff<1> _/4 c2],[\\staff<1> _/4 c1]}");
    assert_false(music_chord_of(music, 0, 0)->is_hidden);
    assert_int_equal(music_chord_of(music, 0, 0)->rest_position, 0);
    assert_true(music_chord_of(music, 1, 0)->is_hidden);
    music_done(music);
}

static void test_beams__grace_notes_keep_all_their_levels(void **state) {
    (void)state;
    struct music *music = music_of("[\\meter<\"4/4\"> \\grace(a/32 h c2 h1) a/1]");
    assert_int_equal(music->n_beams, 1);
    for (uint32_t i = 1; i < 4; i++) {
        assert_int_equal(music->beams[0].members[i].to_left, 3);
        assert_int_equal(music->beams[0].members[i].stub, 0);
    }
    music_done(music);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_beams__group_by_beats),
        cmocka_unit_test(test_beams__keep_to_the_bar_and_the_beat),
        cmocka_unit_test(test_beams__an_upbeat_counts_from_its_end),
        cmocka_unit_test(test_beams__rests_break_them),
        cmocka_unit_test(test_beams__off_flags_every_note),
        cmocka_unit_test(test_beams__written_ones_replace_automatic_ones),
        cmocka_unit_test(test_beams__go_on_over_a_change_of_staff),
        cmocka_unit_test(test_beams__over_two_staves_have_stems_towards_each_other),
        cmocka_unit_test(test_beams__nested_ones_part_the_lower_levels),
        cmocka_unit_test(test_beams__stubs_point_into_their_beat),
        cmocka_unit_test(test_beams__32nds_show_their_eighths),
        cmocka_unit_test(test_beams__grace_notes_keep_all_their_levels),
        cmocka_unit_test(test_beams__feathered_ones_tell_their_ends),
        cmocka_unit_test(test_beat_in_measure__follows_section_10_7),
        cmocka_unit_test(test_stems__turn_at_the_middle_line),
        cmocka_unit_test(test_stems__one_direction_for_a_beam),
        cmocka_unit_test(test_stems__can_be_forced),
        cmocka_unit_test(test_stems__two_voices_go_apart),
        cmocka_unit_test(test_voices__rests_keep_away_from_notes),
        cmocka_unit_test(test_voices__one_rest_is_enough_for_two),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
