/* Stems, flags, grace notes, rests, dots, tremolos, tablature: gmn.md 16, 2, 6 to 12, 31 to 33. */
#include <string.h>

#include "layout_fixture.h"

/* Of the n-th chord. */
static const struct ink *ink_of(const struct layout *l, uint32_t n, enum ink_role role) {
    const struct placed_chord *placed = layout_chord(l, n);
    const struct ink_list *list = &l->score->systems[placed->system].staves[placed->staff_i].ink;
    for (size_t i = 0; i < list->n_items; i++) {
        if (list->items[i].role == role && list->items[i].chord == placed->chord) {
            return &list->items[i];
        }
    }
    return NULL;
}

static double stem_length(const struct layout *l, uint32_t n) { /* from the outer head's centre */
    const struct placed_chord *placed = layout_chord(l, n);
    const struct music_chord *chord = layout_music_chord(l, n);
    int outer = chord->heads[placed->stem > 0 ? chord->n_heads - 1 : 0].position;
    return fabs(placed->stem_tip - (2 - outer / 2.0));
}

static void test_stems__join_the_head_without_a_gap(void **state) {
    (void)state;
    struct layout l = layout_of("[ \\meter<\"4/4\"> e1/4 e2/4 e1/2 | e2/2 ]", 0);
    for (uint32_t i = 0; i < 4; i++) {
        const struct ink *stem = ink_of(&l, i, ROLE_STEM);
        const struct ink_box head = layout_chord(&l, i)->heads[0];
        assert_between(stem->thickness, 0.12, 0.13);
        if (layout_chord(&l, i)->stem > 0) {
            assert_near(stem->box.right, head.right, 0.01);
        } else {
            assert_near(stem->box.left, head.left, 0.01);
        }
        assert_true(stem->box.top < head.bottom && stem->box.bottom > head.top);
    }
    assert_int_equal(layout_chord(&l, 0)->stem, 1);  /* below the middle line */
    assert_int_equal(layout_chord(&l, 1)->stem, -1); /* above it */
    layout_free(&l);
}

static void test_stems__are_three_and_a_half_spaces_long(void **state) {
    (void)state;
    struct layout l = layout_of("[ \\meter<\"4/4\"> g1/4 a c2 e ]", 0);
    for (uint32_t i = 0; i < 4; i++) {
        assert_near(stem_length(&l, i), 3.5, 0.01);
    }
    layout_free(&l);
}

static void test_stems__reach_the_middle_line(void **state) {
    (void)state;
    struct layout l = layout_of("[ \\meter<\"4/4\"> f0/4 c0 e3 a3 ]", 0);
    for (uint32_t i = 0; i < 4; i++) {
        assert_near(layout_chord(&l, i)->stem_tip, 2, 0.01);
    }
    layout_free(&l);
}

static void test_stems__that_point_out_of_the_staff_are_shorter(void **state) {
    (void)state;
    struct layout l = layout_of("[ \\meter<\"4/4\"> \\stemsUp b1/4 d2 f2 c3 ]", 0);
    double before = 3.6;
    for (uint32_t i = 0; i < 4; i++) {
        assert_between(stem_length(&l, i), 2.5 - 1e-6, before);
        before = stem_length(&l, i);
    }
    assert_near(stem_length(&l, 3), 2.5, 0.01);
    layout_free(&l);
}

static void test_stems__grow_with_flags(void **state) {
    (void)state;
    struct layout l = layout_of("[ \\meter<\"4/4\"> \\beamsOff g1/8 g/16 g/32 g/64 ]", 0);
    double eighth = stem_length(&l, 0);
    assert_near(stem_length(&l, 1), eighth, 0.01);
    assert_near(stem_length(&l, 2), eighth + 0.75, 0.01);
    assert_near(stem_length(&l, 3), eighth + 1.5, 0.01);
    for (uint32_t i = 0; i < 4; i++) {
        const struct ink *flag = ink_of(&l, i, ROLE_FLAG);
        assert_near(flag->x, layout_chord(&l, i)->stem_x, 1e-6);
        assert_near(flag->y, layout_chord(&l, i)->stem_tip, 1e-6);
    }
    layout_free(&l);
}

static void test_stems__take_the_length_that_is_given(void **state) {
    (void)state;
    struct layout l = layout_of("[ \\meter<\"4/4\"> \\stemsUp<10hs> g1/4 a ]", 0);
    assert_near(stem_length(&l, 0), 5, 0.01);
    layout_free(&l);
}

static void test_grace__is_small_stem_up_slashed_before_its_note(void **state) {
    (void)state;
    struct layout l =
        layout_of("[ \\meter<\"4/4\"> c2/4 \\grace(e2/8) d/4 \\grace(e2/16 f) c/4 ]", 0);
    const struct ink *head = ink_of(&l, 1, ROLE_HEAD);
    assert_between(head->size, 0.6, 0.65);
    assert_int_equal(layout_chord(&l, 1)->stem, 1);
    assert_true(layout_music_chord(&l, 1)->is_grace);
    assert_non_null(ink_of(&l, 1, ROLE_FLAG));
    uint32_t flags = layout_count(&l, 0, 0, ROLE_FLAG);
    assert_int_equal(flags, 2); /* the flag and its slash; the pair is beamed */
    assert_true(layout_chord(&l, 1)->right < layout_chord(&l, 2)->left);
    assert_true(layout_chord(&l, 1)->left > layout_chord(&l, 0)->right);
    assert_true(layout_chord(&l, 3)->right < layout_chord(&l, 4)->left);
    assert_true(layout_chord(&l, 4)->right < layout_chord(&l, 5)->left);
    layout_free(&l);
}

static void test_dots__are_in_spaces_half_a_space_off(void **state) {
    (void)state;
    struct layout l = layout_of("[ g1/4. a/4. {c1/2.,d,f,a} b1/4.. ]", 0);
    for (uint32_t i = 0; i < layout_count(&l, 0, 0, ROLE_DOT); i++) {
        double y = layout_ink(&l, 0, 0, ROLE_DOT, i)->y;
        assert_near(fabs(y - floor(y) - 0.5), 0, 1e-6);
    }
    const struct ink *on_line = ink_of(&l, 0, ROLE_DOT), *in_space = ink_of(&l, 1, ROLE_DOT);
    assert_near(on_line->y, 2.5, 1e-6); /* g on the second line: the space above */
    assert_near(in_space->y, 2.5, 1e-6);
    assert_near(on_line->box.left - layout_chord(&l, 0)->heads[0].right, 0.5, 0.02);
    layout_free(&l);
}

static void test_dots__of_a_chord_share_a_column_and_do_not_meet(void **state) {
    (void)state;
    struct layout l = layout_of("[ {c1/2.,d,f,g,a,c2} ]", 0);
    uint32_t n = layout_count(&l, 0, 0, ROLE_DOT);
    assert_true(n >= 5);
    for (uint32_t i = 0; i < n; i++) {
        const struct ink *a = layout_ink(&l, 0, 0, ROLE_DOT, i);
        assert_near(a->x, layout_ink(&l, 0, 0, ROLE_DOT, 0)->x, 1e-9);
        assert_true(a->box.left > layout_chord(&l, 0)->heads[0].right);
        for (uint32_t k = 0; k < i; k++) {
            assert_true(fabs(a->y - layout_ink(&l, 0, 0, ROLE_DOT, k)->y) > 0.9);
        }
    }
    layout_free(&l);
}

static void test_dots__of_the_lower_voice_go_below(void **state) {
    (void)state;
    struct layout l =
        layout_of("{[ \\staff<1> \\stemsUp d2/4. ],[ \\staff<1> \\stemsDown g1/4. ]}", 0);
    assert_near(ink_of(&l, 0, ROLE_DOT)->y, 0.5, 1e-6);
    assert_near(ink_of(&l, 1, ROLE_DOT)->y, 3.5, 1e-6);
    layout_free(&l);
}

static void test_rests__stand_on_their_lines(void **state) {
    (void)state;
    struct layout l = layout_of("[ c/1 _/1 _/2 _/4 _/8 _/8 ]", 0);
    assert_near(ink_of(&l, 1, ROLE_REST)->box.top, 1, 0.01);    /* hangs from the second line */
    assert_near(ink_of(&l, 2, ROLE_REST)->box.bottom, 2, 0.01); /* sits on the middle one */
    assert_near(ink_of(&l, 3, ROLE_REST)->y, 2, 0.01);
    layout_free(&l);
}

static void test_rests__of_full_measures_are_centred(void **state) {
    (void)state;
    struct layout l = layout_of("{[ \\meter<\"4/4\"> c1/16 d e f g a b c2 c1/2 | c/1 | _/1 ],"
                                "[ \\staff<2> \\meter<\"4/4\"> c/1 | _/1 | c/1 ]}",
                                0);
    double left = l.score->systems[0].bars[0].right, right = l.score->systems[0].bars[1].left;
    bool is_found = false;
    for (uint32_t i = 0; i < l.score->n_chords; i++) {
        const struct music_chord *chord = layout_music_chord(&l, i);
        if (chord->is_measure_rest && chord->staff == 1) {
            const struct ink_box box = ink_of(&l, i, ROLE_REST)->box;
            assert_near((box.left + box.right) / 2, (left + right) / 2, 0.01);
            is_found = true;
        }
    }
    assert_true(is_found);
    layout_free(&l);
}

static void test_rests__of_two_voices_meet_no_note(void **state) {
    (void)state;
    struct layout l = layout_of("{[ \\staff<1> \\stemsUp _/4 _/8 _/16 _/32 _/32 _/2 ],"
                                "[ \\staff<1> \\stemsDown b1/4 c2/8 e2/16 g2/32 a2/32 {c1/2,c2} ]}",
                                0);
    for (uint32_t i = 0; i < l.score->n_chords; i++) {
        for (uint32_t k = 0; k < l.score->n_chords; k++) {
            const struct music_chord *rest = layout_music_chord(&l, i),
                                     *note = layout_music_chord(&l, k);
            if (rest->kind != MUSIC_REST || note->kind != MUSIC_CHORD ||
                rational_compare(rest->date, note->date) != 0) {
                continue;
            }
            const struct ink_box box = ink_of(&l, i, ROLE_REST)->box;
            assert_true(box.bottom < layout_chord(&l, k)->note_top);
            double middle = layout_chord(&l, i)->heads[0].top;
            assert_true(isfinite(middle));
        }
    }
    layout_free(&l);
}

static void test_tremolo__strokes_are_counted_and_on_the_stem(void **state) {
    (void)state;
    struct layout l = layout_of(
        "[ \\meter<\"4/4\"> \\trem<\"//\">(g1/4) \\trem<\"////\">(e2/4) \\trem<\"/\">(g1/2) ]", 0);
    assert_int_equal(layout_count(&l, 0, 0, ROLE_TREMOLO), 2 + 4 + 1);
    for (uint32_t i = 0; i < 3; i++) {
        const struct ink *stroke = ink_of(&l, i, ROLE_TREMOLO);
        const struct placed_chord *placed = layout_chord(&l, i);
        assert_near((stroke->box.left + stroke->box.right) / 2, placed->stem_x, 0.01);
        assert_true(stroke->box.top > fmin(placed->stem_tip, placed->note_bottom) - 0.01);
        assert_true(stroke->box.bottom < fmax(placed->stem_tip, placed->note_top) + 0.01);
        assert_true(stroke->box.bottom < placed->note_top || stroke->box.top > placed->note_bottom);
    }
    layout_free(&l);
}

static void test_tremolo__pairs_have_strokes_between_the_stems(void **state) {
    (void)state;
    struct layout l = layout_of("[ \\meter<\"4/4\"> \\trem<\"//\",pitch=\"e2\">(c2/1) ]", 0);
    assert_int_equal(l.score->n_chords, 2);
    assert_int_equal(layout_count(&l, 0, 0, ROLE_TREMOLO), 2);
    for (uint32_t i = 0; i < 2; i++) {
        const struct ink *stroke = layout_ink(&l, 0, 0, ROLE_TREMOLO, i);
        assert_true(stroke->box.left > layout_chord(&l, 0)->heads[0].right);
        assert_true(stroke->box.right < layout_chord(&l, 1)->heads[0].left);
    }
    layout_free(&l);
}

static void test_tremolo__strokes_of_far_notes_are_flat_and_meet_no_head(void **state) {
    (void)state;
    struct layout l = layout_of("[ \\meter<\"4/4\"> \\trem<\"///\",pitch=\"e2\">(c/2) "
                                "\\trem<\"///\",pitch=\"c0\">(g1/2) ]",
                                0);
    assert_int_equal(layout_count(&l, 0, 0, ROLE_TREMOLO), 6);
    for (uint32_t i = 0; i < 6; i++) {
        const struct ink *stroke = layout_ink(&l, 0, 0, ROLE_TREMOLO, i);
        assert_true(fabs(stroke->points[1].y - stroke->points[0].y) <= 1.0 + 1e-9);
        for (uint32_t k = 0; k < l.score->n_chords; k++) {
            const struct ink_box head = layout_chord(&l, k)->heads[0];
            double left = fmax(head.left, stroke->box.left);
            double right = fmin(head.right, stroke->box.right);
            double slope = (stroke->points[1].y - stroke->points[0].y) /
                           (stroke->points[1].x - stroke->points[0].x);
            double y1 = stroke->points[0].y + slope * (left - stroke->points[0].x);
            double y2 = stroke->points[0].y + slope * (right - stroke->points[0].x);
            assert_true(left > right || fmax(y1, y2) + 0.5 < head.top ||
                        fmin(y1, y2) > head.bottom);
        }
    }
    layout_free(&l);
}

static void test_heads__turned_to_the_other_side_still_join_the_stem(void **state) {
    (void)state;
    struct layout l = layout_of("[ \\meter<\"4/4\"> \\headsReverse c1/4 e2 ]", 0);
    for (uint32_t i = 0; i < 2; i++) {
        const struct ink *stem = ink_of(&l, i, ROLE_STEM);
        const struct ink_box head = layout_chord(&l, i)->heads[0];
        if (layout_chord(&l, i)->stem > 0) {
            assert_near(stem->box.left, head.left, 0.15);
            assert_true(stem->box.bottom > (head.top + head.bottom) / 2);
        } else {
            assert_near(stem->box.right, head.right, 0.15);
            assert_true(stem->box.top < (head.top + head.bottom) / 2);
        }
    }
    layout_free(&l);
}

static void test_heads__have_their_styles_and_brackets(void **state) {
    (void)state;
    struct layout l = layout_of(
        "[ \\noteFormat<\"x\">(c/4) \\noteFormat<\"(diamond)\">(c/2) \\noteFormat<\"[]\">(c/4)"
        " \\noteFormat<\"round\">(c) ]",
        0);
    assert_int_equal(ink_of(&l, 0, ROLE_HEAD)->glyph, GLYPH_HEAD_X_BLACK);
    assert_int_equal(ink_of(&l, 1, ROLE_HEAD)->glyph, GLYPH_HEAD_DIAMOND_HALF);
    assert_int_equal(ink_of(&l, 1, ROLE_BRACKET)->glyph, GLYPH_PAREN_LEFT);
    assert_int_equal(ink_of(&l, 2, ROLE_HEAD)->glyph, GLYPH_HEAD_BLACK);
    assert_int_equal(ink_of(&l, 2, ROLE_BRACKET)->shape, INK_LINE);
    assert_int_equal(ink_of(&l, 3, ROLE_HEAD)->shape, INK_CIRCLE);
    layout_free(&l);
}

static void test_tab__figures_stand_on_their_lines_with_room(void **state) {
    (void)state;
    struct layout l =
        layout_of("[ \\staffFormat<\"TAB\"> \\clef<\"TAB\"> s1:0:/4 s3:12:/4 s6:3:/2 ]", 0);
    double space = l.score->systems[0].staves[0].space;
    assert_int_equal(layout_count(&l, 0, 0, ROLE_TAB), 3);
    static const int LINES[] = {0, 2, 5};
    for (uint32_t i = 0; i < 3; i++) {
        const struct ink *figure = layout_ink(&l, 0, 0, ROLE_TAB, i);
        assert_near((figure->box.top + figure->box.bottom) / 2, LINES[i] * space, 0.15);
        for (uint32_t k = 0; k < layout_count(&l, 0, 0, ROLE_STAFF_LINE); k++) {
            const struct ink *line = layout_ink(&l, 0, 0, ROLE_STAFF_LINE, k);
            bool is_crossed = fabs(line->y - LINES[i] * space) < 0.1 &&
                              line->x < figure->box.right && line->x2 > figure->box.left;
            assert_false(is_crossed);
        }
    }
    layout_free(&l);
}

static void test_arpeggio__stands_before_accidentals_as_high_as_the_chord(void **state) {
    (void)state;
    struct layout l = layout_of("[ \\meter<\"4/4\"> c/4 \\arpeggio({c1/4,f#,a,c2}) ]", 0);
    const struct placed_chord *placed = layout_chord(&l, 1);
    double top = 99, bottom = -99;
    for (uint32_t i = 0; i < layout_count(&l, 0, 0, ROLE_ARPEGGIO); i++) {
        const struct ink *wave = layout_ink(&l, 0, 0, ROLE_ARPEGGIO, i);
        assert_true(wave->box.right < layout_ink(&l, 0, 0, ROLE_ACCIDENTAL, 0)->box.left);
        assert_true(wave->box.left > layout_chord(&l, 0)->right);
        top = fmin(top, wave->box.top);
        bottom = fmax(bottom, wave->box.bottom);
    }
    assert_near(top, placed->note_top, 1.01);
    assert_near(bottom, placed->note_bottom, 0.2);
    layout_free(&l);
}

static void test_cluster__is_a_block_from_lowest_to_highest(void **state) {
    (void)state;
    struct layout l = layout_of("[ \\cluster({c1/4,a}) ]", 0);
    const struct ink *block = layout_ink(&l, 0, 0, ROLE_CLUSTER, 0);
    assert_int_equal(layout_count(&l, 0, 0, ROLE_HEAD), 0);
    assert_near(block->box.top, 2.5 - 0.5, 0.1);
    assert_near(block->box.bottom, 5 + 0.5, 0.1);
    layout_free(&l);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stems__join_the_head_without_a_gap),
        cmocka_unit_test(test_stems__are_three_and_a_half_spaces_long),
        cmocka_unit_test(test_stems__reach_the_middle_line),
        cmocka_unit_test(test_stems__that_point_out_of_the_staff_are_shorter),
        cmocka_unit_test(test_stems__grow_with_flags),
        cmocka_unit_test(test_stems__take_the_length_that_is_given),
        cmocka_unit_test(test_grace__is_small_stem_up_slashed_before_its_note),
        cmocka_unit_test(test_dots__are_in_spaces_half_a_space_off),
        cmocka_unit_test(test_dots__of_a_chord_share_a_column_and_do_not_meet),
        cmocka_unit_test(test_dots__of_the_lower_voice_go_below),
        cmocka_unit_test(test_rests__stand_on_their_lines),
        cmocka_unit_test(test_rests__of_full_measures_are_centred),
        cmocka_unit_test(test_rests__of_two_voices_meet_no_note),
        cmocka_unit_test(test_tremolo__strokes_are_counted_and_on_the_stem),
        cmocka_unit_test(test_tremolo__pairs_have_strokes_between_the_stems),
        cmocka_unit_test(test_tremolo__strokes_of_far_notes_are_flat_and_meet_no_head),
        cmocka_unit_test(test_heads__turned_to_the_other_side_still_join_the_stem),
        cmocka_unit_test(test_heads__have_their_styles_and_brackets),
        cmocka_unit_test(test_tab__figures_stand_on_their_lines_with_room),
        cmocka_unit_test(test_arpeggio__stands_before_accidentals_as_high_as_the_chord),
        cmocka_unit_test(test_cluster__is_a_block_from_lowest_to_highest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
