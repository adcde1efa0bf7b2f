/* Items to pixels with cairo. Incremental equals full, pixel for pixel. */
#ifndef LEGGIO_DRAW_PAINTER_H
#define LEGGIO_DRAW_PAINTER_H

#include <cairo.h>

#include "renderer/draw/display_list.h"

/* Paint the part of the list inside `rect` on a surface of the list's size (ARGB32 or a vector
 * surface), background first. Any thread, one per surface. */
void painter_paint(cairo_surface_t *surface, const struct display_list *list,
                   const struct rect_px *rect);

/* Paint everything on a cairo context of the caller's (export to SVG, PDF); no background when
 * has_background is false. */
void painter_paint_vector(cairo_t *cr, const struct display_list *list, bool has_background);

#endif
