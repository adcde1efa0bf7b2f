/* --tls-cert and --tls-key, the same in both gateways. */
#ifndef LEGGIO_COMMON_TLS_OPTIONS_H
#define LEGGIO_COMMON_TLS_OPTIONS_H

#include <stddef.h>

#include "common/options.h"

/* Two rows of a program's table. */
#define TLS_OPTION_ROWS                                                                            \
    {"tls-cert",                                                                                   \
     OPTION_STRING,                                                                                \
     "FILE",                                                                                       \
     NULL,                                                                                         \
     0,                                                                                            \
     0,                                                                                            \
     NULL,                                                                                         \
     "speak TLS on every port: certificate and its chain in PEM; read again on SIGHUP",            \
     .is_reloadable = true},                                                                       \
    {                                                                                              \
        "tls-key", OPTION_STRING, "FILE", NULL, 0, 0, NULL, "private key of --tls-cert in PEM",    \
            .is_reloadable = true                                                                  \
    }

/* For the check of a program's table: both or neither. */
int tls_options_check(const struct options *options, char *why, size_t size_bytes);

#endif
