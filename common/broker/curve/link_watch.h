/* Why a link does not come up: hears the library's events of one connecting
 * socket and tells what an operator can do about it. Socket's thread only. */
#ifndef LEGGIO_COMMON_BROKER_CURVE_LINK_WATCH_H
#define LEGGIO_COMMON_BROKER_CURVE_LINK_WATCH_H

#include <stdbool.h>

struct link_watch;

/* name: "feed" or "calls", static. Before the socket connects. has_keys: ours
 * is a keyed socket. NULL when it cannot be watched (nothing depends on it). */
struct link_watch *link_watch_create(void *zmq_context, void *socket, const char *name,
                                     bool has_keys);
/* Before the socket is closed. NULL is fine. */
void link_watch_destroy(struct link_watch *watch, void *socket);
/* Take what has happened; call it now and then. NULL is fine. */
void link_watch_drain(struct link_watch *watch);

#endif
