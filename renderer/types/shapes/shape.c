/* What the shape types share. The outline of each type is in its own file;
 * brushes and pens become pixels in renderer/draw/painter.c. */
#include "renderer/types/shapes/shape.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "renderer/score/sync/place.h"

static struct draw_resource *build_path(const struct object *object, double frame_side,
                                        shape_build_fn build) {
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_A8, 1, 1);
    cairo_t *cr = cairo_create(surface);
    build(cr, object, frame_side);
    struct draw_resource *path =
        cairo_status(cr) == CAIRO_STATUS_SUCCESS ? resource_path_from_cairo(cr) : NULL;
    cairo_destroy(cr);
    cairo_surface_destroy(surface);
    return path;
}

struct draw_resource *shape_path(struct shape_cache *cache, const struct object *object,
                                 double frame_side, const double *key, size_t n_key,
                                 shape_build_fn build) {
    if (cache->path != NULL && memcmp(cache->key, key, n_key * sizeof *key) == 0) {
        return cache->path;
    }
    resource_unref(cache->path);
    cache->path = build_path(object, frame_side, build);
    memcpy(cache->key, key, n_key * sizeof *key);
    return cache->path;
}

void shape_cache_clear(struct shape_cache *cache) {
    resource_unref(cache->path);
    cache->path = NULL;
}

/* A size that is not a number, or beyond any picture, is drawn as nothing or as very large. */
static double sane_size(double units) {
    if (!isfinite(units)) {
        return 0;
    }
    return fmin(fabs(units), 1e7);
}

void shape_nominal(const struct object *object, double frame_side, double *width, double *height) {
    *width = sane_size(geometry_dimension(object, object->attr.width, false) * frame_side / 2);
    *height = sane_size(geometry_dimension(object, object->attr.height, false) * frame_side / 2);
}

void shape_grow_by_pen(const struct object *object, struct box *box) {
    double pen = object->attr.pen_width > 0 ? (double)object->attr.pen_width : 0;
    box->x -= pen / 2;
    box->y -= pen / 2;
    box->width += pen;
    box->height += pen;
}

void shape_nominal_box(const struct object *object, double frame_side, struct box *out) {
    double width, height;
    shape_nominal(object, frame_side, &width, &height);
    *out = (struct box){0, 0, width, height};
    shape_grow_by_pen(object, out);
}

void shape_build_nominal(cairo_t *cr, const struct object *object, double frame_side) {
    double width, height;
    shape_nominal(object, frame_side, &width, &height);
    cairo_rectangle(cr, 0, 0, width, height);
}

struct item_color shape_color(const struct color *color) {
    return (struct item_color){color->r / 255.0, color->g / 255.0, color->b / 255.0,
                               color->a / 255.0};
}

static enum item_brush item_brush(enum brush_style style) {
    if (style == BRUSH_SOLID) {
        return ITEM_BRUSH_SOLID;
    }
    if (style == BRUSH_NONE) {
        return ITEM_BRUSH_NONE;
    }
    return (enum item_brush)(ITEM_BRUSH_DENSE1 + (int)(style - BRUSH_DENSE1));
}

static enum item_dash item_dash(enum pen_style style) {
    static const enum item_dash DASHES[] = {
        [PEN_SOLID] = ITEM_DASH_SOLID,
        [PEN_DASH] = ITEM_DASH_DASH,
        [PEN_DOT] = ITEM_DASH_DOT,
        [PEN_DASH_DOT] = ITEM_DASH_DASH_DOT,
        [PEN_DASH_DOT_DOT] = ITEM_DASH_DASH_DOT_DOT,
    };
    return DASHES[style];
}

void shape_item(const struct object *object, const struct placement *placement,
                struct display_item *item) {
    memset(item, 0, sizeof *item);
    item->kind = ITEM_PATH;
    item->object_id = object->id;
    memcpy(item->matrix, placement->to_device.m, sizeof item->matrix);
    item->fill = shape_color(&object->attr.color);
    item->brush = item_brush(object->attr.brush_style);
    item->stroke_width = object->attr.pen_width > 0 ? (double)object->attr.pen_width : 0;
    item->stroke = shape_color(&object->attr.pen_color);
    item->dash = item_dash(object->attr.pen_style);
}

void shape_append(const struct object *object, const struct placement *placement,
                  struct display_list *list, struct draw_resource *path, bool is_even_odd) {
    if (path == NULL) {
        return;
    }
    struct display_item item;
    shape_item(object, placement, &item);
    item.resource = resource_ref(path);
    item.is_even_odd = is_even_odd;
    display_list_append(list, &item);
}

static struct draw_resource *box_path(const struct box *box) {
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_A8, 1, 1);
    cairo_t *cr = cairo_create(surface);
    cairo_rectangle(cr, box->x, box->y, box->width, box->height);
    struct draw_resource *path = resource_path_from_cairo(cr);
    cairo_destroy(cr);
    cairo_surface_destroy(surface);
    return path;
}

void shape_append_pen_box(const struct object *object, const struct placement *placement,
                          struct display_list *list, double opacity) {
    struct box box = placement->box;
    if (!(object->attr.pen_width > 0) || box.width <= 0 || box.height <= 0) {
        return;
    }
    shape_grow_by_pen(object, &box);
    struct display_item item;
    shape_item(object, placement, &item);
    item.brush = ITEM_BRUSH_NONE;
    item.stroke.a *= opacity;
    item.resource = box_path(&box);
    if (item.resource != NULL) {
        display_list_append(list, &item);
    }
}

void shape_append_box(uint64_t object_id, const struct placement *placement,
                      struct display_list *list, const struct box *box, struct item_color fill) {
    struct display_item item = {
        .kind = ITEM_PATH, .object_id = object_id, .fill = fill, .brush = ITEM_BRUSH_SOLID};
    memcpy(item.matrix, placement->to_device.m, sizeof item.matrix);
    item.resource = box_path(box);
    if (item.resource != NULL) {
        display_list_append(list, &item);
    }
}

bool shape_dimension(const struct param *param, struct dimension *out) {
    if (param_is_number(param)) {
        *out = (struct dimension){param_as_float(param), UNIT_PLAIN};
        return true;
    }
    if (param->kind != PARAM_STRING) {
        return false;
    }
    char *end = NULL;
    errno = 0;
    float value = strtof(param->as.text, &end);
    if (end == param->as.text || errno == ERANGE || !isfinite(value)) {
        return false;
    }
    if (strcmp(end, "sw") == 0) {
        *out = (struct dimension){value, UNIT_SW};
        return true;
    }
    if (strcmp(end, "sh") == 0) {
        *out = (struct dimension){value, UNIT_SH};
        return true;
    }
    return false;
}

void shape_put_dimension(struct message *out, struct dimension dimension) {
    if (dimension.unit == UNIT_PLAIN) {
        message_give_param(out, param_float(dimension.value));
        return;
    }
    char text[48];
    snprintf(text, sizeof text, "%g%s", (double)dimension.value,
             dimension.unit == UNIT_SW ? "sw" : "sh");
    message_give_param(out, param_string(text));
}

int shape_set_size(struct object *object, const struct param *params, size_t n_params) {
    struct dimension width, height;
    if (n_params != 2 || !shape_dimension(&params[0], &width) ||
        !shape_dimension(&params[1], &height)) {
        return LG_EBADREQUEST;
    }
    object->attr.width = width;
    object->attr.height = height;
    return LG_OK;
}

void shape_get_size(const struct object *object, struct message *out) {
    shape_put_dimension(out, object->attr.width);
    shape_put_dimension(out, object->attr.height);
}

int shape_bool(const struct param *params, size_t n_params, bool *out) {
    if (n_params != 1 || !param_is_number(&params[0])) {
        return LG_EBADREQUEST;
    }
    *out = param_as_float(&params[0]) != 0;
    return LG_OK;
}

/* -- outlines -------------------------------------------------------------- */

/* Points of the first sub-path; an array for free(). */
static size_t flat_points(const cairo_path_t *path, bool *is_closed, double **out) {
    size_t n = 0;
    *is_closed = false;
    *out = calloc((size_t)path->num_data + 1, 2 * sizeof **out);
    for (int i = 0; *out != NULL && i < path->num_data; i += path->data[i].header.length) {
        const cairo_path_data_t *data = &path->data[i];
        if (data->header.type == CAIRO_PATH_CLOSE_PATH) {
            *is_closed = true;
        } else if (data->header.type == CAIRO_PATH_MOVE_TO && n > 1) {
            break;
        } else {
            n = data->header.type == CAIRO_PATH_MOVE_TO ? 0 : n;
            (*out)[2 * n] = data[1].point.x;
            (*out)[2 * n + 1] = data[1].point.y;
            n++;
        }
    }
    return n;
}

void shape_outline(const struct object *object, double frame_side, shape_build_fn build,
                   bool is_backwards, double fraction, double *x, double *y) {
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_A8, 1, 1);
    cairo_t *cr = cairo_create(surface);
    build(cr, object, frame_side);
    cairo_path_t *path = cairo_copy_path_flat(cr);
    bool is_closed;
    double *points;
    size_t n_points = flat_points(path, &is_closed, &points);
    *x = *y = 0;
    if (n_points > 0) {
        sync_outline_points(points, n_points, is_closed, is_backwards ? 1 - fraction : fraction, x,
                            y);
    }
    free(points);
    cairo_path_destroy(path);
    cairo_destroy(cr);
    cairo_surface_destroy(surface);
    struct box box;
    object->type->box(object, frame_side, &box);
    *x = box.width > 0 ? 2 * (*x - box.x) / box.width - 1 : 0;
    *y = box.height > 0 ? 2 * (*y - box.y) / box.height - 1 : 0;
}
