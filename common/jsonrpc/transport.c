/* One connection: texts in, each to its place; pings watched. */
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/err.h"
#include "common/log.h"
#include "common/jsonrpc/private.h"

enum {
    PING_MIN_US = 50 * 1000,
    PING_MAX_US = 600 * 1000 * 1000,
    PING_DEFAULT_US = 20 * 1000 * 1000,
    PINGS_MISSED = 3,
};

static const char NO_PINGS[] = "Close for not receive ping from client";

/* -- life ------------------------------------------------------------------------- */

struct jsonrpc_transport *jsonrpc_transport_open(struct jsonrpc_server *server,
                                                 const struct jsonrpc_link *link, int role) {
    struct jsonrpc_transport *transport = calloc(1, sizeof *transport);
    if (transport == NULL) {
        return NULL;
    }
    transport->server = server;
    transport->link = *link;
    transport->role = role;
    transport->next = server->transports;
    if (transport->next != NULL) {
        transport->next->prev = transport;
    }
    server->transports = transport;
    return transport;
}

static void unlink_transport(struct jsonrpc_transport *transport) {
    if (transport->next != NULL) {
        transport->next->prev = transport->prev;
    }
    if (transport->prev != NULL) {
        transport->prev->next = transport->next;
    } else {
        transport->server->transports = transport->next;
    }
    for (struct delivery *to = transport->server->deliveries; to != NULL; to = to->next) {
        if (to->transport == transport) {
            to->transport = NULL;
        }
    }
}

void jsonrpc_transport_closed(struct jsonrpc_transport *transport, const char *reason) {
    if (transport == NULL) {
        return;
    }
    transport->is_closing = true;
    unlink_transport(transport);
    lookup_cancel(transport);
    if (transport->session != NULL) {
        session_lose(transport->session, reason);
    }
    free(transport);
}

void jsonrpc_transport_error(struct jsonrpc_transport *transport, const char *what) {
    const struct jsonrpc_options *options = &transport->server->options;
    lg_log(LG_LOG_DEBUG, options->label, "transport_error", "what=%s", what);
    if (options->events.on_transport_error != NULL) {
        options->events.on_transport_error(options->ctx, transport->session, what);
    }
}

void transport_send(struct jsonrpc_transport *transport, char *text) {
    if (!transport->is_closing) {
        transport->link.send(transport->link.ctx, text, strlen(text));
    }
    free(text);
}

void transport_close(struct jsonrpc_transport *transport, uint16_t code, const char *reason) {
    if (!transport->is_closing) {
        lookup_cancel(transport); /* no session comes to a connection that goes */
        transport->is_closing = true;
        transport->watchdog_us = 0;
        if (transport->link.close != NULL) {
            transport->link.close(transport->link.ctx, code, reason);
        }
    }
}

/* -- pings --------------------------------------------------------------------------- */

void transport_pinged(struct jsonrpc_transport *transport, int64_t interval_ms) {
    int64_t interval_us = transport->interval_us;
    if (interval_ms > 0) {
        interval_us = interval_ms * 1000 < PING_MIN_US   ? PING_MIN_US
                      : interval_ms * 1000 > PING_MAX_US ? PING_MAX_US
                                                         : interval_ms * 1000;
    } else if (interval_us == 0) {
        interval_us = PING_DEFAULT_US;
    }
    transport->interval_us = interval_us;
    if (transport->session != NULL) {
        transport->session->interval_us = interval_us;
    }
    if (transport->server->options.has_watchdog && !transport->is_closing) {
        transport->watchdog_us = lg_clock_us() + PINGS_MISSED * interval_us;
        server_due(transport->server, transport->watchdog_us);
    }
}

int64_t transport_tick(struct jsonrpc_transport *transport, int64_t now_us, bool *was_called) {
    if (transport->watchdog_us != 0 && now_us >= transport->watchdog_us) {
        transport->server->counts.watchdog_closes++;
        lg_log(LG_LOG_DEBUG, transport->server->options.label, "no_pings", "interval_ms=%lld",
               (long long)(transport->interval_us / 1000));
        *was_called = true;
        transport_close(transport, JSONRPC_CLOSE_NORMAL, NO_PINGS);
        return INT64_MAX;
    }
    int64_t lookup_us = lookup_tick(transport, now_us, was_called);
    if (*was_called || transport->watchdog_us == 0) {
        return lookup_us;
    }
    return transport->watchdog_us < lookup_us ? transport->watchdog_us : lookup_us;
}

/* -- requests -------------------------------------------------------------------------- */

/* The session of the request; NULL: answered. */
static struct jsonrpc_session *find_session(struct jsonrpc_transport *transport,
                                            struct jsonrpc_transaction *transaction,
                                            json_t *params) {
    struct jsonrpc_session *session = transport->session;
    const json_t *named = json_object_get(params, "sessionId");
    if (named != NULL && !json_is_string(named) && !json_is_null(named)) {
        (void)jsonrpc_respond_bad_params(transaction, "sessionId", "the id of a session");
        return NULL;
    }
    if (json_is_string(named) &&
        (session == NULL || strcmp(session->id, json_string_value(named)) != 0)) {
        (void)jsonrpc_respond_error(transaction, JSONRPC_NO_SESSION,
                                    jsonrpc_code_text(JSONRPC_NO_SESSION), NULL);
        return NULL;
    }
    if (named != NULL) {
        json_object_del(params, "sessionId");
    }
    if (session == NULL && (session = session_begin(transport)) == NULL) {
        (void)jsonrpc_respond_error(transaction, JSONRPC_TOO_MANY, "too many sessions", NULL);
    }
    return session;
}

static json_t *role_name(const struct jsonrpc_server *server, int role) {
    const char *const *names = server->options.role_names;
    return names != NULL ? json_string(names[role]) : json_integer(role);
}

/* Role and number under way. true: answered by an error. */
static bool is_refused(struct jsonrpc_transport *transport, struct jsonrpc_transaction *transaction,
                       const struct jsonrpc_method *row) {
    struct jsonrpc_server *server = transport->server;
    if (row->role > transport->role) {
        (void)jsonrpc_respond_error(transaction, JSONRPC_FORBIDDEN, "forbidden",
                                    json_pack("{s:o, s:o}", "role",
                                              role_name(server, transport->role), "needed",
                                              role_name(server, row->role)));
        return true;
    }
    if (transport->n_in_flight >= server->options.max_in_flight) {
        (void)jsonrpc_respond_error(transaction, JSONRPC_TOO_MANY,
                                    "too many requests under way on this connection", NULL);
        return true;
    }
    return false;
}

/* A request that came before? true: nothing more to do. */
static bool is_repeat(struct jsonrpc_transaction *transaction,
                      const struct jsonrpc_message *message) {
    struct jsonrpc_session *session = transaction->to.session;
    const char *text = NULL;
    if (transaction->is_notification || transaction->batch != NULL || session == NULL) {
        return false;
    }
    enum repeat_kind kind = repeats_find(session, message, transaction, &text);
    if (kind == REPEAT_NEW) {
        return false;
    }
    session->server->counts.duplicates++;
    char *copy = kind == REPEAT_ANSWERED ? strdup(text) : NULL;
    transaction->is_answered = true; /* or will be, by the first one */
    if (copy != NULL) {
        session_send(session, copy, false);
    }
    return true;
}

/* Params as the handler gets them; NULL: answered by an error. */
static json_t *make_params(struct jsonrpc_transaction *transaction,
                           const struct jsonrpc_method *row, json_t *params) {
    json_t *data = NULL;
    if (row->params == NULL && !row->has_no_params) {
        return params != NULL ? json_incref(params) : json_object();
    }
    json_t *checked = jsonrpc_params_check(row->params, row->n_params, params, &data);
    if (checked == NULL) {
        (void)jsonrpc_respond_error(transaction, JSONRPC_BAD_PARAMS,
                                    jsonrpc_code_text(JSONRPC_BAD_PARAMS), data);
    }
    return checked;
}

static void handle(struct jsonrpc_transport *transport, struct jsonrpc_transaction *transaction,
                   const struct jsonrpc_method *row, const struct jsonrpc_message *message) {
    transaction->method = row->name;
    if (row->needs_session && transport->link.is_sessionless) {
        (void)jsonrpc_respond_error(transaction, JSONRPC_UNKNOWN_METHOD,
                                    "this method needs a connection: WebSocket or SockJS", NULL);
        return;
    }
    if (transport->link.is_sessionless) {
        if (json_is_string(json_object_get(message->params, "sessionId"))) {
            (void)jsonrpc_respond_error(transaction, JSONRPC_NO_SESSION,
                                        jsonrpc_code_text(JSONRPC_NO_SESSION), NULL);
            return;
        }
    } else {
        struct jsonrpc_session *session = find_session(transport, transaction, message->params);
        if (session == NULL) {
            return;
        }
        session->n_messages += session->n_messages < 2;
        transaction->to.session = session;
    }
    if (is_refused(transport, transaction, row)) {
        return;
    }
    json_t *params = make_params(transaction, row, message->params);
    if (params == NULL) {
        return;
    }
    if (!row->is_once || !is_repeat(transaction, message)) {
        if (!transaction->is_notification) {
            transaction->is_counted = true;
            transport->n_in_flight++;
        }
        row->handle(transaction, params);
    }
    json_decref(params);
}

static void call(struct jsonrpc_transport *transport, const struct jsonrpc_message *message,
                 struct batch *batch, bool is_alone) {
    struct jsonrpc_server *server = transport->server;
    struct jsonrpc_transaction *transaction = transaction_create(transport, message, batch);
    if (transaction == NULL) {
        server_fault(server, transport->session, message->method, "out of memory");
        return;
    }
    server->counts.requests += message->kind == JSONRPC_REQUEST;
    server->counts.notifications += message->kind == JSONRPC_NOTIFICATION;
    if (!special_call(transport, transaction, message, is_alone)) {
        const struct jsonrpc_method *row = server_method(server, message->method);
        if (row != NULL && row->handle != NULL) {
            handle(transport, transaction, row, message);
        } else {
            (void)jsonrpc_respond_error(transaction, JSONRPC_UNKNOWN_METHOD,
                                        jsonrpc_code_text(JSONRPC_UNKNOWN_METHOD), NULL);
        }
    }
    jsonrpc_transaction_release(transaction);
}

/* -- texts ------------------------------------------------------------------------------- */

/* What is wrong with a message, to whom it belongs. */
static void refuse(struct jsonrpc_transport *transport, const struct jsonrpc_message *message,
                   struct batch *batch) {
    json_t *data = json_string(message->why);
    char *text = jsonrpc_print_error(message->id, message->id_len, message->code,
                                     jsonrpc_code_text(message->code), data);
    json_decref(data);
    transport->server->counts.errors++;
    if (text == NULL) {
        server_fault(transport->server, transport->session, "", "out of memory");
    } else if (batch != NULL) {
        batch_add(batch, text);
        free(text);
    } else {
        transport_send(transport, text);
    }
}

static void take(struct jsonrpc_transport *transport, const struct jsonrpc_message *message,
                 struct batch *batch, bool is_alone) {
    switch (message->kind) {
    case JSONRPC_INVALID:
        refuse(transport, message, batch);
        break;
    case JSONRPC_RESPONSE:
        asked_take_answer(transport, message);
        break;
    case JSONRPC_REQUEST:
    case JSONRPC_NOTIFICATION:
        call(transport, message, batch, is_alone);
        break;
    }
}

static void take_batch(struct jsonrpc_transport *transport, const struct jsonrpc_parsed *parsed) {
    struct batch *batch = batch_create(transport);
    if (batch == NULL) {
        server_fault(transport->server, transport->session, "batch", "out of memory");
        return;
    }
    for (size_t i = 0; i < parsed->n_messages && !transport->is_closing; i++) {
        take(transport, &parsed->messages[i], batch, parsed->n_messages == 1);
    }
    if (batch->to.session == NULL) {
        batch->to.session = transport->session; /* it began in here */
    }
    batch_leave(batch);
}

static void refuse_held(struct jsonrpc_transport *transport) {
    static const char TEXT[] = "too many messages before `connect` was answered";
    char *text = jsonrpc_print_error(NULL, 0, JSONRPC_TOO_MANY, TEXT, NULL);
    if (text != NULL) {
        transport_send(transport, text);
    }
    transport_close(transport, 1008, TEXT);
}

/* It proves the connection, and waits for nothing. */
static bool is_ping(const struct jsonrpc_parsed *parsed) {
    const char *method = parsed->messages[0].method;
    return !parsed->is_batch && method != NULL && strcmp(method, "ping") == 0;
}

void jsonrpc_transport_receive(struct jsonrpc_transport *transport, const char *text,
                               size_t size_bytes) {
    struct jsonrpc_parsed parsed;
    if (transport->is_closing) {
        return;
    }
    if (jsonrpc_parse(text, size_bytes, &transport->server->options.limits, &parsed) != 0) {
        server_fault(transport->server, transport->session, "", "out of memory");
        return;
    }
    if (transport->lookup != NULL && !is_ping(&parsed)) {
        if (!lookup_hold(transport, text, size_bytes)) {
            refuse_held(transport);
        }
    } else if (parsed.is_batch) {
        take_batch(transport, &parsed);
    } else {
        take(transport, &parsed.messages[0], NULL, true);
    }
    jsonrpc_parsed_finish(&parsed);
}

/* -- what it is ----------------------------------------------------------------------------- */

void jsonrpc_transport_set_role(struct jsonrpc_transport *transport, int role) {
    transport->role = role;
}

int jsonrpc_transport_role(const struct jsonrpc_transport *transport) {
    return transport->role;
}

struct jsonrpc_session *jsonrpc_transport_session(const struct jsonrpc_transport *transport) {
    return transport->session;
}

void *jsonrpc_transport_ctx(const struct jsonrpc_transport *transport) {
    return transport->link.ctx;
}

size_t jsonrpc_transport_in_flight(const struct jsonrpc_transport *transport) {
    return transport->n_in_flight;
}
