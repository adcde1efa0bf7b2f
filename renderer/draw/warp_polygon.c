/* Cutting in homogeneous coordinates: each border is linear in x, y, w there,
 * so what lies behind the viewer needs no special case. */
#include "renderer/draw/warp_polygon.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "renderer/draw/display_list_private.h"
#include "renderer/draw/projection.h"
#include "renderer/draw/resource.h"

#define BORDERS   5
#define MARGIN_PX 64

/* >= 0 inside */
static double border(const double area[4], int border_i, const double p[3]) {
    switch (border_i) {
    case 0:
        return p[2] - PROJECTION_W_MIN;
    case 1:
        return p[0] - area[0] * p[2];
    case 2:
        return area[2] * p[2] - p[0];
    case 3:
        return p[1] - area[1] * p[2];
    default:
        return area[3] * p[2] - p[1];
    }
}

void warp_polygon_init(struct warp_polygon *to, cairo_t *cr, const struct display_item *item,
                       double half_pen) {
    memset(to, 0, sizeof(*to));
    to->cr = cr;
    memcpy(to->matrix, item->matrix, sizeof(to->matrix));
    double box[4], scale = 0;
    resource_extents(item->resource, box);
    for (int i = 0; i < 4; i++) {
        scale = fmax(scale, projection_scale_at(item->matrix, box[0] + (i % 2 == 1 ? box[2] : 0),
                                                box[1] + (i >= 2 ? box[3] : 0)));
    }
    double room = fmin(half_pen * scale, 1e6);
    to->near[0] = item->bounds.x - MARGIN_PX;
    to->near[1] = item->bounds.y - MARGIN_PX;
    to->near[2] = item->bounds.x + item->bounds.width + MARGIN_PX;
    to->near[3] = item->bounds.y + item->bounds.height + MARGIN_PX;
    for (int i = 0; i < 4; i++) {
        to->far[i] = to->near[i] + (i < 2 ? -room : room);
    }
}

void warp_polygon_finish(struct warp_polygon *to) {
    free(to->points);
    to->points = NULL;
}

/* One border of Sutherland and Hodgman's polygon clipping. */
static size_t cut(const double area[4], int border_i, const double *from, size_t n, double *out) {
    size_t n_out = 0;
    for (size_t i = 0; i < n; i++) {
        const double *p = from + 3 * i, *q = from + 3 * ((i + 1) % n);
        double fp = border(area, border_i, p), fq = border(area, border_i, q);
        if (fp >= 0) {
            memcpy(out + 3 * n_out++, p, 3 * sizeof(double));
        }
        if ((fp >= 0) != (fq >= 0)) {
            double t = fp / (fp - fq);
            for (int c = 0; c < 3; c++) {
                out[3 * n_out + (size_t)c] = p[c] + t * (q[c] - p[c]);
            }
            n_out++;
        }
    }
    return n_out;
}

static bool reserve(struct warp_polygon *to, size_t n_points) {
    /* A border cuts each edge at most once and drops at least one point of each pair of cuts: a
     * polygon of n points has at most 3 n / 2 after it. 1.5 to the 5th is below 8. */
    size_t needed = n_points * 8 + BORDERS;
    if (needed <= to->capacity) {
        return true;
    }
    double *points = realloc(to->points, 2 * needed * 3 * sizeof(double));
    if (points == NULL) {
        return false;
    }
    to->points = points;
    to->capacity = needed;
    return true;
}

void warp_polygon_emit(struct warp_polygon *to, const double *points, size_t n_points) {
    if (!reserve(to, n_points)) {
        return;
    }
    to->n_pieces++;
    double *from = to->points, *out = to->points + 3 * to->capacity;
    bool is_inside[BORDERS] = {true, true, true, true, true};
    for (size_t i = 0; i < n_points; i++) {
        projection_map(to->matrix, points[2 * i], points[2 * i + 1], from + 3 * i);
        for (int b = 0; b < BORDERS; b++) {
            is_inside[b] = is_inside[b] && border(to->near, b, from + 3 * i) >= 0;
        }
    }
    size_t n = n_points;
    for (int b = 0; b < BORDERS && n > 0; b++) {
        if (is_inside[b]) {
            continue;
        }
        n = cut(to->near, b, from, n, out);
        double *swap = from;
        from = out;
        out = swap;
    }
    for (size_t i = 0; i < n && n >= 3; i++) {
        double x = from[3 * i] / from[3 * i + 2], y = from[3 * i + 1] / from[3 * i + 2];
        if (i == 0) {
            cairo_move_to(to->cr, x, y);
        } else {
            cairo_line_to(to->cr, x, y);
        }
    }
    if (n >= 3) {
        cairo_close_path(to->cr);
    }
}

bool warp_polygon_range(const struct warp_polygon *to, const double *p, const double *q,
                        double range[2]) {
    double a[3], b[3], t0 = 0, t1 = 1;
    projection_map(to->matrix, p[0], p[1], a);
    projection_map(to->matrix, q[0], q[1], b);
    for (int i = 0; i < BORDERS; i++) {
        double fa = border(to->far, i, a), fb = border(to->far, i, b);
        if (fa < 0 && fb < 0) {
            return false;
        }
        if (fa < 0) {
            t0 = fmax(t0, fa / (fa - fb));
        } else if (fb < 0) {
            t1 = fmin(t1, fa / (fa - fb));
        }
    }
    range[0] = t0;
    range[1] = t1;
    return t0 <= t1;
}
