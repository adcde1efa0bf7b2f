/* Signs above and below a staff: heights, sides, order, gaps (gmn.md 11, 12, 16). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "near.h"
#include "vertical_fixture.h"
#include "renderer/notation/font.h"
#include "renderer/notation/text_metrics.h"

static double middle_y(const struct ink *ink) {
    return (ink->box.top + ink->box.bottom) / 2;
}
static double middle_x(const struct ink *ink) {
    return (ink->box.left + ink->box.right) / 2;
}

static void test_articulations__dots_inside_the_staff_stand_in_spaces(void **state) {
    (void)state;
    for (int position = -4; position <= 4; position++) {
        struct fixture *f = fixture_create(1, 1);
        uint32_t n = fixture_note(f, 0, 0, 10, 0, position, position < 0 ? 1 : -1);
        fixture_sign(f, n, TAG_STACCATO);
        const struct engraving *e = fixture_run(f);
        const struct ink *dot = page_ink(&e->pages[0], ROLE_ARTICULATION, 0);
        const struct ink *head = page_ink(&e->pages[0], ROLE_HEAD, 0);
        double top = staff_line_y(e, 0, 0, 0), y = middle_y(dot) - top;
        assert_true(position < 0 ? y > head->y - top : y < head->y - top); /* on the head's side */
        assert_near(middle_x(dot), middle_x(head), 0.05);
        if (y > 0 && y < 4) {
            assert_near(fabs(y - floor(y)), 0.5, 0.02);
        }
        assert_true(fabs(middle_y(dot) - head->y) >= 0.9 && fabs(middle_y(dot) - head->y) <= 1.6);
        fixture_destroy(f);
    }
}

static void test_articulations__accents_lie_outside_the_staff(void **state) {
    (void)state;
    for (int position = -4; position <= 4; position++) {
        struct fixture *f = fixture_create(1, 1);
        uint32_t n = fixture_note(f, 0, 0, 10, 0, position, position < 0 ? 1 : -1);
        fixture_sign(f, n, TAG_ACCENT);
        const struct engraving *e = fixture_run(f);
        const struct ink *accent = page_ink(&e->pages[0], ROLE_ARTICULATION, 0);
        assert_true(accent->box.bottom < staff_line_y(e, 0, 0, 0) ||
                    accent->box.top > staff_line_y(e, 0, 0, 4));
        fixture_destroy(f);
    }
}

static void test_articulations__order_is_dot_line_accent_slur_fermata(void **state) {
    (void)state;
    struct fixture *f = fixture_create(1, 1);
    uint32_t n = fixture_note(f, 0, 0, 10, 0, 2, -1), m = fixture_note(f, 0, 0, 20, 1, 2, -1);
    fixture_sign(f, n, TAG_FERMATA);
    fixture_sign(f, n, TAG_ACCENT);
    fixture_sign(f, n, TAG_TENUTO);
    fixture_sign(f, n, TAG_STACCATO);
    fixture_span(f, MUSIC_SLUR, n, m);
    const struct engraving *e = fixture_run(f);
    const struct engraved_page *page = &e->pages[0];
    const struct ink *dot = page_ink(page, ROLE_ARTICULATION, 0),
                     *line = page_ink(page, ROLE_ARTICULATION, 1);
    const struct ink *accent = page_ink(page, ROLE_ARTICULATION, 2),
                     *slur = page_ink(page, ROLE_SLUR, 0);
    const struct ink *fermata = page_ink(page, ROLE_FERMATA, 0);
    assert_int_equal(dot->glyph, GLYPH_STACCATO);
    assert_int_equal(line->glyph, GLYPH_TENUTO);
    assert_true(page_ink(page, ROLE_HEAD, 0)->box.top > dot->box.bottom);
    assert_true(dot->box.top > line->box.bottom);
    assert_true(line->box.top > accent->box.bottom);
    assert_true(accent->box.top > slur->points[0].y);
    assert_true(slur->points[0].y > fermata->box.bottom);
    fixture_destroy(f);
}

static void test_fermatas__point_away_from_the_staff(void **state) {
    (void)state;
    struct fixture *f = fixture_create(1, 1);
    uint32_t n = fixture_note(f, 0, 0, 10, 0, 0, -1), m = fixture_note(f, 0, 0, 20, 1, 0, 1);
    fixture_sign(f, n, TAG_FERMATA);
    fixture_sign(f, m, TAG_FERMATA)->side = -1;
    const struct engraving *e = fixture_run(f);
    const struct ink *up = page_ink(&e->pages[0], ROLE_FERMATA, 0),
                     *down = page_ink(&e->pages[0], ROLE_FERMATA, 1);
    assert_int_equal(up->glyph, GLYPH_FERMATA_ABOVE);
    assert_int_equal(down->glyph, GLYPH_FERMATA_BELOW);
    assert_near(up->box.bottom, staff_line_y(e, 0, 0, 0) - 0.8, 0.05);
    assert_near(down->box.top, staff_line_y(e, 0, 0, 4) + 0.8, 0.4);
    fixture_destroy(f);
}

static void test_dynamics__baseline_is_two_below_the_staff(void **state) {
    (void)state;
    struct fixture *f = fixture_create(1, 1);
    uint32_t n = fixture_note(f, 0, 0, 10, 0, 3, -1);
    fixture_mark(f, MUSIC_MARK_DYNAMIC, n, "p");
    const struct engraving *e = fixture_run(f);
    const struct ink *p = page_ink(&e->pages[0], ROLE_DYNAMIC, 0);
    assert_near(p->y, staff_line_y(e, 0, 0, 4) + 2, 0.01);
    assert_near(p->x + music_glyph_advance(GLYPH_DYNAMIC_P) / 2,
                middle_x(page_ink(&e->pages[0], ROLE_HEAD, 0)), 0.1);
    fixture_destroy(f);
}

static void test_dynamics__a_passage_shares_one_baseline_under_the_lowest(void **state) {
    (void)state;
    struct fixture *f = fixture_create(1, 1);
    uint32_t n[4];
    static const int positions[] = {0, -3, -9, 0};
    for (int i = 0; i < 4; i++) {
        n[i] = fixture_note(f, 0, 0, 10 + 7 * i, i, positions[i], 1);
    }
    fixture_mark(f, MUSIC_MARK_DYNAMIC, n[0], "p");
    fixture_span(f, MUSIC_CRESCENDO, n[0], n[3]);
    fixture_mark(f, MUSIC_MARK_DYNAMIC, n[3], "f");
    const struct engraving *e = fixture_run(f);
    const struct engraved_page *page = &e->pages[0];
    const struct ink *p = page_ink(page, ROLE_DYNAMIC, 0), *forte = page_ink(page, ROLE_DYNAMIC, 1);
    const struct ink *upper = page_ink(page, ROLE_HAIRPIN, 0),
                     *lower = page_ink(page, ROLE_HAIRPIN, 1);
    assert_near(p->y, forte->y, 1e-9);
    assert_true(upper->box.top > page_ink(page, ROLE_HEAD, 2)->box.bottom);
    double axis = (upper->y + lower->y) / 2;
    assert_near(axis, p->y - 0.55, 0.01);
    /* 0.5 to the letters at both ends; opening 1.5 */
    assert_near(upper->x - p->box.right, 0.5, 0.2);
    assert_near(forte->box.left - upper->x2, 0.5, 0.2);
    assert_near(lower->y2 - upper->y2, 1.5, 0.01);
    assert_near(lower->y - upper->y, 0, 0.01);
    assert_near(upper->thickness, 0.16, 0.001);
    fixture_destroy(f);
}

static void test_hairpins__over_one_note_last_as_long_as_it(void **state) {
    (void)state;
    struct fixture *f = fixture_create(1, 1);
    uint32_t a = fixture_note(f, 0, 0, 10, 0, 0, -1);
    fixture_note(f, 0, 0, 22, 1, 0, -1);
    fixture_span(f, MUSIC_CRESCENDO, a, a);
    const struct engraved_page *page = &fixture_run(f)->pages[0];
    const struct ink *line = page_ink(page, ROLE_HAIRPIN, 0);
    assert_true(line->x2 - line->x > 8);
    assert_true(line->x2 < page_ink(page, ROLE_HEAD, 1)->box.left);
    fixture_destroy(f);
}

static void test_dynamics__stand_above_where_there_are_lyrics(void **state) {
    (void)state;
    struct fixture *f = fixture_create(1, 1);
    uint32_t n = fixture_note(f, 0, 0, 10, 0, 0, -1);
    fixture_syllable(f, n, 0, "la", false, false);
    fixture_mark(f, MUSIC_MARK_DYNAMIC, n, "p");
    const struct engraving *e = fixture_run(f);
    assert_true(page_ink(&e->pages[0], ROLE_DYNAMIC, 0)->box.bottom < staff_line_y(e, 0, 0, 0));
    fixture_destroy(f);
}

static void test_lyrics__are_centred_under_the_heads_on_one_line(void **state) {
    (void)state;
    struct fixture *f = fixture_create(1, 1);
    static const char *const words[] = {"glo", "ri", "a", "pax"};
    static const int positions[] = {1, -7, 2, 0};
    for (int i = 0; i < 4; i++) {
        fixture_syllable(f, fixture_note(f, 0, 0, 10 + 7 * i, i, positions[i], i == 1 ? 1 : -1), 0,
                         words[i], i < 2, i == 2);
    }
    const struct engraving *e = fixture_run(f);
    const struct engraved_page *page = &e->pages[0];
    double y = page_text(page, "glo")->y;
    for (int i = 0; i < 4; i++) {
        const struct ink *word = page_text(page, words[i]);
        assert_near(word->y, y, 1e-9);
        assert_near(middle_x(word), middle_x(page_ink(page, ROLE_HEAD, (size_t)i)), 0.2);
        assert_true(word->box.top > page_ink(page, ROLE_HEAD, 1)->box.bottom);
    }
    fixture_destroy(f);
}

static void test_lyrics__default_top_is_one_and_a_half_below(void **state) {
    (void)state;
    struct fixture *f = fixture_create(1, 1);
    fixture_syllable(f, fixture_note(f, 0, 0, 10, 0, 2, -1), 0, "Tell", false, false);
    const struct engraving *e = fixture_run(f);
    assert_near(page_text(&e->pages[0], "Tell")->box.top, staff_line_y(e, 0, 0, 4) + 1.5, 0.15);
    fixture_destroy(f);
}

static void test_lyrics__hyphens_are_centred_between_syllables(void **state) {
    (void)state;
    struct fixture *f = fixture_create(1, 1);
    fixture_syllable(f, fixture_note(f, 0, 0, 10, 0, 0, -1), 0, "glo", true, false);
    fixture_syllable(f, fixture_note(f, 0, 0, 18, 1, 0, -1), 0, "ri", true, false);
    fixture_syllable(f, fixture_note(f, 0, 0, 50, 2, 0, -1), 0, "a", false, false);
    const struct engraved_page *page = &fixture_run(f)->pages[0];
    const struct ink *dash = NULL;
    size_t n = 0;
    for (size_t i = 0; i < page->n_ink; i++) {
        if (page->ink[i].role == ROLE_LYRIC && page->ink[i].shape == INK_LINE) {
            dash = n++ == 0 ? &page->ink[i] : dash;
        }
    }
    assert_true(n >= 4); /* one, then several over the long way */
    double left = page_text(page, "glo")->x + text_width(&page_text(page, "glo")->font, "glo");
    assert_near(middle_x(dash), (left + page_text(page, "ri")->x) / 2, 0.01);
    fixture_destroy(f);
}

static void test_lyrics__an_extender_ends_at_the_last_note_of_its_melisma(void **state) {
    (void)state;
    struct fixture *f = fixture_create(1, 1);
    fixture_syllable(f, fixture_note(f, 0, 0, 10, 0, 0, -1), 0, "A", false, true);
    fixture_note(f, 0, 0, 18, 1, 0, -1);
    fixture_note(f, 0, 0, 26, 2, 0, -1);
    fixture_syllable(f, fixture_note(f, 0, 0, 34, 3, 0, -1), 0, "men", false, false);
    const struct engraved_page *page = &fixture_run(f)->pages[0];
    const struct ink *line = NULL;
    for (size_t i = 0; i < page->n_ink; i++) {
        line = page->ink[i].role == ROLE_LYRIC && page->ink[i].shape == INK_LINE ? &page->ink[i]
                                                                                 : line;
    }
    assert_non_null(line);
    assert_near(line->y, page_text(page, "A")->y, 0.01);
    assert_near(line->x2, page_ink(page, ROLE_HEAD, 2)->box.right, 0.05);
    assert_true(line->x > page_text(page, "A")->box.right);
    fixture_destroy(f);
}

static void test_lyrics__empty_syllables_carry_the_line_on(void **state) {
    (void)state;
    struct fixture *f = fixture_create(1, 1);
    fixture_syllable(f, fixture_note(f, 0, 0, 10, 0, 0, -1), 0, "A", false, false);
    fixture_syllable(f, fixture_note(f, 0, 0, 18, 1, 0, -1), 0, "", false, true);
    fixture_syllable(f, fixture_note(f, 0, 0, 26, 2, 0, -1), 0, "", false, true);
    fixture_syllable(f, fixture_note(f, 0, 0, 34, 3, 0, -1), 0, "men", false, false);
    const struct engraved_page *page = &fixture_run(f)->pages[0];
    size_t lines = 0;
    for (size_t i = 0; i < page->n_ink; i++) {
        if (page->ink[i].role == ROLE_LYRIC && page->ink[i].shape == INK_LINE) {
            assert_near(page->ink[i].x2, page_ink(page, ROLE_HEAD, 2)->box.right, 0.05);
            lines++;
        }
    }
    assert_int_equal(lines, 1);
    fixture_destroy(f);
}

static void test_dynamics__that_follow_at_once_do_not_touch(void **state) {
    (void)state;
    struct fixture *f = fixture_create(1, 1);
    uint32_t a = fixture_note(f, 0, 0, 10, 0, 0, -1), b = fixture_note(f, 0, 0, 12, 1, 0, -1);
    fixture_mark(f, MUSIC_MARK_DYNAMIC, a, "sempre piano");
    fixture_mark(f, MUSIC_MARK_DYNAMIC, b, "ff");
    const struct engraved_page *page = &fixture_run(f)->pages[0];
    const struct ink *words = page_text(page, "sempre piano"),
                     *forte = page_ink(page, ROLE_DYNAMIC, 1);
    assert_true(forte->box.left >= words->box.right + 0.4 || forte->box.top >= words->box.bottom);
    fixture_destroy(f);
}

static void test_spans__that_go_on_start_after_the_clef(void **state) {
    (void)state;
    static const enum music_span_kind kinds[] = {MUSIC_CRESCENDO,  MUSIC_OCTAVA,     MUSIC_VOLTA,
                                                 MUSIC_RITARDANDO, MUSIC_TRILL_LINE, MUSIC_SLUR};
    static const enum ink_role roles[] = {ROLE_HAIRPIN, ROLE_OCTAVA,   ROLE_VOLTA,
                                          ROLE_TEMPO,   ROLE_ORNAMENT, ROLE_SLUR};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct fixture *f = fixture_create(2, 1);
        uint32_t a = fixture_note(f, 0, 0, 40, 0, 0, -1), b = fixture_note(f, 1, 0, 30, 0, 0, -1);
        fixture_span(f, kinds[i], a, b)->number = 1;
        const struct engraving *e = fixture_run(f);
        size_t here = 0;
        for (size_t k = 0; k < e->pages[0].n_ink; k++) {
            const struct ink *ink = &e->pages[0].ink[k];
            if (ink->role == roles[i] && ink->box.top > e->systems[0].staves[0].bottom + 2.6) {
                assert_true(ink->box.left > page_ink(&e->pages[0], ROLE_CLEF, 1)->box.right);
                here++;
            }
            assert_true(ink->role != roles[i] || ink->box.right <= e->systems[0].right + 0.1);
        }
        assert_true(here > 0);
        fixture_destroy(f);
    }
}

static void test_lyrics__verses_lie_under_each_other(void **state) {
    (void)state;
    struct fixture *f = fixture_create(1, 1);
    uint32_t n = fixture_note(f, 0, 0, 10, 0, 0, -1);
    fixture_syllable(f, n, 0, "one", false, false);
    fixture_syllable(f, n, 1, "two", false, false);
    const struct engraved_page *page = &fixture_run(f)->pages[0];
    double step = page_text(page, "two")->y - page_text(page, "one")->y;
    assert_true(step > 1.8 && step < 3);
    fixture_destroy(f);
}

static void test_tuplets__figure_is_centred_on_the_stems_side(void **state) {
    (void)state;
    for (int stem = -1; stem <= 1; stem += 2) {
        struct fixture *f = fixture_create(1, 1);
        uint32_t a = fixture_note(f, 0, 0, 10, 0, 0, stem);
        fixture_note(f, 0, 0, 14, 1, 0, stem);
        uint32_t c = fixture_note(f, 0, 0, 18, 2, 0, stem);
        struct music_span *span = fixture_span(f, MUSIC_TUPLET, a, c);
        span->number = 3;
        span->has_number = span->has_bracket = span->has_left_hook = span->has_right_hook = true;
        const struct engraving *e = fixture_run(f);
        const struct engraved_page *page = &e->pages[0];
        const struct ink *figure = page_text(page, "3"), *tip = page_ink(page, ROLE_STEM, 0);
        assert_non_null(figure);
        assert_true(stem > 0 ? figure->box.bottom < tip->box.top
                             : figure->box.top > tip->box.bottom);
        double left = page_ink(page, ROLE_HEAD, 0)->box.left,
               right = page_ink(page, ROLE_HEAD, 2)->box.right;
        assert_near(middle_x(figure), (left + right) / 2, 0.1);
        assert_int_equal(page_count(page, ROLE_TUPLET), 5); /* figure, two lines, two hooks */
        for (size_t i = 0; i < page->n_ink; i++) {
            if (page->ink[i].role == ROLE_TUPLET && page->ink[i].shape == INK_LINE) {
                assert_near(page->ink[i].thickness, 0.16, 0.001);
            }
        }
        fixture_destroy(f);
    }
}

static void test_tuplets__without_bracket_only_the_figure_is_drawn(void **state) {
    (void)state;
    struct fixture *f = fixture_create(1, 1);
    uint32_t a = fixture_note(f, 0, 0, 10, 0, 0, -1), c = fixture_note(f, 0, 0, 18, 2, 0, -1);
    struct music_span *span = fixture_span(f, MUSIC_TUPLET, a, c);
    span->number = 5;
    span->against = 4;
    span->has_number = true;
    const struct engraved_page *page = &fixture_run(f)->pages[0];
    assert_int_equal(page_count(page, ROLE_TUPLET), 1);
    assert_non_null(page_text(page, "5:4"));
    fixture_destroy(f);
}

static void test_tuplets__brackets_do_not_lean_against_the_melody(void **state) {
    (void)state;
    struct fixture *f = fixture_create(1, 1);
    uint32_t a = fixture_note(f, 0, 0, 10, 0, -2, 1); /* rises, its last stem turns down */
    fixture_note(f, 0, 0, 14, 1, -1, 1);
    uint32_t c = fixture_note(f, 0, 0, 18, 2, 0, -1);
    struct music_span *span = fixture_span(f, MUSIC_TUPLET, a, c);
    span->number = 3;
    span->has_number = span->has_bracket = span->has_left_hook = span->has_right_hook = true;
    const struct engraving *e = fixture_run(f);
    const struct ink *left = page_ink(&e->pages[0], ROLE_TUPLET, 0),
                     *right = page_ink(&e->pages[0], ROLE_TUPLET, 1);
    assert_near(left->y, right->y, 1e-9);
    fixture_destroy(f);
}

static void test_tempos__stand_over_the_clef_with_a_small_note(void **state) {
    (void)state;
    struct fixture *f = fixture_create(1, 1);
    uint32_t n = fixture_note(f, 0, 0, 10, 0, 0, -1);
    fixture_mark(f, MUSIC_MARK_TEMPO, n, "Vivo [1/4.] = 92");
    const struct engraving *e = fixture_run(f);
    const struct engraved_page *page = &e->pages[0];
    const struct ink *word = page_text(page, "Vivo "), *rest = page_text(page, " = 92");
    assert_non_null(word);
    assert_non_null(rest);
    assert_true(word->font.is_bold && !rest->font.is_bold);
    assert_true(word->box.left < page_ink(page, ROLE_CLEF, 0)->box.right);
    assert_true(word->y <= staff_line_y(e, 0, 0, 0) - 2);
    size_t heads = 0, dots = 0;
    for (size_t i = 0; i < page->n_ink; i++) {
        if (page->ink[i].role == ROLE_TEMPO && page->ink[i].shape == INK_GLYPH) {
            heads += page->ink[i].glyph == GLYPH_HEAD_BLACK;
            dots += page->ink[i].glyph == GLYPH_DOT;
            assert_true(page->ink[i].box.left > word->box.right &&
                        page->ink[i].box.right < rest->box.left);
        }
    }
    assert_int_equal(heads, 1);
    assert_int_equal(dots, 1);
    fixture_destroy(f);
}

static void test_octavas__line_and_figure_clear_the_notes(void **state) {
    (void)state;
    struct fixture *f = fixture_create(1, 1);
    uint32_t a = fixture_note(f, 0, 0, 10, 0, 3, -1), b = fixture_note(f, 0, 0, 30, 1, 9, -1);
    fixture_span(f, MUSIC_OCTAVA, a, b)->number = 1;
    const struct engraved_page *page = &fixture_run(f)->pages[0];
    const struct ink *line = page_ink(page, ROLE_OCTAVA, 1);
    assert_non_null(page_text(page, "8va"));
    assert_true(line->dash > 0);
    for (size_t i = 0; i < 3; i++) {
        assert_true(page_ink(page, ROLE_OCTAVA, i)->box.bottom <
                    page_ink(page, ROLE_HEAD, 1)->box.top);
    }
    fixture_destroy(f);
}

static void test_voltas__share_one_height(void **state) {
    (void)state;
    struct fixture *f = fixture_create(1, 1);
    uint32_t a = fixture_note(f, 0, 0, 10, 0, 3, -1), b = fixture_note(f, 0, 0, 20, 1, 12, -1);
    uint32_t c = fixture_note(f, 0, 0, 30, 2, 3, -1), d = fixture_note(f, 0, 0, 40, 3, 3, -1);
    fixture_span(f, MUSIC_VOLTA, a, b)->text = "1.";
    fixture_span(f, MUSIC_VOLTA, c, d)->text = "2.";
    const struct engraving *e = fixture_run(f);
    const struct engraved_page *page = &e->pages[0];
    assert_near(page_ink(page, ROLE_VOLTA, 0)->y, page_ink(page, ROLE_VOLTA, 2)->y, 1e-9);
    assert_true(page_ink(page, ROLE_VOLTA, 0)->y <= staff_line_y(e, 0, 0, 0) - 3);
    assert_true(page_ink(page, ROLE_VOLTA, 0)->box.bottom < page_ink(page, ROLE_HEAD, 1)->box.top);
    fixture_destroy(f);
}

static void test_pedals__stand_on_one_baseline(void **state) {
    (void)state;
    struct fixture *f = fixture_create(1, 1);
    uint32_t a = fixture_note(f, 0, 0, 10, 0, 3, -1), b = fixture_note(f, 0, 0, 20, 1, -10, 1);
    fixture_mark(f, MUSIC_MARK_PEDAL_ON, a, NULL);
    fixture_mark(f, MUSIC_MARK_PEDAL_OFF, b, NULL);
    const struct engraving *e = fixture_run(f);
    const struct ink *on = page_ink(&e->pages[0], ROLE_PEDAL, 0),
                     *off = page_ink(&e->pages[0], ROLE_PEDAL, 1);
    assert_near(on->y, off->y, 1e-9);
    assert_true(on->y >= staff_line_y(e, 0, 0, 4) + 3);
    assert_true(off->box.top > page_ink(&e->pages[0], ROLE_HEAD, 1)->box.bottom);
    fixture_destroy(f);
}

static void test_texts__dy_moves_from_the_default_height(void **state) {
    (void)state;
    double ys[2];
    for (int i = 0; i < 2; i++) {
        struct fixture *f = fixture_create(1, 1);
        uint32_t n = fixture_note(f, 0, 0, 10, 0, 3, -1);
        struct music_mark *mark = fixture_mark(f, MUSIC_MARK_TEXT, n, "dolce");
        mark->tag = fixture_tag(f, TAG_TEXT, "dy", NULL);
        mark->tag->params[0] = (struct notation_param){.name = "dy",
                                                       .kind = NOTATION_PARAM_FLOAT,
                                                       .number = i == 0 ? -8 : 16,
                                                       .unit = NOTATION_UNIT_HS};
        const struct engraving *e = fixture_run(f);
        ys[i] = page_text(&e->pages[0], "dolce")->y - staff_line_y(e, 0, 0, 4);
        fixture_destroy(f);
    }
    assert_near(ys[0], 4, 0.01); /* y = 4 - dy, from the top line */
    assert_near(ys[1], -8, 0.01);
}

static void test_marks__an_enclosure_surrounds_its_text(void **state) {
    (void)state;
    static const char *const kinds[] = {"square",  "rectangle", "oval",   "circle",
                                        "bracket", "triangle",  "diamond"};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct fixture *f = fixture_create(1, 1);
        uint32_t n = fixture_note(f, 0, 0, 10, 0, 3, -1);
        fixture_mark(f, MUSIC_MARK_REHEARSAL, n, "B2")->tag =
            fixture_tag(f, TAG_MARK, "enclosure", kinds[i]);
        const struct engraved_page *page = &fixture_run(f)->pages[0];
        const struct ink *text = page_text(page, "B2");
        struct ink_box frame = ink_box_empty();
        for (size_t k = 0; k < page->n_ink; k++) {
            if (page->ink[k].role == ROLE_MARK && page->ink[k].shape != INK_TEXT) {
                frame = ink_box_join(frame, page->ink[k].box);
            }
        }
        assert_true(frame.left < text->box.left - 0.3 && frame.right > text->box.right + 0.3);
        assert_true(frame.top < text->box.top - 0.3 && frame.bottom > text->box.bottom + 0.3);
        fixture_destroy(f);
    }
}

static void test_jumps__words_at_a_break_end_the_line_before(void **state) {
    (void)state;
    struct fixture *f = fixture_create(2, 1);
    fixture_note(f, 0, 0, 10, 0, 0, -1);
    uint32_t next = fixture_note(f, 1, 0, 10, 0, 0, -1);
    fixture_mark(f, MUSIC_MARK_JUMP, next, "Fine")->tag = fixture_tag(f, TAG_FINE, NULL, NULL);
    const struct engraving *e = fixture_run(f);
    const struct ink *fine = page_text(&e->pages[0], "Fine");
    assert_non_null(fine);
    assert_true(fine->box.bottom < staff_line_y(e, 0, 0, 0));
    assert_true(fine->box.left > page_ink(&e->pages[0], ROLE_HEAD, 0)->box.right);
    fixture_destroy(f);
}

static void test_numbers__stand_over_the_clef_of_later_systems(void **state) {
    (void)state;
    struct fixture *f = fixture_create(3, 2);
    fixture_note(f, 0, 0, 10, 0, 0, -1);
    const struct engraving *e = fixture_run(f);
    const struct engraved_page *page = &e->pages[0];
    assert_int_equal(page_count(page, ROLE_NUMBER), 2);
    assert_non_null(page_text(page, "2"));
    const struct ink *number = page_text(page, "3");
    assert_true(number->box.bottom < staff_line_y(e, 2, 0, 0) - 0.4);
    assert_true(number->box.left < page_ink(page, ROLE_CLEF, 4)->box.right);
    fixture_destroy(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_articulations__dots_inside_the_staff_stand_in_spaces),
        cmocka_unit_test(test_articulations__accents_lie_outside_the_staff),
        cmocka_unit_test(test_articulations__order_is_dot_line_accent_slur_fermata),
        cmocka_unit_test(test_fermatas__point_away_from_the_staff),
        cmocka_unit_test(test_dynamics__baseline_is_two_below_the_staff),
        cmocka_unit_test(test_dynamics__a_passage_shares_one_baseline_under_the_lowest),
        cmocka_unit_test(test_hairpins__over_one_note_last_as_long_as_it),
        cmocka_unit_test(test_dynamics__stand_above_where_there_are_lyrics),
        cmocka_unit_test(test_lyrics__are_centred_under_the_heads_on_one_line),
        cmocka_unit_test(test_lyrics__default_top_is_one_and_a_half_below),
        cmocka_unit_test(test_lyrics__hyphens_are_centred_between_syllables),
        cmocka_unit_test(test_lyrics__an_extender_ends_at_the_last_note_of_its_melisma),
        cmocka_unit_test(test_lyrics__empty_syllables_carry_the_line_on),
        cmocka_unit_test(test_dynamics__that_follow_at_once_do_not_touch),
        cmocka_unit_test(test_spans__that_go_on_start_after_the_clef),
        cmocka_unit_test(test_lyrics__verses_lie_under_each_other),
        cmocka_unit_test(test_tuplets__figure_is_centred_on_the_stems_side),
        cmocka_unit_test(test_tuplets__without_bracket_only_the_figure_is_drawn),
        cmocka_unit_test(test_tuplets__brackets_do_not_lean_against_the_melody),
        cmocka_unit_test(test_tempos__stand_over_the_clef_with_a_small_note),
        cmocka_unit_test(test_octavas__line_and_figure_clear_the_notes),
        cmocka_unit_test(test_voltas__share_one_height),
        cmocka_unit_test(test_pedals__stand_on_one_baseline),
        cmocka_unit_test(test_texts__dy_moves_from_the_default_height),
        cmocka_unit_test(test_marks__an_enclosure_surrounds_its_text),
        cmocka_unit_test(test_jumps__words_at_a_break_end_the_line_before),
        cmocka_unit_test(test_numbers__stand_over_the_clef_of_later_systems),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
