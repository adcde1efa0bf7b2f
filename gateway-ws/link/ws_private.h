/* What the ws_*.c files share about the library's context. */
#ifndef LEGGIO_GATEWAY_WS_LINK_WS_PRIVATE_H
#define LEGGIO_GATEWAY_WS_LINK_WS_PRIVATE_H

#include <ev.h>
#include <libwebsockets.h>
#include <pthread.h>

#include "gateway-ws/link/ws_server.h"

struct ws_server {
    struct ev_loop *loop;
    struct lws_context *context;
    struct lws_vhost *vhost;
    const struct ws_server_events *events;
    void *ctx;
    ev_timer timer;               /* of the loop itself: see ws_server_set_timer */
    lws_sorted_usec_list_t pulse; /* keeps lws's own timeouts going */
    struct ws_listener *listeners;
    int signal_fd;
    int spare_fd; /* given up to refuse a client when descriptors run out */
    struct ws_http_limits limits;
    size_t n_requests;              /* under way */
    size_t bodies_bytes;            /* of all requests, now */
    struct ssl_ctx_st *tls;         /* the vhost's; NULL: plain sockets */
    const char *tls_cert, *tls_key; /* borrowed while the context is created */
    bool is_adopting;               /* inside the library's adopt call */
    pthread_mutex_t wake_lock;      /* is_closed, for ws_server_wake */
    bool is_closed;
};

struct ws_listener {
    struct ws_server *server;
    struct lws *link;
    void *port;
    int fd;
    uint16_t port_number;
    struct ws_listener *next;
};

#define WS_PROTOCOL_CLIENT   "leggio"
#define WS_PROTOCOL_LISTENER "leggio-listener"
#define WS_PROTOCOL_SIGNALS  "leggio-signals"

/* The listening socket is readable: take what waits. */
void ws_listener_accept(struct ws_listener *listener);
/* A descriptor kept in reserve; -1 when there is none. */
int ws_listener_spare(void);
/* Its connection of the library is gone. */
void ws_listener_forget(struct ws_listener *listener);

/* ws_http.c: what the library tells of requests. Nonzero closes. */
int ws_http_on_head(struct ws_server *server, struct lws *lws, void *connection);
int ws_http_on_body(struct ws_server *server, void *connection, const void *bytes,
                    size_t size_bytes);
int ws_http_on_body_end(struct ws_server *server, void *connection);
int ws_http_on_writable(struct ws_server *server, void *connection);
void ws_http_on_gone(struct ws_server *server, void *connection);

/* ws_socket.c: a connection of the library after its upgrade, as a link. */
struct ws_link ws_socket_link(struct lws *lws);
/* Let the kernel keep little unsent data. */
void ws_socket_tune(int fd);

#endif
