/* The options of leggio-http alone; those of both gateways: common/gateways. */
#include <stdio.h>
#include <string.h>

#include "common/gateways/shared_options.h"
#include "gateway-http/gateway.h"
#include "proto/limits.h"

#define TEXT_OF(number)       TEXT_OF_VALUE(number)
#define TEXT_OF_VALUE(number) #number

static const struct option_row ROWS[] = {
    {"listen", OPTION_HOSTPORT_LIST, "HOST:PORT", "127.0.0.1:8000",
     .text = "serve here; repeatable; port 0: a free one, told on standard output"},
    {"ws-port", OPTION_INT, "PORT", "7100", 0, 65535,
     .text = "port of leggio-ws, told to the web page; 0 = there is none"},
    {"ws-url", OPTION_STRING, "URL", NULL,
     .text = "address of leggio-ws, told to the web page instead of --ws-port: ws://…, wss://…, or "
             "a path of the page's own address (/)"},
    {"max-connections", OPTION_INT, "N", TEXT_OF(LIMIT_HTTP_CONNECTIONS_DEFAULT), 1,
     LIMIT_HTTP_CONNECTIONS, .text = "open connections"},
    {"max-per-address", OPTION_INT, "N", "2048", 0, LIMIT_HTTP_CONNECTIONS,
     .text = "open connections of one peer address; 0 = no limit of its own (behind a proxy)"},
    {"max-body", OPTION_SIZE, "SIZE", "16MiB", 1024, LIMIT_HTTP_BODY_BYTES,
     .text = "body of a request, decoded"},
    {"max-receiving", OPTION_SIZE, "SIZE", "256MiB", 1024, INT64_C(1) << 40,
     .text = "bodies of all requests together"},
    {"max-header", OPTION_SIZE, "SIZE", "8KiB", 1024, LIMIT_HTTP_HEADER_BYTES,
     .text = "request line and headers of a request"},
    {"idle-time", OPTION_DURATION, "TIME", "30s", 1000000, 3600000000,
     .text = "a connection without a whole request is closed"},
    {"send-time", OPTION_DURATION, "TIME", "60s", 1000000, 3600000000,
     .text = "time to send a body, or to read an answer, before the connection is closed"},
    {"max-wait", OPTION_DURATION, "TIME", "10s", 1000, LIMIT_HTTP_VERSION_WAIT_MS * 1000LL,
     .text = "how long ?version=N waits"},
    {"drain-time", OPTION_DURATION, "TIME", "8s", 0, 600000000,
     .text = "time for requests under way after SIGTERM"},
};

static int check(const struct options *options, char *why, size_t size_bytes) {
    const char *url = options_string(options, "ws-url");
    if (url != NULL && url[0] != '/' && strncmp(url, "ws://", 5) != 0 &&
        strncmp(url, "wss://", 6) != 0) {
        snprintf(why, size_bytes, "--ws-url: %s is neither ws://…, wss://… nor a path", url);
        return -1;
    }
    return shared_options_check(options, why, size_bytes);
}

const struct options_table GATEWAY_OPTIONS = {
    .program = "leggio-http",
    .summary = "Serves a live score over HTTP: pictures, versions, events, posts, clicks, files.",
    .rows = ROWS,
    .n_rows = sizeof ROWS / sizeof ROWS[0],
    .shared_rows = SHARED_ROWS,
    .n_shared_rows = SHARED_N_ROWS,
    .check = check,
};
