/* The options of leggio-ws alone; those of both gateways: common/gateways. */
#include <stddef.h>

#include "common/gateways/shared_options.h"
#include "gateway-ws/gateway.h"
#include "gateway-ws/store/store_options.h"
#include "proto/limits.h"

#define SECONDS INT64_C(1000000)

static const struct option_row ROWS[] = {
    {"listen", OPTION_HOSTPORT_LIST, "HOST:PORT", "127.0.0.1:7100",
     .text = "serve here; port 0 takes a free one and prints it"},
    {"notify-period", OPTION_DURATION, "TIME", "50", 0, LIMIT_NOTIFY_PERIOD_MAX_MS *INT64_C(1000),
     .text = "least time between two notifications to a client"},
    {"max-connections", OPTION_INT, "N", "8192", 1, LIMIT_WS_CONNECTIONS,
     .text = "connections at once"},
    {"max-per-address", OPTION_INT, "N", "0", 0, LIMIT_WS_CONNECTIONS,
     .text = "connections at once from one address, 0 = no limit (behind a balancer)"},
    {"max-message", OPTION_SIZE, "SIZE", "32MiB", 1024, LIMIT_WS_MESSAGE_BYTES,
     .text = "a message of a client that may conduct"},
    {"max-small-message", OPTION_SIZE, "SIZE", "64KiB", 1024, LIMIT_WS_MESSAGE_BYTES,
     .text = "a message of any other client"},
    {"max-receiving", OPTION_SIZE, "SIZE", "256MiB", 1024, INT64_C(1) << 40,
     .text = "unfinished messages of all clients together"},
    {"max-sending", OPTION_SIZE, "SIZE", "256MiB", 1024, INT64_C(1) << 40,
     .text = "memory of files on their way to all clients together"},
    {"max-requests", OPTION_INT, "N", "1000", 0, 1000000,
     .text = "requests of one client in a second, more are delayed; 0 = no limit"},
    {"message-time", OPTION_DURATION, "TIME", "60s", 100000, 3600 * SECONDS,
     .text = "close a client whose message is not complete so long after it began"},
    {"handshake-time", OPTION_DURATION, "TIME", "10s", SECONDS, 3600 * SECONDS,
     .text = "close a connection that is no WebSocket after this"},
    {"stall-time", OPTION_DURATION, "TIME", "30s", 100000, 3600 * SECONDS,
     .text = "close a client that takes nothing for so long"},
    {"idle-time", OPTION_DURATION, "TIME", "60s", 0, 3600 * SECONDS,
     .text = "ping a silent client after this, close it after twice this; 0 = never"},
    {"session-store", OPTION_STRING, "URL", NULL,
     .text =
         "redis://[user@]host:port[/db]: JSON-RPC sessions go on at any gateway that has it too"},
    {"session-store-password", OPTION_STRING, "FILE", NULL,
     .text = "password of --session-store, the first line of this file"},
    {"session-timeout", OPTION_DURATION, "TIME", "10s", 0, 3600 * SECONDS,
     .text = "a JSON-RPC session without a connection lives so long"},
    {"max-sessions", OPTION_INT, "N", "20000", 1, 1000000, .text = "JSON-RPC sessions at once"},
    {"sockjs-heartbeat", OPTION_DURATION, "TIME", "25s", 100000, 3600 * SECONDS,
     .text = "a sign of life for SockJS clients, so often"},
    {"drain-time", OPTION_DURATION, "TIME", "3s", 0, 3600 * SECONDS,
     .text = "spread the closing of clients over this time after SIGTERM"},
};

static int check(const struct options *options, char *why, size_t size_bytes) {
    int err = shared_options_check(options, why, size_bytes);
    return err != 0 ? err : store_options_check(options, why, size_bytes);
}

const struct options_table gateway_options_table = {
    .program = "leggio-ws",
    .summary = "Serves the score to WebSocket clients: pictures, notifications, posts, clicks.",
    .rows = ROWS,
    .n_rows = sizeof(ROWS) / sizeof(ROWS[0]),
    .shared_rows = SHARED_ROWS,
    .n_shared_rows = SHARED_N_ROWS,
    .check = check,
};
