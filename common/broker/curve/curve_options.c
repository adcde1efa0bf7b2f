/* Are the keys there, may these endpoints be bound? */
#include "common/broker/curve/curve_options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/broker/curve/curve_keys.h"
#include "common/endpoint.h"
#include "common/err.h"
#include "common/options.h"

/* The reason of a loader behind the option's name. */
static int told(int code, const char *reason, char *why, size_t size_bytes) {
    if (code != LG_OK) {
        snprintf(why, size_bytes, "--curve-keys: %s", reason);
        return -1;
    }
    return 0;
}

int curve_options_check_client(const struct options *options, char *why, size_t size_bytes) {
    const char *dir = options_string(options, "curve-keys");
    struct curve_client_keys keys;
    char reason[CURVE_PATH_ROOM];
    if (dir == NULL) {
        return 0;
    }
    return told(curve_client_keys_load(dir, &keys, reason, sizeof reason), reason, why, size_bytes);
}

static int check_server_keys(const char *dir, char *why, size_t size_bytes) {
    struct curve_server_keys keys;
    uint8_t(*clients)[CURVE_KEY_BYTES];
    size_t n;
    char reason[CURVE_PATH_ROOM];
    int code = curve_server_keys_load(dir, &keys, reason, sizeof reason);
    if (code == LG_OK) {
        code = curve_clients_load(dir, &clients, &n, reason, sizeof reason);
    }
    if (code == LG_OK) {
        free(clients);
    }
    return told(code, reason, why, size_bytes);
}

int curve_options_check_server(const struct options *options, const char *const *binds,
                               size_t n_binds, char *why, size_t size_bytes) {
    const char *dir = options_string(options, "curve-keys");
    for (size_t i = 0; i < n_binds; i++) {
        const char *endpoint = options_string(options, binds[i]);
        if (strstr(endpoint, "://") == NULL) {
            snprintf(why, size_bytes, "--%s: %s is no endpoint (tcp://HOST:PORT or ipc://PATH)",
                     binds[i], endpoint);
            return -1;
        }
        if (dir == NULL && !endpoint_is_local(endpoint)) {
            snprintf(why, size_bytes,
                     "--%s: %s can be reached from other machines, where whoever connects would "
                     "conduct: give --curve-keys DIR (leggio-keys curve makes them), or an address "
                     "of this machine",
                     binds[i], endpoint);
            return -1;
        }
    }
    return dir != NULL ? check_server_keys(dir, why, size_bytes) : 0;
}
