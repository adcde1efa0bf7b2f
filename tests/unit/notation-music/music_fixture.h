/* Arranged music of a GMN text, with short questions about it. */
#ifndef LEGGIO_TESTS_MUSIC_FIXTURE_H
#define LEGGIO_TESTS_MUSIC_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "renderer/notation/music/music.h"

/* Read and arranged; fails the test when either is refused. */
struct music *music_of(const char *gmn);
void music_done(struct music *music);

/* The chords of a voice in their order, graces included, as one text:
 *   "4 8. r2 g8 s1 2~" : value, dots, r rest, g grace, s spacer, ~ tied on (first head) */
const char *music_values(const struct music *music, uint32_t voice);
/* Accidentals of a voice, one letter a head: "-" none, "#" "b" "n" "x" (double sharp) "d" (double
 * flat) "+" "*" (quarter, three quarter sharp) "w" "q" (quarter, three quarter flat); in () when
 * bracketed. */
const char *music_accidentals(const struct music *music, uint32_t voice);
/* Beams of a voice: members of one beam get one letter, "." is without: "aabb.". */
const char *music_beams(const struct music *music, uint32_t voice);
/* Stems of a voice: "u", "d", "-". */
const char *music_stems(const struct music *music, uint32_t voice);
/* Bars of a staff: "| 1/1", "|| 2/1", ":| 3/1" ... joined by blanks. */
const char *music_bars(const struct music *music, uint32_t staff);
/* Begins of the measures, and the end: "0 1/1 2/1". */
const char *music_measures(const struct music *music);
/* The nth chord of a voice. */
struct music_chord *music_chord_of(const struct music *music, uint32_t voice, size_t n);
/* The nth span of a kind, the nth mark of a kind; NULL. */
const struct music_span *music_span_of(const struct music *music, enum music_span_kind kind,
                                       size_t n);
const struct music_mark *music_mark_of(const struct music *music, enum music_mark_kind kind,
                                       size_t n);

#define assert_date(date, n, d)                                                                    \
    assert_int_equal(rational_compare((date), (struct rational){(n), (d)}), 0)

#endif
