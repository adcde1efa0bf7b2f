/* rect: a box with corners that may be round. */
#include <math.h>
#include <stdlib.h>

#include "common/err.h"
#include "renderer/types/shapes/shape.h"
#include "renderer/types/type_list.h"

struct rect_data {
    struct shape_cache cache;
    float radius_x, radius_y; /* percent of half the width, height */
};

static int rect_create(struct object *object) {
    object->data = calloc(1, sizeof(struct rect_data));
    return object->data != NULL ? LG_OK : LG_ENOMEM;
}

static void rect_destroy(struct object *object) {
    struct rect_data *data = object->data;
    if (data != NULL) {
        shape_cache_clear(&data->cache);
        free(data);
        object->data = NULL;
    }
}

/* A quarter ellipse to (x, y) + (rx, ry) turned; 0.5523 makes a cubic of a quarter circle. */
static void round_corners(cairo_t *cr, double w, double h, double rx, double ry) {
    const double k = 1 - 0.5522847498;
    cairo_move_to(cr, rx, 0);
    cairo_line_to(cr, w - rx, 0);
    cairo_curve_to(cr, w - rx * k, 0, w, ry * k, w, ry);
    cairo_line_to(cr, w, h - ry);
    cairo_curve_to(cr, w, h - ry * k, w - rx * k, h, w - rx, h);
    cairo_line_to(cr, rx, h);
    cairo_curve_to(cr, rx * k, h, 0, h - ry * k, 0, h - ry);
    cairo_line_to(cr, 0, ry);
    cairo_curve_to(cr, 0, ry * k, rx * k, 0, rx, 0);
    cairo_close_path(cr);
}

static void build(cairo_t *cr, const struct object *object, double frame_side) {
    const struct rect_data *data = object->data;
    double w, h;
    shape_nominal(object, frame_side, &w, &h);
    double rx = fmin(fmax((double)data->radius_x, 0), 100) / 100 * w / 2;
    double ry = fmin(fmax((double)data->radius_y, 0), 100) / 100 * h / 2;
    if (rx > 0 && ry > 0) {
        round_corners(cr, w, h, rx, ry);
    } else {
        cairo_rectangle(cr, 0, 0, w, h);
    }
}

static void rect_draw(const struct object *object, const struct placement *placement,
                      struct display_list *list) {
    struct rect_data *data = object->data;
    double w, h;
    shape_nominal(object, placement->frame_side, &w, &h);
    if (w <= 0 || h <= 0) {
        return;
    }
    const double key[] = {w, h, (double)data->radius_x, (double)data->radius_y};
    shape_append(object, placement, list,
                 shape_path(&data->cache, object, placement->frame_side, key, 4, build), false);
}

static int set_radius(struct object *object, const struct param *params, size_t n_params) {
    struct rect_data *data = object->data;
    if (n_params != 2 || !param_is_number(&params[0]) || !param_is_number(&params[1])) {
        return LG_EBADREQUEST;
    }
    data->radius_x = param_as_float(&params[0]);
    data->radius_y = param_as_float(&params[1]);
    object_touch(object);
    return LG_OK;
}

static void get_radius(const struct object *object, struct message *out) {
    const struct rect_data *data = object->data;
    message_give_param(out, param_float(data->radius_x));
    message_give_param(out, param_float(data->radius_y));
}

static const struct object_method METHODS[] = {
    {"radius", set_radius, get_radius},
};

static void rect_outline(const struct object *object, double frame_side, double fraction, double *x,
                         double *y) {
    shape_outline(object, frame_side, build, false, fraction, x, y);
}

const struct object_type TYPE_RECT = {
    .name = "rect",
    .sizing = SIZING_FREE,
    .takes_z_children = true,
    .methods = METHODS,
    .n_methods = sizeof METHODS / sizeof METHODS[0],
    .create = rect_create,
    .set = shape_set_size,
    .get_set = shape_get_size,
    .box = shape_nominal_box,
    .draw = rect_draw,
    .outline = rect_outline,
    .destroy = rect_destroy,
};
