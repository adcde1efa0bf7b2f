/* `set`: creation, new content, another type in place. */
#include "renderer/score/set.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/err.h"
#include "renderer/score/alloc.h"
#include "renderer/score/attributes/attributes.h"
#include "renderer/score/score_state.h"
#include "renderer/score/events/watch.h"
#include "renderer/score/sync/relations.h"

/* -- types ------------------------------------------------------------------------- */

struct extension {
    const char *extension, *type;
};

static const struct extension EXTENSIONS[] = {
    {"txt", "txtf"},       {"text", "txtf"},       {"svg", "svgf"},      {"html", "htmlf"},
    {"htm", "htmlf"},      {"gmn", "gmnf"},        {"xml", "musicxmlf"}, {"musicxml", "musicxmlf"},
    {"jpg", "img"},        {"jpeg", "img"},        {"gif", "img"},       {"png", "img"},
    {"bmp", "img"},        {"tiff", "img"},        {"wmv", "video"},     {"avi", "video"},
    {"mpg", "video"},      {"mpeg", "video"},      {"mp4", "video"},     {"m4v", "video"},
    {"mov", "video"},      {"vob", "video"},       {"mp3", "audio"},     {"wav", "audio"},
    {"aiff", "audio"},     {"aif", "audio"},       {"aac", "audio"},     {"m4a", "audio"},
    {"mid", "pianorollf"}, {"midi", "pianorollf"}, {"dsp", "faustdspf"},
};

/* The type that `set file path` means; "file" itself (unknown) otherwise. */
static const char *type_of_file(const struct param *params, size_t n_params) {
    if (n_params < 2 || params[1].kind != PARAM_STRING) {
        return "file";
    }
    const char *dot = strrchr(params[1].as.text, '.');
    for (size_t i = 0; dot != NULL && i < sizeof EXTENSIONS / sizeof EXTENSIONS[0]; i++) {
        if (strcasecmp(dot + 1, EXTENSIONS[i].extension) == 0) {
            return EXTENSIONS[i].type;
        }
    }
    return "file";
}

/* The type named by the parameters; NULL after reporting, or *err LG_EBADREQUEST. */
static const struct object_type *find_type(struct score *score, const struct param *params,
                                           size_t n_params, int *err) {
    if (n_params == 0 || params[0].kind != PARAM_STRING) {
        *err = LG_EBADREQUEST;
        return NULL;
    }
    const char *name = params[0].as.text;
    if (strcmp(name, "file") == 0) {
        name = type_of_file(params, n_params);
    }
    const struct object_type *type = score->env->find_type(name);
    if (type == NULL || type->is_node) {
        score_error(score, "unknown object type: %s", name);
        *err = LG_ESCRIPT;
        return NULL;
    }
    return type;
}

/* An object with content, in no family yet. before: whose place it takes, or NULL. */
static struct object *make(struct object *parent, const char *name, const struct object_type *type,
                           const struct object *before, const struct param *params, size_t n_params,
                           int *err) {
    struct object *object = object_create(parent->score, parent, name, type);
    if (object == NULL) {
        score_error(parent->score, "out of memory");
        *err = LG_ENOMEM;
        return NULL;
    }
    if (before != NULL) {
        attributes_inherit(&object->attr, &before->attr);
    } else {
        object->attr.show = parent->score->default_show;
    }
    resources_ask(parent->score);
    *err = type->set != NULL ? type->set(object, params + 1, n_params - 1) : 0;
    resources_keep(object);
    if (*err != 0) {
        object_destroy(object);
        return NULL;
    }
    return object;
}

/* -- creation ----------------------------------------------------------------------- */

static int check_limits(struct object *parent) {
    struct score *score = parent->score;
    if (score->n_objects >= LIMIT_OBJECTS) {
        score_error(score, "too many objects (limit %d)", LIMIT_OBJECTS);
        return LG_ETOOLARGE;
    }
    if (parent->depth >= LIMIT_OBJECT_DEPTH) {
        score_error(score, "objects nested too deep (limit %d)", LIMIT_OBJECT_DEPTH);
        return LG_ETOOLARGE;
    }
    return 0;
}

int set_new_object(struct object *parent, const char *name, size_t name_len,
                   const struct param *params, size_t n_params) {
    int err = 0;
    const struct object_type *type = find_type(parent->score, params, n_params, &err);
    if (type == NULL) {
        return err;
    }
    err = check_limits(parent);
    if (err != 0) {
        return err;
    }
    char *name_copy = alloc_text_n(name, name_len);
    struct object *object = make(parent, name_copy, type, NULL, params, n_params, &err);
    free(name_copy);
    if (object == NULL) {
        return err;
    }
    object_link(object);
    object_fire(object_scene(parent), "newElement");
    return 0;
}

/* -- on an object that is there -------------------------------------------------------- */

static int replace(struct object *object, const struct object_type *type,
                   const struct param *params, size_t n_params) {
    int err = 0;
    struct object *fresh = make(object->parent, object->name, type, object, params, n_params, &err);
    if (fresh == NULL) {
        return err;
    }
    sync_replace(object, fresh);
    fresh->events = object->events;
    object->events = NULL;
    object_delete(object);
    object_link(fresh);
    object_fire(fresh, "newData");
    watch_fire_attribute(fresh, "set");
    return 0;
}

int set_object(struct object *object, const struct param *params, size_t n_params) {
    int err = 0;
    const struct object_type *type = find_type(object->score, params, n_params, &err);
    if (type == NULL) {
        return err;
    }
    resources_cancel(object);
    if (type != object->type) {
        return replace(object, type, params, n_params);
    }
    resources_ask(object->score);
    err = type->set != NULL ? type->set(object, params + 1, n_params - 1) : 0;
    resources_keep(object);
    if (err == 0) {
        object_touch(object);
        object_fire(object, "newData");
    }
    return err;
}
