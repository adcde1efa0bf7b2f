/* The HTTP gateway as a whole: what its parts share, and its life. */
#ifndef LEGGIO_GATEWAY_HTTP_GATEWAY_H
#define LEGGIO_GATEWAY_HTTP_GATEWAY_H

#include <stdbool.h>
#include <stdint.h>

#include "common/access/auth.h"
#include "common/broker/upstream.h"
#include "common/options.h"
#include "gateway-http/events.h"
#include "gateway-http/picture.h"
#include "gateway-http/waits.h"

struct admission;
struct http_server;

/* Made in gateway_run, read by the handlers; nothing here changes after start
 * but through its own functions. */
struct gateway {
    struct options *options;
    struct upstream *upstream;
    struct http_server *server;
    struct admission *admission;
    struct pictures *pictures;
    struct picture_link link;
    struct waits waits;
    struct events events;
    struct auth_policy policy; /* borrows from options */
    struct metric *n_requests, *n_bad_tokens;
    size_t max_body_bytes;
    int max_wait_ms;
    int ws_port;        /* told to the web page */
    const char *ws_url; /* instead of it; NULL: by port */
};

/* The table of options of leggio-http. */
extern const struct options_table GATEWAY_OPTIONS;

/* Serve until SIGTERM or SIGINT; returns the exit status. */
int gateway_run(struct options *options);

#endif
