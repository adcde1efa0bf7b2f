/* The signal object: its samples, its messages. */
#include "renderer/score/signals/signal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "renderer/score/alloc.h"
#include "renderer/score/nodes/nodes.h"
#include "renderer/score/score_state.h"

struct component {
    char *name; /* NULL = the constant */
    float constant;
};

struct signal {
    /* simple */
    float *samples;    /* ring */
    size_t size, last; /* last = index written last */
    float *defaults;   /* one a component, as set; NULL = 0 */
    size_t n_defaults;
    /* parallel */
    struct component *components; /* NULL = simple */
    size_t n_components;
};

/* -- life ------------------------------------------------------------------------------- */

static int create_data(struct object *object) {
    object->data = alloc_zero(sizeof(struct signal));
    return 0;
}

static void drop_components(struct signal *signal) {
    for (size_t i = 0; i < signal->n_components; i++) {
        free(signal->components[i].name);
    }
    free(signal->components);
    signal->components = NULL;
    signal->n_components = 0;
}

static void destroy_data(struct object *object) {
    struct signal *signal = object->data;
    drop_components(signal);
    free(signal->samples);
    free(signal->defaults);
    free(signal);
}

/* -- reading ---------------------------------------------------------------------------- */

struct object *signal_find(const struct object *owner, const char *name) {
    const struct object *node = object_child(owner, "signal");
    return node != NULL && nodes_is_signal(node) ? object_child(node, name) : NULL;
}

static const struct object *component_of(const struct object *object, size_t component_i) {
    const struct signal *signal = object->data;
    const char *name = signal->components[component_i].name;
    const struct object *part = name != NULL ? object_child(object->parent, name) : NULL;
    /* One level only: a parallel signal of parallel signals reads as nothing. */
    return part != NULL && ((const struct signal *)part->data)->components == NULL ? part : NULL;
}

size_t signal_size(const struct object *object) {
    const struct signal *signal = object->data;
    if (signal->components == NULL) {
        return signal->size;
    }
    size_t size = 0;
    for (size_t i = 0; i < signal->n_components; i++) {
        const struct object *part = component_of(object, i);
        size_t part_size = part != NULL ? signal_size(part) : 0;
        size = part_size > size ? part_size : size;
    }
    return size;
}

size_t signal_dimension(const struct object *object) {
    const struct signal *signal = object->data;
    return signal->components != NULL ? signal->n_components : 1;
}

static float default_of(const struct signal *signal, size_t component_i) {
    return component_i < signal->n_defaults ? signal->defaults[component_i] : 0.0f;
}

static float simple_value(const struct signal *signal, size_t frame_i) {
    if (frame_i >= signal->size) {
        return default_of(signal, 0);
    }
    return signal->samples[(signal->last + 1 + frame_i) % signal->size];
}

float signal_value(const struct object *object, size_t component_i, size_t frame_i) {
    const struct signal *signal = object->data;
    if (signal->components == NULL) {
        return component_i == 0 ? simple_value(signal, frame_i) : 0.0f;
    }
    if (component_i >= signal->n_components) {
        return 0.0f;
    }
    const struct component *component = &signal->components[component_i];
    if (component->name == NULL) {
        return component->constant;
    }
    const struct object *part = component_of(object, component_i);
    if (part == NULL || frame_i >= signal_size(part)) {
        return default_of(signal, component_i);
    }
    return simple_value(part->data, frame_i);
}

size_t signal_last_written(const struct object *object) {
    const struct signal *signal = object->data;
    if (signal->components == NULL) {
        return signal->last;
    }
    for (size_t i = 0; i < signal->n_components; i++) {
        const struct object *part = component_of(object, i);
        if (part != NULL) {
            return signal_last_written(part);
        }
    }
    return 0;
}

/* -- writing ---------------------------------------------------------------------------- */

/* Graphs beside the node show it, attributes may hang on it. */
static void changed(struct object *object) {
    struct object *owner = object->parent->parent;
    object->revision++;
    for (size_t i = 0; i < owner->n_children; i++) {
        if (owner->children[i]->type->shows_signals) {
            object_touch(owner->children[i]);
        }
    }
    connections_mark(object);
}

static int resize(struct object *object, size_t size) {
    struct signal *signal = object->data;
    if (size > LIMIT_SIGNAL_SAMPLES) {
        score_error(object->score, "%s: too many samples (limit %d)", object->name,
                    LIMIT_SIGNAL_SAMPLES);
        return LG_ETOOLARGE;
    }
    float *samples = size > 0 ? alloc_resize(NULL, size, sizeof *samples) : NULL;
    for (size_t i = 0; i < size; i++) { /* the newest stay */
        size_t missing = size > signal->size ? size - signal->size : 0;
        size_t skipped = signal->size > size ? signal->size - size : 0;
        samples[i] =
            i < missing ? default_of(signal, 0) : simple_value(signal, i - missing + skipped);
    }
    free(signal->samples);
    signal->samples = samples;
    signal->size = size;
    signal->last = size > 0 ? size - 1 : 0;
    return 0;
}

static void push(struct signal *signal, float value) {
    if (signal->size > 0) {
        signal->last = (signal->last + 1) % signal->size;
        signal->samples[signal->last] = value;
    }
}

/* Values to the components first, first + step, ... in turn. */
static void deal(struct object *object, size_t first, size_t step, const struct param *params,
                 size_t n_params) {
    struct signal *signal = object->data;
    size_t component_i = first;
    for (size_t i = 0; i < n_params; i++) {
        const struct object *part = component_of(object, component_i);
        if (part != NULL) {
            push(part->data, param_as_float(&params[i]));
        }
        component_i += step > 0 ? step : 0;
        component_i = component_i < signal->n_components ? component_i : first;
    }
    for (size_t i = 0; i < signal->n_components; i++) {
        const struct object *part = component_of(object, i);
        if (part != NULL) {
            changed((struct object *)(uintptr_t)part);
        }
    }
    changed(object);
}

static bool all_numbers(const struct param *params, size_t n_params) {
    for (size_t i = 0; i < n_params; i++) {
        if (!param_is_number(&params[i]) || !isfinite(param_as_float(&params[i]))) {
            return false;
        }
    }
    return n_params > 0;
}

static int put_values(struct object *object, const struct param *params, size_t n_params) {
    struct signal *signal = object->data;
    if (!all_numbers(params, n_params)) {
        return LG_EBADREQUEST;
    }
    if (signal->components != NULL) {
        deal(object, 0, 1, params, n_params);
        return 0;
    }
    if (signal->size == 0) {
        int err = resize(object, n_params);
        if (err != 0) {
            return err;
        }
    }
    for (size_t i = 0; i < n_params; i++) {
        push(signal, param_as_float(&params[i]));
    }
    changed(object);
    return 0;
}

/* "[i]" and "[i~step]". */
static bool read_projection(const char *method, size_t *first, size_t *step) {
    unsigned a, b;
    int end = 0;
    *step = 0;
    if (sscanf(method, "[%5u]%n", &a, &end) == 1 && end > 0 && method[end] == '\0') {
        *first = a;
        return true;
    }
    end = 0;
    if (sscanf(method, "[%5u~%5u]%n", &a, &b, &end) == 2 && end > 0 && method[end] == '\0') {
        *first = a;
        *step = b;
        return true;
    }
    return false;
}

static int other(struct object *object, const char *method, const struct param *params,
                 size_t n_params) {
    const struct signal *signal = object->data;
    size_t first, step;
    if (method == NULL) {
        return put_values(object, params, n_params);
    }
    if (!read_projection(method, &first, &step)) {
        return LG_ENOTFOUND;
    }
    if (signal->components == NULL || first >= signal->n_components ||
        !all_numbers(params, n_params)) {
        return LG_EBADREQUEST;
    }
    deal(object, first, step, params, n_params);
    return 0;
}

/* -- messages ----------------------------------------------------------------------------- */

static int set_size(struct object *object, const struct param *params, size_t n_params) {
    const struct signal *signal = object->data;
    if (n_params != 1 || !param_is_number(&params[0]) || param_as_int(&params[0]) < 0) {
        return LG_EBADREQUEST;
    }
    int err = 0;
    if (signal->components == NULL) {
        err = resize(object, (size_t)param_as_int(&params[0]));
    }
    for (size_t i = 0; i < signal->n_components && err == 0; i++) {
        const struct object *part = component_of(object, i);
        if (part != NULL) {
            err = resize((struct object *)(uintptr_t)part, (size_t)param_as_int(&params[0]));
        }
    }
    if (err == 0) {
        changed(object);
    }
    return err;
}

static void get_size(const struct object *object, struct message *out) {
    message_give_param(out, param_int((int32_t)signal_size(object)));
}

static void get_dimension(const struct object *object, struct message *out) {
    message_give_param(out, param_int((int32_t)signal_dimension(object)));
}

static int set_default(struct object *object, const struct param *params, size_t n_params) {
    struct signal *signal = object->data;
    if (!all_numbers(params, n_params) || n_params > signal_dimension(object)) {
        return LG_EBADREQUEST;
    }
    signal->defaults = alloc_resize(signal->defaults, n_params, sizeof *signal->defaults);
    for (size_t i = 0; i < n_params; i++) {
        signal->defaults[i] = param_as_float(&params[i]);
    }
    signal->n_defaults = n_params;
    changed(object);
    return 0;
}

static void get_default(const struct object *object, struct message *out) {
    const struct signal *signal = object->data;
    for (size_t i = 0; i < signal_dimension(object); i++) {
        bool is_constant = signal->components != NULL && signal->components[i].name == NULL;
        message_give_param(
            out, param_float(is_constant ? signal->components[i].constant : default_of(signal, i)));
    }
}

static int set_reset(struct object *object, const struct param *params, size_t n_params) {
    struct signal *signal = object->data;
    (void)params;
    if (n_params != 0) {
        return LG_EBADREQUEST;
    }
    for (size_t i = 0; i < signal->size; i++) {
        signal->samples[i] = default_of(signal, 0);
    }
    changed(object);
    return 0;
}

static int run_del(struct object *object, const struct param *params, size_t n_params) {
    (void)params;
    if (n_params != 0) {
        return LG_EBADREQUEST;
    }
    changed(object);
    connections_forget(object);
    object_delete(object);
    return 0;
}

/* `set a b 0.5`: names of signals of the same node, and constants. */
static int set_parallel(struct object *object, const struct param *params, size_t n_params) {
    struct signal *signal = object->data;
    if (n_params == 0 || n_params > LIMIT_SIGNAL_COMPONENTS) {
        return LG_EBADREQUEST;
    }
    for (size_t i = 0; i < n_params; i++) {
        bool is_name = params[i].kind == PARAM_STRING;
        const struct object *part =
            is_name ? object_child(object->parent, params[i].as.text) : NULL;
        bool is_known = is_name && part != NULL && part != object;
        if (!is_known && !param_is_number(&params[i])) {
            return LG_EBADREQUEST;
        }
    }
    drop_components(signal);
    signal->components = alloc_resize(NULL, n_params, sizeof *signal->components);
    signal->n_components = n_params;
    for (size_t i = 0; i < n_params; i++) {
        bool is_name = params[i].kind == PARAM_STRING;
        signal->components[i] = (struct component){
            is_name ? alloc_text(params[i].as.text) : NULL,
            is_name ? 0.0f : param_as_float(&params[i]),
        };
    }
    changed(object);
    return 0;
}

/* The message that makes it again: values (no method), or `set ...`. */
static struct message make_again(const struct object *object) {
    const struct signal *signal = object->data;
    struct message msg;
    char *address = object_address(object);
    message_init(&msg, address, signal->components != NULL ? "set" : NULL);
    free(address);
    for (size_t i = 0; i < signal->n_components; i++) {
        const struct component *component = &signal->components[i];
        bool is_there = component->name != NULL && object_child(object->parent, component->name);
        message_give_param(&msg, is_there ? param_string(component->name)
                                          : param_float(component->constant));
    }
    for (size_t i = 0; signal->components == NULL && i < signal->size; i++) {
        message_give_param(&msg, param_float(simple_value(signal, i)));
    }
    return msg;
}

static void get_plain(const struct object *object) {
    struct message msg = make_again(object);
    object_reply(object, &msg);
}

static void append_message(struct message **messages, size_t *n_messages, struct message msg) {
    *messages = alloc_resize(*messages, *n_messages + 1, sizeof **messages);
    (*messages)[(*n_messages)++] = msg;
}

static void list_one(const struct object *object, struct message **messages, size_t *n_messages) {
    const struct signal *signal = object->data;
    struct message msg;
    char *address = object_address(object);
    if (signal->components == NULL && signal->size == 0) {
        message_init(&msg, address, "size");
        message_give_param(&msg, param_int(0));
        append_message(messages, n_messages, msg);
    } else {
        append_message(messages, n_messages, make_again(object));
    }
    if (signal->n_defaults > 0) {
        message_init(&msg, address, "default");
        for (size_t i = 0; i < signal->n_defaults; i++) {
            message_give_param(&msg, param_float(signal->defaults[i]));
        }
        append_message(messages, n_messages, msg);
    }
    free(address);
}

void signal_list(const struct object *owner, struct message **messages, size_t *n_messages) {
    const struct object *node = object_child(owner, "signal");
    bool is_node = node != NULL && nodes_is_signal(node);
    for (int is_parallel = 0; is_parallel < 2; is_parallel++) {
        for (size_t i = 0; is_node && i < node->n_children; i++) {
            const struct object *child = node->children[i];
            const struct signal *signal = child->data;
            if (!child->is_deleted && (signal->components != NULL) == (is_parallel == 1)) {
                list_one(child, messages, n_messages);
            }
        }
    }
}

static const struct object_method METHODS[] = {
    {"size", set_size, get_size},          {"dimension", NULL, get_dimension},
    {"default", set_default, get_default}, {"reset", set_reset, NULL},
    {"set", set_parallel, NULL},           {"del", run_del, NULL},
};

const struct object_type SIGNAL_TYPE = {
    .name = "sig",
    .sizing = SIZING_UNANSWERED,
    .is_node = true,
    .methods = METHODS,
    .n_methods = sizeof METHODS / sizeof METHODS[0],
    .create = create_data,
    .destroy = destroy_data,
    .other = other,
    .get_plain = get_plain,
};

int signal_create(struct object *node, const char *name, size_t name_len,
                  const struct message *msg) {
    struct score *score = node->score;
    bool is_set = msg->method != NULL && strcmp(msg->method, "set") == 0;
    bool is_size = msg->method != NULL && strcmp(msg->method, "size") == 0;
    if (msg->method != NULL && !is_set && !is_size) {
        score_error(score, "incorrect OSC address: %s", msg->address);
        return LG_ENOTFOUND;
    }
    if (node->n_children >= LIMIT_SIGNALS) {
        score_error(score, "too many signals (limit %d)", LIMIT_SIGNALS);
        return LG_ETOOLARGE;
    }
    char *name_copy = alloc_text_n(name, name_len);
    struct object *signal = object_create(score, node, name_copy, &SIGNAL_TYPE);
    free(name_copy);
    int err = is_set    ? set_parallel(signal, msg->params, msg->n_params)
              : is_size ? set_size(signal, msg->params, msg->n_params)
                        : put_values(signal, msg->params, msg->n_params);
    if (err != 0) {
        object_destroy(signal);
        return err;
    }
    object_link(signal);
    return 0;
}
