/* Hand-made placed music for tests of the vertical layout: chords at given x on five-line
 * staves, without the passes and the horizontal half. */
#ifndef LEGGIO_TESTS_VERTICAL_FIXTURE_H
#define LEGGIO_TESTS_VERTICAL_FIXTURE_H

#include "renderer/notation/engraving.h"
#include "renderer/notation/layout/placed.h"

#define FIXTURE_CHORDS 400
#define FIXTURE_ITEMS  100
#define FIXTURE_WIDTH  60.0

struct fixture {
    struct arena *arena;
    struct notation notation;
    struct music music;
    struct placed_score placed;
    struct music_chord chords[FIXTURE_CHORDS];
    struct placed_chord places[FIXTURE_CHORDS];
    uint32_t chord_place[FIXTURE_CHORDS];
    struct music_span spans[FIXTURE_ITEMS];
    struct music_mark marks[FIXTURE_ITEMS];
    struct notation_tag tags[FIXTURE_ITEMS];
    uint32_t n_tags;
    struct engraving engraving;
};

/* Systems of one whole note each by date: system i lasts [i, i + 1[. */
struct fixture *fixture_create(uint32_t n_systems, uint32_t n_staves);
void fixture_destroy(struct fixture *fixture);
/* A note: position in half spaces over the middle line, stem +1 up, -1 down, 0 none; the date is
 * system + eighth / 8. Chords of a staff form its voice in order. Returns its index. */
uint32_t fixture_note(struct fixture *fixture, uint32_t system, uint32_t staff, double x,
                      int eighth, int position, int stem);
struct music_sign *fixture_sign(struct fixture *fixture, uint32_t chord,
                                enum notation_tag_kind kind);
struct music_span *fixture_span(struct fixture *fixture, enum music_span_kind kind, uint32_t first,
                                uint32_t last);
struct music_mark *fixture_mark(struct fixture *fixture, enum music_mark_kind kind, uint32_t chord,
                                const char *text);
void fixture_syllable(struct fixture *fixture, uint32_t chord, int verse, const char *text,
                      bool has_hyphen, bool has_extender);
/* A tag with one string parameter (or none: name NULL). */
struct notation_tag *fixture_tag(struct fixture *fixture, enum notation_tag_kind kind,
                                 const char *name, const char *text);
void fixture_tie(struct fixture *fixture, uint32_t from, uint32_t to);
/* vertical_layout; asserts that it succeeds. */
const struct engraving *fixture_run(struct fixture *fixture);

/* The i-th ink of a role on a page; NULL when there are fewer. */
const struct ink *page_ink(const struct engraved_page *page, enum ink_role role, size_t i);
size_t page_count(const struct engraved_page *page, enum ink_role role);
/* The first text of these words. */
const struct ink *page_text(const struct engraved_page *page, const char *text);
/* y of a system's staff line 0 .. 4 on its page. */
double staff_line_y(const struct engraving *engraving, uint32_t system, uint32_t staff, int line);

#endif
