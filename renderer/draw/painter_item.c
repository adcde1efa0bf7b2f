/* One item with cairo: paths, glyphs, bitmaps, svg under an affine matrix.
 * Projective ones go to painter_warp.c. */
#include <math.h>

#include "renderer/draw/display_list_private.h"
#include "renderer/draw/painter_private.h"
#include "renderer/draw/projection.h"
#include "renderer/draw/resource.h"

/* More dashes than this on one path are drawn as a solid line: they would be finer than pixels
 * or hang the painter. */
#define DASHES_MAX 50000

static double path_length(const cairo_path_t *path) {
    double length = 0, x = 0, y = 0;
    for (int i = 0; i < path->num_data; i += path->data[i].header.length) {
        for (int j = 1; j < path->data[i].header.length; j++) {
            double next_x = path->data[i + j].point.x, next_y = path->data[i + j].point.y;
            if (path->data[i].header.type != CAIRO_PATH_MOVE_TO) {
                length += hypot(next_x - x, next_y - y);
            }
            x = next_x;
            y = next_y;
        }
    }
    return length;
}

static void set_pen(cairo_t *cr, const struct display_item *item, const cairo_path_t *path) {
    double dashes[6];
    int n_dashes = painter_dashes(item, dashes);
    cairo_set_line_width(cr, item->stroke_width);
    cairo_set_line_cap(cr, CAIRO_LINE_CAP_ROUND);
    cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
    /* One dash and gap are at least 3.5 widths long. */
    if (n_dashes > 0 && path_length(path) / (3.5 * item->stroke_width) < DASHES_MAX) {
        cairo_set_dash(cr, dashes, n_dashes, 0);
    } else {
        cairo_set_dash(cr, NULL, 0, 0);
    }
    struct item_color color = item->stroke;
    cairo_set_source_rgba(cr, color.r, color.g, color.b, color.a);
}

/* A stroke of many lines that cross costs their number squared in one piece; so it is laid together
 * in pieces. Their round ends are the round joins of the whole. */
#define STROKE_PIECE_POINTS 100
#define STROKE_WHOLE_POINTS 2000

/* Adds what begins at data[*at] until the piece is long enough; *at moves on. */
static void append_piece(cairo_t *cr, const cairo_path_t *path, int *at, double start[2]) {
    int end = *at + STROKE_PIECE_POINTS;
    for (int i = *at; i < path->num_data && i < end; i += path->data[i].header.length) {
        const cairo_path_data_t *data = &path->data[i];
        switch (data->header.type) {
        case CAIRO_PATH_MOVE_TO:
            start[0] = data[1].point.x;
            start[1] = data[1].point.y;
            cairo_move_to(cr, start[0], start[1]);
            break;
        case CAIRO_PATH_LINE_TO:
            cairo_line_to(cr, data[1].point.x, data[1].point.y);
            break;
        case CAIRO_PATH_CURVE_TO:
            cairo_curve_to(cr, data[1].point.x, data[1].point.y, data[2].point.x, data[2].point.y,
                           data[3].point.x, data[3].point.y);
            break;
        case CAIRO_PATH_CLOSE_PATH:
            cairo_line_to(cr, start[0], start[1]);
            break;
        }
        *at = i + data->header.length;
    }
}

/* In the item's user space, pen set. */
static void stroke_in_pieces(cairo_t *cr, const struct display_item *item,
                             const cairo_path_t *path) {
    double start[2] = {0, 0}, x, y;
    cairo_push_group_with_content(cr, CAIRO_CONTENT_ALPHA);
    cairo_set_source_rgba(cr, 0, 0, 0, 1);
    for (int at = 0; at < path->num_data;) {
        append_piece(cr, path, &at, start);
        cairo_get_current_point(cr, &x, &y);
        cairo_stroke(cr);
        cairo_move_to(cr, x, y);
    }
    cairo_new_path(cr);
    cairo_pattern_t *mask = cairo_pop_group(cr);
    cairo_set_source_rgba(cr, item->stroke.r, item->stroke.g, item->stroke.b, item->stroke.a);
    cairo_mask(cr, mask);
    cairo_pattern_destroy(mask);
}

static void draw_path(cairo_t *cr, const struct display_item *item, const cairo_matrix_t *matrix,
                      bool is_vector) {
    const cairo_path_t *path = resource_path(item->resource);
    if (item->brush != ITEM_BRUSH_NONE && item->fill.a > 0) {
        cairo_save(cr);
        cairo_transform(cr, matrix);
        cairo_append_path(cr, path);
        painter_set_brush(cr, item->brush, item->fill);
        cairo_set_fill_rule(cr,
                            item->is_even_odd ? CAIRO_FILL_RULE_EVEN_ODD : CAIRO_FILL_RULE_WINDING);
        cairo_fill(cr);
        cairo_restore(cr);
    }
    if (item->stroke_width > 0 && item->stroke.a > 0) {
        cairo_save(cr);
        cairo_transform(cr, matrix);
        set_pen(cr, item, path);
        if (!is_vector && path->num_data > STROKE_WHOLE_POINTS && cairo_get_dash_count(cr) == 0) {
            stroke_in_pieces(cr, item, path);
        } else {
            cairo_append_path(cr, path);
            cairo_stroke(cr);
        }
        cairo_restore(cr);
    }
}

static void show_run(cairo_t *cr, const struct glyph_run *run) {
    if (run->face == NULL || run->n_glyphs <= 0 || !(run->size > 0 && run->size < 1e6)) {
        return;
    }
    cairo_matrix_t font = run->shape, size;
    cairo_matrix_init_scale(&size, run->size, run->size);
    cairo_matrix_multiply(&font, &font, &size);
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    cairo_set_font_face(cr, run->face);
    cairo_set_font_matrix(cr, &font);
    cairo_set_font_options(cr, options);
    cairo_show_glyphs(cr, run->glyphs, run->n_glyphs);
    cairo_font_options_destroy(options);
}

static void draw_glyphs(cairo_t *cr, const struct display_item *item, const cairo_matrix_t *matrix,
                        bool is_vector) {
    size_t n_runs = resource_glyph_run_count(item->resource);
    int x, y;
    cairo_surface_t *mask = is_vector ? NULL : resource_glyph_mask(item->resource, matrix, &x, &y);
    if (mask != NULL) {
        cairo_set_source_rgba(cr, item->fill.r, item->fill.g, item->fill.b, item->fill.a);
        cairo_mask_surface(cr, mask, x, y);
        cairo_surface_destroy(mask);
        return;
    }
    cairo_save(cr);
    cairo_transform(cr, matrix);
    cairo_set_fill_rule(cr, CAIRO_FILL_RULE_WINDING);
    for (size_t i = 0; i < n_runs; i++) {
        const struct glyph_run *run = resource_glyph_run(item->resource, i);
        struct item_color color = item->fill;
        if (run->has_color) {
            color = (struct item_color){run->r, run->g, run->b, run->a * item->fill.a};
        }
        cairo_set_source_rgba(cr, color.r, color.g, color.b, color.a);
        if (!is_vector && resource_glyph_append(item->resource, i, cr)) {
            cairo_fill(cr);
        } else {
            show_run(cr, run);
        }
    }
    cairo_restore(cr);
}

/* Edges are the (antialiased) box's own; pixels outside repeat the last ones, so that a scaled
 * bitmap does not fade into its surroundings. */
static void draw_bitmap(cairo_t *cr, const struct display_item *item,
                        const cairo_matrix_t *matrix) {
    int width, height, level = 0;
    resource_bitmap_size(item->resource, &width, &height);
    double scale = fmax(hypot(matrix->xx, matrix->yx), hypot(matrix->xy, matrix->yy));
    while (level < 15 && scale * (2 << level) <= 1) {
        level++;
    }
    /* Thinner than a hundredth of a pixel: nothing to see, and beyond pixman's fixed point. */
    double thinnest =
        fmin(hypot(matrix->xx, matrix->yx) * width, hypot(matrix->xy, matrix->yy) * height);
    if (thinnest < 0.01) {
        return;
    }
    cairo_surface_t *pixels = resource_bitmap(item->resource, &level);
    cairo_save(cr);
    cairo_transform(cr, matrix);
    cairo_rectangle(cr, 0, 0, width, height);
    cairo_clip(cr);
    double reduction = (double)(1 << level);
    cairo_scale(cr, reduction, reduction);
    cairo_set_source_surface(cr, pixels, 0, 0);
    cairo_pattern_set_extend(cairo_get_source(cr), CAIRO_EXTEND_PAD);
    cairo_pattern_set_filter(cairo_get_source(cr), CAIRO_FILTER_GOOD);
    cairo_paint_with_alpha(cr, item->fill.a);
    cairo_set_source_rgba(cr, 0, 0, 0, 0);
    cairo_restore(cr);
    cairo_surface_destroy(pixels);
}

static void draw_svg(cairo_t *cr, const struct display_item *item, const cairo_matrix_t *matrix,
                     bool is_vector) {
    /* A translucent one would need a cairo group, which 1.16 leaks on vector surfaces. */
    if (is_vector && item->fill.a >= 1) {
        cairo_save(cr);
        cairo_transform(cr, matrix);
        resource_svg_draw(item->resource, cr);
        cairo_restore(cr);
        return;
    }
    cairo_surface_t *raster = resource_svg_raster(item->resource, matrix, &item->bounds);
    if (raster != NULL) {
        cairo_set_source_surface(cr, raster, item->bounds.x, item->bounds.y);
        cairo_paint_with_alpha(cr, item->fill.a);
        cairo_set_source_rgba(cr, 0, 0, 0, 0);
        cairo_surface_destroy(raster);
    }
}

void painter_draw_item(cairo_t *cr, const struct display_item *item, bool is_vector) {
    if (painter_needs_warp(item)) {
        painter_warp_item(cr, item);
        return;
    }
    cairo_matrix_t matrix = projection_to_cairo(item->matrix);
    cairo_save(cr);
    if (item->has_clip) {
        cairo_save(cr);
        cairo_transform(cr, &matrix);
        cairo_rectangle(cr, item->clip[0], item->clip[1], item->clip[2], item->clip[3]);
        cairo_restore(cr);
        cairo_clip(cr);
    }
    switch (item->kind) {
    case ITEM_PATH:
        draw_path(cr, item, &matrix, is_vector);
        break;
    case ITEM_GLYPHS:
        draw_glyphs(cr, item, &matrix, is_vector);
        break;
    case ITEM_BITMAP:
        draw_bitmap(cr, item, &matrix);
        break;
    case ITEM_SVG:
        draw_svg(cr, item, &matrix, is_vector);
        break;
    case ITEM_GROUP_BEGIN:
    case ITEM_GROUP_END:
        break;
    }
    cairo_restore(cr);
}
