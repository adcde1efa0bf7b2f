/* Ties and slurs: gmn.md 16, 34 to 37, measured on the drawn curves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "near.h"
#include "vertical_fixture.h"

/* Point of the outer outline (the first cubic) at t. */
static struct ink_point outer_at(const struct ink *curve, double t) {
    const struct ink_point *p = curve->points;
    double u = 1 - t;
    return (struct ink_point){
        u * u * u * p[0].x + 3 * u * u * t * p[1].x + 3 * u * t * t * p[2].x + t * t * t * p[3].x,
        u * u * u * p[0].y + 3 * u * u * t * p[1].y + 3 * u * t * t * p[2].y + t * t * t * p[3].y};
}

/* And of the inner one, which runs back. */
static struct ink_point inner_at(const struct ink *curve, double t) {
    const struct ink_point *p = curve->points + 6;
    double u = t, s = 1 - t;
    return (struct ink_point){
        u * u * u * p[0].x + 3 * u * u * s * p[1].x + 3 * u * s * s * p[2].x + s * s * s * p[3].x,
        u * u * u * p[0].y + 3 * u * u * s * p[1].y + 3 * u * s * s * p[2].y + s * s * s * p[3].y};
}

static const struct ink *tie_of_length(struct fixture *f, double length, int position, int stem) {
    uint32_t a = fixture_note(f, 0, 0, 10, 0, position, stem);
    uint32_t b = fixture_note(f, 0, 0, 10 + length, 1, position, stem);
    fixture_tie(f, a, b);
    const struct engraving *e = fixture_run(f);
    assert_int_equal(page_count(&e->pages[0], ROLE_TIE), 1);
    return page_ink(&e->pages[0], ROLE_TIE, 0);
}

static void test_ties__run_from_head_to_head(void **state) {
    (void)state;
    struct fixture *f = fixture_create(1, 1);
    const struct ink *tie = tie_of_length(f, 8, 1, -1);
    const struct engraved_page *page = &f->engraving.pages[0];
    double right = page_ink(page, ROLE_HEAD, 0)->box.right,
           left = page_ink(page, ROLE_HEAD, 1)->box.left;
    assert_true(tie->points[0].x - right >= 0.1 && tie->points[0].x - right <= 0.2);
    assert_true(left - tie->points[3].x >= 0.1 && left - tie->points[3].x <= 0.2);
    fixture_destroy(f);
}

static void test_ties__are_flat_arches_that_grow(void **state) {
    (void)state;
    double heights[3];
    for (int i = 0; i < 3; i++) {
        struct fixture *f = fixture_create(1, 1);
        const struct ink *tie =
            tie_of_length(f, 4 + 8 * i, 7, -1); /* above the staff: no line near */
        heights[i] = tie->points[0].y - outer_at(tie, 0.5).y;
        assert_true(heights[i] >= 0.3 && heights[i] <= 1.1);
        fixture_destroy(f);
    }
    assert_true(heights[0] < heights[1] && heights[1] < heights[2]);
}

static void test_ties__are_thin_at_the_ends(void **state) {
    (void)state;
    struct fixture *f = fixture_create(1, 1);
    const struct ink *tie = tie_of_length(f, 8, 7, -1);
    assert_near(fabs(tie->points[0].y - tie->points[9].y), 0.1, 0.02);
    assert_near(fabs(outer_at(tie, 0.5).y - inner_at(tie, 0.5).y), 0.22, 0.03);
    fixture_destroy(f);
}

static void test_ties__lie_opposite_the_stem(void **state) {
    (void)state;
    for (int stem = -1; stem <= 1; stem += 2) {
        struct fixture *f = fixture_create(1, 1);
        const struct ink *tie = tie_of_length(f, 8, 0, stem);
        double head = page_ink(&f->engraving.pages[0], ROLE_HEAD, 0)->y;
        assert_true(stem > 0 ? outer_at(tie, 0.5).y > head : outer_at(tie, 0.5).y < head);
        fixture_destroy(f);
    }
}

static void test_ties__tips_and_apex_are_off_the_lines(void **state) {
    (void)state;
    for (int position = -4; position <= 4; position++) {
        for (int length = 3; length < 20; length += 4) {
            struct fixture *f = fixture_create(1, 1);
            const struct ink *tie = tie_of_length(f, length, position, position < 0 ? 1 : -1);
            double tip = (tie->points[0].y + tie->points[9].y) / 2;
            double apex = (outer_at(tie, 0.5).y + inner_at(tie, 0.5).y) / 2;
            for (int line = 0; line < 5; line++) {
                double y = staff_line_y(&f->engraving, 0, 0, line);
                assert_true(fabs(tip - y) > 0.12);
                assert_true(fabs(apex - y) > 0.15);
            }
            fixture_destroy(f);
        }
    }
}

static void test_ties__split_at_a_system_break(void **state) {
    (void)state;
    struct fixture *f = fixture_create(2, 1);
    uint32_t a = fixture_note(f, 0, 0, 50, 0, 1, -1), b = fixture_note(f, 1, 0, 9, 0, 1, -1);
    fixture_tie(f, a, b);
    const struct engraving *e = fixture_run(f);
    assert_int_equal(page_count(&e->pages[0], ROLE_TIE), 2);
    const struct ink *first = page_ink(&e->pages[0], ROLE_TIE, 0),
                     *second = page_ink(&e->pages[0], ROLE_TIE, 1);
    assert_true(first->box.right < e->systems[0].right &&
                first->box.right > e->systems[0].right - 1);
    assert_true(second->points[0].x > page_ink(&e->pages[0], ROLE_CLEF, 1)->box.right);
    assert_true(second->points[3].x < page_ink(&e->pages[0], ROLE_HEAD, 1)->box.left);
    fixture_destroy(f);
}

/* No ink of heads and stems that a slur spans lies above its lower outline (side above),
 * or below. */
static void assert_clears(const struct engraved_page *page, const struct ink *slur, int side) {
    for (size_t i = 0; i < page->n_ink; i++) {
        const struct ink *ink = &page->ink[i];
        if (ink->role != ROLE_HEAD && ink->role != ROLE_STEM && ink->role != ROLE_ARTICULATION) {
            continue;
        }
        for (int k = 1; k < 40; k++) {
            struct ink_point p = inner_at(slur, k / 40.0);
            if (p.x > ink->box.left && p.x < ink->box.right) {
                assert_true(side < 0 ? p.y < ink->box.top : p.y > ink->box.bottom);
            }
        }
    }
}

static void test_slurs__clear_what_lies_between(void **state) {
    (void)state;
    static const int shapes[][6] = {
        {0, 1, 2, 3, 4, 5},  {5, 4, 3, 2, 1, 0},     {0, 9, 0, 9, 0, 9},
        {0, 0, 12, 0, 0, 0}, {1, 10, 1, 1, 1, 1},    {12, 0, 0, 0, 0, 12},
        {3, 3, 3, 3, 3, 14}, {-8, -3, 9, 11, 2, -5}, {2, 13, 2, 13, 2, 2}};
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
        for (int mirrored = 0; mirrored < 2; mirrored++) {
            struct fixture *f = fixture_create(1, 1);
            uint32_t n[6];
            for (int i = 0; i < 6; i++) {
                int position = mirrored ? -shapes[s][i] : shapes[s][i];
                n[i] = fixture_note(f, 0, 0, 8 + i * 4, i, position, mirrored ? 1 : -1);
            }
            fixture_span(f, MUSIC_SLUR, n[0], n[5]);
            const struct engraving *e = fixture_run(f);
            const struct ink *slur = page_ink(&e->pages[0], ROLE_SLUR, 0);
            assert_non_null(slur);
            assert_clears(&e->pages[0], slur, mirrored ? 1 : -1);
            fixture_destroy(f);
        }
    }
}

static void test_slurs__lie_above_when_any_stem_is_down(void **state) {
    (void)state;
    for (int has_down = 0; has_down < 2; has_down++) {
        struct fixture *f = fixture_create(1, 1);
        uint32_t a = fixture_note(f, 0, 0, 10, 0, -2, 1),
                 b = fixture_note(f, 0, 0, 16, 1, has_down ? 2 : -3, has_down ? -1 : 1);
        uint32_t c = fixture_note(f, 0, 0, 22, 2, -2, 1);
        fixture_span(f, MUSIC_SLUR, a, c);
        (void)b;
        const struct engraving *e = fixture_run(f);
        const struct ink *slur = page_ink(&e->pages[0], ROLE_SLUR, 0);
        double middle = outer_at(slur, 0.5).y, ends = (slur->points[0].y + slur->points[3].y) / 2;
        assert_true(has_down ? middle < ends : middle > ends);
        fixture_destroy(f);
    }
}

static void test_slurs__start_half_a_space_off_the_head(void **state) {
    (void)state;
    struct fixture *f = fixture_create(1, 1);
    uint32_t a = fixture_note(f, 0, 0, 10, 0, 7, -1), b = fixture_note(f, 0, 0, 20, 1, 7, -1);
    fixture_span(f, MUSIC_SLUR, a, b);
    const struct engraving *e = fixture_run(f);
    const struct ink *slur = page_ink(&e->pages[0], ROLE_SLUR, 0),
                     *head = page_ink(&e->pages[0], ROLE_HEAD, 0);
    assert_near(slur->points[0].x, (head->box.left + head->box.right) / 2, 0.05);
    double off = head->box.top - (slur->points[0].y + slur->points[9].y) / 2;
    assert_true(off > 0.25 && off < 0.75);
    fixture_destroy(f);
}

static void test_slurs__grow_with_their_length_up_to_four(void **state) {
    (void)state;
    double last = 0;
    for (int length = 4; length <= 44; length += 10) {
        struct fixture *f = fixture_create(1, 1);
        uint32_t a = fixture_note(f, 0, 0, 8, 0, 7, -1),
                 b = fixture_note(f, 0, 0, 8 + length, 1, 7, -1);
        fixture_span(f, MUSIC_SLUR, a, b);
        const struct ink *slur = page_ink(&fixture_run(f)->pages[0], ROLE_SLUR, 0);
        double height = slur->points[0].y - outer_at(slur, 0.5).y;
        assert_true(height > last && height <= fmin(0.25 * length + 0.3, 4));
        last = height;
        fixture_destroy(f);
    }
}

static void test_slurs__split_at_a_system_break(void **state) {
    (void)state;
    struct fixture *f = fixture_create(2, 1);
    uint32_t a = fixture_note(f, 0, 0, 40, 0, 1, -1), b = fixture_note(f, 0, 0, 48, 1, 2, -1);
    uint32_t c = fixture_note(f, 1, 0, 10, 0, 1, -1);
    fixture_span(f, MUSIC_SLUR, a, c);
    (void)b;
    const struct engraving *e = fixture_run(f);
    assert_int_equal(page_count(&e->pages[0], ROLE_SLUR), 2);
    const struct ink *first = page_ink(&e->pages[0], ROLE_SLUR, 0),
                     *second = page_ink(&e->pages[0], ROLE_SLUR, 1);
    assert_true(first->points[3].x > page_ink(&e->pages[0], ROLE_HEAD, 1)->box.right);
    assert_true(first->points[3].x <= e->systems[0].right);
    assert_true(second->points[0].x > page_ink(&e->pages[0], ROLE_CLEF, 1)->box.right);
    fixture_destroy(f);
}

static void test_slurs__a_longer_one_clears_the_shorter(void **state) {
    (void)state;
    struct fixture *f = fixture_create(1, 1);
    uint32_t n[6];
    for (int i = 0; i < 6; i++) {
        n[i] = fixture_note(f, 0, 0, 8 + i * 5, i, 5, -1);
    }
    fixture_span(f, MUSIC_SLUR, n[0], n[5]);
    fixture_span(f, MUSIC_SLUR, n[1], n[3]);
    const struct engraving *e = fixture_run(f);
    const struct ink *a = page_ink(&e->pages[0], ROLE_SLUR, 0),
                     *b = page_ink(&e->pages[0], ROLE_SLUR, 1);
    const struct ink *inner = a->box.right - a->box.left < b->box.right - b->box.left ? a : b;
    const struct ink *outer = inner == a ? b : a;
    for (int k = 0; k <= 20; k++) {
        struct ink_point p = outer_at(inner, k / 20.0);
        double best = INFINITY, y = 0;
        for (int m = 0; m <= 200; m++) {
            struct ink_point q = inner_at(outer, m / 200.0);
            y = fabs(q.x - p.x) < best ? q.y : y;
            best = fmin(best, fabs(q.x - p.x));
        }
        assert_true(y < p.y);
    }
    fixture_destroy(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ties__run_from_head_to_head),
        cmocka_unit_test(test_ties__are_flat_arches_that_grow),
        cmocka_unit_test(test_ties__are_thin_at_the_ends),
        cmocka_unit_test(test_ties__lie_opposite_the_stem),
        cmocka_unit_test(test_ties__tips_and_apex_are_off_the_lines),
        cmocka_unit_test(test_ties__split_at_a_system_break),
        cmocka_unit_test(test_slurs__clear_what_lies_between),
        cmocka_unit_test(test_slurs__lie_above_when_any_stem_is_down),
        cmocka_unit_test(test_slurs__start_half_a_space_off_the_head),
        cmocka_unit_test(test_slurs__grow_with_their_length_up_to_four),
        cmocka_unit_test(test_slurs__split_at_a_system_break),
        cmocka_unit_test(test_slurs__a_longer_one_clears_the_shorter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
