/* Types that are not there yet: a light box of the right size with the type's
 * name, the data kept so that `get` answers, and one error that says so. */
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "renderer/score/score.h"
#include "renderer/types/shapes/shape.h"
#include "renderer/types/text/text_layout.h"
#include "renderer/types/type_list.h"

/* Values of messages that have no effect here: kept and told again. */
enum number_slot {
    NUMBER_PLAY,
    NUMBER_VOLUME,
    NUMBER_RATE,
    NUMBER_RUN,
    NUMBER_SMOOTH,
    NUMBER_AUTOSCALE,
    NUMBER_MAX,
    NUMBER_SLOTS,
};

struct placeholder_data {
    struct message given; /* parameters of the last set */
    struct message vdate; /* parameters of the last vdate */
    float numbers[NUMBER_SLOTS];
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
    message_init(&data->vdate, "", NULL);
    data->numbers[NUMBER_VOLUME] = data->numbers[NUMBER_RATE] = 1;
    object->data = data;
    return LG_OK;
}

static void placeholder_destroy(struct object *object) {
    struct placeholder_data *data = object->data;
    if (data != NULL) {
        message_finish(&data->given);
        message_finish(&data->vdate);
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
    score_fire(object->score, object, "error"); /* what waits for `ready` waits in vain */
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
        data->label = text_layout_plain(&font, object->type->name, strlen(object->type->name), box);
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
    item.resource = resource_ref(
        shape_path(&data->frame, object, placement->frame_side, key, 2, build_outline));
    if (item.resource != NULL) {
        display_list_append(list, &item);
    }
    append_label(object, placement, list);
    shape_append_pen_box(object, placement, list, 1);
}

/* -- messages that are kept ----------------------------------------------- */

static int set_number(struct object *object, enum number_slot slot, const struct param *params,
                      size_t n_params) {
    struct placeholder_data *data = object->data;
    bool is_switch = slot == NUMBER_PLAY || slot == NUMBER_RUN;
    if (n_params != 1 || !param_is_number(&params[0])) {
        return LG_EBADREQUEST;
    }
    float number = param_as_float(&params[0]);
    data->numbers[slot] = is_switch ? (float)(param_as_int(&params[0]) != 0) : number;
    return LG_OK;
}

#define KEPT_NUMBER(name, slot, make)                                                              \
    static int set_##name(struct object *object, const struct param *params, size_t n_params) {    \
        return set_number(object, slot, params, n_params);                                         \
    }                                                                                              \
    static void get_##name(const struct object *object, struct message *out) {                     \
        const struct placeholder_data *data = object->data;                                        \
        message_give_param(out, make);                                                             \
    }

KEPT_NUMBER(play, NUMBER_PLAY, param_int(data->numbers[NUMBER_PLAY] > 0))
KEPT_NUMBER(volume, NUMBER_VOLUME, param_float(data->numbers[NUMBER_VOLUME]))
KEPT_NUMBER(rate, NUMBER_RATE, param_float(data->numbers[NUMBER_RATE]))
KEPT_NUMBER(run, NUMBER_RUN, param_int(data->numbers[NUMBER_RUN] > 0))
KEPT_NUMBER(smooth, NUMBER_SMOOTH, param_float(data->numbers[NUMBER_SMOOTH]))
KEPT_NUMBER(autoscale, NUMBER_AUTOSCALE, param_float(data->numbers[NUMBER_AUTOSCALE]))
KEPT_NUMBER(max, NUMBER_MAX, param_float(data->numbers[NUMBER_MAX]))

static int add_volume(struct object *object, const struct param *params, size_t n_params) {
    struct placeholder_data *data = object->data;
    if (n_params != 1 || !param_is_number(&params[0])) {
        return LG_EBADREQUEST;
    }
    data->numbers[NUMBER_VOLUME] += param_as_float(&params[0]);
    return LG_OK;
}

/* ms as an int, whole notes as a float or as a rational. */
static int set_vdate(struct object *object, const struct param *params, size_t n_params) {
    struct placeholder_data *data = object->data;
    bool is_good = n_params == 1 || (n_params == 2 && params[0].kind == PARAM_INT &&
                                     params[1].kind == PARAM_INT && params[1].as.i != 0);
    for (size_t param_i = 0; param_i < n_params; param_i++) {
        is_good = is_good && param_is_number(&params[param_i]);
    }
    if (!is_good) {
        return LG_EBADREQUEST;
    }
    message_finish(&data->vdate);
    message_init(&data->vdate, "", NULL);
    for (size_t param_i = 0; param_i < n_params; param_i++) {
        message_give_param(&data->vdate, param_copy(&params[param_i]));
    }
    return LG_OK;
}

static void get_vdate(const struct object *object, struct message *out) {
    const struct placeholder_data *data = object->data;
    for (size_t param_i = 0; param_i < data->vdate.n_params; param_i++) {
        message_give_param(out, param_copy(&data->vdate.params[param_i]));
    }
    if (data->vdate.n_params == 0) {
        message_give_param(out, param_int(0));
    }
}

/* Nothing is there to last. */
static void get_length(const struct object *object, struct message *out) {
    (void)object;
    message_give_param(out, param_int(0));
}

static int accept_trigger(struct object *object, const struct param *params, size_t n_params) {
    (void)object;
    (void)params;
    (void)n_params;
    return LG_OK;
}

static const struct object_method MEDIA_METHODS[] = {
    {"play", set_play, get_play},    {"volume", set_volume, get_volume},
    {"dvolume", add_volume, NULL},   {"rate", set_rate, get_rate},
    {"vdate", set_vdate, get_vdate}, {"mls", NULL, get_length},
    {"vduration", NULL, get_length},
};

static const struct object_method SENSOR_METHODS[] = {
    {"run", set_run, get_run},
    {"smooth", set_smooth, get_smooth},
    {"autoscale", set_autoscale, get_autoscale},
    {"max", set_max, get_max},
    {"calibrate", accept_trigger, NULL},
    {"reset", accept_trigger, NULL},
};

/* -- the types ------------------------------------------------------------ */

#define PLACEHOLDER(word, ...)                                                                     \
    {                                                                                              \
        .name = word, .takes_z_children = true, .create = placeholder_create,                      \
        .set = placeholder_set, .get_set = placeholder_get_set, .destroy = placeholder_destroy,    \
        __VA_ARGS__                                                                                \
    }
#define BOX                                                                                        \
    .sizing = SIZING_FREE, .defaults = box_default, .box = placeholder_box, .draw = placeholder_draw
#define UNSEEN .sizing = SIZING_ZERO, .box = nothing_box

#define METHODS(table) .methods = table, .n_methods = sizeof table / sizeof table[0]

static const struct object_type PLACEHOLDERS[] = {
    PLACEHOLDER("video", BOX, METHODS(MEDIA_METHODS)),
    PLACEHOLDER("audio", BOX, METHODS(MEDIA_METHODS)),
    PLACEHOLDER("faust", UNSEEN),
    PLACEHOLDER("faustf", UNSEEN),
    PLACEHOLDER("faustw", UNSEEN),
    PLACEHOLDER("faustdsp", UNSEEN),
    PLACEHOLDER("faustdspf", UNSEEN),
    PLACEHOLDER("audioio", UNSEEN),
    PLACEHOLDER("gesturefollower", BOX),
    PLACEHOLDER("accelerometer", UNSEEN, METHODS(SENSOR_METHODS)),
    PLACEHOLDER("ambientlight", UNSEEN, METHODS(SENSOR_METHODS)),
    PLACEHOLDER("compass", UNSEEN, METHODS(SENSOR_METHODS)),
    PLACEHOLDER("gyroscope", UNSEEN, METHODS(SENSOR_METHODS)),
    PLACEHOLDER("light", UNSEEN, METHODS(SENSOR_METHODS)),
    PLACEHOLDER("magnetometer", UNSEEN, METHODS(SENSOR_METHODS)),
    PLACEHOLDER("orientation", UNSEEN, METHODS(SENSOR_METHODS)),
    PLACEHOLDER("proximity", UNSEEN, METHODS(SENSOR_METHODS)),
    PLACEHOLDER("rotation", UNSEEN, METHODS(SENSOR_METHODS)),
    PLACEHOLDER("tilt", UNSEEN, METHODS(SENSOR_METHODS)),
};

const struct object_type *placeholder_find(const char *name) {
    for (size_t type_i = 0; type_i < sizeof PLACEHOLDERS / sizeof PLACEHOLDERS[0]; type_i++) {
        if (strcmp(PLACEHOLDERS[type_i].name, name) == 0) {
            return &PLACEHOLDERS[type_i];
        }
    }
    return NULL;
}
