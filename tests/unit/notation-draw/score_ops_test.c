/* Operations of score expressions on models (score-language reference 1.5). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "renderer/notation/read/gmn.h"
#include "renderer/notation/score_ops.h"

static struct notation *read_text(const char *text) {
    struct notation *notation = NULL;
    struct notation_message error;
    if (gmn_read(text, strlen(text), &notation, &error) != 0) {
        fail_msg("%s: %d:%d %s", text, error.line, error.column, error.text);
    }
    return notation;
}

/* The result equals the wanted score as a model. */
static void expect(const char *word, const char *a, const char *b, const char *wanted) {
    enum score_op op = score_op_find(word, strlen(word));
    struct notation *first = read_text(a), *second = read_text(b);
    char *text = NULL;
    assert_int_not_equal(op, SCORE_OP_COUNT);
    assert_int_equal(score_op_apply(op, first, second, &text), 0);
    struct notation *got = read_text(text), *want = read_text(wanted);
    if (!notation_equal(got, want)) {
        fail_msg("%s of %s and %s: %s, wanted %s", word, a, b, text, wanted);
    }
    free(text);
    notation_destroy(first);
    notation_destroy(second);
    notation_destroy(got);
    notation_destroy(want);
}

static void test_score_ops__seq_puts_voices_behind_each_other(void **state) {
    (void)state;
    expect("seq", "[c/4 d]", "[e/2]", "[c/4 d e/2]");
    expect("seq", "{[c/4 d],[g0/4]}", "{[e/4],[f/4]}", "{[c/4 d e],[g0/4 empty f1]}");
    expect("seq", "[c/4]", "{[e/4],[f/4]}", "{[c/4 e],[empty/4 f]}");
}

static void test_score_ops__par_and_rpar_put_them_together(void **state) {
    (void)state;
    expect("par", "[c/4 d]", "[e/4]", "{[c/4 d],[e/4]}");
    expect("rpar", "[c/4 d]", "[e/4]", "{[c/4 d],[empty/4 e]}");
    expect("rpar", "[e/4]", "[c/4 d]", "{[empty/4 e],[c/4 d]}");
}

static void test_score_ops__head_and_tail_cut_by_time(void **state) {
    (void)state;
    expect("head", "[c/4 d e f]", "[c/2]", "[c/4 d]");
    expect("head", "[c/4 d/2]", "[c/2]", "[c/4 d/4]");
    expect("tail", "[c/4 d e f]", "[c/2]", "[e/4 f]");
    expect("tail", "[c/4 d/2]", "[c/2]", "[d/4]");
    expect("head", "[c/4 d]", "[c/1]", "[c/4 d]");
}

static void test_score_ops__cuts_keep_signatures_and_open_ranges(void **state) {
    (void)state;
    expect("tail", "[\\clef<\"f\"> \\key<1> \\meter<\"2/4\"> c/4 d | \\slur(e f g) a]", "[c/2.]",
           "[\\clef<\"f\"> \\key<1> \\meter<\"2/4\"> \\slur(f/4 g) a]");
    expect("head", "[\\meter<\"2/4\"> c/4 \\slur(d e f)]", "[c/2]",
           "[\\meter<\"2/4\"> c/4 \\slur(d)]");
    expect("evtail", "[\\clef<\"f\"> c \\clef<\"g\"> d e]", "[c d]", "[\\clef<\"g\"> e]");
}

static void test_score_ops__evhead_and_evtail_cut_by_events(void **state) {
    (void)state;
    expect("evhead", "[c/4 d/8 e]", "[c/1 d]", "[c/4 d/8]");
    expect("evtail", "[c/4 d/8 e]", "[c/1 d]", "[e/8]");
}

static void test_score_ops__top_and_bottom_choose_voices(void **state) {
    (void)state;
    expect("top", "{[c],[d],[e]}", "{[a],[b]}", "{[c],[d]}");
    expect("bottom", "{[c],[d],[e]}", "[a]", "[e]");
    expect("top", "[c]", "{[a],[b]}", "[c]");
}

static void test_score_ops__transpose_by_the_first_notes(void **state) {
    (void)state;
    expect("transpose", "[c1/4 e f]", "[d1]", "[d1/4 f# g]");
    expect("transpose", "[c1/4 e]", "[e&1]", "[e&1/4 g]");
    expect("transpose", "[\\key<0> b1/4]", "[a1]", "[\\key<-2> a1/4]");
    expect("transpose", "[c1/4]", "[b0]", "[b0/4]");
    expect("transpose", "[_/4 _]", "[d]", "[_/4 _]");
}

static void test_score_ops__duration_pitch_and_rhythm(void **state) {
    (void)state;
    expect("duration", "[c/4 d/8.]", "[c/1 d/2 e/4]", "[c/1 d*3/4]");
    expect("pitch", "[c/4 d/8 e _ f]", "[g1 {a,c2}]", "[g1/4 {a/8,c2} g1 _ {a,c2}]");
    expect("rhythm", "[c/4 d e]", "[c/8 d/2]", "[c/8 d/2 e/8]");
}

static void test_score_op_find__knows_the_words(void **state) {
    (void)state;
    assert_int_equal(score_op_find("sequence", 8), SCORE_OP_COUNT);
    assert_int_equal(score_op_find("seq", 3), SCORE_SEQ);
    assert_string_equal(score_op_name(SCORE_EVTAIL), "evtail");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_score_ops__seq_puts_voices_behind_each_other),
        cmocka_unit_test(test_score_ops__par_and_rpar_put_them_together),
        cmocka_unit_test(test_score_ops__head_and_tail_cut_by_time),
        cmocka_unit_test(test_score_ops__cuts_keep_signatures_and_open_ranges),
        cmocka_unit_test(test_score_ops__evhead_and_evtail_cut_by_events),
        cmocka_unit_test(test_score_ops__top_and_bottom_choose_voices),
        cmocka_unit_test(test_score_ops__transpose_by_the_first_notes),
        cmocka_unit_test(test_score_ops__duration_pitch_and_rhythm),
        cmocka_unit_test(test_score_op_find__knows_the_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
