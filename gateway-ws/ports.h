/* The ports of this gateway: those of --listen, and those that the score asks
 * for by `websocket` objects. Loop thread only.
 *
 * A port of the score is opened for sharing, so that every gateway of a host
 * listens on it; a port of --listen never is.
 */
#ifndef LEGGIO_GATEWAY_WS_PORTS_H
#define LEGGIO_GATEWAY_WS_PORTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/broker/upstream.h"

struct ports;
struct ws_port;
struct ws_server;

struct ports_options {
    struct ws_server *server;
    int64_t default_period_us;
    const char *score_host; /* address of the ports of the score; borrowed for good */
    /* Tell the renderer how a port of the score fares; false = could not. */
    bool (*report)(void *ctx, const char *address, int how, size_t n_clients, const char *note);
    /* The port was closed: its clients must go. */
    void (*on_closed)(void *ctx, struct ws_port *port);
    void *ctx;
};

enum { PORT_CLOSED = -1, PORT_FAILED = 0, PORT_STARTED = 1 }; /* x of CALL_SERVERS */

struct ports *ports_create(const struct ports_options *options);
/* Every connection has left. */
void ports_destroy(struct ports *ports);

/* Prints `listening ws HOST:PORT` on stdout. Returns 0 or a negative errno. */
int ports_listen(struct ports *ports, const char *host, uint16_t port_number);
/* What the score asks for now. */
void ports_update(struct ports *ports, const struct upstream_server *servers, size_t n_servers);
/* Say everything again: the renderer came back. */
void ports_report_all(struct ports *ports);
/* Report what changed; at most every 200 ms per port. Returns when to call again. */
int64_t ports_tick(struct ports *ports, int64_t now_us);
/* Stop listening on every port. Open connections stay. */
void ports_stop(struct ports *ports);

/* A connection came by this port, or left it. */
void port_enter(struct ws_port *port);
void port_leave(struct ws_port *port);
/* It became a client (counted by `get clients`), or is one no more. */
void port_count(struct ws_port *port, int difference);
int64_t port_period_us(const struct ws_port *port);
/* Scene that a port of the score serves; NULL: the client chooses. */
const char *port_scene(const struct ws_port *port);
bool port_is_closed(const struct ws_port *port);

#endif
