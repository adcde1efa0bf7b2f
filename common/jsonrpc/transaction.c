/* One request and the way to answer it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/err.h"
#include "common/jsonrpc/private.h"

/* -- deliveries --------------------------------------------------------------- */

void delivery_open(struct delivery *to, struct jsonrpc_transport *transport) {
    struct jsonrpc_server *server = transport->server;
    *to =
        (struct delivery){.server = server, .session = transport->session, .transport = transport};
    to->next = server->deliveries;
    if (to->next != NULL) {
        to->next->prev = to;
    }
    server->deliveries = to;
}

void delivery_close(struct delivery *to) {
    if (to->next != NULL) {
        to->next->prev = to->prev;
    }
    if (to->prev != NULL) {
        to->prev->next = to->next;
    } else {
        to->server->deliveries = to->next;
    }
}

void delivery_send(struct delivery *to, char *text) {
    const struct jsonrpc_store *store = &to->server->options.store;
    if (to->session != NULL) {
        session_send(to->session, text, false);
        return;
    }
    if (to->orphan[0] != '\0' && store->on_orphan != NULL) {
        store->on_orphan(to->server->options.ctx, to->orphan, text, strlen(text));
    } else if (to->transport != NULL) {
        transport_send(to->transport, text);
        return;
    }
    free(text);
}

/* -- life ------------------------------------------------------------------------ */

struct jsonrpc_transaction *transaction_create(struct jsonrpc_transport *transport,
                                               const struct jsonrpc_message *message,
                                               struct batch *batch) {
    struct jsonrpc_transaction *transaction = calloc(1, sizeof *transaction + message->id_len + 1);
    if (transaction == NULL) {
        return NULL;
    }
    delivery_open(&transaction->to, transport);
    transaction->to.transaction = transaction;
    transaction->refs = 1;
    transaction->method = ""; /* the text of the message does not live long enough */
    transaction->is_notification = message->kind == JSONRPC_NOTIFICATION;
    transaction->id_len = message->id_len;
    if (message->id_len > 0) {
        memcpy(transaction->id, message->id, message->id_len);
    }
    if (batch != NULL && !transaction->is_notification) {
        transaction->batch = batch;
        batch->n_owed++;
    }
    return transaction;
}

/* It is under way no more. */
static void uncount(struct jsonrpc_transaction *transaction) {
    if (transaction->is_counted && transaction->to.transport != NULL) {
        transaction->to.transport->n_in_flight--;
    }
    transaction->is_counted = false;
    transaction->deadline_us = 0;
}

int transaction_answer(struct jsonrpc_transaction *transaction, char *text) {
    struct jsonrpc_session *session = transaction->to.session;
    if (text == NULL) {
        server_fault(transaction->to.server, session, transaction->method, "out of memory");
        return LG_ENOMEM;
    }
    transaction->is_answered = true;
    uncount(transaction);
    if (transaction->repeat != 0 && session != NULL) {
        repeats_answer(session, transaction->repeat, transaction->is_left_open ? NULL : text);
    }
    if (transaction->batch != NULL) {
        batch_add(transaction->batch, text);
        batch_leave(transaction->batch);
        transaction->batch = NULL;
        free(text);
    } else {
        delivery_send(&transaction->to, text);
    }
    return 0;
}

void jsonrpc_transaction_start_async(struct jsonrpc_transaction *transaction) {
    struct jsonrpc_server *server = transaction->to.server;
    transaction->refs++;
    transaction->is_async = true;
    if (!transaction->is_notification) {
        transaction->deadline_us = lg_clock_us() + server->options.async_us;
        server_due(server, transaction->deadline_us);
    }
}

void jsonrpc_transaction_release(struct jsonrpc_transaction *transaction) {
    if (--transaction->refs > 0) {
        return;
    }
    if (transaction->is_async && !transaction->is_answered) {
        jsonrpc_transaction_leave_open(transaction);
        (void)jsonrpc_respond_error(transaction, JSONRPC_INTERNAL,
                                    jsonrpc_code_text(JSONRPC_INTERNAL), NULL);
    } else if (!transaction->is_answered && !transaction->is_notification) {
        (void)jsonrpc_respond(transaction, NULL);
    }
    uncount(transaction);
    if (transaction->batch != NULL) { /* its answer could not be made */
        batch_leave(transaction->batch);
    }
    delivery_close(&transaction->to);
    free(transaction);
}

int64_t transaction_tick(struct jsonrpc_transaction *transaction, int64_t now_us,
                         bool *was_called) {
    if (transaction->deadline_us == 0) {
        return INT64_MAX;
    }
    if (now_us < transaction->deadline_us) {
        return transaction->deadline_us;
    }
    transaction->deadline_us = 0;
    *was_called = true;
    server_fault(transaction->to.server, transaction->to.session, transaction->method,
                 "not answered in time");
    jsonrpc_transaction_leave_open(transaction);
    (void)jsonrpc_respond_error(transaction, JSONRPC_INTERNAL, "not answered in time", NULL);
    return INT64_MAX;
}

/* -- answers ------------------------------------------------------------------------ */

/* 0: go on; 1: nothing to do; LG_EOLD. */
static int check_first(struct jsonrpc_transaction *transaction) {
    if (transaction->is_notification) {
        return 1;
    }
    if (transaction->is_answered) {
        server_fault(transaction->to.server, transaction->to.session, transaction->method,
                     "answered twice");
        return LG_EOLD;
    }
    return 0;
}

static const char *session_id(const struct jsonrpc_transaction *transaction) {
    const struct jsonrpc_session *session = transaction->to.session;
    return session != NULL && !transaction->has_no_session_id ? session->id : NULL;
}

/* The result with the session's id, as it goes out. Steals; NULL = out of memory. */
static json_t *dress(const struct jsonrpc_transaction *transaction, json_t *result) {
    const char *id = session_id(transaction);
    if (result == NULL) {
        result = json_object();
    }
    if (!json_is_object(result) && transaction->to.server->options.wraps_results &&
        !transaction->has_no_session_id) {
        result = json_pack("{s:o}", "value", result);
    }
    if (json_is_object(result) && id != NULL &&
        json_object_set_new(result, "sessionId", json_string(id)) != 0) {
        json_decref(result);
        return NULL;
    }
    return result;
}

int jsonrpc_respond(struct jsonrpc_transaction *transaction, json_t *result) {
    int code = check_first(transaction);
    if (code != 0) {
        json_decref(result);
        return code < 0 ? code : 0;
    }
    result = dress(transaction, result);
    char *text =
        result != NULL ? jsonrpc_print_result(transaction->id, transaction->id_len, result) : NULL;
    json_decref(result);
    return transaction_answer(transaction, text);
}

/* `{"sessionId":"…"` and, when something follows, a comma. */
static size_t print_start(const char *id, bool is_followed, char *text, size_t room) {
    int len = snprintf(text, room, "{\"sessionId\":\"%s\"%s", id, is_followed ? "," : "");
    return (size_t)len;
}

int jsonrpc_respond_text(struct jsonrpc_transaction *transaction, const char *json,
                         size_t size_bytes) {
    const char *id = session_id(transaction);
    int code = check_first(transaction);
    if (code != 0) {
        return code < 0 ? code : 0;
    }
    if (id == NULL || size_bytes < 2 || json[0] != '{') {
        return transaction_answer(
            transaction,
            jsonrpc_print_raw_result(transaction->id, transaction->id_len, json, size_bytes));
    }
    char *result = malloc(size_bytes + JSONRPC_SESSION_ID_BYTES + 32);
    if (result == NULL) {
        return transaction_answer(transaction, NULL);
    }
    size_t len = print_start(id, size_bytes > 2, result, JSONRPC_SESSION_ID_BYTES + 32);
    memcpy(result + len, json + 1, size_bytes - 1);
    char *text = jsonrpc_print_raw_result(transaction->id, transaction->id_len, result,
                                          len + size_bytes - 1);
    free(result);
    return transaction_answer(transaction, text);
}

int jsonrpc_respond_error(struct jsonrpc_transaction *transaction, int code, const char *message,
                          json_t *data) {
    int state = check_first(transaction);
    if (state != 0) {
        json_decref(data);
        return state < 0 ? state : 0;
    }
    transaction->to.server->counts.errors++;
    char *text = jsonrpc_print_error(transaction->id, transaction->id_len, code, message, data);
    json_decref(data);
    return transaction_answer(transaction, text);
}

int jsonrpc_respond_bad_params(struct jsonrpc_transaction *transaction, const char *field,
                               const char *expected) {
    return jsonrpc_respond_error(transaction, JSONRPC_BAD_PARAMS,
                                 jsonrpc_code_text(JSONRPC_BAD_PARAMS),
                                 json_pack("{s:s, s:s}", "field", field, "expected", expected));
}

void jsonrpc_transaction_leave_open(struct jsonrpc_transaction *transaction) {
    transaction->is_left_open = true;
}

int jsonrpc_transaction_take(struct jsonrpc_transaction *transaction, char **start, char **end) {
    const char *id = session_id(transaction);
    struct jsonrpc_transport *transport = transaction->to.transport;
    char head[JSONRPC_SESSION_ID_BYTES + 32] = "{";
    if (transaction->is_notification || transaction->is_answered || transaction->batch != NULL ||
        transaction->repeat != 0 || transport == NULL || transport->is_closing ||
        (transaction->to.session != NULL && transaction->to.session->transport != transport)) {
        return LG_EBUSY;
    }
    size_t len = id != NULL ? print_start(id, true, head, sizeof head) : 1;
    *start = jsonrpc_print_raw_result(transaction->id, transaction->id_len, head, len);
    *end = strdup("}}");
    if (*start == NULL || *end == NULL) {
        free(*start);
        free(*end);
        return LG_EBUSY;
    }
    (*start)[strlen(*start) - 1] = '\0'; /* the bracket that end brings */
    transaction->is_answered = true;
    uncount(transaction);
    return 0;
}

/* -- what it is --------------------------------------------------------------------- */

bool jsonrpc_transaction_is_notification(const struct jsonrpc_transaction *transaction) {
    return transaction->is_notification;
}

bool jsonrpc_transaction_is_answered(const struct jsonrpc_transaction *transaction) {
    return transaction->is_answered;
}

struct jsonrpc_session *jsonrpc_transaction_session(const struct jsonrpc_transaction *transaction) {
    return transaction->to.session;
}

struct jsonrpc_transport *
jsonrpc_transaction_transport(const struct jsonrpc_transaction *transaction) {
    return transaction->to.transport;
}

struct jsonrpc_key jsonrpc_transaction_key(const struct jsonrpc_transaction *transaction) {
    return transaction->key;
}

const char *jsonrpc_transaction_method(const struct jsonrpc_transaction *transaction) {
    return transaction->method;
}

int jsonrpc_transaction_role(const struct jsonrpc_transaction *transaction) {
    const struct jsonrpc_transport *transport = transaction->to.transport;
    return transport != NULL ? transport->role : 0;
}

void *jsonrpc_transaction_ctx(const struct jsonrpc_transaction *transaction) {
    return transaction->to.server->options.ctx;
}
