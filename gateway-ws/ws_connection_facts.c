/* What is known of a client: who it is, what it may do, what it does now. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "gateway-ws/link/ws_server.h"
#include "gateway-ws/ws_connection_private.h"

void ws_connection_set_grant(struct ws_connection *connection, const struct auth_grant *grant) {
    connection->role = auth_role_name(grant->role);
    if (connection->door_role == AUTH_NONE) {
        connection->door_role = (uint8_t)grant->role;
    }
    connection->token_id = grant->token_id;
    connection->is_foreign = grant->is_foreign;
    connection->may_play = grant->role >= AUTH_PLAY;
    connection->may_conduct = grant->role >= AUTH_CONDUCT;
}

enum auth_role ws_connection_door_role(const struct ws_connection *connection) {
    return (enum auth_role)connection->door_role;
}

void ws_connection_grant(const struct ws_connection *connection, struct auth_grant *grant) {
    *grant = (struct auth_grant){
        .role = connection->may_conduct ? AUTH_CONDUCT
                : connection->may_play  ? AUTH_PLAY
                                        : AUTH_VIEW,
        .is_foreign = connection->is_foreign,
        .token_id = connection->token_id,
    };
}

void ws_connection_set_dialect(struct ws_connection *connection, const struct dialect *dialect) {
    connection->dialect = dialect;
}

void ws_connection_set_framed(struct ws_connection *connection) {
    connection->is_framed = true;
}

bool ws_connection_is_framed(const struct ws_connection *connection) {
    return connection->is_framed;
}

struct ws_http **ws_connection_http(struct ws_connection *connection) {
    return &connection->http;
}

struct ws_link ws_connection_link(const struct ws_connection *connection) {
    return connection->link;
}

void ws_connection_peer_address(const struct ws_connection *connection,
                                struct sockaddr_storage *address) {
    struct sockaddr_in6 *ip6 = (struct sockaddr_in6 *)address;
    memset(address, 0, sizeof(*address));
    ip6->sin6_family = AF_INET6;
    ip6->sin6_port = htons(connection->peer_port);
    memcpy(&ip6->sin6_addr, connection->address, sizeof(connection->address));
}

struct ws_port *ws_connection_port(const struct ws_connection *connection) {
    return connection->port;
}

struct peer *ws_connection_peer(const struct ws_connection *connection) {
    return connection->peer;
}

struct connection_id ws_connection_id(const struct ws_connection *connection) {
    return connection->id;
}

struct fanout *ws_connection_fanout(const struct ws_connection *connection) {
    return connection->fanout;
}

const char *ws_connection_role(const struct ws_connection *connection) {
    return connection->role;
}

void *ws_connection_gateway(const struct ws_connection *connection) {
    return connection->host->gateway;
}

void ws_connection_address(const struct ws_connection *connection, char *text, size_t size_bytes) {
    static const uint8_t MAPPED[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    bool is_ip4 = memcmp(connection->address, MAPPED, sizeof(MAPPED)) == 0;
    if (inet_ntop(is_ip4 ? AF_INET : AF_INET6, connection->address + (is_ip4 ? 12 : 0), text,
                  (socklen_t)size_bytes) == NULL) {
        snprintf(text, size_bytes, "?");
    }
}

void ws_connection_address_bytes(const struct ws_connection *connection, uint8_t bytes[16]) {
    memcpy(bytes, connection->address, sizeof(connection->address));
}

void ws_connection_name(const struct ws_connection *connection, char *text, size_t size_bytes) {
    char ip[INET6_ADDRSTRLEN];
    ws_connection_address(connection, ip, sizeof(ip));
    snprintf(text, size_bytes, strchr(ip, ':') == NULL ? "ws:%s:%u" : "ws:[%s]:%u", ip,
             (unsigned)connection->peer_port);
}

bool ws_connection_is_open(const struct ws_connection *connection) {
    return connection->state == WS_CONNECTION_OPEN;
}

const char *const WS_ACTIVITY_NAMES[WS_N_ACTIVITIES] = {
    [WS_HANDSHAKE] = "handshake", [WS_CURRENT] = "current",     [WS_BEHIND] = "behind",
    [WS_CALLING] = "calling",     [WS_THROTTLED] = "throttled", [WS_CLOSING] = "closing",
};

enum ws_activity ws_connection_activity(const struct ws_connection *connection) {
    if (connection->state != WS_CONNECTION_OPEN) {
        return connection->state == WS_CONNECTION_NEW ? WS_HANDSHAKE : WS_CLOSING;
    }
    if (connection->is_throttled || connection->is_calling) {
        return connection->is_throttled ? WS_THROTTLED : WS_CALLING;
    }
    return connection->outbox.has_news || !outbox_is_empty(&connection->outbox) ? WS_BEHIND
                                                                                : WS_CURRENT;
}

size_t ws_connection_queued_bytes(const struct ws_connection *connection) {
    return connection->outbox.size_bytes;
}

void ws_connection_set_fanout(struct ws_connection *connection, struct fanout *fanout,
                              uint32_t fanout_i) {
    connection->fanout = fanout;
    connection->fanout_i = fanout_i;
}

uint32_t ws_connection_fanout_i(const struct ws_connection *connection) {
    return connection->fanout_i;
}

bool ws_connection_may_play(const struct ws_connection *connection) {
    return connection->may_play;
}

bool ws_connection_may_conduct(const struct ws_connection *connection) {
    return connection->may_conduct;
}

bool ws_connection_carries_binary(const struct ws_connection *connection) {
    return connection->link.ops != NULL && ws_link_carries_binary(connection->link);
}

void ws_connection_set_data(struct ws_connection *connection, void *data) {
    connection->data = data;
}

void *ws_connection_data(const struct ws_connection *connection) {
    return connection->data;
}

struct rpc *ws_connection_rpc(const struct ws_connection *connection) {
    return connection->host->rpc;
}
