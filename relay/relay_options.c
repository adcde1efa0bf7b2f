/* The options of leggio-relay, once. */
#include <stdio.h>
#include <string.h>

#include "common/broker/curve/curve_options.h"
#include "relay/relay.h"

static const struct option_row ROWS[] = {
    {"feed", OPTION_STRING, "ENDPOINT", "tcp://127.0.0.1:7010",
     .text = "feed of the renderer, or of another relay"},
    {"calls", OPTION_STRING, "ENDPOINT", "tcp://127.0.0.1:7011",
     .text = "calls of the renderer, or of another relay"},
    {"bind-feed", OPTION_STRING, "ENDPOINT", "tcp://127.0.0.1:7020",
     .text = "give the feed on here; port 0 or * = a free one"},
    {"bind-calls", OPTION_STRING, "ENDPOINT", "tcp://127.0.0.1:7021",
     .text = "take calls here; port 0 or * = a free one"},
    {"curve-keys", OPTION_STRING, "DIR", NULL,
     .text = "keys, upwards and for who may connect from below (leggio-keys curve)"},
    {"admin", OPTION_HOSTPORT, "HOST:PORT", NULL,
     .text = "serve /healthz, /readyz and /metrics here"},
};

static int check(const struct options *options, char *why, size_t size_bytes) {
    static const char *const ENDPOINTS[] = {"feed", "calls"};
    static const char *const BINDS[] = {"bind-feed", "bind-calls"};
    for (size_t i = 0; i < 2; i++) {
        const char *endpoint = options_string(options, ENDPOINTS[i]);
        if (strstr(endpoint, "://") == NULL) {
            snprintf(why, size_bytes, "--%s: %s is no endpoint (tcp://HOST:PORT or ipc://PATH)",
                     ENDPOINTS[i], endpoint);
            return -1;
        }
    }
    return curve_options_check_client(options, why, size_bytes) != 0
               ? -1
               : curve_options_check_server(options, BINDS, 2, why, size_bytes);
}

const struct options_table RELAY_OPTIONS = {
    .program = "leggio-relay",
    .summary = "Passes the feed of a renderer on to many gateways, and their calls back to it.",
    .rows = ROWS,
    .n_rows = sizeof ROWS / sizeof ROWS[0],
    .check = check,
};
