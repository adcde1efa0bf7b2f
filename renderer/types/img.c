/* img: a bitmap from a file; one pixel is one unit, alpha is opacity. */
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "renderer/score/score.h"
#include "renderer/types/bitmap.h"
#include "renderer/types/shapes/shape.h"
#include "renderer/types/type_list.h"

struct img_data {
    char *file;                   /* as given */
    struct draw_resource *bitmap; /* NULL = nothing to see */
};

static int img_create(struct object *object) {
    object->data = calloc(1, sizeof(struct img_data));
    return object->data != NULL ? LG_OK : LG_ENOMEM;
}

static void img_destroy(struct object *object) {
    struct img_data *data = object->data;
    if (data != NULL) {
        free(data->file);
        resource_unref(data->bitmap);
        free(data);
        object->data = NULL;
    }
}

/* The object is there also without its picture: empty, after an error. */
static int img_set(struct object *object, const struct param *params, size_t n_params) {
    struct img_data *data = object->data;
    if (n_params != 1 || params[0].kind != PARAM_STRING) {
        return LG_EBADREQUEST;
    }
    char *file = strdup(params[0].as.text);
    if (file == NULL) {
        return LG_ENOMEM;
    }
    struct draw_resource *bitmap = NULL;
    int code = bitmap_load(object, file, &bitmap);
    free(data->file);
    data->file = file;
    resource_unref(data->bitmap);
    data->bitmap = bitmap;
    if (code == LG_ENOTFOUND) {
        score_error(object->score, "%s : no such file", file);
    } else if (code != LG_OK && code != LG_EBUSY) {
        score_error(object->score, "invalid image file : %s", file);
    }
    if (code != LG_EBUSY) {
        score_fire(object->score, object, code == LG_OK ? "ready" : "error");
    }
    return LG_OK;
}

static void img_get_set(const struct object *object, struct message *out) {
    const struct img_data *data = object->data;
    message_give_param(out, param_string(data->file != NULL ? data->file : ""));
}

static void img_box(const struct object *object, double frame_side, struct box *out) {
    (void)frame_side;
    bitmap_box(((const struct img_data *)object->data)->bitmap, out);
}

static void img_draw(const struct object *object, const struct placement *placement,
                     struct display_list *list) {
    bitmap_draw(((const struct img_data *)object->data)->bitmap, object, placement, list);
}

const struct object_type TYPE_IMG = {
    .name = "img",
    .sizing = SIZING_PROPORTIONAL,
    .takes_z_children = true,
    .create = img_create,
    .set = img_set,
    .get_set = img_get_set,
    .box = img_box,
    .draw = img_draw,
    .destroy = img_destroy,
};
