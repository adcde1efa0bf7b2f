/* Outlines of single glyphs, shared by all texts that show them: a page of words keeps each letter
 * of a font once, whatever its sizes. Any thread. */
#ifndef LEGGIO_DRAW_GLYPH_OUTLINE_H
#define LEGGIO_DRAW_GLYPH_OUTLINE_H

#include <stdatomic.h>

#include <cairo.h>

/* One glyph at 0,0, one unit an em, y down. Immutable. */
struct glyph_outline {
    atomic_int refs;
    int num_data; /* 0 = nothing to see: a blank, or a glyph of a bitmap font */
    double box[4];
    cairo_path_data_t data[];
};

/* The outline of a glyph, without hinting; one reference for the caller. NULL when out of
 * memory or when the font's file could not be opened.
 * shape: font matrix without the size. The newest few thousand are kept for the next text. */
struct glyph_outline *glyph_outline_get(cairo_font_face_t *face, const cairo_matrix_t *shape,
                                        unsigned long index);
struct glyph_outline *glyph_outline_ref(struct glyph_outline *outline);
void glyph_outline_unref(struct glyph_outline *outline);

#endif
