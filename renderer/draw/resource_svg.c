/* SVG by librsvg. Drawing one takes milliseconds, so the last raster of each
 * document is kept, within a budget for all of them. A raster is a function of
 * document, matrix and rectangle only. */
#include "renderer/draw/resource_svg.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "renderer/draw/svg/svg_document.h"
#include "renderer/draw/svg/svg_worker.h"

/* In files of vectors: resolution beside the scene's, and the most pixels a side. */
#define FILE_SCALE    3.0
#define FILE_SIDE_MAX 4096.0

/* All kept rasters together; beyond it they are drawn anew each time. */
#define RASTER_BUDGET_BYTES (64l * 1024 * 1024)

static atomic_long raster_bytes;
static atomic_ulong last_id;

static struct svg_source source_of(const struct resource_svg *svg) {
    return (struct svg_source){svg->id, svg->data, svg->len, svg->base_dir};
}

/* Size, and the handle when there is no worker. */
static int read_document(struct resource_svg *svg) {
    if (svg_worker_is_enabled()) {
        const struct svg_source source = source_of(svg);
        return svg_worker_measure(&source, &svg->width, &svg->height);
    }
    svg->handle = svg_document_parse(svg->data, svg->len, svg->base_dir);
    return svg->handle == NULL ? LG_EBADREQUEST
                               : svg_document_measure(svg->handle, &svg->width, &svg->height);
}

static void free_document(struct resource_svg *svg) {
    svg_document_free(svg->handle);
    free(svg->data);
    free(svg->base_dir);
    memset(svg, 0, sizeof(*svg));
}

int resource_svg_init(struct resource_svg *svg, const char *data, size_t len,
                      const char *base_dir) {
    svg->data = malloc(len + 1);
    svg->base_dir = base_dir != NULL ? strdup(base_dir) : NULL;
    if (svg->data == NULL || (base_dir != NULL && svg->base_dir == NULL)) {
        free_document(svg);
        return LG_ENOMEM;
    }
    memcpy(svg->data, data, len);
    svg->len = len;
    svg->id = 1 + atomic_fetch_add(&last_id, 1);
    int code = read_document(svg);
    if (code == LG_OK && pthread_mutex_init(&svg->lock, NULL) != 0) {
        code = LG_ENOMEM;
    }
    if (code != LG_OK) {
        free_document(svg);
    }
    return code == LG_OK ? 0 : LG_EBADREQUEST;
}

static void drop_raster(struct resource_svg *svg) {
    if (svg->raster != NULL) {
        atomic_fetch_sub(&raster_bytes, 4l * svg->raster_rect.width * svg->raster_rect.height);
        cairo_surface_destroy(svg->raster);
        svg->raster = NULL;
    }
}

void resource_svg_finish(struct resource_svg *svg) {
    if (svg->id == 0) {
        return;
    }
    drop_raster(svg);
    pthread_mutex_destroy(&svg->lock);
    free_document(svg);
}

static cairo_surface_t *draw_here_locked(struct resource_svg *svg, const cairo_matrix_t *matrix,
                                         const struct rect_px *rect) {
    cairo_surface_t *surface =
        cairo_image_surface_create(CAIRO_FORMAT_ARGB32, rect->width, rect->height);
    cairo_t *cr = cairo_create(surface);
    cairo_translate(cr, -rect->x, -rect->y);
    cairo_transform(cr, matrix);
    cairo_rectangle(cr, 0, 0, svg->width, svg->height);
    cairo_clip(cr);
    svg_document_draw(svg->handle, svg->width, svg->height, cr);
    cairo_destroy(cr);
    cairo_surface_flush(surface);
    if (cairo_surface_status(surface) != CAIRO_STATUS_SUCCESS) {
        cairo_surface_destroy(surface);
        return NULL;
    }
    return surface;
}

static cairo_surface_t *draw_raster_locked(struct resource_svg *svg, const cairo_matrix_t *matrix,
                                           const struct rect_px *rect) {
    if (!svg_worker_is_enabled()) {
        return draw_here_locked(svg, matrix, rect);
    }
    cairo_surface_t *surface = NULL;
    const struct svg_source source = source_of(svg);
    if (!svg->is_refused && svg_worker_draw(&source, matrix, rect, &surface) == LG_ETOOLARGE) {
        svg->is_refused = true;
    }
    return surface;
}

/* Pixels a side of a document in a file of vectors: three a pixel of the scene, within bounds. */
static double file_side(double user_side) {
    return fmin(fmax(ceil(user_side * FILE_SCALE), 1), FILE_SIDE_MAX);
}

/* The worker draws bitmaps only: fine enough to print. */
static void render_raster_locked(struct resource_svg *svg, cairo_t *cr) {
    cairo_matrix_t user;
    cairo_get_matrix(cr, &user);
    double width_px = file_side(svg->width * hypot(user.xx, user.yx));
    double height_px = file_side(svg->height * hypot(user.xy, user.yy));
    const cairo_matrix_t matrix = {width_px / svg->width, 0, 0, height_px / svg->height, 0, 0};
    const struct rect_px rect = {0, 0, (int)width_px, (int)height_px};
    cairo_surface_t *surface = draw_raster_locked(svg, &matrix, &rect);
    if (surface != NULL) {
        cairo_save(cr);
        cairo_scale(cr, 1 / matrix.xx, 1 / matrix.yy);
        cairo_set_source_surface(cr, surface, 0, 0);
        cairo_paint(cr);
        cairo_restore(cr);
        cairo_surface_destroy(surface);
    }
}

void resource_svg_render(struct resource_svg *svg, cairo_t *cr) {
    pthread_mutex_lock(&svg->lock);
    if (svg_worker_is_enabled()) {
        render_raster_locked(svg, cr);
    } else {
        svg_document_draw(svg->handle, svg->width, svg->height, cr);
    }
    pthread_mutex_unlock(&svg->lock);
}

cairo_surface_t *resource_svg_cached(struct resource_svg *svg, const cairo_matrix_t *matrix,
                                     const struct rect_px *rect) {
    pthread_mutex_lock(&svg->lock);
    bool is_hit = svg->raster != NULL && memcmp(&svg->raster_rect, rect, sizeof(*rect)) == 0 &&
                  memcmp(&svg->raster_matrix, matrix, sizeof(*matrix)) == 0;
    cairo_surface_t *surface = NULL;
    if (is_hit) {
        surface = cairo_surface_reference(svg->raster);
    } else {
        drop_raster(svg);
        surface = draw_raster_locked(svg, matrix, rect);
        long size = 4l * rect->width * rect->height;
        if (surface != NULL && atomic_fetch_add(&raster_bytes, size) + size > RASTER_BUDGET_BYTES) {
            atomic_fetch_sub(&raster_bytes, size);
        } else if (surface != NULL) {
            svg->raster = cairo_surface_reference(surface);
            svg->raster_matrix = *matrix;
            svg->raster_rect = *rect;
        }
    }
    pthread_mutex_unlock(&svg->lock);
    return surface;
}
