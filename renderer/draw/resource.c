/* Counted, immutable contents of display items: creation, hashes, extents.
 * Outlines of glyphs are taken here, on the thread that made them, so that the
 * draw thread needs neither pango nor FreeType. */
#include "renderer/draw/resource.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "common/log.h"
#include "proto/limits.h"
#include "renderer/draw/resource_bitmap.h"
#include "renderer/draw/glyphs/resource_glyphs.h"
#include "renderer/draw/resource_svg.h"

struct draw_resource {
    atomic_int refs;
    enum resource_kind kind;
    uint64_t hash;
    double box[4];
    union { /* by kind */
        cairo_path_t path;
        struct resource_glyphs glyphs;
        struct resource_bitmap *bitmap; /* owned; large, and paths are many */
        struct resource_svg *svg;       /* owned */
    };
};

static struct draw_resource *create(enum resource_kind kind) {
    struct draw_resource *resource = calloc(1, sizeof(*resource));
    if (resource == NULL) {
        lg_log(LG_LOG_ERROR, "resource", "no_memory", NULL);
        return NULL;
    }
    atomic_init(&resource->refs, 1);
    resource->kind = kind;
    return resource;
}

struct draw_resource *resource_ref(struct draw_resource *resource) {
    if (resource != NULL) {
        atomic_fetch_add_explicit(&resource->refs, 1, memory_order_relaxed);
    }
    return resource;
}

void resource_unref(struct draw_resource *resource) {
    if (resource == NULL ||
        atomic_fetch_sub_explicit(&resource->refs, 1, memory_order_acq_rel) != 1) {
        return;
    }
    switch (resource->kind) {
    case RESOURCE_PATH:
        free(resource->path.data);
        break;
    case RESOURCE_GLYPHS:
        resource_glyphs_finish(&resource->glyphs);
        break;
    case RESOURCE_BITMAP:
        resource_bitmap_finish(resource->bitmap);
        free(resource->bitmap);
        break;
    case RESOURCE_SVG:
        resource_svg_finish(resource->svg);
        free(resource->svg);
        break;
    }
    free(resource);
}

enum resource_kind resource_kind(const struct draw_resource *resource) {
    return resource->kind;
}

uint64_t resource_hash(const struct draw_resource *resource) {
    return resource->hash;
}

void resource_extents(const struct draw_resource *resource, double box[4]) {
    memcpy(box, resource->box, sizeof(resource->box));
}

/* -- paths ---------------------------------------------------------------- */

static double tame(double value) {
    if (value >= -RESOURCE_COORDINATE_MAX && value <= RESOURCE_COORDINATE_MAX) {
        return value;
    }
    if (isnan(value)) {
        return 0;
    }
    return fmin(fmax(value, -RESOURCE_COORDINATE_MAX), RESOURCE_COORDINATE_MAX);
}

/* Control points count: the box may be larger than the curve, never smaller. */
void resource_path_box(const cairo_path_t *path, double box[4]) {
    double x0 = INFINITY, y0 = INFINITY, x1 = -INFINITY, y1 = -INFINITY;
    for (int i = 0; i < path->num_data; i += path->data[i].header.length) {
        for (int j = 1; j < path->data[i].header.length; j++) {
            double x = path->data[i + j].point.x, y = path->data[i + j].point.y;
            x0 = x < x0 ? x : x0; /* a page has a hundred thousand points: no calls */
            y0 = y < y0 ? y : y0;
            x1 = x > x1 ? x : x1;
            y1 = y > y1 ? y : y1;
        }
    }
    bool is_empty = !(x0 <= x1);
    box[0] = is_empty ? 0 : x0;
    box[1] = is_empty ? 0 : y0;
    box[2] = is_empty ? 0 : x1 - x0;
    box[3] = is_empty ? 0 : y1 - y0;
}

/* Copies; zeroed padding, so that equal paths have equal bytes. */
static int copy_path(const cairo_path_data_t *data, int num_data, cairo_path_t *out) {
    static const int lengths[] = {
        [CAIRO_PATH_MOVE_TO] = 2,
        [CAIRO_PATH_LINE_TO] = 2,
        [CAIRO_PATH_CURVE_TO] = 4,
        [CAIRO_PATH_CLOSE_PATH] = 1,
    };
    out->status = CAIRO_STATUS_SUCCESS;
    out->num_data = 0;
    out->data = calloc(num_data > 0 ? (size_t)num_data : 1, sizeof(*out->data));
    if (out->data == NULL) {
        return -1;
    }
    bool has_point = false;
    for (int i = 0; i < num_data; i += data[i].header.length) {
        int length = data[i].header.length;
        unsigned type = (unsigned)data[i].header.type;
        if (length < 1 || length > num_data - i) {
            break;
        }
        if (type > CAIRO_PATH_CLOSE_PATH || length < lengths[type]) {
            continue;
        }
        if (!has_point && type != CAIRO_PATH_MOVE_TO) {
            if (type == CAIRO_PATH_CLOSE_PATH) {
                continue;
            }
            type = type == CAIRO_PATH_LINE_TO ? CAIRO_PATH_MOVE_TO : type;
        }
        has_point = true;
        cairo_path_data_t *to = out->data + out->num_data;
        to->header.type = (cairo_path_data_type_t)type;
        to->header.length = lengths[type];
        for (int j = 1; j < lengths[type]; j++) {
            to[j].point.x = tame(data[i + j].point.x);
            to[j].point.y = tame(data[i + j].point.y);
        }
        out->num_data += lengths[type];
    }
    return 0;
}

struct draw_resource *resource_path_copy(const cairo_path_data_t *data, int num_data) {
    struct draw_resource *resource = create(RESOURCE_PATH);
    if (resource == NULL) {
        return NULL;
    }
    if (copy_path(data, num_data, &resource->path) != 0) {
        free(resource);
        return NULL;
    }
    resource_path_box(&resource->path, resource->box);
    resource->hash = XXH3_64bits(resource->path.data,
                                 (size_t)resource->path.num_data * sizeof(*resource->path.data));
    return resource;
}

struct draw_resource *resource_path_from_cairo(cairo_t *cr) {
    cairo_path_t *path = cairo_copy_path(cr);
    struct draw_resource *resource = resource_path_copy(path->data, path->num_data);
    cairo_path_destroy(path);
    return resource;
}

const cairo_path_t *resource_path(const struct draw_resource *resource) {
    return &resource->path;
}

size_t resource_n_points(const struct draw_resource *resource) {
    switch (resource->kind) {
    case RESOURCE_PATH:
        return (size_t)resource->path.num_data;
    case RESOURCE_GLYPHS:
        return resource->glyphs.n_points;
    case RESOURCE_BITMAP:
    case RESOURCE_SVG:
        break;
    }
    return 0;
}

/* -- glyphs --------------------------------------------------------------- */

struct draw_resource *resource_give_glyphs(struct glyph_run *runs, size_t n_runs,
                                           const double box[4]) {
    struct draw_resource *resource = create(RESOURCE_GLYPHS);
    struct resource_glyphs glyphs = {.runs = runs, .n_runs = n_runs};
    if (resource == NULL || resource_glyphs_outline(&glyphs, &resource->hash) != 0) {
        resource_glyphs_finish(&glyphs);
        free(resource);
        return NULL;
    }
    resource->glyphs = glyphs;
    for (int i = 0; i < 4; i++) {
        resource->box[i] = tame(box[i]);
    }
    return resource;
}

cairo_surface_t *resource_glyph_mask(struct draw_resource *resource, const cairo_matrix_t *matrix,
                                     int *x, int *y) {
    return resource_glyphs_mask(&resource->glyphs, matrix, x, y);
}

size_t resource_glyph_run_count(const struct draw_resource *resource) {
    return resource->glyphs.n_runs;
}

const struct glyph_run *resource_glyph_run(const struct draw_resource *resource, size_t run_i) {
    return &resource->glyphs.runs[run_i];
}

bool resource_glyph_append(const struct draw_resource *resource, size_t run_i, cairo_t *cr) {
    return resource_glyphs_append(&resource->glyphs, run_i, cr);
}

int resource_glyph_path(const struct draw_resource *resource, size_t run_i, cairo_path_t *path) {
    return resource_glyphs_path(&resource->glyphs, run_i, path);
}

void resource_ink(const struct draw_resource *resource, double box[4]) {
    memcpy(box, resource->box, sizeof(resource->box));
    if (resource->kind != RESOURCE_GLYPHS) {
        return;
    }
    const double *ink = resource->glyphs.ink;
    double x1 = fmax(box[0] + box[2], ink[0] + ink[2]), y1 = fmax(box[1] + box[3], ink[1] + ink[3]);
    box[0] = fmin(box[0], ink[0]);
    box[1] = fmin(box[1], ink[1]);
    box[2] = x1 - box[0];
    box[3] = y1 - box[1];
}

/* -- bitmaps -------------------------------------------------------------- */

struct draw_resource *resource_give_bitmap(cairo_surface_t *surface) {
    struct resource_bitmap *bitmap = calloc(1, sizeof(*bitmap));
    struct draw_resource *resource = bitmap != NULL ? create(RESOURCE_BITMAP) : NULL;
    if (resource == NULL || resource_bitmap_init(bitmap, surface) != 0) {
        cairo_surface_destroy(surface);
        free(bitmap);
        free(resource);
        return NULL;
    }
    resource->bitmap = bitmap;
    resource->hash = resource_bitmap_hash(bitmap);
    resource->box[2] = bitmap->levels[0].width;
    resource->box[3] = bitmap->levels[0].height;
    return resource;
}

cairo_surface_t *resource_bitmap(struct draw_resource *resource, int *level) {
    return resource_bitmap_level(resource->bitmap, level);
}

void resource_bitmap_size(const struct draw_resource *resource, int *width_px, int *height_px) {
    *width_px = resource->bitmap->levels[0].width;
    *height_px = resource->bitmap->levels[0].height;
}

/* -- svg ------------------------------------------------------------------ */

struct draw_resource *resource_svg(const char *data, size_t len, const char *base_dir,
                                   double *natural_width, double *natural_height) {
    struct resource_svg *svg = calloc(1, sizeof(*svg));
    struct draw_resource *resource = svg != NULL ? create(RESOURCE_SVG) : NULL;
    if (resource == NULL || resource_svg_init(svg, data, len, base_dir) != 0) {
        free(svg);
        free(resource);
        return NULL;
    }
    resource->svg = svg;
    resource->hash = XXH3_64bits(data, len);
    if (base_dir != NULL) {
        resource->hash = XXH3_64bits_withSeed(base_dir, strlen(base_dir), resource->hash);
    }
    resource->box[2] = svg->width;
    resource->box[3] = svg->height;
    *natural_width = svg->width;
    *natural_height = svg->height;
    return resource;
}

void resource_svg_draw(struct draw_resource *resource, cairo_t *cr) {
    resource_svg_render(resource->svg, cr);
}

cairo_surface_t *resource_svg_raster(struct draw_resource *resource, const cairo_matrix_t *matrix,
                                     const struct rect_px *rect) {
    return resource_svg_cached(resource->svg, matrix, rect);
}
