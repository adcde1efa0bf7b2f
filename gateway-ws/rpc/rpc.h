/* JSON-RPC in this gateway: sessions, methods, subscriptions (docs/jsonrpc.md). The
 * library common/jsonrpc does the protocol, common/score_rpc the methods that both
 * gateways have; what needs a connection is here. Loop thread only.
 */
#ifndef LEGGIO_GATEWAY_WS_RPC_RPC_H
#define LEGGIO_GATEWAY_WS_RPC_RPC_H

#include <stddef.h>
#include <stdint.h>

#include "common/access/auth.h"
#include "common/jsonrpc/jsonrpc.h"
#include "gateway-ws/view.h"

struct mailbox;
struct rpc;
struct upstream;

struct call_request;

struct rpc_options {
    struct upstream *upstream;
    struct mailbox *mailbox;
    struct views *views;
    const struct auth_policy *policy;
    int64_t notify_period_us;   /* least time between two notices of a subscription */
    int64_t session_timeout_us; /* a session without a connection */
    size_t max_sessions;
    struct jsonrpc_store store; /* all NULL = none; ctx is the rpc */
    void *store_ctx;            /* rpc_store_ctx */
    /* Append what other gateways say of their clients; NULL = there are none. */
    void (*add_presence)(void *store_ctx, json_t *clients);
    /* A view with a reference (views_leave), its frame asked for; NULL: too many. */
    struct view *(*enter_view)(void *ctx, const char *scene);
    /* rpc_tick is due now. */
    void (*wake)(void *ctx);
    /* A call to the renderer is made for a message that is being handled: it counts. */
    void (*on_call)(void *ctx, const struct call_request *request);
    void *ctx;
};

struct rpc *rpc_create(const struct rpc_options *options); /* NULL after logging */
/* Every connection has gone and every call has been dropped. NULL is fine. */
void rpc_destroy(struct rpc *rpc);

/* The process is going to end. Where there is no store, nobody will take its sessions up:
 * what their pointers are over is left as they lose their connections. */
void rpc_on_drain(struct rpc *rpc);

/* What time and new frames bring. Returns when to call again. */
int64_t rpc_tick(struct rpc *rpc, int64_t now_us);
/* Once a second: bring the metrics up to date. */
void rpc_metrics_publish(struct rpc *rpc);

struct jsonrpc_server *rpc_server(struct rpc *rpc);
void *rpc_store_ctx(const struct rpc *rpc);
/* The clients of this gateway, as `presence` tells them; a new reference. */
json_t *rpc_presence(struct rpc *rpc);

#endif
