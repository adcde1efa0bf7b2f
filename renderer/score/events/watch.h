/* What an object watches (section 11): events, their messages, the stack of push and pop. */
#ifndef LEGGIO_SCORE_WATCH_H
#define LEGGIO_SCORE_WATCH_H

#include "renderer/score/object.h"

enum watch_family {
    WATCH_MOUSE,
    WATCH_TOUCH,
    WATCH_KEY,
    WATCH_MIDI,
    WATCH_SIMPLE,
    WATCH_ATTRIBUTE,
    WATCH_USER,
    WATCH_TIME,
};

struct watch {
    enum watch_family family;
    char *event;
    struct param *selector; /* of key and midi events, as given */
    size_t n_selector;
    struct rational from, to;    /* of time events: [from, to[ */
    struct message_list **lists; /* own one reference each; watch+ appends */
    size_t n_lists, lists_capacity;
};

struct watch_set {
    struct watch *items;
    size_t n_items, capacity;
};

struct watches {
    struct watch_set now;
    struct watch_set *stack;
    size_t n_stack, stack_capacity;
    bool is_sensitive; /* some mouse or touch event is watched now */
};

void watches_destroy(struct watches *watches); /* NULL is fine */
/* `watch` and `watch+`. Returns as object_method.set. */
int watch_set(struct object *object, const struct param *params, size_t n_params, bool is_append);
int watch_push(struct object *object);
int watch_pop(struct object *object);
/* Replies of `get watch` and `get stack`. is_script: message lists as one parameter (for save)
 * instead of the flat OSC form. Appends to an array of the caller. */
void watch_list(const struct object *object, bool is_script, struct message **messages,
                size_t *n_messages);
void watch_list_stack(const struct object *object, bool is_script, struct message **messages,
                      size_t *n_messages);

/* The family an event name belongs to for this object; false: no such event. */
bool watch_family_of(const struct object *object, const char *event, enum watch_family *family);

/* Messages from the flat form "(" address method params… "," … ")" or from one list parameter;
 * NULL when malformed. One reference. */
struct message_list *watch_list_from_params(const struct param *params, size_t n_params);
/* The flat form of a list, appended to a message. */
void watch_flatten(const struct message_list *list, struct message *out);

/* -- firing: watch_fire.c ------------------------------------------------------ */

/* `event NAME [args]`. */
int watch_event(struct object *object, const struct param *params, size_t n_params);
/* The message `method` was processed with effect. Cheap when nothing is watched. */
void watch_fire_attribute(struct object *object, const char *method);
/* A date (or duration) went from one value to another. */
void watch_fire_time(struct object *object, bool is_duration, struct rational before,
                     struct rational after);
/* The date ran from one value to another, over everything between: each interval that it entered or
 * left fires once, also one that it jumped over whole. */
void watch_fire_passed(struct object *object, struct rational before, struct rational after);
/* A message into the queue of the next task, as it is. */
void watch_enqueue(struct score *score, const struct message *msg);
/* A mouse event at a point in local units. */
void watch_fire_point(struct object *object, const char *event, double x, double y);

#endif
