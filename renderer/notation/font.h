/* The music font: Emmentaler of Debian's lilypond-fonts, found at run time; glyphs
 * by name, boxes and attach points from the font's own tables (gmn.md 15). One per
 * process, loaded once; afterwards read-only, any thread. 1 sp = 250 font units. */
#ifndef LEGGIO_NOTATION_FONT_H
#define LEGGIO_NOTATION_FONT_H

#include <cairo.h>

#include "renderer/notation/ink.h"

enum music_glyph {
#define GLYPH(enumerator, name, smufl) GLYPH_##enumerator,
#include "renderer/notation/glyphs.def"
#undef GLYPH
    GLYPH_COUNT
};

/* Find and load the font: the folder in the environment LEGGIO_MUSIC_FONTS, else
 * /usr/share/lilypond/<version>/fonts/otf. Idempotent, thread-safe.
 *
 * error    filled on failure: which file, where it was looked for, which package has it
 * returns  0, LG_ENOTFOUND, LG_EBADREQUEST (a font without the tables)
 */
int music_font_load(char *error, size_t size_bytes);
const char *music_font_path(void);

/* Ink box in sp, y downwards, origin at 0, 0. */
struct ink_box music_glyph_box(enum music_glyph glyph);
double music_glyph_advance(enum music_glyph glyph); /* sp */
/* Where a stem joins: x its outer edge, y downwards, sp. is_up: right-hand point. */
struct ink_point music_glyph_attach(enum music_glyph glyph, bool is_up);
/* For drawing: font face and index (shared with every thread: glyphs are shown, never changed). */
cairo_font_face_t *music_font_face(void);
unsigned long music_glyph_index(enum music_glyph glyph);
/* Outline in sp, y downwards, for paths; borrowed, loaded with the font. */
const cairo_path_t *music_glyph_path(enum music_glyph glyph);

#endif
