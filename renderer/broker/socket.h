/* Binding a ZeroMQ socket with bounds, and sending shared bytes without a copy. */
#ifndef LEGGIO_BROKER_SOCKET_H
#define LEGGIO_BROKER_SOCKET_H

#include <stdbool.h>
#include <stddef.h>

#include "common/broker/curve/curve_keys.h"
#include "common/frame.h"
#include "proto/messages.h"

struct socket_options {
    int type;              /* ZMQ_PUB, ZMQ_ROUTER */
    int hwm;               /* messages, both directions */
    size_t max_part_bytes; /* of what a peer sends */
    int linger_ms;
    const struct curve_server_keys *keys; /* NULL = none */
};

/* czmq's context, in which all of ours are made. */
void *socket_context(void);

/* A raw socket of the calling thread; NULL after logging. bound: endpoint in force,
 * port included. */
void *socket_bind(const struct socket_options *options, const char *endpoint, char *bound,
                  size_t bound_size);
void socket_close(void *zmq);

/* One part that refers to shared bytes. Returns its size, 0 when it was not sent. */
size_t socket_send_bytes(void *zmq, struct lg_bytes *bytes, bool has_more);

/* What a frame says of itself, without strips and tiles. */
struct msg_frame socket_frame_header(const struct frame *frame, uint64_t base_version);

#endif
