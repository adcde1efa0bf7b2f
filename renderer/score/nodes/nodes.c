/* Static nodes: which belong where, what they keep, the few that act. */
#include "renderer/score/nodes/nodes.h"

#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "renderer/score/address.h"
#include "renderer/score/alloc.h"
#include "renderer/score/score_state.h"
#include "renderer/score/nodes/settings.h"
#include "renderer/score/signals/signal.h"
#include "renderer/score/sync/relations.h"

enum place { ON_ITL = 1, ON_SCENE = 2, ON_OBJECT = 4 };

static const struct setting_row DEBUG_ROWS[] = {{"osc", SETTING_BOOL, 1, NULL}};
static const struct setting_row LOG_ROWS[] = {
    {"level", SETTING_INT, 2, NULL},
    {"show", SETTING_BOOL, 0, NULL},
    {"wrap", SETTING_BOOL, 0, NULL},
    {"x", SETTING_FLOAT, 0, NULL},
    {"y", SETTING_FLOAT, 0, NULL},
    {"width", SETTING_FLOAT, 0, NULL},
    {"height", SETTING_FLOAT, 0, NULL},
    {"scale", SETTING_FLOAT, 1, NULL},
    {"foreground", SETTING_TRIGGER, 0, NULL},
};
static const struct setting_row PLUGINS_ROWS[] = {{"path", SETTING_WORD, 0, NULL},
                                                  {"reset", SETTING_TRIGGER, 0, NULL}};
static const struct setting_row FILTER_ROWS[] = {{"accept", SETTING_WORDS, 0, NULL},
                                                 {"reject", SETTING_WORDS, 0, NULL}};
static const struct setting_row SSL_ROWS[] = {{"cert", SETTING_WORD, 0, NULL},
                                              {"cacert", SETTING_WORD, 0, NULL},
                                              {"key", SETTING_WORD, 0, NULL}};
static const struct setting_row MIDI_ROWS[] = {{"verbose", SETTING_INT, 0, NULL}};

typedef int (*node_other_fn)(struct object *node, const char *method, const struct param *params,
                             size_t n_params);

struct node_row {
    const char *name;
    unsigned places;
    const struct setting_row *rows;
    size_t n_rows;
    node_other_fn other; /* before the settings; LG_ENOTFOUND = look there */
    void (*get_plain)(const struct object *node);
};

/* -- debug ------------------------------------------------------------------------- */

static int debug_other(struct object *node, const char *method, const struct param *params,
                       size_t n_params) {
    struct object *owner = node->parent;
    if (owner->parent == NULL || method == NULL) {
        return LG_ENOTFOUND;
    }
    bool is_map = strcmp(method, "map") == 0;
    if (!is_map && strcmp(method, "name") != 0) {
        return LG_ENOTFOUND;
    }
    if (n_params != 1 || !param_is_number(&params[0])) {
        return LG_EBADREQUEST;
    }
    *(is_map ? &owner->debug_map : &owner->debug_name) = param_as_int(&params[0]);
    object_touch(owner);
    return 0;
}

/* -- sync, signal, javascript ------------------------------------------------------------ */

static int sync_other(struct object *node, const char *method, const struct param *params,
                      size_t n_params) {
    bool is_own = method == NULL || strcmp(method, "del") == 0;
    return is_own ? LG_ENOTFOUND : sync_message(node->parent, method, params, n_params);
}

static void sync_get(const struct object *node) {
    struct message *messages = NULL;
    size_t n_messages = 0;
    sync_list(node->parent, NULL, &messages, &n_messages);
    for (size_t i = 0; i < n_messages; i++) {
        object_reply(node, &messages[i]);
    }
    free(messages);
}

static int signal_other(struct object *node, const char *method, const struct param *params,
                        size_t n_params) {
    if (method != NULL && strcmp(method, "connect") == 0) {
        return connections_connect(node, params, n_params);
    }
    if (method != NULL && strcmp(method, "disconnect") == 0) {
        return connections_disconnect(node, params, n_params);
    }
    bool is_debug = method != NULL && strcmp(method, "debug") == 0;
    return is_debug && n_params == 1 && param_is_number(&params[0]) ? 0 : LG_ENOTFOUND;
}

static void signal_get(const struct object *node) {
    for (size_t i = 0; i < node->n_children; i++) {
        if (!node->children[i]->is_deleted) {
            node->children[i]->type->get_plain(node->children[i]);
        }
    }
}

static int javascript_other(struct object *node, const char *method, const struct param *params,
                            size_t n_params) {
    if (method == NULL || strcmp(method, "run") != 0) {
        return LG_ENOTFOUND;
    }
    if (n_params != 1 || params[0].kind != PARAM_STRING) {
        return LG_EBADREQUEST;
    }
    struct score *score = node->score;
    const struct score_env *env = score->env;
    if (env->run_javascript == NULL) {
        score_error(score, "JavaScript is not available");
        return LG_EBUSY;
    }
    char *text = env->run_javascript(env->ctx, score, params[0].as.text, 1, NULL, 0);
    if (text != NULL) {
        env->run_script(env->ctx, score, text, strlen(text), NULL);
    }
    free(text);
    return 0;
}

/* -- the others that act ------------------------------------------------------------------ */

static int files_other(struct object *node, const char *method, const struct param *params,
                       size_t n_params) {
    if (method != NULL && strcmp(method, "watch") == 0) {
        return node_files_watch(node, params, n_params, false);
    }
    if (method != NULL && strcmp(method, "watch+") == 0) {
        return node_files_watch(node, params, n_params, true);
    }
    return LG_ENOTFOUND;
}

static int midi_other(struct object *node, const char *method, const struct param *params,
                      size_t n_params) {
    (void)params;
    if (method == NULL || strcmp(method, "init") != 0) {
        return LG_ENOTFOUND;
    }
    if (n_params > 1) {
        return LG_EBADREQUEST;
    }
    score_error(node->score, "MIDI is not available");
    return LG_EBUSY;
}

static int stats_other(struct object *node, const char *method, const struct param *params,
                       size_t n_params) {
    (void)params;
    if (method == NULL || strcmp(method, "reset") != 0) {
        return LG_ENOTFOUND;
    }
    if (n_params != 0) {
        return LG_EBADREQUEST;
    }
    node->score->n_messages = 0;
    node->score->n_osc_messages = 0;
    return 0;
}

static void stats_get(const struct object *node) {
    struct message msg;
    char *address = object_address(node);
    message_init(&msg, address, "osc");
    free(address);
    message_give_param(&msg, param_int((int32_t)(node->score->n_messages & INT32_MAX)));
    message_give_param(&msg, param_string("udp"));
    message_give_param(&msg, param_int((int32_t)(node->score->n_osc_messages & INT32_MAX)));
    object_reply(node, &msg);
}

#define ROWS(table) table, sizeof table / sizeof table[0]

static const struct node_row NODES[] = {
    {"debug", ON_ITL | ON_SCENE | ON_OBJECT, ROWS(DEBUG_ROWS), debug_other, NULL},
    {"stats", ON_ITL, NULL, 0, stats_other, stats_get},
    {"log", ON_ITL, ROWS(LOG_ROWS), log_node_other, NULL},
    {"plugins", ON_ITL, ROWS(PLUGINS_ROWS), NULL, NULL},
    {"filter", ON_ITL | ON_SCENE, ROWS(FILTER_ROWS), NULL, NULL},
    {"ssl", ON_ITL, ROWS(SSL_ROWS), NULL, NULL},
    {"midi", ON_ITL, ROWS(MIDI_ROWS), midi_other, NULL},
    {"menu", ON_ITL, NULL, 0, NULL, NULL},
    {"signal", ON_SCENE | ON_OBJECT, NULL, 0, signal_other, signal_get},
    {"sync", ON_SCENE | ON_OBJECT, NULL, 0, sync_other, sync_get},
    {"fileWatcher", ON_SCENE, NULL, 0, files_other, node_files_get},
    {"javascript", ON_SCENE, NULL, 0, javascript_other, NULL},
};

/* -- the type they share ------------------------------------------------------------- */

struct node {
    const struct node_row *row;
    struct settings *settings;
};

static const struct node_row *find_row(const char *name, size_t len, unsigned place) {
    for (size_t i = 0; i < sizeof NODES / sizeof NODES[0]; i++) {
        if ((NODES[i].places & place) != 0 && strlen(NODES[i].name) == len &&
            strncmp(NODES[i].name, name, len) == 0) {
            return &NODES[i];
        }
    }
    return NULL;
}

static int node_create(struct object *object) {
    struct node *node = alloc_zero(sizeof *node);
    unsigned everywhere = ON_ITL | ON_SCENE | ON_OBJECT;
    node->row = find_row(object->name, strlen(object->name), everywhere);
    node->settings = settings_create(node->row->rows, node->row->n_rows);
    object->data = node;
    return 0;
}

static void node_destroy(struct object *object) {
    struct node *node = object->data;
    settings_destroy(node->settings);
    if (object->files != NULL) {
        object->score->watched_revision++;
        node_files_destroy(object->files);
    }
    free(node);
}

static int node_other(struct object *object, const char *method, const struct param *params,
                      size_t n_params) {
    struct node *node = object->data;
    int err = LG_ENOTFOUND;
    if (node->row->other != NULL) {
        err = node->row->other(object, method, params, n_params);
    }
    if (err == LG_ENOTFOUND && method != NULL) {
        err = settings_set(node->settings, method, params, n_params);
    }
    return err;
}

static bool node_get_other(const struct object *object, const char *name, struct message *out) {
    const struct node *node = object->data;
    return settings_get(node->settings, name, out);
}

static void node_get_plain(const struct object *object) {
    const struct node *node = object->data;
    if (node->row->get_plain != NULL) {
        node->row->get_plain(object);
    }
}

static const struct object_type NODE_TYPE = {
    .name = "vnode",
    .sizing = SIZING_UNANSWERED,
    .is_node = true,
    .create = node_create,
    .destroy = node_destroy,
    .other = node_other,
    .get_other = node_get_other,
    .get_plain = node_get_plain,
};

/* -- where they hang ------------------------------------------------------------------ */

static unsigned place_of(const struct object *owner) {
    if (owner->parent == NULL) {
        return ON_ITL;
    }
    if (owner->is_scene) {
        return ON_SCENE;
    }
    return owner->type->is_node ? 0 : ON_OBJECT;
}

static struct object *add(struct object *owner, const struct node_row *row) {
    struct object *node = object_create(owner->score, owner, row->name, &NODE_TYPE);
    object_link(node);
    return node;
}

void nodes_add(struct object *owner) {
    for (size_t i = 0; i < sizeof NODES / sizeof NODES[0]; i++) {
        if ((NODES[i].places & place_of(owner)) != 0) {
            add(owner, &NODES[i]);
        }
    }
}

struct object *nodes_make_hidden(struct object *owner, const char *name, size_t len) {
    const struct node_row *row =
        place_of(owner) == ON_OBJECT ? find_row(name, len, ON_OBJECT) : NULL;
    return row != NULL ? add(owner, row) : NULL;
}

bool nodes_match_hidden(const struct object *owner, const char *pattern, size_t len) {
    for (size_t i = 0; place_of(owner) == ON_OBJECT && i < sizeof NODES / sizeof NODES[0]; i++) {
        if ((NODES[i].places & ON_OBJECT) != 0 &&
            address_segment_matches(pattern, len, NODES[i].name)) {
            return true;
        }
    }
    return false;
}

const struct settings *nodes_settings(const struct object *object) {
    const struct node *node = object != NULL && object->type == &NODE_TYPE ? object->data : NULL;
    return node != NULL ? node->settings : NULL;
}

bool nodes_is_sync(const struct object *object) {
    return object->type == &NODE_TYPE && strcmp(object->name, "sync") == 0;
}

bool nodes_is_signal(const struct object *object) {
    return object->type == &NODE_TYPE && strcmp(object->name, "signal") == 0;
}
