/* Groups drawn aside, and what is done to them: blur, colorize, shadow. All of
 * them see the whole content of the group, never only the part being repainted. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "renderer/draw/display_list_private.h"
#include "renderer/draw/painter_private.h"
#include "renderer/draw/projection.h"

/* Measured on pictures/20-effects.png of the original: edge profiles of blur 10 and of shadows
 * with blur 8. */
#define SIGMA_PER_BLUR   0.75
#define SIGMA_PER_SHADOW 0.28

/* -- blur --------------------------------------------------------------- */

/* Widths of three boxes whose convolution has about this standard deviation. */
static void box_radii(double sigma, int radii[3]) {
    double ideal = sqrt(4 * sigma * sigma + 1);
    int low = (int)floor(ideal);
    low = low % 2 == 0 ? low - 1 : low;
    low = low < 1 ? 1 : low;
    double n_low = (12 * sigma * sigma - 3.0 * low * low - 12.0 * low - 9) / (-4.0 * low - 4);
    for (int i = 0; i < 3; i++) {
        radii[i] = (i < lround(n_low) ? low : low + 2) / 2;
    }
}

/* One line of n pixels: each becomes the mean of itself and radius neighbours on each side. */
static void box_line(const uint32_t *from, uint32_t *to, int n, int radius) {
    uint32_t sum[4] = {0}, width = 2 * (uint32_t)radius + 1;
    for (int i = -radius; i < n; i++) {
        int enters = i + radius, leaves = i - radius - 1;
        for (int c = 0; c < 4; c++) {
            sum[c] += enters < n ? (from[enters] >> (8 * c)) & 255 : 0;
            sum[c] -= leaves >= 0 ? (from[leaves] >> (8 * c)) & 255 : 0;
        }
        if (i >= 0) {
            uint32_t pixel = 0;
            for (int c = 0; c < 4; c++) {
                pixel |= ((sum[c] + width / 2) / width) << (8 * c);
            }
            to[i] = pixel;
        }
    }
}

/* Three boxes along each line of n_lines x n; the result transposed. */
static void blur_lines(const uint32_t *from, size_t stride, uint32_t *to, int n_lines, int n,
                       const int radii[3], uint32_t *scratch) {
    for (int line = 0; line < n_lines; line++) {
        uint32_t *a = scratch, *b = scratch + n;
        box_line(from + (size_t)line * stride, a, n, radii[0]);
        box_line(a, b, n, radii[1]);
        box_line(b, a, n, radii[2]);
        for (int i = 0; i < n; i++) {
            to[(size_t)i * (size_t)n_lines + (size_t)line] = a[i];
        }
    }
}

void painter_blur(cairo_surface_t *surface, double sigma_px) {
    int width = cairo_image_surface_get_width(surface);
    int height = cairo_image_surface_get_height(surface);
    size_t stride = (size_t)cairo_image_surface_get_stride(surface) / 4;
    uint32_t *pixels = (uint32_t *)(void *)cairo_image_surface_get_data(surface);
    if (sigma_px < 0.3 || pixels == NULL) {
        return;
    }
    int radii[3], longest = width > height ? width : height;
    box_radii(sigma_px, radii);
    uint32_t *turned = malloc((size_t)width * (size_t)height * 4);
    uint32_t *scratch = malloc((size_t)longest * 2 * 4);
    if (turned == NULL || scratch == NULL || stride != (size_t)width) {
        lg_log(LG_LOG_ERROR, "painter", "no_memory", "width_px=%d height_px=%d", width, height);
    } else {
        blur_lines(pixels, stride, turned, height, width, radii, scratch);
        blur_lines(turned, (size_t)height, pixels, width, height, radii, scratch);
    }
    free(turned);
    free(scratch);
    cairo_surface_mark_dirty(surface);
}

/* -- colour ------------------------------------------------------------- */

static uint32_t colorize_pixel(uint32_t pixel, double strength, const double color[3]) {
    uint32_t alpha = pixel >> 24;
    if (alpha == 0) {
        return 0;
    }
    double in[3]; /* r g b, 0..1, not premultiplied */
    for (unsigned c = 0; c < 3; c++) {
        in[c] = (double)((pixel >> (16 - 8 * c)) & 255) / alpha;
    }
    double grey = (11 * in[0] + 16 * in[1] + 5 * in[2]) / 32;
    uint32_t out = alpha << 24;
    for (unsigned c = 0; c < 3; c++) {
        double screened = grey + color[c] - grey * color[c];
        double mixed = in[c] + (screened - in[c]) * strength;
        double value = fmin(fmax(mixed * alpha + 0.5, 0), alpha);
        out |= (uint32_t)value << (16 - 8 * c);
    }
    return out;
}

void painter_colorize(cairo_surface_t *surface, double strength, struct item_color color) {
    int width = cairo_image_surface_get_width(surface);
    int height = cairo_image_surface_get_height(surface);
    size_t stride = (size_t)cairo_image_surface_get_stride(surface) / 4;
    uint32_t *pixels = (uint32_t *)(void *)cairo_image_surface_get_data(surface);
    const double rgb[3] = {color.r, color.g, color.b};
    uint32_t last_in = 0, last_out = 0;
    for (int y = 0; y < height; y++) {
        uint32_t *row = pixels + (size_t)y * stride;
        for (int x = 0; x < width; x++) {
            if (row[x] != last_in) { /* neighbours are mostly equal */
                last_in = row[x];
                last_out = colorize_pixel(last_in, strength, rgb);
            }
            row[x] = last_out;
        }
    }
    cairo_surface_mark_dirty(surface);
}

cairo_surface_t *painter_silhouette(cairo_surface_t *source, struct item_color color) {
    int width = cairo_image_surface_get_width(source);
    int height = cairo_image_surface_get_height(source);
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, width, height);
    double dx, dy;
    cairo_surface_get_device_offset(source, &dx, &dy);
    cairo_surface_set_device_offset(surface, dx, dy);
    cairo_t *cr = cairo_create(surface);
    cairo_set_source_rgba(cr, color.r, color.g, color.b, color.a);
    cairo_mask_surface(cr, source, 0, 0);
    cairo_destroy(cr);
    cairo_surface_flush(surface);
    return surface;
}

/* -- groups ------------------------------------------------------------- */

/* Takes over the content. */
static cairo_surface_t *cast_shadow(cairo_surface_t *content, const struct display_item *group,
                                    struct rect_px *rect) {
    cairo_surface_t *shadow = painter_silhouette(content, group->effect_color);
    painter_blur(shadow, group->effect_px * SIGMA_PER_SHADOW);
    cairo_surface_t *out =
        cairo_image_surface_create(CAIRO_FORMAT_ARGB32, group->bounds.width, group->bounds.height);
    cairo_surface_set_device_offset(out, -group->bounds.x, -group->bounds.y);
    cairo_t *cr = cairo_create(out);
    cairo_set_source_surface(cr, shadow, group->effect_dx, group->effect_dy);
    cairo_paint(cr);
    cairo_set_source_surface(cr, content, 0, 0);
    cairo_paint(cr);
    cairo_destroy(cr);
    cairo_surface_flush(out);
    cairo_surface_destroy(shadow);
    cairo_surface_destroy(content);
    *rect = group->bounds;
    return out;
}

/* Only what lies in the group's clip. Edges without antialiasing: pieces that share an edge meet
 * without a seam. */
static void keep_clip(cairo_surface_t *surface, const struct display_item *group) {
    const double xs[4] = {group->clip[0], group->clip[0] + group->clip[2],
                          group->clip[0] + group->clip[2], group->clip[0]};
    const double ys[4] = {group->clip[1], group->clip[1], group->clip[1] + group->clip[3],
                          group->clip[1] + group->clip[3]};
    double dx, dy;
    cairo_surface_get_device_offset(surface, &dx, &dy);
    cairo_t *cr = cairo_create(surface);
    cairo_set_antialias(cr, CAIRO_ANTIALIAS_NONE);
    cairo_rectangle(cr, -dx, -dy, cairo_image_surface_get_width(surface),
                    cairo_image_surface_get_height(surface));
    for (int i = 0; i < 4; i++) {
        double p[3];
        projection_map(group->matrix, xs[i], ys[i], p);
        if (i == 0) {
            cairo_move_to(cr, p[0] / p[2], p[1] / p[2]);
        } else {
            cairo_line_to(cr, p[0] / p[2], p[1] / p[2]);
        }
    }
    cairo_close_path(cr);
    cairo_set_fill_rule(cr, CAIRO_FILL_RULE_EVEN_ODD);
    cairo_set_operator(cr, CAIRO_OPERATOR_CLEAR);
    cairo_fill(cr);
    cairo_destroy(cr);
    cairo_surface_flush(surface);
}

cairo_surface_t *painter_draw_group(const struct display_block *block, size_t group_i,
                                    struct rect_px *rect) {
    const struct display_item *group = &block->items[group_i];
    const struct display_mark *mark = &block->marks[group_i];
    int margin = display_effect_margin(group);
    *rect = (struct rect_px){mark->content.x - margin, mark->content.y - margin,
                             mark->content.width + 2 * margin, mark->content.height + 2 * margin};
    cairo_surface_t *surface = painter_draw_aside(block, group_i + 1, mark->end_i, *rect);
    if (surface == NULL) {
        return NULL;
    }
    switch (group->effect) {
    case ITEM_EFFECT_BLUR:
        painter_blur(surface, group->effect_px * SIGMA_PER_BLUR);
        break;
    case ITEM_EFFECT_COLORIZE:
        painter_colorize(surface, group->effect_strength, group->effect_color);
        break;
    case ITEM_EFFECT_SHADOW:
        return cast_shadow(surface, group, rect);
    case ITEM_EFFECT_CLIP:
        keep_clip(surface, group);
        break;
    case ITEM_EFFECT_NONE:
        break;
    }
    return surface;
}
