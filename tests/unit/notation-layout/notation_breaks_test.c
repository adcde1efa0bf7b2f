/* Line breaks and justification: gmn.md 10.12, 10.13, 16.25, and the time it takes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "layout_fixture.h"

static char *many_measures(int n, const char *begin, const char *measure) {
    size_t size = strlen(begin) + (size_t)n * strlen(measure) + 8;
    char *text = malloc(size);
    assert_non_null(text);
    size_t at = (size_t)snprintf(text, size, "[ %s", begin);
    for (int i = 0; i < n; i++) {
        at += (size_t)snprintf(text + at, size - at, "%s", measure);
    }
    (void)snprintf(text + at, size - at, "]");
    return text;
}

static double page_width(const struct layout *l) {
    return l->music->page.width - l->music->page.left - l->music->page.right;
}

static void test_breaks__a_single_system_keeps_its_natural_width(void **state) {
    (void)state;
    struct layout l = layout_of("[ \\meter<\"4/4\"> c/4 d e f ]", 0);
    assert_int_equal(l.score->n_systems, 1);
    assert_near(l.score->systems[0].width, l.score->systems[0].natural_width, 1e-9);
    assert_true(l.score->systems[0].width < page_width(&l));
    layout_free(&l);
}

static void test_breaks__all_lines_but_the_last_fill_the_width(void **state) {
    (void)state;
    char *text = many_measures(30, "\\meter<\"4/4\"> ", "c1/8 d e/4 f g | ");
    struct layout l = layout_of(text, 0);
    free(text);
    assert_true(l.score->n_systems > 3);
    for (uint32_t i = 0; i + 1 < l.score->n_systems; i++) {
        assert_near(l.score->systems[i].width, page_width(&l), 1e-4);
    }
    const struct placed_system *last = &l.score->systems[l.score->n_systems - 1];
    assert_true(last->is_last);
    assert_true(last->width <= page_width(&l) + 1e-4);
    assert_true(last->width <= 1.3 * last->natural_width + 1e-4);
    layout_free(&l);
}

static void test_breaks__lines_follow_each_other_without_holes(void **state) {
    (void)state;
    char *text = many_measures(50, "\\meter<\"3/4\"> ", "c1/8 d e/4 f# | ");
    struct layout l = layout_of(text, 0);
    free(text);
    uint32_t measure = 0, chord = 0;
    for (uint32_t i = 0; i < l.score->n_systems; i++) {
        const struct placed_system *system = &l.score->systems[i];
        assert_int_equal(system->first_measure, measure);
        assert_int_equal(system->first_chord, chord);
        assert_true(system->end_measure > measure);
        measure = system->end_measure;
        chord = system->end_chord;
        for (uint32_t k = system->first_chord; k < system->end_chord; k++) {
            assert_int_equal(layout_chord(&l, k)->system, i);
            assert_int_equal(l.score->chord_place[layout_chord(&l, k)->chord], k);
            assert_true(layout_chord(&l, k)->left > 0 &&
                        layout_chord(&l, k)->right < system->width);
        }
    }
    assert_int_equal(measure, l.music->n_measures);
    assert_int_equal(chord, l.score->n_chords);
    layout_free(&l);
}

static void test_breaks__deviations_are_spread_over_the_piece(void **state) {
    (void)state;
    char *text = many_measures(40, "\\meter<\"4/4\"> ", "c1/4 d e f | ");
    struct layout l = layout_of(text, 0);
    free(text);
    double least = 99, most = 0;
    for (uint32_t i = 1; i + 1 < l.score->n_systems; i++) {
        double force = l.score->systems[i].width / l.score->systems[i].natural_width;
        least = fmin(least, force);
        most = fmax(most, force);
    }
    assert_true(most - least < 0.35);
    assert_between(least, 0.75, 1.4);
    layout_free(&l);
}

static void test_breaks__forced_ones_break(void **state) {
    (void)state;
    struct layout l =
        layout_of("[ \\meter<\"2/4\"> c/4 d \\newSystem e f | g a \\newPage b c2 ]", 0);
    assert_int_equal(l.score->n_systems, 3);
    assert_int_equal(l.score->systems[0].end_measure, 1);
    assert_int_equal(l.score->systems[1].end_measure, 3);
    assert_true(l.score->systems[2].starts_page);
    assert_false(l.score->systems[1].starts_page);
    assert_near(l.score->systems[0].width, page_width(&l), 1e-4);
    layout_free(&l);
}

static void test_breaks__none_when_they_are_off(void **state) {
    (void)state;
    char *text =
        many_measures(12, "\\set<autoSystemBreak=\"off\"> \\meter<\"4/4\"> ", "c1/4 d e f | ");
    struct layout l = layout_of(text, 0);
    free(text);
    assert_int_equal(l.score->n_systems, 1);
    assert_true(l.score->systems[0].natural_width > page_width(&l));
    assert_true(l.score->systems[0].width < l.score->systems[0].natural_width); /* compressed */
    for (uint32_t i = 1; i < l.score->n_chords; i++) { /* but not under the rods */
        assert_true(layout_chord(&l, i)->left - layout_chord(&l, i - 1)->right >= 0.3 - 1e-6);
    }
    layout_free(&l);
}

static void test_breaks__headers_repeat_clef_and_key(void **state) {
    (void)state;
    char *text = many_measures(20, "\\clef<\"f\"> \\key<-3> \\meter<\"4/4\"> ", "c0/4 d e f | ");
    struct layout l = layout_of(text, 0);
    free(text);
    for (uint32_t i = 0; i < l.score->n_systems; i++) {
        assert_int_equal(layout_count(&l, i, 0, ROLE_CLEF), 1);
        assert_int_equal(layout_count(&l, i, 0, ROLE_KEY), 3);
        assert_int_equal(layout_count(&l, i, 0, ROLE_METER), i == 0 ? 2 : 0);
        assert_true(layout_ink(&l, i, 0, ROLE_KEY, 2)->box.right <=
                    l.score->systems[i].music_x + 1e-6);
    }
    layout_free(&l);
}

static void test_breaks__names_indent_the_first_line(void **state) {
    (void)state;
    char *text = many_measures(20, "\\instr<\"Contrabassoon\",autopos=\"on\"> \\meter<\"4/4\"> ",
                               "c/4 d e f | ");
    struct layout l = layout_of(text, 0);
    free(text);
    assert_true(l.score->systems[0].indent > 5);
    assert_near(l.score->systems[0].indent + l.score->systems[0].width, page_width(&l), 1e-4);
    assert_true(l.score->systems[1].indent < l.score->systems[0].indent);
    layout_free(&l);
}

static void test_breaks__beams_and_empty_scores_survive(void **state) {
    (void)state;
    static const char *const SCORES[] = {"{}",
                                         "[]",
                                         "[ _ ]",
                                         "[ \\clef<\"f\"> ]",
                                         "[ \\newSystem ]",
                                         "[ c*0 ]",
                                         "[ \\grace(c/8) ]",
                                         "[ c/4 \\grace(d/8) ]",
                                         "[ empty/1 ]",
                                         "[ \\meter<\"1/64\"> c/64 d ]",
                                         "{[ c ],[]}",
                                         "[ \\staffFormat<\"0-lines\"> c ]"};
    for (size_t i = 0; i < sizeof SCORES / sizeof SCORES[0]; i++) {
        struct layout l = layout_of(SCORES[i], 0);
        assert_non_null(l.score);
        layout_free(&l);
    }
}

static void test_breaks__the_same_input_gives_the_same_places(void **state) {
    (void)state;
    char *text = many_measures(30, "\\meter<\"4/4\"> ", "c1/8 d e/4 f g | ");
    struct layout a = layout_of(text, 0), b = layout_of(text, 0);
    free(text);
    assert_int_equal(a.score->n_chords, b.score->n_chords);
    for (uint32_t i = 0; i < a.score->n_chords; i++) {
        assert_true(layout_chord(&a, i)->x == layout_chord(&b, i)->x);
        assert_true(layout_chord(&a, i)->stem_tip == layout_chord(&b, i)->stem_tip);
    }
    layout_free(&a);
    layout_free(&b);
}

/* Best of some runs, in ms of processor time. */
static double layout_time(const char *text, int runs) {
    double best = 1e9;
    for (int i = 0; i < runs; i++) {
        struct notation *notation = NULL;
        struct notation_message error;
        struct music *music = NULL;
        struct placed_score *score = NULL;
        const struct layout_options options = {.crops_page = true};
        assert_int_equal(engrave_read(text, strlen(text), ENGRAVING_GMN, &notation, &error), 0);
        assert_int_equal(music_arrange(notation, &music), 0);
        struct timespec begin, end;
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begin);
        assert_int_equal(horizontal_layout(notation->arena, music, &options, &score), 0);
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
        best = fmin(best, (double)(end.tv_sec - begin.tv_sec) * 1e3 +
                              (double)(end.tv_nsec - begin.tv_nsec) / 1e6);
        notation_destroy(notation);
    }
    return best;
}

static void test_breaks__time_is_linear(void **state) {
    (void)state;
    char *few = many_measures(100, "\\meter<\"4/4\"> ", "c1/8 d e/4 f# g | ");
    char *many = many_measures(1000, "\\meter<\"4/4\"> ", "c1/8 d e/4 f# g | ");
    double a = layout_time(few, 8), b = layout_time(many, 4);
    print_message("500 notes %.3f ms, 5000 notes %.3f ms\n", a, b);
    assert_true(b < 10 * a * 4); /* 1.5 is what tests/bench asks; here only not quadratic */
    free(few);
    free(many);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_breaks__a_single_system_keeps_its_natural_width),
        cmocka_unit_test(test_breaks__all_lines_but_the_last_fill_the_width),
        cmocka_unit_test(test_breaks__lines_follow_each_other_without_holes),
        cmocka_unit_test(test_breaks__deviations_are_spread_over_the_piece),
        cmocka_unit_test(test_breaks__forced_ones_break),
        cmocka_unit_test(test_breaks__none_when_they_are_off),
        cmocka_unit_test(test_breaks__headers_repeat_clef_and_key),
        cmocka_unit_test(test_breaks__names_indent_the_first_line),
        cmocka_unit_test(test_breaks__beams_and_empty_scores_survive),
        cmocka_unit_test(test_breaks__the_same_input_gives_the_same_places),
        cmocka_unit_test(test_breaks__time_is_linear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
