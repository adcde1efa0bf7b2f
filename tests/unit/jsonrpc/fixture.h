/* A server with a few methods and connections that keep what is sent to them. */
#ifndef LEGGIO_TESTS_UNIT_JSONRPC_FIXTURE_H
#define LEGGIO_TESTS_UNIT_JSONRPC_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/clock.h"
#include "common/err.h"
#include "common/jsonrpc/jsonrpc.h"

struct fixture_link {
    struct jsonrpc_transport *transport;
    char sent[8192]; /* texts, each followed by a newline */
    int close_code;
    const char *close_reason;
};

struct fixture {
    struct jsonrpc_server *server;
    struct fixture_link links[4];
    char events[512]; /* "established(1) lost …" */
    struct jsonrpc_transaction *async[8];
    size_t n_async;
    int64_t now_us;
};

extern struct fixture fixture; /* one at a time */

void fixture_open(struct jsonrpc_options *options, const struct jsonrpc_method *methods,
                  size_t n_methods);
void fixture_close(void);
struct fixture_link *fixture_link(size_t link_i); /* opened at first use, again after gone */
void fixture_gone(size_t link_i);
/* Send a text; what has been sent on that connection since the last call. */
const char *fixture_say(size_t link_i, const char *text);
const char *fixture_sent(size_t link_i);
void fixture_pass_ms(int64_t ms);
void fixture_event(const char *event);
/* Handler that keeps the transaction. */
void fixture_async(struct jsonrpc_transaction *transaction, json_t *params);
/* Events that write their names into fixture.events. */
extern const struct jsonrpc_events FIXTURE_EVENTS;

#endif
