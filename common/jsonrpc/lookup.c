/* A connect whose session another process may know: until the store has
 * answered, messages of that connection wait here. */
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/jsonrpc/private.h"

bool lookup_start(struct jsonrpc_transport *transport, const char *id,
                  struct jsonrpc_transaction *connect, json_t *params) {
    struct jsonrpc_server *server = transport->server;
    const struct jsonrpc_store *store = &server->options.store;
    size_t len = strlen(id);
    struct lookup *lookup = NULL;
    if (store->find == NULL || len > JSONRPC_SESSION_ID_BYTES || transport->lookup != NULL ||
        (lookup = calloc(1, sizeof *lookup + len + 1)) == NULL) {
        return false;
    }
    lookup->number = ++server->next_number;
    lookup->deadline_us = lg_clock_us() + server->options.lookup_us;
    memcpy(lookup->id, id, len);
    lookup->params = json_incref(params);
    kept_init(&lookup->held);
    lookup->connect = connect;
    connect->to.session = NULL; /* it is this connection's, whatever becomes of its session */
    jsonrpc_transaction_start_async(connect);
    transport->lookup = lookup;
    server_due(server, lookup->deadline_us);
    uint64_t number = lookup->number;
    if (store->find(server->options.ctx, id, number) != 0) {
        /* Nobody can be asked. (An answer at once has come and gone here.) */
        if (transport->lookup != NULL && transport->lookup->number == number) {
            lookup_end(transport, NULL);
        }
    }
    return true;
}

bool lookup_hold(struct jsonrpc_transport *transport, const char *text, size_t size_bytes) {
    struct kept *held = &transport->lookup->held;
    return held->n_texts < LIMIT_RPC_HELD_TEXTS &&
           held->size_bytes + size_bytes <= LIMIT_RPC_HELD_BYTES &&
           kept_push(held, text, size_bytes, false);
}

static struct jsonrpc_session *session_of(struct jsonrpc_transport *transport, const char *id,
                                          const json_t *exported) {
    struct jsonrpc_session *session = jsonrpc_server_session(transport->server, id);
    if (session == NULL && exported != NULL) {
        session = session_import(transport->server, id, exported);
    }
    return session;
}

static void destroy(struct lookup *lookup) {
    kept_finish(&lookup->held);
    json_decref(lookup->params);
    jsonrpc_transaction_release(lookup->connect);
    free(lookup);
}

void lookup_end(struct jsonrpc_transport *transport, const json_t *exported) {
    struct lookup *lookup = transport->lookup;
    struct kept_text *held;
    transport->lookup = NULL;
    special_connected(transport, lookup->connect, session_of(transport, lookup->id, exported),
                      lookup->params);
    while ((held = kept_take(&lookup->held)) != NULL) {
        jsonrpc_transport_receive(transport, held->text, held->size_bytes);
        free(held);
    }
    destroy(lookup);
}

void lookup_cancel(struct jsonrpc_transport *transport) {
    struct lookup *lookup = transport->lookup;
    if (lookup != NULL) {
        transport->lookup = NULL;
        destroy(lookup);
    }
}

int64_t lookup_tick(struct jsonrpc_transport *transport, int64_t now_us, bool *was_called) {
    if (transport->lookup == NULL) {
        return INT64_MAX;
    }
    if (now_us < transport->lookup->deadline_us) {
        return transport->lookup->deadline_us;
    }
    *was_called = true;
    lookup_end(transport, NULL);
    return INT64_MAX;
}
