/* Requests of the server to a client, and their answers. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/err.h"
#include "common/log.h"
#include "common/jsonrpc/private.h"

int jsonrpc_session_request(struct jsonrpc_session *session, const char *method, json_t *params,
                            int64_t timeout_us, jsonrpc_answer_fn done, void *ctx) {
    struct jsonrpc_server *server = session->server;
    char id[16];
    if (!session_is_here(session) || session->n_asked >= LIMIT_RPC_ASKED) {
        json_decref(params);
        return LG_EBUSY;
    }
    snprintf(id, sizeof id, "%" PRIu32, server->next_request_id);
    char *text = jsonrpc_print_request(id, strlen(id), method, params);
    struct asked *asked = calloc(1, sizeof *asked);
    json_decref(params);
    if (text == NULL || asked == NULL) {
        free(text);
        free(asked);
        return LG_ENOMEM;
    }
    asked->id = server->next_request_id;
    server->next_request_id = asked->id < INT32_MAX ? asked->id + 1 : 1;
    asked->deadline_us = lg_clock_us() + (timeout_us > 0 ? timeout_us : server->options.request_us);
    asked->done = done;
    asked->ctx = ctx;
    asked->next = session->asked;
    session->asked = asked;
    session->n_asked++;
    server_due(server, asked->deadline_us);
    session_send(session, text, false);
    return 0;
}

static bool is_id(const struct jsonrpc_message *message, uint32_t id) {
    char text[16];
    int len = snprintf(text, sizeof text, "%" PRIu32, id);
    return message->id != NULL && message->id_len == (size_t)len &&
           memcmp(message->id, text, message->id_len) == 0;
}

static void end(struct jsonrpc_session *session, struct asked **at, int code, const char *message,
                const json_t *result) {
    struct asked *asked = *at;
    *at = asked->next;
    session->n_asked--;
    asked->done(asked->ctx, session, code, message, result);
    free(asked);
}

void asked_take_answer(struct jsonrpc_transport *transport, const struct jsonrpc_message *message) {
    struct jsonrpc_session *session = transport->session;
    struct asked **at = session != NULL ? &session->asked : NULL;
    while (at != NULL && *at != NULL && !is_id(message, (*at)->id)) {
        at = &(*at)->next;
    }
    if (at == NULL || *at == NULL || (message->result == NULL && message->error == NULL)) {
        transport->server->counts.responses_unknown++;
        lg_log(LG_LOG_DEBUG, transport->server->options.label, "answer_not_asked", NULL);
        return;
    }
    if (message->result != NULL) {
        end(session, at, 0, NULL, message->result);
        return;
    }
    json_t *code = json_object_get(message->error, "code");
    const char *text = json_string_value(json_object_get(message->error, "message"));
    int number = json_is_integer(code) ? (int)json_integer_value(code) : 0;
    end(session, at, number != 0 ? number : JSONRPC_INTERNAL, text != NULL ? text : "", NULL);
}

int64_t asked_tick(struct jsonrpc_session *session, int64_t now_us, bool *was_called) {
    int64_t due_us = INT64_MAX;
    for (struct asked **at = &session->asked; *at != NULL; at = &(*at)->next) {
        if ((*at)->deadline_us <= now_us) {
            *was_called = true;
            end(session, at, LG_EBUSY, "no answer in time", NULL);
            return INT64_MAX; /* the caller looks again */
        }
        due_us = (*at)->deadline_us < due_us ? (*at)->deadline_us : due_us;
    }
    return due_us;
}

void asked_finish(struct jsonrpc_session *session) {
    while (session->asked != NULL) {
        end(session, &session->asked, LG_EBUSY, "the session has ended", NULL);
    }
}
