/* Requests and notifications: from any thread into the queue, and their answers back. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/c/client_private.h"

static bool is_params(const char *params) {
    if (params == NULL) {
        return true;
    }
    const char *first = params + strspn(params, " \t\r\n");
    return (*first == '{' || *first == '[') && json_message_is_json(params, strlen(params));
}

void lg_client_answer_clear(struct lg_client_answer *answer) {
    if (answer != NULL) {
        free(answer->result);
        free(answer->message);
        free(answer->data);
        memset(answer, 0, sizeof(*answer));
    }
}

static void destroy_request(struct waiting_request *request) {
    lg_client_answer_clear(&request->answer);
    free(request);
}

static void run_delivery(struct lg_client *client, struct delivery *delivery) {
    struct waiting_request *request = (struct waiting_request *)delivery;
    if (request->on_answer != NULL) {
        request->on_answer(client, request->status, &request->answer, request->user);
    }
}

static void destroy_delivery(struct delivery *delivery) {
    destroy_request((struct waiting_request *)delivery);
}

/* The outcome of a request that has left the table; never one of the client's own. */
static void end_locked(struct lg_client *client, struct waiting_request *request, int status) {
    request->status = status;
    request->is_done = true;
    if (request->has_waiter) {
        pthread_cond_broadcast(&client->changed);
    } else {
        request->delivery =
            (struct delivery){.run = run_delivery, .destroy = destroy_delivery, .is_must = true};
        inbox_put_locked(client, &request->delivery);
    }
}

/* -- asking --------------------------------------------------------------------- */

/* Adopts text. */
static int put_locked(struct lg_client *client, struct outgoing_queue *queue, char *text,
                      uint64_t id, bool is_reply) {
    struct outgoing_message *message = outgoing_message_create(text, strlen(text), id);
    free(text);
    if (message == NULL) {
        return LG_CLIENT_ERROR_MEMORY;
    }
    message->is_reply = is_reply;
    outgoing_put(queue, message);
    client_wake_locked(client);
    return LG_CLIENT_OK;
}

int requests_send_text_locked(struct lg_client *client, char *text, uint64_t id, bool is_reply) {
    struct outgoing_queue *queue = &client->outgoing.ready;
    size_t len = strlen(text), limit = client->settings.max_message_bytes;
    int status = LG_CLIENT_OK;
    if (len > limit) {
        status = LG_CLIENT_ERROR_TOO_LARGE;
    } else if (queue->n >= SETTINGS_WAITING || (id != 0 && client->waiting.n >= SETTINGS_WAITING) ||
               (queue->n > 0 &&
                len > limit - (queue->size_bytes < limit ? queue->size_bytes : limit))) {
        status = LG_CLIENT_ERROR_FULL;
    } else if (client->state == LG_CLIENT_CLOSED || client->close_wanted) {
        status = LG_CLIENT_ERROR_CLOSED;
    }
    if (status != LG_CLIENT_OK) {
        free(text);
        return status;
    }
    return put_locked(client, queue, text, id, is_reply);
}

static int64_t deadline_after(int timeout_ms) {
    return timeout_ms > 0 ? client_now_us() + (int64_t)timeout_ms * 1000 : INT64_MAX;
}

/* Puts request and its message into the queues. On failure request is still the caller's. */
static int ask(struct lg_client *client, const char *method, const char *params,
               struct waiting_request *request) {
    pthread_mutex_lock(&client->lock);
    request->id = client->next_id++;
    pthread_mutex_unlock(&client->lock);
    char *text = json_message_call(request->id, method, params);
    if (text == NULL) {
        return LG_CLIENT_ERROR_MEMORY;
    }
    pthread_mutex_lock(&client->lock);
    int status = requests_send_text_locked(client, text, request->id, false);
    if (status == LG_CLIENT_OK) {
        waiting_put(&client->waiting, request);
        client_want_start_locked(client);
    }
    pthread_mutex_unlock(&client->lock);
    return status;
}

static bool is_askable(struct lg_client *client, const char *method, const char *params) {
    return client != NULL && method != NULL && method[0] != '\0' && is_params(params);
}

int lg_client_request(struct lg_client *client, const char *method, const char *params,
                      struct lg_client_answer *answer) {
    if (answer != NULL) {
        memset(answer, 0, sizeof(*answer));
    }
    if (!is_askable(client, method, params)) {
        return LG_CLIENT_ERROR_ARGUMENT;
    }
    struct waiting_request *request = calloc(1, sizeof(*request));
    if (request == NULL) {
        return LG_CLIENT_ERROR_MEMORY;
    }
    request->has_waiter = true;
    request->deadline_us = deadline_after(client->settings.request_timeout_ms);
    int status = ask(client, method, params, request);
    if (status == LG_CLIENT_OK) {
        pthread_mutex_lock(&client->lock);
        inbox_wait_begin_locked(client);
        while (!request->is_done) {
            pthread_cond_wait(&client->changed, &client->lock);
        }
        inbox_wait_end_locked(client);
        pthread_mutex_unlock(&client->lock);
        status = request->status;
        if (answer != NULL) {
            *answer = request->answer;
            memset(&request->answer, 0, sizeof(request->answer));
        }
    }
    destroy_request(request);
    return status;
}

int lg_client_request_async(struct lg_client *client, const char *method, const char *params,
                            int timeout_ms, lg_client_answer_fn on_answer, void *user) {
    if (!is_askable(client, method, params) || timeout_ms < -1) {
        return LG_CLIENT_ERROR_ARGUMENT;
    }
    struct waiting_request *request = calloc(1, sizeof(*request));
    if (request == NULL) {
        return LG_CLIENT_ERROR_MEMORY;
    }
    request->on_answer = on_answer;
    request->user = user;
    request->deadline_us =
        deadline_after(timeout_ms < 0 ? client->settings.request_timeout_ms : timeout_ms);
    int status = ask(client, method, params, request);
    if (status != LG_CLIENT_OK) {
        destroy_request(request);
    }
    return status;
}

int lg_client_notify(struct lg_client *client, const char *method, const char *params) {
    if (!is_askable(client, method, params)) {
        return LG_CLIENT_ERROR_ARGUMENT;
    }
    char *text = json_message_call(0, method, params);
    if (text == NULL) {
        return LG_CLIENT_ERROR_MEMORY;
    }
    pthread_mutex_lock(&client->lock);
    int status = requests_send_text_locked(client, text, 0, false);
    if (status == LG_CLIENT_OK) {
        client_want_start_locked(client);
    }
    pthread_mutex_unlock(&client->lock);
    return status;
}

uint64_t requests_ask(struct lg_client *client, const struct requests_own *own) {
    struct outgoing_queue *queue =
        own->is_last ? &client->outgoing.ready : &client->outgoing.control;
    struct waiting_request *request = calloc(1, sizeof(*request));
    if (request == NULL) {
        return 0;
    }
    request->own = own->on_end;
    request->user = own->user;
    request->deadline_us = deadline_after(own->timeout_ms);
    pthread_mutex_lock(&client->lock);
    uint64_t id = request->id = client->next_id++;
    char *text = json_message_call(id, own->method, own->params);
    if (text == NULL || put_locked(client, queue, text, id, false) != 0) {
        id = 0;
        destroy_request(request);
    } else {
        waiting_put(&client->waiting, request);
    }
    pthread_mutex_unlock(&client->lock);
    if (id != 0) {
        link_want_write(&client->link);
        requests_arm(client);
    }
    return id;
}

/* -- answers ----------------------------------------------------------------------- */

/* Fills answer; returns the status it stands for. */
static int read_answer(const struct json_message *message, struct lg_client_answer *answer) {
    if (message->kind == JSON_MESSAGE_RESULT) {
        answer->result = json_message_copy(message->result);
        return answer->result != NULL ? LG_CLIENT_OK : LG_CLIENT_ERROR_MEMORY;
    }
    json_message_int(json_message_member(message->error, "code"), &answer->code);
    answer->message = json_message_string(json_message_member(message->error, "message"));
    answer->data = json_message_copy(json_message_member(message->error, "data"));
    return LG_CLIENT_ERROR_ANSWER;
}

void requests_answer(struct lg_client *client, const struct json_message *message) {
    uint64_t id = 0;
    bool has_id = json_message_unsigned(message->id, &id);
    pthread_mutex_lock(&client->lock);
    struct waiting_request *request = has_id ? waiting_find(&client->waiting, id) : NULL;
    if (request == NULL || !request->is_sent) {
        client->stats.ignored++;
        pthread_mutex_unlock(&client->lock);
        return;
    }
    waiting_remove(&client->waiting, request);
    pthread_mutex_unlock(&client->lock);
    int status = read_answer(message, &request->answer);
    if (request->own != NULL) {
        request->status = status;
        request->own(client, request);
        destroy_request(request);
        return;
    }
    pthread_mutex_lock(&client->lock);
    end_locked(client, request, status);
    pthread_mutex_unlock(&client->lock);
}

void requests_sent_locked(struct lg_client *client, uint64_t id) {
    struct waiting_request *request = id != 0 ? waiting_find(&client->waiting, id) : NULL;
    if (request != NULL) {
        request->is_sent = true;
    }
}

/* -- endings --------------------------------------------------------------------------- */

void requests_fail_locked(struct lg_client *client, bool only_sent, int status) {
    struct waiting_request *next;
    for (struct waiting_request *request = client->waiting.first; request != NULL; request = next) {
        next = request->next;
        if (request->own == NULL && (request->is_sent || !only_sent)) {
            waiting_remove(&client->waiting, request);
            end_locked(client, request, status);
        }
    }
}

/* The next of the client's own, out of the table; NULL: none. */
static struct waiting_request *take_own(struct lg_client *client) {
    pthread_mutex_lock(&client->lock);
    struct waiting_request *request = client->waiting.first;
    while (request != NULL && request->own == NULL) {
        request = request->next;
    }
    if (request != NULL) {
        waiting_remove(&client->waiting, request);
    }
    pthread_mutex_unlock(&client->lock);
    return request;
}

void requests_end_own(struct lg_client *client, int status) {
    struct waiting_request *request;
    pthread_mutex_lock(&client->lock);
    outgoing_clear(&client->outgoing.control);
    pthread_mutex_unlock(&client->lock);
    while ((request = take_own(client)) != NULL) {
        request->status = status;
        request->own(client, request);
        destroy_request(request);
    }
}

/* Ends what is due; the deadline of the next one, INT64_MAX: none. */
static int64_t end_due(struct lg_client *client, int64_t now) {
    pthread_mutex_lock(&client->lock);
    struct waiting_request *request = client->waiting.first;
    while (request != NULL && request->deadline_us <= now) {
        waiting_remove(&client->waiting, request);
        if (!request->is_sent) {
            outgoing_remove(&client->outgoing.ready, request->id);
        }
        if (request->own != NULL) {
            pthread_mutex_unlock(&client->lock);
            request->status = LG_CLIENT_ERROR_TIMEOUT;
            request->own(client, request);
            destroy_request(request);
            pthread_mutex_lock(&client->lock);
        } else {
            end_locked(client, request, LG_CLIENT_ERROR_TIMEOUT);
        }
        request = client->waiting.first;
    }
    int64_t next = request != NULL ? request->deadline_us : INT64_MAX;
    pthread_mutex_unlock(&client->lock);
    return next;
}

void requests_arm(struct lg_client *client) {
    pthread_mutex_lock(&client->lock);
    struct waiting_request *first = client->waiting.first;
    int64_t deadline = first != NULL ? first->deadline_us : INT64_MAX;
    pthread_mutex_unlock(&client->lock);
    if (deadline != INT64_MAX) {
        link_timer_set(&client->link, &client->request_timer, deadline - client_now_us());
    }
}

void requests_on_timer(void *ctx) {
    struct lg_client *client = ctx;
    if (end_due(client, client_now_us()) != INT64_MAX) {
        requests_arm(client);
    }
}
