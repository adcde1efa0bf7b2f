/* The way back to whoever asked: the identities that stand before the empty
 * part of a request, one of a gateway that is connected itself, one more for
 * each leggio-relay on the way. */
#ifndef LEGGIO_BROKER_ROUTE_H
#define LEGGIO_BROKER_ROUTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/limits.h"

struct route {
    uint8_t bytes[LIMIT_ROUTE_BYTES]; /* identities, one after the other */
    uint16_t sizes[LIMIT_ROUTE_HOPS]; /* of each */
    size_t n_hops;
};

enum route_result {
    ROUTE_NONE, /* no message waits */
    ROUTE_BAD,  /* no identity, too many, too long, or nothing after the empty part */
    ROUTE_GOOD, /* the next part is the request */
};

/* Read the identities and the empty part. has_more: does the message go on?
 * (Its rest must be read or skipped, also of a bad one.) Never waits. */
enum route_result route_receive(struct route *route, void *zmq, bool *has_more);

/* Send them; the message goes on. false: the peer is gone, nothing was sent. */
bool route_send(const struct route *route, void *zmq);

#endif
