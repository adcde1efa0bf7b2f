/* `get *` and save: attributes, type's values, settings, aliases, events, children. */
#include "renderer/score/save.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "renderer/score/aliases.h"
#include "renderer/score/attributes/attributes.h"
#include "renderer/score/nodes/nodes.h"
#include "renderer/score/query.h"
#include "renderer/score/nodes/scene.h"
#include "renderer/score/score_state.h"
#include "renderer/score/events/watch.h"
#include "renderer/score/maps/object_maps.h"
#include "renderer/score/signals/signal.h"
#include "renderer/score/sync/relations.h"

struct emitter {
    bool is_script, is_brief;
    void (*put)(void *ctx, struct message *msg);
    void *ctx;
};

/* Width and height in a script: as set, never as computed (the content may be missing now, or
 * be another one later). true when the row is dealt with. */
static bool emit_size(const struct emitter *to, const struct object *object, const char *address,
                      const struct attribute_row *row) {
    bool is_width = strcmp(row->name, "width") == 0;
    if (!to->is_script || (!is_width && strcmp(row->name, "height") != 0)) {
        return false;
    }
    enum object_sizing sizing = object->type->sizing;
    struct dimension set = is_width ? object->attr.width : object->attr.height;
    if (sizing == SIZING_FREE || (sizing == SIZING_PROPORTIONAL && set.value != 0)) {
        struct message msg;
        message_init(&msg, address, row->name);
        params_give_dimension(&msg, set);
        to->put(to->ctx, &msg);
    }
    return true;
}

/* -- what a fresh object has anyway ------------------------------------------------ */

/* Attributes that nothing else sets: not the content, not the place in time. */
#define PLAIN(field) offsetof(struct attributes, field), sizeof((struct attributes *)0)->field
static const struct plain {
    const char *name;
    size_t offset, size;
} PLAINS[] = {
    {"angle", PLAIN(rotate_z)},     {"color", PLAIN(color)},
    {"effect", PLAIN(effect)},      {"lock", PLAIN(is_locked)},
    {"penColor", PLAIN(pen_color)}, {"penStyle", PLAIN(pen_style_word)},
    {"penWidth", PLAIN(pen_width)}, {"rotatex", PLAIN(rotate_x)},
    {"rotatey", PLAIN(rotate_y)},   {"scale", PLAIN(scale)},
    {"tempo", PLAIN(tempo)},        {"x", PLAIN(x)},
    {"xorigin", PLAIN(xorigin)},    {"y", PLAIN(y)},
    {"yorigin", PLAIN(yorigin)},    {"z", PLAIN(z)},
};
#undef PLAIN

#define ROWS_MAX 160

/* By row of the attributes' table: its number in PLAINS and one more; 0 = none. */
static const unsigned char *plain_rows(void) {
    static unsigned char rows[ROWS_MAX];
    static bool is_made;
    for (size_t i = 0; !is_made && i < attributes_count() && i < ROWS_MAX; i++) {
        for (size_t k = 0; k < sizeof PLAINS / sizeof PLAINS[0]; k++) {
            if (strcmp(attributes_row(i)->name, PLAINS[k].name) == 0) {
                rows[i] = (unsigned char)(k + 1);
            }
        }
    }
    is_made = true;
    return rows;
}

/* Equal bytes are equal values; others are told. */
static bool is_as_fresh(const struct object *object, const struct attributes *fresh, size_t row_i) {
    unsigned plain = row_i < ROWS_MAX ? plain_rows()[row_i] : 0;
    if (plain == 0) {
        return false;
    }
    const struct plain *part = &PLAINS[plain - 1];
    return memcmp((const char *)&object->attr + part->offset, (const char *)fresh + part->offset,
                  part->size) == 0;
}

static bool is_own_method(const struct object *object, const char *name) {
    for (size_t i = 0; i < object->type->n_methods; i++) {
        if (strcmp(object->type->methods[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

static void emit_value(const struct emitter *to, const struct object *object, const char *address,
                       const char *name) {
    struct message msg;
    if (query_value(object, address, name, &msg)) {
        to->put(to->ctx, &msg);
    }
}

static void emit_attributes(const struct emitter *to, const struct object *object,
                            const char *address) {
    struct attributes fresh;
    if (to->is_brief) {
        memset(&fresh, 0, sizeof fresh);
        attributes_init(&fresh);
        if (object->type->defaults != NULL) {
            object->type->defaults(&fresh);
        }
    }
    for (size_t i = 0; i < attributes_count(); i++) {
        const struct attribute_row *row = attributes_row(i);
        if (to->is_brief && is_as_fresh(object, &fresh, i)) {
            continue;
        }
        bool is_told = (row->flags & ATTRIBUTE_SAVED) != 0 && !is_own_method(object, row->name);
        if (is_told && !emit_size(to, object, address, row)) {
            emit_value(to, object, address, row->name);
        }
    }
}

static void emit_own(const struct emitter *to, const struct object *object, const char *address) {
    const struct settings *settings = scene_settings(object);
    for (size_t i = 0; i < object->type->n_methods; i++) {
        const struct object_method *method = &object->type->methods[i];
        bool is_unset = to->is_script && object->type->is_saved != NULL &&
                        !object->type->is_saved(object, method->name);
        if (method->set != NULL && method->get != NULL && !is_unset) {
            emit_value(to, object, address, method->name);
        }
    }
    bool has_more = object->type->more_messages != NULL;
    for (size_t i = 0; has_more; i++) {
        struct message msg;
        message_init(&msg, address, NULL);
        has_more = object->type->more_messages(object, i, &msg);
        if (has_more) {
            to->put(to->ctx, &msg);
        } else {
            message_finish(&msg);
        }
    }
    for (size_t i = 0; settings != NULL && i < settings_count(settings); i++) {
        emit_value(to, object, address, settings_row(settings, i)->name);
    }
    if (object->css_class != NULL) {
        emit_value(to, object, address, "class");
    }
}

/* What the `filter` of a scene chooses. */
static void emit_filter(const struct emitter *to, const struct object *scene) {
    static const char *const NAMES[] = {"accept", "reject"};
    const struct object *filter = object_child(scene, "filter");
    char *address = filter != NULL ? object_address(filter) : NULL;
    for (size_t i = 0; filter != NULL && i < 2; i++) {
        struct message msg;
        if (query_value(filter, address, NAMES[i], &msg)) {
            if (msg.n_params > 0) {
                to->put(to->ctx, &msg);
            } else {
                message_finish(&msg);
            }
        }
    }
    free(address);
}

/* What its `debug` node and, for a scene, its `fileWatcher` and `filter` hold. */
static void emit_nodes(const struct emitter *to, const struct object *object, const char *address) {
    const int values[2] = {object->debug_map, object->debug_name};
    for (int i = 0; i < 2; i++) {
        if (values[i] != 0) {
            struct text debug = {0};
            struct message msg;
            text_printf(&debug, "%s/debug", address);
            message_init(&msg, debug.data, i == 0 ? "map" : "name");
            message_give_param(&msg, param_int(values[i]));
            to->put(to->ctx, &msg);
            text_finish(&debug);
        }
    }
    if (object->is_scene) {
        emit_filter(to, object);
    }
    const struct object *files = object->is_scene ? object_child(object, "fileWatcher") : NULL;
    struct message *messages = NULL;
    size_t n_messages = 0;
    if (files != NULL) {
        node_files_list(files, &messages, &n_messages);
    }
    for (size_t i = 0; i < n_messages; i++) {
        to->put(to->ctx, &messages[i]);
    }
    free(messages);
}

static void put_all(const struct emitter *to, struct message *messages, size_t n_messages) {
    for (size_t i = 0; i < n_messages; i++) {
        to->put(to->ctx, &messages[i]);
    }
    free(messages);
}

static void emit_maps(const struct emitter *to, const struct object *object) {
    struct message *messages = NULL;
    size_t n_messages = 0;
    object_map_list(object, &messages, &n_messages);
    put_all(to, messages, n_messages);
}

/* Before the children: graphs name them. */
static void emit_signals(const struct emitter *to, const struct object *owner) {
    struct message *messages = NULL;
    size_t n_messages = 0;
    signal_list(owner, &messages, &n_messages);
    put_all(to, messages, n_messages);
}

/* When all children are there; connections first act on new values, so that what they once set
 * stays as it was saved. */
static void emit_connections(const struct emitter *to, const struct object *owner) {
    const struct object *node = object_child(owner, "signal");
    struct message *messages = NULL;
    size_t n_messages = 0;
    if (node != NULL && nodes_is_signal(node)) {
        connections_list(node, &messages, &n_messages);
    }
    put_all(to, messages, n_messages);
}

/* When all children are there. */
static void emit_synchronisations(const struct emitter *to, const struct object *owner) {
    struct message *messages = NULL;
    size_t n_messages = 0;
    sync_list(owner, NULL, &messages, &n_messages);
    put_all(to, messages, n_messages);
    for (size_t i = 0; i < owner->n_children; i++) {
        const struct object *slave = owner->children[i];
        if (slave->n_masters > 0 && slave->attr.sync_dy != 0) {
            struct message msg;
            char *address = object_address(slave);
            message_init(&msg, address, "dy");
            message_give_param(&msg, param_float(slave->attr.sync_dy));
            free(address);
            to->put(to->ctx, &msg);
        }
    }
}

/* Last, so that running the script fires nothing. */
static void emit_events(const struct emitter *to, const struct object *object) {
    struct message *messages = NULL;
    size_t n_messages = 0;
    aliases_list(object, &messages, &n_messages);
    watch_list_stack(object, to->is_script, &messages, &n_messages);
    watch_list(object, to->is_script, &messages, &n_messages);
    put_all(to, messages, n_messages);
}

static void emit_set(const struct emitter *to, const struct object *object, const char *address) {
    struct message msg;
    if (to->is_script && object->type->get_saved != NULL) {
        message_init(&msg, address, "set");
        message_give_param(&msg, param_string(object->type->name));
        object->type->get_saved(object, &msg);
        to->put(to->ctx, &msg);
    } else if (query_set_message(object, &msg)) {
        to->put(to->ctx, &msg);
    }
}

static void emit(const struct emitter *to, const struct object *object) {
    char *address = object_address(object);
    emit_set(to, object, address);
    if (object->parent != NULL) { /* ports and clocks of /ITL are no part of a score */
        if (to->is_script) {      /* a score's page size sets its duration, which may be set, too */
            emit_own(to, object, address);
            emit_attributes(to, object, address);
        } else {
            emit_attributes(to, object, address);
            emit_own(to, object, address);
        }
        emit_nodes(to, object, address);
        emit_maps(to, object);
        emit_signals(to, object);
    }
    free(address);
    for (size_t i = 0; i < object->n_children; i++) {
        const struct object *child = object->children[i];
        if (!child->is_deleted && (child->is_scene || !child->type->is_node)) {
            emit(to, child);
        }
    }
    emit_synchronisations(to, object);
    emit_connections(to, object);
    emit_events(to, object);
}

void save_emit(const struct object *object, bool is_script,
               void (*put)(void *ctx, struct message *msg), void *ctx) {
    struct emitter to = {.is_script = is_script, .put = put, .ctx = ctx};
    emit(&to, object);
}

void save_emit_brief(const struct object *object, void (*put)(void *ctx, struct message *msg),
                     void *ctx) {
    struct emitter to = {.is_script = true, .is_brief = true, .put = put, .ctx = ctx};
    emit(&to, object);
}

static void put_line(void *ctx, struct message *msg) {
    message_print_exact(msg, ctx);
    text_append(ctx, ";\n", 2);
    message_finish(msg);
}

void save_text(const struct object *object, struct text *out) {
    save_emit(object, true, put_line, out);
}

int save_run(struct object *object, const struct param *params, size_t n_params) {
    for (size_t i = 0; i < n_params; i++) {
        if (params[i].kind != PARAM_STRING) {
            return LG_EBADREQUEST;
        }
    }
    if (n_params == 0) {
        return LG_EBADREQUEST;
    }
    const char *path = params[n_params - 1].as.text;
    struct text out = {0};
    struct emitter to = {.is_script = true, .put = put_line, .ctx = &out};
    bool is_append = false, has_names = false;
    char *address = object_address(object);
    for (size_t i = 0; i + 1 < n_params; i++) {
        if (strcmp(params[i].as.text, "+") == 0) {
            is_append = true;
        } else {
            has_names = true;
            emit_value(&to, object, address, params[i].as.text);
        }
    }
    free(address);
    if (!has_names) {
        save_text(object, &out);
    }
    struct score *score = object->score;
    const struct score_env *env = score->env;
    int err = env->write_file(env->ctx, score_root_path(score, object), path,
                              out.data != NULL ? out.data : "", out.len, is_append);
    text_finish(&out);
    if (err != 0) {
        score_error(score, "can't write file : %s", path);
    }
    return err != 0 ? LG_EFORBIDDEN : 0;
}
