/* The options of leggio-http, once. */
#include <stdio.h>
#include <string.h>

#include "common/access/auth_tokens.h"
#include "common/broker/curve/curve_options.h"
#include "common/access/peer_key.h"
#include "common/tls_options.h"
#include "gateway-http/gateway.h"
#include "proto/limits.h"

#define TEXT_OF(number)       TEXT_OF_VALUE(number)
#define TEXT_OF_VALUE(number) #number

static const struct option_row ROWS[] = {
    {"listen", OPTION_HOSTPORT_LIST, "HOST:PORT", "127.0.0.1:8000", 0, 0, NULL,
     "serve here; repeatable; port 0: a free one, told on standard output", .is_reloadable = false},
    {"feed", OPTION_STRING, "ENDPOINT", "tcp://127.0.0.1:7010", 0, 0, NULL, "feed of the renderer",
     .is_reloadable = false},
    {"calls", OPTION_STRING, "ENDPOINT", "tcp://127.0.0.1:7011", 0, 0, NULL,
     "calls of the renderer", .is_reloadable = false},
    {"curve-keys", OPTION_STRING, "DIR", NULL, 0, 0, NULL,
     "keys for feed and calls (leggio-keys curve)", .is_reloadable = false},
    {"public-host", OPTION_STRING, "HOST", NULL, 0, 0, NULL,
     "name under which clients on this machine may conduct, beside loopback",
     .is_reloadable = false},
    {"open", OPTION_FLAG, NULL, NULL, 0, 0, NULL,
     "everyone may conduct (post, get, log), as in INScore", .is_reloadable = false},
    {"auth", OPTION_STRING, "FILE", NULL, 0, 0, NULL,
     "roles by token instead of by address (leggio-keys token); read again on SIGHUP",
     .is_reloadable = false},
    {"allow-origin", OPTION_LIST, "ORIGIN", NULL, 0, 0, NULL,
     "pages of this origin may conduct too; repeatable; * = all", .is_reloadable = false},
    TLS_OPTION_ROWS,
    {"score-host", OPTION_STRING, "HOST", "0.0.0.0", 0, 0, NULL,
     "address for ports that the score opens (httpd objects)", .is_reloadable = false},
    {"ws-port", OPTION_INT, "PORT", "7100", 0, 65535, NULL,
     "port of leggio-ws, told to the web page; 0 = there is none", .is_reloadable = false},
    {"ws-url", OPTION_STRING, "URL", NULL, 0, 0, NULL,
     "address of leggio-ws, told to the web page instead of --ws-port: ws://…, wss://…, or a path "
     "of the page's own address (/)",
     .is_reloadable = false},
    {"max-connections", OPTION_INT, "N", TEXT_OF(LIMIT_HTTP_CONNECTIONS_DEFAULT), 1,
     LIMIT_HTTP_CONNECTIONS, NULL, "open connections", .is_reloadable = false},
    {"max-per-address", OPTION_INT, "N", "2048", 0, LIMIT_HTTP_CONNECTIONS, NULL,
     "open connections of one peer address; 0 = no limit of its own (behind a proxy)",
     .is_reloadable = false},
    {"proxy", OPTION_LIST, "ADDRESS", NULL, 0, 0, NULL,
     "a proxy of ours, or a network of such: limits count the clients that its X-Forwarded-For names",
     .is_reloadable = false},
    {"max-accepts", OPTION_INT, "N", "0", 0, 1000000, NULL,
     "new connections of one address in a second; 0 = no limit", .is_reloadable = false},
    {"max-address-requests", OPTION_INT, "N", "0", 0, 1000000, NULL,
     "requests of one address in a second; 0 = no limit", .is_reloadable = false},
    {"max-changes", OPTION_INT, "N", "5000", 0, 1000000, NULL,
     "posts, clicks and hovers of one token, or address without one, in a second; 0 = no limit",
     .is_reloadable = false},
    {"max-body", OPTION_SIZE, "SIZE", "16MiB", 1024, LIMIT_HTTP_BODY_BYTES, NULL,
     "body of a request, decoded", .is_reloadable = false},
    {"max-receiving", OPTION_SIZE, "SIZE", "256MiB", 1024, INT64_C(1) << 40, NULL,
     "bodies of all requests together", .is_reloadable = false},
    {"max-header", OPTION_SIZE, "SIZE", "8KiB", 1024, LIMIT_HTTP_HEADER_BYTES, NULL,
     "request line and headers of a request", .is_reloadable = false},
    {"idle-time", OPTION_DURATION, "TIME", "30s", 1000000, 3600000000, NULL,
     "a connection without a whole request is closed", .is_reloadable = false},
    {"send-time", OPTION_DURATION, "TIME", "60s", 1000000, 3600000000, NULL,
     "time to send a body, or to read an answer, before the connection is closed",
     .is_reloadable = false},
    {"max-wait", OPTION_DURATION, "TIME", "10s", 1000, LIMIT_HTTP_VERSION_WAIT_MS * 1000LL, NULL,
     "how long ?version=N waits", .is_reloadable = false},
    {"drain-time", OPTION_DURATION, "TIME", "8s", 0, 600000000, NULL,
     "time for requests under way after SIGTERM", .is_reloadable = false},
    {"admin", OPTION_HOSTPORT, "HOST:PORT", NULL, 0, 0, NULL,
     "serve /healthz, /readyz and /metrics here", .is_reloadable = false},
};

static int check(const struct options *options, char *why, size_t size_bytes) {
    const char *url = options_string(options, "ws-url");
    if (url != NULL && url[0] != '/' && strncmp(url, "ws://", 5) != 0 &&
        strncmp(url, "wss://", 6) != 0) {
        snprintf(why, size_bytes, "--ws-url: %s is neither ws://…, wss://… nor a path", url);
        return -1;
    }
    int err = auth_options_check(options, why, size_bytes);
    err = err != 0 ? err : curve_options_check_client(options, why, size_bytes);
    err = err != 0 ? err : peer_nets_check(options, why, size_bytes);
    return err != 0 ? err : tls_options_check(options, why, size_bytes);
}

const struct options_table GATEWAY_OPTIONS = {
    "leggio-http",
    "Serves a live score over HTTP: pictures, versions, events, posts, clicks, files.",
    ROWS,
    sizeof ROWS / sizeof ROWS[0],
    check,
};
