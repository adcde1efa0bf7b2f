/* Multipart messages of ZeroMQ as plain parts, with bounds. Used by the two
 * broker folders and by test programs. */
#ifndef LEGGIO_COMMON_BROKER_ZMQ_PARTS_H
#define LEGGIO_COMMON_BROKER_ZMQ_PARTS_H

#include <stddef.h>
#include <zmq.h>

#include "proto/messages.h"

/* One received message; about 30 KB, keep one per socket. */
struct zmq_parts {
    size_t n;
    struct msg_bytes parts[LIMIT_PARTS]; /* views, valid until the next receive or clear */
    zmq_msg_t msgs[LIMIT_PARTS];
};

/* Receive without waiting. 0; LG_EBUSY when nothing is there; LG_ETOOLARGE when
 * the message had too many parts (it was dropped). Clears what was there. */
int zmq_parts_receive(struct zmq_parts *parts, void *socket);
void zmq_parts_clear(struct zmq_parts *parts);

/* Send copies of all parts without waiting. 0, or LG_EBUSY when the socket can
 * not take the message now (nothing was sent). */
int zmq_parts_send(void *socket, const struct msg_bytes *parts, size_t n);

#endif
