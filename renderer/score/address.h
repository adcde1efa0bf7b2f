/* OSC addresses and their patterns, score-language reference 1.1 and 4.4.
 * `*` any run, `?` one char, `[abc] [a-z] [^x]` class, `{one,two}` alternatives. */
#ifndef LEGGIO_SCORE_ADDRESS_H
#define LEGGIO_SCORE_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

/* Does a name match one pattern segment? Linear in pattern x name at worst. */
bool address_segment_matches(const char *pattern, size_t pattern_len, const char *name);

/* Has the segment a character of a pattern? */
bool address_segment_is_pattern(const char *segment, size_t len);

/* Cut the next segment: skips '/', returns its length (0 at the end) and sets *segment. */
size_t address_next_segment(const char **rest, const char **segment);

#endif
