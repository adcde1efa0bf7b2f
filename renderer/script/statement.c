/* Statements: messages, lists, declarations and message variables, as the
 * grammar's actions hand them over. What a message does is the target's. */
#include <stdlib.h>
#include <string.h>

#include "proto/limits.h"
#include "renderer/score/alloc.h"
#include "renderer/script/script.h"
#include "renderer/script/variables.h"

struct message statement_message(struct statement_address address, struct value *params) {
    struct message msg = {
        .host = address.host,
        .port = address.port,
        .address = address.address,
        .params = params->params,
        .n_params = params->n_params,
    };
    if (msg.n_params > 0 && msg.params[0].kind == PARAM_STRING) {
        msg.method = msg.params[0].as.text;
        msg.n_params--;
        memmove(msg.params, msg.params + 1, msg.n_params * sizeof(struct param));
    }
    *params = value_empty();
    return msg;
}

void statement_place(const struct script *script, struct script_loc loc) {
    if (script->target->place != NULL && script->javascript_depth == 0) {
        script->target->place(script->target->ctx, script->name, loc.line);
    }
}

void statement_execute(struct script *script, struct message *msg) {
    if (!script->is_dropped) {
        script->target->message(script->target->ctx, msg);
    }
    script->is_dropped = false;
    message_finish(msg);
}

bool statement_declare(struct script *script, char *name, struct value *value,
                       struct script_loc loc) {
    bool is_good = value->bytes <= LIMIT_SCRIPT_VALUE_BYTES;
    if (!is_good) {
        script_report(script, loc, "value of $%.256s is larger than %u MiB", name,
                      LIMIT_SCRIPT_VALUE_BYTES >> 20);
    } else if (!script->is_dropped) {
        variables_set(script->variables, name, value);
    }
    script->is_dropped = false;
    value_finish(value);
    free(name);
    return is_good;
}

/* Give back what the target allocated. */
static void free_replies(struct message *replies, size_t n_replies) {
    for (size_t i = 0; i < n_replies; i++) {
        message_finish(&replies[i]);
    }
    free(replies);
}

struct value statement_query(struct script *script, struct message *msg, struct script_loc loc) {
    struct value result = value_empty();
    struct message *replies = NULL;
    size_t n_replies = 0;
    /* A message for another host cannot answer here; a dropped statement asks nothing. */
    if (msg->host == NULL && !script->is_dropped) {
        script->target->query(script->target->ctx, msg, &replies, &n_replies);
    }
    for (size_t i = 0; i < n_replies && result.error == NULL; i++) {
        unsigned depth;
        size_t bytes;
        if (!value_measure(replies[i].params, replies[i].n_params, &depth, &bytes) ||
            bytes > script->expandable_bytes) {
            value_finish(&result);
            result = value_failed(loc, "$(): the replies are too large");
            break;
        }
        script->expandable_bytes -= bytes;
        for (size_t k = 0; k < replies[i].n_params; k++) {
            bool is_list = replies[i].params[k].kind == PARAM_MESSAGES;
            value_push(&result, param_copy(&replies[i].params[k]), is_list ? depth : 0,
                       is_list ? bytes : 0);
        }
    }
    free_replies(replies, n_replies);
    message_finish(msg);
    return result;
}

void statement_list_add(struct statement_list *list, struct message *msg, unsigned depth,
                        size_t bytes) {
    if (list->n_messages == list->capacity) {
        list->capacity = list->capacity > 0 ? 2 * list->capacity : 4;
        list->messages = alloc_resize(list->messages, list->capacity, sizeof(struct message));
    }
    list->messages[list->n_messages++] = *msg;
    *msg = (struct message){0};
    list->depth = depth > list->depth ? depth : list->depth;
    list->bytes += sizeof(struct message) + bytes;
}

void statement_list_finish(struct statement_list *list) {
    free_replies(list->messages, list->n_messages);
    *list = (struct statement_list){0};
}

struct value statement_list_value(struct statement_list *list, struct script_loc loc) {
    if (list->depth + 1 > LIMIT_SCRIPT_NESTING) {
        statement_list_finish(list);
        return value_failed(loc, "lists are nested deeper than %d", LIMIT_SCRIPT_NESTING);
    }
    if (list->bytes > LIMIT_SCRIPT_VALUE_BYTES) {
        statement_list_finish(list);
        return value_failed(loc, "list is larger than %u MiB", LIMIT_SCRIPT_VALUE_BYTES >> 20);
    }
    struct message_list *messages = message_list_give(list->messages, list->n_messages);
    struct value value = value_param(param_messages(messages), list->depth + 1, list->bytes);
    *list = (struct statement_list){0};
    return value;
}

bool statement_append(struct script *script, struct value *to, struct value *from) {
    if (from->error != NULL) {
        script_report(script, from->error->loc, "%s", from->error->text);
        value_finish(from);
        return false;
    }
    value_move(to, from);
    return true;
}
