/* Outlines of glyph runs; part of resource.c. */
#ifndef LEGGIO_DRAW_RESOURCE_GLYPHS_H
#define LEGGIO_DRAW_RESOURCE_GLYPHS_H

#include "renderer/draw/display_list.h"

struct resource_glyphs {
    struct glyph_run *runs; /* owned, with faces and glyphs */
    size_t n_runs;
    cairo_path_t *paths; /* one per run, into all's data */
    cairo_path_t all;
    double ink[4];
};

/* Fill paths, all and ink from the runs; hash of the whole. 0 or LG_ENOMEM. */
int resource_glyphs_outline(struct resource_glyphs *glyphs, uint64_t *hash);
void resource_glyphs_finish(struct resource_glyphs *glyphs);

#endif
