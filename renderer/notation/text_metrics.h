/* Widths and boxes of texts in a score, and drawing that agrees with them. Faces come
 * through fontconfig ("Times" and no name are Liberation Serif), shaping is HarfBuzz's;
 * measured texts are remembered. Any thread. */
#ifndef LEGGIO_NOTATION_TEXT_METRICS_H
#define LEGGIO_NOTATION_TEXT_METRICS_H

#include <cairo.h>

#include "renderer/notation/ink.h"

struct text_extents {
    struct ink_box ink;     /* sp, around the left end of the baseline at 0, 0; all 0 for blanks */
    double advance;         /* sp */
    double ascent, descent; /* of the face, sp, both positive */
};

/* Measure one line.
 *
 * font     borrowed; size in sp
 * text     borrowed; UTF-8, what is not becomes a replacement sign; at most the first
 *          TEXT_LINE_BYTES bytes count
 * shape    O(1) for a text measured before (TEXT_CACHE_ENTRIES), else linear
 */
void text_measure(const struct ink_font *font, const char *text, struct text_extents *out);
/* Advance of one line, sp. */
double text_width(const struct ink_font *font, const char *text);
/* Draw one line with the current source; user space in sp, baseline starts at x, y. */
void text_show(cairo_t *cr, const struct ink_font *font, const char *text, double x, double y);

/* The glyphs of one line, run by run of one face, for who draws them otherwise: fn is called with
 * glyphs (borrowed) placed in sp from a baseline that starts at x, y. Returns the right end. */
typedef void (*text_run_fn)(void *ctx, cairo_font_face_t *face, const cairo_glyph_t *glyphs,
                            int n_glyphs);
double text_each_run(const struct ink_font *font, const char *text, double x, double y,
                     text_run_fn fn, void *ctx);
/* Faces are opened anew for the next text: cairo draws nothing more with one whose file it could
 * not open once. Any thread. */
void text_renew_faces(void);

#define TEXT_LINE_BYTES    4096 /* of a line that are measured and drawn */
#define TEXT_CACHE_ENTRIES 8192 /* measured texts; when full it starts again */

#endif
