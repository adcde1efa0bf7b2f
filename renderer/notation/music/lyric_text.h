/* Syllables of a \lyrics text, one after the other. */
#ifndef LEGGIO_NOTATION_LYRIC_TEXT_H
#define LEGGIO_NOTATION_LYRIC_TEXT_H

#include <stdbool.h>
#include <stddef.h>

struct lyric {
    const char *text; /* not ended; `~` still stands for a blank */
    size_t len;
    bool has_hyphen, has_extender;
};
/* The next syllable and where to go on; NULL when there is none. */
const char *lyric_next(const char *text, struct lyric *out);

#endif
