/* Writes random pieces of music. */
#ifndef LEGGIO_TESTS_NOTATION_VERTICAL_RANDOM_TEXT_H
#define LEGGIO_TESTS_NOTATION_VERTICAL_RANDOM_TEXT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

struct writer {
    char text[32768];
    size_t len;
    unsigned random; /* the seed, then the state */
};

static inline unsigned pick(struct writer *w, unsigned below) {
    w->random = w->random * 1103515245u + 12345u;
    return (w->random >> 12) % below;
}

static inline void put(struct writer *w, const char *text) {
    size_t len = strlen(text);
    assert_true(w->len + len < sizeof w->text);
    memcpy(w->text + w->len, text, len + 1);
    w->len += len;
}

#endif
