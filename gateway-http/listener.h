/* Listening sockets. */
#ifndef LEGGIO_GATEWAY_HTTP_LISTENER_H
#define LEGGIO_GATEWAY_HTTP_LISTENER_H

#include <stdbool.h>
#include <stdint.h>

struct http_server;
struct http_port;

/* Bind and listen. host "" = all addresses; shares_port: other processes may
 * listen there too (SO_REUSEPORT), if all of them share.
 * Returns the descriptor, or -1 after logging. *bound is the port in use. */
int listener_open(const char *host, uint16_t port, bool shares_port, uint16_t *bound);

/* Accept what waits, up to a burst, and give it to the server. Returns false
 * when there are no descriptors left: pause a moment. Main thread. */
bool listener_accept(int fd, struct http_server *server, struct http_port *port,
                     uint32_t max_connections);

#endif
