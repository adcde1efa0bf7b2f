/* Staff lines, bars, ledger lines, signatures: gmn.md 16, 1 to 5, 42, 43. */
#include "layout_fixture.h"

static void test_lines__staff_lines_are_even_and_thin(void **state) {
    (void)state;
    struct layout l = layout_of("[ \\meter<\"4/4\"> c d e f ]", 0);
    assert_int_equal(layout_count(&l, 0, 0, ROLE_STAFF_LINE), 5);
    for (uint32_t i = 0; i < 5; i++) {
        const struct ink *line = layout_ink(&l, 0, 0, ROLE_STAFF_LINE, i);
        assert_between(line->thickness, 0.08, 0.13);
        assert_near(line->y, i, 1e-9);
        assert_near(line->x, 0, 1e-9);
        assert_near(line->x2, l.score->systems[0].width, 1e-9);
    }
    layout_free(&l);
}

static void test_lines__bars_have_their_widths(void **state) {
    (void)state;
    struct layout l = layout_of("[ \\meter<\"4/4\"> c/1 | d ]", 0);
    const struct ink *single = layout_ink(&l, 0, 0, ROLE_BAR, 0);
    assert_near(single->box.right - single->box.left, 0.16, 1e-6);
    assert_near(single->box.top, 0, 0.07);
    assert_near(single->box.bottom, 4, 0.07);
    const struct ink *thin = layout_ink(&l, 0, 0, ROLE_BAR, 1),
                     *thick = layout_ink(&l, 0, 0, ROLE_BAR, 2);
    assert_near(thin->box.right - thin->box.left, 0.16, 1e-6);
    assert_near(thick->box.right - thick->box.left, 0.5, 1e-6);
    assert_near(thick->box.left - thin->box.right, 0.4, 1e-6);
    assert_near(thick->box.right, l.score->systems[0].width, 1e-6);
    layout_free(&l);
}

static void test_lines__repeat_dots_are_in_the_middle_spaces(void **state) {
    (void)state;
    struct layout l = layout_of("[ \\meter<\"2/4\"> \\repeatBegin c/4 d \\repeatEnd e f ]", 0);
    assert_int_equal(layout_count(&l, 0, 0, ROLE_REPEAT_DOT), 4);
    for (uint32_t i = 0; i < 4; i++) {
        const struct ink *dot = layout_ink(&l, 0, 0, ROLE_REPEAT_DOT, i);
        assert_near((dot->box.top + dot->box.bottom) / 2, i % 2 == 0 ? 2.5 : 1.5, 0.01);
    }
    layout_free(&l);
}

static void test_lines__ledgers_reach_beyond_the_head(void **state) {
    (void)state;
    struct layout l = layout_of("[ \\meter<\"4/4\"> c1/4 a0 c3 e1 ]", 0);
    const struct ink *ledger = layout_ink(&l, 0, 0, ROLE_LEDGER, 0);
    const struct ink_box head = layout_chord(&l, 0)->heads[0];
    assert_near(ledger->y, 5, 1e-6); /* c1 in the treble clef: one line below */
    assert_between(ledger->thickness, 0.16, 0.2);
    assert_near(head.left - ledger->box.left, 0.4, 0.01);
    assert_near(ledger->box.right - head.right, 0.4, 0.01);
    assert_int_equal(layout_count(&l, 0, 0, ROLE_LEDGER), 1 + 2 + 2);
    layout_free(&l);
}

static void test_lines__ledgers_of_neighbours_never_join(void **state) {
    (void)state;
    struct layout l = layout_of(
        "[ \\meter<\"4/4\"> c1/32 c c c c c c c c c c c c c c c \\newSystem c1/64 c c c c c c c "
        "c c c c c c c c c c c c c c c c c c c c c c c c ]",
        80);
    for (uint32_t s = 0; s < l.score->n_systems; s++) {
        for (uint32_t i = 1; i < layout_count(&l, s, 0, ROLE_LEDGER); i++) {
            const struct ink *a = layout_ink(&l, s, 0, ROLE_LEDGER, i - 1),
                             *b = layout_ink(&l, s, 0, ROLE_LEDGER, i);
            assert_true(b->box.left - a->box.right > 0.05);
        }
    }
    layout_free(&l);
}

static void test_lines__signatures_stand_where_the_reference_measured(void **state) {
    (void)state;
    struct layout l = layout_of("[ \\clef<\"g\"> \\meter<\"4/4\"> c/4 d e f ]", 0);
    assert_near(layout_ink(&l, 0, 0, ROLE_CLEF, 0)->x, 1, 0.05);
    assert_near(layout_ink(&l, 0, 0, ROLE_METER, 0)->box.left, 4.8, 0.15);
    assert_near(layout_chord(&l, 0)->x, 8.2, 0.2);
    layout_free(&l);
    l = layout_of("[ \\clef<\"g\"> c/4 d e f ]", 0);
    assert_near(layout_chord(&l, 0)->x, 6, 0.1);
    layout_free(&l);
    l = layout_of("[ \\clef<\"g\"> \\key<3> c/4 d e f ]", 0);
    assert_near(layout_ink(&l, 0, 0, ROLE_KEY, 0)->box.left, 4.4, 0.1);
    layout_free(&l);
}

static void test_lines__key_signs_have_their_customary_heights(void **state) {
    (void)state;
    struct layout l = layout_of("[ \\clef<\"g\"> \\key<3> c ]", 0);
    static const double HEIGHTS[] = {0, 1.5,
                                     -0.5}; /* f c g: top line, third space, above the staff */
    for (uint32_t i = 0; i < 3; i++) {
        assert_near(layout_ink(&l, 0, 0, ROLE_KEY, i)->y, HEIGHTS[i], 1e-6);
    }
    layout_free(&l);
}

static void test_lines__clef_change_is_smaller_and_before_the_bar(void **state) {
    (void)state;
    struct layout l = layout_of("[ \\clef<\"g\"> \\meter<\"2/4\"> c/4 d \\clef<\"f\"> c0 d ]", 0);
    const struct ink *clef = layout_ink(&l, 0, 0, ROLE_CLEF, 1),
                     *bar = layout_ink(&l, 0, 0, ROLE_BAR, 0);
    double full = music_glyph_box(GLYPH_CLEF_F).right;
    assert_near((clef->box.right - clef->box.left) / full, 0.8, 0.03);
    assert_near(bar->box.left - clef->box.right, 1, 0.05);
    assert_true(clef->box.left > layout_chord(&l, 1)->right + 0.3);
    layout_free(&l);
}

static void test_lines__cautionary_signs_end_the_line(void **state) {
    (void)state;
    struct layout l = layout_of(
        "[ \\clef<\"g\"> \\key<1> \\meter<\"2/4\"> c/4 d \\newSystem \\clef<\"f\"> \\key<-2> "
        "\\meter<\"3/4\"> c0/4 d e ]",
        0);
    assert_int_equal(l.score->n_systems, 2);
    assert_int_equal(layout_count(&l, 0, 0, ROLE_CLEF), 2);
    assert_int_equal(layout_count(&l, 0, 0, ROLE_KEY), 1 + 1 + 2); /* sharp; natural, two flats */
    assert_int_equal(layout_count(&l, 0, 0, ROLE_METER), 4);
    assert_int_equal(layout_count(&l, 1, 0, ROLE_CLEF), 1);
    assert_int_equal(layout_count(&l, 1, 0, ROLE_KEY), 2);
    assert_int_equal(layout_count(&l, 1, 0, ROLE_METER), 2);
    const struct ink *bar = layout_ink(&l, 0, 0, ROLE_BAR, 0);
    assert_true(layout_ink(&l, 0, 0, ROLE_CLEF, 1)->box.right < bar->box.left);
    assert_true(layout_ink(&l, 0, 0, ROLE_KEY, 1)->box.left > bar->box.right);
    assert_true(layout_ink(&l, 0, 0, ROLE_METER, 2)->box.left >
                layout_ink(&l, 0, 0, ROLE_KEY, 3)->box.right);
    assert_true(layout_ink(&l, 0, 0, ROLE_METER, 2)->box.right <= l.score->systems[0].width);
    layout_free(&l);
}

static void test_lines__a_repeat_at_a_line_end_begins_on_the_next(void **state) {
    (void)state;
    struct layout l =
        layout_of("[ \\meter<\"2/4\"> c/4 d \\newSystem \\repeatBegin e f \\repeatEnd ]", 0);
    assert_int_equal(l.score->n_systems, 2);
    assert_int_equal(layout_count(&l, 0, 0, ROLE_REPEAT_DOT), 0);
    assert_int_equal(layout_count(&l, 1, 0, ROLE_REPEAT_DOT), 4);
    assert_true(layout_ink(&l, 1, 0, ROLE_REPEAT_DOT, 0)->box.right < layout_chord(&l, 2)->left);
    layout_free(&l);
}

static void test_lines__a_repeat_at_a_line_start_is_on_every_staff(void **state) {
    (void)state;
    struct layout l = layout_of(
        "{[\\staff<1> \\meter<\"2/4\"> \\repeatBegin c/4 d \\repeatEnd ], [\\staff<2> e/4 f ]}", 0);
    for (uint32_t staff = 0; staff < 2; staff++) {
        assert_int_equal(layout_count(&l, 0, staff, ROLE_REPEAT_DOT), 4);
    }
    layout_free(&l);
}

static void test_lines__a_hidden_repeat_leaves_the_bar_line(void **state) {
    (void)state;
    struct layout l =
        layout_of("[ \\meter<\"2/4\"> c/4 d | \\repeatBegin<hidden=\"true\"> e f | g a ]", 0);
    assert_int_equal(layout_count(&l, 0, 0, ROLE_REPEAT_DOT), 0);
    assert_int_equal(layout_count(&l, 0, 0, ROLE_BAR), 4); /* two, then the final bar's two */
    layout_free(&l);
}

static void test_lines__meter_figures_are_centred_on_each_other(void **state) {
    (void)state;
    struct layout l = layout_of("[ \\meter<\"12/8\"> c*12/8 ]", 0);
    struct ink_box upper = ink_box_join(layout_ink(&l, 0, 0, ROLE_METER, 0)->box,
                                        layout_ink(&l, 0, 0, ROLE_METER, 1)->box);
    struct ink_box lower = layout_ink(&l, 0, 0, ROLE_METER, 2)->box;
    assert_near((upper.left + upper.right) / 2, (lower.left + lower.right) / 2, 0.12);
    assert_near(upper.bottom, 2, 0.05);
    assert_near(lower.bottom, 4, 0.05);
    layout_free(&l);
}

static void test_lines__a_hidden_staff_draws_nothing(void **state) {
    (void)state;
    struct layout l = layout_of(
        "{[ \\meter<\"2/4\"> c/4 d ],[ \\staff<2> \\staffOff \\meter<\"2/4\"> e/4 f ]}", 0);
    assert_true(l.score->systems[0].staves[1].is_hidden);
    assert_int_equal(l.score->systems[0].staves[1].ink.n_items, 0);
    layout_free(&l);
}

static void test_lines__a_staff_off_for_a_measure_ends_at_its_bar(void **state) {
    (void)state;
    struct layout l =
        layout_of("{[ \\meter<\"2/4\"> c/2 | d/2 | e/2 ],[ \\staff<2> \\meter<\"2/4\"> c/2 "
                  "\\staffOff d/2 \\staffOn e/2 ]}",
                  0);
    const struct placed_bar *bars = l.score->systems[0].bars;
    assert_int_equal(layout_count(&l, 0, 1, ROLE_STAFF_LINE), 10);
    assert_near(layout_ink(&l, 0, 1, ROLE_STAFF_LINE, 0)->x2, bars[0].right, 1e-6);
    assert_near(layout_ink(&l, 0, 1, ROLE_STAFF_LINE, 5)->x, bars[1].right, 1e-6);
    assert_int_equal(layout_count(&l, 0, 1, ROLE_HEAD), 2);
    assert_int_equal(layout_count(&l, 0, 1, ROLE_BAR), 1 + 2); /* first, final */
    layout_free(&l);
}

static void test_lines__a_repeat_in_one_voice_is_on_all_staves(void **state) {
    (void)state;
    struct layout l =
        layout_of("{[ \\meter<\"2/4\"> \\repeatBegin c/2 \\repeatEnd d/2 ],[ \\staff<2> "
                  "\\meter<\"2/4\"> c/2 d/2 ]}",
                  0);
    assert_int_equal(layout_count(&l, 0, 0, ROLE_REPEAT_DOT), 4);
    assert_int_equal(layout_count(&l, 0, 1, ROLE_REPEAT_DOT), 4);
    for (uint32_t i = 0; i < 4; i++) {
        assert_near(layout_ink(&l, 0, 0, ROLE_REPEAT_DOT, i)->x,
                    layout_ink(&l, 0, 1, ROLE_REPEAT_DOT, i)->x, 1e-9);
    }
    layout_free(&l);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines__staff_lines_are_even_and_thin),
        cmocka_unit_test(test_lines__bars_have_their_widths),
        cmocka_unit_test(test_lines__repeat_dots_are_in_the_middle_spaces),
        cmocka_unit_test(test_lines__ledgers_reach_beyond_the_head),
        cmocka_unit_test(test_lines__ledgers_of_neighbours_never_join),
        cmocka_unit_test(test_lines__signatures_stand_where_the_reference_measured),
        cmocka_unit_test(test_lines__key_signs_have_their_customary_heights),
        cmocka_unit_test(test_lines__clef_change_is_smaller_and_before_the_bar),
        cmocka_unit_test(test_lines__cautionary_signs_end_the_line),
        cmocka_unit_test(test_lines__a_repeat_at_a_line_end_begins_on_the_next),
        cmocka_unit_test(test_lines__a_repeat_at_a_line_start_is_on_every_staff),
        cmocka_unit_test(test_lines__a_hidden_repeat_leaves_the_bar_line),
        cmocka_unit_test(test_lines__meter_figures_are_centred_on_each_other),
        cmocka_unit_test(test_lines__a_hidden_staff_draws_nothing),
        cmocka_unit_test(test_lines__a_staff_off_for_a_measure_ends_at_its_bar),
        cmocka_unit_test(test_lines__a_repeat_in_one_voice_is_on_all_staves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
