/* Opening and closing the four sockets of a relay. */
#include "relay/relay_sockets.h"

#include <errno.h>
#include <string.h>

#include <zmq.h>

#include "common/broker/broker_socket.h"
#include "common/broker/curve/curve_keys.h"
#include "common/broker/curve/curve_zap.h"
#include "common/broker/curve/link_watch.h"
#include "common/err.h"
#include "common/log.h"
#include "proto/limits.h"

#define LINGER_MS         500 /* answers on their way out when it stops */
#define CALL_HEADER_BYTES (64 * 1024)

static bool connect_to(void *socket, const char *endpoint) {
    if (zmq_connect(socket, endpoint) != 0) {
        lg_log(LG_LOG_ERROR, "relay", "connect_failed", "endpoint=%s why=%s", endpoint,
               zmq_strerror(errno));
        return false;
    }
    return true;
}

static bool bind_to(void *socket, const char *endpoint, char bound[RELAY_ENDPOINT_ROOM]) {
    size_t size = RELAY_ENDPOINT_ROOM;
    if (zmq_bind(socket, endpoint) != 0 ||
        zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, bound, &size) != 0) {
        lg_log(LG_LOG_ERROR, "relay", "not_bound", "endpoint=%s why=%s", endpoint,
               zmq_strerror(errno));
        return false;
    }
    return true;
}

/* Keys upwards and downwards, and who is let in. */
static bool use_keys(struct relay_sockets *sockets, const char *dir) {
    struct curve_client_keys up;
    struct curve_server_keys down;
    char why[CURVE_PATH_ROOM];
    sockets->feed_watch = link_watch_create(sockets->zmq, sockets->up_feed, "feed", dir != NULL);
    sockets->calls_watch = link_watch_create(sockets->zmq, sockets->up_calls, "calls", dir != NULL);
    if (dir == NULL) {
        return true;
    }
    if (curve_client_keys_load(dir, &up, why, sizeof why) != LG_OK ||
        curve_server_keys_load(dir, &down, why, sizeof why) != LG_OK) {
        lg_log(LG_LOG_ERROR, "curve", "no_keys", "why=%s", why);
        return false;
    }
    sockets->zap = curve_zap_create(sockets->zmq, dir);
    return sockets->zap != NULL && curve_client_keys_apply(&up, sockets->up_feed) == LG_OK &&
           curve_client_keys_apply(&up, sockets->up_calls) == LG_OK &&
           curve_server_keys_apply(&down, sockets->down_feed) == LG_OK &&
           curve_server_keys_apply(&down, sockets->down_calls) == LG_OK;
}

bool relay_sockets_open(struct relay_sockets *sockets, const struct relay_endpoints *endpoints) {
    const struct broker_socket_options feed = {ZMQ_XSUB, LIMIT_FEED_HWM, LINGER_MS,
                                               LIMIT_MESSAGE_BYTES};
    /* What comes from below on the feed are subscriptions. Not verbose: who comes late asks for
     * a snapshot, so the renderer need not hear of a subscription that it has. */
    const struct broker_socket_options feed_on = {ZMQ_XPUB, LIMIT_FEED_HWM, LINGER_MS,
                                                  4 * LIMIT_TOPIC_BYTES};
    const struct broker_socket_options calls = {ZMQ_DEALER, LIMIT_CALLS_HWM, LINGER_MS,
                                                LIMIT_MESSAGE_BYTES};
    const struct broker_socket_options calls_on = {ZMQ_ROUTER, LIMIT_CALLS_HWM, LINGER_MS,
                                                   LIMIT_TEXT_BYTES + CALL_HEADER_BYTES};
    memset(sockets, 0, sizeof *sockets);
    sockets->zmq = zmq_ctx_new();
    return sockets->zmq != NULL &&
           (sockets->up_feed = broker_socket_create(sockets->zmq, &feed)) != NULL &&
           (sockets->down_feed = broker_socket_create(sockets->zmq, &feed_on)) != NULL &&
           (sockets->up_calls = broker_socket_create(sockets->zmq, &calls)) != NULL &&
           (sockets->down_calls = broker_socket_create(sockets->zmq, &calls_on)) != NULL &&
           use_keys(sockets, endpoints->curve_dir) &&
           connect_to(sockets->up_feed, endpoints->feed) &&
           connect_to(sockets->up_calls, endpoints->calls) &&
           bind_to(sockets->down_feed, endpoints->bind_feed, sockets->bound_feed) &&
           bind_to(sockets->down_calls, endpoints->bind_calls, sockets->bound_calls);
}

void relay_sockets_watch(struct relay_sockets *sockets) {
    link_watch_drain(sockets->feed_watch);
    link_watch_drain(sockets->calls_watch);
}

void relay_sockets_reconnect(struct relay_sockets *sockets,
                             const struct relay_endpoints *endpoints) {
    zmq_disconnect(sockets->up_feed, endpoints->feed);
    connect_to(sockets->up_feed, endpoints->feed);
    relay_sockets_reconnect_calls(sockets, endpoints);
}

void relay_sockets_reconnect_calls(struct relay_sockets *sockets,
                                   const struct relay_endpoints *endpoints) {
    zmq_disconnect(sockets->up_calls, endpoints->calls);
    connect_to(sockets->up_calls, endpoints->calls);
}

void relay_sockets_finish(struct relay_sockets *sockets) {
    link_watch_destroy(sockets->feed_watch, sockets->up_feed);
    link_watch_destroy(sockets->calls_watch, sockets->up_calls);
    void *all[] = {sockets->down_feed, sockets->up_feed, sockets->down_calls, sockets->up_calls};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (all[i] != NULL) {
            zmq_close(all[i]);
        }
    }
    curve_zap_destroy(sockets->zap);
    if (sockets->zmq != NULL) {
        zmq_ctx_term(sockets->zmq);
    }
    memset(sockets, 0, sizeof *sockets);
}
