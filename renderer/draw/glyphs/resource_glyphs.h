/* Outlines of glyph runs; part of resource.c. */
#ifndef LEGGIO_DRAW_RESOURCE_GLYPHS_H
#define LEGGIO_DRAW_RESOURCE_GLYPHS_H

#include <pthread.h>
#include <stdbool.h>

#include "renderer/draw/display_list.h"

struct glyph_outline; /* glyph_outline.h */

/* Coverage of all glyphs under one matrix, apart from whole pixels of its translation. */
struct glyph_mask {
    cairo_surface_t *surface; /* A8, or NULL */
    cairo_matrix_t matrix;    /* translation 0 <= x0, y0 < 1 */
    long size_bytes;
};

struct resource_glyphs {
    struct glyph_run *runs; /* owned, with faces and glyphs */
    size_t n_runs;
    struct glyph_outline *
        *outlines; /* owned references, one a glyph of each run; NULL = not drawn */
    size_t n_outlines, n_points;
    double ink[4];
    bool is_plain; /* outlines everywhere and no colours of their own: a mask tells all */
    pthread_mutex_t lock;
    bool has_lock;
    struct glyph_mask mask; /* lock; the last one made, if the budget allowed to keep it */
};

/* Fill outlines and ink from the runs; hash of the whole. 0 or LG_ENOMEM. */
int resource_glyphs_outline(struct resource_glyphs *glyphs, uint64_t *hash);
/* Add the outlines of a run to cr's path, in its user space; false when there are none. */
bool resource_glyphs_append(const struct resource_glyphs *glyphs, size_t run_i, cairo_t *cr);
/* The same as a path for free(path->data). 0 or LG_ENOMEM. */
int resource_glyphs_path(const struct resource_glyphs *glyphs, size_t run_i, cairo_path_t *path);
/* The mask under this matrix, one reference for the caller, and where its corner goes. NULL when
 * the glyphs are not plain, the mask would be larger than any text, or out of memory. What it
 * shows is a function of glyphs and matrix, kept or not. */
cairo_surface_t *resource_glyphs_mask(struct resource_glyphs *glyphs, const cairo_matrix_t *matrix,
                                      int *x, int *y);
void resource_glyphs_finish(struct resource_glyphs *glyphs);

#endif
