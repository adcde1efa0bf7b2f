/* url: stands for an object of another type until its URL has come, then becomes it. Draws nothing;
 * 1 x 1. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/err.h"
#include "renderer/score/score.h"
#include "renderer/types/shapes/shape.h"
#include "renderer/types/type_list.h"

struct url_data {
    char *type, *path;
};

static int url_create(struct object *object) {
    object->data = calloc(1, sizeof(struct url_data));
    return object->data != NULL ? LG_OK : LG_ENOMEM;
}

static void url_destroy(struct object *object) {
    struct url_data *data = object->data;
    if (data != NULL) {
        free(data->type);
        free(data->path);
        free(data);
        object->data = NULL;
    }
}

static int url_set(struct object *object, const struct param *params, size_t n_params) {
    struct url_data *data = object->data;
    const struct score_env *env = score_env(object->score);
    if (n_params != 2 || params[0].kind != PARAM_STRING || params[1].kind != PARAM_STRING ||
        strcmp(params[0].as.text, "url") == 0) {
        return LG_EBADREQUEST;
    }
    const struct object_type *type = env->find_type(params[0].as.text);
    if (type == NULL || type->is_node) {
        score_error(object->score, "unknown object type: %s", params[0].as.text);
        return LG_ESCRIPT;
    }
    char *type_name = strdup(params[0].as.text), *path = strdup(params[1].as.text);
    if (type_name == NULL || path == NULL) {
        free(type_name);
        free(path);
        return LG_ENOMEM;
    }
    free(data->type);
    free(data->path);
    data->type = type_name;
    data->path = path;
    char *content = NULL;
    size_t size_bytes = 0;
    int code = LG_ENOTFOUND; /* a file of this machine needs no url object */
    if (strncasecmp(path, "http://", 7) == 0 || strncasecmp(path, "https://", 8) == 0) {
        code = env->read_file(env->ctx, score_root_path(object->score, object), path, &content,
                              &size_bytes);
    }
    free(content);
    if (code != LG_OK && code != LG_EBUSY) {
        score_error(object->score, "can't open file : %s", path);
        score_fire(object->score, object, "error");
    }
    return LG_OK;
}

static void url_get_set(const struct object *object, struct message *out) {
    const struct url_data *data = object->data;
    message_give_param(out, param_string(data->type != NULL ? data->type : ""));
    message_give_param(out, param_string(data->path != NULL ? data->path : ""));
}

static void url_defaults(struct attributes *attr) {
    attr->width = (struct dimension){1, UNIT_PLAIN};
    attr->height = (struct dimension){1, UNIT_PLAIN};
}

static void url_box(const struct object *object, double frame_side, struct box *out) {
    *out = (struct box){0};
    shape_nominal(object, frame_side, &out->width, &out->height);
}

const struct object_type TYPE_URL = {
    .name = "url",
    .sizing = SIZING_FREE,
    .takes_z_children = true,
    .defaults = url_defaults,
    .create = url_create,
    .set = url_set,
    .get_set = url_get_set,
    .box = url_box,
    .destroy = url_destroy,
};
