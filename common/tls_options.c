/* The pair of TLS options. The files are read by the gateways: each by the
 * library that will use them. */
#include "common/tls_options.h"

#include <stdbool.h>
#include <stdio.h>

int tls_options_check(const struct options *options, char *why, size_t size_bytes) {
    bool has_cert = options_string(options, "tls-cert") != NULL;
    bool has_key = options_string(options, "tls-key") != NULL;
    if (has_cert == has_key) {
        return 0;
    }
    snprintf(why, size_bytes, "--tls-%s without --tls-%s: give both or neither",
             has_cert ? "cert" : "key", has_cert ? "key" : "cert");
    return -1;
}
