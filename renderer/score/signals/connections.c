/* Connections of a signal node: signals that set attributes. A connection acts when
 * its signal has a new last value, at the end of the transaction. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "renderer/score/alloc.h"
#include "renderer/score/attributes/attributes.h"
#include "renderer/score/nodes/nodes.h"
#include "renderer/score/score_state.h"
#include "renderer/score/signals/signal.h"

enum range_kind { RANGE_NONE, RANGE_INTS, RANGE_FLOATS, RANGE_RATIONALS };

struct range {
    enum range_kind kind;
    double low, high;
    int64_t low_num, low_den, high_num, high_den;
};

struct connection {
    char *signal, *object, *attribute;
    struct range range;
    char *words; /* "scale[0.5,1.5]", as given */
    bool is_due;
};

struct signal_connections {
    struct connection *items;
    size_t n_items, capacity;
    bool is_due; /* some item is */
};

static void finish(struct connection *connection) {
    free(connection->signal);
    free(connection->object);
    free(connection->attribute);
    free(connection->words);
}

void connections_destroy(struct signal_connections *connections) {
    for (size_t i = 0; connections != NULL && i < connections->n_items; i++) {
        finish(&connections->items[i]);
    }
    if (connections != NULL) {
        free(connections->items);
    }
    free(connections);
}

void connections_forget(const struct object *gone) {
    bool is_signal = nodes_is_signal(gone->parent);
    const struct object *owner = is_signal ? gone->parent->parent : gone->parent;
    struct signal_connections *all = owner != NULL ? owner->connections : NULL;
    size_t n = 0;
    for (size_t i = 0; all != NULL && i < all->n_items; i++) {
        struct connection *item = &all->items[i];
        if (strcmp(is_signal ? item->signal : item->object, gone->name) == 0) {
            finish(item);
        } else {
            all->items[n++] = *item;
        }
    }
    if (all != NULL) {
        all->n_items = n;
    }
}

/* -- reading "obj:attr[range]:attr[range]" ---------------------------------------------------- */

/* What stands in the brackets. */
static bool read_range(const char *text, struct range *out) {
    long long a, b, c, d;
    int end = 0;
    if (sscanf(text, "[%9lld %9lld , %9lld %9lld ]%n", &a, &b, &c, &d, &end) == 4 && end > 0 &&
        text[end] == '\0') {
        *out = (struct range){RANGE_RATIONALS, 0, 0, a, b, c, d};
        return b > 0 && d > 0;
    }
    end = 0;
    if (sscanf(text, "[%lf , %lf ]%n", &out->low, &out->high, &end) == 2 && end > 0 &&
        text[end] == '\0') {
        out->kind = strpbrk(text, ".eE") != NULL ? RANGE_FLOATS : RANGE_INTS;
        return isfinite(out->low) && isfinite(out->high);
    }
    return false;
}

static bool is_attribute(const char *name) {
    const struct attribute_row *row = attributes_find(name);
    return row != NULL && row->set != NULL;
}

/* One "attr[range]". */
static bool read_target(const char *words, size_t len, struct connection *out) {
    char *copy = alloc_text_n(words, len);
    char *bracket = strchr(copy, '[');
    out->range = (struct range){0};
    bool is_good = bracket == NULL || read_range(bracket, &out->range);
    out->words = alloc_text(copy);
    if (bracket != NULL) {
        *bracket = '\0';
    }
    is_good = is_good && is_attribute(copy);
    out->attribute = copy;
    return is_good;
}

/* -- messages --------------------------------------------------------------------------------- */

static struct signal_connections *connections_of(struct object *node) {
    struct object *owner = node->parent;
    if (owner->connections == NULL) {
        owner->connections = alloc_zero(sizeof *owner->connections);
    }
    return owner->connections;
}

/* An attribute has one signal. */
static void remove_same(struct signal_connections *all, const char *object, const char *attribute) {
    size_t n = 0;
    for (size_t i = 0; i < all->n_items; i++) {
        struct connection *item = &all->items[i];
        if (strcmp(item->object, object) == 0 &&
            (attribute == NULL || strcmp(item->attribute, attribute) == 0)) {
            finish(item);
        } else {
            all->items[n++] = *item;
        }
    }
    all->n_items = n;
}

static int add(struct object *node, const char *signal, const char *object, size_t object_len,
               const char *words, size_t len) {
    struct signal_connections *all = connections_of(node);
    if (all->n_items >= LIMIT_CONNECTIONS) {
        score_error(node->score, "too many connections (limit %d)", LIMIT_CONNECTIONS);
        return LG_ETOOLARGE;
    }
    struct connection fresh = {.signal = alloc_text(signal),
                               .object = alloc_text_n(object, object_len)};
    if (!read_target(words, len, &fresh)) {
        finish(&fresh);
        return LG_EBADREQUEST;
    }
    remove_same(all, fresh.object, fresh.attribute);
    all->items = alloc_grow(all->items, all->n_items, &all->capacity, sizeof *all->items);
    all->items[all->n_items++] = fresh;
    return 0;
}

/* Ends before the next ':' that is in no brackets. */
static size_t word_len(const char *words) {
    size_t len = 0;
    for (int depth = 0; words[len] != '\0' && (words[len] != ':' || depth > 0); len++) {
        depth += words[len] == '[' ? 1 : (words[len] == ']' ? -1 : 0);
    }
    return len;
}

int connections_connect(struct object *node, const struct param *params, size_t n_params) {
    if (n_params < 2 || params[0].kind != PARAM_STRING ||
        object_child(node, params[0].as.text) == NULL) {
        return LG_EBADREQUEST;
    }
    int err = 0;
    for (size_t i = 1; i < n_params && err == 0; i++) {
        if (params[i].kind != PARAM_STRING) {
            return LG_EBADREQUEST;
        }
        const char *object = params[i].as.text;
        size_t object_len = word_len(object);
        const char *rest = object + object_len;
        err = *rest == ':' ? 0 : LG_EBADREQUEST;
        while (*rest == ':' && err == 0) {
            size_t len = word_len(rest + 1);
            err = add(node, params[0].as.text, object, object_len, rest + 1, len);
            rest += 1 + len;
        }
    }
    return err;
}

int connections_disconnect(struct object *node, const struct param *params, size_t n_params) {
    if (n_params == 0 || n_params > 2 || params[0].kind != PARAM_STRING ||
        (n_params == 2 && params[1].kind != PARAM_STRING)) {
        return LG_EBADREQUEST;
    }
    struct signal_connections *all = connections_of(node);
    const char *object = n_params == 2 ? params[1].as.text : "";
    size_t object_len = strcspn(object, ":");
    const char *attribute = object[object_len] == ':' ? object + object_len + 1 : NULL;
    size_t n = 0;
    for (size_t i = 0; i < all->n_items; i++) {
        struct connection *item = &all->items[i];
        bool is_meant =
            strcmp(item->signal, params[0].as.text) == 0 &&
            (n_params == 1 || (strlen(item->object) == object_len &&
                               strncmp(item->object, object, object_len) == 0 &&
                               (attribute == NULL || strcmp(item->attribute, attribute) == 0)));
        if (is_meant) {
            finish(item);
        } else {
            all->items[n++] = *item;
        }
    }
    all->n_items = n;
    return 0;
}

void connections_list(const struct object *node, struct message **messages, size_t *n_messages) {
    const struct signal_connections *all = node->parent->connections;
    char *address = object_address(node);
    for (size_t i = 0; all != NULL && i < all->n_items; i++) {
        const struct connection *item = &all->items[i];
        struct text target = {0};
        struct message msg;
        text_printf(&target, "%s:%s", item->object, item->words);
        message_init(&msg, address, "connect");
        message_give_param(&msg, param_string(item->signal));
        message_give_param(&msg, param_string(target.data));
        text_finish(&target);
        *messages = alloc_resize(*messages, *n_messages + 1, sizeof **messages);
        (*messages)[(*n_messages)++] = msg;
    }
    free(address);
}

/* --
 * running ------------------------------------------------------------------------------------ */

void connections_mark(struct object *signal) {
    struct signal_connections *all = signal->parent->parent->connections;
    for (size_t i = 0; all != NULL && i < all->n_items; i++) {
        if (strcmp(all->items[i].signal, signal->name) == 0) {
            all->items[i].is_due = true;
            all->is_due = true;
            signal->score->has_due_connections = true;
        }
    }
}

/* Whole values stay in 32 bits. */
static int32_t to_int(double value) {
    return value >= INT32_MAX ? INT32_MAX : (value <= -INT32_MAX ? -INT32_MAX : (int32_t)value);
}

/* low + (high - low) (v + 1) / 2 as a fraction, to 1/10000 of the range. */
static bool give_rational(const struct range *range, double v, struct message *out) {
    struct rational low = {range->low_num, range->low_den};
    struct rational high = {range->high_num, range->high_den}, span, part, step, value;
    bool fits = rational_add(high, (struct rational){-low.num, low.den}, &span) &&
                rational_from_float((v + 1) / 2, &part) && rational_multiply(span, part, &step) &&
                rational_add(low, step, &value) && value.den <= INT32_MAX &&
                value.num <= INT32_MAX && value.num >= -INT32_MAX;
    if (fits) {
        message_give_param(out, param_int((int32_t)value.num));
        message_give_param(out, param_int((int32_t)value.den));
    }
    return fits;
}

static bool give_value(const struct range *range, double v, struct message *out) {
    double scaled = range->low + (range->high - range->low) * (v + 1) / 2;
    switch (range->kind) {
    case RANGE_INTS:
        message_give_param(out, param_int(to_int(scaled)));
        return true;
    case RANGE_FLOATS:
        message_give_param(out, param_float((float)scaled));
        return true;
    case RANGE_RATIONALS:
        return give_rational(range, v, out);
    case RANGE_NONE:
        break;
    }
    message_give_param(out, param_float((float)v));
    return true;
}

static void run(struct object *owner, const struct connection *item) {
    struct object *signal = signal_find(owner, item->signal);
    size_t size = signal != NULL ? signal_size(signal) : 0;
    if (size == 0 || object_child(owner, item->object) == NULL) {
        return;
    }
    struct text address = {0};
    char *owner_address = object_address(owner);
    text_printf(&address, "%s/%s", owner_address, item->object);
    free(owner_address);
    struct message msg;
    message_init(&msg, address.data, item->attribute);
    text_finish(&address);
    if (give_value(&item->range, (double)signal_value(signal, 0, size - 1), &msg)) {
        score_process(owner->score, &msg);
    }
    message_finish(&msg);
}

/* The list may change while it runs (a watch that connects): by index, copies of what is used. */
static void run_owner(struct object *owner) {
    struct signal_connections *all = owner->connections;
    all->is_due = false;
    for (size_t i = 0; i < all->n_items; i++) {
        if (all->items[i].is_due) {
            all->items[i].is_due = false;
            struct connection item = all->items[i];
            item.signal = alloc_text(item.signal);
            item.object = alloc_text(item.object);
            item.attribute = alloc_text(item.attribute);
            item.words = NULL;
            run(owner, &item);
            finish(&item);
        }
    }
}

static void run_below(struct object *object) {
    if (object->connections != NULL && object->connections->is_due && !object->is_deleted) {
        run_owner(object);
    }
    for (size_t i = 0; i < object->n_children; i++) {
        if (!object->children[i]->type->is_node || object->children[i]->is_scene) {
            run_below(object->children[i]);
        }
    }
}

void connections_run(struct score *score) {
    if (score->has_due_connections) {
        score->has_due_connections = false;
        run_below(score->root);
    }
}
