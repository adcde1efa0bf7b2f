/* layer: a group with a frame of its own, 2 x 2; no brush, a box when it has a pen. */
#include <string.h>

#include "common/err.h"
#include "renderer/types/shapes/shape.h"
#include "renderer/types/type_list.h"

static void layer_defaults(struct attributes *attr) {
    attr->width = (struct dimension){2, UNIT_PLAIN};
    attr->height = (struct dimension){2, UNIT_PLAIN};
    attr->brush_style = BRUSH_NONE;
    memcpy(attr->brush_style_word, "none", sizeof "none");
}

static int layer_create(struct object *object) {
    object->data = NULL;
    return LG_OK;
}

static int layer_set(struct object *object, const struct param *params, size_t n_params) {
    (void)object;
    (void)params;
    return n_params == 0 ? LG_OK : LG_EBADREQUEST;
}

static void layer_get_set(const struct object *object, struct message *out) {
    (void)object;
    (void)out;
}

/* Also without brush and pen: a layer is seen by the mouse. */
static void layer_draw(const struct object *object, const struct placement *placement,
                       struct display_list *list) {
    struct shape_cache once = {0};
    double key[2];
    shape_nominal(object, placement->frame_side, &key[0], &key[1]);
    shape_append(object, placement, list,
                 shape_path(&once, object, placement->frame_side, key, 2, shape_build_nominal),
                 false);
    shape_cache_clear(&once);
}

static void layer_destroy(struct object *object) {
    object->data = NULL;
}

const struct object_type TYPE_LAYER = {
    .name = "layer",
    .sizing = SIZING_FREE,
    .takes_z_children = true,
    .defaults = layer_defaults,
    .create = layer_create,
    .set = layer_set,
    .get_set = layer_get_set,
    .box = shape_nominal_box,
    .draw = layer_draw,
    .destroy = layer_destroy,
};
