/* Beams over several staves: gmn.md 16, 13 to 17, 19, 45, 46. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "renderer/notation/engraving.h"
#include "random_text.h"

#define LOWER "[ \\staff<2> \\clef<\"f\"> \\meter<\"4/4\"> empty/1 ]}"
#define UPPER "{[ \\staff<1> \\clef<\"g\"> \\meter<\"4/4\"> "

static struct engraving *engraved(const char *text) {
    struct engraving_options options = engraving_options_default();
    struct notation_message error;
    struct engraving *engraving = NULL;
    if (engrave(text, strlen(text), &options, &engraving, &error) != 0) {
        fail_msg("%d:%d: %s\n%s", error.line, error.column, error.text, text);
    }
    return engraving;
}

static const struct ink *ink_of(const struct engraving *e, enum ink_role role, size_t n) {
    const struct engraved_page *page = &e->pages[0];
    for (size_t i = 0; i < page->n_ink; i++) {
        if (page->ink[i].role == role && n-- == 0) {
            return &page->ink[i];
        }
    }
    return NULL;
}

static size_t count_of(const struct engraving *e, enum ink_role role) {
    size_t n = 0;
    while (ink_of(e, role, n) != NULL) {
        n++;
    }
    return n;
}

/* Middle of a beam at x. */
static double beam_y(const struct ink *beam, double x) {
    double share = (x - beam->points[0].x) / (beam->points[1].x - beam->points[0].x);
    double left = (beam->points[0].y + beam->points[3].y) / 2,
           right = (beam->points[1].y + beam->points[2].y) / 2;
    return left + share * (right - left);
}

static double rise(const struct ink *beam) { /* upwards */
    return beam_y(beam, beam->points[0].x) - beam_y(beam, beam->points[1].x);
}

static double top_line(const struct engraving *e, uint32_t staff) {
    return e->systems[0].staves[staff].top + 0.05;
}

/* Every stem joins its head to a beam: from above downwards, from below upwards. */
static void check_stems(const struct engraving *e, const struct ink *beam, double shortest) {
    for (size_t i = 0; i < count_of(e, ROLE_STEM); i++) {
        const struct ink *stem = ink_of(e, ROLE_STEM, i);
        bool is_near = stem->x > beam->points[0].x - 0.1 && stem->x < beam->points[1].x + 0.1;
        if (!is_near) {
            continue;
        }
        double reach = fabs(stem->y2 - beam_y(beam, stem->x));
        assert_true(reach < 1e-6);
        assert_true(fabs(stem->y2 - stem->y) >= shortest);
    }
}

static void test_cross_beams__one_beam_lies_between_the_staves(void **state) {
    (void)state;
    struct engraving *e = engraved(UPPER "\\beam(c2/8 e \\staff<2> e0 c) ]," LOWER);
    assert_int_equal(count_of(e, ROLE_BEAM), 1);
    assert_int_equal(count_of(e, ROLE_FLAG), 0);
    assert_int_equal(count_of(e, ROLE_STEM), 4);
    const struct ink *beam = ink_of(e, ROLE_BEAM, 0);
    assert_true(beam->box.top > top_line(e, 0) + 4 + 0.3);
    assert_true(beam->box.bottom < top_line(e, 1) - 0.3);
    assert_true(fabs(beam->points[3].y - beam->points[0].y - 0.5) < 1e-9);
    check_stems(e, beam, 2.4);
    for (size_t i = 0; i < 4; i++) { /* stems down on the left of their heads, up on the right */
        const struct ink *stem = ink_of(e, ROLE_STEM, i);
        const struct ink *head = ink_of(e, ROLE_HEAD, i);
        bool is_upper = head->box.top < top_line(e, 0) + 6;
        assert_true(is_upper ? stem->y2 > stem->y : stem->y2 < stem->y);
        assert_true(is_upper ? fabs(stem->box.left - head->box.left) < 0.05
                             : fabs(stem->box.right - head->box.right) < 0.05);
    }
    engraving_unref(e);
}

static void test_cross_beams__automatic_ones_go_to_the_next_staff(void **state) {
    (void)state;
    struct engraving *e = engraved(UPPER "\\staff<2> c0/16 g \\staff<1> c1 e g/2. ]," LOWER);
    assert_int_equal(count_of(e, ROLE_FLAG), 0);
    assert_int_equal(count_of(e, ROLE_BEAM), 2);
    engraving_unref(e);
}

static void test_cross_beams__slope_follows_the_staves(void **state) {
    (void)state;
    static const struct {
        const char *notes;
        double low, high;
    } CASES[] = {
        {"\\staff<2> c0/8 e \\staff<1> c2 e", 0.5, 1.6},          /* upwards */
        {"e2/8 c \\staff<2> e0 c", -1.6, -0.5},                   /* downwards */
        {"c2/8 \\staff<2> c0 \\staff<1> c2 \\staff<2> c0", 0, 0}, /* to and fro */
        {"c2/8 \\staff<2> c0 \\staff<1> d2", 0.2, 0.3},           /* a second on one staff */
        {"c2/8 \\staff<2> c0 \\staff<1> c2", 0, 0},
        {"d2/8 \\staff<2> c0 \\staff<1> a1 e2", 0, 0}, /* an inner note is nearer than both ends */
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        char text[300];
        snprintf(text, sizeof text, UPPER "\\beam(%s) ]," LOWER, CASES[i].notes);
        struct engraving *e = engraved(text);
        const struct ink *beam = ink_of(e, ROLE_BEAM, 0);
        double width = beam->points[1].x - beam->points[0].x;
        if (rise(beam) < CASES[i].low - 1e-6 || rise(beam) > CASES[i].high + 1e-6) {
            fail_msg("%s rises by %g", CASES[i].notes, rise(beam));
        }
        assert_true(fabs(rise(beam)) <= 0.25 * width + 1e-6);
        engraving_unref(e);
    }
}

static void test_cross_beams__levels_lie_side_by_side(void **state) {
    (void)state;
    struct engraving *e = engraved(UPPER "\\staff<2> \\beam(c0/16 g0 \\staff<1> c2/8) ]," LOWER);
    const struct ink *first = ink_of(e, ROLE_BEAM, 0), *second = ink_of(e, ROLE_BEAM, 1);
    assert_int_equal(count_of(e, ROLE_BEAM), 2);
    double x = second->points[0].x + 0.5;
    assert_true(fabs(beam_y(second, x) - beam_y(first, x) - 0.75) < 1e-6); /* towards its heads */
    assert_true(second->points[1].x < first->points[1].x - 1);
    engraving_unref(e);
    e = engraved(UPPER "\\staff<2> \\beam(c0/8 \\staff<1> c2/16 e2) ]," LOWER);
    first = ink_of(e, ROLE_BEAM, 0);
    second = ink_of(e, ROLE_BEAM, 1);
    x = second->points[0].x + 0.5;
    assert_true(fabs(beam_y(first, x) - beam_y(second, x) - 0.75) < 1e-6);
    engraving_unref(e);
}

static void test_cross_beams__stubs_belong_to_their_note(void **state) {
    (void)state;
    struct engraving *e = engraved(UPPER "\\beam(c2/8. \\staff<2> c0/16) ]," LOWER);
    assert_int_equal(count_of(e, ROLE_BEAM), 2);
    const struct ink *first = ink_of(e, ROLE_BEAM, 0), *stub = ink_of(e, ROLE_BEAM, 1);
    assert_true(stub->box.right - stub->box.left < 1.4);
    assert_true(fabs(stub->points[1].x - first->points[1].x) < 1e-6);
    double x = stub->points[0].x + 0.5;
    assert_true(beam_y(stub, x) > beam_y(first, x) + 0.7); /* under it, as the head is */
    engraving_unref(e);
}

static double distance_of(const char *notes) {
    char text[300];
    snprintf(text, sizeof text, UPPER "%s ]," LOWER, notes);
    struct engraving *e = engraved(text);
    double distance = top_line(e, 1) - top_line(e, 0);
    engraving_unref(e);
    return distance;
}

static void test_cross_beams__push_the_staves_apart(void **state) {
    (void)state;
    assert_true(distance_of("\\beam(c2/8 \\staff<2> c0)") < 8.81); /* there is room */
    double near = distance_of("\\beam(a0/8 \\staff<2> e1)"); /* both on ledger lines, in between */
    assert_true(near > 12);
    struct engraving *e = engraved(UPPER "\\beam(a0/8 \\staff<2> e1) ]," LOWER);
    check_stems(e, ink_of(e, ROLE_BEAM, 0), 2.4);
    engraving_unref(e);
}

static void test_cross_beams__on_one_side_when_it_is_written(void **state) {
    (void)state;
    struct engraving *e = engraved(UPPER "\\stemsUp \\beam(c2/8 e \\staff<2> e0 c) ]," LOWER);
    const struct ink *beam = ink_of(e, ROLE_BEAM, 0);
    assert_int_equal(count_of(e, ROLE_BEAM), 1);
    assert_true(beam->box.bottom < top_line(e, 0) + 2.1);
    check_stems(e, beam, 2.4);
    engraving_unref(e);
    e = engraved(UPPER "\\stemsDown \\beam(c2/8 e \\staff<2> e0 c) ]," LOWER);
    beam = ink_of(e, ROLE_BEAM, 0);
    assert_true(beam->box.top > top_line(e, 1) + 1.9);
    check_stems(e, beam, 2.4);
    engraving_unref(e);
}

static void test_cross_beams__a_lonely_note_goes_with_the_others(void **state) {
    (void)state;
    struct engraving *e =
        engraved(UPPER "\\beam(e1/16 f e f e f e \\staff<2> c0) \\staff<1> c1/2 ]," LOWER);
    assert_true(ink_of(e, ROLE_BEAM, 0)->box.bottom < top_line(e, 0) + 2.1);
    engraving_unref(e);
}

static void test_cross_beams__another_voice_on_a_staff_turns_them_away(void **state) {
    (void)state;
    struct engraving *e = engraved("{[ \\staff<1> \\clef<\"g\"> \\meter<\"4/4\"> "
                                   "\\beam(c2/8 e \\staff<2> e0 c) \\staff<1> _/2 ],"
                                   "[ \\staff<1> \\meter<\"4/4\"> e1/1 ]," LOWER);
    assert_true(ink_of(e, ROLE_BEAM, 0)->box.bottom < top_line(e, 0) + 2.1);
    engraving_unref(e);
}

static void test_cross_beams__tuplet_figures_stand_at_the_beam(void **state) {
    (void)state;
    struct engraving *e = engraved(UPPER "\\beam(c2/12 \\staff<2> e0 c) ]," LOWER);
    assert_int_equal(count_of(e, ROLE_TUPLET), 1); /* no bracket */
    const struct ink *figure = ink_of(e, ROLE_TUPLET, 0), *beam = ink_of(e, ROLE_BEAM, 0);
    double x = (figure->box.left + figure->box.right) / 2;
    assert_true(x > beam->points[0].x + 1 && x < beam->points[1].x - 1);
    double over = beam_y(beam, x) - 0.25 - figure->box.bottom; /* no stem goes up there */
    assert_true(over > 0 && over < 1);
    engraving_unref(e);
}

static void test_cross_beams__are_read_from_musicxml(void **state) {
    (void)state;
    static const char *const NOTE =
        "<note><pitch><step>%s</step><octave>%d</octave></pitch><duration>1</duration>"
        "<voice>1</voice><type>eighth</type><stem>%s</stem><staff>%d</staff>"
        "<beam number=\"1\">%s</beam></note>";
    char text[4000];
    size_t n = (size_t)snprintf(
        text, sizeof text,
        "<score-partwise version=\"4.0\"><part-list><score-part id=\"P1\"><part-name/>"
        "</score-part></part-list><part id=\"P1\"><measure number=\"1\"><attributes>"
        "<divisions>2</divisions><time><beats>2</beats><beat-type>4</beat-type></time>"
        "<staves>2</staves><clef number=\"1\"><sign>G</sign><line>2</line></clef>"
        "<clef number=\"2\"><sign>F</sign><line>4</line></clef></attributes>");
    n += (size_t)snprintf(text + n, sizeof text - n, NOTE, "C", 3, "up", 2, "begin");
    n += (size_t)snprintf(text + n, sizeof text - n, NOTE, "G", 3, "up", 2, "continue");
    n += (size_t)snprintf(text + n, sizeof text - n, NOTE, "C", 5, "down", 1, "continue");
    n += (size_t)snprintf(text + n, sizeof text - n, NOTE, "E", 5, "down", 1, "end");
    snprintf(text + n, sizeof text - n, "</measure></part></score-partwise>");
    struct engraving *e = engraved(text);
    assert_int_equal(count_of(e, ROLE_BEAM), 1);
    assert_int_equal(count_of(e, ROLE_FLAG), 0);
    const struct ink *beam = ink_of(e, ROLE_BEAM, 0);
    assert_true(beam->box.top > top_line(e, 0) + 4 && beam->box.bottom < top_line(e, 1));
    engraving_unref(e);
}

/* -- nothing touches a beam between staves -------------------------------------------- */

static void put_group(struct writer *w) {
    static const char *const durations[] = {"/8", "/16", "/12", "/32", "/24"};
    static const char *const signs[] = {"\\stacc(", "\\accent(", "\\ten(", "\\marcato("};
    static const char *const marks[] = {"\\intens<\"f\"> ", "\\intens<\"mp\"> ", "\\fing<\"3\">",
                                        "\\text<\"a tempo\"> "};
    unsigned n = 2 + pick(w, 6), kind = pick(w, 5);
    char note[40];
    bool has_slur = pick(w, 3) == 0;
    put(w, pick(w, 5) == 0 ? marks[pick(w, 2)] : "");
    put(w, has_slur ? "\\slur(" : "");
    put(w, "\\beam(");
    for (unsigned i = 0; i < n; i++) {
        unsigned staff = i < 2 ? i : pick(w, 2);
        bool has_sign = pick(w, 4) == 0;
        put(w, staff == 0 ? "\\staff<1> " : "\\staff<2> ");
        put(w, pick(w, 8) == 0 ? marks[3] : "");
        put(w, has_sign ? signs[pick(w, 4)] : "");
        char step = "cdefgab"[pick(w, 7)]; /* one by one: arguments have no order */
        const char *sharp = pick(w, 4) ? "" : "#";
        unsigned octave = (staff == 0 ? 1u : 0u) + pick(w, 2);
        snprintf(note, sizeof note, "%c%s%u%s", step, sharp, octave, durations[kind]);
        put(w, note);
        put(w, has_sign ? ") " : " ");
    }
    put(w, has_slur ? ")) " : ") ");
}

static void generate(struct writer *w, unsigned seed) {
    *w = (struct writer){.random = seed * 2654435761u + 99};
    put(w, UPPER);
    for (int i = 0; i < 6; i++) {
        put_group(w);
        put(w, pick(w, 3) == 0 ? "\\staff<1> g1/4 " : "");
    }
    put(w,
        "],[ \\staff<2> \\clef<\"f\"> \\meter<\"4/4\"> \\beamsOff "); /* others are not looked at */
    for (int i = 0; i < 3 && seed % 2 == 0; i++) {
        put(w, pick(w, 2) ? "c0/2 e/4 f#/8 g " : "\\stacc(c-1/4) _/4 {e0/4,g} _/4 ");
    }
    put(w, "]}");
}

/* Does a beam's polygon meet a box? */
static bool meets(const struct ink *beam, const struct ink_box *box) {
    double left = fmax(beam->points[0].x, box->left), right = fmin(beam->points[1].x, box->right);
    if (left + 0.05 > right) {
        return false;
    }
    double a = beam_y(beam, left), b = beam_y(beam, right);
    return fmin(a, b) - 0.25 < box->bottom - 0.03 && fmax(a, b) + 0.25 > box->top + 0.03;
}

static bool is_kept_clear(enum ink_role role) {
    return role == ROLE_HEAD || role == ROLE_ACCIDENTAL || role == ROLE_ARTICULATION ||
           role == ROLE_DYNAMIC || role == ROLE_DOT || role == ROLE_FINGERING ||
           role == ROLE_TEXT || role == ROLE_REST || role == ROLE_CLEF;
}

static void check_page(const struct engraved_page *page, const char *text, unsigned seed) {
    for (size_t i = 0; i < page->n_ink; i++) {
        for (size_t k = 0; k < page->n_ink && page->ink[i].role == ROLE_BEAM; k++) {
            const struct ink *other = &page->ink[k];
            if (is_kept_clear(other->role) && meets(&page->ink[i], &other->box)) {
                fail_msg("seed %u: a beam over role %d at %g %g\n%s", seed, other->role,
                         other->box.left, other->box.top, text);
            }
        }
    }
}

static void test_cross_beams__touch_nothing(void **state) {
    (void)state;
    const char *only = getenv("CROSS_SEED");
    unsigned first = only != NULL ? (unsigned)strtoul(only, NULL, 10) : 1;
    for (unsigned seed = first; seed < first + (only != NULL ? 1 : 150); seed++) {
        struct writer w;
        generate(&w, seed);
        struct engraving *e = engraved(w.text);
        for (size_t p = 0; p < e->n_pages; p++) {
            check_page(&e->pages[p], w.text, seed);
        }
        engraving_unref(e);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cross_beams__one_beam_lies_between_the_staves),
        cmocka_unit_test(test_cross_beams__automatic_ones_go_to_the_next_staff),
        cmocka_unit_test(test_cross_beams__slope_follows_the_staves),
        cmocka_unit_test(test_cross_beams__levels_lie_side_by_side),
        cmocka_unit_test(test_cross_beams__stubs_belong_to_their_note),
        cmocka_unit_test(test_cross_beams__push_the_staves_apart),
        cmocka_unit_test(test_cross_beams__on_one_side_when_it_is_written),
        cmocka_unit_test(test_cross_beams__a_lonely_note_goes_with_the_others),
        cmocka_unit_test(test_cross_beams__another_voice_on_a_staff_turns_them_away),
        cmocka_unit_test(test_cross_beams__tuplet_figures_stand_at_the_beam),
        cmocka_unit_test(test_cross_beams__are_read_from_musicxml),
        cmocka_unit_test(test_cross_beams__touch_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
