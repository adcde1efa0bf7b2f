/* Its parts, and their life. */
#include "gateway-ws/rpc/rpc.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "gateway-ws/rpc/rpc_private.h"

static void on_due(void *ctx, int64_t due_us) {
    struct rpc *rpc = ctx;
    (void)due_us;
    rpc->options.wake(rpc->options.ctx);
}

/* All methods of this gateway in one table. */
static struct jsonrpc_method *join_methods(size_t *n_methods) {
    *n_methods = SCORE_RPC_N_METHODS + RPC_N_OWN_METHODS + 2;
    struct jsonrpc_method *methods = calloc(*n_methods, sizeof *methods);
    if (methods != NULL) {
        methods[0] = RPC_CONNECT;
        methods[1] = RPC_RECONNECT;
        memcpy(methods + 2, SCORE_RPC_METHODS, SCORE_RPC_N_METHODS * sizeof *methods);
        memcpy(methods + 2 + SCORE_RPC_N_METHODS, RPC_OWN_METHODS,
               RPC_N_OWN_METHODS * sizeof *methods);
    }
    return methods;
}

static struct jsonrpc_server *create_server(struct rpc *rpc) {
    struct jsonrpc_options options = jsonrpc_options_default();
    rpc->methods = join_methods(&options.n_methods);
    if (rpc->methods == NULL) {
        return NULL;
    }
    options.methods = rpc->methods;
    options.ctx = rpc;
    options.events = (struct jsonrpc_events){
        .on_established = rpc_on_established,
        .on_connecting = rpc_on_connecting,
        .on_connect = rpc_on_connect,
        .on_connected = rpc_on_connected,
        .on_lost = rpc_pointer_on_lost,
        .on_closed = rpc_on_closed,
        .on_due = on_due,
    };
    options.store = rpc->options.store;
    options.title = "leggio-ws";
    options.role_names = SCORE_RPC_ROLE_NAMES;
    options.reconnection_us = rpc->options.session_timeout_us;
    options.max_sessions = rpc->options.max_sessions;
    return jsonrpc_server_create(&options);
}

struct rpc *rpc_create(const struct rpc_options *options) {
    struct rpc *rpc = calloc(1, sizeof *rpc);
    uint8_t random[4];
    if (rpc == NULL) {
        return NULL;
    }
    rpc->options = *options;
    rpc->host.upstream = options->upstream;
    rpc->host.ops = &RPC_HOST_OPS;
    waits_init(rpc);
    rpc->server = create_server(rpc);
    rpc->metrics = rpc_metrics_create();
    if (rpc->server == NULL || rpc->metrics == NULL) {
        lg_log(LG_LOG_ERROR, "rpc", "no_server", NULL);
        rpc_destroy(rpc);
        return NULL;
    }
    randombytes_buf(random, sizeof random);
    sodium_bin2hex(rpc->name, sizeof rpc->name, random, sizeof random);
    return rpc;
}

void rpc_destroy(struct rpc *rpc) {
    if (rpc == NULL) {
        return;
    }
    waits_finish(rpc);
    if (rpc->server != NULL) {
        for (struct jsonrpc_session *session = NULL;
             (session = jsonrpc_server_next(rpc->server, session)) != NULL;) {
            subs_remove_all(rpc, session);
            free(jsonrpc_session_data(session));
            jsonrpc_session_set_data(session, NULL);
        }
    }
    jsonrpc_server_destroy(rpc->server);
    rpc_metrics_destroy(rpc->metrics);
    free(rpc->methods);
    free(rpc);
}

int64_t rpc_tick(struct rpc *rpc, int64_t now_us) {
    int64_t waits_us = waits_tick(rpc, now_us);
    int64_t subs_us = subs_tick(rpc, now_us);
    int64_t server_us = jsonrpc_server_tick(rpc->server);
    int64_t due_us = waits_us < subs_us ? waits_us : subs_us;
    return server_us < due_us ? server_us : due_us;
}

struct jsonrpc_server *rpc_server(struct rpc *rpc) {
    return rpc->server;
}

void *rpc_store_ctx(const struct rpc *rpc) {
    return rpc->options.store_ctx;
}
