/* Types that are not there yet: a light box of the right size with the type's
 * name (for scores an empty staff), the data kept so that `get` answers, and one
 * error that says so. */
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "proto/limits.h"
#include "renderer/score/score.h"
#include "renderer/types/shape.h"
#include "renderer/types/text/text_layout.h"
#include "renderer/types/type_list.h"

/* A score: one staff of 4 spaces between margins of 2 cm at 80 units (7.4). */
#define SCORE_WIDTH  827.0
#define SCORE_HEIGHT 435.0
#define SCORE_MARGIN 160.0
#define STAFF_SPACE  16.9
#define STAFF_ABOVE  39.0 /* from the middle to the upper line, picture 36 */

struct placeholder_data {
    struct message given; /* parameters of the last set */
    bool is_reported;
    struct draw_resource *label;
    struct shape_cache frame;
};

static bool is_score(const struct object *object) {
    return object->type->sizing == SIZING_PROPORTIONAL;
}

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
    *out = (struct box){0, 0, SCORE_WIDTH, SCORE_HEIGHT};
    if (!is_score(object)) {
        shape_nominal(object, frame_side, &out->width, &out->height);
    }
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

static void append_staff(const struct object *object, const struct placement *placement,
                         struct display_list *list) {
    double top = SCORE_HEIGHT / 2 - STAFF_ABOVE;
    for (int line_i = 0; line_i < 5; line_i++) {
        struct box line = {SCORE_MARGIN, top + line_i * STAFF_SPACE - 0.75,
                           SCORE_WIDTH - 2 * SCORE_MARGIN, 1.5};
        shape_append_box(0, placement, list, &line, shape_color(&object->attr.color));
    }
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
    if (is_score(object)) {
        append_staff(object, placement, list);
    }
    append_label(object, placement, list);
    shape_append_pen_box(object, placement, list, 1);
}

/* -- messages of streams -------------------------------------------------- */

/* The text so far and the new piece, one string parameter. */
static int set_write(struct object *object, const struct param *params, size_t n_params) {
    struct placeholder_data *data = object->data;
    struct text joined = {0};
    if (n_params == 0) {
        return LG_EBADREQUEST;
    }
    for (size_t param_i = 0; param_i < data->given.n_params + n_params; param_i++) {
        const struct param *param = param_i < data->given.n_params
                                        ? &data->given.params[param_i]
                                        : &params[param_i - data->given.n_params];
        if (joined.len > 0) {
            text_append(&joined, " ", 1);
        }
        param_print(param, true, &joined);
    }
    if (joined.len > LIMIT_SCRIPT_BYTES) {
        text_finish(&joined);
        return LG_EBADREQUEST;
    }
    message_finish(&data->given);
    message_init(&data->given, "", NULL);
    message_give_param(&data->given, param_string(joined.data != NULL ? joined.data : ""));
    text_finish(&joined);
    object_touch(object);
    score_fire(object->score, object, "newData");
    return LG_OK;
}

static int set_clear(struct object *object, const struct param *params, size_t n_params) {
    struct placeholder_data *data = object->data;
    (void)params;
    if (n_params != 0) {
        return LG_EBADREQUEST;
    }
    message_finish(&data->given);
    message_init(&data->given, "", NULL);
    message_give_param(&data->given, param_string(""));
    object_touch(object);
    return LG_OK;
}

static const struct object_method STREAM_METHODS[] = {
    {"write", set_write, NULL},
    {"clear", set_clear, NULL},
};

/* -- the types ------------------------------------------------------------ */

#define PLACEHOLDER(word, ...)                                                                    \
    {                                                                                             \
        .name = word, .takes_z_children = true, .create = placeholder_create,                     \
        .set = placeholder_set, .get_set = placeholder_get_set, .destroy = placeholder_destroy,   \
        __VA_ARGS__                                                                               \
    }
#define SCORE .sizing = SIZING_PROPORTIONAL, .box = placeholder_box, .draw = placeholder_draw
#define BOX                                                                                       \
    .sizing = SIZING_FREE, .defaults = box_default, .box = placeholder_box,                       \
    .draw = placeholder_draw
#define UNSEEN .sizing = SIZING_ZERO, .box = nothing_box
#define STREAM                                                                                    \
    .methods = STREAM_METHODS, .n_methods = sizeof STREAM_METHODS / sizeof STREAM_METHODS[0]

static const struct object_type PLACEHOLDERS[] = {
    PLACEHOLDER("gmn", SCORE),
    PLACEHOLDER("gmnf", SCORE),
    PLACEHOLDER("gmnstream", SCORE, STREAM),
    PLACEHOLDER("musicxml", SCORE),
    PLACEHOLDER("musicxmlf", SCORE),
    PLACEHOLDER("pianoroll", BOX),
    PLACEHOLDER("pianorollf", BOX),
    PLACEHOLDER("pianorollstream", BOX, STREAM),
    PLACEHOLDER("video", BOX),
    PLACEHOLDER("audio", BOX),
    PLACEHOLDER("url", BOX),
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
