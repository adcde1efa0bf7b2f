/* get: values, `set` messages, lists. What `get *` and save tell is in save.c. */
#include "renderer/score/query.h"

#include <stdlib.h>
#include <string.h>

#include "renderer/score/aliases.h"
#include "renderer/score/attributes/attributes.h"
#include "renderer/score/save.h"
#include "renderer/score/score_state.h"
#include "renderer/score/events/watch.h"
#include "renderer/score/maps/object_maps.h"
#include "renderer/score/nodes/nodes.h"
#include "renderer/score/signals/signal.h"
#include "renderer/score/sync/relations.h"

bool query_set_message(const struct object *object, struct message *out) {
    if (object->parent == NULL || (object->type->is_node && !object->is_scene)) {
        return false;
    }
    char *address = object_address(object);
    message_init(out, address, object->is_scene ? "new" : "set");
    free(address);
    if (!object->is_scene) {
        message_give_param(out, param_string(object->type->name));
        if (object->type->get_set != NULL) {
            object->type->get_set(object, out);
        }
    }
    return true;
}

static bool give_value(const struct object *object, const char *name, struct message *out) {
    const struct object_type *type = object->type;
    for (size_t i = 0; i < type->n_methods; i++) {
        if (type->methods[i].get != NULL && strcmp(type->methods[i].name, name) == 0) {
            type->methods[i].get(object, out);
            return true;
        }
    }
    if (type->get_other != NULL && type->get_other(object, name, out)) {
        return true;
    }
    if (strcmp(name, "count") == 0 || strcmp(name, "rcount") == 0) {
        message_give_param(out, param_int((int32_t)object_count(object, name[0] == 'r')));
        return true;
    }
    if (strcmp(name, "class") == 0 && object->css_class != NULL) {
        message_give_param(out, param_string(object->css_class));
        return true;
    }
    return attributes_get(object, name, out);
}

bool query_value(const struct object *object, const char *address, const char *name,
                 struct message *out) {
    message_init(out, address, name);
    if (give_value(object, name, out)) {
        return true;
    }
    message_finish(out);
    return false;
}

void object_reply(const struct object *object, struct message *msg) {
    score_give_reply(object->score, msg);
}

static void give_all(const struct object *object, struct message *messages, size_t n_messages) {
    for (size_t i = 0; i < n_messages; i++) {
        score_give_reply(object->score, &messages[i]);
    }
    free(messages);
}

static void reply_sets(const struct object *object) {
    struct message msg;
    if (query_set_message(object, &msg)) {
        score_give_reply(object->score, &msg);
    } else if (object->type->get_plain != NULL) {
        object->type->get_plain(object);
    }
    for (size_t i = 0; i < object->n_children; i++) {
        const struct object *child = object->children[i];
        if (!child->is_deleted && (child->is_scene || !child->type->is_node)) {
            reply_sets(child);
        }
    }
}

static void put_reply(void *ctx, struct message *msg) {
    score_give_reply(ctx, msg);
}

static void reply_value(struct object *object, const char *address, const char *name) {
    struct message *messages = NULL, msg;
    size_t n_messages = 0;
    if (query_value(object, address, name, &msg)) {
        score_give_reply(object->score, &msg);
    } else if (strcmp(name, "watch") == 0) {
        watch_list(object, false, &messages, &n_messages);
    } else if (strcmp(name, "stack") == 0) {
        watch_list_stack(object, false, &messages, &n_messages);
    } else if (strcmp(name, "alias") == 0) {
        aliases_list(object, &messages, &n_messages);
    } else if (nodes_is_signal(object) && strcmp(name, "connect") == 0) {
        connections_list(object, &messages, &n_messages);
    } else if (nodes_is_sync(object)) {
        sync_list(object->parent, name, &messages, &n_messages);
    } else if (strcmp(name, "map") == 0) {
        object_map_list(object, &messages, &n_messages);
    } else if (strcmp(name, "*") == 0) {
        save_emit(object, false, put_reply, object->score);
    }
    give_all(object, messages, n_messages);
}

/* `get pageDate 1`: a name that takes a number; false: it does not. */
static bool reply_numbered(struct object *object, const char *address, const char *name,
                           int32_t number) {
    struct message msg;
    message_init(&msg, address, name);
    if (object->type->get_numbered != NULL &&
        object->type->get_numbered(object, name, number, &msg)) {
        score_give_reply(object->score, &msg);
        return true;
    }
    message_finish(&msg);
    return false;
}

void query_run(struct object *object, const struct param *params, size_t n_params) {
    if (n_params == 0) {
        reply_sets(object);
        return;
    }
    char *address = object_address(object);
    for (size_t i = 0; i < n_params; i++) {
        if (params[i].kind != PARAM_STRING) {
            continue; /* the number of the name before */
        }
        bool has_number = i + 1 < n_params && params[i + 1].kind == PARAM_INT;
        if (!has_number ||
            !reply_numbered(object, address, params[i].as.text, params[i + 1].as.i)) {
            reply_value(object, address, params[i].as.text);
        }
    }
    free(address);
}
