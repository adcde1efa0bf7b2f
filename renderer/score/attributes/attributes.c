/* The table of common attributes: names, setters, getters, Δ forms. The rows of
 * colours and pens are in attributes_paint.c, of dates in attributes_time.c. */
#include "renderer/score/attributes/attributes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "renderer/score/attributes/attributes_rows.h"
#include "renderer/score/attributes/color.h"
#include "renderer/score/time/clocks.h"
#include "renderer/score/geometry.h"

void attributes_init(struct attributes *attr) {
    *attr = (struct attributes){
        .scale = 1,
        .show = true,
        .date = {0, 1},
        .duration = {1, 1},
        .pen_style_word = "solid",
        .brush_style_word = "solid",
    };
    color_set_rgb(&attr->color, 0, 0, 0, 255);
    color_set_rgb(&attr->pen_color, 0, 0, 0, 255);
}

void attributes_inherit(struct attributes *to, const struct attributes *from) {
    to->x = from->x;
    to->y = from->y;
    to->z = from->z;
    to->xorigin = from->xorigin;
    to->yorigin = from->yorigin;
    to->scale = from->scale;
    to->show = from->show;
    to->shear_x = from->shear_x;
    to->shear_y = from->shear_y;
    to->rotate_x = from->rotate_x;
    to->rotate_y = from->rotate_y;
    to->rotate_z = from->rotate_z;
    to->color = from->color;
    to->pen_width = from->pen_width;
    to->pen_color = from->pen_color;
    to->pen_style = from->pen_style;
    memcpy(to->pen_style_word, from->pen_style_word, sizeof to->pen_style_word);
    to->date = from->date;
    to->duration = from->duration;
}

/* -- floats and flags ------------------------------------------------------ */

static float *float_at(struct object *object, const struct attribute_row *row) {
    return (float *)(void *)((char *)&object->attr + row->offset);
}

static int assign_float(struct object *object, float *field, float value) {
    if (!isfinite(value)) {
        return LG_EBADREQUEST;
    }
    if (*field != value) {
        *field = value;
        object_touch(object);
    }
    return 0;
}

int attribute_set_float(struct object *object, const struct attribute_row *row,
                        const struct param *params, size_t n_params) {
    float value;
    int err = params_float(params, n_params, &value);
    return err != 0 ? err : assign_float(object, float_at(object, row), value);
}

static int set_tempo(struct object *object, const struct attribute_row *row,
                     const struct param *params, size_t n_params) {
    int err = attribute_set_float(object, row, params, n_params);
    clocks_restart(object);
    return err;
}

static int add_float(struct object *object, const struct attribute_row *row,
                     const struct param *params, size_t n_params) {
    float value;
    int err = params_float(params, n_params, &value);
    float *field = float_at(object, row);
    return err != 0 ? err : assign_float(object, field, *field + value);
}

static int add_tempo(struct object *object, const struct attribute_row *row,
                     const struct param *params, size_t n_params) {
    int err = add_float(object, row, params, n_params);
    clocks_restart(object);
    return err;
}

static int multiply_float(struct object *object, const struct attribute_row *row,
                          const struct param *params, size_t n_params) {
    float value;
    int err = params_float(params, n_params, &value);
    float *field = float_at(object, row);
    return err != 0 ? err : assign_float(object, field, *field * value);
}

bool attribute_get_float(const struct object *object, const struct attribute_row *row,
                         struct message *out) {
    float value;
    memcpy(&value, (const char *)&object->attr + row->offset, sizeof value);
    message_give_param(out, param_float(value));
    return true;
}

static int set_bool(struct object *object, const struct attribute_row *row,
                    const struct param *params, size_t n_params) {
    bool *field = (bool *)(void *)((char *)&object->attr + row->offset);
    bool value;
    int err = params_bool(params, n_params, &value);
    if (err == 0 && *field != value) {
        *field = value;
        object_touch(object);
    }
    return err;
}

static bool get_bool(const struct object *object, const struct attribute_row *row,
                     struct message *out) {
    bool value;
    memcpy(&value, (const char *)&object->attr + row->offset, sizeof value);
    message_give_param(out, param_int(value));
    return true;
}

/* -- positions and sizes --------------------------------------------------- */

static struct dimension *dimension_at(struct object *object, const struct attribute_row *row) {
    return (struct dimension *)(void *)((char *)&object->attr + row->offset);
}

static void assign_dimension(struct object *object, struct dimension *field,
                             struct dimension value) {
    if (field->value != value.value || field->unit != value.unit) {
        *field = value;
        object_touch(object);
    }
}

static int set_dimension(struct object *object, const struct attribute_row *row,
                         const struct param *params, size_t n_params) {
    struct dimension value;
    if (n_params != 1 || params_dimension(&params[0], &value) != 0 ||
        (object->is_scene && value.unit != UNIT_PLAIN)) {
        return LG_EBADREQUEST;
    }
    assign_dimension(object, dimension_at(object, row), value);
    return 0;
}

/* dx, dy: the sum keeps the unit when both have the same, else it is plain. */
/* `dy` of a slave sets its height over the master (8.1). */
static int set_sync_dy(struct object *object, struct dimension value) {
    float dy = (float)geometry_dimension(object, value, true);
    return assign_float(object, &object->attr.sync_dy, dy);
}

static int add_dimension(struct object *object, const struct attribute_row *row,
                         const struct param *params, size_t n_params) {
    struct dimension delta;
    if (n_params != 1 || params_dimension(&params[0], &delta) != 0) {
        return LG_EBADREQUEST;
    }
    if (object->n_masters > 0 && row->offset == offsetof(struct attributes, y)) {
        return set_sync_dy(object, delta);
    }
    struct dimension *field = dimension_at(object, row), sum = *field;
    if (sum.unit == delta.unit) {
        sum.value += delta.value;
    } else {
        sum.value = (float)(geometry_dimension(object, sum, true) +
                            geometry_dimension(object, delta, true));
        sum.unit = UNIT_PLAIN;
    }
    if (!isfinite(sum.value)) {
        return LG_EBADREQUEST;
    }
    assign_dimension(object, field, sum);
    return 0;
}

static bool get_dimension(const struct object *object, const struct attribute_row *row,
                          struct message *out) {
    struct dimension value;
    memcpy(&value, (const char *)&object->attr + row->offset, sizeof value);
    params_give_dimension(out, value);
    return true;
}

static bool is_portrait(const struct object *object) {
    return object->attr.height.value > object->attr.width.value;
}

/* Width and height by the sizing of the type (7.4). */
static int set_size(struct object *object, const struct attribute_row *row,
                    const struct param *params, size_t n_params) {
    enum object_sizing sizing = object->type->sizing;
    if (sizing != SIZING_FREE && sizing != SIZING_PROPORTIONAL) {
        return LG_EBADREQUEST;
    }
    bool was_portrait = is_portrait(object);
    int err = set_dimension(object, row, params, n_params);
    if (err == 0 && object->is_scene && is_portrait(object) != was_portrait) {
        object_fire(object, was_portrait ? "landscape" : "portrait");
    }
    if (err == 0 && sizing == SIZING_PROPORTIONAL) {
        bool is_width = row->offset == offsetof(struct attributes, width);
        struct dimension natural = {0, UNIT_PLAIN};
        assign_dimension(object, is_width ? &object->attr.height : &object->attr.width, natural);
    }
    return err;
}

static bool get_size(const struct object *object, const struct attribute_row *row,
                     struct message *out) {
    bool is_width = row->offset == offsetof(struct attributes, width);
    switch (object->type->sizing) {
    case SIZING_FREE:
        return get_dimension(object, row, out);
    case SIZING_READ_ONLY:
    case SIZING_PROPORTIONAL: {
        double width, height;
        geometry_size(object, &width, &height);
        message_give_param(out, param_float((float)(is_width ? width : height)));
        return true;
    }
    case SIZING_ZERO:
        message_give_param(out, param_float(0));
        return true;
    case SIZING_UNANSWERED:
        break;
    }
    return false;
}

/* -- shear, frame ---------------------------------------------------------- */

static int set_shear(struct object *object, const struct attribute_row *row,
                     const struct param *params, size_t n_params) {
    float x, y;
    if (n_params != 2 || params_float(&params[0], 1, &x) != 0 ||
        params_float(&params[1], 1, &y) != 0) {
        return LG_EBADREQUEST;
    }
    struct attributes *attr = &object->attr;
    bool is_delta = row->part != 0;
    assign_float(object, &attr->shear_x, is_delta ? attr->shear_x + x : x);
    assign_float(object, &attr->shear_y, is_delta ? attr->shear_y + y : y);
    return 0;
}

static bool get_shear(const struct object *object, const struct attribute_row *row,
                      struct message *out) {
    (void)row;
    message_give_param(out, param_float(object->attr.shear_x));
    message_give_param(out, param_float(object->attr.shear_y));
    return true;
}

static bool get_frame(const struct object *object, const struct attribute_row *row,
                      struct message *out) {
    (void)row;
    if (object->is_scene || object->type->box == NULL) {
        return false;
    }
    double corners[8];
    geometry_frame(object, corners);
    for (int i = 0; i < 8; i++) {
        message_give_param(out, param_float((float)corners[i] + 0.0f));
    }
    return true;
}

/* -- the table, sorted by name (bsearch; a test checks the order) ------------ */

/* clang-format off */
#define AT(field) offsetof(struct attributes, field)
#define SAVED ATTRIBUTE_SAVED
#define FLOAT(NAME, FIELD) \
    {NAME, "float", attribute_set_float, attribute_get_float, AT(FIELD), 0, SAVED}
#define FLOAT_AGAIN(NAME, FIELD) \
    {NAME, "float", attribute_set_float, attribute_get_float, AT(FIELD), 0, 0}
#define FLOAT_DELTA(NAME, FIELD) {NAME, "float", add_float, NULL, AT(FIELD), 0, 0}
#define COLOR(NAME, FIELD, SPACE, SET, GET, FLAGS) \
    {NAME, "color", SET, GET, AT(FIELD), SPACE, FLAGS}
#define PART(NAME, FIELD, PART_) \
    {NAME, "int or float", attribute_set_part, attribute_get_part, AT(FIELD), PART_, 0}
#define PART_DELTA(NAME, FIELD, PART_) \
    {NAME, "int or float", attribute_add_part, NULL, AT(FIELD), PART_, 0}

static const struct attribute_row ROWS[] = {
    PART("alpha", color, COLOR_ALPHA),
    FLOAT("angle", rotate_z),
    PART("blue", color, COLOR_BLUE),
    PART("brightness", color, COLOR_BRIGHTNESS),
    {"brushStyle", "word", attribute_set_brush_style, attribute_get_brush_style, 0, 0, SAVED},
    {"clock", "none", attribute_tick, NULL, AT(date), 0, 0},
    COLOR("color", color, COLOR_RGB, attribute_set_color, attribute_get_color, SAVED),
    PART_DELTA("dalpha", color, COLOR_ALPHA),
    FLOAT_DELTA("dangle", rotate_z),
    {"date", "date", attribute_set_time, attribute_get_time, AT(date), TIME_INTS, SAVED},
    {"date%a", "", NULL, attribute_get_time, AT(date), TIME_SECONDS, 0},
    {"date%f", "", NULL, attribute_get_time, AT(date), TIME_FLOAT, 0},
    PART_DELTA("dblue", color, COLOR_BLUE),
    PART_DELTA("dbrightness", color, COLOR_BRIGHTNESS),
    COLOR("dcolor", color, COLOR_RGB, attribute_add_color, NULL, 0),
    {"ddate", "date", attribute_add_time, NULL, AT(date), 0, 0},
    {"dduration", "date", attribute_add_time, NULL, AT(duration), 0, 0},
    PART_DELTA("dgreen", color, COLOR_GREEN),
    COLOR("dhsb", color, COLOR_HSB, attribute_add_color, NULL, 0),
    PART_DELTA("dhue", color, COLOR_HUE),
    PART_DELTA("dred", color, COLOR_RED),
    FLOAT_DELTA("drotatex", rotate_x),
    FLOAT_DELTA("drotatey", rotate_y),
    FLOAT_DELTA("drotatez", rotate_z),
    PART_DELTA("dsaturation", color, COLOR_SATURATION),
    {"dscale", "float", multiply_float, NULL, AT(scale), 0, 0},
    {"dshear", "2 floats", set_shear, NULL, 0, 1, 0},
    {"dtempo", "float", add_tempo, NULL, AT(tempo), 0, 0},
    {"durClock", "none", attribute_tick, NULL, AT(duration), 0, 0},
    {"duration", "date", attribute_set_time, attribute_get_time, AT(duration), TIME_INTS, SAVED},
    {"duration%a", "", NULL, attribute_get_time, AT(duration), TIME_SECONDS, 0},
    {"duration%f", "", NULL, attribute_get_time, AT(duration), TIME_FLOAT, 0},
    {"dx", "dimension", add_dimension, NULL, AT(x), 0, 0},
    FLOAT_DELTA("dxorigin", xorigin),
    {"dy", "dimension", add_dimension, NULL, AT(y), 0, 0},
    FLOAT_DELTA("dyorigin", yorigin),
    FLOAT_DELTA("dz", z),
    {"effect", "kind and its values", attribute_set_effect, attribute_get_effect, 0, 0,
     SAVED | ATTRIBUTE_NOT_SCENE},
    {"frame", "", NULL, get_frame, 0, 0, 0},
    PART("green", color, COLOR_GREEN),
    {"height", "dimension", set_size, get_size, AT(height), 0, SAVED},
    COLOR("hsb", color, COLOR_HSB, attribute_set_color, NULL, 0),
    PART("hue", color, COLOR_HUE),
    {"lock", "0 or 1", set_bool, get_bool, AT(is_locked), 0, SAVED},
    PART("penAlpha", pen_color, COLOR_ALPHA),
    COLOR("penColor", pen_color, COLOR_RGB, attribute_set_color, attribute_get_color, SAVED),
    {"penStyle", "word", attribute_set_pen_style, attribute_get_pen_style, 0, 0, SAVED},
    FLOAT("penWidth", pen_width),
    PART_DELTA("pendAlpha", pen_color, COLOR_ALPHA),
    PART("red", color, COLOR_RED),
    FLOAT("rotatex", rotate_x),
    FLOAT("rotatey", rotate_y),
    FLOAT_AGAIN("rotatez", rotate_z),
    PART("saturation", color, COLOR_SATURATION),
    FLOAT("scale", scale),
    {"shear", "2 floats", set_shear, get_shear, 0, 0, SAVED},
    {"show", "0 or 1", set_bool, get_bool, AT(show), 0, SAVED},
    {"tempo", "float", set_tempo, attribute_get_float, AT(tempo), 0, SAVED},
    {"width", "dimension", set_size, get_size, AT(width), 0, SAVED},
    {"x", "dimension", set_dimension, get_dimension, AT(x), 0, SAVED},
    FLOAT("xorigin", xorigin),
    {"y", "dimension", set_dimension, get_dimension, AT(y), 0, SAVED},
    FLOAT("yorigin", yorigin),
    FLOAT("z", z),
};
/* clang-format on */

size_t attributes_count(void) {
    return sizeof ROWS / sizeof ROWS[0];
}

const struct attribute_row *attributes_row(size_t row_i) {
    return &ROWS[row_i];
}

static int compare_row(const void *name, const void *row) {
    return strcmp(name, ((const struct attribute_row *)row)->name);
}

const struct attribute_row *attributes_find(const char *name) {
    return bsearch(name, ROWS, attributes_count(), sizeof ROWS[0], compare_row);
}

static bool applies(const struct object *object, const struct attribute_row *row) {
    return row != NULL && !object->type->is_node &&
           !(object->is_scene && (row->flags & ATTRIBUTE_NOT_SCENE) != 0);
}

int attributes_set(struct object *object, const char *name, const struct param *params,
                   size_t n_params) {
    const struct attribute_row *row = attributes_find(name);
    if (!applies(object, row) || row->set == NULL) {
        return LG_ENOTFOUND;
    }
    return row->set(object, row, params, n_params);
}

bool attributes_get(const struct object *object, const char *name, struct message *out) {
    const struct attribute_row *row = attributes_find(name);
    return applies(object, row) && row->get != NULL && row->get(object, row, out);
}
