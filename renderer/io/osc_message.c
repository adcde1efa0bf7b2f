/* OSC arguments to parameters and back. A list of messages travels flat, as
 * strings "(" address method arguments "," … ")" (reference 14). */
#include "renderer/io/osc_message.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/utf8.h"
#include "proto/limits.h"
#include "renderer/score/alloc.h"

/* Methods whose parameters hold lists of messages; elsewhere "(" is a text like any other. */
static bool takes_lists(const char *method) {
    static const char *const names[] = {"watch", "watch+", "eval", "require"};
    for (size_t i = 0; method != NULL && i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(method, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* The arguments of a packet while lists are read from them. */
struct cursor {
    const struct param *flat;
    size_t n_params, at;
    unsigned depth;
};

static bool is_text(const struct cursor *cursor, size_t at, const char *text) {
    return at < cursor->n_params && cursor->flat[at].kind == PARAM_STRING &&
           strcmp(cursor->flat[at].as.text, text) == 0;
}

/* The address in "name:port/…" and the length of the name; NULL = it is none. */
static const char *after_host(const char *text, size_t *host_len, uint16_t *port) {
    const char *slash = strchr(text, '/'), *digits = slash;
    while (digits != NULL && digits > text && digits[-1] >= '0' && digits[-1] <= '9') {
        digits--;
    }
    if (slash == NULL || digits == slash || digits < text + 2 || digits[-1] != ':') {
        return NULL;
    }
    long number = strtol(digits, NULL, 10);
    if (number < 1 || number > UINT16_MAX) {
        return NULL;
    }
    *host_len = (size_t)(digits - 1 - text);
    *port = (uint16_t)number;
    return slash;
}

static bool is_address(const struct cursor *cursor, size_t at) {
    if (at >= cursor->n_params || cursor->flat[at].kind != PARAM_STRING) {
        return false;
    }
    const char *text = cursor->flat[at].as.text;
    size_t host_len;
    uint16_t port;
    return (text[0] == '/' && text[1] != '\0') || strncmp(text, "./", 2) == 0 ||
           after_host(text, &host_len, &port) != NULL;
}

static bool read_list(struct cursor *cursor, struct param *list);

/* Append the parameter at the cursor, or the list that begins there, to msg. */
static bool read_param(struct cursor *cursor, struct message *msg) {
    const struct param *param = &cursor->flat[cursor->at];
    if (is_text(cursor, cursor->at, "(") && is_address(cursor, cursor->at + 1)) {
        struct param list;
        cursor->at++;
        if (!read_list(cursor, &list)) {
            return false;
        }
        if (is_text(cursor, cursor->at, ")")) {
            cursor->at++;
        }
        message_give_param(msg, list);
        return true;
    }
    cursor->at++;
    if (msg->method == NULL && msg->n_params == 0 && param->kind == PARAM_STRING) {
        msg->method = alloc_text(param->as.text);
    } else {
        message_give_param(msg, param_copy(param));
    }
    return true;
}

static bool ends_message(const struct cursor *cursor) {
    return cursor->at >= cursor->n_params || is_text(cursor, cursor->at, ")") ||
           ((is_text(cursor, cursor->at, ",") || is_text(cursor, cursor->at, ":")) &&
            is_address(cursor, cursor->at + 1));
}

static bool read_message(struct cursor *cursor, struct message *msg) {
    const char *text = cursor->flat[cursor->at].as.text;
    size_t host_len;
    uint16_t port;
    const char *address = after_host(text, &host_len, &port);
    message_init(msg, address != NULL ? address : text, NULL);
    if (address != NULL) {
        msg->host = alloc_text_n(text, host_len);
        msg->port = port;
    }
    cursor->at++;
    while (!ends_message(cursor)) {
        if (!read_param(cursor, msg)) {
            return false;
        }
    }
    return true;
}

/* From an address up to the ")" that ends the list, or the end. */
static bool read_list(struct cursor *cursor, struct param *list) {
    struct message *messages = NULL;
    size_t n_messages = 0, capacity = 0;
    bool is_good = ++cursor->depth <= LIMIT_SCRIPT_NESTING;
    bool has_more = is_good;
    while (is_good && has_more) {
        messages = alloc_grow(messages, n_messages, &capacity, sizeof(*messages));
        is_good = read_message(cursor, &messages[n_messages++]);
        has_more = cursor->at < cursor->n_params && !is_text(cursor, cursor->at, ")");
        cursor->at += has_more ? 1 : 0; /* the separator */
    }
    cursor->depth--;
    struct message_list *made = message_list_give(messages, n_messages);
    if (!is_good) {
        message_list_unref(made);
        return false;
    }
    *list = param_messages(made);
    return true;
}

/* The parameters of msg with their lists, in place; left flat when they make no list. */
static void fold_lists(struct message *msg) {
    struct cursor cursor = {.flat = msg->params, .n_params = msg->n_params};
    struct message folded = {.method = msg->method};
    bool has_event = strncmp(msg->method, "watch", 5) != 0; /* watch: its first is the event */
    bool is_good = true;
    while (is_good && cursor.at < cursor.n_params) {
        if (has_event && is_address(&cursor, cursor.at)) { /* outer parentheses omitted */
            struct param list;
            is_good = read_list(&cursor, &list);
            if (is_good) {
                message_give_param(&folded, list);
                cursor.at = cursor.n_params;
            }
        } else {
            is_good = read_param(&cursor, &folded);
        }
        has_event = true;
    }
    struct message scrap = {.params = msg->params, .n_params = msg->n_params};
    if (is_good) {
        msg->params = folded.params;
        msg->n_params = folded.n_params;
    } else {
        scrap.params = folded.params;
        scrap.n_params = folded.n_params;
    }
    message_finish(&scrap);
}

static bool is_good_text(const char *text) {
    return lg_utf8_len(text, strlen(text)) == strlen(text);
}

bool osc_message_read(const char *path, const char *types, lo_arg **args, int n_args,
                      struct message *msg) {
    bool is_good = is_good_text(path);
    message_init(msg, is_good ? path : "", NULL);
    for (int i = 0; i < n_args && is_good; i++) {
        /* 4-byte aligned only: not to be read as the union it is typed as */
        const char *bytes = (const char *)args[i];
        int32_t number = 0;
        float real = 0;
        if (types[i] == LO_INT32) {
            memcpy(&number, bytes, sizeof(number));
        } else if (types[i] == LO_FLOAT) {
            memcpy(&real, bytes, sizeof(real));
        }
        if (types[i] == LO_INT32) {
            message_give_param(msg, param_int(number));
        } else if (types[i] == LO_FLOAT && isfinite(real)) {
            message_give_param(msg, param_float(real));
        } else if (types[i] == LO_STRING) {
            is_good = is_good_text(bytes);
            if (is_good && i == 0) {
                msg->method = alloc_text(bytes);
            } else if (is_good) {
                message_give_param(msg, param_string(bytes));
            }
        }
    }
    if (!is_good) {
        message_finish(msg);
        return false;
    }
    if (takes_lists(msg->method)) {
        fold_lists(msg);
    }
    return true;
}

static void write_params(lo_message out, const struct message *msg);

static void write_list(lo_message out, const struct message_list *list) {
    lo_message_add_string(out, "(");
    for (size_t i = 0; i < list->n_messages; i++) {
        const struct message *msg = &list->messages[i];
        if (i > 0) {
            lo_message_add_string(out, ":");
        }
        if (msg->host != NULL) {
            struct text address = {0};
            text_printf(&address, "%s:%u%s", msg->host, (unsigned)msg->port, msg->address);
            lo_message_add_string(out, address.data);
            text_finish(&address);
        } else {
            lo_message_add_string(out, msg->address);
        }
        write_params(out, msg);
    }
    lo_message_add_string(out, ")");
}

static void write_params(lo_message out, const struct message *msg) {
    if (msg->method != NULL) {
        lo_message_add_string(out, msg->method);
    }
    for (size_t i = 0; i < msg->n_params; i++) {
        const struct param *param = &msg->params[i];
        switch (param->kind) {
        case PARAM_INT:
            lo_message_add_int32(out, param->as.i);
            break;
        case PARAM_FLOAT:
            lo_message_add_float(out, param->as.f);
            break;
        case PARAM_STRING:
            lo_message_add_string(out, param->as.text);
            break;
        case PARAM_MESSAGES:
            write_list(out, param->as.messages);
            break;
        }
    }
}

lo_message osc_message_write(const struct message *msg) {
    lo_message out = lo_message_new();
    if (out != NULL) {
        write_params(out, msg);
    }
    return out;
}
