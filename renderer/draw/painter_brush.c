/* Brushes and pens as cairo has them. Stipples and hatches are tiles of 8 x 8
 * local units that grow, turn and shrink with the object (reference picture 09). */
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "renderer/draw/painter_private.h"

#define TILE 8 /* units */
/* Pixels that a tile's unit is drawn with where the object is enlarged. */
#define TILE_SCALE_MAX 32
/* Smaller than this (pixels a unit) a pattern is seen as its mean. */
#define TILE_SCALE_MIN 0.2

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

/* Is a coordinate within half a line (1 unit wide, measured along an axis) of a multiple
 * of TILE? */
static bool is_on_line(double at) {
    return fabs(at - TILE * round(at / TILE)) < 0.7;
}

/* Does the pattern set this point of its tile? */
static bool is_set(enum item_brush brush, double at_x, double at_y) {
    int x = (int)at_x, y = (int)at_y;
    bool on_hor = y == 3, on_ver = x == 4;
    bool on_bdiag = is_on_line(at_x + at_y), on_fdiag = is_on_line(at_x - at_y);
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

/* A tile with unit_px pixels a unit. NULL when out of memory. */
static cairo_surface_t *draw_tile(enum item_brush brush, struct item_color color, int unit_px) {
    int side = TILE * unit_px;
    cairo_surface_t *tile = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, side, side);
    uint8_t *pixels = cairo_image_surface_get_data(tile);
    if (pixels == NULL) {
        cairo_surface_destroy(tile);
        return NULL;
    }
    size_t stride = (size_t)cairo_image_surface_get_stride(tile);
    uint32_t pixel = premultiplied(color);
    for (int y = 0; y < side; y++) {
        for (int x = 0; x < side; x++) {
            if (is_set(brush, (x + 0.5) / unit_px, (y + 0.5) / unit_px)) {
                memcpy(pixels + (size_t)y * stride + (size_t)x * 4, &pixel, 4);
            }
        }
    }
    cairo_surface_mark_dirty(tile);
    return tile;
}

static double mean_of(enum item_brush brush) {
    int n = 0;
    for (int i = 0; i < TILE * TILE; i++) {
        n += is_set(brush, i % TILE + 0.5, floor(i / (double)TILE) + 0.5) ? 1 : 0;
    }
    return (double)n / (TILE * TILE);
}

/* The whole tile that the picture's corner lies in: far ones would leave pixman's numbers. */
static bool near_tile(const cairo_matrix_t *matrix, double *x, double *y) {
    cairo_matrix_t inverse = *matrix;
    if (cairo_matrix_invert(&inverse) != CAIRO_STATUS_SUCCESS) {
        return false;
    }
    *x = 0;
    *y = 0;
    cairo_matrix_transform_point(&inverse, x, y);
    *x = floor(*x / TILE) * TILE;
    *y = floor(*y / TILE) * TILE;
    return fabs(*x) < 1e9 && fabs(*y) < 1e9;
}

void painter_set_brush(cairo_t *cr, enum item_brush brush, struct item_color color) {
    cairo_matrix_t matrix, to_tile;
    double x, y;
    cairo_get_matrix(cr, &matrix);
    double scale = sqrt(fabs(matrix.xx * matrix.yy - matrix.xy * matrix.yx));
    bool has_tiles = brush > ITEM_BRUSH_SOLID && brush <= ITEM_BRUSH_DIAG_CROSS;
    if (!has_tiles) {
        cairo_set_source_rgba(cr, color.r, color.g, color.b, color.a);
        return;
    }
    cairo_surface_t *tile = NULL;
    int unit_px = (int)fmin(fmax(ceil(scale - 0.01), 1), TILE_SCALE_MAX);
    if (scale >= TILE_SCALE_MIN && near_tile(&matrix, &x, &y)) {
        tile = draw_tile(brush, color, unit_px);
    }
    if (tile == NULL) {
        cairo_set_source_rgba(cr, color.r, color.g, color.b, color.a * mean_of(brush));
        return;
    }
    cairo_set_source_surface(cr, tile, 0, 0);
    cairo_matrix_init_scale(&to_tile, unit_px, unit_px);
    cairo_matrix_translate(&to_tile, -x, -y);
    cairo_pattern_set_matrix(cairo_get_source(cr), &to_tile);
    cairo_pattern_set_extend(cairo_get_source(cr), CAIRO_EXTEND_REPEAT);
    cairo_pattern_set_filter(cairo_get_source(cr), CAIRO_FILTER_GOOD);
    cairo_surface_destroy(tile);
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
