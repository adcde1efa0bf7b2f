/* Pointers of sessions. The renderer knows a pointer by a name: here one that lasts as
 * long as the session, whatever connections and gateways it has. When the session ends,
 * what its pointer was over is left.
 */
#include <stdio.h>
#include <string.h>

#include "gateway-ws/rpc/rpc_private.h"

static const char NAME[] = "pointer"; /* in the attributes of its session */

static const char *name_of(struct jsonrpc_session *session) {
    json_t *attributes = jsonrpc_session_attributes(session);
    const char *name = json_string_value(json_object_get(attributes, NAME));
    return name != NULL && strlen(name) <= LIMIT_CLIENT_ID_BYTES ? name : NULL;
}

void rpc_pointer_name(struct score_rpc_host *host, struct jsonrpc_transaction *transaction,
                      char *text, size_t room) {
    struct jsonrpc_session *session = jsonrpc_transaction_session(transaction);
    const char *name = session != NULL ? name_of(session) : NULL;
    if (name != NULL) {
        snprintf(text, room, "%s", name);
        return;
    }
    host->ops->client_name(host, transaction, text, room);
    if (session != NULL) {
        size_t len = strlen(text);
        snprintf(text + len, room - len, "/%.8s", jsonrpc_session_id(session));
        json_object_set_new(jsonrpc_session_attributes(session), NAME, json_string(text));
        jsonrpc_session_changed(session);
    }
}

/* Upstream's thread. */
static void on_left(void *ctx, const struct call_reply *reply) {
    (void)ctx;
    (void)reply;
}

static void leave(struct rpc *rpc, struct jsonrpc_session *session) {
    const char *name = name_of(session);
    if (name != NULL) {
        const struct call_request nowhere = {
            .kind = CALL_HOVER, .role = "play", .client_id = name, .x = -1, .y = -1};
        (void)upstream_call(rpc->options.upstream, &nowhere, on_left, NULL);
        json_object_del(jsonrpc_session_attributes(session), NAME);
    }
}

void rpc_pointer_on_closed(struct rpc *rpc, struct jsonrpc_session *session, const char *reason) {
    if (reason != JSONRPC_RELEASED) { /* then it goes on elsewhere, and its pointer with it */
        leave(rpc, session);
    }
}

void rpc_pointer_on_lost(void *ctx, struct jsonrpc_session *session) {
    struct rpc *rpc = ctx;
    if (rpc->is_last_life) {
        leave(rpc, session);
    }
}

void rpc_on_drain(struct rpc *rpc) {
    if (rpc->options.store.find != NULL) {
        return;
    }
    rpc->is_last_life = true;
    for (struct jsonrpc_session *session = jsonrpc_server_next(rpc->server, NULL); session != NULL;
         session = jsonrpc_server_next(rpc->server, session)) {
        if (jsonrpc_session_transport(session) == NULL) {
            leave(rpc, session);
        }
    }
}
