/* Random texts of streams: the same seed gives the same text. */
#ifndef LEGGIO_TESTS_STREAM_TEXTS_H
#define LEGGIO_TESTS_STREAM_TEXTS_H

#include <stddef.h>
#include <stdint.h>

enum stream_kind {
    STREAM_METERED,    /* one voice with meters that change */
    STREAM_FREE,       /* without meter */
    STREAM_BARS,       /* bars as written, without meter */
    STREAM_VOICES,     /* two voices, on one or two staves */
    STREAM_WHOLE_TAGS, /* now and then a tag that speaks of the whole piece */
};
struct stream_style {
    enum stream_kind kind;
    int n_symbols;
};

/* Returns the length. Not closed: a stream never ends. */
size_t stream_text(uint32_t seed, struct stream_style style, char *text, size_t size_bytes);

#endif
