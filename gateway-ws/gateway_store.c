/* The session store between the JSON-RPC library and Redis, where there is one. */
#include <stdio.h>

#include "common/log.h"
#include "common/metrics.h"
#include "gateway-ws/gateway_private.h"
#include "gateway-ws/rpc/rpc.h"
#include "gateway-ws/store/session_store.h"
#include "gateway-ws/store/store_options.h"

/* -- from the library: ctx is the rpc ----------------------------------------- */

static struct session_store *store_of(void *rpc) {
    return rpc_store_ctx(rpc);
}

static void on_changed(void *ctx, struct jsonrpc_session *session) {
    session_store_on_changed(store_of(ctx), session);
}

static void on_removed(void *ctx, const char *session_id) {
    session_store_on_removed(store_of(ctx), session_id);
}

static int find(void *ctx, const char *session_id, uint64_t lookup) {
    return session_store_find(store_of(ctx), session_id, lookup);
}

static void on_orphan(void *ctx, const char *session_id, const char *text, size_t size_bytes) {
    (void)size_bytes;
    session_store_on_orphan(store_of(ctx), session_id, text);
}

const struct jsonrpc_store gateway_store_hooks = {
    .on_changed = on_changed,
    .on_removed = on_removed,
    .find = find,
    .on_orphan = on_orphan,
};

void gateway_store_add_presence(void *store, json_t *clients) {
    session_store_add_presence(store, clients);
}

static void set_counter(const char *name, const char *labels, const char *help, uint64_t now) {
    struct metric *metric = metric_counter(name, labels, help);
    metric_add(metric, (int64_t)now - metric_value(metric));
}

void gateway_store_publish(const struct gateway *gateway) {
    if (gateway->store == NULL) {
        return;
    }
    const struct session_store_counts *counts = session_store_counts(gateway->store);
    static const char EVENTS[] = "leggio_ws_store_sessions_total",
                      WHAT[] = "sessions by what happened";
    metric_set(metric_gauge("leggio_ws_store_up", "", "is the session store there?"),
               session_store_is_up(gateway->store));
    set_counter("leggio_ws_store_outages_total", "", "times the session store went away",
                counts->outages);
    set_counter("leggio_ws_store_saves_total", "", "sessions written", counts->saves);
    set_counter(EVENTS, "what=\"taken_up\"", WHAT, counts->taken_up);
    set_counter(EVENTS, "what=\"released\"", WHAT, counts->released);
    set_counter(EVENTS, "what=\"fenced\"", WHAT, counts->fenced);
}

/* -- from the store -------------------------------------------------------------- */

static json_t *presence(void *ctx) {
    struct gateway *gateway = ctx;
    return rpc_presence(gateway->rpc);
}

static void want_tick(void *ctx) {
    struct gateway *gateway = ctx;
    ws_server_set_timer(gateway->server, 0);
}

static void wake(void *ctx) {
    struct gateway *gateway = ctx;
    ws_server_wake(gateway->server);
}

bool gateway_store_create(struct gateway *gateway) {
    const struct options *options = gateway->options;
    const char *url = options_string(options, "session-store");
    const char *password = options_string(options, "session-store-password");
    char why[200];
    struct session_store_options store = {
        .redis = {.wake = wake, .ctx = gateway},
        .reconnection_us = options_duration_us(options, "session-timeout"),
        .presence = presence,
        .want_tick = want_tick,
        .ctx = gateway,
    };
    if (url == NULL) {
        return true;
    }
    if (!store_options_parse(url, &store.redis, why, sizeof(why))) {
        lg_log(LG_LOG_ERROR, "store", "bad_address", "reason=%s", why); /* --check says so before */
        return false;
    }
    if (password != NULL && !store_options_read_password(password, &store.redis)) {
        return false;
    }
    gateway->store = session_store_create(&store);
    return gateway->store != NULL;
}
