/* A JSON-RPC server over WebSocket that asks its clients: common/jsonrpc on libwebsockets
 * (gateway-ws/link), nothing of a score. leggio-ws never asks anybody.
 *
 *     rpc-asker PORT REQUEST_MS SESSION_MS
 *
 *     echo ANY                     the same
 *     ask {method, params?}        asks this client; answered when it has answered, by
 *                                  {code, message, result}; code as in jsonrpc_answer_fn
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/jsonrpc/jsonrpc.h"
#include "common/log.h"
#include "gateway-ws/link/ws_http.h"
#include "gateway-ws/link/ws_server.h"

struct asker {
    struct ws_server *sockets;
    struct jsonrpc_server *server;
};

/* A text to be sent. */
struct sending {
    struct sending *next;
    size_t size_bytes;
    uint8_t bytes[]; /* WS_LINK_PRE, then the text */
};

struct client {
    struct asker *asker;
    struct ws_link link;
    struct ws_http *http;
    struct jsonrpc_transport *transport;
    struct sending *first, **last;
    char *text; /* that comes in */
    size_t len;
    uint16_t close_code; /* 0 = stays open */
    const char *close_reason;
};

/* -- methods ------------------------------------------------------------------- */

static void on_echo(struct jsonrpc_transaction *transaction, json_t *params) {
    jsonrpc_respond(transaction, json_incref(params));
}

static void on_answer(void *ctx, struct jsonrpc_session *session, int code, const char *message,
                      const json_t *result) {
    struct jsonrpc_transaction *transaction = ctx;
    (void)session;
    jsonrpc_respond(transaction,
                    json_pack("{s:i, s:s?, s:o}", "code", code, "message", message, "result",
                              result != NULL ? json_deep_copy(result) : json_null()));
    jsonrpc_transaction_release(transaction);
}

static void on_ask(struct jsonrpc_transaction *transaction, json_t *params) {
    const char *method = json_string_value(json_object_get(params, "method"));
    json_t *their_params = json_incref(json_object_get(params, "params"));
    jsonrpc_transaction_start_async(transaction);
    if (jsonrpc_session_request(jsonrpc_transaction_session(transaction), method, their_params, 0,
                                on_answer, transaction) != 0) {
        jsonrpc_respond_error(transaction, 50003, "not asked", NULL);
        jsonrpc_transaction_release(transaction);
    }
}

static const struct jsonrpc_param ASK_PARAMS[] = {
    {.name = "method", .type = JSONRPC_STRING, .min = 1, .max = 100},
    {.name = "params", .is_optional = true}};
static const struct jsonrpc_method METHODS[] = {
    {.name = "echo", .handle = on_echo},
    {.name = "ask", .handle = on_ask, .params = ASK_PARAMS, .n_params = 2}};

/* -- one connection ---------------------------------------------------------------- */

static void send_text(void *ctx, const char *text, size_t size_bytes) {
    struct client *client = ctx;
    struct sending *sending = malloc(sizeof *sending + WS_LINK_PRE + size_bytes);
    if (sending == NULL) {
        abort();
    }
    sending->next = NULL;
    sending->size_bytes = size_bytes;
    memcpy(sending->bytes + WS_LINK_PRE, text, size_bytes);
    *client->last = sending;
    client->last = &sending->next;
    ws_link_want_writable(client->link);
}

static void close_soon(void *ctx, uint16_t code, const char *reason) {
    struct client *client = ctx;
    client->close_code = code;
    client->close_reason = reason;
    ws_link_want_writable(client->link);
}

static void drop_first(struct client *client) {
    struct sending *sending = client->first;
    client->first = sending->next;
    client->last = client->first == NULL ? &client->first : client->last;
    free(sending);
}

static void *on_accept(void *ctx, void *port, const struct sockaddr_storage *peer) {
    struct client *client = calloc(1, sizeof *client);
    (void)port;
    (void)peer;
    if (client != NULL) {
        client->asker = ctx;
        client->last = &client->first;
    }
    return client;
}

static int on_upgrade(void *connection, const struct ws_upgrade *upgrade) {
    (void)connection;
    (void)upgrade;
    return 0;
}

static void on_open(void *connection, struct ws_link link) {
    struct client *client = connection;
    const struct jsonrpc_link texts = {.ctx = client, .send = send_text, .close = close_soon};
    client->link = link;
    client->transport = jsonrpc_transport_open(client->asker->server, &texts, 0);
}

static int on_piece(void *connection, const struct ws_piece *piece) {
    struct client *client = connection;
    char *text = realloc(client->text, client->len + piece->size_bytes + 1);
    if (text == NULL || client->transport == NULL) {
        return -1;
    }
    memcpy(text + client->len, piece->bytes, piece->size_bytes);
    client->text = text;
    client->len += piece->size_bytes;
    if (piece->is_last) {
        jsonrpc_transport_receive(client->transport, text, client->len);
        client->len = 0;
    }
    return 0;
}

static int on_writable(void *connection) {
    struct client *client = connection;
    struct sending *sending = client->first;
    if (sending == NULL && client->close_code != 0) {
        ws_link_set_reason(client->link, client->close_code, client->close_reason);
        return -1;
    }
    if (sending == NULL || ws_link_is_blocked(client->link)) {
        return 0;
    }
    const struct ws_link_piece piece = {.bytes = sending->bytes + WS_LINK_PRE,
                                        .size_bytes = sending->size_bytes,
                                        .is_first = true,
                                        .is_last = true};
    int code = ws_link_write(client->link, &piece);
    drop_first(client);
    ws_link_want_writable(client->link);
    return code;
}

static void on_pong(void *connection) {
    (void)connection;
}

static void on_closing(void *connection) {
    struct client *client = connection;
    jsonrpc_transport_closed(client->transport, "");
    client->transport = NULL;
}

static void on_gone(void *connection) {
    struct client *client = connection;
    on_closing(client);
    while (client->first != NULL) {
        drop_first(client);
    }
    free(client->text);
    free(client);
}

/* -- HTTP that is no upgrade: there is none ------------------------------------------- */

static struct ws_http **http_place(void *connection) {
    return &((struct client *)connection)->http;
}

static size_t on_head(void *connection, const struct ws_request *request) {
    (void)connection;
    (void)request;
    return 0;
}

static void on_request(void *connection, struct ws_http *http) {
    (void)connection;
    ws_http_answer(http, 404, "", "", 0);
}

static void on_http(struct ws_http *http) {
    (void)http;
}

/* -- the loop --------------------------------------------------------------------------- */

static void on_timer(void *ctx) {
    struct asker *asker = ctx;
    int64_t due_us = jsonrpc_server_tick(asker->server);
    if (due_us != INT64_MAX) {
        ws_server_set_timer(asker->sockets, due_us - lg_clock_us());
    }
}

static void on_due(void *ctx, int64_t due_us) {
    struct asker *asker = ctx;
    (void)due_us;
    ws_server_set_timer(asker->sockets, 0);
}

static void on_wake(void *ctx) {
    (void)ctx;
}

static void on_signal(void *ctx, int signal_number) {
    struct asker *asker = ctx;
    (void)signal_number;
    ws_server_stop(asker->sockets);
}

static const struct ws_server_events EVENTS = {
    .on_accept = on_accept,
    .on_upgrade = on_upgrade,
    .on_open = on_open,
    .on_piece = on_piece,
    .on_pong = on_pong,
    .on_writable = on_writable,
    .on_closing = on_closing,
    .on_gone = on_gone,
    .http_place = http_place,
    .on_head = on_head,
    .on_request = on_request,
    .on_http_writable = on_http,
    .on_http_gone = on_http,
    .on_wake = on_wake,
    .on_timer = on_timer,
    .on_signal = on_signal,
};

static void block_signals(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
}

static int serve(struct asker *asker, uint16_t port) {
    struct ws_listener *listener;
    char name[64];
    if (ws_server_listen(asker->sockets, "127.0.0.1", port, false, NULL, &listener) != 0) {
        return 1;
    }
    ws_listener_name(listener, name, sizeof name);
    printf("listening ws %s\n", name);
    fflush(stdout);
    ws_server_run(asker->sockets);
    return 0;
}

int main(int argc, char **argv) {
    struct asker asker = {0};
    struct jsonrpc_options options = jsonrpc_options_default();
    const struct ws_server_options sockets = {
        .events = &EVENTS, .ctx = &asker, .max_connections = 64, .handshake_s = 10};
    if (argc != 4) {
        fprintf(stderr, "usage: rpc-asker PORT REQUEST_MS SESSION_MS\n");
        return 1;
    }
    block_signals();
    lg_log_open(&(struct lg_log_options){"rpc-asker", LG_LOG_WARN, false, 2});
    options.methods = METHODS;
    options.n_methods = sizeof METHODS / sizeof METHODS[0];
    options.ctx = &asker;
    options.request_us = atoll(argv[2]) * 1000;
    options.reconnection_us = atoll(argv[3]) * 1000;
    options.events.on_due = on_due;
    asker.sockets = ws_server_create(&sockets);
    asker.server = asker.sockets != NULL ? jsonrpc_server_create(&options) : NULL;
    int status = asker.server != NULL ? serve(&asker, (uint16_t)atoi(argv[1])) : 1;
    ws_server_destroy(asker.sockets); /* on_gone comes for each */
    jsonrpc_server_destroy(asker.server);
    return status;
}
