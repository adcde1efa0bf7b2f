/* Options of leggio-ws. */
#include <stddef.h>

#include "gateway-ws/gateway.h"
#include "gateway-ws/store/store_options.h"
#include "common/access/auth_tokens.h"
#include "common/broker/curve/curve_options.h"
#include "common/access/peer_key.h"
#include "common/tls_options.h"
#include "proto/limits.h"

#define SECONDS INT64_C(1000000)

static const struct option_row ROWS[] = {
    {"listen", OPTION_HOSTPORT_LIST, "HOST:PORT", "127.0.0.1:7100", 0, 0, NULL,
     "serve here; port 0 takes a free one and prints it", .is_reloadable = false},
    {"feed", OPTION_STRING, "ENDPOINT", "tcp://127.0.0.1:7010", 0, 0, NULL, "feed of the renderer",
     .is_reloadable = false},
    {"calls", OPTION_STRING, "ENDPOINT", "tcp://127.0.0.1:7011", 0, 0, NULL,
     "calls of the renderer", .is_reloadable = false},
    {"curve-keys", OPTION_STRING, "DIR", NULL, 0, 0, NULL,
     "keys for feed and calls (leggio-keys curve)", .is_reloadable = false},
    {"public-host", OPTION_STRING, "HOST", NULL, 0, 0, NULL,
     "name under which clients on this machine may post, beside loopback", .is_reloadable = false},
    {"open", OPTION_FLAG, NULL, NULL, 0, 0, NULL, "whoever can connect may post",
     .is_reloadable = false},
    {"auth", OPTION_STRING, "FILE", NULL, 0, 0, NULL,
     "roles by token instead of by address (leggio-keys token); read again on SIGHUP",
     .is_reloadable = false},
    {"allow-origin", OPTION_LIST, "ORIGIN", NULL, 0, 0, NULL, "pages of this origin may post too",
     .is_reloadable = false},
    TLS_OPTION_ROWS,
    {"score-host", OPTION_STRING, "HOST", "0.0.0.0", 0, 0, NULL,
     "address for ports that the score opens (websocket objects)", .is_reloadable = false},
    {"notify-period", OPTION_DURATION, "TIME", "50", 0, LIMIT_NOTIFY_PERIOD_MAX_MS *INT64_C(1000),
     NULL, "least time between two notifications to a client", .is_reloadable = false},
    {"max-connections", OPTION_INT, "N", "8192", 1, LIMIT_WS_CONNECTIONS, NULL,
     "connections at once", .is_reloadable = false},
    {"max-per-address", OPTION_INT, "N", "0", 0, LIMIT_WS_CONNECTIONS, NULL,
     "connections at once from one address, 0 = no limit (behind a balancer)",
     .is_reloadable = false},
    {"proxy", OPTION_LIST, "ADDRESS", NULL, 0, 0, NULL,
     "a proxy of ours, or a network of such: limits count the clients that its X-Forwarded-For "
     "names",
     .is_reloadable = false},
    {"max-accepts", OPTION_INT, "N", "0", 0, 1000000, NULL,
     "new connections of one address in a second; 0 = no limit", .is_reloadable = false},
    {"max-address-requests", OPTION_INT, "N", "0", 0, 1000000, NULL,
     "requests of one address in a second; 0 = no limit", .is_reloadable = false},
    {"max-changes", OPTION_INT, "N", "5000", 0, 1000000, NULL,
     "posts, clicks and hovers of one token, or address without one, in a second; 0 = no limit",
     .is_reloadable = false},
    {"max-message", OPTION_SIZE, "SIZE", "32MiB", 1024, LIMIT_WS_MESSAGE_BYTES, NULL,
     "a message of a client that may post", .is_reloadable = false},
    {"max-small-message", OPTION_SIZE, "SIZE", "64KiB", 1024, LIMIT_WS_MESSAGE_BYTES, NULL,
     "a message of any other client", .is_reloadable = false},
    {"max-receiving", OPTION_SIZE, "SIZE", "256MiB", 1024, INT64_C(1) << 40, NULL,
     "unfinished messages of all clients together", .is_reloadable = false},
    {"max-sending", OPTION_SIZE, "SIZE", "256MiB", 1024, INT64_C(1) << 40, NULL,
     "memory of files on their way to all clients together", .is_reloadable = false},
    {"max-requests", OPTION_INT, "N", "1000", 0, 1000000, NULL,
     "requests of one client in a second, more are delayed; 0 = no limit", .is_reloadable = false},
    {"message-time", OPTION_DURATION, "TIME", "60s", 100000, 3600 * SECONDS, NULL,
     "close a client whose message is not complete so long after it began", .is_reloadable = false},
    {"handshake-time", OPTION_DURATION, "TIME", "10s", SECONDS, 3600 * SECONDS, NULL,
     "close a connection that is no WebSocket after this", .is_reloadable = false},
    {"stall-time", OPTION_DURATION, "TIME", "30s", 100000, 3600 * SECONDS, NULL,
     "close a client that takes nothing for so long", .is_reloadable = false},
    {"idle-time", OPTION_DURATION, "TIME", "60s", 0, 3600 * SECONDS, NULL,
     "ping a silent client after this, close it after twice this; 0 = never",
     .is_reloadable = false},
    {"session-store", OPTION_STRING, "URL", NULL, 0, 0, NULL,
     "redis://[user@]host:port[/db]: JSON-RPC sessions go on at any gateway that has it too",
     .is_reloadable = false},
    {"session-store-password", OPTION_STRING, "FILE", NULL, 0, 0, NULL,
     "password of --session-store, the first line of this file", .is_reloadable = false},
    {"session-timeout", OPTION_DURATION, "TIME", "10s", 0, 3600 * SECONDS, NULL,
     "a JSON-RPC session without a connection lives so long", .is_reloadable = false},
    {"max-sessions", OPTION_INT, "N", "20000", 1, 1000000, NULL, "JSON-RPC sessions at once",
     .is_reloadable = false},
    {"sockjs-heartbeat", OPTION_DURATION, "TIME", "25s", 100000, 3600 * SECONDS, NULL,
     "a sign of life for SockJS clients, so often", .is_reloadable = false},
    {"drain-time", OPTION_DURATION, "TIME", "3s", 0, 3600 * SECONDS, NULL,
     "spread the closing of clients over this time after SIGTERM", .is_reloadable = false},
    {"admin", OPTION_HOSTPORT, "HOST:PORT", NULL, 0, 0, NULL,
     "serve /healthz, /readyz and /metrics here", .is_reloadable = false},
};

static int check(const struct options *options, char *why, size_t size_bytes) {
    int err = auth_options_check(options, why, size_bytes);
    err = err != 0 ? err : curve_options_check_client(options, why, size_bytes);
    err = err != 0 ? err : peer_nets_check(options, why, size_bytes);
    err = err != 0 ? err : tls_options_check(options, why, size_bytes);
    return err != 0 ? err : store_options_check(options, why, size_bytes);
}

const struct options_table gateway_options_table = {
    .program = "leggio-ws",
    .summary = "Serves the score to WebSocket clients: pictures, notifications, posts, clicks.",
    .rows = ROWS,
    .n_rows = sizeof(ROWS) / sizeof(ROWS[0]),
    .check = check,
};
