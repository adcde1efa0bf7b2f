/* The server: sessions by id, what is due, what a store says. */
#include "common/jsonrpc/jsonrpc.h"

#include <assert.h>
#include <search.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/jsonrpc/private.h"

#define SECONDS INT64_C(1000000)

struct jsonrpc_options jsonrpc_options_default(void) {
    return (struct jsonrpc_options){
        .label = "rpc",
        .title = "JSON-RPC",
        .has_watchdog = true,
        .reconnection_us = 10 * SECONDS,
        .async_us = 300 * SECONDS,
        .request_us = 10 * SECONDS,
        .lookup_us = 2 * SECONDS,
        .max_sessions = LIMIT_RPC_SESSIONS,
        .max_in_flight = LIMIT_RPC_IN_FLIGHT,
        .queue_texts = LIMIT_RPC_KEPT_TEXTS,
        .queue_bytes = LIMIT_RPC_KEPT_BYTES,
        .limits = jsonrpc_limits_default(),
    };
}

struct jsonrpc_server *jsonrpc_server_create(const struct jsonrpc_options *options) {
    struct jsonrpc_server *server = calloc(1, sizeof *server);
    if (server == NULL || sodium_init() < 0) {
        free(server);
        lg_log(LG_LOG_ERROR, "rpc", "no_server", NULL);
        return NULL;
    }
    server->options = *options;
    server->due_us = INT64_MAX;
    /* Clients remember the ids of a server for some seconds: another process
     * starts somewhere else. They stay below 2^31. */
    server->next_request_id = 1 + randombytes_uniform(1U << 30);
    return server;
}

void jsonrpc_server_destroy(struct jsonrpc_server *server) {
    if (server == NULL) {
        return;
    }
    assert(server->transports == NULL);
    server->is_ending = true;
    while (server->sessions != NULL) {
        session_end(server->sessions, SESSION_SERVER_ENDS, "server stops");
    }
    assert(server->deliveries == NULL); /* every async transaction was released */
    free(server);
}

const struct jsonrpc_method *server_method(const struct jsonrpc_server *server, const char *name) {
    const struct jsonrpc_options *options = &server->options;
    for (size_t i = 0; i < options->n_methods; i++) {
        if (strcmp(options->methods[i].name, name) == 0) {
            return &options->methods[i];
        }
    }
    return NULL;
}

void server_due(struct jsonrpc_server *server, int64_t due_us) {
    const struct jsonrpc_events *events = &server->options.events;
    if (due_us < server->due_us) {
        server->due_us = due_us;
        if (events->on_due != NULL) {
            events->on_due(server->options.ctx, due_us);
        }
    }
}

void server_fault(struct jsonrpc_server *server, struct jsonrpc_session *session,
                  const char *method, const char *what) {
    const struct jsonrpc_events *events = &server->options.events;
    lg_log(LG_LOG_WARN, server->options.label, "fault", "method=%s what=%s", method, what);
    if (events->on_fault != NULL) {
        events->on_fault(server->options.ctx, session, method, what);
    }
}

static int64_t min_us(int64_t a, int64_t b) {
    return a < b ? a : b;
}

/* Each walk starts again when something outside was called: it may have ended what
 * comes next. Whatever called is not due any more, so this ends. */
static int64_t tick_sessions(struct jsonrpc_server *server, int64_t now_us) {
    int64_t due_us = INT64_MAX;
    struct jsonrpc_session *session = server->sessions;
    while (session != NULL) {
        struct jsonrpc_session *next = session->next;
        bool was_called = false;
        due_us = min_us(due_us, session_tick(session, now_us, &was_called));
        session = was_called ? server->sessions : next;
    }
    return due_us;
}

static int64_t tick_transports(struct jsonrpc_server *server, int64_t now_us) {
    int64_t due_us = INT64_MAX;
    struct jsonrpc_transport *transport = server->transports;
    while (transport != NULL) {
        struct jsonrpc_transport *next = transport->next;
        bool was_called = false;
        due_us = min_us(due_us, transport_tick(transport, now_us, &was_called));
        transport = was_called ? server->transports : next;
    }
    return due_us;
}

static int64_t tick_deliveries(struct jsonrpc_server *server, int64_t now_us) {
    int64_t due_us = INT64_MAX;
    struct delivery *delivery = server->deliveries;
    while (delivery != NULL) {
        struct delivery *next = delivery->next;
        bool was_called = false;
        if (delivery->transaction != NULL) {
            due_us = min_us(due_us, transaction_tick(delivery->transaction, now_us, &was_called));
        }
        delivery = was_called ? server->deliveries : next;
    }
    return due_us;
}

int64_t jsonrpc_server_tick(struct jsonrpc_server *server) {
    int64_t now_us = lg_clock_us();
    if (now_us < server->due_us) {
        return server->due_us;
    }
    server->due_us = INT64_MAX;
    int64_t due_us = tick_sessions(server, now_us);
    due_us = min_us(due_us, tick_transports(server, now_us));
    due_us = min_us(due_us, tick_deliveries(server, now_us));
    server->due_us = min_us(server->due_us, due_us);
    return server->due_us;
}

/* -- sessions --------------------------------------------------------------------- */

static int compare_ids(const void *a, const void *b) {
    return strcmp(a, b); /* the id is the first member */
}

struct jsonrpc_session *jsonrpc_server_session(struct jsonrpc_server *server, const char *id) {
    struct jsonrpc_session **node = tfind(id, &server->by_id, compare_ids);
    return node != NULL ? *node : NULL;
}

bool server_add_session(struct jsonrpc_server *server, struct jsonrpc_session *session) {
    struct jsonrpc_session **node = tsearch(session, &server->by_id, compare_ids);
    if (node == NULL || *node != session) {
        return false;
    }
    session->next = server->sessions;
    if (session->next != NULL) {
        session->next->prev = session;
    }
    server->sessions = session;
    server->n_sessions++;
    return true;
}

void server_remove_session(struct jsonrpc_server *server, struct jsonrpc_session *session) {
    tdelete(session, &server->by_id, compare_ids);
    if (session->next != NULL) {
        session->next->prev = session->prev;
    }
    if (session->prev != NULL) {
        session->prev->next = session->next;
    } else {
        server->sessions = session->next;
    }
    server->n_sessions--;
}

struct jsonrpc_session *jsonrpc_server_next(struct jsonrpc_server *server,
                                            const struct jsonrpc_session *session) {
    return session == NULL ? server->sessions : session->next;
}

size_t jsonrpc_server_n_sessions(const struct jsonrpc_server *server) {
    return server->n_sessions;
}

const struct jsonrpc_counts *jsonrpc_server_counts(const struct jsonrpc_server *server) {
    return &server->counts;
}

/* -- store --------------------------------------------------------------------------- */

bool jsonrpc_server_found(struct jsonrpc_server *server, uint64_t lookup, const json_t *exported) {
    struct jsonrpc_transport *transport = server->transports;
    while (transport != NULL &&
           (transport->lookup == NULL || transport->lookup->number != lookup)) {
        transport = transport->next;
    }
    if (transport == NULL) {
        return false;
    }
    lookup_end(transport, exported);
    return true;
}

const char JSONRPC_RELEASED[] = "taken up elsewhere";

void jsonrpc_server_release(struct jsonrpc_server *server, const char *session_id) {
    struct jsonrpc_session *session = jsonrpc_server_session(server, session_id);
    if (session != NULL) {
        session_end(session, SESSION_RELEASED, JSONRPC_RELEASED);
    }
}

bool jsonrpc_server_deliver(struct jsonrpc_server *server, const char *session_id, const char *text,
                            size_t size_bytes) {
    struct jsonrpc_session *session = jsonrpc_server_session(server, session_id);
    char *copy = session != NULL ? strndup(text, size_bytes) : NULL;
    if (copy == NULL) {
        return false;
    }
    session_send(session, copy, false);
    return true;
}
