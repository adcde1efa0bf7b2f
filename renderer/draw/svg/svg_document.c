#include "renderer/draw/svg/svg_document.h"

#include <stdbool.h>

#include <librsvg/rsvg.h>

#include "common/err.h"
#include "common/log.h"

#define SIDE_MAX 1e7

struct _RsvgHandle *svg_document_parse(const char *data, size_t len, const char *base_dir) {
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
        return NULL;
    }
    rsvg_handle_set_dpi(handle, 96);
    return handle;
}

void svg_document_free(struct _RsvgHandle *handle) {
    if (handle != NULL) {
        g_object_unref(handle);
    }
}

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

int svg_document_measure(struct _RsvgHandle *handle, double *width, double *height) {
    read_size(handle, width, height);
    bool is_sane = *width > 0 && *width<SIDE_MAX && * height> 0 && *height < SIDE_MAX;
    return is_sane ? LG_OK : LG_EBADREQUEST; /* not finite, or out of any sense */
}

void svg_document_draw(struct _RsvgHandle *handle, double width, double height, cairo_t *cr) {
    GError *error = NULL;
    RsvgRectangle viewport = {0, 0, width, height};
    if (!rsvg_handle_render_document(handle, cr, &viewport, &error)) {
        lg_log(LG_LOG_DEBUG, "resource", "svg_not_drawn", "reason=%s",
               error != NULL ? error->message : "");
        g_clear_error(&error);
    }
}
