/* SVG by librsvg. Drawing one takes milliseconds, so the last raster of each
 * document is kept, within a budget for all of them. A raster is a function of
 * document, matrix and rectangle only. */
#include "renderer/draw/resource_svg.h"

#include <stdatomic.h>
#include <string.h>

#include <librsvg/rsvg.h>

#include "common/err.h"
#include "common/log.h"

/* All kept rasters together; beyond it they are drawn anew each time. */
#define RASTER_BUDGET_BYTES (64l * 1024 * 1024)

static atomic_long raster_bytes;

static void read_size(RsvgHandle *handle, double *width, double *height) {
    gboolean has_width, has_height, has_box;
    RsvgLength w, h;
    RsvgRectangle box;
    rsvg_handle_get_intrinsic_dimensions(handle, &has_width, &w, &has_height, &h, &has_box, &box);
    if (has_box && box.width > 0 && box.height > 0) {
        *width = box.width;
        *height = box.height;
        return;
    }
    if (rsvg_handle_get_intrinsic_size_in_pixels(handle, width, height) && *width > 0 &&
        *height > 0) {
        return;
    }
    RsvgRectangle ink;
    if (rsvg_handle_get_geometry_for_element(handle, NULL, &ink, NULL, NULL) && ink.width > 0 &&
        ink.height > 0) {
        *width = ink.x + ink.width > 0 ? ink.x + ink.width : ink.width;
        *height = ink.y + ink.height > 0 ? ink.y + ink.height : ink.height;
        return;
    }
    *width = 100;
    *height = 100;
}

int resource_svg_init(struct resource_svg *svg, const char *data, size_t len,
                      const char *base_dir) {
    GError *error = NULL;
    GInputStream *stream = g_memory_input_stream_new_from_data(data, (gssize)len, NULL);
    GFile *base = base_dir != NULL ? g_file_new_build_filename(base_dir, "score.svg", NULL) : NULL;
    RsvgHandle *handle =
        rsvg_handle_new_from_stream_sync(stream, base, RSVG_HANDLE_FLAGS_NONE, NULL, &error);
    g_object_unref(stream);
    if (base != NULL) {
        g_object_unref(base);
    }
    if (handle == NULL) {
        lg_log(LG_LOG_DEBUG, "resource", "svg_refused", "reason=%s",
               error != NULL ? error->message : "");
        g_clear_error(&error);
        return LG_EBADREQUEST;
    }
    rsvg_handle_set_dpi(handle, 96);
    read_size(handle, &svg->width, &svg->height);
    /* not finite, or out of any sense */
    if (!(svg->width > 0 && svg->width < 1e7 && svg->height > 0 && svg->height < 1e7) ||
        pthread_mutex_init(&svg->lock, NULL) != 0) {
        g_object_unref(handle);
        return LG_EBADREQUEST;
    }
    svg->handle = handle;
    return 0;
}

static void drop_raster(struct resource_svg *svg) {
    if (svg->raster != NULL) {
        atomic_fetch_sub(&raster_bytes, 4l * svg->raster_rect.width * svg->raster_rect.height);
        cairo_surface_destroy(svg->raster);
        svg->raster = NULL;
    }
}

void resource_svg_finish(struct resource_svg *svg) {
    if (svg->handle == NULL) {
        return;
    }
    drop_raster(svg);
    g_object_unref(svg->handle);
    pthread_mutex_destroy(&svg->lock);
    memset(svg, 0, sizeof(*svg));
}

static void render_locked(struct resource_svg *svg, cairo_t *cr) {
    GError *error = NULL;
    RsvgRectangle viewport = {0, 0, svg->width, svg->height};
    if (!rsvg_handle_render_document(svg->handle, cr, &viewport, &error)) {
        lg_log(LG_LOG_DEBUG, "resource", "svg_not_drawn", "reason=%s",
               error != NULL ? error->message : "");
        g_clear_error(&error);
    }
}

void resource_svg_render(struct resource_svg *svg, cairo_t *cr) {
    pthread_mutex_lock(&svg->lock);
    render_locked(svg, cr);
    pthread_mutex_unlock(&svg->lock);
}

static cairo_surface_t *draw_raster_locked(struct resource_svg *svg, const cairo_matrix_t *matrix,
                                           const struct rect_px *rect) {
    cairo_surface_t *surface =
        cairo_image_surface_create(CAIRO_FORMAT_ARGB32, rect->width, rect->height);
    cairo_t *cr = cairo_create(surface);
    cairo_translate(cr, -rect->x, -rect->y);
    cairo_transform(cr, matrix);
    cairo_rectangle(cr, 0, 0, svg->width, svg->height);
    cairo_clip(cr);
    render_locked(svg, cr);
    cairo_destroy(cr);
    cairo_surface_flush(surface);
    if (cairo_surface_status(surface) != CAIRO_STATUS_SUCCESS) {
        cairo_surface_destroy(surface);
        return NULL;
    }
    return surface;
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
