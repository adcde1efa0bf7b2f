/* `watch EVENT [interval or selector] ( messages )`: names, and both forms of
 * the list (nested, and flat as OSC carries it). */
#include "renderer/score/events/watch_parse.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "proto/limits.h"
#include "renderer/score/alloc.h"
#include "renderer/score/attributes/attributes.h"
#include "renderer/score/dispatch.h"

/* -- names ------------------------------------------------------------------------ */

struct event_name {
    const char *name;
    enum watch_family family;
};

static const struct event_name NAMES[] = {
    {"mouseDown", WATCH_MOUSE},   {"mouseUp", WATCH_MOUSE},    {"mouseMove", WATCH_MOUSE},
    {"mouseEnter", WATCH_MOUSE},  {"mouseLeave", WATCH_MOUSE}, {"doubleClick", WATCH_MOUSE},
    {"touchBegin", WATCH_TOUCH},  {"touchEnd", WATCH_TOUCH},   {"touchUpdate", WATCH_TOUCH},
    {"timeEnter", WATCH_TIME},    {"timeLeave", WATCH_TIME},   {"durEnter", WATCH_TIME},
    {"durLeave", WATCH_TIME},     {"keyDown", WATCH_KEY},      {"keyUp", WATCH_KEY},
    {"midi", WATCH_MIDI},         {"newData", WATCH_SIMPLE},   {"ready", WATCH_SIMPLE},
    {"error", WATCH_SIMPLE},      {"success", WATCH_SIMPLE},   {"cancel", WATCH_SIMPLE},
    {"end", WATCH_SIMPLE},        {"export", WATCH_SIMPLE},    {"pageCount", WATCH_SIMPLE},
    {"newElement", WATCH_SIMPLE}, {"endPaint", WATCH_SIMPLE},  {"portrait", WATCH_SIMPLE},
    {"landscape", WATCH_SIMPLE},
};

static bool is_user_name(const char *event) {
    if (!isupper((unsigned char)event[0])) {
        return false;
    }
    for (const char *at = event; *at != '\0'; at++) {
        if (!isupper((unsigned char)*at) && !isdigit((unsigned char)*at) && *at != '_') {
            return false;
        }
    }
    return true;
}

bool watch_family_of(const struct object *object, const char *event, enum watch_family *family) {
    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
        if (strcmp(event, NAMES[i].name) == 0) {
            *family = NAMES[i].family;
            return true;
        }
    }
    if (is_user_name(event)) {
        *family = WATCH_USER;
        return true;
    }
    if (dispatch_knows(object, event)) {
        *family = WATCH_ATTRIBUTE;
        return true;
    }
    return false;
}

/* -- the flat form ------------------------------------------------------------------ */

static bool is_text(const struct param *param, const char *text) {
    return param->kind == PARAM_STRING && strcmp(param->as.text, text) == 0;
}

static bool is_separator(const struct param *param) {
    return is_text(param, ",") || is_text(param, ":");
}

/* "host:7000/ITL/x" as one string becomes host, port and address. */
static bool split_host(struct message *msg) {
    const char *colon = strchr(msg->address, ':');
    const char *slash = strchr(msg->address, '/');
    if (colon == NULL || slash == NULL || colon == msg->address || colon > slash) {
        return false;
    }
    char *end;
    long port = strtol(colon + 1, &end, 10);
    if (end != slash || port < 1 || port > 65535) {
        return false;
    }
    msg->host = alloc_text_n(msg->address, (size_t)(colon - msg->address));
    msg->port = (uint16_t)port;
    char *address = alloc_text(slash);
    free(msg->address);
    msg->address = address;
    return true;
}

struct flat_reader {
    const struct param *params;
    size_t n_params, at;
    unsigned depth;
};

static struct message_list *read_list(struct flat_reader *reader);

/* One message, up to a separator, ")" or the end; false when malformed. */
static bool read_message(struct flat_reader *reader, struct message *msg) {
    const struct param *first = &reader->params[reader->at];
    if (first->kind != PARAM_STRING) {
        return false;
    }
    message_init(msg, first->as.text, NULL);
    reader->at++;
    char c = msg->address[0];
    if (c != '/' && !(c == '.' && (msg->address[1] == '/' || msg->address[1] == '.')) &&
        !split_host(msg)) {
        return false;
    }
    bool is_first = true;
    while (reader->at < reader->n_params) {
        const struct param *param = &reader->params[reader->at];
        if (is_separator(param) || is_text(param, ")")) {
            break;
        }
        if (is_text(param, "(")) {
            reader->at++;
            struct message_list *nested = read_list(reader);
            if (nested == NULL || reader->at >= reader->n_params) {
                message_list_unref(nested);
                return false;
            }
            reader->at++; /* its ")" */
            message_give_param(msg, param_messages(nested));
        } else if (is_first && param->kind == PARAM_STRING) {
            msg->method = alloc_text(param->as.text);
            reader->at++;
        } else {
            message_give_param(msg, param_copy(param));
            reader->at++;
        }
        is_first = false;
    }
    return true;
}

/* Messages up to ")" (not taken) or the end. */
static struct message_list *read_list(struct flat_reader *reader) {
    if (++reader->depth > LIMIT_SCRIPT_NESTING) {
        return NULL;
    }
    struct message *messages = NULL;
    size_t n = 0, capacity = 0;
    while (reader->at < reader->n_params && !is_text(&reader->params[reader->at], ")")) {
        messages = alloc_grow(messages, n, &capacity, sizeof *messages);
        messages[n] = (struct message){0};
        if (!read_message(reader, &messages[n++])) {
            messages_free(messages, n);
            return NULL;
        }
        if (reader->at < reader->n_params && is_separator(&reader->params[reader->at])) {
            reader->at++;
        }
    }
    reader->depth--;
    return message_list_give(messages, n);
}

struct message_list *watch_list_from_params(const struct param *params, size_t n_params) {
    if (n_params == 1 && params[0].kind == PARAM_MESSAGES) {
        return message_list_ref(params[0].as.messages);
    }
    bool has_paren = n_params > 0 && is_text(&params[0], "(");
    struct flat_reader reader = {params, n_params, has_paren ? 1 : 0, 0};
    struct message_list *list = read_list(&reader);
    bool is_whole = has_paren ? reader.at + 1 == n_params : reader.at == n_params;
    if (list != NULL && !is_whole) {
        message_list_unref(list);
        list = NULL;
    }
    return list;
}

void watch_flatten(const struct message_list *list, struct message *out) {
    message_give_param(out, param_string("("));
    for (size_t i = 0; i < list->n_messages; i++) {
        const struct message *msg = &list->messages[i];
        if (i > 0) {
            message_give_param(out, param_string(":"));
        }
        struct text address = {0};
        if (msg->host != NULL) {
            text_printf(&address, "%s:%u", msg->host, (unsigned)msg->port);
        }
        text_append(&address, msg->address, strlen(msg->address));
        message_give_param(out, param_string(address.data));
        text_finish(&address);
        if (msg->method != NULL) {
            message_give_param(out, param_string(msg->method));
        }
        for (size_t k = 0; k < msg->n_params; k++) {
            if (msg->params[k].kind == PARAM_MESSAGES) {
                watch_flatten(msg->params[k].as.messages, out);
            } else {
                message_give_param(out, param_copy(&msg->params[k]));
            }
        }
    }
    message_give_param(out, param_string(")"));
}

/* -- intervals and selectors ---------------------------------------------------------- */

/* Does the list of messages start here? */
static bool starts_list(const struct param *param) {
    return param->kind == PARAM_MESSAGES || is_text(param, "(") ||
           (param->kind == PARAM_STRING && param->as.text[0] == '/');
}

static int parse_interval(struct watch *watch, const struct param *params, size_t n_params) {
    bool is_ok = false;
    if (n_params == 2) {
        is_ok = params[0].kind == params[1].kind &&
                params_rational(&params[0], 1, &watch->from) == 0 &&
                params_rational(&params[1], 1, &watch->to) == 0;
    } else if (n_params == 4) {
        is_ok = params_rational(&params[0], 2, &watch->from) == 0 &&
                params_rational(&params[2], 2, &watch->to) == 0;
    }
    return is_ok ? 0 : LG_EBADREQUEST;
}

static int parse_selector(struct watch *watch, const struct param *params, size_t n_params) {
    if (n_params > (watch->family == WATCH_KEY ? 1u : 16u)) {
        return LG_EBADREQUEST;
    }
    watch->selector = alloc_resize(NULL, n_params, sizeof *watch->selector);
    for (size_t i = 0; i < n_params; i++) {
        watch->selector[watch->n_selector++] = param_copy(&params[i]);
    }
    return 0;
}

static int parse_extra(struct watch *watch, const struct param *params, size_t n_params,
                       bool has_list) {
    switch (watch->family) {
    case WATCH_TIME:
        return n_params == 0 && !has_list ? 0 : parse_interval(watch, params, n_params);
    case WATCH_KEY:
    case WATCH_MIDI:
        return n_params == 0 && has_list ? LG_EBADREQUEST : parse_selector(watch, params, n_params);
    case WATCH_MOUSE:
    case WATCH_TOUCH:
    case WATCH_SIMPLE:
    case WATCH_ATTRIBUTE:
    case WATCH_USER:
        break;
    }
    return n_params == 0 ? 0 : LG_EBADREQUEST;
}

int watch_parse(const struct object *object, const struct param *params, size_t n_params,
                struct watch *fresh, struct message_list **list, bool *is_whole_name) {
    *fresh = (struct watch){0};
    *list = NULL;
    if (params[0].kind != PARAM_STRING ||
        !watch_family_of(object, params[0].as.text, &fresh->family)) {
        return LG_EBADREQUEST;
    }
    fresh->event = alloc_text(params[0].as.text);
    bool is_key = fresh->family == WATCH_KEY && n_params > 1 && params[1].kind != PARAM_MESSAGES;
    size_t list_at = is_key ? 2 : 1; /* a key may be "/" or "(" */
    while (list_at < n_params && !starts_list(&params[list_at])) {
        list_at++;
    }
    *is_whole_name = list_at == 1;
    int err = parse_extra(fresh, params + 1, list_at - 1, list_at < n_params);
    if (err == 0 && list_at < n_params) {
        *list = watch_list_from_params(params + list_at, n_params - list_at);
        err = *list == NULL ? LG_EBADREQUEST : 0;
    }
    if (err != 0) {
        watch_finish(fresh);
    }
    return err;
}
