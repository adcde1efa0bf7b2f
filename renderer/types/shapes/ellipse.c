/* ellipse: the one that fits the nominal box. */
#include <math.h>
#include <stdlib.h>

#include "common/err.h"
#include "renderer/types/shapes/shape.h"
#include "renderer/score/sync/place.h"
#include "renderer/types/type_list.h"

static int ellipse_create(struct object *object) {
    object->data = calloc(1, sizeof(struct shape_cache));
    return object->data != NULL ? LG_OK : LG_ENOMEM;
}

static void ellipse_destroy(struct object *object) {
    if (object->data != NULL) {
        shape_cache_clear(object->data);
        free(object->data);
        object->data = NULL;
    }
}

static void build(cairo_t *cr, const struct object *object, double frame_side) {
    double w, h;
    shape_nominal(object, frame_side, &w, &h);
    cairo_translate(cr, w / 2, h / 2);
    cairo_scale(cr, w / 2, h / 2);
    cairo_arc(cr, 0, 0, 1, 0, 2 * M_PI);
    cairo_close_path(cr);
    cairo_identity_matrix(cr);
}

static void ellipse_draw(const struct object *object, const struct placement *placement,
                         struct display_list *list) {
    double key[2];
    shape_nominal(object, placement->frame_side, &key[0], &key[1]);
    if (key[0] <= 0 || key[1] <= 0) {
        return;
    }
    shape_append(object, placement, list,
                 shape_path(object->data, object, placement->frame_side, key, 2, build), false);
}

static bool ellipse_contains(const struct object *object, double x, double y, double frame_side) {
    double w, h;
    shape_nominal(object, frame_side, &w, &h);
    double dx = (x - w / 2) / (w / 2), dy = (y - h / 2) / (h / 2);
    return w > 0 && h > 0 && dx * dx + dy * dy <= 1;
}

static void ellipse_outline(const struct object *object, double frame_side, double fraction,
                            double *x, double *y) {
    (void)object;
    (void)frame_side;
    sync_outline_ellipse(fraction, x, y);
}

const struct object_type TYPE_ELLIPSE = {
    .name = "ellipse",
    .sizing = SIZING_FREE,
    .takes_z_children = true,
    .create = ellipse_create,
    .set = shape_set_size,
    .get_set = shape_get_size,
    .box = shape_nominal_box,
    .draw = ellipse_draw,
    .contains = ellipse_contains,
    .outline = ellipse_outline,
    .destroy = ellipse_destroy,
};
