/* Firing: which watches an event meets, and their messages into the queue of
 * the next task. Nothing is executed here, so handlers may change handlers. */
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "renderer/score/alloc.h"
#include "renderer/score/score_state.h"
#include "renderer/score/events/variables.h"
#include "renderer/score/events/watch.h"

#define KEY_EXPRESSION_BYTES 128 /* of a key, or a regular expression for keys */

/* Takes over the message. Full: dropped and counted, told once. */
static void enqueue(struct score *score, struct message *msg) {
    struct event_queue *queue = &score->queue;
    size_t size_bytes = message_size_bytes(msg);
    if (queue->n_messages >= LIMIT_EVENTS_QUEUED ||
        queue->size_bytes + size_bytes > LIMIT_EVENTS_QUEUED_BYTES) {
        score->n_events_dropped++;
        message_finish(msg);
        if (!queue->is_full) {
            queue->is_full = true; /* before the error: it fires an event itself */
            score_error(score, "too many messages of events (limit %d), dropping",
                        LIMIT_EVENTS_QUEUED);
        }
        return;
    }
    queue->messages =
        alloc_grow(queue->messages, queue->n_messages, &queue->capacity, sizeof *queue->messages);
    queue->messages[queue->n_messages++] = *msg;
    queue->size_bytes += size_bytes;
}

void watch_enqueue(struct score *score, const struct message *msg) {
    struct message copy;
    message_copy(&copy, msg);
    enqueue(score, &copy);
}

static void fire(const struct watch *watch, const struct variable_context *context) {
    for (size_t i = 0; i < watch->n_lists; i++) {
        const struct message_list *list = watch->lists[i];
        for (size_t k = 0; k < list->n_messages; k++) {
            struct message msg;
            if (variables_expand(context, &list->messages[k], &msg)) {
                enqueue(context->object->score, &msg);
            }
        }
    }
}

/* Every watch of this name; a selector must match. */
static void fire_named(struct object *object, const char *event,
                       const struct variable_context *context) {
    if (object->events == NULL) {
        return;
    }
    /* An error on the way may fire the application's events: watches are not changed by that,
     * only the queue grows. */
    const struct watch_set *set = &object->events->now;
    for (size_t i = 0; i < set->n_items; i++) {
        if (strcmp(set->items[i].event, event) == 0) {
            fire(&set->items[i], context);
        }
    }
}

void object_fire(struct object *object, const char *event) {
    struct variable_context context = {.object = object};
    fire_named(object, event, &context);
}

void score_fire(struct score *score, struct object *object, const char *event) {
    (void)score;
    object_fire(object, event);
}

void watch_fire_attribute(struct object *object, const char *method) {
    if (object->events == NULL) {
        return;
    }
    struct variable_context context = {.object = object};
    const struct watch_set *set = &object->events->now;
    for (size_t i = 0; i < set->n_items; i++) {
        if (set->items[i].family == WATCH_ATTRIBUTE && strcmp(set->items[i].event, method) == 0) {
            fire(&set->items[i], &context);
        }
    }
}

static bool is_inside(const struct watch *watch, struct rational date) {
    return rational_compare(date, watch->from) >= 0 && rational_compare(date, watch->to) < 0;
}

void watch_fire_time(struct object *object, bool is_duration, struct rational before,
                     struct rational after) {
    if (object->events == NULL) {
        return;
    }
    struct variable_context context = {.object = object};
    const char *enter = is_duration ? "durEnter" : "timeEnter";
    const char *leave = is_duration ? "durLeave" : "timeLeave";
    const struct watch_set *set = &object->events->now;
    for (size_t i = 0; i < set->n_items; i++) {
        const struct watch *watch = &set->items[i];
        if (watch->family != WATCH_TIME) {
            continue;
        }
        bool was_in = is_inside(watch, before), is_in = is_inside(watch, after);
        if ((is_in && !was_in && strcmp(watch->event, enter) == 0) ||
            (was_in && !is_in && strcmp(watch->event, leave) == 0)) {
            fire(watch, &context);
        }
    }
}

/* Did the way from before to after touch [from, to[? */
static bool passed(const struct watch *watch, struct rational before, struct rational after) {
    if (rational_compare(watch->from, watch->to) >= 0) {
        return false;
    }
    bool is_forward = rational_compare(before, after) <= 0;
    struct rational first = is_forward ? before : after, last = is_forward ? after : before;
    return rational_compare(first, watch->to) < 0 && rational_compare(last, watch->from) >= 0;
}

void watch_fire_passed(struct object *object, struct rational before, struct rational after) {
    struct variable_context context = {.object = object};
    const struct watch_set *set = &object->events->now;
    for (size_t i = 0; i < set->n_items; i++) {
        const struct watch *watch = &set->items[i];
        if (watch->family != WATCH_TIME || !passed(watch, before, after)) {
            continue;
        }
        bool is_enter = strcmp(watch->event, "timeEnter") == 0;
        bool is_leave = strcmp(watch->event, "timeLeave") == 0;
        if ((is_enter && !is_inside(watch, before)) || (is_leave && !is_inside(watch, after))) {
            fire(watch, &context);
        }
    }
}

void watch_fire_point(struct object *object, const char *event, double x, double y) {
    struct variable_context context = {.object = object, .has_point = true, .x = x, .y = y};
    fire_named(object, event, &context);
}

/* Does the expression fit the whole key? Repetition counts and back references are refused: they
 * make the library take memory and time without bounds. */
static bool expression_matches(const char *expression, const char *key) {
    static const char special[] = ".[]()|^$*+?\\";
    size_t len = strlen(expression);
    if (len > KEY_EXPRESSION_BYTES || strpbrk(expression, special) == NULL ||
        strchr(expression, '{') != NULL) {
        return false;
    }
    for (const char *at = expression; *at != '\0'; at++) {
        if (at[0] == '\\' && at[1] >= '0' && at[1] <= '9') {
            return false;
        }
    }
    char whole[KEY_EXPRESSION_BYTES + 8];
    regex_t regex;
    snprintf(whole, sizeof whole, "^(%s)$", expression);
    if (regcomp(&regex, whole, REG_EXTENDED | REG_NOSUB) != 0) {
        return false;
    }
    bool is_match = regexec(&regex, key, 0, NULL, 0) == 0;
    regfree(&regex);
    return is_match;
}

/* `*`, the key itself, or a regular expression. */
static bool key_matches(const struct watch *watch, const struct param *key) {
    if (watch->n_selector != 1) {
        return false;
    }
    struct text wanted = {0}, pressed = {0};
    param_print(&watch->selector[0], true, &wanted);
    param_print(key, true, &pressed);
    bool is_match = wanted.data != NULL && pressed.data != NULL &&
                    pressed.len <= KEY_EXPRESSION_BYTES &&
                    (strcmp(wanted.data, "*") == 0 || strcmp(wanted.data, pressed.data) == 0 ||
                     expression_matches(wanted.data, pressed.data));
    text_finish(&wanted);
    text_finish(&pressed);
    return is_match;
}

static void fire_key(struct object *object, const char *event, const struct param *key) {
    struct variable_context context = {.object = object};
    if (object->events == NULL) {
        return;
    }
    const struct watch_set *set = &object->events->now;
    for (size_t i = 0; i < set->n_items; i++) {
        if (strcmp(set->items[i].event, event) == 0 && key_matches(&set->items[i], key)) {
            fire(&set->items[i], &context);
        }
    }
}

/* A key of a scene is a key of all that is in it. */
static void fire_key_below(struct object *object, const char *event, const struct param *key) {
    fire_key(object, event, key);
    for (size_t i = 0; i < object->n_children && score_has_time(object->score); i++) {
        struct object *child = object->children[i];
        if (!child->is_deleted && !child->type->is_node) {
            fire_key_below(child, event, key);
        }
    }
}

bool object_watches(const struct object *object, const char *event) {
    size_t n_items = object->events != NULL ? object->events->now.n_items : 0;
    for (size_t i = 0; i < n_items; i++) {
        if (strcmp(object->events->now.items[i].event, event) == 0) {
            return true;
        }
    }
    return false;
}

int watch_event(struct object *object, const struct param *params, size_t n_params) {
    enum watch_family family;
    if (n_params == 0 || params[0].kind != PARAM_STRING) {
        return LG_EBADREQUEST;
    }
    const char *event = params[0].as.text;
    if (!watch_family_of(object, event, &family)) {
        return 0; /* unknown names do nothing */
    }
    struct variable_context context = {
        .object = object, .args = params + 1, .n_args = n_params - 1};
    switch (family) {
    case WATCH_MOUSE:
    case WATCH_TOUCH:
        if (n_params != 3 || !param_is_number(&params[1]) || !param_is_number(&params[2])) {
            return LG_EBADREQUEST;
        }
        watch_fire_point(object, event, (double)param_as_float(&params[1]),
                         (double)param_as_float(&params[2]));
        break;
    case WATCH_KEY:
        if (n_params != 2) {
            return LG_EBADREQUEST;
        }
        if (object->is_scene) {
            fire_key_below(object, event, &params[1]);
        } else {
            fire_key(object, event, &params[1]);
        }
        break;
    case WATCH_SIMPLE:
    case WATCH_ATTRIBUTE:
    case WATCH_USER:
        fire_named(object, event, &context);
        break;
    case WATCH_MIDI:
    case WATCH_TIME:
        break;
    }
    return 0;
}
