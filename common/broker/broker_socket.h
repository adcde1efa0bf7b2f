/* A ZeroMQ socket of feed or calls, as gateways and relays want it: bounded,
 * quick to connect again, never waiting for a peer that is gone. */
#ifndef LEGGIO_COMMON_BROKER_BROKER_SOCKET_H
#define LEGGIO_COMMON_BROKER_BROKER_SOCKET_H

#include <stdint.h>

struct broker_socket_options {
    int type;               /* ZMQ_SUB, ZMQ_DEALER … */
    int hwm;                /* messages that may wait, in each direction */
    int linger_ms;          /* what is on its way at the close gets so long */
    int64_t max_part_bytes; /* a peer that sends a larger part is dropped */
};

/* Not connected, not bound. Closed by zmq_close, by the thread that uses it.
 * NULL after logging. */
void *broker_socket_create(void *zmq_context, const struct broker_socket_options *options);

#endif
