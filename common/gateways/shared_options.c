/* One table, one check. */
#include "common/gateways/shared_options.h"

#include <assert.h>
#include <stdio.h>

#include "common/access/auth_tokens.h"
#include "common/access/peer_key.h"
#include "common/access/rate_limit.h"
#include "common/broker/curve/curve_options.h"

#define PER_S_MAX 1000000

const struct option_row SHARED_ROWS[] = {
    {"feed", OPTION_STRING, "ENDPOINT", "tcp://127.0.0.1:7010", .text = "feed of the renderer"},
    {"calls", OPTION_STRING, "ENDPOINT", "tcp://127.0.0.1:7011", .text = "calls of the renderer"},
    {"curve-keys", OPTION_STRING, "DIR", NULL,
     .text = "keys for feed and calls (leggio-keys curve)"},
    {"public-host", OPTION_STRING, "HOST", NULL,
     .text = "name under which clients on this machine may conduct, beside loopback"},
    {"open", OPTION_FLAG, .text = "everyone may conduct (post, get, log), as in INScore"},
    {"auth", OPTION_STRING, "FILE", NULL,
     .text = "roles by token instead of by address (leggio-keys token); read again on SIGHUP"},
    {"allow-origin", OPTION_LIST, "ORIGIN", NULL,
     .text = "pages of this origin may conduct too; repeatable; * = all"},
    {"tls-cert", OPTION_STRING, "FILE", NULL,
     .text = "speak TLS on every port: certificate and its chain in PEM; read again on SIGHUP",
     .is_reloadable = true},
    {"tls-key", OPTION_STRING, "FILE", NULL, .text = "private key of --tls-cert in PEM",
     .is_reloadable = true},
    {"score-host", OPTION_STRING, "HOST", "0.0.0.0",
     .text = "address for ports that the score opens (httpd and websocket objects)"},
    {"proxy", OPTION_LIST, "ADDRESS", NULL,
     .text = "a proxy of ours, or a network of such: limits count the clients that its "
             "X-Forwarded-For names"},
    {"max-accepts", OPTION_INT, "N", "0", 0, PER_S_MAX,
     .text = "new connections of one address in a second; 0 = no limit"},
    {"max-address-requests", OPTION_INT, "N", "0", 0, PER_S_MAX,
     .text = "requests of one address in a second; 0 = no limit"},
    {"max-changes", OPTION_INT, "N", "5000", 0, PER_S_MAX,
     .text = "posts, clicks and hovers of one token, or address without one, in a second; 0 = no "
             "limit"},
    {"admin", OPTION_HOSTPORT, "HOST:PORT", NULL,
     .text = "serve /healthz, /readyz and /metrics here"},
};
static_assert(sizeof SHARED_ROWS / sizeof SHARED_ROWS[0] == SHARED_N_ROWS, "count of SHARED_ROWS");

static int check_tls(const struct options *options, char *why, size_t size_bytes) {
    bool has_cert = options_string(options, "tls-cert") != NULL;
    bool has_key = options_string(options, "tls-key") != NULL;
    if (has_cert == has_key) {
        return 0;
    }
    snprintf(why, size_bytes, "--tls-%s without --tls-%s: give both or neither",
             has_cert ? "cert" : "key", has_cert ? "key" : "cert");
    return -1;
}

int shared_options_check(const struct options *options, char *why, size_t size_bytes) {
    int err = auth_options_check(options, why, size_bytes);
    err = err != 0 ? err : curve_options_check_client(options, why, size_bytes);
    err = err != 0 ? err : peer_nets_check(options, why, size_bytes);
    return err != 0 ? err : check_tls(options, why, size_bytes);
}

bool shared_options_policy(const struct options *options, struct auth_policy *policy) {
    policy->is_open = options_flag(options, "open");
    policy->public_host = options_string(options, "public-host");
    policy->n_allow_origins = options_list(options, "allow-origin", &policy->allow_origins);
    return auth_options_load(options, &policy->tokens);
}

struct rate_limit *shared_options_rate(const struct options *options, const char *name) {
    uint32_t per_s = (uint32_t)options_int(options, name);
    return rate_limit_create(per_s, per_s);
}
