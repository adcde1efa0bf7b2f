/* What the server asks and tells: to the program in order, its answers back. */
#include <stdlib.h>
#include <string.h>

#include "clients/c/client_private.h"

enum { UNKNOWN_METHOD = -32601 };

struct lg_client_call {
    struct delivery delivery; /* first */
    struct lg_client *client; /* while it runs */
    char *method, *params;    /* params: JSON or NULL */
    char *id;                 /* JSON; NULL: a notification */
    bool is_answered;
};

static void destroy_call(struct delivery *delivery) {
    struct lg_client_call *call = (struct lg_client_call *)delivery;
    free(call->method);
    free(call->params);
    free(call->id);
    free(call);
}

static struct scan_span id_of(const struct lg_client_call *call) {
    return (struct scan_span){call->id, strlen(call->id)};
}

/* Adopts text; NULL: no memory. */
static int send_answer(struct lg_client *client, char *text) {
    if (text == NULL) {
        return LG_CLIENT_ERROR_MEMORY;
    }
    pthread_mutex_lock(&client->lock);
    int status = requests_send_text_locked(client, text, 0, true);
    pthread_mutex_unlock(&client->lock);
    return status;
}

int lg_client_call_is_notification(const struct lg_client_call *call) {
    return call->id == NULL ? 1 : 0;
}

static bool is_answerable(const struct lg_client_call *call, const char *json) {
    return call != NULL && call->id != NULL && !call->is_answered &&
           (json == NULL || json_message_is_json(json, strlen(json)));
}

int lg_client_reply(struct lg_client_call *call, const char *result) {
    if (!is_answerable(call, result)) {
        return LG_CLIENT_ERROR_ARGUMENT;
    }
    int status = send_answer(call->client, json_message_result(id_of(call), result));
    call->is_answered = status == LG_CLIENT_OK;
    return status;
}

int lg_client_reply_error(struct lg_client_call *call, int code, const char *message,
                          const char *data) {
    if (!is_answerable(call, data) || message == NULL) {
        return LG_CLIENT_ERROR_ARGUMENT;
    }
    int status = send_answer(call->client, json_message_error(id_of(call), code, message, data));
    call->is_answered = status == LG_CLIENT_OK;
    return status;
}

static void run_call(struct lg_client *client, struct delivery *delivery) {
    struct lg_client_call *call = (struct lg_client_call *)delivery;
    lg_client_call_fn on_call = client->settings.on_call;
    call->client = client;
    int status = on_call != NULL
                     ? on_call(client, call, call->method, call->params, client->settings.user)
                     : -1;
    if (call->id != NULL && !call->is_answered) {
        if (status == 0) {
            lg_client_reply(call, NULL);
        } else {
            lg_client_reply_error(call, UNKNOWN_METHOD, "Method not found", NULL);
        }
    }
}

void calls_receive(struct lg_client *client, const struct json_message *message) {
    struct lg_client_call *call = calloc(1, sizeof(*call));
    if (call == NULL) {
        session_lose(client, "out of memory for a request of the server's");
        return;
    }
    call->delivery = (struct delivery){.run = run_call,
                                       .destroy = destroy_call,
                                       .size_bytes = message->params.len + sizeof(*call)};
    call->method = json_message_string(message->method);
    call->params = json_message_copy(message->params);
    call->id = json_message_copy(message->id);
    if (call->method == NULL || (message->params.text != NULL && call->params == NULL) ||
        (message->id.text != NULL && call->id == NULL)) {
        destroy_call(&call->delivery);
        session_lose(client, "out of memory for a request of the server's");
        return;
    }
    pthread_mutex_lock(&client->lock);
    inbox_put_locked(client, &call->delivery);
    pthread_mutex_unlock(&client->lock);
}
