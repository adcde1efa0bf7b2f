/* See route.h. */
#include "renderer/broker/route.h"

#include <string.h>

#include <zmq.h>

/* One more identity; false when there is no room. */
static bool add_hop(struct route *route, size_t *n_bytes, zmq_msg_t *part) {
    size_t size = zmq_msg_size(part);
    if (route->n_hops == LIMIT_ROUTE_HOPS || size > sizeof route->bytes - *n_bytes) {
        return false;
    }
    memcpy(route->bytes + *n_bytes, zmq_msg_data(part), size);
    *n_bytes += size;
    route->sizes[route->n_hops++] = (uint16_t)size;
    return true;
}

enum route_result route_receive(struct route *route, void *zmq, bool *has_more) {
    size_t n_bytes = 0;
    route->n_hops = 0;
    *has_more = false;
    for (;;) {
        zmq_msg_t part;
        zmq_msg_init(&part);
        if (zmq_msg_recv(&part, zmq, ZMQ_DONTWAIT) < 0) {
            zmq_msg_close(&part);
            return route->n_hops == 0 ? ROUTE_NONE : ROUTE_BAD;
        }
        *has_more = zmq_msg_more(&part) != 0;
        bool is_end = zmq_msg_size(&part) == 0;
        bool has_room = is_end || add_hop(route, &n_bytes, &part);
        zmq_msg_close(&part);
        if (is_end || !has_room || !*has_more) {
            return is_end && *has_more && route->n_hops > 0 ? ROUTE_GOOD : ROUTE_BAD;
        }
    }
}

bool route_send(const struct route *route, void *zmq) {
    const uint8_t *identity = route->bytes;
    for (size_t i = 0; i < route->n_hops; i++) {
        if (zmq_send(zmq, identity, route->sizes[i], ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0) {
            return false;
        }
        identity += route->sizes[i];
    }
    return zmq_send(zmq, "", 0, ZMQ_SNDMORE | ZMQ_DONTWAIT) >= 0;
}
