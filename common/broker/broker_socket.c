/* The settings of a socket, all of them before connect and bind, as libzmq wants. */
#include "common/broker/broker_socket.h"

#include <errno.h>

#include <zmq.h>

#include "common/log.h"

#define RECONNECT_MS     50 /* first pause of libzmq before it connects again */
#define RECONNECT_MAX_MS 500
#define CONNECT_MS       1000 /* the kernel would ask again after 1, 3, 7, 15 s … */
#define HANDSHAKE_MS     3000 /* a connection that comes to nothing is tried anew */
#define BACKLOG          512  /* all gateways come back at once after a restart */

void *broker_socket_create(void *zmq_context, const struct broker_socket_options *options) {
    void *socket = zmq_socket(zmq_context, options->type);
    if (socket == NULL) {
        lg_log(LG_LOG_ERROR, "broker", "no_socket", "why=%s", zmq_strerror(errno));
        return NULL;
    }
    const struct {
        int name, value;
    } settings[] = {
        {ZMQ_SNDHWM, options->hwm},
        {ZMQ_RCVHWM, options->hwm},
        {ZMQ_LINGER, options->linger_ms},
        {ZMQ_IMMEDIATE, 1}, /* nothing is queued for a peer that is not there */
        {ZMQ_RECONNECT_IVL, RECONNECT_MS},
        {ZMQ_RECONNECT_IVL_MAX, RECONNECT_MAX_MS},
        {ZMQ_CONNECT_TIMEOUT, CONNECT_MS},
        {ZMQ_HANDSHAKE_IVL, HANDSHAKE_MS},
        {ZMQ_TCP_KEEPALIVE, 1},
        {ZMQ_BACKLOG, BACKLOG},
    };
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        zmq_setsockopt(socket, settings[i].name, &settings[i].value, sizeof settings[i].value);
    }
    zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &options->max_part_bytes,
                   sizeof options->max_part_bytes);
    return socket;
}
