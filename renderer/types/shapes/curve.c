/* curve: cubic Béziers, each a sub-path of its own, filled; put on x y by the
 * centre of the true extents. The box does not count the pen (picture 10). */
#include <math.h>
#include <stdlib.h>

#include "common/err.h"
#include "renderer/types/shapes/points.h"
#include "renderer/types/type_list.h"

static int curve_create(struct object *object) {
    object->data = calloc(1, sizeof(struct points));
    return object->data != NULL ? LG_OK : LG_ENOMEM;
}

static void curve_destroy(struct object *object) {
    if (object->data != NULL) {
        points_finish(object->data);
        free(object->data);
        object->data = NULL;
    }
}

static void add_curves(cairo_t *cr, const struct points *points, double x, double y,
                       double factor) {
    for (size_t curve_i = 0; curve_i < points->n / 4; curve_i++) {
        double p[8];
        for (size_t value_i = 0; value_i < 8; value_i += 2) {
            p[value_i] = ((double)points->xy[8 * curve_i + value_i] - x) * factor;
            p[value_i + 1] = ((double)points->xy[8 * curve_i + value_i + 1] - y) * factor;
        }
        cairo_move_to(cr, p[0], p[1]);
        cairo_curve_to(cr, p[2], p[3], p[4], p[5], p[6], p[7]);
    }
}

/* Extents on one axis of one cubic: its ends and where the derivative is 0. */
static void widen_axis(const float *p, double *low, double *high) {
    double p0 = (double)p[0], p1 = (double)p[2], p2 = (double)p[4], p3 = (double)p[6];
    *low = fmin(*low, fmin(p0, p3));
    *high = fmax(*high, fmax(p0, p3));
    double a = -p0 + 3 * p1 - 3 * p2 + p3, b = 2 * (p0 - 2 * p1 + p2), c = p1 - p0;
    double roots[2] = {-1, -1};
    if (fabs(a) < 1e-9) {
        roots[0] = fabs(b) < 1e-12 ? -1 : -c / b;
    } else if (b * b - 4 * a * c >= 0) {
        double root = sqrt(b * b - 4 * a * c);
        roots[0] = (-b + root) / (2 * a);
        roots[1] = (-b - root) / (2 * a);
    }
    for (size_t root_i = 0; root_i < 2; root_i++) {
        double t = roots[root_i], u = 1 - t;
        if (t > 0 && t < 1) {
            double at = u * u * u * p0 + 3 * u * u * t * p1 + 3 * u * t * t * p2 + t * t * t * p3;
            *low = fmin(*low, at);
            *high = fmax(*high, at);
        }
    }
}

static void find_box(struct points *points) {
    double low_x = INFINITY, low_y = INFINITY, high_x = -INFINITY, high_y = -INFINITY;
    for (size_t curve_i = 0; curve_i < points->n / 4; curve_i++) {
        widen_axis(points->xy + 8 * curve_i, &low_x, &high_x);
        widen_axis(points->xy + 8 * curve_i + 1, &low_y, &high_y);
    }
    points->box[0] = low_x;
    points->box[1] = low_y;
    points->box[2] = high_x - low_x;
    points->box[3] = high_y - low_y;
}

static int curve_set(struct object *object, const struct param *params, size_t n_params) {
    if (n_params % 8 != 0) {
        return LG_EBADREQUEST;
    }
    int code = points_set(object->data, params, n_params, true);
    if (code == LG_OK) {
        find_box(object->data);
    }
    return code == LG_ETOOLARGE ? LG_EBADREQUEST : code;
}

static void curve_get_set(const struct object *object, struct message *out) {
    points_get(object->data, out);
}

static void curve_box(const struct object *object, double frame_side, struct box *out) {
    const struct points *points = object->data;
    *out = (struct box){0, 0, points->box[2] * frame_side / 2, points->box[3] * frame_side / 2};
}

static void build(cairo_t *cr, const struct object *object, double frame_side) {
    const struct points *points = object->data;
    add_curves(cr, points, points->box[0], points->box[1], frame_side / 2);
}

static void curve_draw(const struct object *object, const struct placement *placement,
                       struct display_list *list) {
    struct points *points = object->data;
    const double key[] = {placement->frame_side, points->revision};
    shape_append(object, placement, list,
                 shape_path(&points->cache, object, placement->frame_side, key, 2, build), true);
}

const struct object_type TYPE_CURVE = {
    .name = "curve",
    .sizing = SIZING_ZERO,
    .takes_z_children = true,
    .create = curve_create,
    .set = curve_set,
    .get_set = curve_get_set,
    .box = curve_box,
    .draw = curve_draw,
    .destroy = curve_destroy,
};
