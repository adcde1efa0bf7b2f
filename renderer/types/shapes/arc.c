/* arc: a piece of an ellipse, angles counter-clockwise from 3 o'clock.
 *
 * The box is that of the drawn piece, so that a narrow piece is enlarged to the
 * width asked for (score-language reference 7.5); what lands on x y is the origin
 * of the full ellipse, hence the anchor. Local coordinates begin at the ellipse's box. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "renderer/types/shapes/shape.h"
#include "renderer/types/type_list.h"

struct arc_data {
    struct shape_cache cache;
    float start_deg, range_deg;
    bool is_closed; /* through the centre */
};

/* The ellipse, and the drawn piece in it. */
struct arc_frame {
    double width, height;
    struct box drawn; /* without pen */
};

static double radians(double degrees) {
    return degrees * M_PI / 180;
}

/* More than a turn is drawn as a turn. */
static double drawn_range(const struct arc_data *data) {
    double range = isfinite(data->range_deg) ? (double)data->range_deg : 0;
    return fmax(fmin(range, 360), -360);
}

static double drawn_start(const struct arc_data *data) {
    return isfinite(data->start_deg) ? fmod((double)data->start_deg, 360) : 0;
}

static void widen(double box[4], double x, double y) {
    box[0] = fmin(box[0], x);
    box[1] = fmin(box[1], y);
    box[2] = fmax(box[2], x);
    box[3] = fmax(box[3], y);
}

/* Extents on the unit circle, y down: both ends, and every quarter in between. */
static void unit_extents(const struct arc_data *data, double box[4]) {
    double start = drawn_start(data), range = drawn_range(data);
    double low = fmin(start, start + range), high = fmax(start, start + range);
    box[0] = box[1] = INFINITY;
    box[2] = box[3] = -INFINITY;
    widen(box, cos(radians(low)), -sin(radians(low)));
    widen(box, cos(radians(high)), -sin(radians(high)));
    for (double quarter = ceil(low / 90) * 90; quarter <= high; quarter += 90) {
        widen(box, cos(radians(quarter)), -sin(radians(quarter)));
    }
    if (data->is_closed) {
        widen(box, 0, 0);
    }
}

static void arc_frame(const struct object *object, double frame_side, struct arc_frame *out) {
    const struct arc_data *data = object->data;
    double unit[4];
    shape_nominal(object, frame_side, &out->width, &out->height);
    unit_extents(data, unit);
    double rx = out->width / 2, ry = out->height / 2;
    out->drawn = (struct box){rx * (1 + unit[0]), ry * (1 + unit[1]), rx * (unit[2] - unit[0]),
                              ry * (unit[3] - unit[1])};
}

static int arc_create(struct object *object) {
    object->data = calloc(1, sizeof(struct arc_data));
    return object->data != NULL ? LG_OK : LG_ENOMEM;
}

static void arc_destroy(struct object *object) {
    struct arc_data *data = object->data;
    if (data != NULL) {
        shape_cache_clear(&data->cache);
        free(data);
        object->data = NULL;
    }
}

static void arc_defaults(struct attributes *attr) {
    attr->pen_width = 1;
    attr->brush_style = BRUSH_NONE;
    memcpy(attr->brush_style_word, "none", sizeof "none");
}

static int arc_set(struct object *object, const struct param *params, size_t n_params) {
    struct arc_data *data = object->data;
    if (n_params != 4 || !param_is_number(&params[2]) || !param_is_number(&params[3])) {
        return LG_EBADREQUEST;
    }
    int code = shape_set_size(object, params, 2);
    if (code == LG_OK) {
        data->start_deg = param_as_float(&params[2]);
        data->range_deg = param_as_float(&params[3]);
    }
    return code;
}

static void arc_get_set(const struct object *object, struct message *out) {
    const struct arc_data *data = object->data;
    shape_get_size(object, out);
    message_give_param(out, param_float(data->start_deg));
    message_give_param(out, param_float(data->range_deg));
}

static void arc_box(const struct object *object, double frame_side, struct box *out) {
    struct arc_frame frame;
    arc_frame(object, frame_side, &frame);
    *out = frame.drawn;
    shape_grow_by_pen(object, out);
}

static void build(cairo_t *cr, const struct object *object, double frame_side) {
    const struct arc_data *data = object->data;
    struct arc_frame frame;
    arc_frame(object, frame_side, &frame);
    double start = -radians(drawn_start(data));
    double end = start - radians(drawn_range(data));
    cairo_translate(cr, frame.width / 2, frame.height / 2);
    cairo_scale(cr, frame.width / 2, frame.height / 2);
    if (data->is_closed) {
        cairo_move_to(cr, 0, 0);
    }
    if (end <= start) {
        cairo_arc_negative(cr, 0, 0, 1, start, end);
    } else {
        cairo_arc(cr, 0, 0, 1, start, end);
    }
    if (data->is_closed) {
        cairo_close_path(cr);
    }
    cairo_identity_matrix(cr);
}

static void arc_draw(const struct object *object, const struct placement *placement,
                     struct display_list *list) {
    struct arc_data *data = object->data;
    struct arc_frame frame;
    arc_frame(object, placement->frame_side, &frame);
    if (frame.width <= 0 || frame.height <= 0) {
        return;
    }
    const double key[] = {frame.width, frame.height, (double)data->start_deg,
                          (double)data->range_deg, data->is_closed ? 1 : 0};
    shape_append(object, placement, list,
                 shape_path(&data->cache, object, placement->frame_side, key, 5, build), false);
}

static int set_angle(struct object *object, const struct param *params, size_t n_params,
                     float *angle, bool is_relative) {
    if (n_params != 1 || !param_is_number(&params[0])) {
        return LG_EBADREQUEST;
    }
    *angle = param_as_float(&params[0]) + (is_relative ? *angle : 0);
    object_touch(object);
    return LG_OK;
}

static int set_start(struct object *object, const struct param *params, size_t n_params) {
    struct arc_data *data = object->data;
    return set_angle(object, params, n_params, &data->start_deg, false);
}

static int set_dstart(struct object *object, const struct param *params, size_t n_params) {
    struct arc_data *data = object->data;
    return set_angle(object, params, n_params, &data->start_deg, true);
}

static int set_range(struct object *object, const struct param *params, size_t n_params) {
    struct arc_data *data = object->data;
    return set_angle(object, params, n_params, &data->range_deg, false);
}

static int set_drange(struct object *object, const struct param *params, size_t n_params) {
    struct arc_data *data = object->data;
    return set_angle(object, params, n_params, &data->range_deg, true);
}

static int set_close(struct object *object, const struct param *params, size_t n_params) {
    struct arc_data *data = object->data;
    int code = shape_bool(params, n_params, &data->is_closed);
    if (code == LG_OK) {
        object_touch(object);
    }
    return code;
}

static void get_start(const struct object *object, struct message *out) {
    const struct arc_data *data = object->data;
    message_give_param(out, param_float(data->start_deg));
}

static void get_range(const struct object *object, struct message *out) {
    const struct arc_data *data = object->data;
    message_give_param(out, param_float(data->range_deg));
}

static void get_close(const struct object *object, struct message *out) {
    const struct arc_data *data = object->data;
    message_give_param(out, param_int(data->is_closed ? 1 : 0));
}

static const struct object_method METHODS[] = {
    {"start", set_start, get_start}, {"range", set_range, get_range}, {"dstart", set_dstart, NULL},
    {"drange", set_drange, NULL},    {"close", set_close, get_close},
};

static void arc_outline(const struct object *object, double frame_side, double fraction, double *x,
                        double *y) {
    shape_outline(object, frame_side, build, true, fraction, x, y);
}

const struct object_type TYPE_ARC = {
    .name = "arc",
    .sizing = SIZING_FREE,
    .takes_z_children = true,
    .methods = METHODS,
    .n_methods = sizeof METHODS / sizeof METHODS[0],
    .defaults = arc_defaults,
    .create = arc_create,
    .set = arc_set,
    .get_set = arc_get_set,
    .box = arc_box,
    .anchor = shape_nominal,
    .draw = arc_draw,
    .outline = arc_outline,
    .destroy = arc_destroy,
};
