/* Piano rolls: notes and bars of models and MIDI files (gmn.md 3, score-language 9.1). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/err.h"
#include "renderer/notation/pianoroll.h"
#include "renderer/notation/read/gmn.h"

static void roll_of(const char *text, struct pianoroll *roll) {
    struct notation *notation = NULL;
    struct notation_message error;
    assert_int_equal(gmn_read(text, strlen(text), &notation, &error), 0);
    assert_int_equal(pianoroll_from_notation(notation, roll), 0);
    notation_destroy(notation);
}

static void assert_note(const struct pianoroll *roll, size_t i, uint32_t voice, double pitch,
                        struct rational begin, struct rational end) {
    assert_true(i < roll->n_notes);
    assert_int_equal(roll->notes[i].voice, voice);
    assert_true(roll->notes[i].pitch == pitch);
    assert_int_equal(rational_compare(roll->notes[i].begin, begin), 0);
    assert_int_equal(rational_compare(roll->notes[i].end, end), 0);
}

#define R(n, d) ((struct rational){n, d})

static void test_pianoroll__pitches_and_times_of_a_score(void **state) {
    struct pianoroll roll;
    (void)state;
    roll_of("{[ c1/4 _/4 {a1/2,c#2} \\grace(b) empty/4 ], [ h0/1 ]}", &roll);
    assert_int_equal(roll.n_notes, 4);
    assert_int_equal(roll.n_voices, 2);
    assert_note(&roll, 0, 0, 60, R(0, 1), R(1, 4)); /* c1 is 60, a1 69 (gmn.md 3) */
    assert_note(&roll, 1, 0, 69, R(1, 2), R(1, 1));
    assert_note(&roll, 2, 0, 73, R(1, 2), R(1, 1));
    assert_note(&roll, 3, 1, 59, R(0, 1), R(1, 1));
    assert_int_equal(rational_compare(roll.duration, R(5, 4)), 0);
    pianoroll_finish(&roll);
}

static void test_pianoroll__bars_follow_meter_and_bar_lines(void **state) {
    struct pianoroll roll;
    (void)state;
    roll_of("[ \\meter<\"3/4\"> c/4 d e f g a | b \\meter<\"2+3/8\"> c/8 d e f g a ]", &roll);
    assert_int_equal(roll.n_bars, 3);
    assert_int_equal(rational_compare(roll.bars[0], R(3, 4)), 0);
    assert_int_equal(rational_compare(roll.bars[1], R(3, 2)), 0);
    assert_int_equal(rational_compare(roll.bars[2], R(19, 8)), 0);
    pianoroll_finish(&roll);
    roll_of("[ c d e f g a b c2 ]", &roll);
    assert_int_equal(roll.n_bars, 0);
    pianoroll_finish(&roll);
    roll_of("[ \\meter<\"4/4\",autoBarlines=\"off\"> c/1 d e ]", &roll);
    assert_int_equal(roll.n_bars, 0);
    pianoroll_finish(&roll);
}

/* -- MIDI -------------------------------------------------------------------------- */

/* Two tracks at 96 ticks a quarter: a meter of 3/4 and a chord with running status; a
 * second voice. */
static const uint8_t MIDI[] = {
    'M',  'T',  'h',  'd', 0,   0,    0,   6,   0,   1,    0,    2,    0,
    96,   'M',  'T',  'r', 'k', 0,    0,   0,   34,  0,    0xff, 0x58, 4,
    3,    2,    24,   8,   0,   0x90, 60,  80,  0,   64,   80, /* c and e together, running status
                                                                */
    96,   60,   0,                                             /* note on with velocity 0 ends */
    0x81, 0x40, 0x80, 64,  0,                                  /* 192 ticks later */
    0,    0xf0, 3,    1,   2,   0xf7,                          /* a system message is skipped */
    0,    0xff, 0x2f, 0,   0,   'M',  'T', 'r', 'k', 0,    0,    0,    13,
    48,   0x95, 72,   1,   48,  0x85, 72,  0,   0,   0xff, 0x2f, 0,    0,
};

static void test_pianoroll_midi__tracks_are_voices(void **state) {
    struct pianoroll roll;
    struct notation_message error;
    (void)state;
    assert_int_equal(pianoroll_from_midi(MIDI, sizeof MIDI, &roll, &error), 0);
    assert_int_equal(roll.n_notes, 3);
    assert_note(&roll, 0, 0, 60, R(0, 1), R(1, 4));
    assert_note(&roll, 1, 0, 64, R(0, 1), R(3, 4));
    assert_note(&roll, 2, 1, 72, R(1, 8), R(1, 4));
    assert_int_equal(roll.n_voices, 2);
    assert_int_equal(rational_compare(roll.duration, R(3, 4)), 0);
    pianoroll_finish(&roll);
}

static void test_pianoroll_midi__every_cut_is_refused_or_read(void **state) {
    struct pianoroll roll;
    struct notation_message error;
    (void)state;
    for (size_t len = 0; len < sizeof MIDI; len++) {
        uint8_t *copy = malloc(len + 1); /* so that a read too far is seen */
        memcpy(copy, MIDI, len);
        int code = pianoroll_from_midi(copy, len, &roll, &error);
        assert_true(code == LG_OK || code == LG_EBADREQUEST);
        if (code == LG_OK) {
            pianoroll_finish(&roll);
        } else {
            assert_true(error.text[0] != '\0');
        }
        free(copy);
    }
}

static void test_pianoroll_midi__changed_bytes_do_no_harm(void **state) {
    struct pianoroll roll;
    struct notation_message error;
    uint32_t dice = 1;
    (void)state;
    for (int turn = 0; turn < 20000; turn++) {
        uint8_t copy[sizeof MIDI];
        memcpy(copy, MIDI, sizeof MIDI);
        for (int i = 0; i < 4; i++) {
            dice = dice * 1664525 + 1013904223;
            copy[(dice >> 8) % sizeof MIDI] = (uint8_t)(dice >> 24);
        }
        if (pianoroll_from_midi(copy, sizeof copy, &roll, &error) == LG_OK) {
            for (size_t i = 0; i < roll.n_notes; i++) {
                assert_true(rational_compare(roll.notes[i].begin, roll.notes[i].end) < 0);
                assert_true(roll.notes[i].pitch >= 0 && roll.notes[i].pitch < 128);
            }
            assert_true(roll.n_bars <= PIANOROLL_BARS_MAX);
            pianoroll_finish(&roll);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pianoroll__pitches_and_times_of_a_score),
        cmocka_unit_test(test_pianoroll__bars_follow_meter_and_bar_lines),
        cmocka_unit_test(test_pianoroll_midi__tracks_are_voices),
        cmocka_unit_test(test_pianoroll_midi__every_cut_is_refused_or_read),
        cmocka_unit_test(test_pianoroll_midi__changed_bytes_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
