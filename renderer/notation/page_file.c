/* Pages to PNG, SVG, PDF with cairo's own writers: the tool is not in a hurry for
 * the last byte, scenes go another way (renderer/draw). */
#include "renderer/notation/page_file.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <cairo-pdf.h>
#include <cairo-svg.h>

#include "common/err.h"
#include "proto/limits.h"
#include "renderer/notation/ink_draw.h"

#define PX_PER_SPACE (96.0 / 72.27 * 6)

struct sink {
    uint8_t *bytes;
    size_t size_bytes, capacity;
};

static cairo_status_t write_bytes(void *closure, const unsigned char *data, unsigned int len) {
    struct sink *sink = closure;
    if (sink->size_bytes + len > sink->capacity) {
        size_t capacity = (sink->size_bytes + len) * 2;
        uint8_t *grown = realloc(sink->bytes, capacity);
        if (grown == NULL) {
            return CAIRO_STATUS_NO_MEMORY;
        }
        sink->bytes = grown;
        sink->capacity = capacity;
    }
    memcpy(sink->bytes + sink->size_bytes, data, len);
    sink->size_bytes += len;
    return CAIRO_STATUS_SUCCESS;
}

static double scale_of(const struct engraved_page *page, enum page_format format,
                       uint32_t width_px) {
    double natural = format == PAGE_PNG ? PX_PER_SPACE : PX_PER_SPACE * 72 / 96;
    return width_px > 0 && page->width > 0 ? width_px / page->width : natural;
}

static int draw_png(const struct engraved_page *page, double scale, struct sink *sink) {
    double width = fmax(1, ceil(page->width * scale - 1e-6));
    double height = fmax(1, ceil(page->height * scale - 1e-6));
    if (!(width <= LIMIT_SIDE_PX && height <= LIMIT_SIDE_PX && width * height <= LIMIT_PIXELS)) {
        return LG_ETOOLARGE;
    }
    cairo_surface_t *surface =
        cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)width, (int)height);
    cairo_t *cr = cairo_create(surface);
    cairo_set_source_rgb(cr, 1, 1, 1);
    cairo_paint(cr);
    cairo_scale(cr, scale, scale);
    ink_draw_page(cr, page);
    cairo_destroy(cr);
    cairo_status_t status = cairo_surface_write_to_png_stream(surface, write_bytes, sink);
    cairo_surface_destroy(surface);
    return status == CAIRO_STATUS_SUCCESS ? LG_OK : LG_ENOMEM;
}

static int draw_vector(const struct engraved_page *pages, size_t n_pages, enum page_format format,
                       uint32_t width_px, struct sink *sink) {
    double scale = scale_of(&pages[0], format, width_px);
    double width = pages[0].width * scale, height = pages[0].height * scale;
    cairo_surface_t *surface =
        format == PAGE_SVG ? cairo_svg_surface_create_for_stream(write_bytes, sink, width, height)
                           : cairo_pdf_surface_create_for_stream(write_bytes, sink, width, height);
    cairo_t *cr = cairo_create(surface);
    for (size_t page_i = 0; page_i < n_pages; page_i++) {
        scale = scale_of(&pages[page_i], format, width_px);
        if (format == PAGE_PDF) {
            cairo_pdf_surface_set_size(surface, pages[page_i].width * scale,
                                       pages[page_i].height * scale);
        }
        cairo_save(cr);
        cairo_scale(cr, scale, scale);
        ink_draw_page(cr, &pages[page_i]);
        cairo_restore(cr);
        cairo_show_page(cr);
    }
    cairo_destroy(cr);
    cairo_surface_finish(surface);
    cairo_status_t status = cairo_surface_status(surface);
    cairo_surface_destroy(surface);
    return status == CAIRO_STATUS_SUCCESS ? LG_OK : LG_ENOMEM;
}

int page_file_draw(const struct engraving *engraving, size_t page_i, enum page_format format,
                   uint32_t width_px, uint8_t **bytes, size_t *size_bytes) {
    struct sink sink = {0};
    size_t first = page_i == PAGE_ALL ? 0 : page_i;
    size_t n_pages = page_i == PAGE_ALL && format == PAGE_PDF ? engraving->n_pages : 1;
    if (first >= engraving->n_pages) {
        return LG_ENOTFOUND;
    }
    const struct engraved_page *page = &engraving->pages[first];
    int code = format == PAGE_PNG ? draw_png(page, scale_of(page, format, width_px), &sink)
                                  : draw_vector(page, n_pages, format, width_px, &sink);
    if (code != LG_OK) {
        free(sink.bytes);
        return code;
    }
    *bytes = sink.bytes;
    *size_bytes = sink.size_bytes;
    return LG_OK;
}
