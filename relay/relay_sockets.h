/* The four sockets of a relay. */
#ifndef LEGGIO_RELAY_RELAY_SOCKETS_H
#define LEGGIO_RELAY_RELAY_SOCKETS_H

#include <stdbool.h>
#include <stddef.h>

#define RELAY_ENDPOINT_ROOM 256

struct curve_zap;
struct link_watch;

struct relay_endpoints {
    const char *feed, *calls;           /* connect to */
    const char *bind_feed, *bind_calls; /* give on */
    const char *curve_dir;              /* --curve-keys; NULL = none */
};

struct relay_sockets {
    void *zmq;             /* context */
    struct curve_zap *zap; /* who is let in from below; NULL without keys */
    struct link_watch *feed_watch, *calls_watch;
    void *up_feed, *down_feed;   /* XSUB, XPUB */
    void *up_calls, *down_calls; /* DEALER, ROUTER */
    char bound_feed[RELAY_ENDPOINT_ROOM],
        bound_calls[RELAY_ENDPOINT_ROOM]; /* with ports in force */
};

/* false after logging; then finish it all the same. endpoints is borrowed for
 * the call. */
bool relay_sockets_open(struct relay_sockets *sockets, const struct relay_endpoints *endpoints);
void relay_sockets_finish(struct relay_sockets *sockets);
/* Tell why a link upwards does not come up; call it now and then. */
void relay_sockets_watch(struct relay_sockets *sockets);

/* Make the connections upwards anew: a peer that vanished without a word leaves
 * some that look alive. */
void relay_sockets_reconnect(struct relay_sockets *sockets,
                             const struct relay_endpoints *endpoints);
/* That of the calls alone. */
void relay_sockets_reconnect_calls(struct relay_sockets *sockets,
                                   const struct relay_endpoints *endpoints);

#endif
