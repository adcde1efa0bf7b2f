/* pianoroll, pianorollf, pianorollstream: notes as a piano roll. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/err.h"
#include "proto/limits.h"
#include "renderer/notation/read/gmn.h"
#include "renderer/score/score.h"
#include "renderer/types/notation/pianoroll_object.h"
#include "renderer/types/notation/score_expression.h"
#include "renderer/types/notation/score_object.h"
#include "renderer/types/shapes/shape.h"
#include "renderer/types/type_list.h"

#define ALL_CLASSES 0xfffu

/* -- life ---------------------------------------------------------------------- */

static void roll_defaults(struct attributes *attr) {
    attr->width = (struct dimension){1, UNIT_PLAIN};
    attr->height = (struct dimension){1, UNIT_PLAIN};
}

static int roll_create(struct object *object) {
    struct pianoroll_object *roll = calloc(1, sizeof *roll);
    if (roll == NULL) {
        return LG_ENOMEM;
    }
    roll->is_stream = object->type == &TYPE_PIANOROLLSTREAM;
    roll->is_file = object->type == &TYPE_PIANOROLLF;
    roll->pitch_lines = ALL_CLASSES;
    roll->roll.duration = (struct rational){0, 1};
    roll->is_stale = true;
    object->data = roll;
    return LG_OK;
}

static void roll_destroy(struct object *object) {
    struct pianoroll_object *roll = object->data;
    if (roll != NULL) {
        score_page_finish(&roll->picture);
        pianoroll_finish(&roll->roll);
        free(roll->colors);
        free(roll->source);
        free(roll->text);
        free(roll);
        object->data = NULL;
    }
}

/* -- set ------------------------------------------------------------------------- */

static int read_notes(struct pianoroll_object *roll, struct pianoroll *out,
                      struct notation_message *error) {
    if (roll->is_file && roll->text_len >= 4 && memcmp(roll->text, "MThd", 4) == 0) {
        return pianoroll_from_midi(roll->text, roll->text_len, out, error);
    }
    struct notation *notation = NULL;
    int code = roll->is_stream
                   ? gmn_read_partial(roll->text, roll->text_len, &notation, error)
                   : engrave_read(roll->text, roll->text_len, ENGRAVING_ANY, &notation, error);
    if (code == LG_OK) {
        code = pianoroll_from_notation(notation, out);
        notation_destroy(notation);
    }
    return code;
}

/* Reads the text in force; what is wrong with it is reported, the object is empty then. */
static void take_notes(struct object *object) {
    struct pianoroll_object *roll = object->data;
    struct notation_message error = {0};
    struct pianoroll fresh = {.duration = {0, 1}};
    int code = roll->text_len > 0 || !roll->is_stream ? read_notes(roll, &fresh, &error) : LG_OK;
    if (code != LG_OK) {
        char *address = object_address(object);
        fresh = (struct pianoroll){.duration = {0, 1}};
        if (error.line > 0) {
            score_error(object->score, "%s invalid gmn code   line %d, col %d: syntax error, %s",
                        address, error.line, error.column, error.text);
        } else {
            score_error(object->score, "%s invalid code   %s", address,
                        error.text[0] != '\0' ? error.text : lg_err_name(code));
        }
        free(address);
    }
    pianoroll_finish(&roll->roll);
    roll->roll = fresh;
    roll->is_stale = true;
}

static int take_source(struct pianoroll_object *roll, const struct param *params, size_t n_params) {
    if (n_params != 1 || params[0].kind != PARAM_STRING ||
        strlen(params[0].as.text) > LIMIT_SCRIPT_BYTES) {
        return LG_EBADREQUEST;
    }
    char *source = strdup(params[0].as.text);
    if (source == NULL) {
        return LG_ENOMEM;
    }
    free(roll->source);
    roll->source = source;
    return LG_OK;
}

/* The value of an expression; NULL after reporting. */
static char *evaluate(struct object *object, const char *source) {
    struct score_expression *expression = score_expression_read(object, source);
    char *text = expression != NULL ? score_expression_text(expression, object, true) : NULL;
    score_expression_destroy(expression);
    return text;
}

static int roll_set(struct object *object, const struct param *params, size_t n_params) {
    struct pianoroll_object *roll = object->data;
    int code = take_source(roll, params, n_params);
    char *text = code != LG_OK                       ? NULL
                 : score_expression_is(roll->source) ? evaluate(object, roll->source)
                                                     : strdup(roll->source);
    if (text == NULL) {
        return code != LG_OK ? code : LG_ESCRIPT;
    }
    free(roll->text);
    roll->text = text;
    roll->text_len = strlen(text);
    take_notes(object);
    score_object_tell(object);
    return LG_OK;
}

static int rollf_set(struct object *object, const struct param *params, size_t n_params) {
    struct pianoroll_object *roll = object->data;
    const struct score_env *env = score_env(object->score);
    char *content = NULL;
    size_t size_bytes = 0;
    int code = take_source(roll, params, n_params);
    if (code != LG_OK) {
        return code;
    }
    code = env->read_file(env->ctx, score_root_path(object->score, object), roll->source, &content,
                          &size_bytes);
    if (code == LG_EBUSY) {
        return LG_OK; /* a URL on its way: types_reload */
    }
    if (code != LG_OK) {
        score_error(object->score, "can't open file : %s", roll->source);
        return LG_OK;
    }
    free(roll->text);
    roll->text = content;
    roll->text_len = size_bytes;
    take_notes(object);
    return LG_OK;
}

static void roll_get_set(const struct object *object, struct message *out) {
    const struct pianoroll_object *roll = object->data;
    message_give_param(out, param_string(roll->source != NULL ? roll->source : ""));
}

int pianoroll_stream_write(struct object *object, const struct param *params, size_t n_params) {
    struct pianoroll_object *roll = object->data;
    struct text joined = {0};
    if (n_params == 0) {
        return LG_EBADREQUEST;
    }
    if (roll->text != NULL) {
        text_append(&joined, roll->text, roll->text_len);
    }
    for (size_t param_i = 0; param_i < n_params; param_i++) {
        if (param_i > 0) {
            text_append(&joined, " ", 1);
        }
        param_print(&params[param_i], true, &joined);
    }
    struct param whole = param_string(joined.data != NULL ? joined.data : "");
    int code = roll_set(object, &whole, 1);
    param_finish(&whole);
    text_finish(&joined);
    if (code == LG_OK) {
        object_touch(object);
        score_fire(object->score, object, "newData");
    }
    return code;
}

int pianoroll_stream_clear(struct object *object, const struct param *params, size_t n_params) {
    struct param empty = param_string("");
    (void)params;
    int code = n_params == 0 ? roll_set(object, &empty, 1) : LG_EBADREQUEST;
    param_finish(&empty);
    if (code == LG_OK) {
        object_touch(object);
    }
    return code;
}

/* -- looks -------------------------------------------------------------------------- */

static void roll_box(const struct object *object, double frame_side, struct box *out) {
    double width, height;
    shape_nominal(object, frame_side, &width, &height);
    *out = (struct box){0, 0, width, height};
}

static void roll_draw(const struct object *object, const struct placement *placement,
                      struct display_list *list) {
    struct pianoroll_object *roll = object->data;
    const struct box *box = &placement->box;
    if (box->width <= 0 || box->height <= 0) {
        return;
    }
    shape_append_box(object->id, placement, list, box, (struct item_color){0, 0, 0, 0});
    score_page_append(pianoroll_picture(roll, box->width, box->height), object,
                      &placement->to_device, list);
    shape_append_pen_box(object, placement, list, 1);
}

/* -- the types ------------------------------------------------------------------------ */

#define ROLL_TYPE(word, set_function, rows, n_rows)                                                \
    {                                                                                              \
        .name = word, .sizing = SIZING_FREE, .takes_z_children = true, .defaults = roll_defaults,  \
        .methods = rows, .n_methods = n_rows, .create = roll_create, .set = set_function,          \
        .get_set = roll_get_set, .box = roll_box, .draw = roll_draw,                               \
        .is_saved = pianoroll_is_saved, .more_messages = pianoroll_more_messages,                  \
        .destroy = roll_destroy                                                                    \
    }

const struct object_type TYPE_PIANOROLL =
    ROLL_TYPE("pianoroll", roll_set, PIANOROLL_METHODS, N_PIANOROLL_METHODS);
const struct object_type TYPE_PIANOROLLF =
    ROLL_TYPE("pianorollf", rollf_set, PIANOROLL_METHODS, N_PIANOROLL_METHODS);
const struct object_type TYPE_PIANOROLLSTREAM =
    ROLL_TYPE("pianorollstream", roll_set, PIANOROLL_STREAM_METHODS, N_PIANOROLL_STREAM_METHODS);
