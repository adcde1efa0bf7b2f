/* Ports that the score opens: /ITL/scene/x set httpd 8001. All functions on
 * the main thread unless said. */
#ifndef LEGGIO_GATEWAY_HTTP_SCORE_SERVERS_H
#define LEGGIO_GATEWAY_HTTP_SCORE_SERVERS_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct upstream;
struct http_server;
struct score_servers;

struct score_servers_options {
    struct upstream *upstream;
    struct http_server *server;
    const char *host; /* where they listen; "" = all addresses */
    uint32_t max_connections;
};
struct score_servers *score_servers_create(const struct score_servers_options *options);
/* The server must have no connections any more. */
void score_servers_destroy(struct score_servers *servers);

/* The score's list changed: open, close, move. */
void score_servers_follow(struct score_servers *servers);
/* The renderer is (back) there: tell it everything again. */
void score_servers_report_all(struct score_servers *servers);
/* Tell changed numbers of clients, each at most every 200 ms; free what is
 * closed. Returns in how many ms to call again, or -1. */
int score_servers_tick(struct score_servers *servers, int64_t now_us);

/* Descriptors to wait for; *n at most n_max. Then accept on those that are ready. */
size_t score_servers_poll(const struct score_servers *servers, struct pollfd *fds, size_t n_max);
bool score_servers_accept(struct score_servers *servers, const struct pollfd *fds, size_t n);

/* Close all listening sockets (the program ends). */
void score_servers_close(struct score_servers *servers);

#endif
