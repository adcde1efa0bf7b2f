/* svg, svgf: vector pictures; one unit of the viewBox is one unit. */
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "proto/limits.h"
#include "renderer/score/score.h"
#include "renderer/types/shapes/shape.h"
#include "renderer/types/type_list.h"

struct svg_data {
    char *source; /* text of svg, file name of svgf */
    struct draw_resource *picture;
    double width, height;
    bool is_animated;
};

static int svg_create(struct object *object) {
    object->data = calloc(1, sizeof(struct svg_data));
    return object->data != NULL ? LG_OK : LG_ENOMEM;
}

static void svg_destroy(struct object *object) {
    struct svg_data *data = object->data;
    if (data != NULL) {
        free(data->source);
        resource_unref(data->picture);
        free(data);
        object->data = NULL;
    }
}

static void take_picture(struct object *object, const char *text, size_t len) {
    struct svg_data *data = object->data;
    resource_unref(data->picture);
    data->width = data->height = 0;
    const struct score_env *env = score_env(object->score);
    char *folder = env->real_folder != NULL
                       ? env->real_folder(env->ctx, score_root_path(object->score, object))
                       : NULL;
    data->picture = resource_svg(text, len, folder, &data->width, &data->height);
    free(folder);
    if (data->picture == NULL) {
        data->width = data->height = 0;
    }
    score_fire(object->score, object, data->picture != NULL ? "ready" : "error");
}

/* Keeps the parameter as the object's source. */
static int take_source(struct object *object, const struct param *params, size_t n_params) {
    struct svg_data *data = object->data;
    if (n_params != 1 || params[0].kind != PARAM_STRING ||
        strlen(params[0].as.text) > LIMIT_SCRIPT_BYTES) {
        return LG_EBADREQUEST;
    }
    char *source = strdup(params[0].as.text);
    if (source == NULL) {
        return LG_ENOMEM;
    }
    free(data->source);
    data->source = source;
    return LG_OK;
}

static int svg_set(struct object *object, const struct param *params, size_t n_params) {
    struct svg_data *data = object->data;
    int code = take_source(object, params, n_params);
    if (code != LG_OK) {
        return code;
    }
    take_picture(object, data->source, strlen(data->source));
    if (data->picture == NULL) {
        score_error(object->score, "cannot load svg data %.1000s", data->source);
    }
    return LG_OK;
}

static int svgf_set(struct object *object, const struct param *params, size_t n_params) {
    struct svg_data *data = object->data;
    const struct score_env *env = score_env(object->score);
    char *content = NULL;
    size_t size_bytes = 0;
    int code = take_source(object, params, n_params);
    if (code != LG_OK) {
        return code;
    }
    code = env->read_file(env->ctx, score_root_path(object->score, object), data->source, &content,
                          &size_bytes);
    if (code == LG_EBUSY) {
        take_picture(object, "", 0);
        return LG_OK;
    }
    take_picture(object, code == LG_OK ? content : "", code == LG_OK ? size_bytes : 0);
    if (data->picture == NULL) {
        score_error(object->score, "cannot load SVG file %s", data->source);
    }
    if (code == LG_OK) {
        free(content);
    }
    return LG_OK;
}

static void svg_get_set(const struct object *object, struct message *out) {
    const struct svg_data *data = object->data;
    message_give_param(out, param_string(data->source != NULL ? data->source : ""));
}

static void svg_box(const struct object *object, double frame_side, struct box *out) {
    (void)frame_side;
    const struct svg_data *data = object->data;
    *out = (struct box){0, 0, data->width, data->height};
}

static void svg_draw(const struct object *object, const struct placement *placement,
                     struct display_list *list) {
    const struct svg_data *data = object->data;
    if (data->picture == NULL) {
        return;
    }
    struct display_item item;
    shape_item(object, placement, &item);
    item.kind = ITEM_SVG;
    item.stroke_width = 0;
    item.resource = resource_ref(data->picture);
    display_list_append(list, &item);
    shape_append_pen_box(object, placement, list, item.fill.a);
}

/* Kept and answered; pictures stand still. */
static int set_animate(struct object *object, const struct param *params, size_t n_params) {
    struct svg_data *data = object->data;
    return shape_bool(params, n_params, &data->is_animated);
}

static void get_animate(const struct object *object, struct message *out) {
    const struct svg_data *data = object->data;
    message_give_param(out, param_int(data->is_animated ? 1 : 0));
}

static void get_animated(const struct object *object, struct message *out) {
    (void)object;
    message_give_param(out, param_int(0));
}

static const struct object_method METHODS[] = {
    {"animate", set_animate, get_animate},
    {"animated", NULL, get_animated},
};

#define SVG_TYPE(word, set_function)                                                               \
    {                                                                                              \
        .name = word, .sizing = SIZING_PROPORTIONAL, .takes_z_children = true, .methods = METHODS, \
        .n_methods = sizeof METHODS / sizeof METHODS[0], .create = svg_create,                     \
        .set = set_function, .get_set = svg_get_set, .box = svg_box, .draw = svg_draw,             \
        .destroy = svg_destroy                                                                     \
    }

const struct object_type TYPE_SVG = SVG_TYPE("svg", svg_set);
const struct object_type TYPE_SVGF = SVG_TYPE("svgf", svgf_set);
