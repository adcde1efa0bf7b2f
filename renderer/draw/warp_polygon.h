/* Polygons in local units → mapped, cut to what can be seen, appended to a
 * cairo path. Part of painter_warp.c. */
#ifndef LEGGIO_DRAW_WARP_POLYGON_H
#define LEGGIO_DRAW_WARP_POLYGON_H

#include <stdbool.h>
#include <stddef.h>

#include <cairo.h>

#include "renderer/draw/display_list.h"

struct warp_polygon {
    cairo_t *cr;
    double matrix[9];
    double near[4];  /* x0 y0 x1 y1: polygons are cut to this */
    double far[4];   /* the same with room for a pen: segments beyond draw nothing */
    size_t n_pieces; /* emitted so far */
    double *points;  /* scratch, homogeneous, two halves */
    size_t capacity;
};

/* The area is a function of the item alone, never of what is repainted. half_pen: local units */
void warp_polygon_init(struct warp_polygon *to, cairo_t *cr, const struct display_item *item,
                       double half_pen);
void warp_polygon_finish(struct warp_polygon *to);
/* points: x y x y …; closed by itself */
void warp_polygon_emit(struct warp_polygon *to, const double *points, size_t n_points);
/* Part of a segment p..q (0..1) that is in front and inside far; false when none is. */
bool warp_polygon_range(const struct warp_polygon *to, const double *p, const double *q,
                        double range[2]);

#endif
