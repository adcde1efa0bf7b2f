/* The gateway: its parts and their life, time, signals. What goes to the renderer and
 * comes from it is in gateway_upstream.c. */
#include "gateway-ws/gateway.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/access/auth_tokens.h"
#include "common/admin.h"
#include "common/clock.h"
#include "common/err.h"
#include "common/gateways/shared_options.h"
#include "common/log.h"
#include "gateway-ws/fanout.h"
#include "gateway-ws/gateway_private.h"
#include "gateway-ws/rpc/rpc.h"
#include "gateway-ws/senders.h"
#include "gateway-ws/sockjs/sockjs.h"
#include "gateway-ws/store/session_store.h"

enum {
    SWEEP_US = 1000 * 1000,
    REFILL_US = 20 * 1000,
    DRAIN_STEP_US = 50 * 1000,
    DRAIN_GRACE_US = 6 * 1000 * 1000, /* for clients that do not answer the close */
};

static int64_t min_us(int64_t a, int64_t b) {
    return a < b ? a : b;
}

/* -- time ----------------------------------------------------------------------------- */

static void release_held(struct gateway *gateway, struct view *view, int64_t now_us) {
    struct view_held held;
    while (view_release(view, now_us, &held)) {
        struct ws_connection *connection = gateway_connection(gateway, held.id);
        if (connection != NULL && ws_connection_fanout(connection) != NULL) {
            ws_connection_on_shown(connection, held.cookie);
        } else {
            held.drop(held.cookie);
        }
    }
}

static void sweep(struct gateway *gateway, int64_t now_us) {
    for (uint32_t i = 0; i < gateway->n_slots; i++) {
        if (gateway->slots[i].connection != NULL) {
            ws_connection_sweep(gateway->slots[i].connection, now_us);
        }
    }
    gateway_metrics_publish(gateway->metrics, gateway);
    rpc_metrics_publish(gateway->rpc);
    gateway->sweep_us = now_us + SWEEP_US;
}

static void refill(struct gateway *gateway, int64_t now_us) {
    for (uint32_t i = 0; i < gateway->n_slots && gateway->host.n_throttled > 0; i++) {
        if (gateway->slots[i].connection != NULL) {
            ws_connection_refill(gateway->slots[i].connection, now_us);
        }
    }
}

static void drain(struct gateway *gateway, int64_t now_us) {
    gateway_drain_step(gateway);
    /* Who comes to another gateway now finds there what it left here. */
    bool is_told = gateway->n_open == 0 && ws_server_n_requests(gateway->server) == 0 &&
                   (gateway->store == NULL || session_store_is_saved(gateway->store));
    if (is_told || now_us > gateway->drain_end_us + DRAIN_GRACE_US) {
        ws_server_stop(gateway->server);
    }
}

/* Everything that time brings; sets the timer for what comes next. */
void gateway_tick(struct gateway *gateway) {
    int64_t now_us = lg_clock_us();
    int64_t next_us = gateway->sweep_us;
    for (struct channel *channel = gateway->channels; channel != NULL; channel = channel->next) {
        next_us = min_us(next_us, fanout_update(channel->fanout, now_us));
    }
    for (struct view *view = views_first(gateway->views); view != NULL; view = view_next(view)) {
        release_held(gateway, view, now_us);
        next_us = min_us(next_us, view_deadline_us(view));
    }
    if (now_us >= gateway->sweep_us) {
        sweep(gateway, now_us);
        next_us = min_us(next_us, gateway->sweep_us);
    }
    if (gateway->host.n_throttled > 0) {
        refill(gateway, now_us);
        next_us = min_us(next_us, now_us + REFILL_US);
    }
    next_us = min_us(next_us, rpc_tick(gateway->rpc, now_us));
    next_us = min_us(next_us, sockjs_tick(gateway->sockjs, now_us));
    if (gateway->store != NULL) {
        next_us = min_us(next_us, session_store_tick(gateway->store, now_us));
    }
    next_us = min_us(next_us, ports_tick(gateway->ports, now_us));
    if (gateway->is_draining) {
        drain(gateway, now_us);
        next_us = min_us(next_us, now_us + DRAIN_STEP_US);
    }
    ws_server_set_timer(gateway->server, next_us - lg_clock_us());
}

void gateway_on_timer(void *ctx) {
    gateway_tick(ctx);
}

/* -- ports ------------------------------------------------------------------------------- */

static void on_reported(void *ctx, const struct call_reply *reply) {
    (void)ctx;
    (void)reply; /* said again every few seconds */
}

static bool report_port(void *ctx, const char *address, int how, size_t n_clients,
                        const char *note) {
    struct gateway *gateway = ctx;
    struct call_request request = {
        .kind = CALL_SERVERS,
        .text = address,
        .text_size_bytes = strlen(address),
        .note = note[0] != '\0' ? note : NULL,
        .role = "conduct",
        .x = how,
        .y = (int32_t)n_clients,
    };
    return upstream_call(gateway->upstream, &request, on_reported, NULL) == 0;
}

/* -- signals ------------------------------------------------------------------------------ */

static void start_draining(struct gateway *gateway) {
    int64_t steps = gateway->drain_time_us / DRAIN_STEP_US;
    gateway->is_draining = true;
    gateway->drain_end_us = lg_clock_us() + gateway->drain_time_us;
    gateway->drain_share =
        steps > 0 ? (uint32_t)((gateway->n_open + steps - 1) / steps) : UINT32_MAX;
    lg_log(LG_LOG_INFO, "ws", "draining", "clients=%u", (unsigned)gateway->n_open);
    ports_stop(gateway->ports);
    rpc_on_drain(gateway->rpc);
    gateway_tick(gateway);
}

void gateway_on_signal(void *ctx, int signal_number) {
    struct gateway *gateway = ctx;
    if (signal_number == SIGHUP) {
        options_reload_log(gateway->options);
        ws_server_reload_tls(gateway->server, options_string(gateway->options, "tls-cert"),
                             options_string(gateway->options, "tls-key"));
        if (auth_tokens_reload(gateway->policy.tokens) == LG_OK) {
            gateway_recheck_grants(gateway);
        }
    } else if (gateway->is_draining) {
        ws_server_stop(gateway->server);
    } else {
        start_draining(gateway);
    }
}

/* -- life --------------------------------------------------------------------------------- */

static bool is_ready(void *ctx, char *why, size_t size_bytes) {
    const struct gateway *gateway = ctx;
    struct upstream_state state;
    if (atomic_load(&gateway->is_draining)) {
        snprintf(why, size_bytes, "draining");
        return false;
    }
    /* A renderer that went later is no reason: what it drew last goes on, and to
     * send clients elsewhere would not help. */
    upstream_state(gateway->upstream, &state);
    if (state.epoch == 0) {
        snprintf(why, size_bytes, "no contact with the renderer yet");
        return false;
    }
    if (gateway->store != NULL && !session_store_is_up(gateway->store)) {
        snprintf(why, size_bytes, "session store away: sessions live in this process only");
    }
    return true;
}

static void read_options(struct gateway *gateway, struct options *options) {
    gateway->options = options;
    gateway->limits = (struct ws_limits){
        .message_bytes = options_size_bytes(options, "max-message"),
        .small_message_bytes = options_size_bytes(options, "max-small-message"),
        .receiving_bytes = options_size_bytes(options, "max-receiving"),
        .sending_bytes = options_size_bytes(options, "max-sending"),
        .requests_per_s = (unsigned)options_int(options, "max-requests"),
        .message_us = options_duration_us(options, "message-time"),
        .stall_us = options_duration_us(options, "stall-time"),
        .idle_us = options_duration_us(options, "idle-time"),
        .sockjs_heartbeat_us = options_duration_us(options, "sockjs-heartbeat"),
    };
    gateway->max_per_address = (uint32_t)options_int(options, "max-per-address");
    gateway->drain_time_us = options_duration_us(options, "drain-time");
    peer_nets_load(options, &gateway->proxies);
    gateway->first_free = NO_SLOT;
    gateway->host = (struct ws_host){
        .limits = &gateway->limits,
        .gateway = gateway,
        .call = gateway_host_call,
        .hold = gateway_host_hold,
        .expects_picture = gateway_host_expects_picture,
        .version = gateway_host_version,
    };
}

static struct view *enter_view(void *ctx, const char *scene) {
    struct gateway *gateway = ctx;
    struct view *view =
        views_enter(gateway->views, scene, upstream_has_scene(gateway->upstream, scene));
    if (view != NULL && view_frame(view) == NULL) {
        gateway_find_scene(gateway, view);
    }
    return view;
}

static void wake_rpc(void *ctx) {
    struct gateway *gateway = ctx;
    ws_server_set_timer(gateway->server, 0);
}

/* A message may hold several calls; they are made while it is handled. */
static void count_rpc_call(void *ctx, const struct call_request *request) {
    struct gateway *gateway = ctx;
    if (gateway->host.current != NULL) {
        ws_connection_count_call(gateway->host.current, request);
    }
}

static int create_rpc(struct gateway *gateway) {
    if (!gateway_store_create(gateway)) {
        return -1;
    }
    struct rpc_options rpc = {
        .upstream = gateway->upstream,
        .mailbox = gateway->mailbox,
        .views = gateway->views,
        .policy = &gateway->policy,
        .notify_period_us = options_duration_us(gateway->options, "notify-period"),
        .session_timeout_us = options_duration_us(gateway->options, "session-timeout"),
        .max_sessions = (size_t)options_int(gateway->options, "max-sessions"),
        .enter_view = enter_view,
        .wake = wake_rpc,
        .on_call = count_rpc_call,
        .ctx = gateway,
    };
    if (gateway->store != NULL) {
        rpc.store = gateway_store_hooks;
        rpc.store_ctx = gateway->store;
        rpc.add_presence = gateway_store_add_presence;
    }
    gateway->rpc = gateway->host.rpc = rpc_create(&rpc);
    if (gateway->rpc == NULL) {
        return -1;
    }
    if (gateway->store != NULL) {
        session_store_attach(gateway->store, rpc_server(gateway->rpc));
    }
    return 0;
}

static bool create_rates(struct gateway *gateway) {
    gateway->accepts = shared_options_rate(gateway->options, "max-accepts");
    gateway->host.requests = shared_options_rate(gateway->options, "max-address-requests");
    gateway->host.changes = shared_options_rate(gateway->options, "max-changes");
    return gateway->accepts != NULL && gateway->host.requests != NULL &&
           gateway->host.changes != NULL;
}

static int create_parts(struct gateway *gateway) {
    struct ws_server_options server = {
        .events = &gateway_client_events,
        .ctx = gateway,
        .max_connections = gateway->max_connections,
        .handshake_s =
            (unsigned)(options_duration_us(gateway->options, "handshake-time") / 1000000),
        .http = {.bodies_bytes = gateway->limits.receiving_bytes,
                 .body_us = gateway->limits.message_us,
                 .stall_s = (unsigned)((gateway->limits.stall_us + 999999) / 1000000)},
        .tls_cert = options_string(gateway->options, "tls-cert"),
        .tls_key = options_string(gateway->options, "tls-key"),
    };
    struct ports_options ports = {
        .default_period_us = options_duration_us(gateway->options, "notify-period"),
        .score_host = options_string(gateway->options, "score-host"),
        .report = report_port,
        .on_closed = gateway_on_port_closed,
        .ctx = gateway,
    };
    struct upstream_options upstream = {
        .feed = options_string(gateway->options, "feed"),
        .calls = options_string(gateway->options, "calls"),
        .curve_dir = options_string(gateway->options, "curve-keys"),
        .kind = "ws",
        .keeps_tiles = true,
        .on_event = gateway_on_upstream_event,
        .ctx = gateway,
    };
    if ((gateway->server = ws_server_create(&server)) == NULL ||
        (gateway->mailbox = mailbox_create(gateway_wake, gateway)) == NULL ||
        (gateway->views = views_create()) == NULL || (gateway->peers = peers_create()) == NULL ||
        !create_rates(gateway) || (gateway->metrics = gateway_metrics_create()) == NULL ||
        (gateway->sockjs = gateway_sockjs_create(gateway)) == NULL ||
        (gateway->senders = senders_create(true)) == NULL) {
        return -1;
    }
    ports.server = gateway->server;
    if ((gateway->ports = ports_create(&ports)) == NULL ||
        (gateway->upstream = upstream_create(&upstream)) == NULL || create_rpc(gateway) != 0) {
        return -1;
    }
    return 0;
}

static int listen_everywhere(struct gateway *gateway) {
    struct options_hostport at;
    for (size_t i = 0; options_hostport(gateway->options, "listen", i, &at); i++) {
        int err = ports_listen(gateway->ports, at.host, at.port);
        if (err != 0) {
            lg_log(LG_LOG_ERROR, "ws", "cannot_listen", "host=%s port=%u reason=%s", at.host,
                   (unsigned)at.port, strerror(-err));
            return -1;
        }
    }
    return admin_open(gateway->options, is_ready, gateway, &gateway->admin) ? 0 : -1;
}

struct gateway *gateway_create(struct options *options, uint32_t max_connections) {
    struct gateway *gateway = calloc(1, sizeof(*gateway));
    if (gateway == NULL) {
        return NULL;
    }
    read_options(gateway, options);
    gateway->max_connections = max_connections;
    if (!shared_options_policy(options, &gateway->policy) || create_parts(gateway) != 0 ||
        listen_everywhere(gateway) != 0) {
        gateway_destroy(gateway);
        return NULL;
    }
    struct frame *frame = upstream_frame(gateway->upstream, "scene"); /* subscribe at once */
    frame_unref(frame);
    gateway_tick(gateway);
    return gateway;
}

void gateway_run(struct gateway *gateway) {
    ws_server_run(gateway->server);
}

void gateway_destroy(struct gateway *gateway) {
    if (gateway == NULL) {
        return;
    }
    admin_destroy(gateway->admin);
    upstream_destroy(gateway->upstream);
    ws_server_close(gateway->server);
    sockjs_destroy(gateway->sockjs);
    ports_destroy(gateway->ports);
    session_store_destroy(gateway->store); /* hands over what the closing left */
    ws_server_destroy(gateway->server);
    mailbox_destroy(gateway->mailbox);
    rpc_destroy(gateway->rpc);
    views_destroy(gateway->views);
    peers_destroy(gateway->peers);
    rate_limit_destroy(gateway->accepts);
    rate_limit_destroy(gateway->host.requests);
    rate_limit_destroy(gateway->host.changes);
    auth_tokens_destroy(gateway->policy.tokens);
    gateway_metrics_destroy(gateway->metrics);
    senders_destroy(gateway->senders);
    free(gateway->slots);
    free(gateway);
}
