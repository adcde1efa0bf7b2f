/* memimg: a snapshot of another object or of a scene, taken when `set` is executed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cairo.h>

#include "common/err.h"
#include "renderer/draw/painter.h"
#include "renderer/score/score.h"
#include "renderer/types/draw_scene.h"
#include "renderer/types/bitmap.h"
#include "renderer/types/shapes/shape.h"
#include "renderer/types/type_list.h"

struct memimg_data {
    char *path; /* as given */
    struct draw_resource *bitmap;
};

static int memimg_create(struct object *object) {
    object->data = calloc(1, sizeof(struct memimg_data));
    return object->data != NULL ? LG_OK : LG_ENOMEM;
}

static void memimg_destroy(struct object *object) {
    struct memimg_data *data = object->data;
    if (data != NULL) {
        free(data->path);
        resource_unref(data->bitmap);
        free(data);
        object->data = NULL;
    }
}

static struct object *find_source(const struct object *object, const char *path) {
    if (path[0] == '/') {
        return score_find(object->score, path);
    }
    char *parent = object_address(object->parent);
    if (parent == NULL) {
        return NULL;
    }
    size_t size = strlen(parent) + strlen(path) + 2;
    char *address = malloc(size);
    struct object *found = NULL;
    if (address != NULL) {
        snprintf(address, size, "%s/%s", parent, path);
        found = score_find(object->score, address);
    }
    free(address);
    free(parent);
    return found;
}

static struct draw_resource *snapshot(const struct object *source) {
    struct display_list *list =
        source->is_scene ? draw_scene(source) : draw_object_alone(source, true, true);
    if (list == NULL) {
        return NULL;
    }
    struct rect_px all = {0, 0, (int)display_list_width(list), (int)display_list_height(list)};
    cairo_surface_t *surface =
        cairo_image_surface_create(CAIRO_FORMAT_ARGB32, all.width, all.height);
    struct draw_resource *bitmap = NULL;
    if (cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS) {
        painter_paint(surface, list, &all);
        bitmap = resource_give_bitmap(surface);
    } else {
        cairo_surface_destroy(surface);
    }
    display_list_unref(list);
    return bitmap;
}

static int memimg_set(struct object *object, const struct param *params, size_t n_params) {
    struct memimg_data *data = object->data;
    if (n_params != 1 || params[0].kind != PARAM_STRING) {
        return LG_EBADREQUEST;
    }
    const struct object *source = find_source(object, params[0].as.text);
    if (source == NULL || source->parent == NULL || source->type->is_node) {
        return LG_EBADREQUEST;
    }
    char *path = strdup(params[0].as.text);
    struct draw_resource *bitmap = path != NULL ? snapshot(source) : NULL;
    if (bitmap == NULL) {
        free(path);
        return path == NULL ? LG_ENOMEM : LG_EBADREQUEST;
    }
    free(data->path);
    data->path = path;
    resource_unref(data->bitmap);
    data->bitmap = bitmap;
    return LG_OK;
}

static void memimg_get_set(const struct object *object, struct message *out) {
    const struct memimg_data *data = object->data;
    message_give_param(out, param_string(data->path != NULL ? data->path : ""));
}

static void memimg_box(const struct object *object, double frame_side, struct box *out) {
    (void)frame_side;
    bitmap_box(((const struct memimg_data *)object->data)->bitmap, out);
}

static void memimg_draw(const struct object *object, const struct placement *placement,
                        struct display_list *list) {
    bitmap_draw(((const struct memimg_data *)object->data)->bitmap, object, placement, list);
}

/* 0.0 until a size is set, as the original; then the proportional size (the original gives one
 * value for both, which a saved score could not be read back from). */
static int set_size(struct object *object, const struct param *params, size_t n_params,
                    struct dimension *size, struct dimension *other) {
    struct dimension given;
    if (n_params != 1 || !shape_dimension(&params[0], &given)) {
        return LG_EBADREQUEST;
    }
    *size = given;
    *other = (struct dimension){0, UNIT_PLAIN};
    object_touch(object);
    return LG_OK;
}

static int set_width(struct object *object, const struct param *params, size_t n_params) {
    return set_size(object, params, n_params, &object->attr.width, &object->attr.height);
}

static int set_height(struct object *object, const struct param *params, size_t n_params) {
    return set_size(object, params, n_params, &object->attr.height, &object->attr.width);
}

static bool is_sized(const struct object *object) {
    return object->attr.width.value != 0 || object->attr.height.value != 0;
}

static void get_width(const struct object *object, struct message *out) {
    double width, height;
    geometry_size(object, &width, &height);
    message_give_param(out, param_float(is_sized(object) ? (float)width : 0));
}

static void get_height(const struct object *object, struct message *out) {
    double width, height;
    geometry_size(object, &width, &height);
    message_give_param(out, param_float(is_sized(object) ? (float)height : 0));
}

static const struct object_method METHODS[] = {
    {"width", set_width, get_width},
    {"height", set_height, get_height},
};

const struct object_type TYPE_MEMIMG = {
    .name = "memimg",
    .sizing = SIZING_PROPORTIONAL,
    .takes_z_children = true,
    .methods = METHODS,
    .n_methods = sizeof METHODS / sizeof METHODS[0],
    .create = memimg_create,
    .set = memimg_set,
    .get_set = memimg_get_set,
    .box = memimg_box,
    .draw = memimg_draw,
    .destroy = memimg_destroy,
};
