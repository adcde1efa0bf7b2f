/* Follows one scene and writes its pictures. */
#ifndef LEGGIO_CLIENTS_C_WATCH_WATCH_H
#define LEGGIO_CLIENTS_C_WATCH_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "clients/c/leggio_client.h"

struct watch_options {
    struct lg_client_options client; /* listener, user and log are the watch's */
    const char *scene;
    uint32_t width, period_ms;
    const char *target; /* a file, or a folder that is there */
    bool is_once, is_quiet;
};

/* Until SIGINT or SIGTERM (which must be blocked), the first picture with is_once, or the end of
 * the connection. Returns the exit status: 0, or 1 after an error that was told. */
int watch_run(const struct watch_options *options);

#endif
