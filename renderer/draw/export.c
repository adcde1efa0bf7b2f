/* A list as a file, drawn on the calling thread. PNG as dense as a dense frame;
 * SVG and PDF by cairo's vector surfaces, text as text, effects as bitmaps. */
#include "renderer/draw/export.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <cairo-pdf.h>
#include <cairo-svg.h>

#include "common/err.h"
#include "common/log.h"
#include "proto/limits.h"
#include "renderer/draw/png/dense_png.h"
#include "renderer/draw/display_list_private.h"
#include "renderer/draw/painter.h"
#include "renderer/draw/png/strips.h"

int export_format_of(const char *path, enum export_format *format) {
    static const struct {
        const char *extension;
        enum export_format format;
    } known[] = {{"png", EXPORT_PNG}, {"svg", EXPORT_SVG}, {"pdf", EXPORT_PDF}};
    const char *dot = strrchr(path, '.');
    for (size_t i = 0; dot != NULL && i < sizeof(known) / sizeof(known[0]); i++) {
        if (strcasecmp(dot + 1, known[i].extension) == 0) {
            *format = known[i].format;
            return 0;
        }
    }
    return LG_EBADREQUEST;
}

struct growing_file {
    uint8_t *data;
    size_t size, capacity;
};

static cairo_status_t on_cairo_write(void *closure, const unsigned char *data, unsigned length) {
    struct growing_file *file = closure;
    if (file->size + length > file->capacity) {
        size_t capacity = (file->size + length) * 2;
        uint8_t *larger = capacity <= LIMIT_PNG_BYTES ? realloc(file->data, capacity) : NULL;
        if (larger == NULL) {
            return CAIRO_STATUS_WRITE_ERROR;
        }
        file->data = larger;
        file->capacity = capacity;
    }
    memcpy(file->data + file->size, data, length);
    file->size += length;
    return CAIRO_STATUS_SUCCESS;
}

static int export_vector(const struct display_list *list, enum export_format format, uint8_t **data,
                         size_t *size_bytes) {
    struct growing_file file = {0};
    double width = list->width_px, height = list->height_px;
    cairo_surface_t *surface =
        format == EXPORT_SVG
            ? cairo_svg_surface_create_for_stream(on_cairo_write, &file, width, height)
            : cairo_pdf_surface_create_for_stream(on_cairo_write, &file, width, height);
    if (format == EXPORT_SVG) {
        cairo_svg_surface_set_document_unit(surface, CAIRO_SVG_UNIT_PX);
    }
    cairo_t *cr = cairo_create(surface);
    painter_paint_vector(cr, list, true);
    cairo_destroy(cr);
    cairo_surface_finish(surface);
    cairo_status_t status = cairo_surface_status(surface);
    cairo_surface_destroy(surface);
    if (status != CAIRO_STATUS_SUCCESS) {
        lg_log(LG_LOG_ERROR, "export", "cairo", "status=%s", cairo_status_to_string(status));
        free(file.data);
        return LG_EINTERNAL;
    }
    *data = file.data;
    *size_bytes = file.size;
    return 0;
}

static int export_png(const struct display_list *list, uint8_t **data, size_t *size_bytes) {
    struct rect_px whole = display_list_rect(list);
    cairo_surface_t *surface =
        cairo_image_surface_create(CAIRO_FORMAT_ARGB32, whole.width, whole.height);
    struct lg_bytes *png = NULL;
    int rc = LG_ENOMEM;
    if (cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS) {
        bool has_alpha = list->background.a < 1;
        const uint8_t *pixels = cairo_image_surface_get_data(surface);
        size_t stride = (size_t)cairo_image_surface_get_stride(surface);
        rc = painter_paint(surface, list, &whole);
        png = rc == LG_OK
                  ? dense_png_encode(pixels, stride, list->width_px, list->height_px, has_alpha)
                  : NULL;
        if (png == NULL && rc == LG_OK) { /* too large for that */
            struct strip_encoder *encoder = strip_encoder_create();
            png = encoder != NULL ? tile_encode(encoder, pixels, stride, whole,
                                                has_alpha ? STRIPS_RGBA : STRIPS_RGB)
                                  : NULL;
            strip_encoder_destroy(encoder);
        }
    }
    uint8_t *copy = png != NULL ? malloc(lg_bytes_size(png)) : NULL;
    rc = LG_ENOMEM;
    if (copy != NULL) {
        memcpy(copy, lg_bytes_data(png), lg_bytes_size(png));
        *data = copy;
        *size_bytes = lg_bytes_size(png);
        rc = 0;
    }
    lg_bytes_unref(png);
    cairo_surface_destroy(surface);
    return rc;
}

int export_draw(const struct display_list *list, enum export_format format, uint8_t **data,
                size_t *size_bytes) {
    if (list->width_px > LIMIT_SIDE_PX || list->height_px > LIMIT_SIDE_PX ||
        (uint64_t)list->width_px * list->height_px > LIMIT_PIXELS) {
        lg_log(LG_LOG_WARN, "export", "too_large", "width_px=%u height_px=%u", list->width_px,
               list->height_px);
        return LG_ETOOLARGE;
    }
    return format == EXPORT_PNG ? export_png(list, data, size_bytes)
                                : export_vector(list, format, data, size_bytes);
}
