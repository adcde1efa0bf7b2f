/* Columns, springs and rods: gmn.md 11, 16.20 to 16.24, 16.26. */
#include <stdio.h>
#include <string.h>

#include "layout_fixture.h"
#include "renderer/notation/text_metrics.h"

static void test_spacing__natural_lengths_are_the_reference_s(void **state) {
    (void)state;
    static const struct {
        const char *gmn;
        double distance;
    } CASES[] = {
        {"[ g1/16 g ]", 2.34}, {"[ \\beamsOff g1/8 g ]", 3.2}, {"[ g1/4 g ]", 4.8},
        {"[ g1/2 g ]", 7.5},   {"[ g1/1 g ]", 11.8},
    };
    double before = 0;
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct layout l = layout_of(CASES[i].gmn, 0);
        double distance = layout_chord(&l, 1)->x - layout_chord(&l, 0)->x;
        assert_near(distance, CASES[i].distance, 0.06);
        if (before > 0) {
            assert_between(distance / before, 1.35, 1.6);
        }
        before = distance;
        layout_free(&l);
    }
}

static void test_spacing__force_and_spring_are_settings(void **state) {
    (void)state;
    struct layout a = layout_of("[ g1/4 g ]", 0), b = layout_of("$FORCE = 1500; [ g1/4 g ]", 0);
    double natural = layout_chord(&a, 1)->x - layout_chord(&a, 0)->x;
    assert_near(layout_chord(&b, 1)->x - layout_chord(&b, 0)->x, 2 * natural, 1e-6);
    layout_free(&a);
    layout_free(&b);
    b = layout_of("$SPRING = 1.5; [ g1/4 g ]", 0);
    assert_near(layout_chord(&b, 1)->x - layout_chord(&b, 0)->x, 15 * log(1.5 * 1.25), 1e-6);
    layout_free(&b);
}

static void test_spacing__equal_durations_get_equal_distances_on_a_line(void **state) {
    (void)state;
    struct layout l = layout_of(
        "[ \\meter<\"4/4\"> g1/4 g/8 g g/4 g g/4 g/8 g g/4 g | g1/4 g/8 g g/4 g g/4 g/8 g g/4 g |"
        " g g g g g g g g | g g g g ]",
        0);
    assert_true(l.score->n_systems > 1);
    double quarter = 0, eighth = 0;
    for (uint32_t i = 0; i + 1 < l.score->systems[0].end_chord; i++) {
        const struct music_chord *a = layout_music_chord(&l, i), *b = layout_music_chord(&l, i + 1);
        double distance = layout_chord(&l, i + 1)->x - layout_chord(&l, i)->x;
        if (a->measure != b->measure) {
            continue;
        }
        double *same = a->duration.den == 4 ? &quarter : &eighth;
        if (*same > 0) {
            assert_near(distance, *same, 1e-4);
        }
        *same = distance;
    }
    assert_between(quarter / eighth, 1.4, 1.6);
    layout_free(&l);
}

static void test_spacing__same_date_same_x_over_all_staves(void **state) {
    (void)state;
    struct layout l = layout_of(
        "{[ \\meter<\"4/4\"> c1/8 d# e& f g/4 a# | b/2 c2 ],"
        "[ \\staff<2> \\meter<\"4/4\"> c1/4 c/8 d {e&/4,f} \\grace(g/8) a/4 | c/8 d e f g/2 ]}",
        0);
    for (uint32_t i = 0; i < l.score->n_chords; i++) {
        for (uint32_t k = 0; k < i; k++) {
            const struct music_chord *a = layout_music_chord(&l, i), *b = layout_music_chord(&l, k);
            if (!a->is_grace && !b->is_grace && rational_compare(a->date, b->date) == 0) {
                assert_near(layout_chord(&l, i)->x, layout_chord(&l, k)->x, 1e-9);
            }
        }
    }
    layout_free(&l);
}

static void test_spacing__dense_ink_keeps_its_gaps(void **state) {
    (void)state;
    /* far too much for the line: everything stands on its rods */
    struct layout l = layout_of(
        "[ \\set<autoSystemBreak=\"off\"> \\meter<\"4/4\"> c#1/16 d# e& f# g a# b& c#2 d#/8. e&/16 "
        "f#1/32 g# a# b c# d# e& f# g1/8 | a#1/16 b& c#1 d# e f g a b c d e f g a b ]",
        60);
    assert_int_equal(l.score->n_systems, 1);
    for (uint32_t i = 1; i < l.score->n_chords; i++) {
        const struct placed_chord *a = layout_chord(&l, i - 1), *b = layout_chord(&l, i);
        if (layout_music_chord(&l, i)->measure == layout_music_chord(&l, i - 1)->measure) {
            assert_true(b->left - a->right >= 0.3 - 1e-6);
        }
    }
    for (uint32_t i = 0; i < layout_count(&l, 0, 0, ROLE_ACCIDENTAL); i++) {
        const struct ink *sign = layout_ink(&l, 0, 0, ROLE_ACCIDENTAL, i);
        const struct ink_box head =
            l.score->chords[l.score->chord_place[sign->chord]].heads[sign->head];
        assert_between(head.left - sign->box.right, 0.2, 0.25);
    }
    layout_free(&l);
}

static void test_spacing__bars_keep_their_distances(void **state) {
    (void)state;
    struct layout l = layout_of("[ \\meter<\"1/4\"> c1/16 d e f | c# d e f | g/4 ]", 0);
    for (uint32_t i = 0; i < 2; i++) {
        const struct ink *bar = layout_ink(&l, 0, 0, ROLE_BAR, i);
        const struct placed_chord *before = layout_chord(&l, i * 4 + 3),
                                  *after = layout_chord(&l, i * 4 + 4);
        assert_true(bar->box.left - before->right >= 1 - 1e-6);
        assert_true(after->left - bar->box.right >= 0.5);
        if (i == 1) {
            assert_between(after->x - bar->box.right, 1.2, 1.5);
        }
    }
    layout_free(&l);
}

static void test_spacing__grace_notes_take_width_not_time(void **state) {
    (void)state;
    struct layout plain = layout_of("[ g1/16 g g g ]", 0);
    struct layout grace = layout_of("[ g1/16 \\grace(a/16 b a b) g1/16 g g ]", 0);
    double without = layout_chord(&plain, 1)->x - layout_chord(&plain, 0)->x;
    const struct placed_chord *first = layout_chord(&grace, 0),
                              *main_note = layout_chord(&grace, 5);
    assert_false(layout_music_chord(&grace, 5)->is_grace);
    assert_true(main_note->x - first->x > without + 2);
    assert_near(rational_to_double(layout_music_chord(&grace, 5)->date), 1.0 / 16, 1e-12);
    for (uint32_t i = 1; i <= 5; i++) {
        assert_true(layout_chord(&grace, i)->left > layout_chord(&grace, i - 1)->right + 0.2);
    }
    layout_free(&plain);
    layout_free(&grace);
}

static void test_spacing__lyrics_widen_rather_than_overlap(void **state) {
    (void)state;
    struct layout plain = layout_of("[ \\meter<\"4/4\"> g1/8 g g g ]", 0);
    struct layout sung =
        layout_of("[ \\meter<\"4/4\"> \\lyrics<\"straightforward thoroughgoing strengths though\">"
                  "(g1/8 g g g) ]",
                  0);
    assert_true(layout_chord(&sung, 1)->x - layout_chord(&sung, 0)->x >
                layout_chord(&plain, 1)->x - layout_chord(&plain, 0)->x + 2);
    for (uint32_t i = 0; i + 1 < 4; i++) { /* centred under their heads they do not meet */
        const struct ink_font font = {.size = 2};
        double right = layout_chord(&sung, i)->center_x +
                       text_width(&font, layout_music_chord(&sung, i)->syllables[0].text) / 2;
        double left = layout_chord(&sung, i + 1)->center_x -
                      text_width(&font, layout_music_chord(&sung, i + 1)->syllables[0].text) / 2;
        assert_true(left - right >= 0.5 - 1e-6);
    }
    layout_free(&plain);
    layout_free(&sung);
}

static void test_spacing__space_is_fixed(void **state) {
    (void)state;
    struct layout l = layout_of("[ g1/4 \\space<30hs> g g ]", 0);
    assert_near(layout_chord(&l, 1)->x - layout_chord(&l, 0)->x, 15, 1e-6);
    layout_free(&l);
}

static void test_spacing__columns_and_bars_are_told(void **state) {
    (void)state;
    struct layout l = layout_of(
        "{[ \\meter<\"2/4\"> c1/4 d | e/2 ],[ \\staff<2> \\meter<\"2/4\"> c1/8 d e f | g/2 ]}", 0);
    const struct placed_system *system = &l.score->systems[0];
    assert_int_equal(system->n_columns, 5);
    for (uint32_t i = 1; i < 5; i++) {
        assert_true(system->columns[i].x > system->columns[i - 1].x);
        assert_true(rational_compare(system->columns[i].date, system->columns[i - 1].date) > 0);
    }
    assert_int_equal(system->n_bars, 2);
    assert_int_equal(system->bars[0].measure, 0);
    assert_int_equal(system->bars[1].kind, MUSIC_BAR_FINAL);
    assert_int_equal(system->bars[1].n_lines, 2);
    assert_near(system->bars[1].lines[1].thickness, 0.5, 1e-9);
    layout_free(&l);
}

/* Random music on two staves with two voices each: no ink of one date overlaps that of another, and
 * no two heads of one column overlap but shared ones (gmn.md 16.46). */
static unsigned next(unsigned *seed, unsigned n) {
    *seed = *seed * 1664525u + 1013904223u;
    return (*seed >> 10) % n;
}

static size_t random_voice(char *text, size_t size, unsigned *seed, int staff, const char *stems) {
    static const char STEPS[] = "cdefgab";
    static const char *const SIGNS[] = {"", "", "#", "&"};
    size_t at = (size_t)snprintf(text, size, "[ \\staff<%d> \\meter<\"4/4\"> %s ", staff, stems);
    unsigned left = 4 * 16;
    while (left > 0) {
        static const unsigned UNITS[] = {1, 2, 2, 4, 4, 8, 3, 6};
        unsigned units = UNITS[next(seed, 8)];
        units = units > left ? 1 : units;
        left -= units;
        unsigned kind = next(seed, 8);
        if (kind == 0) {
            at += (size_t)snprintf(text + at, size - at, "_*%u/16 ", units);
        } else {
            at += (size_t)snprintf(text + at, size - at, "{%c%s%u*%u/16", STEPS[next(seed, 7)],
                                   SIGNS[next(seed, 4)], next(seed, 2) + 1, units);
            for (unsigned i = 0; i + 5 < kind; i++) {
                at += (size_t)snprintf(text + at, size - at, ",%c%s%u", STEPS[next(seed, 7)],
                                       SIGNS[next(seed, 4)], next(seed, 2) + 1);
            }
            at += (size_t)snprintf(text + at, size - at, "} ");
        }
    }
    return at + (size_t)snprintf(text + at, size - at, "]");
}

static bool overlap(struct ink_box a, struct ink_box b) {
    const double less = 0.14; /* heads of a second leave room for the stem only */
    return a.left + less < b.right && b.left + less < a.right && a.top + less < b.bottom &&
           b.top + less < a.bottom;
}

static bool is_shared_head(struct ink_box a, struct ink_box b) {
    return fabs(a.left - b.left) < 0.01 && fabs(a.top - b.top) < 0.01 &&
           fabs(a.right - b.right) < 0.01;
}

static bool is_kept_apart(enum ink_role role) {
    return role == ROLE_HEAD || role == ROLE_ACCIDENTAL || role == ROLE_DOT || role == ROLE_REST;
}

static void assert_no_overlap(const struct placed_staff *staff, const char *gmn) {
    for (size_t i = 0; i < staff->ink.n_items; i++) {
        for (size_t k = 0; k < i; k++) {
            const struct ink *a = &staff->ink.items[i], *b = &staff->ink.items[k];
            bool is_checked = is_kept_apart(a->role) && is_kept_apart(b->role);
            if (!is_checked || !overlap(a->box, b->box)) {
                continue;
            }
            bool are_signs =
                a->role == ROLE_ACCIDENTAL && b->role == ROLE_ACCIDENTAL; /* shapes interlock */
            bool are_near = are_signs &&
                            fmin(a->box.bottom, b->box.bottom) - fmax(a->box.top, b->box.top) < 0.6;
            if (!are_near && !(a->role == b->role && is_shared_head(a->box, b->box))) {
                fail_msg("roles %d and %d overlap at %.2f %.2f and %.2f %.2f (chords %u, %u) in %s",
                         (int)a->role, (int)b->role, a->box.left, a->box.top, b->box.left,
                         b->box.top, a->chord, b->chord, gmn);
            }
        }
    }
}

static void test_spacing__random_music_overlaps_nowhere(void **state) {
    (void)state;
    unsigned seed = 11;
    for (int round = 0; round < 200; round++) {
        char gmn[8192];
        size_t at = (size_t)snprintf(gmn, sizeof gmn, "{");
        at += random_voice(gmn + at, sizeof gmn - at, &seed, 1, "\\stemsUp");
        at += (size_t)snprintf(gmn + at, sizeof gmn - at, ",");
        at += random_voice(gmn + at, sizeof gmn - at, &seed, 1, "\\stemsDown");
        at += (size_t)snprintf(gmn + at, sizeof gmn - at, ",");
        at += random_voice(gmn + at, sizeof gmn - at, &seed, 2, "");
        (void)snprintf(gmn + at, sizeof gmn - at, "}");
        struct layout l = layout_of(gmn, round % 2 == 0 ? 0 : 60);
        for (uint32_t s = 0; s < l.score->n_systems; s++) {
            for (uint32_t k = 0; k < 2; k++) {
                assert_no_overlap(&l.score->systems[s].staves[k], gmn);
            }
        }
        layout_free(&l);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_spacing__natural_lengths_are_the_reference_s),
        cmocka_unit_test(test_spacing__force_and_spring_are_settings),
        cmocka_unit_test(test_spacing__equal_durations_get_equal_distances_on_a_line),
        cmocka_unit_test(test_spacing__same_date_same_x_over_all_staves),
        cmocka_unit_test(test_spacing__dense_ink_keeps_its_gaps),
        cmocka_unit_test(test_spacing__bars_keep_their_distances),
        cmocka_unit_test(test_spacing__grace_notes_take_width_not_time),
        cmocka_unit_test(test_spacing__lyrics_widen_rather_than_overlap),
        cmocka_unit_test(test_spacing__space_is_fixed),
        cmocka_unit_test(test_spacing__columns_and_bars_are_told),
        cmocka_unit_test(test_spacing__random_music_overlaps_nowhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
