/* The tables LILY and LILC of a LilyPond font: text in brackets (gmn.md 15).
 * Pure functions on bytes; anything that is not such text is skipped. */
#ifndef LEGGIO_NOTATION_FONT_TABLES_H
#define LEGGIO_NOTATION_FONT_TABLES_H

#include <stddef.h>

#include "renderer/notation/ink.h"

struct font_metrics { /* sp, y downwards */
    struct ink_box box;
    struct ink_point attach_up, attach_down;
};

/* Value of `(name . number)`; 0 when there is none. */
double font_table_number(const char *text, size_t len, const char *name);

/* Boxes and attachments of the glyphs that are named.
 *
 * names    n of them; metrics[i] is set for names[i], untouched where the table has none
 * space    points of a staff space
 * returns  0; LG_EBADREQUEST when none of the names is in the table
 * shape    linear in len; O(log n) a glyph
 */
int font_table_glyphs(const char *text, size_t len, double space, const char *const *names,
                      struct font_metrics *metrics, size_t n);

#endif
