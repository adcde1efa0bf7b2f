/* SockJS: WebSocket for those whose network lets only plain HTTP through, under
 * /sockjs on every port of the gateway. A session of it is a link like any
 * other (ws_link.h); what is said over it does not know. Loop thread only.
 *
 * Served: info, the welcome, raw and framed WebSocket (sockjs_framed.h), xhr,
 * xhr_streaming, xhr_send, eventsource. Not served: htmlfile, jsonp and the
 * iframe page, which only browsers before 2012 need.
 *
 * A session ends SOCKJS_ALONE_US after its last receiver went. What a client
 * has not fetched is kept as one unfinished frame; beyond that its connection is
 * told that there is no room, as a socket would. All frames together take at
 * most buffered_bytes: the session that would pass this is closed.
 */
#ifndef LEGGIO_GATEWAY_WS_SOCKJS_SOCKJS_H
#define LEGGIO_GATEWAY_WS_SOCKJS_SOCKJS_H

#include <stddef.h>
#include <stdint.h>

#include "gateway-ws/link/ws_link.h"
#include "gateway-ws/sockjs/sockjs_route.h"

struct sockjs;
struct ws_http;
struct ws_piece;
struct ws_upgrade;

enum {
    SOCKJS_ALONE_US = 5 * 1000 * 1000,
    SOCKJS_STREAM_BYTES = 128 * 1024,     /* then a stream ends and the client comes again */
    SOCKJS_STREAM_US = 300 * 1000 * 1000, /* the same */
};

/* What SockJS needs of the gateway. `connection` is the one of a session,
 * `http_connection` the one that a request came by. */
struct sockjs_host {
    /* May this request come in? connection: of the session that it is for, or NULL.
     * 0 or an HTTP status. */
    int (*visit)(void *ctx, void *http_connection, void *connection,
                 const struct ws_upgrade *upgrade);
    /* A connection for a new session. 0 or an HTTP status. */
    int (*open)(void *ctx, void *http_connection, const struct ws_upgrade *upgrade,
                struct ws_link link, void **connection);
    /* An array of messages; nonzero closes. */
    int (*piece)(void *connection, const struct ws_piece *piece);
    int (*writable)(void *connection);
    /* The client has shown itself. */
    void (*alive)(void *connection);
    /* The session is over: nothing more comes of it. */
    void (*gone)(void *connection);
    /* sockjs_tick is wanted soon. */
    void (*wake)(void *ctx);
};

struct sockjs_options {
    const struct sockjs_host *host;
    void *ctx; /* of host.visit, host.open, host.wake */
    size_t max_sessions;
    size_t buffered_bytes;
    int64_t heartbeat_us;
};

struct sockjs *sockjs_create(const struct sockjs_options *options);
/* Ends all sessions. No request is under way any more. NULL is fine. */
void sockjs_destroy(struct sockjs *sockjs);

/* A request to one of the doors but SOCKJS_NONE, whole. */
void sockjs_on_request(struct sockjs *sockjs, struct ws_http *http,
                       const struct sockjs_route *route);
void sockjs_on_http_writable(struct sockjs *sockjs, struct ws_http *http);
void sockjs_on_http_gone(struct sockjs *sockjs, struct ws_http *http);

/* Heartbeats, ends; returns when to call again (lg_clock_us). */
int64_t sockjs_tick(struct sockjs *sockjs, int64_t now_us);

size_t sockjs_n_sessions(const struct sockjs *sockjs);

#endif
