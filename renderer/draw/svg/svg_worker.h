/* SVG documents come from anyone who may post, and librsvg can be made to crash, to work for hours
 * and to take any amount of memory. So they are parsed and drawn in a process of its own, with
 * limits of memory and time; a document that breaks them is not drawn again, and the process is
 * replaced. One process, one document at a time, from any thread.
 *
 * The worker is this same program, started with --svg-worker. A program that does not enable it
 * (the unit tests) draws by itself.
 */
#ifndef LEGGIO_DRAW_SVG_WORKER_H
#define LEGGIO_DRAW_SVG_WORKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "renderer/draw/display_list.h"

#define SVG_WORKER_OPTION "--svg-worker"

/* Borrowed text of a document; the id is never used for another one. */
struct svg_source {
    uint64_t id;
    const char *data;
    size_t len;
    const char *base_dir; /* or NULL */
};

/* From now on: main() of a program that handles SVG_WORKER_OPTION. Call before any thread. */
void svg_worker_enable(void);
bool svg_worker_is_enabled(void);
/* Ends the process, if any. */
void svg_worker_stop(void);

/* LG_OK; LG_EBADREQUEST: no svg; LG_ETOOLARGE: crashed, or over the limits; LG_EINTERNAL: no
 * worker. */
int svg_worker_measure(const struct svg_source *source, double *width, double *height);
/* rect of the picture under matrix, ARGB32, in *out (owned by the caller). Same codes. */
int svg_worker_draw(const struct svg_source *source, const cairo_matrix_t *matrix,
                    const struct rect_px *rect, cairo_surface_t **out);

/* The worker's side: answers until the other end closes. The exit status. */
int svg_worker_main(void);

#endif
