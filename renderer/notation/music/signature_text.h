/* Texts of clefs, keys, meters and staff ranges (gmn.md 9). Pure; every function takes any text. */
#ifndef LEGGIO_NOTATION_SIGNATURE_TEXT_H
#define LEGGIO_NOTATION_SIGNATURE_TEXT_H

#include "renderer/notation/music/music.h"

/* Unknown names: no clef drawn, read as g2. */
struct music_clef signature_parse_clef(const char *text);
/* Tonic ("e&", "F#") to fifths; false when it is none. */
bool signature_parse_tonic(const char *text, int *fifths);
/* Signs of `fifths` (-7 to 7) at their customary heights under a clef. */
void signature_set_fifths(struct music_key *key, int fifths, const struct music_clef *clef);
/* A free key, "f#c[0.5]", with or without "free=" before it. */
void signature_set_free(struct music_key *key, const char *text, const struct music_clef *clef);
/* What a \key says, at the heights of a clef; no naturals. NULL: no signs. */
struct music_key signature_read_key(const struct notation_tag *tag, const struct music_clef *clef);
/* The key as an instrument reads it. More than seven signs become the enharmonic key; `written` is
 * the interval that leads there, for its notes. */
void signature_transpose_key(struct music_key *key, struct notation_interval up,
                             const struct music_clef *clef);
/* Anything else than section 9 names: look NONE, length 0. */
struct music_meter signature_parse_meter(const char *text);
/* "1-3" or "2"; *rest (may be NULL) is set behind it. */
bool signature_parse_range(const char *text, uint32_t *first, uint32_t *last, const char **rest);

/* Quarter tones of an accidental and back (rounded, -4 to 4). */
int accidental_quarters(enum music_accidental accidental);
enum music_accidental accidental_of_quarters(int quarters);

#endif
