/* Keeping what is watched: set, append, clear, push, pop, and telling it.
 * Parsing of parameters is in watch_parse.c, firing in watch_fire.c. */
#include "renderer/score/events/watch.h"

#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "proto/limits.h"
#include "renderer/score/alloc.h"
#include "renderer/score/score.h"
#include "renderer/score/events/watch_parse.h"

/* -- one watch ----------------------------------------------------------------- */

void watch_finish(struct watch *watch) {
    for (size_t i = 0; i < watch->n_lists; i++) {
        message_list_unref(watch->lists[i]);
    }
    for (size_t i = 0; i < watch->n_selector; i++) {
        param_finish(&watch->selector[i]);
    }
    free(watch->lists);
    free(watch->selector);
    free(watch->event);
    *watch = (struct watch){0};
}

static void watch_copy(struct watch *to, const struct watch *from) {
    *to = *from;
    to->event = alloc_text(from->event);
    to->selector = alloc_resize(NULL, from->n_selector, sizeof *to->selector);
    for (size_t i = 0; i < from->n_selector; i++) {
        to->selector[i] = param_copy(&from->selector[i]);
    }
    to->lists_capacity = from->n_lists;
    to->lists = alloc_resize(NULL, from->n_lists, sizeof *to->lists);
    for (size_t i = 0; i < from->n_lists; i++) {
        to->lists[i] = message_list_ref(from->lists[i]);
    }
}

static bool params_equal(const struct param *a, const struct param *b) {
    if (a->kind != b->kind) {
        return false;
    }
    switch (a->kind) {
    case PARAM_INT:
        return a->as.i == b->as.i;
    case PARAM_FLOAT:
        return a->as.f == b->as.f;
    case PARAM_STRING:
        return strcmp(a->as.text, b->as.text) == 0;
    case PARAM_MESSAGES:
        break;
    }
    return false;
}

/* The same event: name, and interval or selector. */
static bool is_same(const struct watch *a, const struct watch *b) {
    if (strcmp(a->event, b->event) != 0 || a->n_selector != b->n_selector) {
        return false;
    }
    if (a->family == WATCH_TIME &&
        (rational_compare(a->from, b->from) != 0 || rational_compare(a->to, b->to) != 0)) {
        return false;
    }
    for (size_t i = 0; i < a->n_selector; i++) {
        if (!params_equal(&a->selector[i], &b->selector[i])) {
            return false;
        }
    }
    return true;
}

/* -- sets ------------------------------------------------------------------------ */

static void set_finish(struct watch_set *set) {
    for (size_t i = 0; i < set->n_items; i++) {
        watch_finish(&set->items[i]);
    }
    free(set->items);
    *set = (struct watch_set){0};
}

static void set_copy(struct watch_set *to, const struct watch_set *from) {
    to->n_items = to->capacity = from->n_items;
    to->items = alloc_resize(NULL, from->n_items, sizeof *to->items);
    for (size_t i = 0; i < from->n_items; i++) {
        watch_copy(&to->items[i], &from->items[i]);
    }
}

static void update_sensitive(struct watches *watches) {
    watches->is_sensitive = false;
    for (size_t i = 0; i < watches->now.n_items; i++) {
        enum watch_family family = watches->now.items[i].family;
        if (family == WATCH_MOUSE || family == WATCH_TOUCH) {
            watches->is_sensitive = true;
        }
    }
}

void watches_destroy(struct watches *watches) {
    if (watches == NULL) {
        return;
    }
    set_finish(&watches->now);
    for (size_t i = 0; i < watches->n_stack; i++) {
        set_finish(&watches->stack[i]);
    }
    free(watches->stack);
    free(watches);
}

bool object_is_sensitive(const struct object *object) {
    return object->events != NULL && object->events->is_sensitive;
}

static struct watches *watches_of(struct object *object) {
    if (object->events == NULL) {
        object->events = alloc_zero(sizeof *object->events);
    }
    return object->events;
}

/* Without a list: this event goes; without interval or selector all of that name. */
static void clear_event(struct watch_set *set, const struct watch *wanted, bool is_whole_name) {
    size_t n = 0;
    for (size_t i = 0; i < set->n_items; i++) {
        struct watch *item = &set->items[i];
        bool is_hit =
            is_whole_name ? strcmp(item->event, wanted->event) == 0 : is_same(item, wanted);
        if (is_hit) {
            watch_finish(item);
        } else {
            set->items[n++] = *item;
        }
    }
    set->n_items = n;
}

static void append_list(struct watch *watch, struct message_list *list) {
    watch->lists = alloc_grow(watch->lists, watch->n_lists, &watch->lists_capacity,
                              sizeof(struct message_list *));
    watch->lists[watch->n_lists++] = list;
}

static void drop_lists(struct watch *watch) {
    for (size_t i = 0; i < watch->n_lists; i++) {
        message_list_unref(watch->lists[i]);
    }
    watch->n_lists = 0;
}

/* Takes over `fresh` and the list; LG_ETOOLARGE (reported) at the limit. */
static int put(struct object *object, struct watch *fresh, struct message_list *list,
               bool is_append) {
    struct watch_set *set = &watches_of(object)->now;
    for (size_t i = 0; i < set->n_items; i++) {
        if (is_same(&set->items[i], fresh)) {
            if (!is_append) {
                drop_lists(&set->items[i]);
            }
            watch_finish(fresh);
            if (set->items[i].n_lists >= LIMIT_WATCHES) {
                message_list_unref(list);
                score_error(object->score, "too many messages for one event (limit %d)",
                            LIMIT_WATCHES);
                return LG_ETOOLARGE;
            }
            append_list(&set->items[i], list);
            return 0;
        }
    }
    if (set->n_items >= LIMIT_WATCHES) {
        watch_finish(fresh);
        message_list_unref(list);
        score_error(object->score, "too many watched events (limit %d)", LIMIT_WATCHES);
        return LG_ETOOLARGE;
    }
    append_list(fresh, list);
    set->items = alloc_grow(set->items, set->n_items, &set->capacity, sizeof *set->items);
    set->items[set->n_items++] = *fresh;
    return 0;
}

int watch_set(struct object *object, const struct param *params, size_t n_params, bool is_append) {
    if (n_params == 0) {
        if (is_append) {
            return LG_EBADREQUEST;
        }
        if (object->events != NULL) {
            set_finish(&object->events->now);
            update_sensitive(object->events);
        }
        return 0;
    }
    struct watch fresh;
    struct message_list *list;
    bool is_whole_name;
    int err = watch_parse(object, params, n_params, &fresh, &list, &is_whole_name);
    if (err != 0) {
        return err;
    }
    if (list == NULL) {
        if (!is_append && object->events != NULL) {
            clear_event(&object->events->now, &fresh, is_whole_name);
        }
        watch_finish(&fresh);
    } else {
        err = put(object, &fresh, list, is_append);
    }
    if (object->events != NULL) {
        update_sensitive(object->events);
    }
    return is_append && list == NULL ? LG_EBADREQUEST : err;
}

int watch_push(struct object *object) {
    struct watches *watches = watches_of(object);
    if (watches->n_stack >= LIMIT_WATCH_STACK) {
        score_error(object->score, "too many pushed events (limit %d)", LIMIT_WATCH_STACK);
        return LG_ETOOLARGE;
    }
    watches->stack = alloc_grow(watches->stack, watches->n_stack, &watches->stack_capacity,
                                sizeof *watches->stack);
    set_copy(&watches->stack[watches->n_stack++], &watches->now);
    return 0;
}

int watch_pop(struct object *object) {
    struct watches *watches = object->events;
    if (watches != NULL && watches->n_stack > 0) {
        set_finish(&watches->now);
        watches->now = watches->stack[--watches->n_stack];
        update_sensitive(watches);
    }
    return 0;
}

/* -- telling ---------------------------------------------------------------------- */

static void tell(const struct object *object, const struct watch *watch, bool is_script,
                 struct message *out) {
    char *address = object_address(object);
    message_init(out, address, "watch");
    free(address);
    message_give_param(out, param_string(watch->event));
    if (watch->family == WATCH_TIME) {
        message_give_param(out, param_int((int32_t)watch->from.num));
        message_give_param(out, param_int((int32_t)watch->from.den));
        message_give_param(out, param_int((int32_t)watch->to.num));
        message_give_param(out, param_int((int32_t)watch->to.den));
    }
    for (size_t i = 0; i < watch->n_selector; i++) {
        message_give_param(out, param_copy(&watch->selector[i]));
    }
    struct message *all = NULL;
    size_t n_all = 0;
    for (size_t i = 0; i < watch->n_lists; i++) {
        const struct message_list *list = watch->lists[i];
        all = alloc_resize(all, n_all + list->n_messages, sizeof *all);
        for (size_t k = 0; k < list->n_messages; k++) {
            message_copy(&all[n_all++], &list->messages[k]);
        }
    }
    struct message_list *joined = message_list_give(all, n_all);
    if (is_script) {
        message_give_param(out, param_messages(joined));
        return;
    }
    watch_flatten(joined, out);
    message_list_unref(joined);
}

static void append_message(struct message **messages, size_t *n_messages, struct message msg) {
    *messages = alloc_resize(*messages, *n_messages + 1, sizeof **messages);
    (*messages)[(*n_messages)++] = msg;
}

/* In order of the families, as the original tells them. */
static void tell_set(const struct object *object, const struct watch_set *set, bool is_script,
                     struct message **messages, size_t *n_messages) {
    for (int family = WATCH_MOUSE; family <= WATCH_TIME; family++) {
        for (size_t i = 0; i < set->n_items; i++) {
            if ((int)set->items[i].family == family) {
                struct message msg;
                tell(object, &set->items[i], is_script, &msg);
                append_message(messages, n_messages, msg);
            }
        }
    }
}

void watch_list(const struct object *object, bool is_script, struct message **messages,
                size_t *n_messages) {
    if (object->events != NULL) {
        tell_set(object, &object->events->now, is_script, messages, n_messages);
    }
}

static void tell_bare(const struct object *object, const char *method, struct message **messages,
                      size_t *n_messages) {
    struct message msg;
    char *address = object_address(object);
    message_init(&msg, address, method);
    free(address);
    append_message(messages, n_messages, msg);
}

void watch_list_stack(const struct object *object, bool is_script, struct message **messages,
                      size_t *n_messages) {
    size_t n_stack = object->events != NULL ? object->events->n_stack : 0;
    for (size_t i = 0; i < n_stack; i++) {
        tell_bare(object, "watch", messages, n_messages); /* clear what is below */
        tell_set(object, &object->events->stack[i], is_script, messages, n_messages);
        tell_bare(object, "push", messages, n_messages);
    }
    if (n_stack > 0) {
        tell_bare(object, "watch", messages, n_messages);
    }
}
