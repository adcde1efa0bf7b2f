/* Items under projective matrices (rotatex, rotatey), and those that reach too
 * far for cairo's fixed point. Outlines are flattened, mapped point by point
 * and cut to the surroundings of the picture; pens become outlines themselves;
 * bitmaps are sampled backwards, pixel by pixel. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "renderer/draw/display_list_private.h"
#include "renderer/draw/painter_private.h"
#include "renderer/draw/projection.h"
#include "renderer/draw/resource.h"
#include "renderer/draw/warp_polygon.h"

/* cairo keeps 24 bits before the point, pixman's images 16. */
#define REACH_MAX_PX    30000
#define CAPSULES_MAX    100000 /* pieces of one pen */
#define CURVE_STEPS_MAX 128
#define SVG_SIDE_MAX_PX 4096

bool painter_needs_warp(const struct display_item *item) {
    if (!projection_is_affine(item->matrix)) {
        return true;
    }
    double box[4], device[4];
    display_item_ink(item, box);
    if (!projection_map_box(item->matrix, box, device)) {
        return true;
    }
    return fabs(device[0]) > REACH_MAX_PX || fabs(device[1]) > REACH_MAX_PX ||
           fabs(device[2]) > REACH_MAX_PX || fabs(device[3]) > REACH_MAX_PX;
}

/* -- flattening --------------------------------------------------------- */

typedef void (*warp_subpath_fn)(struct warp_polygon *to, const struct display_item *item,
                                const double *points, size_t n_points, bool is_closed);

struct subpath {
    double *points; /* x y x y …, local units */
    size_t n, capacity;
};

static void add_point(struct subpath *sub, double x, double y) {
    if (sub->n == sub->capacity) {
        size_t capacity = sub->capacity > 0 ? sub->capacity * 2 : 256;
        double *points = realloc(sub->points, capacity * 2 * sizeof(double));
        if (points == NULL) {
            return;
        }
        sub->points = points;
        sub->capacity = capacity;
    }
    sub->points[2 * sub->n] = x;
    sub->points[2 * sub->n + 1] = y;
    sub->n++;
}

static int curve_steps(const double *matrix, double x, double y, const cairo_path_data_t *data) {
    double length = hypot(data[1].point.x - x, data[1].point.y - y) +
                    hypot(data[2].point.x - data[1].point.x, data[2].point.y - data[1].point.y) +
                    hypot(data[3].point.x - data[2].point.x, data[3].point.y - data[2].point.y);
    double steps = sqrt(length * projection_scale_at(matrix, data[3].point.x, data[3].point.y));
    return (int)fmin(4 + 1.5 * fmin(steps, 1e6), CURVE_STEPS_MAX);
}

static void add_curve(struct subpath *sub, const double *matrix, const cairo_path_data_t *data) {
    double x0 = sub->points[2 * sub->n - 2], y0 = sub->points[2 * sub->n - 1];
    int n = curve_steps(matrix, x0, y0, data);
    for (int i = 1; i <= n; i++) {
        double t = (double)i / n, s = 1 - t;
        double a = s * s * s, b = 3 * s * s * t, c = 3 * s * t * t, d = t * t * t;
        add_point(sub, a * x0 + b * data[1].point.x + c * data[2].point.x + d * data[3].point.x,
                  a * y0 + b * data[1].point.y + c * data[2].point.y + d * data[3].point.y);
    }
}

static void each_subpath(const cairo_path_t *path, struct warp_polygon *to,
                         const struct display_item *item, warp_subpath_fn emit) {
    struct subpath sub = {0};
    for (int i = 0; i < path->num_data; i += path->data[i].header.length) {
        const cairo_path_data_t *data = &path->data[i];
        double start_x = sub.n > 0 ? sub.points[0] : 0, start_y = sub.n > 0 ? sub.points[1] : 0;
        switch (data->header.type) {
        case CAIRO_PATH_MOVE_TO:
            emit(to, item, sub.points, sub.n, false);
            sub.n = 0;
            add_point(&sub, data[1].point.x, data[1].point.y);
            break;
        case CAIRO_PATH_LINE_TO:
            add_point(&sub, data[1].point.x, data[1].point.y);
            break;
        case CAIRO_PATH_CURVE_TO:
            if (sub.n > 0) {
                add_curve(&sub, item->matrix, data);
            }
            break;
        case CAIRO_PATH_CLOSE_PATH:
            emit(to, item, sub.points, sub.n, true);
            sub.n = 0;
            add_point(&sub, start_x, start_y);
            break;
        }
    }
    emit(to, item, sub.points, sub.n, false);
    free(sub.points);
}

static void emit_fill(struct warp_polygon *to, const struct display_item *item,
                      const double *points, size_t n_points, bool is_closed) {
    (void)item;
    (void)is_closed;
    if (n_points >= 3) {
        warp_polygon_emit(to, points, n_points);
    }
}

/* -- pens --------------------------------------------------------------- */

/* A straight piece of pen with round ends. All pieces turn the same way, so that filled together
 * by the winding rule they are one outline. */
static void emit_capsule(struct warp_polygon *to, const struct display_item *item, const double *a,
                         const double *b) {
    double half = item->stroke_width / 2;
    double radius_px = half * projection_scale_at(item->matrix, a[0], a[1]);
    int n = (int)fmin(4 + sqrt(fmin(radius_px, 1e6)) * 2, 48);
    double angle = atan2(b[1] - a[1], b[0] - a[0]) - M_PI / 2;
    double points[2 * 2 * 64];
    for (int i = 0; i <= n; i++) {
        double at = angle + M_PI * i / n;
        points[2 * i] = b[0] + half * cos(at);
        points[2 * i + 1] = b[1] + half * sin(at);
        points[2 * (n + 1 + i)] = a[0] - half * cos(at);
        points[2 * (n + 1 + i) + 1] = a[1] - half * sin(at);
    }
    warp_polygon_emit(to, points, 2 * (size_t)(n + 1));
}

struct dash_walk {
    double lengths[6];
    int n;
    double period;
    double phase;
};

/* Dashes of one straight segment; phase goes on from segment to segment. */
static void emit_dashes(struct warp_polygon *to, const struct display_item *item,
                        struct dash_walk *walk, const double *p, const double *q) {
    double length = hypot(q[0] - p[0], q[1] - p[1]), range[2];
    bool is_seen = warp_polygon_range(to, p, q, range);
    if (!is_seen || length <= 0 || (range[1] - range[0]) * length / walk->period > CAPSULES_MAX) {
        if (is_seen) {
            emit_capsule(to, item, p, q);
        }
        walk->phase = fmod(walk->phase + length, walk->period);
        return;
    }
    /* Start at the last whole period before what can be seen. */
    double at =
        floor((walk->phase + range[0] * length) / walk->period) * walk->period - walk->phase;
    double end = range[1] * length;
    while (at < end && to->n_pieces < CAPSULES_MAX) {
        for (int i = 0; i < walk->n; i++) {
            double a = fmax(at, 0), b = fmin(at + walk->lengths[i], length);
            if (i % 2 == 0 && a <= b) {
                double from[2] = {p[0] + (q[0] - p[0]) * a / length,
                                  p[1] + (q[1] - p[1]) * a / length};
                double till[2] = {p[0] + (q[0] - p[0]) * b / length,
                                  p[1] + (q[1] - p[1]) * b / length};
                emit_capsule(to, item, from, till);
            }
            at += walk->lengths[i];
        }
    }
    walk->phase = fmod(walk->phase + length, walk->period);
}

static void emit_stroke(struct warp_polygon *to, const struct display_item *item,
                        const double *points, size_t n_points, bool is_closed) {
    struct dash_walk walk = {.phase = 0};
    walk.n = painter_dashes(item, walk.lengths);
    for (int i = 0; i < walk.n; i++) {
        walk.period += walk.lengths[i];
    }
    size_t n_segments = n_points < 2 ? 0 : is_closed ? n_points : n_points - 1;
    for (size_t i = 0; i < n_segments && to->n_pieces < CAPSULES_MAX; i++) {
        const double *p = points + 2 * i, *q = points + 2 * ((i + 1) % n_points);
        double range[2];
        if (walk.n > 0 && walk.period > 0) {
            emit_dashes(to, item, &walk, p, q);
        } else if (warp_polygon_range(to, p, q, range)) {
            double a[2] = {p[0] + (q[0] - p[0]) * range[0], p[1] + (q[1] - p[1]) * range[0]};
            double b[2] = {p[0] + (q[0] - p[0]) * range[1], p[1] + (q[1] - p[1]) * range[1]};
            emit_capsule(to, item, a, b);
        }
    }
}

/* The matrix as it is around the middle of the item; false where that is behind the viewer, or seen
 * from its edge. */
static bool matrix_in_the_middle(const struct display_item *item, cairo_matrix_t *out) {
    double box[4], p[3][3];
    resource_extents(item->resource, box);
    double x = box[0] + box[2] / 2, y = box[1] + box[3] / 2;
    double step = fmax(fmax(box[2], box[3]) * 1e-3, 1e-6);
    projection_map(item->matrix, x, y, p[0]);
    projection_map(item->matrix, x + step, y, p[1]);
    projection_map(item->matrix, x, y + step, p[2]);
    for (int i = 0; i < 3; i++) {
        if (!(p[i][2] >= PROJECTION_W_MIN)) {
            return false;
        }
        p[i][0] /= p[i][2];
        p[i][1] /= p[i][2];
    }
    cairo_matrix_init(out, (p[1][0] - p[0][0]) / step, (p[1][1] - p[0][1]) / step,
                      (p[2][0] - p[0][0]) / step, (p[2][1] - p[0][1]) / step, 0, 0);
    out->x0 = p[0][0] - out->xx * x - out->xy * y;
    out->y0 = p[0][1] - out->yx * x - out->yy * y;
    return isfinite(out->x0) && isfinite(out->y0) &&
           fabs(out->xx * out->yy - out->xy * out->yx) > 1e-6;
}

/* Patterns do not turn with the perspective inside one item: they are as in its middle. */
static void fill_with_brush(cairo_t *cr, const struct display_item *item) {
    cairo_matrix_t middle;
    cairo_save(cr);
    if (item->brush != ITEM_BRUSH_SOLID && matrix_in_the_middle(item, &middle)) {
        cairo_transform(cr, &middle);
    }
    painter_set_brush(cr, item->brush, item->fill);
    cairo_fill(cr);
    cairo_restore(cr);
}

static void warp_path(cairo_t *cr, const struct display_item *item) {
    const cairo_path_t *path = resource_path(item->resource);
    struct warp_polygon to;
    if (item->brush != ITEM_BRUSH_NONE && item->fill.a > 0) {
        warp_polygon_init(&to, cr, item, 0);
        each_subpath(path, &to, item, emit_fill);
        warp_polygon_finish(&to);
        cairo_set_fill_rule(cr,
                            item->is_even_odd ? CAIRO_FILL_RULE_EVEN_ODD : CAIRO_FILL_RULE_WINDING);
        fill_with_brush(cr, item);
    }
    if (item->stroke_width > 0 && item->stroke.a > 0) {
        struct item_color color = item->stroke;
        warp_polygon_init(&to, cr, item, item->stroke_width / 2);
        each_subpath(path, &to, item, emit_stroke);
        warp_polygon_finish(&to);
        cairo_set_fill_rule(cr, CAIRO_FILL_RULE_WINDING);
        cairo_set_source_rgba(cr, color.r, color.g, color.b, color.a);
        cairo_fill(cr);
    }
}

static void warp_glyphs(cairo_t *cr, const struct display_item *item) {
    cairo_set_fill_rule(cr, CAIRO_FILL_RULE_WINDING);
    for (size_t i = 0; i < resource_glyph_run_count(item->resource); i++) {
        const struct glyph_run *run = resource_glyph_run(item->resource, i);
        struct item_color color = item->fill;
        if (run->has_color) {
            color = (struct item_color){run->r, run->g, run->b, run->a * item->fill.a};
        }
        struct warp_polygon to;
        cairo_path_t outline;
        if (resource_glyph_path(item->resource, i, &outline) != 0) {
            continue;
        }
        warp_polygon_init(&to, cr, item, 0);
        each_subpath(&outline, &to, item, emit_fill);
        warp_polygon_finish(&to);
        free(outline.data);
        cairo_set_source_rgba(cr, color.r, color.g, color.b, color.a);
        cairo_fill(cr);
    }
}

/* -- pixels ------------------------------------------------------------- */

struct sampler {
    const uint8_t *pixels;
    int width, height;
    size_t stride;
};

static uint32_t texel(const struct sampler *from, int x, int y) {
    x = x < 0 ? 0 : x >= from->width ? from->width - 1 : x;
    y = y < 0 ? 0 : y >= from->height ? from->height - 1 : y;
    uint32_t pixel;
    memcpy(&pixel, from->pixels + (size_t)y * from->stride + (size_t)x * 4, 4);
    return pixel;
}

/* Bilinear; the middle of texel 0 is at 0.5. */
static uint32_t sample(const struct sampler *from, double u, double v) {
    u = fmin(fmax(u - 0.5, -1), from->width);
    v = fmin(fmax(v - 0.5, -1), from->height);
    int x = (int)floor(u), y = (int)floor(v);
    double fx = u - x, fy = v - y;
    uint32_t a = texel(from, x, y), b = texel(from, x + 1, y);
    uint32_t c = texel(from, x, y + 1), d = texel(from, x + 1, y + 1);
    uint32_t out = 0;
    for (unsigned shift = 0; shift < 32; shift += 8) {
        double top = ((a >> shift) & 255) * (1 - fx) + ((b >> shift) & 255) * fx;
        double low = ((c >> shift) & 255) * (1 - fx) + ((d >> shift) & 255) * fx;
        out |= (uint32_t)(top * (1 - fy) + low * fy + 0.5) << shift;
    }
    return out;
}

/* Pixels of rect from a source whose texel u,v is local u/scale_x, v/scale_y. */
static void sample_rect(cairo_surface_t *to, struct rect_px rect, const struct sampler *from,
                        const double inverse[9], double scale_x, double scale_y) {
    uint8_t *pixels = cairo_image_surface_get_data(to);
    size_t stride = (size_t)cairo_image_surface_get_stride(to);
    for (int y = 0; y < rect.height; y++) {
        for (int x = 0; x < rect.width; x++) {
            double p[3];
            projection_map(inverse, rect.x + x + 0.5, rect.y + y + 0.5, p);
            if (p[2] == 0) {
                continue;
            }
            double u = p[0] / p[2] * scale_x, v = p[1] / p[2] * scale_y;
            /* Beyond one texel outside nothing shows: the clip is the picture's own box. */
            if (u > -2 && v > -2 && u < from->width + 2.0 && v < from->height + 2.0) {
                uint32_t pixel = sample(from, u, v);
                memcpy(pixels + (size_t)y * stride + (size_t)x * 4, &pixel, 4);
            }
        }
    }
    cairo_surface_mark_dirty(to);
}

static void clip_to_box(cairo_t *cr, const struct display_item *item, const double box[4]) {
    double corners[8] = {box[0],          box[1],          box[0] + box[2], box[1],
                         box[0] + box[2], box[1] + box[3], box[0],          box[1] + box[3]};
    struct warp_polygon to;
    cairo_new_path(cr);
    warp_polygon_init(&to, cr, item, 0);
    warp_polygon_emit(&to, corners, 4);
    warp_polygon_finish(&to);
    cairo_clip(cr);
}

static void warp_pixels(cairo_t *cr, const struct display_item *item, cairo_surface_t *source) {
    double box[4], inverse[9], clip[4];
    resource_extents(item->resource, box);
    cairo_clip_extents(cr, &clip[0], &clip[1], &clip[2], &clip[3]);
    struct rect_px seen = {(int)floor(clip[0]), (int)floor(clip[1]),
                           (int)ceil(clip[2]) - (int)floor(clip[0]),
                           (int)ceil(clip[3]) - (int)floor(clip[1])};
    struct rect_px rect = rect_px_intersect(item->bounds, seen);
    if (rect.width <= 0 || !projection_invert(item->matrix, inverse)) {
        return;
    }
    cairo_surface_t *drawn =
        cairo_image_surface_create(CAIRO_FORMAT_ARGB32, rect.width, rect.height);
    if (cairo_surface_status(drawn) == CAIRO_STATUS_SUCCESS) {
        struct sampler from = {
            cairo_image_surface_get_data(source), cairo_image_surface_get_width(source),
            cairo_image_surface_get_height(source), (size_t)cairo_image_surface_get_stride(source)};
        sample_rect(drawn, rect, &from, inverse, from.width / box[2], from.height / box[3]);
        clip_to_box(cr, item, box);
        cairo_set_source_surface(cr, drawn, rect.x, rect.y);
        cairo_paint_with_alpha(cr, item->fill.a);
        cairo_set_source_rgba(cr, 0, 0, 0, 0);
    }
    cairo_surface_destroy(drawn);
}

static void warp_bitmap(cairo_t *cr, const struct display_item *item) {
    double box[4];
    resource_extents(item->resource, box);
    double scale = projection_scale_at(item->matrix, box[0] + box[2] / 2, box[1] + box[3] / 2);
    int level = 0;
    while (level < 15 && scale * (2 << level) <= 1) {
        level++;
    }
    cairo_surface_t *source = resource_bitmap(item->resource, &level);
    warp_pixels(cr, item, source);
    cairo_surface_destroy(source);
}

static void warp_svg(cairo_t *cr, const struct display_item *item) {
    double box[4];
    resource_extents(item->resource, box);
    double scale = projection_scale_at(item->matrix, box[0] + box[2] / 2, box[1] + box[3] / 2);
    scale = fmin(scale, SVG_SIDE_MAX_PX / fmax(box[2], box[3]));
    struct rect_px rect = {0, 0, (int)fmax(ceil(box[2] * scale), 1),
                           (int)fmax(ceil(box[3] * scale), 1)};
    cairo_matrix_t matrix;
    cairo_matrix_init_scale(&matrix, rect.width / box[2], rect.height / box[3]);
    cairo_surface_t *source = resource_svg_raster(item->resource, &matrix, &rect);
    if (source != NULL) {
        warp_pixels(cr, item, source);
        cairo_surface_destroy(source);
    }
}

void painter_warp_item(cairo_t *cr, const struct display_item *item) {
    cairo_save(cr);
    if (item->has_clip) {
        clip_to_box(cr, item, item->clip);
    }
    cairo_new_path(cr);
    switch (item->kind) {
    case ITEM_PATH:
        warp_path(cr, item);
        break;
    case ITEM_GLYPHS:
        warp_glyphs(cr, item);
        break;
    case ITEM_BITMAP:
        warp_bitmap(cr, item);
        break;
    case ITEM_SVG:
        warp_svg(cr, item);
        break;
    case ITEM_GROUP_BEGIN:
    case ITEM_GROUP_END:
        break;
    }
    cairo_restore(cr);
}
