/* Values: growing lists of parameters with their depth and size. No evaluation
 * here; see math.c. */
#include "renderer/script/value.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/limits.h"
#include "renderer/score/alloc.h"

#define PARAM_BYTES   sizeof(struct param)
#define MESSAGE_BYTES sizeof(struct message)

struct value value_empty(void) {
    return (struct value){0};
}

size_t value_param_bytes(const struct param *param) {
    return PARAM_BYTES + (param->kind == PARAM_STRING ? strlen(param->as.text) : 0);
}

void value_push(struct value *value, struct param param, unsigned depth, size_t bytes) {
    if (value->n_params == value->capacity) {
        value->capacity = value->capacity > 0 ? 2 * value->capacity : 1;
        value->params = alloc_resize(value->params, value->capacity, sizeof(struct param));
    }
    value->params[value->n_params++] = param;
    value->depth = depth > value->depth ? depth : value->depth;
    value->bytes += value_param_bytes(&param) + bytes;
}

struct value value_param(struct param param, unsigned depth, size_t bytes) {
    struct value value = value_empty();
    value_push(&value, param, depth, bytes);
    return value;
}

struct value value_int(int32_t number) {
    return value_param(param_int(number), 0, 0);
}

struct value value_float(float number) {
    return value_param(param_float(number), 0, 0);
}

struct value value_text(char *text) {
    struct param param = {.kind = PARAM_STRING, .as.text = text};
    return value_param(param, 0, 0);
}

struct value value_failed(struct script_loc loc, const char *format, ...) {
    struct value value = value_empty();
    value.error = alloc_zero(sizeof(*value.error));
    value.error->loc = loc;
    va_list args;
    va_start(args, format);
    vsnprintf(value.error->text, sizeof(value.error->text), format, args);
    va_end(args);
    return value;
}

struct value value_copy(const struct value *value) {
    struct value copy = value_empty();
    if (value->n_params > 0) {
        copy.params = alloc_resize(NULL, value->n_params, sizeof(struct param));
    }
    copy.capacity = value->n_params;
    for (size_t i = 0; i < value->n_params; i++) {
        copy.params[copy.n_params++] = param_copy(&value->params[i]);
    }
    copy.depth = value->depth;
    copy.bytes = value->bytes;
    return copy;
}

void value_finish(struct value *value) {
    for (size_t i = 0; i < value->n_params; i++) {
        param_finish(&value->params[i]);
    }
    free(value->params);
    free(value->error);
    *value = value_empty();
}

void value_move(struct value *to, struct value *from) {
    if (to->n_params == 0 && to->capacity == 0 && to->error == NULL) {
        *to = *from;
        *from = value_empty();
        return;
    }
    size_t n_params = to->n_params + from->n_params;
    if (n_params > to->capacity) {
        to->capacity = n_params > 2 * to->capacity ? n_params : 2 * to->capacity;
        to->params = alloc_resize(to->params, to->capacity, sizeof(struct param));
    }
    if (from->n_params > 0) {
        memcpy(to->params + to->n_params, from->params, from->n_params * sizeof(struct param));
    }
    to->n_params = n_params;
    to->depth = from->depth > to->depth ? from->depth : to->depth;
    to->bytes += from->bytes;
    if (to->error == NULL) {
        to->error = from->error;
        from->error = NULL;
    }
    from->n_params = 0;
    value_finish(from);
}

/* level: lists around these parameters. Stops as soon as a limit is met, so lists that share
 * parts many times cost no more than the limit. */
static bool measure(const struct param *params, size_t n_params, unsigned level, unsigned *depth,
                    size_t *bytes) {
    *depth = level > *depth ? level : *depth;
    if (level > LIMIT_SCRIPT_NESTING) {
        return false;
    }
    for (size_t i = 0; i < n_params; i++) {
        *bytes += value_param_bytes(&params[i]);
        if (*bytes > LIMIT_SCRIPT_EXPANDED_BYTES) {
            return false;
        }
        if (params[i].kind != PARAM_MESSAGES) {
            continue;
        }
        const struct message_list *list = params[i].as.messages;
        *depth = level + 1 > *depth ? level + 1 : *depth;
        for (size_t k = 0; k < list->n_messages; k++) {
            const struct message *msg = &list->messages[k];
            *bytes += MESSAGE_BYTES + strlen(msg->address);
            if (!measure(msg->params, msg->n_params, level + 1, depth, bytes)) {
                return false;
            }
        }
    }
    return true;
}

bool value_measure(const struct param *params, size_t n_params, unsigned *depth, size_t *bytes) {
    *depth = 0;
    *bytes = 0;
    return measure(params, n_params, 0, depth, bytes);
}
