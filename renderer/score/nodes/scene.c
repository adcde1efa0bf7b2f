/* Scene messages (section 6). Position, size, colour, pan and zoom are common
 * attributes; what belongs to a window on a desktop is kept and told again. */
#include "renderer/score/nodes/scene.h"

#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "proto/limits.h"
#include "renderer/score/alloc.h"
#include "renderer/score/attributes/attributes.h"
#include "renderer/score/attributes/color.h"
#include "renderer/score/geometry.h"
#include "renderer/score/forward.h"
#include "renderer/score/score_state.h"
#include "renderer/score/signals/signal.h"
#include "renderer/score/events/watch.h"

struct scene {
    char *root_path; /* NULL = the application's */
    struct settings *settings;
    int parse_version; /* of scripts it loads: 1, 2; 0 = the application's */
};

static const struct setting_row ROWS[] = {
    {"fullscreen", SETTING_BOOL, 0, NULL},    {"frameless", SETTING_BOOL, 0, NULL},
    {"opengl", SETTING_BOOL, 0, NULL},        {"absolutexy", SETTING_BOOL, 0, NULL},
    {"windowOpacity", SETTING_BOOL, 0, NULL}, {"foreground", SETTING_TRIGGER, 0, NULL},
    {"forward", SETTING_WORDS, 0, NULL},
};

static void scene_defaults(struct attributes *attr) {
    color_set_rgb(&attr->color, 255, 255, 255, 255);
    attr->width = attr->height = (struct dimension){1, UNIT_PLAIN};
}

static int scene_create(struct object *object) {
    struct scene *scene = alloc_zero(sizeof *scene);
    scene->settings = settings_create(ROWS, sizeof ROWS / sizeof ROWS[0]);
    object->data = scene;
    object->is_scene = true;
    return 0;
}

static void scene_destroy(struct object *object) {
    struct scene *scene = object->data;
    settings_destroy(scene->settings);
    free(scene->root_path);
    free(scene);
}

const char *scene_root_path(const struct object *scene) {
    return ((const struct scene *)scene->data)->root_path;
}

const struct settings *scene_settings(const struct object *object) {
    return object->type == &SCENE_TYPE ? ((const struct scene *)object->data)->settings : NULL;
}

static void scene_box(const struct object *object, double frame_side, struct box *out) {
    (void)object;
    *out = (struct box){-frame_side / 2, -frame_side / 2, frame_side, frame_side};
}

/* -- messages ------------------------------------------------------------------------ */

static int set_new(struct object *object, const struct param *params, size_t n_params) {
    (void)object;
    (void)params;
    return n_params == 0 ? 0 : LG_EBADREQUEST;
}

static int set_reset(struct object *object, const struct param *params, size_t n_params) {
    (void)params;
    if (n_params != 0) {
        return LG_EBADREQUEST;
    }
    struct scene *scene = object->data;
    attributes_init(&object->attr);
    scene_defaults(&object->attr);
    settings_reset(scene->settings);
    free(scene->root_path);
    scene->root_path = NULL;
    watches_destroy(object->events);
    object->events = NULL;
    for (size_t i = 0; i < object->n_children; i++) {
        if (!object->children[i]->type->is_node) {
            object_delete(object->children[i]);
        }
    }
    struct object *signals = object_child(object, "signal");
    for (size_t i = 0; signals != NULL && i < signals->n_children; i++) {
        object_delete(signals->children[i]);
    }
    connections_destroy(object->connections);
    object->connections = NULL;
    object_touch(object);
    return 0;
}

static int set_root_path(struct object *object, const struct param *params, size_t n_params) {
    struct scene *scene = object->data;
    if (n_params > 1 || (n_params == 1 && params[0].kind != PARAM_STRING)) {
        return LG_EBADREQUEST;
    }
    free(scene->root_path);
    scene->root_path = n_params == 1 ? load_directory(params[0].as.text) : NULL;
    return 0;
}

static void get_root_path(const struct object *object, struct message *out) {
    const char *path = scene_root_path(object);
    message_give_param(out, param_string(path != NULL ? path : ""));
}

/* Full screen and frameless exclude each other. */
static int set_exclusive(struct object *object, const char *name, const char *other,
                         const struct param *params, size_t n_params) {
    struct scene *scene = object->data;
    bool value;
    int err = params_bool(params, n_params, &value);
    if (err == 0 && settings_number(scene->settings, other) == 0) {
        err = settings_set(scene->settings, name, params, n_params);
    }
    return err;
}

static int set_fullscreen(struct object *object, const struct param *params, size_t n_params) {
    return set_exclusive(object, "fullscreen", "frameless", params, n_params);
}

static int set_frameless(struct object *object, const struct param *params, size_t n_params) {
    return set_exclusive(object, "frameless", "fullscreen", params, n_params);
}

/* Without a word the scene follows the application. */
static int set_parse(struct object *object, const struct param *params, size_t n_params) {
    static const char *const WORDS[] = {NULL, "v1", "v2"};
    struct scene *scene = object->data;
    if (n_params == 0) {
        scene->parse_version = 0;
        return 0;
    }
    if (n_params != 1 || params[0].kind != PARAM_STRING) {
        return LG_EBADREQUEST;
    }
    for (int version = 1; version <= 2; version++) {
        if (strcmp(params[0].as.text, WORDS[version]) == 0) {
            scene->parse_version = version;
            return 0;
        }
    }
    return LG_EBADREQUEST;
}

int scene_parse_version(const struct object *scene) {
    return ((const struct scene *)scene->data)->parse_version;
}

static void get_parse(const struct object *object, struct message *out) {
    int version = scene_parse_version(object);
    bool is_version_2 = version == 0 ? object->score->is_version_2 : version == 2;
    message_give_param(out, param_string(is_version_2 ? "v2" : "v1"));
}

static void get_swidth(const struct object *object, struct message *out) {
    double sw, sh;
    geometry_scene_extents(object, &sw, &sh);
    message_give_param(out, param_float((float)sw));
}

static void get_sheight(const struct object *object, struct message *out) {
    double sw, sh;
    geometry_scene_extents(object, &sw, &sh);
    message_give_param(out, param_float((float)sh));
}

bool scene_fits(const struct score *score) {
    uint64_t pixels = 0;
    for (size_t i = 0; i < score->n_scenes; i++) {
        uint32_t width = 0, height = 0;
        if (score->scenes[i]->is_deleted) {
            continue;
        }
        geometry_scene_size_px(score->scenes[i], score->screen_px, &width, &height);
        pixels += (uint64_t)width * height;
    }
    return pixels <= LIMIT_SCENES_PIXELS;
}

static int set_size(struct object *object, const char *method, const struct param *params,
                    size_t n_params) {
    struct dimension width = object->attr.width, height = object->attr.height;
    int err = attributes_set(object, method, params, n_params);
    if (err == 0 && !scene_fits(object->score)) {
        object->attr.width = width;
        object->attr.height = height;
        score_error(object->score, "the scenes are too large (limit %u pixels together)",
                    LIMIT_SCENES_PIXELS);
        return LG_ETOOLARGE;
    }
    return err;
}

static int scene_other(struct object *object, const char *method, const struct param *params,
                       size_t n_params) {
    struct scene *scene = object->data;
    if (method != NULL && (strcmp(method, "width") == 0 || strcmp(method, "height") == 0)) {
        return set_size(object, method, params, n_params);
    }
    return method != NULL ? settings_set(scene->settings, method, params, n_params) : LG_ENOTFOUND;
}

static bool scene_get_other(const struct object *object, const char *name, struct message *out) {
    return settings_get(((const struct scene *)object->data)->settings, name, out);
}

static const struct object_method METHODS[] = {
    {"new", set_new, NULL},
    {"reset", set_reset, NULL},
    {"forward", forward_set, NULL}, /* told among the settings */
    {"load", load_run, NULL},
    {"preprocess", load_preprocess, NULL},
    {"rootPath", set_root_path, get_root_path},
    {"fullscreen", set_fullscreen, NULL}, /* told among the settings */
    {"frameless", set_frameless, NULL},
    {"parse", set_parse, get_parse},
    {"swidth", NULL, get_swidth},
    {"sheight", NULL, get_sheight},
};

const struct object_type SCENE_TYPE = {
    .name = "scene",
    .sizing = SIZING_FREE,
    .takes_z_children = true,
    .methods = METHODS,
    .n_methods = sizeof METHODS / sizeof METHODS[0],
    .defaults = scene_defaults,
    .create = scene_create,
    .box = scene_box,
    .destroy = scene_destroy,
    .other = scene_other,
    .get_other = scene_get_other,
};
