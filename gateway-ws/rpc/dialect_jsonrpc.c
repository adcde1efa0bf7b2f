/* The JSON-RPC dialect: a connection is a transport of the library. */
#define _GNU_SOURCE /* memmem */
#include <string.h>

#include "common/jsonrpc/scan.h"
#include "gateway-ws/dialect.h"
#include "gateway-ws/inscore_json.h"
#include "gateway-ws/rpc/rpc_private.h"

static void send_text(void *ctx, const char *text, size_t size_bytes) {
    ws_connection_reply(ctx, text, size_bytes);
}

static void close_connection(void *ctx, uint16_t code, const char *reason) {
    ws_connection_close(ctx, code, reason);
}

static void on_open(struct ws_connection *connection) {
    const struct jsonrpc_link link = {
        .ctx = connection, .send = send_text, .close = close_connection};
    struct auth_grant grant;
    ws_connection_grant(connection, &grant);
    struct jsonrpc_transport *transport =
        jsonrpc_transport_open(rpc_server(ws_connection_rpc(connection)), &link, (int)grant.role);
    ws_connection_set_data(connection, transport);
    ws_connection_allow_many(connection);
    if (transport == NULL) {
        ws_connection_close(connection, WS_CLOSE_OVERLOADED, "out of memory");
    }
}

static void on_message(struct ws_connection *connection, const char *text, size_t size_bytes) {
    struct jsonrpc_transport *transport = ws_connection_data(connection);
    if (transport != NULL) {
        jsonrpc_transport_receive(transport, text, size_bytes);
    }
}

static int on_frame(struct ws_connection *connection) {
    struct jsonrpc_transport *transport = ws_connection_data(connection);
    struct jsonrpc_session *session =
        transport != NULL ? jsonrpc_transport_session(transport) : NULL;
    return session != NULL ? subs_on_writable(ws_connection_rpc(connection), session) : 0;
}

static const uint8_t *prepared_frame(struct ws_connection *connection, size_t *size_bytes) {
    (void)connection;
    (void)size_bytes;
    return NULL; /* subscribers are told by subscriptions.c */
}

/* Calls and waits of this dialect end past the connection; those of the INScore dialect end
 * before the turn, since nothing is read meanwhile. */
static void on_reply(struct ws_connection *connection, void *cookie,
                     const struct call_reply *reply) {
    (void)connection;
    (void)cookie;
    (void)reply;
}

static void on_shown(struct ws_connection *connection, void *cookie) {
    (void)connection;
    (void)cookie;
}

static void on_close(struct ws_connection *connection) {
    struct jsonrpc_transport *transport = ws_connection_data(connection);
    ws_connection_set_data(connection, NULL);
    jsonrpc_transport_closed(transport, "");
}

const struct dialect dialect_jsonrpc = {
    .name = "jsonrpc",
    .on_open = on_open,
    .on_message = on_message,
    .on_frame = on_frame,
    .prepared_frame = prepared_frame,
    .on_reply = on_reply,
    .on_shown = on_shown,
    .on_no_picture = inscore_image_failed, /* of an image that was asked for before the turn */
    .on_close = on_close,
};

/* The first message that has a member `jsonrpc`, alone or in a batch. */
static bool is_jsonrpc(const char *text, size_t size_bytes) {
    struct scan_span all = {text, size_bytes}, value, rest, member;
    if (memmem(text, size_bytes, "jsonrpc", 7) == NULL || !scan_value(all, &value, &rest)) {
        return false;
    }
    if (value.text[0] == '[') {
        struct scan_span inside = {value.text + 1, value.len - 1};
        return scan_item(&inside, &value) && scan_member(value, "jsonrpc", &member) > 0;
    }
    return scan_member(value, "jsonrpc", &member) > 0;
}

bool dialect_turn(struct ws_connection *connection, const char *text, size_t size_bytes) {
    if (ws_connection_rpc(connection) == NULL || !is_jsonrpc(text, size_bytes)) {
        return false;
    }
    ws_connection_set_dialect(connection, &dialect_jsonrpc);
    on_open(connection);
    on_message(connection, text, size_bytes);
    return true;
}
