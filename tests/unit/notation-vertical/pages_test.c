/* Staves to systems, systems to pages, texts of the page, what the maps get. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "near.h"
#include "vertical_fixture.h"

static double cm(double value) {
    return value / NOTATION_CM_PER_SPACE;
}

static void assert_ink_in_pages(const struct engraving *e) {
    for (size_t p = 0; p < e->n_pages; p++) {
        const struct engraved_page *page = &e->pages[p];
        for (size_t i = 0; i < page->n_ink; i++) {
            const struct ink_box *box = &page->ink[i].box;
            assert_true(box->left >= 0 && box->top >= 0 && box->right <= page->width &&
                        box->bottom <= page->height);
        }
    }
}

static void test_pages__a_plain_staff_is_435_units_high(void **state) {
    (void)state;
    struct fixture *f = fixture_create(1, 1);
    fixture_note(f, 0, 0, 10, 0, -6, 1); /* c1 on its ledger line */
    const struct engraved_page *page = &fixture_run(f)->pages[0];
    assert_near(page->height * NOTATION_CM_PER_SPACE * 80, 435, 1);
    assert_near(page->width, FIXTURE_WIDTH + cm(4), 1e-6);
    fixture_destroy(f);
}

static void test_pages__no_cut_gives_the_whole_format(void **state) {
    (void)state;
    struct fixture *f = fixture_create(1, 1);
    f->notation.settings.resize_page = 0;
    fixture_note(f, 0, 0, 10, 0, 0, -1);
    const struct engraved_page *page = &fixture_run(f)->pages[0];
    assert_near(page->height, cm(29.7), 1e-6);
    assert_near(page->width, cm(21), 1e-6);
    fixture_destroy(f);
}

static void test_systems__staves_are_8_8_apart_and_more_for_collisions(void **state) {
    (void)state;
    struct fixture *f = fixture_create(2, 2);
    fixture_note(f, 0, 0, 10, 0, 0, -1);
    fixture_note(f, 1, 0, 10, 0, -14, 1); /* far below the upper staff */
    fixture_note(f, 1, 1, 10, 0, 12, -1); /* and far above the lower one */
    const struct engraving *e = fixture_run(f);
    assert_near(staff_line_y(e, 0, 1, 0) - staff_line_y(e, 0, 0, 0), 8.8, 1e-6);
    assert_true(staff_line_y(e, 1, 1, 0) - staff_line_y(e, 1, 0, 0) > 13);
    const struct engraved_page *page = &e->pages[0];
    assert_true(page_ink(page, ROLE_HEAD, 2)->box.top - page_ink(page, ROLE_HEAD, 1)->box.bottom >=
                0.8 - 1e-6);
    fixture_destroy(f);
}

static void test_systems__outlines_keep_one_and_a_half(void **state) {
    (void)state;
    struct fixture *f = fixture_create(2, 1);
    fixture_note(f, 0, 0, 10, 0, -16, 1);
    fixture_note(f, 1, 0, 10, 0, 16, -1);
    const struct engraving *e = fixture_run(f);
    const struct ink *low = page_ink(&e->pages[0], ROLE_HEAD, 0),
                     *high = page_ink(&e->pages[0], ROLE_HEAD, 1);
    assert_near(high->box.top - low->box.bottom, 1.5, 1e-6);
    fixture_destroy(f);
}

static void test_systems__lie_further_apart_than_staves(void **state) {
    (void)state;
    struct fixture *f = fixture_create(2, 2);
    fixture_note(f, 0, 0, 10, 0, 0, -1);
    const struct engraving *e = fixture_run(f);
    double staves = staff_line_y(e, 0, 1, 0) - staff_line_y(e, 0, 0, 4);
    double systems = staff_line_y(e, 1, 0, 0) - staff_line_y(e, 0, 1, 4);
    assert_true(systems - staves >= 2 && systems - staves <= 3);
    fixture_destroy(f);
}

static void test_groups__two_staves_have_a_line_and_a_brace(void **state) {
    (void)state;
    struct fixture *f = fixture_create(1, 2);
    fixture_note(f, 0, 0, 10, 0, 0, -1);
    const struct engraving *e = fixture_run(f);
    const struct ink *line = page_ink(&e->pages[0], ROLE_GROUP, 0),
                     *brace = page_ink(&e->pages[0], ROLE_GROUP, 1);
    assert_near(line->box.top, staff_line_y(e, 0, 0, 0), 0.06);
    assert_near(line->box.bottom, staff_line_y(e, 0, 1, 4), 0.06);
    assert_near(line->box.left, e->systems[0].left, 0.01);
    assert_int_equal(brace->shape, INK_CURVE);
    assert_near(brace->box.top, staff_line_y(e, 0, 0, 0), 0.2);
    assert_near(brace->box.bottom, staff_line_y(e, 0, 1, 4), 0.2);
    assert_true(brace->box.right <= e->systems[0].left - 0.2);
    fixture_destroy(f);
}

static void test_groups__one_staff_has_none(void **state) {
    (void)state;
    struct fixture *f = fixture_create(1, 1);
    fixture_note(f, 0, 0, 10, 0, 0, -1);
    assert_int_equal(page_count(&fixture_run(f)->pages[0], ROLE_GROUP), 0);
    fixture_destroy(f);
}

static void test_groups__nested_ones_stand_side_by_side(void **state) {
    (void)state;
    struct fixture *f = fixture_create(1, 3);
    struct music_group groups[2] = {{0, 2, MUSIC_GROUP_BRACKET}, {0, 1, MUSIC_GROUP_BRACE}};
    f->music.groups = groups;
    f->music.n_groups = 2;
    fixture_note(f, 0, 0, 10, 0, 0, -1);
    const struct engraved_page *page = &fixture_run(f)->pages[0];
    const struct ink *brace = NULL, *bracket = NULL;
    for (size_t i = 0; i < page->n_ink; i++) {
        if (page->ink[i].role == ROLE_GROUP) {
            brace = page->ink[i].shape == INK_CURVE ? &page->ink[i] : brace;
            bracket = page->ink[i].shape == INK_BOX && page->ink[i].box.right < page->margin_left
                          ? &page->ink[i]
                          : bracket;
        }
    }
    assert_non_null(brace);
    assert_non_null(bracket);
    assert_true(bracket->box.right < brace->box.left);
    fixture_destroy(f);
}

static void test_bars__run_through_the_gap_where_barformat_says(void **state) {
    (void)state;
    struct fixture *f = fixture_create(1, 3);
    struct music_bar_span spans[1] = {{0, 1, {0, 1}}};
    f->music.bar_spans = spans;
    f->music.n_bar_spans = 1;
    fixture_note(f, 0, 0, 10, 0, 0, -1);
    const struct engraving *e = fixture_run(f);
    assert_int_equal(page_count(&e->pages[0], ROLE_BAR), 4); /* three staves, one gap */
    const struct ink *gap = page_ink(&e->pages[0], ROLE_BAR, 3);
    assert_near(gap->box.top, staff_line_y(e, 0, 0, 4), 0.06);
    assert_near(gap->box.bottom, staff_line_y(e, 0, 1, 0), 0.06);
    fixture_destroy(f);
}

static void test_bars__a_joined_one_runs_through_a_staff_that_has_none(void **state) {
    (void)state;
    struct fixture *f = fixture_create(1, 2);
    struct music_bar_span spans[1] = {{0, 1, {0, 1}}};
    f->music.bar_spans = spans;
    f->music.n_bar_spans = 1;
    fixture_note(f, 0, 0, 10, 0, 0, -1);
    struct ink_list *lower = &f->placed.systems[0].staves[1].ink;
    lower->n_items--; /* its bar line is the last piece */
    struct ink dot = {.shape = INK_CIRCLE,
                      .role = ROLE_REPEAT_DOT,
                      .color = {0, 0, 0, 255},
                      .x = FIXTURE_WIDTH - 1,
                      .y = 1.5,
                      .x2 = 0.2,
                      .chord = NOTATION_NONE};
    assert_true(ink_list_add(f->arena, &f->placed.systems[0].staves[0].ink, &dot));
    const struct engraving *e = fixture_run(f);
    assert_int_equal(page_count(&e->pages[0], ROLE_BAR), 3);
    assert_near(page_ink(&e->pages[0], ROLE_BAR, 2)->box.bottom, staff_line_y(e, 0, 1, 4), 0.06);
    assert_int_equal(page_count(&e->pages[0], ROLE_REPEAT_DOT), 2);
    assert_near(page_ink(&e->pages[0], ROLE_REPEAT_DOT, 1)->y, staff_line_y(e, 0, 1, 0) + 1.5,
                0.06);
    fixture_destroy(f);
}

/* 40 systems of one staff: several pages, each filled evenly, none overfull. */
static void test_page_breaks__systems_go_to_pages_and_fill_them(void **state) {
    (void)state;
    struct fixture *f = fixture_create(40, 1);
    for (uint32_t i = 0; i < 40; i++) {
        fixture_note(f, i, 0, 10, 0, 0, -1);
    }
    const struct engraving *e = fixture_run(f);
    assert_true(e->n_pages >= 3);
    uint32_t next = 0;
    for (size_t p = 0; p < e->n_pages; p++) {
        const struct engraved_page *page = &e->pages[p];
        assert_int_equal(page->first_system, next);
        next = page->end_system;
        assert_true(page->height <= cm(29.7) + 1e-6);
        if (p + 1 < e->n_pages) { /* spread to the foot */
            assert_near(page->height, cm(29.7), 0.01);
        }
    }
    assert_int_equal(next, 40);
    double first = e->systems[1].staves[0].top - e->systems[0].staves[0].top;
    double second = e->systems[2].staves[0].top - e->systems[1].staves[0].top;
    assert_near(first, second, 1e-6);
    uint32_t last = e->pages[e->n_pages - 1].first_system;
    if (last + 1 < 40) { /* the last page is not spread */
        assert_true(e->systems[last + 1].staves[0].top - e->systems[last].staves[0].top <=
                    first + 1e-6);
    }
    assert_ink_in_pages(e);
    fixture_destroy(f);
}

static void test_page_breaks__a_forced_page_begins_where_it_is_forced(void **state) {
    (void)state;
    struct fixture *f = fixture_create(4, 1);
    fixture_note(f, 0, 0, 10, 0, 0, -1);
    f->placed.systems[1].starts_page = true;
    const struct engraving *e = fixture_run(f);
    assert_int_equal(e->n_pages, 2);
    assert_int_equal(e->pages[1].first_system, 1);
    fixture_destroy(f);
}

static void test_page_texts__the_first_system_lies_below_the_titles(void **state) {
    (void)state;
    struct music_page_text texts[3] = {{.text = "A title",
                                        .page_format = "c3",
                                        .text_format = "cc",
                                        .size_sp = 4,
                                        .look = {{0, 0, 0, 255}, 0, 0, 1}},
                                       {.text = "A. Composer",
                                        .page_format = "53",
                                        .text_format = "rb",
                                        .size_sp = 2,
                                        .look = {{0, 0, 0, 255}, 0, 0, 1}},
                                       {.text = "the foot",
                                        .page_format = "c6",
                                        .text_format = "cc",
                                        .size_sp = 1.7,
                                        .look = {{0, 0, 0, 255}, 0, 0, 1}}};
    struct fixture *f = fixture_create(30, 1);
    f->music.page_texts = texts;
    f->music.n_page_texts = 3;
    fixture_note(f, 0, 0, 10, 0, 0, -1);
    const struct engraving *e = fixture_run(f);
    const struct engraved_page *page = &e->pages[0];
    const struct ink *title = page_text(page, "A title"),
                     *composer = page_text(page, "A. Composer"),
                     *foot = page_text(page, "the foot");
    assert_near((title->box.left + title->box.right) / 2, page->width / 2, 0.2);
    assert_near(composer->box.right, page->width - page->margin_right, 0.3);
    assert_true(title->box.bottom < e->systems[0].top && composer->box.bottom < e->systems[0].top);
    assert_true(foot->box.top > e->systems[page->end_system - 1].bottom);
    assert_null(page_text(&e->pages[1], "A title"));
    assert_ink_in_pages(e);
    fixture_destroy(f);
}

static void test_page_texts__a_wide_title_widens_a_cut_page(void **state) {
    (void)state;
    struct music_page_text text = {
        .text = "A title that is very much wider than the four notes that it names here, and so",
        .page_format = "c2",
        .text_format = "cc",
        .size_sp = 4,
        .look = {{0, 0, 0, 255}, 0, 0, 1}};
    struct fixture *f = fixture_create(1, 1);
    f->music.page_texts = &text;
    f->music.n_page_texts = 1;
    fixture_note(f, 0, 0, 10, 0, 0, -1);
    assert_ink_in_pages(fixture_run(f));
    fixture_destroy(f);
}

static void test_pages__braces_stay_on_a_page_without_margins(void **state) {
    (void)state;
    struct fixture *f = fixture_create(1, 3);
    f->music.page.left = f->music.page.right = f->music.page.top = f->music.page.bottom = 0;
    fixture_note(f, 0, 0, 10, 0, 20, -1);
    assert_ink_in_pages(fixture_run(f));
    fixture_destroy(f);
}

static void test_events__tell_systems_staves_and_heads_in_page_coordinates(void **state) {
    (void)state;
    struct fixture *f = fixture_create(2, 2);
    fixture_note(f, 0, 0, 10, 0, 0, -1);
    fixture_note(f, 0, 1, 10, 0, 0, -1);
    fixture_note(f, 1, 0, 12, 0, 2, -1);
    const struct engraving *e = fixture_run(f);
    assert_int_equal(e->systems[0].n_events + e->systems[1].n_events, 3);
    assert_int_equal(e->n_heads_drawn, 3);
    assert_int_equal(e->n_systems, 2);
    for (size_t i = 0; i < 3; i++) {
        const struct ink *head = page_ink(&e->pages[0], ROLE_HEAD, i);
        const struct engraved_event *event =
            i < e->systems[0].n_events ? &e->systems[0].events[i]
                                       : &e->systems[1].events[i - e->systems[0].n_events];
        assert_near(event->heads[0].left, head->box.left, 1e-9);
        assert_near(event->heads[0].top, head->box.top, 1e-9);
        assert_near(event->left, head->box.left, 0.05);
    }
    assert_near(e->systems[0].staves[1].bottom - e->systems[0].staves[1].top, 4.1, 1e-9);
    assert_near(e->systems[1].right - e->systems[1].left, FIXTURE_WIDTH, 1e-9);
    assert_near(e->systems[1].music_left - e->systems[1].left, 12, 1e-9);
    fixture_destroy(f);
}

static void test_pages__an_empty_score_has_one_empty_page(void **state) {
    (void)state;
    struct fixture *f = fixture_create(1, 1);
    f->placed.n_systems = 0;
    const struct engraving *e = fixture_run(f);
    assert_int_equal(e->n_pages, 1);
    assert_true(e->pages[0].width > 0 && e->pages[0].height > 0);
    fixture_destroy(f);
}

static void test_pages__hidden_staves_take_no_place(void **state) {
    (void)state;
    struct fixture *f = fixture_create(1, 3);
    fixture_note(f, 0, 1, 10, 0, 0, -1);
    f->placed.systems[0].staves[1].is_hidden = true;
    const struct engraving *e = fixture_run(f);
    assert_near(staff_line_y(e, 0, 2, 0) - staff_line_y(e, 0, 0, 0), 8.8, 1e-6);
    assert_int_equal(page_count(&e->pages[0], ROLE_HEAD), 0);
    fixture_destroy(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pages__a_plain_staff_is_435_units_high),
        cmocka_unit_test(test_pages__no_cut_gives_the_whole_format),
        cmocka_unit_test(test_systems__staves_are_8_8_apart_and_more_for_collisions),
        cmocka_unit_test(test_systems__outlines_keep_one_and_a_half),
        cmocka_unit_test(test_systems__lie_further_apart_than_staves),
        cmocka_unit_test(test_groups__two_staves_have_a_line_and_a_brace),
        cmocka_unit_test(test_groups__one_staff_has_none),
        cmocka_unit_test(test_groups__nested_ones_stand_side_by_side),
        cmocka_unit_test(test_bars__run_through_the_gap_where_barformat_says),
        cmocka_unit_test(test_bars__a_joined_one_runs_through_a_staff_that_has_none),
        cmocka_unit_test(test_page_breaks__systems_go_to_pages_and_fill_them),
        cmocka_unit_test(test_page_breaks__a_forced_page_begins_where_it_is_forced),
        cmocka_unit_test(test_page_texts__the_first_system_lies_below_the_titles),
        cmocka_unit_test(test_page_texts__a_wide_title_widens_a_cut_page),
        cmocka_unit_test(test_pages__braces_stay_on_a_page_without_margins),
        cmocka_unit_test(test_events__tell_systems_staves_and_heads_in_page_coordinates),
        cmocka_unit_test(test_pages__an_empty_score_has_one_empty_page),
        cmocka_unit_test(test_pages__hidden_staves_take_no_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
