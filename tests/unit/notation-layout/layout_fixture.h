/* A score laid out horizontally, and its ink by role: what the tests of gmn.md 16 measure. */
#ifndef LEGGIO_TESTS_LAYOUT_FIXTURE_H
#define LEGGIO_TESTS_LAYOUT_FIXTURE_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "renderer/notation/engraving.h"
#include "renderer/notation/font.h"
#include "renderer/notation/layout/placed.h"

struct layout {
    struct notation *notation;
    struct music *music;
    struct placed_score *score;
};

/* Fails the test when the text is refused. width_sp: of the page, 0 as the score says. */
struct layout layout_of(const char *gmn, double width_sp);
void layout_free(struct layout *layout);

/* Ink number n with this role on a staff of a system; NULL when there are fewer. */
const struct ink *layout_ink(const struct layout *layout, uint32_t system, uint32_t staff,
                             enum ink_role role, uint32_t n);
uint32_t layout_count(const struct layout *layout, uint32_t system, uint32_t staff,
                      enum ink_role role);
/* Chord number n of the layout (by date). */
const struct placed_chord *layout_chord(const struct layout *layout, uint32_t n);
const struct music_chord *layout_music_chord(const struct layout *layout, uint32_t n);

void assert_near_at(double value, double expected, double tolerance, const char *file, int line);
void assert_between_at(double value, double low, double high, const char *file, int line);
#define assert_near(value, expected, tolerance)                                                    \
    assert_near_at((value), (expected), (tolerance), __FILE__, __LINE__)
#define assert_between(value, low, high)                                                           \
    assert_between_at((value), (low), (high), __FILE__, __LINE__)

#endif
