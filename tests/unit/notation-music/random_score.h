/* Random scores for property tests: the same seed gives the same text. */
#ifndef LEGGIO_TESTS_RANDOM_SCORE_H
#define LEGGIO_TESTS_RANDOM_SCORE_H

#include <stddef.h>
#include <stdint.h>

/* Fills `text` with a valid GMN score: one to four voices on up to three staves, meters, odd
 * durations, chords, rests, ties, beams, slurs, graces, bars, repeats. */
void random_score(uint32_t seed, char *text, size_t size_bytes);

#endif
