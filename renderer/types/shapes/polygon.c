/* polygon: closed, filled by the odd-even rule, put on x y by the centre of its box.
 *
 * Pen and outline together take the width of the points (7.5), so everything shrinks with a thick
 * pen; the placement knows no width of polygons, hence it is done here. */
#include <math.h>
#include <stdlib.h>

#include "common/err.h"
#include "renderer/types/shapes/points.h"
#include "renderer/types/type_list.h"

static int polygon_create(struct object *object) {
    object->data = calloc(1, sizeof(struct points));
    return object->data != NULL ? LG_OK : LG_ENOMEM;
}

static void polygon_destroy(struct object *object) {
    if (object->data != NULL) {
        points_finish(object->data);
        free(object->data);
        object->data = NULL;
    }
}

static void find_box(struct points *points) {
    double low_x = INFINITY, low_y = INFINITY, high_x = -INFINITY, high_y = -INFINITY;
    for (size_t point_i = 0; point_i < points->n; point_i++) {
        low_x = fmin(low_x, (double)points->xy[2 * point_i]);
        high_x = fmax(high_x, (double)points->xy[2 * point_i]);
        low_y = fmin(low_y, (double)points->xy[2 * point_i + 1]);
        high_y = fmax(high_y, (double)points->xy[2 * point_i + 1]);
    }
    points->box[0] = low_x;
    points->box[1] = low_y;
    points->box[2] = high_x - low_x;
    points->box[3] = high_y - low_y;
}

static int polygon_set(struct object *object, const struct param *params, size_t n_params) {
    int code = points_set(object->data, params, n_params, false);
    if (code == LG_OK) {
        find_box(object->data);
    }
    return code == LG_ETOOLARGE ? LG_EBADREQUEST : code;
}

static void polygon_get_set(const struct object *object, struct message *out) {
    points_get(object->data, out);
}

static double shrink(const struct object *object, double frame_side) {
    const struct points *points = object->data;
    double width = points->box[2] * frame_side / 2;
    double pen = fmax((double)object->attr.pen_width, 0);
    return width > 0 ? width / (width + pen) : 1;
}

static void polygon_box(const struct object *object, double frame_side, struct box *out) {
    const struct points *points = object->data;
    double factor = shrink(object, frame_side);
    *out = (struct box){0, 0, points->box[2] * frame_side / 2, points->box[3] * frame_side / 2};
    shape_grow_by_pen(object, out);
    out->x *= factor;
    out->y *= factor;
    out->width *= factor;
    out->height *= factor;
}

static void build(cairo_t *cr, const struct object *object, double frame_side) {
    const struct points *points = object->data;
    double factor = frame_side / 2 * shrink(object, frame_side);
    for (size_t point_i = 0; point_i < points->n; point_i++) {
        cairo_line_to(cr, ((double)points->xy[2 * point_i] - points->box[0]) * factor,
                      ((double)points->xy[2 * point_i + 1] - points->box[1]) * factor);
    }
    cairo_close_path(cr);
}

static void polygon_draw(const struct object *object, const struct placement *placement,
                         struct display_list *list) {
    struct points *points = object->data;
    double factor = shrink(object, placement->frame_side);
    const double key[] = {placement->frame_side, points->revision, factor};
    struct draw_resource *path =
        shape_path(&points->cache, object, placement->frame_side, key, 3, build);
    if (path == NULL) {
        return;
    }
    struct display_item item;
    shape_item(object, placement, &item);
    item.stroke_width *= factor;
    item.is_even_odd = true;
    item.resource = resource_ref(path);
    display_list_append(list, &item);
}

static void polygon_outline(const struct object *object, double frame_side, double fraction,
                            double *x, double *y) {
    shape_outline(object, frame_side, build, false, fraction, x, y);
}

const struct object_type TYPE_POLYGON = {
    .name = "polygon",
    .sizing = SIZING_UNANSWERED,
    .takes_z_children = true,
    .create = polygon_create,
    .set = polygon_set,
    .get_set = polygon_get_set,
    .box = polygon_box,
    .draw = polygon_draw,
    .outline = polygon_outline,
    .destroy = polygon_destroy,
};
