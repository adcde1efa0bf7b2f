/* The inside of the gateway, for the gateway*.c files. */
#ifndef LEGGIO_GATEWAY_WS_GATEWAY_PRIVATE_H
#define LEGGIO_GATEWAY_WS_GATEWAY_PRIVATE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/access/auth.h"
#include "common/jsonrpc/jsonrpc.h"
#include "common/access/peer_key.h"
#include "common/access/peers.h"
#include "common/access/rate_limit.h"
#include "gateway-ws/gateway.h"
#include "gateway-ws/link/ws_server.h"
#include "gateway-ws/mailbox.h"
#include "gateway-ws/ports.h"
#include "gateway-ws/view.h"
#include "gateway-ws/ws_connection.h"

struct admin;
struct gateway_metrics;
struct rpc;
struct senders;
struct session_store;
struct sockjs;

/* Clients of one scene that came by one port. */
struct channel {
    struct channel *next;
    struct ws_port *port;
    struct fanout *fanout;
};

struct slot {
    struct ws_connection *connection; /* NULL: free */
    uint32_t life;                    /* how often it was taken */
    uint32_t next_free;
};

struct gateway {
    struct options *options;
    struct auth_policy policy;
    struct ws_limits limits;
    struct ws_host host;
    struct ws_server *server;
    struct upstream *upstream;
    struct mailbox *mailbox;
    struct views *views;
    struct ports *ports;
    struct peers *peers;
    struct peer_nets proxies;
    struct rate_limit *accepts;
    struct senders *senders;
    struct rpc *rpc;
    struct session_store *store; /* NULL: sessions in memory only */
    struct sockjs *sockjs;
    struct admin *admin;
    struct gateway_metrics *metrics;
    struct channel *channels;
    struct slot *slots;
    uint32_t n_slots, first_free, max_connections, max_per_address;
    uint32_t n_connections, n_open;
    int64_t sweep_us;
    atomic_bool is_draining; /* written by the loop thread, read by the admin's */
    int64_t drain_end_us, drain_time_us;
    uint32_t drain_share; /* clients to close per step */
};

#define NO_SLOT UINT32_MAX

/* gateway_clients.c: connections coming and going. */
extern const struct ws_server_events gateway_client_events;
struct ws_connection *gateway_connection(struct gateway *gateway, struct connection_id id);
void gateway_on_port_closed(void *ctx, struct ws_port *port);
void gateway_drain_step(struct gateway *gateway);
/* The tokens were read again: close whose token is gone or may less now. */
void gateway_recheck_grants(struct gateway *gateway);

/* A client's address, headers and port, judged. */
void gateway_judge(struct gateway *gateway, const struct ws_connection *connection,
                   const struct ws_upgrade *upgrade, struct auth_grant *grant);
/* Rule 8.1 for /rpc and /sockjs; a refusal is told in the log. */
bool gateway_may_page_enter(struct gateway *gateway, const struct ws_connection *connection,
                            const struct ws_upgrade *upgrade);

/* gateway_sockjs.c */
struct sockjs *gateway_sockjs_create(struct gateway *gateway);
struct ws_http **gateway_http_place(void *connection);
size_t gateway_on_head(void *connection, const struct ws_request *request);
void gateway_on_request(void *connection, struct ws_http *http);
void gateway_on_http_writable(struct ws_http *http);
void gateway_on_http_gone(struct ws_http *http);

/* gateway_store.c */
extern const struct jsonrpc_store gateway_store_hooks; /* where there is a store */
/* Where one is asked for. false after logging. */
bool gateway_store_create(struct gateway *gateway);
/* Metrics, where there is one. */
void gateway_store_publish(const struct gateway *gateway);
void gateway_store_add_presence(void *store, json_t *clients);

/* gateway.c */
/* Everything that time brings; sets the timer for what comes next. */
void gateway_tick(struct gateway *gateway);
void gateway_on_timer(void *ctx);
void gateway_on_signal(void *ctx, int signal_number);

/* gateway_upstream.c; the first four are of struct ws_host. */
int gateway_host_call(void *ctx, struct ws_connection *connection,
                      const struct call_request *request, void *cookie, void (*drop)(void *cookie));
void gateway_host_hold(void *ctx, struct ws_connection *connection, const struct view_held *held);
bool gateway_host_expects_picture(void *ctx, const char *scene);
bool gateway_host_version(void *ctx, const char *scene, uint64_t *version);
/* Upstream's thread: something happened, something is in the mailbox. */
void gateway_on_upstream_event(void *ctx, const struct upstream_event *event);
void gateway_wake(void *ctx);
void gateway_on_wake(void *ctx);
/* The newest frame of a scene that somebody looks at now. */
void gateway_fetch_frame(struct gateway *gateway, struct view *view);
/* The same for a scene that nobody looked at before: perhaps it is brand new. */
void gateway_find_scene(struct gateway *gateway, struct view *view);

/* gateway_metrics.c */
struct gateway_metrics *gateway_metrics_create(void);
void gateway_metrics_destroy(struct gateway_metrics *metrics);
void gateway_metrics_publish(struct gateway_metrics *metrics, const struct gateway *gateway);

#endif
