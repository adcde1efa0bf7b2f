/* Coverage of small glyphs, shared by all texts that show them at the same size and angle: a text
 * is put together from its letters instead of filling their outlines. Places are rounded to
 * 1/GLYPH_MASK_PHASES pixel, with or without the cache. Any thread. */
#ifndef LEGGIO_DRAW_GLYPH_MASK_H
#define LEGGIO_DRAW_GLYPH_MASK_H

#include <stdbool.h>

#include <cairo.h>

#include "renderer/draw/glyphs/glyph_outline.h"

#define GLYPH_MASK_PHASES 8

/* Is a glyph under this matrix (an em's to pixels) small enough? */
bool glyph_mask_is_small(const struct glyph_outline *outline, const cairo_matrix_t *matrix);
/* Add a small glyph with its origin at x, y (pixels of the surface) to A8 pixels; what lies outside
 * is cut. false when out of memory. */
bool glyph_mask_add(struct glyph_outline *outline, const cairo_matrix_t *matrix, double x, double y,
                    cairo_surface_t *pixels);

#endif
