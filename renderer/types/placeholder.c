/* Types that are not there yet: a light box of the right size with the type's
 * name, the data kept so that `get` answers, and one error that says so. */
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "renderer/score/score.h"
#include "renderer/types/shape.h"
#include "renderer/types/text/text_layout.h"
#include "renderer/types/type_list.h"

struct placeholder_data {
    struct message given; /* parameters of the last set */
    bool is_reported;
    struct draw_resource *label;
    struct shape_cache frame;
};

static int placeholder_create(struct object *object) {
    struct placeholder_data *data = calloc(1, sizeof *data);
    if (data == NULL) {
        return LG_ENOMEM;
    }
    message_init(&data->given, "", NULL);
    object->data = data;
    return LG_OK;
}

static void placeholder_destroy(struct object *object) {
    struct placeholder_data *data = object->data;
    if (data != NULL) {
        message_finish(&data->given);
        resource_unref(data->label);
        shape_cache_clear(&data->frame);
        free(data);
        object->data = NULL;
    }
}

static int placeholder_set(struct object *object, const struct param *params, size_t n_params) {
    struct placeholder_data *data = object->data;
    message_finish(&data->given);
    message_init(&data->given, "", NULL);
    for (size_t param_i = 0; param_i < n_params; param_i++) {
        message_give_param(&data->given, param_copy(&params[param_i]));
    }
    if (!data->is_reported) {
        data->is_reported = true;
        score_error(object->score, "%s: type %s is not available, only its place is drawn",
                    object->name, object->type->name);
    }
    return LG_OK;
}

static void placeholder_get_set(const struct object *object, struct message *out) {
    const struct placeholder_data *data = object->data;
    for (size_t param_i = 0; param_i < data->given.n_params; param_i++) {
        message_give_param(out, param_copy(&data->given.params[param_i]));
    }
}

static void box_default(struct attributes *attr) {
    attr->width = (struct dimension){1, UNIT_PLAIN};
    attr->height = (struct dimension){1, UNIT_PLAIN};
}

static void placeholder_box(const struct object *object, double frame_side, struct box *out) {
    *out = (struct box){0, 0, 0, 0};
    shape_nominal(object, frame_side, &out->width, &out->height);
}

static void nothing_box(const struct object *object, double frame_side, struct box *out) {
    (void)object;
    (void)frame_side;
    *out = (struct box){0, 0, 0, 0};
}

static void build_outline(cairo_t *cr, const struct object *object, double frame_side) {
    struct box box;
    placeholder_box(object, frame_side, &box);
    cairo_rectangle(cr, 0, 0, box.width, box.height);
}

static void append_label(const struct object *object, const struct placement *placement,
                         struct display_list *list) {
    struct placeholder_data *data = object->data;
    if (data->label == NULL) {
        const struct text_font font = {"Carlito", 14, TEXT_NORMAL, TEXT_REGULAR};
        double box[4];
        data->label =
            text_layout_plain(&font, object->type->name, strlen(object->type->name), box);
    }
    if (data->label == NULL) {
        return;
    }
    struct display_item item;
    shape_item(object, placement, &item);
    struct matrix inset = matrix_translate(6, 3);
    struct matrix whole = matrix_multiply(&placement->to_device, &inset);
    memcpy(item.matrix, whole.m, sizeof item.matrix);
    item.kind = ITEM_GLYPHS;
    item.object_id = 0;
    item.fill = (struct item_color){0.6, 0.6, 0.6, 1};
    item.stroke_width = 0;
    item.resource = resource_ref(data->label);
    display_list_append(list, &item);
}

static void placeholder_draw(const struct object *object, const struct placement *placement,
                             struct display_list *list) {
    struct placeholder_data *data = object->data;
    const struct box *box = &placement->box;
    if (box->width <= 0 || box->height <= 0) {
        return;
    }
    struct display_item item;
    shape_item(object, placement, &item);
    item.brush = ITEM_BRUSH_NONE;
    item.stroke_width = 1;
    item.stroke = (struct item_color){0.8, 0.8, 0.8, 1};
    const double key[] = {box->width, box->height};
    item.resource = resource_ref(shape_path(&data->frame, object, placement->frame_side, key, 2,
                                            build_outline));
    if (item.resource != NULL) {
        display_list_append(list, &item);
    }
    append_label(object, placement, list);
    shape_append_pen_box(object, placement, list, 1);
}

/* -- the types ------------------------------------------------------------ */

#define PLACEHOLDER(word, ...)                                                                    \
    {                                                                                             \
        .name = word, .takes_z_children = true, .create = placeholder_create,                     \
        .set = placeholder_set, .get_set = placeholder_get_set, .destroy = placeholder_destroy,   \
        __VA_ARGS__                                                                               \
    }
#define BOX                                                                                       \
    .sizing = SIZING_FREE, .defaults = box_default, .box = placeholder_box,                       \
    .draw = placeholder_draw
#define UNSEEN .sizing = SIZING_ZERO, .box = nothing_box

static const struct object_type PLACEHOLDERS[] = {
    PLACEHOLDER("video", BOX),
    PLACEHOLDER("audio", BOX),
    PLACEHOLDER("faust", UNSEEN),
    PLACEHOLDER("faustf", UNSEEN),
    PLACEHOLDER("faustw", UNSEEN),
    PLACEHOLDER("faustdsp", UNSEEN),
    PLACEHOLDER("faustdspf", UNSEEN),
    PLACEHOLDER("audioio", UNSEEN),
    PLACEHOLDER("gesturefollower", BOX),
    PLACEHOLDER("accelerometer", UNSEEN),
    PLACEHOLDER("ambientlight", UNSEEN),
    PLACEHOLDER("compass", UNSEEN),
    PLACEHOLDER("gyroscope", UNSEEN),
    PLACEHOLDER("light", UNSEEN),
    PLACEHOLDER("magnetometer", UNSEEN),
    PLACEHOLDER("orientation", UNSEEN),
    PLACEHOLDER("proximity", UNSEEN),
    PLACEHOLDER("rotation", UNSEEN),
    PLACEHOLDER("tilt", UNSEEN),
};

const struct object_type *placeholder_find(const char *name) {
    for (size_t type_i = 0; type_i < sizeof PLACEHOLDERS / sizeof PLACEHOLDERS[0]; type_i++) {
        if (strcmp(PLACEHOLDERS[type_i].name, name) == 0) {
            return &PLACEHOLDERS[type_i];
        }
    }
    return NULL;
}
