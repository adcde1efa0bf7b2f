/* Seconds, accidentals in columns, voices that meet: gmn.md 16.27 to 16.29, 16.33. */
#include <stdio.h>

#include "layout_fixture.h"

static const struct ink *accidental_of(const struct layout *l, uint32_t head) {
    for (uint32_t i = 0; i < layout_count(l, 0, 0, ROLE_ACCIDENTAL); i++) {
        const struct ink *ink = layout_ink(l, 0, 0, ROLE_ACCIDENTAL, i);
        if (ink->head == head) {
            return ink;
        }
    }
    return NULL;
}

static void test_chords__seconds_stand_on_both_sides_of_the_stem(void **state) {
    (void)state;
    struct layout l = layout_of("[ {c1/4,d} {c2/4,d2} {c1/1,d} ]", 0);
    const struct placed_chord *up = layout_chord(&l, 0), *down = layout_chord(&l, 1),
                              *whole = layout_chord(&l, 2);
    assert_int_equal(up->stem, 1);
    assert_true(up->heads[0].left < up->stem_x &&
                up->heads[1].left > up->stem_x - 0.2); /* lower left */
    assert_int_equal(down->stem, -1);
    assert_true(down->heads[0].right < down->stem_x + 0.2 &&
                down->heads[1].left > down->stem_x - 0.2);
    assert_true(whole->heads[1].left >= whole->heads[0].right - 0.01);
    layout_free(&l);
}

static void test_chords__clusters_alternate(void **state) {
    (void)state;
    struct layout l = layout_of("[ {c1/4,d,e,f} ]", 0);
    const struct ink_box *heads = layout_chord(&l, 0)->heads;
    assert_near(heads[0].left, heads[2].left, 1e-9);
    assert_near(heads[1].left, heads[3].left, 1e-9);
    assert_true(heads[1].left > heads[0].left + 1);
    layout_free(&l);
}

static void test_accidentals__a_sixth_shares_a_column_a_fifth_does_not(void **state) {
    (void)state;
    struct layout sixth = layout_of("[ {c#1/4,a#} ]", 0), fifth = layout_of("[ {c#1/4,g#} ]", 0);
    assert_near(accidental_of(&sixth, 0)->x, accidental_of(&sixth, 1)->x, 1e-6);
    assert_true(accidental_of(&fifth, 0)->box.right < accidental_of(&fifth, 1)->box.left - 0.15);
    layout_free(&sixth);
    layout_free(&fifth);
}

static void test_accidentals__go_top_then_bottom_then_inwards(void **state) {
    (void)state;
    struct layout l =
        layout_of("[ {e&1/4,g&,b&} ]", 0); /* stacked thirds: all in one another's way */
    double top = accidental_of(&l, 2)->x, bottom = accidental_of(&l, 0)->x,
           inner = accidental_of(&l, 1)->x;
    assert_true(top > inner);
    assert_true(bottom > inner);
    layout_free(&l);
}

static void test_accidentals__octaves_share_a_column(void **state) {
    (void)state;
    struct layout l = layout_of("[ {c#1/4,g#,c#2} ]", 0);
    assert_near(accidental_of(&l, 0)->x, accidental_of(&l, 2)->x, 1e-6);
    layout_free(&l);
}

static void test_accidentals__never_overlap(void **state) {
    (void)state;
    struct layout l = layout_of("[ {c#1/4,d#,e&,f#,g&,a#,b&,c2,d&2,e&2} {c&&1/4,e##,g#,b&} ]", 0);
    uint32_t n = layout_count(&l, 0, 0, ROLE_ACCIDENTAL);
    assert_true(n >= 12);
    for (uint32_t i = 0; i < n; i++) {
        const struct ink *a = layout_ink(&l, 0, 0, ROLE_ACCIDENTAL, i);
        for (uint32_t k = 0; k < i; k++) {
            const struct ink *b = layout_ink(&l, 0, 0, ROLE_ACCIDENTAL, k);
            double across = fmin(a->box.right, b->box.right) - fmax(a->box.left, b->box.left);
            double along = fmin(a->box.bottom, b->box.bottom) - fmax(a->box.top, b->box.top);
            assert_true(across <= 0.01 || along <= 0.6); /* shapes of a sixth interlock */
        }
        for (uint32_t k = 0; k < layout_count(&l, 0, 0, ROLE_HEAD); k++) {
            const struct ink *head = layout_ink(&l, 0, 0, ROLE_HEAD, k);
            assert_true(head->chord != a->chord || a->box.right < head->box.left ||
                        a->box.top > head->box.bottom || a->box.bottom < head->box.top);
        }
    }
    layout_free(&l);
}

static void test_accidentals__cautionary_ones_have_parentheses(void **state) {
    (void)state;
    struct layout l = layout_of("[ \\acc<\"cautionary\">(c1/4) ]", 0);
    assert_int_equal(layout_count(&l, 0, 0, ROLE_ACCIDENTAL), 3);
    double right = -99;
    for (uint32_t i = 0; i < 3; i++) {
        right = fmax(right, layout_ink(&l, 0, 0, ROLE_ACCIDENTAL, i)->box.right);
    }
    assert_between(layout_chord(&l, 0)->heads[0].left - right, 0.1, 0.3);
    layout_free(&l);
}

static struct layout two_voices(const char *upper, const char *lower) {
    char gmn[300];
    snprintf(gmn, sizeof gmn, "{[ \\staff<1> \\stemsUp %s ],[ \\staff<1> \\stemsDown %s ]}", upper,
             lower);
    return layout_of(gmn, 0);
}

static void test_voices__equal_unisons_share_a_head(void **state) {
    (void)state;
    struct layout l = two_voices("c2/4", "c2/8");
    assert_near(layout_chord(&l, 0)->x, layout_chord(&l, 1)->x, 1e-9);
    layout_free(&l);
}

static void test_voices__different_unisons_stand_side_by_side(void **state) {
    (void)state;
    static const char *const PAIRS[][2] = {
        {"c2/4", "c2/2"}, {"c2/2", "c2/4"}, {"c2/4.", "c2/4"}, {"c2/1", "c2/1"}};
    for (size_t i = 0; i < 4; i++) {
        struct layout l = two_voices(PAIRS[i][0], PAIRS[i][1]);
        const struct ink_box a = layout_chord(&l, 0)->heads[0], b = layout_chord(&l, 1)->heads[0];
        assert_true(b.left > a.right || a.left > b.right);
        layout_free(&l);
    }
}

static void test_voices__a_second_moves_the_lower_voice_by_a_head(void **state) {
    (void)state;
    struct layout l = two_voices("d2/4", "c2/4");
    assert_near(layout_chord(&l, 1)->x - layout_chord(&l, 0)->x, 1.304, 0.05);
    layout_free(&l);
    l = two_voices("e2/4", "c2/4");
    assert_near(layout_chord(&l, 1)->x, layout_chord(&l, 0)->x, 1e-9); /* a third does not */
    layout_free(&l);
}

static void test_voices__crossing_ones_keep_their_stems_off_heads(void **state) {
    (void)state;
    struct layout l = two_voices("g1/4", "e2/4");
    for (uint32_t i = 0; i < 2; i++) {
        const struct placed_chord *a = layout_chord(&l, i), *b = layout_chord(&l, 1 - i);
        assert_true(a->stem_x + 0.065 < b->heads[0].left || a->stem_x - 0.065 > b->heads[0].right);
    }
    layout_free(&l);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_chords__seconds_stand_on_both_sides_of_the_stem),
        cmocka_unit_test(test_chords__clusters_alternate),
        cmocka_unit_test(test_accidentals__a_sixth_shares_a_column_a_fifth_does_not),
        cmocka_unit_test(test_accidentals__go_top_then_bottom_then_inwards),
        cmocka_unit_test(test_accidentals__octaves_share_a_column),
        cmocka_unit_test(test_accidentals__never_overlap),
        cmocka_unit_test(test_accidentals__cautionary_ones_have_parentheses),
        cmocka_unit_test(test_voices__equal_unisons_share_a_head),
        cmocka_unit_test(test_voices__different_unisons_stand_side_by_side),
        cmocka_unit_test(test_voices__a_second_moves_the_lower_voice_by_a_head),
        cmocka_unit_test(test_voices__crossing_ones_keep_their_stems_off_heads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
