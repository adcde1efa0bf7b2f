/* Beams: gmn.md 16, 13 to 17, 19. */
#include <stdio.h>

#include "layout_fixture.h"

/* Centre of a beam's end. */
static double end_y(const struct ink *beam, bool is_right) {
    return is_right ? (beam->points[1].y + beam->points[2].y) / 2
                    : (beam->points[0].y + beam->points[3].y) / 2;
}

static double rise(const struct ink *beam) { /* upwards */
    return end_y(beam, false) - end_y(beam, true);
}

static const struct ink *beam_of(const struct layout *l, uint32_t n) {
    const struct ink *beam = layout_ink(l, 0, 0, ROLE_BEAM, n);
    assert_non_null(beam);
    return beam;
}

static void test_beams__are_half_a_space_thick_and_three_quarters_apart(void **state) {
    (void)state;
    struct layout l = layout_of("[ \\meter<\"4/4\"> \\beam(g1/32 g g g) ]", 0);
    assert_int_equal(layout_count(&l, 0, 0, ROLE_BEAM), 3);
    for (uint32_t i = 0; i < 3; i++) {
        const struct ink *beam = beam_of(&l, i);
        assert_near(beam->points[3].y - beam->points[0].y, 0.5, 1e-9);
        if (i > 0) {
            assert_near(end_y(beam, false) - end_y(beam_of(&l, i - 1), false), 0.75, 1e-9);
        }
    }
    layout_free(&l);
}

static void test_beams__slope_follows_the_interval_within_limits(void **state) {
    (void)state;
    static const struct {
        const char *gmn;
        double low, high;
    } CASES[] = {
        {"[ \\meter<\"4/4\"> \\beam(e1/8 f) ]", 0.2, 0.3},  /* a second: 0.25 */
        {"[ \\meter<\"4/4\"> \\beam(e1/8 g) ]", 0.5, 1.0},  /* a third */
        {"[ \\meter<\"4/4\"> \\beam(c1/8 c2) ]", 0.5, 2.0}, /* an octave: never above 2 */
        {"[ \\meter<\"4/4\"> \\beam(g2/8 f) ]", -0.3, -0.2},
        {"[ \\meter<\"4/4\"> \\beam(g1/8 g) ]", 0, 0},
        {"[ \\meter<\"4/4\"> \\beam(e1/8 f g e) ]", 0, 0}, /* equal ends */
        {"[ \\meter<\"4/4\"> \\beam(d1/8 a e) ]", 0, 0},   /* an inner note is nearest */
        {"[ \\meter<\"4/4\"> \\beam(c1/8 e c e) ]", 0, 0}, /* the pattern repeats */
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct layout l = layout_of(CASES[i].gmn, 0);
        const struct ink *beam = beam_of(&l, 0);
        assert_between(rise(beam), CASES[i].low - 1e-6, CASES[i].high + 1e-6);
        double width = beam->points[1].x - beam->points[0].x;
        assert_true(fabs(rise(beam)) <= 0.25 * width + 1e-6);
        layout_free(&l);
    }
}

static void test_beams__ends_lie_on_lines_without_wedges(void **state) {
    (void)state;
    static const char *const NAMES[] = {"c1", "d1", "e1", "f1", "g1", "a1",
                                        "b1", "c2", "d2", "e2", "f2", "g2"};
    for (int a = 0; a < 12; a++) {
        for (int b = 0; b < 12; b++) {
            char gmn[100];
            snprintf(gmn, sizeof gmn, "[ \\meter<\"4/4\"> \\beam(%s/8 %s) ]", NAMES[a], NAMES[b]);
            struct layout l = layout_of(gmn, 0);
            for (int side = 0; side < 2; side++) {
                const struct ink *beam = beam_of(&l, 0);
                double x = layout_chord(&l, side == 0 ? 0 : 1)->stem_x;
                double share = (x - beam->points[0].x) / (beam->points[1].x - beam->points[0].x);
                double y = end_y(beam, false) + share * (end_y(beam, true) - end_y(beam, false));
                double in_space = y - floor(y); /* sits 0.75, straddles 0, hangs 0.25; 0.5 floats */
                if (y > -0.1 && y < 4.1) {
                    assert_true(fabs(in_space - 0.5) > 0.2);
                }
            }
            layout_free(&l);
        }
    }
}

/* Shortest stem of random groups, to the inner beam, and no beam over a head. */
static void test_beams__keep_stems_long_enough_and_cross_no_head(void **state) {
    (void)state;
    unsigned seed = 7;
    static const char STEPS[] = "cdefgab";
    for (int round = 0; round < 300; round++) {
        char gmn[300];
        int value = round % 3 == 0 ? 8 : round % 3 == 1 ? 16 : 32;
        size_t at = (size_t)snprintf(gmn, sizeof gmn, "[ \\meter<\"4/4\"> %s \\beam(",
                                     round % 5 == 0   ? "\\stemsUp"
                                     : round % 5 == 1 ? "\\stemsDown"
                                                      : "");
        for (int i = 0; i < 2 + round % 5; i++) {
            seed = seed * 1103515245u + 12345u;
            at += (size_t)snprintf(gmn + at, sizeof gmn - at, "%c%u/%d ", STEPS[(seed >> 16) % 7],
                                   (seed >> 24) % 3, value);
        }
        snprintf(gmn + at, sizeof gmn - at, ") ]");
        struct layout l = layout_of(gmn, 0);
        int levels = value == 8 ? 1 : value == 16 ? 2 : 3;
        double least = levels == 1 ? 2.5 : levels == 2 ? 3 : 3.5;
        for (uint32_t i = 0; i < l.score->n_chords; i++) {
            const struct placed_chord *placed = layout_chord(&l, i);
            double head = (placed->note_top + placed->note_bottom) / 2;
            assert_true(fabs(placed->stem_tip - head) >= least - 1e-6);
            for (uint32_t k = 0; k < layout_count(&l, 0, 0, ROLE_BEAM); k++) {
                const struct ink *beam = beam_of(&l, k);
                if (placed->heads[0].right > beam->box.left &&
                    placed->heads[0].left < beam->box.right) {
                    bool is_up = placed->stem > 0;
                    double share = (placed->center_x - beam->points[0].x) /
                                   (beam->points[1].x - beam->points[0].x);
                    double y =
                        end_y(beam, false) + share * (end_y(beam, true) - end_y(beam, false));
                    assert_true(is_up ? y + 0.25 < placed->note_top + 0.05
                                      : y - 0.25 > placed->note_bottom - 0.05);
                }
            }
        }
        layout_free(&l);
    }
}

static void test_beams__stubs_are_as_long_as_a_head_and_point_into_the_beat(void **state) {
    (void)state;
    struct layout l = layout_of("[ \\meter<\"4/4\"> g1/8. g/16 g/16 g/8. ]", 0);
    uint32_t n_stubs = 0;
    for (uint32_t i = 0; i < layout_count(&l, 0, 0, ROLE_BEAM); i++) {
        const struct ink *beam = beam_of(&l, i);
        double width = beam->box.right - beam->box.left;
        if (width < 2) {
            assert_between(width, 1.0, 1.4);
            n_stubs++;
        }
    }
    assert_int_equal(n_stubs, 2);
    layout_free(&l);
}

static void test_beams__groups_share_one_stem_direction(void **state) {
    (void)state;
    struct layout l = layout_of("[ \\meter<\"4/4\"> \\beam(c1/8 d e2 f1) \\beam(g2/8 f e d1) ]", 0);
    assert_int_equal(layout_chord(&l, 0)->stem, 1);
    assert_int_equal(layout_chord(&l, 2)->stem, 1);
    assert_int_equal(layout_chord(&l, 4)->stem, -1);
    assert_int_equal(layout_chord(&l, 7)->stem, -1);
    layout_free(&l);
}

static void test_beams__feathers_fan_out(void **state) {
    (void)state;
    struct layout l = layout_of("[ \\meter<\"4/4\"> \\fBeam<\"1/8,1/32\">(g1/16 g g g) ]", 0);
    assert_int_equal(layout_count(&l, 0, 0, ROLE_BEAM), 3);
    const struct ink *first = beam_of(&l, 0), *last = beam_of(&l, 2);
    assert_near(end_y(first, false), end_y(last, false), 1e-6);
    assert_near(end_y(last, true) - end_y(first, true), 1.5, 1e-6);
    layout_free(&l);
}

static void test_beams__of_grace_notes_are_small(void **state) {
    (void)state;
    struct layout l = layout_of("[ \\meter<\"4/4\"> \\grace(g1/16 a) g/4 ]", 0);
    const struct ink *beam = beam_of(&l, 0);
    assert_between(beam->points[3].y - beam->points[0].y, 0.29, 0.34);
    layout_free(&l);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_beams__are_half_a_space_thick_and_three_quarters_apart),
        cmocka_unit_test(test_beams__slope_follows_the_interval_within_limits),
        cmocka_unit_test(test_beams__ends_lie_on_lines_without_wedges),
        cmocka_unit_test(test_beams__keep_stems_long_enough_and_cross_no_head),
        cmocka_unit_test(test_beams__stubs_are_as_long_as_a_head_and_point_into_the_beat),
        cmocka_unit_test(test_beams__groups_share_one_stem_direction),
        cmocka_unit_test(test_beams__feathers_fan_out),
        cmocka_unit_test(test_beams__of_grace_notes_are_small),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
