/* Events of zmq_socket_monitor to lines of the log. */
#include "common/broker/curve/link_watch.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zmq.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/metrics.h"

#define TELL_AGAIN_US 30000000

struct link_watch {
    const char *name;
    void *events; /* PAIR */
    bool has_keys;
    const char *told; /* static text; NULL = nothing is wrong */
    int64_t told_us;
    struct metric *refused;
};

struct link_watch *link_watch_create(void *zmq_context, void *socket, const char *name,
                                     bool has_keys) {
    char place[64];
    struct link_watch *watch = calloc(1, sizeof *watch);
    if (watch == NULL) {
        return NULL;
    }
    snprintf(place, sizeof place, "inproc://watch-%s-%p", name, (void *)watch);
    watch->name = name;
    watch->has_keys = has_keys;
    watch->refused = metric_counter("leggio_upstream_link_refused_total", "",
                                    "connections to the renderer that failed in the handshake");
    int wanted = ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
                 ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH;
    watch->events = zmq_socket(zmq_context, ZMQ_PAIR);
    if (watch->events == NULL || zmq_socket_monitor(socket, place, wanted) != 0 ||
        zmq_connect(watch->events, place) != 0) {
        link_watch_destroy(watch, socket);
        return NULL;
    }
    return watch;
}

void link_watch_destroy(struct link_watch *watch, void *socket) {
    if (watch == NULL) {
        return;
    }
    zmq_socket_monitor(socket, NULL, 0);
    if (watch->events != NULL) {
        int linger = 0;
        zmq_setsockopt(watch->events, ZMQ_LINGER, &linger, sizeof linger);
        zmq_close(watch->events);
    }
    free(watch);
}

/* Which side finds out first is chance, so only what is sure is told apart. */
static const char *reason_of(const struct link_watch *watch, uint16_t event) {
    if (event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED) {
        return NULL;
    }
    if (!watch->has_keys) {
        return "it wants keys and we have none, or it is no Leggio (--curve-keys)";
    }
    return event == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH
               ? "our key is not among the clients/ of the renderer (--curve-keys)"
               : "the keys do not fit: it has none, or our server.key is another renderer's "
                 "(--curve-keys)";
}

static void tell(struct link_watch *watch, const char *why) {
    int64_t now_us = lg_clock_us();
    metric_add(watch->refused, why != NULL);
    if (why == watch->told && (why == NULL || now_us - watch->told_us < TELL_AGAIN_US)) {
        return;
    }
    if (why != NULL) {
        lg_log(LG_LOG_ERROR, "upstream", "link_refused", "link=%s why=%s", watch->name, why);
    } else {
        lg_log(LG_LOG_INFO, "upstream", "link_up", "link=%s", watch->name);
    }
    watch->told = why;
    watch->told_us = now_us;
}

void link_watch_drain(struct link_watch *watch) {
    uint8_t event[64], address[8];
    while (watch != NULL) {
        int size = zmq_recv(watch->events, event, sizeof event, ZMQ_DONTWAIT);
        if (size < 6) {
            return;
        }
        uint16_t what;
        memcpy(&what, event, sizeof what); /* a number and a value that is not needed */
        zmq_recv(watch->events, address, sizeof address, 0); /* cut: not needed */
        tell(watch, reason_of(watch, what));
    }
}
