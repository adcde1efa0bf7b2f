/* gmn.md 16, the points of good engraving, each as a number on the layout. Most are tested where
 * their part is; what was left over is below, on whole engravings.
 *
 *  1 2 3 4     notation_lines, notation_notes (stems join the head)      5  vertical_signs (tuplets, spans)
 *  6 7 9 10 12 notation_notes, music_beams     8 11 16 17 18  notation_beams, music_beams, notation_chords
 * 13 14 15 19  notation_beams                  20 21 23 24 26 notation_spacing, notation_notes
 * 22           notation_spacing, notation_notes (dots), notation_chords (accidentals)
 * 25           notation_breaks, here           27 28 29 30    notation_chords, music_accidentals
 * 31 33        notation_notes                  32             notation_notes, here
 * 34 36        vertical_curves, here           35 37          vertical_curves
 * 38           vertical_signs                  39 40 41       vertical_signs, here
 * 42 43        notation_lines                  44             vertical_signs
 * 45           vertical_pages                  46             vertical_overlap, vertical_engraved
 * 47 48        vertical_pages, vertical_engraved, here
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "renderer/notation/engraving.h"
#include "renderer/notation/font.h"

static struct engraving *engraved(const char *text) {
    struct engraving_options options = engraving_options_default();
    struct notation_message error;
    struct engraving *engraving = NULL;
    if (engrave(text, strlen(text), &options, &engraving, &error) != 0) {
        fail_msg("%d:%d: %s", error.line, error.column, error.text);
    }
    return engraving;
}

/* The n-th ink of a role on the first page, as painted; NULL: there are fewer. */
static const struct ink *ink_of(const struct engraving *engraving, enum ink_role role, size_t n) {
    const struct engraved_page *page = &engraving->pages[0];
    for (size_t i = 0; i < page->n_ink; i++) {
        if (page->ink[i].role == role && n-- == 0) {
            return &page->ink[i];
        }
    }
    return NULL;
}

static size_t count_of(const struct engraving *engraving, enum ink_role role) {
    size_t n = 0;
    while (ink_of(engraving, role, n) != NULL) {
        n++;
    }
    return n;
}

/* A piece of n measures; `edit` (-1: none) has another rhythm. */
static char *piece(int n, int edit) {
    char *text = malloc((size_t)n * 40 + 80);
    size_t len = (size_t)sprintf(text, "[ \\meter<\"4/4\"> ");
    for (int i = 0; i < n; i++) {
        const char *measure = i == edit    ? "c2/16 d e f g/8 e c/2 "
                              : i % 3 == 0 ? "c/4 d/8 e f/4 g "
                              : i % 3 == 1 ? "e/8 f g a g/2 "
                                           : "c/4 e/4 d/8 e f g ";
        len += (size_t)sprintf(text + len, "%s| ", measure);
    }
    sprintf(text + len, "]");
    return text;
}

static void
test_checklist_25__no_line_is_narrower_than_its_ink_nor_the_last_one_wide(void **state) {
    (void)state;
    char *text = piece(60, -1);
    struct engraving *e = engraved(text);
    assert_true(e->n_systems > 4);
    double natural = INFINITY;
    for (size_t i = 0; i < e->n_systems; i++) {
        const struct engraved_system *system = &e->systems[i];
        for (uint32_t k = 1; k < system->n_events; k++) { /* columns never meet */
            assert_true(system->events[k].left > system->events[k - 1].left + 0.59);
        }
        bool is_last = i + 1 == e->n_systems;
        double a_measure = (system->right - system->music_left) / system->n_measures;
        natural = is_last ? natural : fmin(natural, a_measure);
        assert_true(!is_last || a_measure < 1.45 * natural);
    }
    engraving_unref(e);
    free(text);
}

static void test_checklist_32__rests_of_two_voices_lie_on_line_positions(void **state) {
    (void)state;
    struct engraving *e = engraved("{[\\staff<1>\\meter<\"4/4\"> _/4 g1 _/2 ],"
                                   "[\\staff<1> c/4 _/4 e/4 _/4 ]}");
    const struct engraved_staff *staff = &e->systems[0].staves[0];
    assert_true(count_of(e, ROLE_REST) >= 4);
    for (size_t i = 0; i < count_of(e, ROLE_REST); i++) {
        const struct ink *rest = ink_of(e, ROLE_REST, i);
        double from_top = rest->y - (staff->top + 0.05);
        assert_true(fabs(from_top - round(from_top)) < 1e-6); /* a line, or where one would be */
    }
    engraving_unref(e);
}

static void
test_checklist_34__a_tie_goes_under_the_grace_notes_before_its_second_head(void **state) {
    (void)state;
    struct engraving *e = engraved("[ \\meter<\"4/4\"> \\tie(c2/2 \\grace(d/8) c/2) ]");
    const struct ink *tie = ink_of(e, ROLE_TIE, 0), *grace = NULL;
    for (size_t i = 0; i < count_of(e, ROLE_HEAD); i++) {
        const struct ink *head = ink_of(e, ROLE_HEAD, i);
        grace = head->size < 0.9 ? head : grace;
    }
    assert_non_null(tie);
    assert_non_null(grace);
    assert_true(tie->box.left < grace->box.left && tie->box.right > grace->box.right);
    assert_true(tie->box.top > grace->box.bottom);
    engraving_unref(e);
}

static void test_checklist_34__a_tie_runs_from_staff_to_staff(void **state) {
    (void)state;
    struct engraving *e = engraved("{[ \\staff<1> \\meter<\"4/4\"> \\tie(g0/2 \\staff<2> g0/2) ],"
                                   "[ \\staff<2> \\clef<\"bass\"> \\meter<\"4/4\"> _/1 ]}");
    assert_int_equal(count_of(e, ROLE_TIE), 1);
    const struct ink *tie = ink_of(e, ROLE_TIE, 0);
    const struct ink *first = ink_of(e, ROLE_HEAD, 0), *last = ink_of(e, ROLE_HEAD, 1);
    assert_true(last->box.top > first->box.bottom);
    assert_true(fabs(tie->points[0].x - (first->box.right + 0.15)) < 0.1);
    assert_true(fabs(tie->box.right - (last->box.left - 0.15)) < 0.1);
    assert_true(tie->box.bottom > last->box.top && tie->box.top < first->box.bottom + 1);
    engraving_unref(e);
}

static void test_checklist_36__a_slur_goes_on_after_clef_and_key(void **state) {
    (void)state;
    struct engraving *e = engraved("[ \\key<3> \\meter<\"4/4\"> c/4 d e f | c d \\slurBegin e f | "
                                   "\\newSystem g a \\slurEnd g f | c/1 ]");
    assert_int_equal(e->n_systems, 2);
    assert_int_equal(count_of(e, ROLE_SLUR), 2);
    const struct engraved_system *next = &e->systems[1];
    double signs = 0;
    for (size_t i = 0; i < count_of(e, ROLE_KEY); i++) {
        const struct ink *sign = ink_of(e, ROLE_KEY, i);
        signs = sign->box.top > e->systems[0].bottom ? fmax(signs, sign->box.right) : signs;
    }
    const struct ink *first = ink_of(e, ROLE_SLUR, 0), *rest = ink_of(e, ROLE_SLUR, 1);
    assert_true(signs > next->left);
    assert_true(rest->box.left > signs);
    assert_true(first->box.right > e->systems[0].events[7].left + 1.3); /* beyond the last note */
    engraving_unref(e);
}

static void
test_checklist_39__hairpins_lie_on_the_axis_of_the_letters_and_touch_none(void **state) {
    (void)state;
    struct engraving *e =
        engraved("[ \\meter<\"4/4\"> \\i<\"p\"> \\cresc(c2/4 d e) \\i<\"f\"> f | c/1 ]");
    const struct ink *p = ink_of(e, ROLE_DYNAMIC, 0), *line = ink_of(e, ROLE_HAIRPIN, 0);
    const struct ink *f = ink_of(e, ROLE_DYNAMIC, count_of(e, ROLE_DYNAMIC) - 1);
    const struct ink *other = ink_of(e, ROLE_HAIRPIN, 1);
    double left = fmin(line->box.left, other->box.left);
    double right = fmax(line->box.right, other->box.right);
    double axis =
        (fmin(line->box.top, other->box.top) + fmax(line->box.bottom, other->box.bottom)) / 2;
    assert_true(left >= p->box.right + 0.4);
    assert_true(right <= f->box.left - 0.4);
    assert_true(axis > p->box.top && axis < p->box.bottom);
    assert_true(axis > f->box.top && axis < f->box.bottom);
    engraving_unref(e);
}

static void test_checklist_40__a_rehearsal_mark_stands_over_its_bar(void **state) {
    (void)state;
    struct engraving *e =
        engraved("[ \\meter<\"4/4\"> \\tempo<\"Allegro\"> c/1 | \\mark<\"B\"> d | e ]");
    const struct ink *mark = NULL, *tempo = ink_of(e, ROLE_TEMPO, 0),
                     *meter = ink_of(e, ROLE_METER, 0);
    for (size_t i = 0; i < count_of(e, ROLE_MARK); i++) {
        const struct ink *ink = ink_of(e, ROLE_MARK, i);
        mark = ink->shape == INK_TEXT ? ink : mark;
    }
    assert_non_null(mark);
    double bar = e->systems[0].measures[1].left, note = e->systems[0].events[1].left;
    assert_true((mark->box.left + mark->box.right) / 2 > bar - 1.5);
    assert_true((mark->box.left + mark->box.right) / 2 < note + 1.5);
    assert_true(mark->box.bottom < e->systems[0].staves[0].top);
    assert_true(fabs(tempo->box.left - meter->box.left) < 1.5 ||
                tempo->box.left < meter->box.right);
    engraving_unref(e);
}

static void test_checklist_41__a_beam_over_the_group_needs_no_bracket(void **state) {
    (void)state;
    struct engraving *beamed = engraved("[ \\meter<\"2/4\"> c/12 d e c/4 ]");
    struct engraving *open = engraved("[ \\meter<\"2/4\"> c/6 d e ]");
    assert_int_equal(count_of(beamed, ROLE_TUPLET), 1); /* the figure */
    assert_true(count_of(open, ROLE_TUPLET) > 2);
    const struct ink *figure = ink_of(beamed, ROLE_TUPLET, 0), *beam = ink_of(beamed, ROLE_BEAM, 0);
    assert_true(figure->box.bottom < beam->box.top); /* stems are up: on the beam's side */
    engraving_unref(beamed);
    engraving_unref(open);
}

static void test_checklist_47__the_last_page_is_not_spread(void **state) {
    (void)state;
    char *text = piece(150, -1);
    struct engraving *e = engraved(text);
    assert_true(e->n_pages > 1);
    const struct engraved_page *last = &e->pages[e->n_pages - 1];
    assert_true(last->end_system - last->first_system >= 2);
    double least = INFINITY;
    for (size_t i = 0; i + 1 < e->n_systems; i++) { /* of the pages before, spread or not */
        double step = e->systems[i + 1].staves[0].top - e->systems[i].staves[0].top;
        least = e->systems[i].page == e->systems[i + 1].page ? fmin(least, step) : least;
    }
    for (uint32_t i = last->first_system; i + 1 < last->end_system; i++) {
        double step = e->systems[i + 1].staves[0].top - e->systems[i].staves[0].top;
        assert_true(step < least + 2.5);
    }
    engraving_unref(e);
    free(text);
}

static void test_checklist_48__an_edit_at_the_end_moves_no_settled_line(void **state) {
    (void)state;
    char *text = piece(120, -1), *edited = piece(120, 117);
    struct engraving *a = engraved(text), *b = engraved(edited);
    assert_true(a->n_systems > 20);
    for (size_t i = 0; i + 14 < a->n_systems; i++) {
        assert_int_equal(rational_compare(a->systems[i].begin, b->systems[i].begin), 0);
        assert_int_equal(a->systems[i].n_events, b->systems[i].n_events);
        for (uint32_t k = 0; k < a->systems[i].n_events; k++) {
            assert_true(a->systems[i].events[k].left == b->systems[i].events[k].left);
        }
    }
    engraving_unref(a);
    engraving_unref(b);
    free(text);
    free(edited);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_checklist_25__no_line_is_narrower_than_its_ink_nor_the_last_one_wide),
        cmocka_unit_test(test_checklist_32__rests_of_two_voices_lie_on_line_positions),
        cmocka_unit_test(
            test_checklist_34__a_tie_goes_under_the_grace_notes_before_its_second_head),
        cmocka_unit_test(test_checklist_34__a_tie_runs_from_staff_to_staff),
        cmocka_unit_test(test_checklist_36__a_slur_goes_on_after_clef_and_key),
        cmocka_unit_test(test_checklist_39__hairpins_lie_on_the_axis_of_the_letters_and_touch_none),
        cmocka_unit_test(test_checklist_40__a_rehearsal_mark_stands_over_its_bar),
        cmocka_unit_test(test_checklist_41__a_beam_over_the_group_needs_no_bracket),
        cmocka_unit_test(test_checklist_47__the_last_page_is_not_spread),
        cmocka_unit_test(test_checklist_48__an_edit_at_the_end_moves_no_settled_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
