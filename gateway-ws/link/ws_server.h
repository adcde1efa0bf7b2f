/* The library's face: one libwebsockets context on one thread, ports to listen
 * on, links to clients. Only the ws_*.c files of this folder know the library.
 *
 * Every event names the object that on_accept returned for the connection, so
 * nothing here is looked up. Everything but ws_server_wake is for the loop
 * thread.
 */
#ifndef LEGGIO_GATEWAY_WS_LINK_WS_SERVER_H
#define LEGGIO_GATEWAY_WS_LINK_WS_SERVER_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "gateway-ws/link/ws_link.h"

struct ws_http;
struct ws_server;
struct ws_listener;

/* What an upgrade request says. All texts borrowed for the call; "" when a
 * header is missing. */
struct ws_upgrade {
    const char *path;
    const char *query; /* without '?', arguments joined by '&' */
    const char *host;
    const char *origin;
    const char *authorization;
    const char *forwarded_for; /* X-Forwarded-For */
    bool has_origin;
    bool is_proxied; /* Forwarded, X-Forwarded-For or Via was there */
};

/* A request that is no upgrade. */
struct ws_request {
    struct ws_upgrade head;
    const char *method;         /* "GET" */
    const char *wanted_headers; /* Access-Control-Request-Headers, "" when missing */
};

/* One piece of a message as it arrives. */
struct ws_piece {
    const uint8_t *bytes;
    size_t size_bytes;
    bool is_first;
    bool is_last;
    bool is_binary;
};

struct ws_server_events {
    /* A TCP connection came in by `port` (see ws_server_listen). Returns the
     * caller's object for it; NULL refuses (503). */
    void *(*on_accept)(void *ctx, void *port, const struct sockaddr_storage *peer);
    /* The handshake. 0 or an HTTP status that refuses it (also when the
     * connection goes before on_open). */
    int (*on_upgrade)(void *connection, const struct ws_upgrade *upgrade);
    void (*on_open)(void *connection, struct ws_link link);
    /* Nonzero closes (set a reason first: ws_link_set_reason). */
    int (*on_piece)(void *connection, const struct ws_piece *piece);
    void (*on_pong)(void *connection);
    int (*on_writable)(void *connection);
    /* The peer or the library ends it: write nothing more. */
    void (*on_closing)(void *connection);
    /* Gone: the caller frees its object. Also comes when on_open never came. */
    void (*on_gone)(void *connection);
    /* HTTP that is no upgrade (ws_http.h). The place of a connection's request under
     * way, NULL in it from the start; the library's side fills and empties it. */
    struct ws_http **(*http_place)(void *connection);
    /* Its head has come. Returns how large a body may be. */
    size_t (*on_head)(void *connection, const struct ws_request *request);
    /* All of it is there: answer it, now or later. */
    void (*on_request)(void *connection, struct ws_http *http);
    void (*on_http_writable)(struct ws_http *http);
    /* Answered, or broken off (see ws_http_is_ended); not to be used any more. */
    void (*on_http_gone)(struct ws_http *http);
    void (*on_wake)(void *ctx);
    void (*on_timer)(void *ctx);
    void (*on_signal)(void *ctx, int signal_number);
};

struct ws_http_limits {
    size_t bodies_bytes; /* of all requests together */
    int64_t body_us;     /* from the head to the end of the body */
    unsigned stall_s;    /* an answer that is not read for so long ends the connection */
};

struct ws_server_options {
    const struct ws_server_events *events;
    void *ctx;
    unsigned max_connections; /* sizes the library's table of sockets */
    unsigned handshake_s;     /* from the first byte to the upgrade; at least 1 */
    struct ws_http_limits http;
    const char *tls_cert; /* files in PEM; both or neither: all ports speak TLS or none */
    const char *tls_key;
};

/* NULL after logging. The caller has blocked SIGTERM, SIGINT and SIGHUP in all
 * threads; they come by on_signal. */
struct ws_server *ws_server_create(const struct ws_server_options *options);
/* Closes everything that is still open (on_gone comes for each). What may still be
 * called then does nothing: ws_server_wake, ws_server_set_timer. NULL is fine. */
void ws_server_close(struct ws_server *server);
/* When no other thread will wake it any more; closes it if that was not done. */
void ws_server_destroy(struct ws_server *server);
/* The loop; returns after ws_server_stop. */
void ws_server_run(struct ws_server *server);
void ws_server_stop(struct ws_server *server);
/* Any thread: on_wake will come. */
void ws_server_wake(struct ws_server *server);
/* Read certificate and key again, for connections to come. false after logging:
 * the old ones stay. Without TLS: true. */
bool ws_server_reload_tls(struct ws_server *server, const char *cert_path, const char *key_path);
/* HTTP requests that are not answered to the end. */
size_t ws_server_n_requests(const struct ws_server *server);
/* One timer; a later call replaces an earlier one. */
void ws_server_set_timer(struct ws_server *server, int64_t delay_us);

/* Listen. host "" = all addresses, port 0 = any free one; is_shared lets other
 * processes listen on the same port (SO_REUSEPORT). `port` comes back in
 * on_accept. Returns 0 or a negative errno. */
int ws_server_listen(struct ws_server *server, const char *host, uint16_t port_number,
                     bool is_shared, void *port, struct ws_listener **listener);
uint16_t ws_listener_port(const struct ws_listener *listener);
/* Text HOST:PORT as bound. */
void ws_listener_name(const struct ws_listener *listener, char *text, size_t size_bytes);
/* Stops listening at once; open connections stay. NULL is fine. */
void ws_listener_close(struct ws_listener *listener);

#endif
