/* An svg document and its last raster; part of resource.c. */
#ifndef LEGGIO_DRAW_RESOURCE_SVG_H
#define LEGGIO_DRAW_RESOURCE_SVG_H

#include <pthread.h>
#include <stdbool.h>

#include "renderer/draw/display_list.h"

struct _RsvgHandle;

struct resource_svg {
    uint64_t id; /* 0 = not made */
    char *data, *base_dir;
    size_t len;
    struct _RsvgHandle *handle; /* without a worker */
    bool is_refused;            /* crashed the worker or broke its limits: drawn empty */
    double width, height;
    pthread_mutex_t lock;
    cairo_surface_t *raster; /* last one drawn, or NULL */
    cairo_matrix_t raster_matrix;
    struct rect_px raster_rect;
};

int resource_svg_init(struct resource_svg *svg, const char *data, size_t len, const char *base_dir);
void resource_svg_finish(struct resource_svg *svg);
void resource_svg_render(struct resource_svg *svg, cairo_t *cr);
cairo_surface_t *resource_svg_cached(struct resource_svg *svg, const cairo_matrix_t *matrix,
                                     const struct rect_px *rect);

#endif
