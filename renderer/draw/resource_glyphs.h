/* Outlines of glyph runs; part of resource.c. */
#ifndef LEGGIO_DRAW_RESOURCE_GLYPHS_H
#define LEGGIO_DRAW_RESOURCE_GLYPHS_H

#include <pthread.h>
#include <stdbool.h>

#include "renderer/draw/display_list.h"

/* Coverage of all glyphs under one matrix, apart from whole pixels of its translation. */
struct glyph_mask {
    cairo_surface_t *surface; /* A8, or NULL */
    cairo_matrix_t matrix;    /* translation 0 <= x0, y0 < 1 */
    long size_bytes;
};

struct resource_glyphs {
    struct glyph_run *runs; /* owned, with faces and glyphs */
    size_t n_runs;
    cairo_path_t *paths; /* one per run, into all's data */
    cairo_path_t all;
    double ink[4];
    bool is_plain; /* outlines everywhere and no colours of their own: a mask tells all */
    pthread_mutex_t lock;
    bool has_lock;
    struct glyph_mask mask; /* lock; the last one made, if the budget allowed to keep it */
};

/* Fill paths, all and ink from the runs; hash of the whole. 0 or LG_ENOMEM. */
int resource_glyphs_outline(struct resource_glyphs *glyphs, uint64_t *hash);
/* The mask under this matrix, one reference for the caller, and where its corner goes. NULL when
 * the glyphs are not plain, the mask would be larger than any text, or out of memory. What it
 * shows is a function of glyphs and matrix, kept or not. */
cairo_surface_t *resource_glyphs_mask(struct resource_glyphs *glyphs, const cairo_matrix_t *matrix,
                                      int *x, int *y);
void resource_glyphs_finish(struct resource_glyphs *glyphs);

#endif
