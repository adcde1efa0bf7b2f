/* The options of leggio-relay, once. */
#include <stdio.h>
#include <string.h>

#include "common/endpoint.h"
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
    {"allow-remote", OPTION_FLAG,
     .text = "let --bind-feed and --bind-calls leave this machine, unprotected: whoever connects "
             "may conduct"},
    {"admin", OPTION_HOSTPORT, "HOST:PORT", NULL,
     .text = "serve /healthz, /readyz and /metrics here"},
};

static int check(const struct options *options, char *why, size_t size_bytes) {
    static const char *const ENDPOINTS[] = {"feed", "calls", "bind-feed", "bind-calls"};
    for (size_t i = 0; i < 4; i++) {
        const char *endpoint = options_string(options, ENDPOINTS[i]);
        if (strstr(endpoint, "://") == NULL) {
            snprintf(why, size_bytes, "--%s: %s is no endpoint (tcp://HOST:PORT or ipc://PATH)",
                     ENDPOINTS[i], endpoint);
            return -1;
        }
        if (i >= 2 && !options_flag(options, "allow-remote") && !endpoint_is_local(endpoint)) {
            snprintf(why, size_bytes,
                     "--%s: %s can be reached from other machines, and there are no keys; "
                     "use a loopback address or --allow-remote",
                     ENDPOINTS[i], endpoint);
            return -1;
        }
    }
    return 0;
}

const struct options_table RELAY_OPTIONS = {
    "leggio-relay",
    "Passes the feed of a renderer on to many gateways, and their calls back to it.",
    ROWS,
    sizeof ROWS / sizeof ROWS[0],
    check,
};
