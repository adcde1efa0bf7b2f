/* The methods of the protocol itself: connect, reconnect, ping, closeSession,
 * close, rpc.discover.
 *
 * source: reference jsonrpc-session-protocol, sections 3 and 16
 */
#include <stdlib.h>
#include <string.h>

#include "common/jsonrpc/private.h"

static const char CLIENT_CLOSED[] = "Client sent close message";

/* -- tables, for rpc.discover and for checks ----------------------------------- */

static const struct jsonrpc_param CONNECT_PARAMS[] = {
    {.name = "sessionId",
     .type = JSONRPC_STRING,
     .min = 1,
     .max = 128,
     .is_optional = true,
     .summary = "a session to go on with"},
    {.name = "registerInfo",
     .type = JSONRPC_OBJECT,
     .is_optional = true,
     .summary = "what the client says of itself, at most 4 KiB of JSON"},
};
static const struct jsonrpc_param CONNECT_RESULTS[] = {
    {.name = "value", .type = JSONRPC_STRING, .choices = "OK|reconnection successful"},
    {.name = "sessionId", .type = JSONRPC_STRING},
};
static const struct jsonrpc_param PING_PARAMS[] = {
    {.name = "interval",
     .type = JSONRPC_INTEGER,
     .is_optional = true,
     .summary = "milliseconds between pings, from now on"},
};
static const struct jsonrpc_param PING_RESULTS[] = {
    {.name = "value", .type = JSONRPC_STRING, .choices = "pong"},
};

const struct jsonrpc_method JSONRPC_SPECIAL_METHODS[] = {
    {.name = "connect",
     .params = CONNECT_PARAMS,
     .n_params = 2,
     .results = CONNECT_RESULTS,
     .n_results = 2,
     .needs_session = true,
     .summary = "begin a session, or take one up"},
    {.name = "reconnect",
     .params = CONNECT_PARAMS,
     .n_params = 2,
     .results = CONNECT_RESULTS,
     .n_results = 2,
     .needs_session = true,
     .summary = "the same; sessionId is required"},
    {.name = "ping",
     .params = PING_PARAMS,
     .n_params = 1,
     .results = PING_RESULTS,
     .n_results = 1,
     .summary = "a sign of life"},
    {.name = "closeSession",
     .has_no_params = true,
     .summary = "end the session and the connection"},
    {.name = "close", .has_no_params = true, .summary = "the same"},
    {.name = "rpc.discover", .has_no_params = true, .summary = "this document"},
};
const size_t JSONRPC_N_SPECIAL_METHODS =
    sizeof JSONRPC_SPECIAL_METHODS / sizeof JSONRPC_SPECIAL_METHODS[0];

/* -- ping ------------------------------------------------------------------------- */

/* 0 for what is no interval. */
static int64_t whole_ms(double ms) {
    if (!(ms > 0)) {
        return 0;
    }
    return ms < 1 ? 1 : ms > 1e9 ? 1000000000 : (int64_t)ms;
}

/* Never refused, whatever params are. */
static void ping(struct jsonrpc_transport *transport, struct jsonrpc_transaction *transaction,
                 const json_t *params) {
    const json_t *interval = json_object_get(params, "interval");
    const json_t *id = json_object_get(params, "sessionId");
    double interval_ms = json_is_number(interval) ? json_number_value(interval) : 0;
    json_t *result = json_pack("{s:s}", "value", "pong");
    if (json_is_string(id) && json_string_length(id) <= 128) {
        json_object_set(result, "sessionId", (json_t *)(uintptr_t)id);
    }
    transport_pinged(transport, whole_ms(interval_ms));
    transaction->has_no_session_id = true;
    (void)jsonrpc_respond(transaction, result);
}

/* -- connect ------------------------------------------------------------------------ */

static void set_register_info(struct jsonrpc_session *session, const json_t *params) {
    json_t *info = json_object_get(params, "registerInfo");
    if (json_is_object(info)) {
        json_decref(session->register_info);
        session->register_info = json_incref(info);
    }
}

static void answer_connect(struct jsonrpc_transaction *transaction, struct jsonrpc_session *session,
                           const json_t *params, bool is_reconnection) {
    struct jsonrpc_server *server = session->server;
    const struct jsonrpc_events *events = &server->options.events;
    char id[JSONRPC_SESSION_ID_BYTES + 1];
    memcpy(id, session->id, sizeof id);
    json_t *result =
        json_pack("{s:s}", "value", is_reconnection ? "reconnection successful" : "OK");
    set_register_info(session, params);
    if (result != NULL && events->on_connect != NULL) {
        events->on_connect(server->options.ctx, session, params, is_reconnection, result);
    }
    (void)jsonrpc_respond(transaction, result);
    session = jsonrpc_server_session(server, id); /* the application may have closed it */
    if (session == NULL) {
        return;
    }
    session_flush(session);
    jsonrpc_session_changed(session);
    if (events->on_connected != NULL) {
        events->on_connected(server->options.ctx, session, is_reconnection);
    }
}

void special_connected(struct jsonrpc_transport *transport, struct jsonrpc_transaction *transaction,
                       struct jsonrpc_session *session, json_t *params) {
    if (session == NULL) {
        (void)jsonrpc_respond_error(transaction, JSONRPC_NO_SESSION,
                                    jsonrpc_code_text(JSONRPC_NO_SESSION), NULL);
        return;
    }
    if (session->transport != transport) {
        repeats_take_up(session, transaction->id, transaction->id_len);
        session->server->counts.taken_up++;
    }
    session_bind(session, transport);
    transaction->to.session = session;
    answer_connect(transaction, session, params, true);
}

static void begin(struct jsonrpc_transport *transport, struct jsonrpc_transaction *transaction,
                  const json_t *params) {
    struct jsonrpc_session *session = transport->session;
    if (session == NULL) {
        session = session_begin(transport);
    }
    if (session == NULL) {
        (void)jsonrpc_respond_error(transaction, JSONRPC_TOO_MANY, "too many sessions", NULL);
        return;
    }
    session->n_messages += session->n_messages < 2;
    transaction->to.session = session;
    answer_connect(transaction, session, params, false);
}

/* The rows of the application, which may have more params, else ours. */
static json_t *check_params(struct jsonrpc_transport *transport, const char *method, json_t *params,
                            json_t **data) {
    const struct jsonrpc_method *row = server_method(transport->server, method);
    bool has_rows = row != NULL && row->params != NULL;
    return jsonrpc_params_check(has_rows ? row->params : CONNECT_PARAMS,
                                has_rows ? row->n_params : 2, params, data);
}

static bool is_small(const json_t *info) {
    char *text = info != NULL ? json_dumps(info, JSON_COMPACT) : NULL;
    bool is_small = info == NULL || (text != NULL && strlen(text) <= LIMIT_RPC_REGISTER_BYTES);
    free(text);
    return is_small;
}

/* Everything that may be wrong with it. true: answered. */
static bool refuse_connect(struct jsonrpc_transport *transport,
                           struct jsonrpc_transaction *transaction, const json_t *params,
                           bool needs_id) {
    const struct jsonrpc_options *options = &transport->server->options;
    const char *why = "refused";
    int code = 0;
    if (needs_id && json_object_get(params, "sessionId") == NULL) {
        (void)jsonrpc_respond_bad_params(transaction, "sessionId", "the id of a session");
        return true;
    }
    if (!is_small(json_object_get(params, "registerInfo"))) {
        (void)jsonrpc_respond_bad_params(transaction, "registerInfo",
                                         "an object of at most 4096 bytes of JSON");
        return true;
    }
    if (options->events.on_connecting != NULL) {
        code = options->events.on_connecting(options->ctx, transport, params, &why);
    }
    if (code != 0) {
        (void)jsonrpc_respond_error(transaction, code, why, NULL);
    }
    return code != 0;
}

static void connect_checked(struct jsonrpc_transport *transport,
                            struct jsonrpc_transaction *transaction, json_t *params) {
    const char *id = json_string_value(json_object_get(params, "sessionId"));
    if (id == NULL) {
        begin(transport, transaction, params);
        return;
    }
    struct jsonrpc_session *session = jsonrpc_server_session(transport->server, id);
    if (session != NULL || !lookup_start(transport, id, transaction, params)) {
        special_connected(transport, transaction, session, params);
    }
}

static void connect_session(struct jsonrpc_transport *transport,
                            struct jsonrpc_transaction *transaction, json_t *params,
                            const char *method) {
    json_t *data = NULL;
    json_t *checked;
    if (json_is_null(json_object_get(params, "sessionId"))) {
        json_object_del(params, "sessionId"); /* counts as absent */
    }
    checked = check_params(transport, method, params, &data);
    if (checked == NULL) {
        (void)jsonrpc_respond_error(transaction, JSONRPC_BAD_PARAMS,
                                    jsonrpc_code_text(JSONRPC_BAD_PARAMS), data);
        return;
    }
    if (!refuse_connect(transport, transaction, checked, strcmp(method, "reconnect") == 0)) {
        connect_checked(transport, transaction, checked);
    }
    json_decref(checked);
}

/* -- close ------------------------------------------------------------------------------ */

static void close_session(struct jsonrpc_transport *transport,
                          struct jsonrpc_transaction *transaction) {
    struct jsonrpc_session *session = transport->session;
    transaction->has_no_session_id = true;
    (void)jsonrpc_respond(transaction, json_string("bye"));
    if (session != NULL) {
        session_end(session, SESSION_CLOSED, CLIENT_CLOSED);
    } else if (!transport->link.is_sessionless) {
        transport_close(transport, JSONRPC_CLOSE_NORMAL, "session closed");
    }
}

/* -- which one ---------------------------------------------------------------------------- */

static const struct jsonrpc_method *find(const char *name) {
    for (size_t i = 0; i < JSONRPC_N_SPECIAL_METHODS; i++) {
        if (strcmp(JSONRPC_SPECIAL_METHODS[i].name, name) == 0) {
            return &JSONRPC_SPECIAL_METHODS[i];
        }
    }
    return NULL;
}

bool special_call(struct jsonrpc_transport *transport, struct jsonrpc_transaction *transaction,
                  const struct jsonrpc_message *message, bool is_alone) {
    const struct jsonrpc_method *row = find(message->method);
    if (row == NULL) {
        return false;
    }
    const char *method = transaction->method = row->name;
    bool is_connect = row->needs_session;
    bool is_close = method[0] == 'c' && !is_connect;
    if (strcmp(method, "ping") == 0) {
        ping(transport, transaction, message->params);
    } else if (strcmp(method, "rpc.discover") == 0) {
        transaction->has_no_session_id = true; /* OpenRPC knows no such member */
        (void)jsonrpc_respond(transaction, jsonrpc_server_discover(transport->server));
    } else if (is_connect && transport->link.is_sessionless) {
        (void)jsonrpc_respond_error(transaction, JSONRPC_UNKNOWN_METHOD,
                                    "sessions need a connection: WebSocket or SockJS", NULL);
    } else if (!is_alone) {
        (void)jsonrpc_respond_error(transaction, JSONRPC_INVALID_REQUEST,
                                    "this method stands alone, not in a batch of several", NULL);
    } else if (is_close) {
        close_session(transport, transaction);
    } else {
        connect_session(transport, transaction, message->params, method);
    }
    return true;
}
