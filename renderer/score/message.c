/* Messages and their parameters as plain owned data; printing is in message_print.c. */
#include "renderer/score/message.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "renderer/score/alloc.h"

struct param param_int(int32_t value) {
    return (struct param){.kind = PARAM_INT, .as.i = value};
}

struct param param_float(float value) {
    return (struct param){.kind = PARAM_FLOAT, .as.f = value};
}

struct param param_string(const char *text) {
    return (struct param){.kind = PARAM_STRING, .as.text = alloc_text(text)};
}

struct param param_messages(struct message_list *list) {
    return (struct param){.kind = PARAM_MESSAGES, .as.messages = list};
}

struct param param_copy(const struct param *param) {
    switch (param->kind) {
    case PARAM_STRING:
        return param_string(param->as.text);
    case PARAM_MESSAGES:
        return param_messages(message_list_ref(param->as.messages));
    case PARAM_INT:
    case PARAM_FLOAT:
        break;
    }
    return *param;
}

void param_finish(struct param *param) {
    if (param->kind == PARAM_STRING) {
        free(param->as.text);
    } else if (param->kind == PARAM_MESSAGES) {
        message_list_unref(param->as.messages);
    }
    *param = param_int(0);
}

bool param_is_number(const struct param *param) {
    return param->kind == PARAM_INT || param->kind == PARAM_FLOAT;
}

float param_as_float(const struct param *param) {
    return param->kind == PARAM_INT ? (float)param->as.i : param->as.f;
}

int32_t param_as_int(const struct param *param) {
    if (param->kind == PARAM_INT) {
        return param->as.i;
    }
    float f = param->as.f;
    if (!(f > -2147483648.0f)) { /* also not a number */
        return f <= -2147483648.0f ? INT32_MIN : 0;
    }
    return f >= 2147483648.0f ? INT32_MAX : (int32_t)f;
}

void message_init(struct message *msg, const char *address, const char *method) {
    *msg = (struct message){0};
    msg->address = alloc_text(address);
    msg->method = method != NULL ? alloc_text(method) : NULL;
}

void message_give_param(struct message *msg, struct param param) {
    /* Capacity is the next power of two from 4 on; no field for it. */
    size_t n = msg->n_params;
    if (n == 0 || (n >= 4 && (n & (n - 1)) == 0)) {
        msg->params = alloc_resize(msg->params, n == 0 ? 4 : n * 2, sizeof *msg->params);
    }
    msg->params[msg->n_params++] = param;
}

void message_copy(struct message *to, const struct message *from) {
    message_init(to, from->address, from->method);
    to->host = from->host != NULL ? alloc_text(from->host) : NULL;
    to->port = from->port;
    for (size_t i = 0; i < from->n_params; i++) {
        message_give_param(to, param_copy(&from->params[i]));
    }
}

void message_finish(struct message *msg) {
    for (size_t i = 0; i < msg->n_params; i++) {
        param_finish(&msg->params[i]);
    }
    free(msg->params);
    free(msg->host);
    free(msg->address);
    free(msg->method);
    *msg = (struct message){0};
}

struct message_list *message_list_give(struct message *messages, size_t n_messages) {
    struct message_list *list = alloc_zero(sizeof *list);
    list->messages = messages;
    list->n_messages = n_messages;
    list->refs = 1;
    return list;
}

struct message_list *message_list_ref(struct message_list *list) {
    list->refs++;
    return list;
}

void message_list_unref(struct message_list *list) {
    if (list == NULL || --list->refs > 0) {
        return;
    }
    for (size_t i = 0; i < list->n_messages; i++) {
        message_finish(&list->messages[i]);
    }
    free(list->messages);
    free(list);
}

size_t message_size_bytes(const struct message *msg) {
    size_t size_bytes = sizeof *msg + strlen(msg->address) + msg->n_params * sizeof *msg->params;
    size_bytes += msg->method != NULL ? strlen(msg->method) : 0;
    for (size_t i = 0; i < msg->n_params; i++) {
        if (msg->params[i].kind == PARAM_STRING) {
            size_bytes += strlen(msg->params[i].as.text);
        }
    }
    return size_bytes;
}

void messages_free(struct message *messages, size_t n_messages) {
    for (size_t i = 0; i < n_messages; i++) {
        message_finish(&messages[i]);
    }
    free(messages);
}
