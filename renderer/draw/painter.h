/* Items to pixels with cairo. Incremental equals full, pixel for pixel. */
#ifndef LEGGIO_DRAW_PAINTER_H
#define LEGGIO_DRAW_PAINTER_H

#include <stdbool.h>
#include <stddef.h>

#include <cairo.h>

#include "renderer/draw/display_list.h"

/* Painting is done by cells, a fixed grid on the picture: every pixel of a cell is a function of
 * the items that touch the cell and of nothing else. That is why a repaint of any part gives the
 * pixels of a full painting: cairo's antialiasing may depend on the clip, the grid never changes.
 */
#define PAINTER_CELL_WIDTH_PX  256
#define PAINTER_CELL_HEIGHT_PX 64

/* Paint the part of the list inside `rect` on a surface of the list's size (ARGB32 or a vector
 * surface, which is painted whole), background first; what touches the rectangle is drawn on whole
 * cells, and the pixels outside it are put back. 0; LG_ENOMEM when nothing was painted;
 * LG_EINTERNAL (logged) when cairo went into an error, so that some items may be missing. Any
 * thread, one per surface. */
int painter_paint(cairo_surface_t *surface, const struct display_list *list,
                  const struct rect_px *rect);

/* The same for several rectangles at once; each cell is painted once. */
int painter_paint_rects(cairo_surface_t *surface, const struct display_list *list,
                        const struct rect_px *rects, size_t n_rects);
/* A rectangle rounded up to whole cells, cut at the picture's edge. */
struct rect_px painter_cells_around(const struct display_list *list, struct rect_px rect);

/* Paint everything on a cairo context of the caller's (export to SVG, PDF); no background when
 * has_background is false. */
void painter_paint_vector(cairo_t *cr, const struct display_list *list, bool has_background);

#endif
