/* Brushes and pens as cairo has them. Stipples and hatches are 8 x 8 pixels of
 * the picture, tied to its origin, whatever the object's scale. */
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "renderer/draw/painter_private.h"

#define CELL_PX 8

/* Points of 64 that a stipple sets: 94, 88, 63, 50, 37, 12 and 6 percent. */
static const int dense_points[] = {60, 56, 40, 32, 24, 8, 4};

/* Rank of a point in an ordered dither of 8 x 8: the bits of x and x^y, interleaved from the
 * lowest, so that each doubling spreads the points evenly. */
static int dither_rank(int x, int y) {
    int rank = 0;
    for (int bit = 0; bit < 3; bit++) {
        rank = rank * 4 + (((x ^ y) >> bit) & 1) * 2 + ((y >> bit) & 1);
    }
    return rank;
}

static bool is_set(enum item_brush brush, int x, int y) {
    bool on_hor = y == 4, on_ver = x == 4;
    bool on_bdiag = (x + y) % CELL_PX == 7, on_fdiag = x == y;
    switch (brush) {
    case ITEM_BRUSH_HOR:
        return on_hor;
    case ITEM_BRUSH_VER:
        return on_ver;
    case ITEM_BRUSH_CROSS:
        return on_hor || on_ver;
    case ITEM_BRUSH_BDIAG:
        return on_bdiag;
    case ITEM_BRUSH_FDIAG:
        return on_fdiag;
    case ITEM_BRUSH_DIAG_CROSS:
        return on_bdiag || on_fdiag;
    case ITEM_BRUSH_DENSE1:
    case ITEM_BRUSH_DENSE2:
    case ITEM_BRUSH_DENSE3:
    case ITEM_BRUSH_DENSE4:
    case ITEM_BRUSH_DENSE5:
    case ITEM_BRUSH_DENSE6:
    case ITEM_BRUSH_DENSE7:
        return dither_rank(x, y) < dense_points[brush - ITEM_BRUSH_DENSE1];
    case ITEM_BRUSH_NONE:
        return false;
    case ITEM_BRUSH_SOLID:
        break;
    }
    return true;
}

static uint32_t premultiplied(struct item_color color) {
    double a = color.a;
    return ((uint32_t)lround(a * 255) << 24) | ((uint32_t)lround(color.r * a * 255) << 16) |
           ((uint32_t)lround(color.g * a * 255) << 8) | (uint32_t)lround(color.b * a * 255);
}

void painter_set_brush(cairo_t *cr, enum item_brush brush, struct item_color color) {
    if (brush <= ITEM_BRUSH_SOLID || brush > ITEM_BRUSH_DIAG_CROSS) {
        cairo_set_source_rgba(cr, color.r, color.g, color.b, color.a);
        return;
    }
    cairo_surface_t *cell = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, CELL_PX, CELL_PX);
    uint8_t *pixels = cairo_image_surface_get_data(cell);
    if (pixels == NULL) {
        cairo_surface_destroy(cell);
        return;
    }
    size_t stride = (size_t)cairo_image_surface_get_stride(cell);
    uint32_t pixel = premultiplied(color);
    for (int y = 0; y < CELL_PX; y++) {
        for (int x = 0; x < CELL_PX; x++) {
            if (is_set(brush, x, y)) {
                memcpy(pixels + (size_t)y * stride + (size_t)x * 4, &pixel, 4);
            }
        }
    }
    cairo_surface_mark_dirty(cell);
    cairo_set_source_surface(cr, cell, 0, 0);
    cairo_pattern_set_extend(cairo_get_source(cr), CAIRO_EXTEND_REPEAT);
    cairo_pattern_set_filter(cairo_get_source(cr), CAIRO_FILTER_NEAREST);
    cairo_surface_destroy(cell);
}

int painter_dashes(const struct display_item *item, double dashes[6]) {
    static const int marks[][3] = {
        /* 1 = dash, 2 = dot */
        [ITEM_DASH_DASH] = {1, 0, 0},
        [ITEM_DASH_DOT] = {2, 0, 0},
        [ITEM_DASH_DASH_DOT] = {1, 2, 0},
        [ITEM_DASH_DASH_DOT_DOT] = {1, 2, 2},
    };
    if (item->dash <= ITEM_DASH_SOLID || item->dash > ITEM_DASH_DASH_DOT_DOT) {
        return 0;
    }
    /* Lengths in pen widths from score-language reference 8.3. */
    int n = 0;
    for (int i = 0; i < 3 && marks[item->dash][i] != 0; i++) {
        dashes[n++] = (marks[item->dash][i] == 1 ? 3 : 0.5) * item->stroke_width;
        dashes[n++] = 3 * item->stroke_width;
    }
    return n;
}
