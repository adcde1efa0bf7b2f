/* Plain HTTP on the ports of this gateway: SockJS, and a word to everybody
 * else. A SockJS session gets a connection of its own, which comes and goes
 * through the same doors as those of sockets.
 */
#include <stdio.h>
#include <string.h>

#include "gateway-ws/gateway_private.h"
#include "gateway-ws/link/ws_http.h"
#include "gateway-ws/sockjs/sockjs.h"

enum { ENDED_SESSIONS = 1024 }; /* that still tell their clients so */

/* -- what SockJS asks (sockjs_host) ------------------------------------------- */

static int visit(void *ctx, void *http_connection, void *connection,
                 const struct ws_upgrade *upgrade) {
    struct gateway *gateway = ctx;
    struct auth_grant visitor;
    if (!gateway_may_page_enter(gateway, http_connection, upgrade)) {
        return 403;
    }
    if (connection == NULL) {
        return 0;
    }
    /* A session's name is no secret: nobody may do more by it than who opened it. What a token in
     * `connect` has added since then goes with the name: sockjs-client can send it no other way. */
    gateway_judge(gateway, http_connection, upgrade, &visitor);
    return visitor.role < ws_connection_door_role(connection) ? 403 : 0;
}

static int open_session(void *ctx, void *http_connection, const struct ws_upgrade *upgrade,
                        struct ws_link link, void **connection) {
    const struct ws_server_events *events = &gateway_client_events;
    struct sockaddr_storage address;
    ws_connection_peer_address(http_connection, &address);
    void *fresh = events->on_accept(ctx, ws_connection_port(http_connection), &address);
    if (fresh == NULL) {
        return 503;
    }
    int status = events->on_upgrade(fresh, upgrade);
    if (status != 0) {
        events->on_gone(fresh);
        return status;
    }
    ws_connection_set_framed(fresh);
    ws_connection_on_open(fresh, link);
    *connection = fresh;
    return 0;
}

static int piece(void *connection, const struct ws_piece *piece_in) {
    return ws_connection_on_piece(connection, piece_in);
}

static int writable(void *connection) {
    return ws_connection_on_writable(connection);
}

static void alive(void *connection) {
    ws_connection_on_pong(connection);
}

static void gone(void *connection) {
    gateway_client_events.on_gone(connection);
}

static void wake(void *ctx) {
    struct gateway *gateway = ctx;
    ws_server_wake(gateway->server);
}

static const struct sockjs_host HOST = {
    .visit = visit,
    .open = open_session,
    .piece = piece,
    .writable = writable,
    .alive = alive,
    .gone = gone,
    .wake = wake,
};

struct sockjs *gateway_sockjs_create(struct gateway *gateway) {
    struct sockjs_options options = {
        .host = &HOST,
        .ctx = gateway,
        .max_sessions = (size_t)gateway->max_connections + ENDED_SESSIONS,
        .buffered_bytes = gateway->limits.sending_bytes,
        .heartbeat_us = gateway->limits.sockjs_heartbeat_us,
    };
    return sockjs_create(&options);
}

/* -- requests -------------------------------------------------------------------- */

struct ws_http **gateway_http_place(void *connection) {
    return ws_connection_http(connection);
}

size_t gateway_on_head(void *connection, const struct ws_request *request) {
    struct gateway *gateway = ws_connection_gateway(connection);
    struct sockjs_route route;
    struct auth_grant grant;
    sockjs_route_find(request->head.path, &route);
    if (route.door != SOCKJS_XHR_SEND) {
        return gateway->limits.small_message_bytes; /* read, so that the answer arrives */
    }
    gateway_judge(gateway, connection, &request->head, &grant);
    return grant.role == AUTH_CONDUCT ? gateway->limits.message_bytes
                                      : gateway->limits.small_message_bytes;
}

static void refuse(struct ws_http *http) {
    static const char WORDS[] = "This port speaks WebSocket, and SockJS under /sockjs.\n";
    ws_http_answer(http, 426, "Upgrade: websocket\r\nContent-Type: text/plain; charset=UTF-8\r\n",
                   WORDS, sizeof(WORDS) - 1);
}

void gateway_on_request(void *connection, struct ws_http *http) {
    struct gateway *gateway = ws_connection_gateway(connection);
    struct sockjs_route route;
    sockjs_route_find(ws_http_request(http)->head.path, &route);
    if (route.door == SOCKJS_NONE) {
        refuse(http);
    } else {
        sockjs_on_request(gateway->sockjs, http, &route);
    }
}

void gateway_on_http_writable(struct ws_http *http) {
    struct gateway *gateway = ws_connection_gateway(ws_http_connection(http));
    sockjs_on_http_writable(gateway->sockjs, http);
}

void gateway_on_http_gone(struct ws_http *http) {
    struct gateway *gateway = ws_connection_gateway(ws_http_connection(http));
    sockjs_on_http_gone(gateway->sockjs, http);
}
