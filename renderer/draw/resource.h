/* What painter, pick and export see of a resource. Resources are immutable;
 * the derived things kept beside them (smaller copies of a bitmap, the last
 * raster of an svg) are under the resource's lock. */
#ifndef LEGGIO_DRAW_RESOURCE_H
#define LEGGIO_DRAW_RESOURCE_H

#include "renderer/draw/display_list.h"

/* Numbers of a path are kept within this, so that arithmetic on them stays finite. */
#define RESOURCE_COORDINATE_MAX 1e9

/* Path of a path. For cairo_append_path. */
const cairo_path_t *resource_path(const struct draw_resource *resource);
/* Length of a path, or of all outlines of glyphs together; 0 for others. */
size_t resource_n_points(const struct draw_resource *resource);

/* Box of a path's control points. */
void resource_path_box(const cairo_path_t *path, double box[4]);

/* Local box of everything that is drawn without stroke: extents, for glyphs with their ink. */
void resource_ink(const struct draw_resource *resource, double box[4]);

/* Glyph runs. A run without outlines (bitmap font) is not in the path; show it. */
size_t resource_glyph_run_count(const struct draw_resource *resource);
const struct glyph_run *resource_glyph_run(const struct draw_resource *resource, size_t run_i);
/* Add the outline of one run to cr's path; false when it has none. */
bool resource_glyph_append(const struct draw_resource *resource, size_t run_i, cairo_t *cr);
/* The same as a path, for free(path->data). 0 or LG_ENOMEM. */
int resource_glyph_path(const struct draw_resource *resource, size_t run_i, cairo_path_t *path);

/* Coverage (A8) of all glyphs under a matrix, to be put at pixel x, y; from the resource's cache if
 * it is there. Caller destroys. NULL: draw the runs one by one (colours, no outlines, huge). */
cairo_surface_t *resource_glyph_mask(struct draw_resource *resource, const cairo_matrix_t *matrix,
                                     int *x, int *y);

/* Pixels of a bitmap reduced by 2^level, ARGB32; *level is lowered to what there is. A fresh
 * surface on shared pixels, for this thread alone; the caller destroys it before the resource. */
cairo_surface_t *resource_bitmap(struct draw_resource *resource, int *level);
void resource_bitmap_size(const struct draw_resource *resource, int *width_px, int *height_px);

/* Draw the svg into 0,0 natural width x height of cr's user space: vectors, or with the worker
 * (which draws all documents, svg/svg_worker.h) a fine bitmap. */
void resource_svg_draw(struct draw_resource *resource, cairo_t *cr);

/* The svg drawn with this matrix on pixels of rect (origin at rect's corner, ARGB32), from the
 * resource's cache if it is there. Caller destroys; NULL when out of memory. */
cairo_surface_t *resource_svg_raster(struct draw_resource *resource, const cairo_matrix_t *matrix,
                                     const struct rect_px *rect);

#endif
