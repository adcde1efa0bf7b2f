/* From address to objects, from method to function. One error per message:
 * when nobody took it. */
#include "renderer/score/dispatch.h"

#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "renderer/score/address.h"
#include "renderer/score/aliases.h"
#include "renderer/score/alloc.h"
#include "renderer/score/attributes/attributes.h"
#include "renderer/score/nodes/application.h"
#include "renderer/score/nodes/scene.h"
#include "renderer/score/nodes/nodes.h"
#include "renderer/score/query.h"
#include "renderer/score/save.h"
#include "renderer/score/score_state.h"
#include "renderer/score/set.h"
#include "renderer/score/events/watch.h"
#include "renderer/score/maps/object_maps.h"
#include "renderer/score/signals/signal.h"

/* -- messages of everyone ------------------------------------------------------------ */

static int run_del(struct object *object, const struct param *params, size_t n_params) {
    (void)params;
    if (n_params != 0) {
        return LG_EBADREQUEST;
    }
    if (object->attr.is_locked) {
        char *address = object_address(object);
        score_error(object->score, "Impossible to delete %s, the object is locked.", address);
        free(address);
        return LG_EFORBIDDEN;
    }
    connections_forget(object);
    object_delete(object);
    return 0;
}

static int run_watch(struct object *object, const struct param *params, size_t n_params) {
    return watch_set(object, params, n_params, false);
}

static int run_watch_more(struct object *object, const struct param *params, size_t n_params) {
    return watch_set(object, params, n_params, true);
}

static int run_push(struct object *object, const struct param *params, size_t n_params) {
    (void)params;
    return n_params == 0 ? watch_push(object) : LG_EBADREQUEST;
}

static int run_pop(struct object *object, const struct param *params, size_t n_params) {
    (void)params;
    return n_params == 0 ? watch_pop(object) : LG_EBADREQUEST;
}

static int run_eval(struct object *object, const struct param *params, size_t n_params) {
    if (n_params == 0) {
        return LG_EBADREQUEST;
    }
    struct message_list *list = watch_list_from_params(params, n_params);
    if (list == NULL) {
        return LG_EBADREQUEST;
    }
    struct score *score = object->score;
    struct object *before = score->eval_target;
    score->eval_target = object;
    for (size_t i = 0; i < list->n_messages; i++) {
        score_process(score, &list->messages[i]);
    }
    score->eval_target = before;
    message_list_unref(list);
    return 0;
}

static int export_to(struct object *object, const struct param *params, size_t n_params,
                     bool has_children) {
    const struct score_env *env = object->score->env;
    for (size_t i = 0; i < n_params; i++) {
        if (params[i].kind != PARAM_STRING) {
            return LG_EBADREQUEST;
        }
    }
    if (n_params == 0) {
        env->export_object(env->ctx, object, object->name, has_children);
    }
    for (size_t i = 0; i < n_params; i++) {
        env->export_object(env->ctx, object, params[i].as.text, has_children);
    }
    return 0;
}

static int run_export(struct object *object, const struct param *params, size_t n_params) {
    return export_to(object, params, n_params, false);
}

static int run_export_all(struct object *object, const struct param *params, size_t n_params) {
    return export_to(object, params, n_params, true);
}

static int run_class(struct object *object, const struct param *params, size_t n_params) {
    struct text words = {0};
    for (size_t i = 0; i < n_params; i++) {
        if (params[i].kind != PARAM_STRING) {
            text_finish(&words);
            return LG_EBADREQUEST;
        }
        text_printf(&words, "%s%s", i > 0 ? " " : "", params[i].as.text);
    }
    free(object->css_class);
    object->css_class = words.data;
    return 0;
}

/* edit opens a window on a desktop. */
static int run_edit(struct object *object, const struct param *params, size_t n_params) {
    (void)object;
    (void)params;
    (void)n_params;
    return 0;
}

static int run_refresh(struct object *object, const struct param *params, size_t n_params) {
    (void)params;
    if (n_params != 0) {
        return LG_EBADREQUEST;
    }
    object_touch(object);
    for (size_t i = 0; i < object->n_children; i++) {
        run_refresh(object->children[i], NULL, 0);
    }
    return 0;
}

enum audience { FOR_OBJECTS = 1, FOR_SCENES = 2, FOR_ITL = 4 };

struct base_method {
    const char *name;
    int (*run)(struct object *object, const struct param *params, size_t n_params);
    unsigned audience;
};

static const struct base_method BASE_METHODS[] = {
    {"set", set_object, FOR_OBJECTS},
    {"del", run_del, FOR_OBJECTS | FOR_SCENES},
    {"watch", run_watch, FOR_OBJECTS | FOR_SCENES | FOR_ITL},
    {"watch+", run_watch_more, FOR_OBJECTS | FOR_SCENES | FOR_ITL},
    {"event", watch_event, FOR_OBJECTS | FOR_SCENES | FOR_ITL},
    {"push", run_push, FOR_OBJECTS | FOR_SCENES | FOR_ITL},
    {"pop", run_pop, FOR_OBJECTS | FOR_SCENES | FOR_ITL},
    {"eval", run_eval, FOR_OBJECTS | FOR_SCENES | FOR_ITL},
    {"alias", aliases_set, FOR_OBJECTS | FOR_SCENES | FOR_ITL},
    {"save", save_run, FOR_OBJECTS | FOR_SCENES | FOR_ITL},
    {"export", run_export, FOR_OBJECTS | FOR_SCENES},
    {"exportAll", run_export_all, FOR_OBJECTS | FOR_SCENES},
    {"class", run_class, FOR_OBJECTS},
    {"edit", run_edit, FOR_OBJECTS | FOR_SCENES},
    {"refresh", run_refresh, FOR_OBJECTS | FOR_SCENES},
    {"map", object_map_set, FOR_OBJECTS},
    {"map+", object_map_add, FOR_OBJECTS},
    {"mapf", object_map_file, FOR_OBJECTS},
};

static const struct base_method *find_base(const struct object *object, const char *name) {
    unsigned audience = FOR_OBJECTS;
    if (object->parent == NULL) {
        audience = FOR_ITL;
    } else if (object->is_scene) {
        audience = FOR_SCENES;
    } else if (object->type->is_node) {
        return NULL;
    }
    for (size_t i = 0; i < sizeof BASE_METHODS / sizeof BASE_METHODS[0]; i++) {
        if ((BASE_METHODS[i].audience & audience) != 0 && strcmp(BASE_METHODS[i].name, name) == 0) {
            return &BASE_METHODS[i];
        }
    }
    return NULL;
}

static const struct object_method *find_method(const struct object *object, const char *name) {
    for (size_t i = 0; i < object->type->n_methods; i++) {
        if (strcmp(object->type->methods[i].name, name) == 0) {
            return &object->type->methods[i];
        }
    }
    return NULL;
}

bool dispatch_knows(const struct object *object, const char *method) {
    const struct attribute_row *row = attributes_find(method);
    const struct settings *settings =
        object->parent == NULL ? application_settings(object) : scene_settings(object);
    if (settings != NULL && settings_knows(settings, method)) {
        return true;
    }
    return find_method(object, method) != NULL || find_base(object, method) != NULL ||
           (row != NULL && row->set != NULL && !object->type->is_node);
}

/* -- one object --------------------------------------------------------------------- */

static int run_method(struct object *object, const char *name, const struct param *params,
                      size_t n_params) {
    const struct object_method *method = name != NULL ? find_method(object, name) : NULL;
    if (method != NULL) {
        return method->set != NULL ? method->set(object, params, n_params) : LG_EBADREQUEST;
    }
    int err = LG_ENOTFOUND;
    if (object->type->other != NULL) {
        err = object->type->other(object, name, params, n_params);
    }
    if (err != LG_ENOTFOUND || name == NULL) {
        return err == LG_ENOTFOUND ? LG_EBADREQUEST : err;
    }
    const struct base_method *base = find_base(object, name);
    if (base != NULL) {
        return base->run(object, params, n_params);
    }
    if (object->type->is_node && object->parent != NULL) {
        return strcmp(name, "del") == 0 ? 0 : LG_EBADREQUEST; /* nodes stay */
    }
    err = attributes_set(object, name, params, n_params);
    return err == LG_ENOTFOUND ? LG_EBADREQUEST : err;
}

/* 0, LG_EBADREQUEST (not reported yet), or another code (reported). */
static int run_on(struct object *object, const struct message *msg) {
    if (msg->method != NULL && strcmp(msg->method, "get") == 0) {
        query_run(object, msg->params, msg->n_params);
        return 0;
    }
    int err = run_method(object, msg->method, msg->params, msg->n_params);
    /* `set` with another type has moved the events on and fired them itself. */
    if (err == 0 && object->events != NULL && msg->method != NULL) {
        watch_fire_attribute(object, msg->method);
    }
    return err;
}

static void report(struct score *score, const char *words, const struct message *msg) {
    struct text text = {0};
    message_print_error(msg, &text);
    score_error(score, "%s: %s", words, text.data);
    text_finish(&text);
}

void dispatch_to_object(struct object *object, const struct message *msg) {
    if (run_on(object, msg) == LG_EBADREQUEST) {
        report(object->score, "incorrect parameters", msg);
    }
}

/* -- addresses --------------------------------------------------------------------- */

struct targets {
    struct object **items;
    size_t n_items, capacity;
    bool has_pattern;
    bool has_node; /* a pattern met a static node that nobody has asked for yet */
    /* When there is none: whose child of what name is missing; NULL = further up. */
    struct object *parent;
    const char *name;
    size_t name_len;
};

static void add_target(struct targets *targets, struct object *object) {
    targets->items =
        alloc_grow(targets->items, targets->n_items, &targets->capacity, sizeof(struct object *));
    targets->items[targets->n_items++] = object;
}

static void add_matches(struct targets *next, struct object *parent, const char *segment,
                        size_t len) {
    for (size_t i = 0; i < parent->n_children; i++) {
        struct object *child = parent->children[i];
        if (!child->is_deleted && address_segment_matches(segment, len, child->name)) {
            add_target(next, child);
        }
    }
    next->has_node = next->has_node || nodes_match_hidden(parent, segment, len);
}

/* One level down. */
static void descend(struct targets *targets, const char *segment, size_t len, bool is_last) {
    struct targets next = {.has_pattern = targets->has_pattern};
    bool is_pattern = address_segment_is_pattern(segment, len);
    next.has_pattern = next.has_pattern || is_pattern;
    for (size_t i = 0; i < targets->n_items; i++) {
        struct object *parent = targets->items[i];
        if (is_pattern) {
            add_matches(&next, parent, segment, len);
            continue;
        }
        struct object *child = object_child_n(parent, segment, len);
        if (child == NULL) {
            child = nodes_make_hidden(parent, segment, len);
        }
        if (child != NULL) {
            add_target(&next, child);
        } else if (is_last) {
            next.parent = parent;
            next.name = segment;
            next.name_len = len;
        }
    }
    next.has_node = next.has_node && is_last;
    free(targets->items);
    *targets = next;
}

/* false: not under /ITL. */
static bool resolve(struct score *score, const char *address, struct targets *targets) {
    *targets = (struct targets){0};
    const char *rest = address, *segment;
    size_t len = address[0] == '/' ? address_next_segment(&rest, &segment) : 0;
    if (len != 3 || strncmp(segment, "ITL", 3) != 0) {
        return false;
    }
    add_target(targets, score->root);
    while ((len = address_next_segment(&rest, &segment)) > 0) {
        const char *ahead = rest, *unused;
        bool is_last = address_next_segment(&ahead, &unused) == 0;
        descend(targets, segment, len, is_last);
    }
    return true;
}

/* Nothing has the address: create, or say so. */
static void run_on_missing(struct score *score, const struct targets *targets,
                           const struct message *msg) {
    bool is_quiet =
        msg->method != NULL && (strcmp(msg->method, "del") == 0 || strcmp(msg->method, "get") == 0);
    if (targets->has_pattern) {
        if (targets->has_node && !is_quiet) {
            report(score, "incorrect parameters", msg);
        }
        return;
    }
    struct object *parent = targets->parent;
    bool has_name = parent != NULL && object_name_is_valid(targets->name, targets->name_len);
    bool is_set = msg->method != NULL && strcmp(msg->method, "set") == 0;
    bool is_new = msg->method != NULL && strcmp(msg->method, "new") == 0;
    if (has_name && nodes_is_signal(parent)) {
        if (!is_quiet &&
            signal_create(parent, targets->name, targets->name_len, msg) == LG_EBADREQUEST) {
            report(score, "incorrect parameters", msg);
        }
    } else if (has_name && is_set && !parent->type->is_node) {
        if (set_new_object(parent, targets->name, targets->name_len, msg->params, msg->n_params) ==
            LG_EBADREQUEST) {
            report(score, "incorrect parameters", msg);
        }
    } else if (has_name && is_new && parent == score->root && msg->n_params == 0) {
        score_add_scene(score, targets->name, targets->name_len);
    } else {
        score_error(score, "incorrect OSC address: %s", msg->address);
    }
}

void dispatch_message(struct score *score, const struct message *msg) {
    struct targets targets;
    if (!resolve(score, msg->address, &targets)) {
        score_error(score, "incorrect OSC address: %s", msg->address);
        free(targets.items);
        return;
    }
    bool is_taken = false, is_refused = false;
    for (size_t i = 0; i < targets.n_items && score_has_time(score); i++) {
        /* An earlier target's messages may have deleted this one (eval, load). */
        if (object_is_gone(targets.items[i])) {
            is_taken = true;
            continue;
        }
        int err = run_on(targets.items[i], msg);
        is_taken = is_taken || err == 0;
        is_refused = is_refused || err == LG_EBADREQUEST;
    }
    /* As the original: an error only when no object took the message, so that static nodes
     * under a pattern do not answer for the objects beside them. */
    if (is_refused && !is_taken) {
        report(score, "incorrect parameters", msg);
    }
    if (targets.n_items == 0) {
        run_on_missing(score, &targets, msg);
    }
    free(targets.items);
}
