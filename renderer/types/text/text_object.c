/* What the four text types share. */
#include "renderer/types/text/text_object.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "proto/limits.h"
#include "renderer/score/score.h"
#include "renderer/types/shapes/shape.h"
#include "renderer/types/text/text_shared.h"

static const char *const STYLE_WORDS[] = {"normal", "italic", "oblique"};
static const char *const WEIGHT_WORDS[] = {"light", "normal", "demibold", "bold", "black"};

int text_object_create(struct object *object) {
    struct text_data *data = calloc(1, sizeof *data);
    if (data == NULL) {
        return LG_ENOMEM;
    }
    data->font_size = 14;
    data->weight = TEXT_REGULAR;
    snprintf(data->family, sizeof data->family, "Carlito");
    object->data = data;
    return LG_OK;
}

static void forget_layout(struct text_data *data) {
    if (data->is_laid_out) {
        rich_text_finish(&data->layout);
        data->is_laid_out = false;
    }
}

void text_object_destroy(struct object *object) {
    struct text_data *data = object->data;
    if (data != NULL) {
        forget_layout(data);
        text_finish(&data->text);
        free(data->file);
        free(data);
        object->data = NULL;
    }
}

static void join_values(const struct param *params, size_t n_params, struct text *out) {
    for (size_t param_i = 0; param_i < n_params; param_i++) {
        if (param_i > 0) {
            text_append(out, " ", 1);
        }
        param_print(&params[param_i], true, out);
    }
}

int text_object_set_values(struct object *object, const struct param *params, size_t n_params) {
    struct text_data *data = object->data;
    struct text joined = {0};
    if (n_params == 0) {
        return LG_EBADREQUEST;
    }
    join_values(params, n_params, &joined);
    if (joined.len > LIMIT_SCRIPT_BYTES) {
        text_finish(&joined);
        return LG_EBADREQUEST;
    }
    text_finish(&data->text);
    data->text = joined;
    forget_layout(data);
    return LG_OK;
}

int text_object_set_file(struct object *object, const struct param *params, size_t n_params) {
    struct text_data *data = object->data;
    if (n_params != 1 || params[0].kind != PARAM_STRING) {
        return LG_EBADREQUEST;
    }
    const struct score_env *env = score_env(object->score);
    char *content = NULL;
    size_t size = 0;
    int code = env->read_file(env->ctx, score_root_path(object->score, object), params[0].as.text,
                              &content, &size);
    if (code == LG_EBUSY) {
        code = LG_OK; /* a URL on its way: empty, and set again when it is there */
    }
    if (code != LG_OK) {
        score_error(object->score, "can't open file : %s", params[0].as.text);
        return code == LG_EBADREQUEST ? LG_ENOTFOUND : code;
    }
    char *file = strdup(params[0].as.text);
    if (file == NULL) {
        free(content);
        return LG_ENOMEM;
    }
    free(data->file);
    data->file = file;
    text_finish(&data->text);
    if (content != NULL) {
        text_append(&data->text, content, strnlen(content, size));
    }
    free(content);
    forget_layout(data);
    return LG_OK;
}

void text_object_get_text(const struct object *object, struct message *out) {
    const struct text_data *data = object->data;
    message_give_param(out, param_string(data->text.data != NULL ? data->text.data : ""));
}

void text_object_get_file(const struct object *object, struct message *out) {
    const struct text_data *data = object->data;
    message_give_param(out, param_string(data->file != NULL ? data->file : ""));
}

static void font_of(const struct text_data *data, struct text_font *font) {
    memcpy(font->family, data->family, sizeof font->family);
    font->size = data->font_size;
    font->style = data->style;
    font->weight = data->weight;
}

static const struct rich_text *layout_of(const struct object *object, bool is_rich) {
    struct text_data *data = object->data;
    if (!data->is_laid_out || data->has_gaps) {
        unsigned before = text_font_failures();
        forget_layout(data);
        memset(&data->layout, 0, sizeof data->layout);
        const char *text = data->text.data != NULL ? data->text.data : "";
        struct text_font font;
        font_of(data, &font);
        if (data->font_size > 0 && is_rich) {
            rich_text_layout(object, &font, text, data->text.len, &data->layout);
        } else if (data->font_size > 0) {
            data->layout.glyphs = text_shared_layout(&font, text, data->text.len, data->layout.box);
        }
        data->is_laid_out = true;
        data->has_gaps = text_font_failures() != before;
    }
    return &data->layout;
}

void text_object_box_plain(const struct object *object, double frame_side, struct box *out) {
    (void)frame_side;
    const double *box = layout_of(object, false)->box;
    *out = (struct box){box[0], box[1], box[2], box[3]};
}

void text_object_box_rich(const struct object *object, double frame_side, struct box *out) {
    (void)frame_side;
    const double *box = layout_of(object, true)->box;
    *out = (struct box){box[0], box[1], box[2], box[3]};
}

void text_object_draw(const struct object *object, const struct placement *placement,
                      struct display_list *list) {
    struct text_data *data = object->data;
    if (data->is_laid_out) { /* the placement has asked for the box */
        rich_text_draw(&data->layout, object, placement, list);
    }
    shape_append_pen_box(object, placement, list, 1);
}

/* -- messages ------------------------------------------------------------ */

static int changed(struct object *object) {
    forget_layout(object->data);
    object_touch(object);
    return LG_OK;
}

static int set_font_size(struct object *object, const struct param *params, size_t n_params) {
    struct text_data *data = object->data;
    if (n_params != 1 || !param_is_number(&params[0])) {
        return LG_EBADREQUEST;
    }
    if (data->font_size != param_as_int(&params[0])) {
        data->font_size = param_as_int(&params[0]);
        changed(object);
    }
    return LG_OK;
}

static void get_font_size(const struct object *object, struct message *out) {
    const struct text_data *data = object->data;
    message_give_param(out, param_int(data->font_size));
}

static int set_font_family(struct object *object, const struct param *params, size_t n_params) {
    struct text_data *data = object->data;
    if (n_params != 1 || params[0].kind != PARAM_STRING ||
        strlen(params[0].as.text) > TEXT_FAMILY_MAX) {
        return LG_EBADREQUEST;
    }
    snprintf(data->family, sizeof data->family, "%s", params[0].as.text);
    return changed(object);
}

static void get_font_family(const struct object *object, struct message *out) {
    const struct text_data *data = object->data;
    message_give_param(out, param_string(data->family));
}

/* Index of a single word parameter in a table; -1 when it is none of them. */
static int find_word(const struct param *params, size_t n_params, const char *const *words,
                     int n_words) {
    for (int word_i = 0; n_params == 1 && params[0].kind == PARAM_STRING && word_i < n_words;
         word_i++) {
        if (strcmp(params[0].as.text, words[word_i]) == 0) {
            return word_i;
        }
    }
    return -1;
}

static int set_font_style(struct object *object, const struct param *params, size_t n_params) {
    struct text_data *data = object->data;
    int style = find_word(params, n_params, STYLE_WORDS, 3);
    if (style < 0) {
        return LG_EBADREQUEST;
    }
    data->style = (enum text_style)style;
    return changed(object);
}

static void get_font_style(const struct object *object, struct message *out) {
    const struct text_data *data = object->data;
    message_give_param(out, param_string(STYLE_WORDS[data->style]));
}

static int set_font_weight(struct object *object, const struct param *params, size_t n_params) {
    struct text_data *data = object->data;
    int weight = find_word(params, n_params, WEIGHT_WORDS, 5);
    if (weight < 0) {
        return LG_EBADREQUEST;
    }
    data->weight = (enum text_weight)weight;
    return changed(object);
}

static void get_font_weight(const struct object *object, struct message *out) {
    const struct text_data *data = object->data;
    message_give_param(out, param_string(WEIGHT_WORDS[data->weight]));
}

static int set_write(struct object *object, const struct param *params, size_t n_params) {
    struct text_data *data = object->data;
    struct text joined = {0};
    if (n_params == 0) {
        return LG_EBADREQUEST;
    }
    join_values(params, n_params, &joined);
    if (data->text.len + joined.len + 1 > LIMIT_SCRIPT_BYTES) {
        text_finish(&joined);
        return LG_EBADREQUEST;
    }
    text_append(&data->text, " ", 1);
    if (joined.len > 0) {
        text_append(&data->text, joined.data, joined.len);
    }
    text_finish(&joined);
    changed(object);
    score_fire(object->score, object, "newData");
    return LG_OK;
}

const struct object_method TEXT_OBJECT_METHODS[TEXT_OBJECT_N_METHODS] = {
    {"fontSize", set_font_size, get_font_size},
    {"fontFamily", set_font_family, get_font_family},
    {"fontStyle", set_font_style, get_font_style},
    {"fontWeight", set_font_weight, get_font_weight},
    {"write", set_write, NULL},
    {"text", NULL, text_object_get_text},
};
