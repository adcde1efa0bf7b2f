/* Colours, pens, brushes and effects as attributes (8.2 to 8.4). */
#include "renderer/score/attributes/attributes_rows.h"

#include <stdio.h>
#include <string.h>

#include "common/err.h"
#include "renderer/score/attributes/color.h"

static struct color *color_at(struct object *object, const struct attribute_row *row) {
    return (struct color *)(void *)((char *)&object->attr + row->offset);
}

static void assign_color(struct object *object, struct color *field, const struct color *value) {
    if (memcmp(field, value, sizeof *field) != 0) { /* ints only, no padding */
        *field = *value;
        object_touch(object);
    }
}

static int change_color(struct object *object, const struct attribute_row *row, bool is_delta,
                        const struct param *params, size_t n_params) {
    struct color value = *color_at(object, row);
    int err = color_from_params(&value, (enum color_space)row->part, is_delta, params, n_params);
    if (err == 0) {
        assign_color(object, color_at(object, row), &value);
    }
    return err;
}

ATTRIBUTE_SETTER(attribute_set_color) {
    return change_color(object, row, false, params, n_params);
}

ATTRIBUTE_SETTER(attribute_add_color) {
    return change_color(object, row, true, params, n_params);
}

ATTRIBUTE_GETTER(attribute_get_color) {
    struct color color;
    memcpy(&color, (const char *)&object->attr + row->offset, sizeof color);
    message_give_param(out, param_int(color.r));
    message_give_param(out, param_int(color.g));
    message_give_param(out, param_int(color.b));
    message_give_param(out, param_int(color.a));
    return true;
}

static int change_part(struct object *object, const struct attribute_row *row, bool is_delta,
                       const struct param *params, size_t n_params) {
    if (n_params != 1) {
        return LG_EBADREQUEST;
    }
    struct color value = *color_at(object, row);
    int err = color_part_from_param(&value, (enum color_part)row->part, is_delta, &params[0]);
    if (err == 0) {
        assign_color(object, color_at(object, row), &value);
    }
    return err;
}

ATTRIBUTE_SETTER(attribute_set_part) {
    return change_part(object, row, false, params, n_params);
}

ATTRIBUTE_SETTER(attribute_add_part) {
    return change_part(object, row, true, params, n_params);
}

ATTRIBUTE_GETTER(attribute_get_part) {
    struct color color;
    memcpy(&color, (const char *)&object->attr + row->offset, sizeof color);
    message_give_param(out, param_int(color_part_get(&color, (enum color_part)row->part)));
    return true;
}

/* -- styles ---------------------------------------------------------------- */

static const char *const PEN_STYLES[] = {"solid", "dash", "dot", "dashDot", "dashDotDot"};
static const char *const BRUSH_STYLES[] = {"solid",  "none",   "dense1", "dense2", "dense3",
                                           "dense4", "dense5", "dense6", "dense7", "hor",
                                           "ver",    "cross",  "bdiag",  "fdiag",  "diagCross"};

/* Position of the word; 0 (solid) when unknown. */
static unsigned style_of(const char *word, const char *const *words, size_t n_words) {
    for (unsigned i = 0; i < n_words; i++) {
        if (strcmp(word, words[i]) == 0) {
            return i;
        }
    }
    return 0;
}

/* Keep the word as given; the style may be new although the word is the same (types have
 * defaults of their own). true when something changed. */
static bool assign_style(char *field, size_t size_bytes, const char *word, unsigned before,
                         unsigned style) {
    bool has_changed = before != style || strncmp(field, word, size_bytes - 1) != 0;
    snprintf(field, size_bytes, "%.*s", (int)size_bytes - 1, word);
    return has_changed;
}

static int one_word(const struct param *params, size_t n_params) {
    return n_params == 1 && params[0].kind == PARAM_STRING ? 0 : LG_EBADREQUEST;
}

ATTRIBUTE_SETTER(attribute_set_pen_style) {
    (void)row;
    struct attributes *attr = &object->attr;
    if (one_word(params, n_params) != 0) {
        return LG_EBADREQUEST;
    }
    const char *word = params[0].as.text;
    unsigned style = style_of(word, PEN_STYLES, sizeof PEN_STYLES / sizeof PEN_STYLES[0]);
    if (assign_style(attr->pen_style_word, sizeof attr->pen_style_word, word, attr->pen_style,
                     style)) {
        attr->pen_style = (enum pen_style)style;
        object_touch(object);
    }
    return 0;
}

ATTRIBUTE_GETTER(attribute_get_pen_style) {
    (void)row;
    message_give_param(out, param_string(object->attr.pen_style_word));
    return true;
}

ATTRIBUTE_SETTER(attribute_set_brush_style) {
    (void)row;
    struct attributes *attr = &object->attr;
    if (one_word(params, n_params) != 0) {
        return LG_EBADREQUEST;
    }
    const char *word = params[0].as.text;
    unsigned style = style_of(word, BRUSH_STYLES, sizeof BRUSH_STYLES / sizeof BRUSH_STYLES[0]);
    if (assign_style(attr->brush_style_word, sizeof attr->brush_style_word, word, attr->brush_style,
                     style)) {
        attr->brush_style = (enum brush_style)style;
        object_touch(object);
    }
    return 0;
}

ATTRIBUTE_GETTER(attribute_get_brush_style) {
    (void)row;
    /* A type's default may have set the style without its word. */
    const struct attributes *attr = &object->attr;
    bool is_default = strcmp(attr->brush_style_word, "solid") == 0;
    message_give_param(
        out, param_string(is_default ? BRUSH_STYLES[attr->brush_style] : attr->brush_style_word));
    return true;
}

/* -- effects ----------------------------------------------------------------- */

static const char *const BLUR_HINTS[] = {"performance", "quality", "animation"};

static int set_blur(struct effect *effect, const struct param *params, size_t n_params) {
    *effect = (struct effect){.kind = EFFECT_BLUR, .blur_px = 5};
    if (n_params > 2 || (n_params >= 1 && !param_is_number(&params[0]))) {
        return LG_EBADREQUEST;
    }
    if (n_params >= 1) {
        effect->blur_px = param_as_int(&params[0]);
    }
    if (n_params == 2) {
        if (params[1].kind != PARAM_STRING) {
            return LG_EBADREQUEST;
        }
        unsigned hint = style_of(params[1].as.text, BLUR_HINTS, 3);
        if (strcmp(params[1].as.text, BLUR_HINTS[hint]) != 0) {
            return LG_EBADREQUEST;
        }
        effect->blur_hint = (enum blur_hint)hint;
    }
    return 0;
}

static bool are_numbers(const struct param *params, size_t n_params) {
    for (size_t i = 0; i < n_params; i++) {
        if (!param_is_number(&params[i])) {
            return false;
        }
    }
    return true;
}

static int set_colorize(struct effect *effect, const struct param *params, size_t n_params) {
    *effect = (struct effect){.kind = EFFECT_COLORIZE, .strength = 1, .b = 192};
    if (n_params > 4 || !are_numbers(params, n_params)) {
        return LG_EBADREQUEST;
    }
    if (n_params >= 1) {
        effect->strength = param_as_float(&params[0]);
    }
    if (n_params == 4) { /* quirk: the colour counts only when all of it is there */
        effect->r = param_as_int(&params[1]);
        effect->g = param_as_int(&params[2]);
        effect->b = param_as_int(&params[3]);
    }
    return 0;
}

static int set_shadow(struct effect *effect, const struct param *params, size_t n_params) {
    *effect = (struct effect){.kind = EFFECT_SHADOW,
                              .blur_px = 1,
                              .dx_px = 10,
                              .dy_px = 10,
                              .r = 100,
                              .g = 100,
                              .b = 100,
                              .a = 50};
    if (n_params > 7 || n_params == 1 || !are_numbers(params, n_params)) {
        return LG_EBADREQUEST;
    }
    if (n_params >= 2) {
        effect->dx_px = param_as_int(&params[0]);
        effect->dy_px = param_as_int(&params[1]);
    }
    if (n_params >= 6) {
        effect->r = param_as_int(&params[2]);
        effect->g = param_as_int(&params[3]);
        effect->b = param_as_int(&params[4]);
        effect->a = param_as_int(&params[5]);
    }
    if (n_params == 7) {
        effect->blur_px = param_as_int(&params[6]);
    }
    return 0;
}

ATTRIBUTE_SETTER(attribute_set_effect) {
    (void)row;
    struct effect effect = {.kind = EFFECT_NONE};
    if (n_params == 0 || params[0].kind != PARAM_STRING) {
        return LG_EBADREQUEST;
    }
    const char *kind = params[0].as.text;
    int err = LG_EBADREQUEST;
    if (strcmp(kind, "none") == 0) {
        err = n_params == 1 ? 0 : LG_EBADREQUEST;
    } else if (strcmp(kind, "blur") == 0) {
        err = set_blur(&effect, params + 1, n_params - 1);
    } else if (strcmp(kind, "colorize") == 0) {
        err = set_colorize(&effect, params + 1, n_params - 1);
    } else if (strcmp(kind, "shadow") == 0) {
        err = set_shadow(&effect, params + 1, n_params - 1);
    }
    if (err == 0) {
        object->attr.effect = effect;
        object_touch(object);
    }
    return err;
}

static void give_ints(struct message *out, const int *values, size_t n_values) {
    for (size_t i = 0; i < n_values; i++) {
        message_give_param(out, param_int(values[i]));
    }
}

ATTRIBUTE_GETTER(attribute_get_effect) {
    (void)row;
    const struct effect *e = &object->attr.effect;
    switch (e->kind) {
    case EFFECT_NONE:
        message_give_param(out, param_string("none"));
        break;
    case EFFECT_BLUR:
        message_give_param(out, param_string("blur"));
        message_give_param(out, param_int(e->blur_px));
        message_give_param(out, param_string(BLUR_HINTS[e->blur_hint]));
        break;
    case EFFECT_COLORIZE:
        message_give_param(out, param_string("colorize"));
        message_give_param(out, param_float(e->strength));
        give_ints(out, (const int[]){e->r, e->g, e->b}, 3);
        break;
    case EFFECT_SHADOW:
        message_give_param(out, param_string("shadow"));
        give_ints(out, (const int[]){e->dx_px, e->dy_px, e->r, e->g, e->b, e->a, e->blur_px}, 7);
        break;
    }
    return true;
}
