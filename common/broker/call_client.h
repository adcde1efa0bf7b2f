/* Calls under way: deadlines, repetition, answers. No sockets: a function sends
 * the bytes. One thread (the upstream's).
 *
 * A request that got no answer is sent again, byte for byte, after
 * LIMIT_CALL_RETRY_MS (plus 1 ms per KB of request), then after twice that, and
 * so on; at once, renewed, when the renderer is another process. Its id makes the
 * renderer apply it once.
 */
#ifndef LEGGIO_COMMON_BROKER_CALL_CLIENT_H
#define LEGGIO_COMMON_BROKER_CALL_CLIENT_H

#include <stddef.h>
#include <stdint.h>

#include "proto/messages.h"

struct call_client;

/* code 0: reply and the parts behind it, all borrowed. Else LG_EBUSY (deadline,
 * stop) and reply NULL. */
typedef void (*call_client_done_fn)(void *ctx, int code, const struct msg_reply *reply,
                                    const struct msg_bytes *rest, size_t n_rest);

struct call_client_request;

struct call_client_options {
    /* Send one request now: 0 or LG_EBUSY (tried again soon). */
    int (*send)(void *ctx, struct msg_bytes request);
    /* It goes to another process, or to the first one: bring what it says of the
     * renderer up to date. NULL: it says nothing. */
    void (*renew)(void *ctx, struct call_client_request *request);
    void *ctx;
};

struct call_client_request {
    uint64_t gateway_id, counter; /* of the encoded request */
    struct msg_buf bytes;         /* taken over */
    int64_t deadline_us;          /* monotonic */
    int64_t contact_us;           /* 0, or: sent by the next call_client_resend_all, ended if none
                                     came by then */
    call_client_done_fn done;
    void *ctx;
};

struct call_client *call_client_create(const struct call_client_options *options);
/* All pending calls end with LG_EBUSY. */
void call_client_destroy(struct call_client *client);

/* Take over a request and send it. When LIMIT_CALLS_UNDER_WAY are pending it
 * ends at once with LG_EBUSY. */
void call_client_start(struct call_client *client, const struct call_client_request *request,
                       int64_t now_us);

/* A received message: parts[0] is the reply, after the empty delimiter. */
void call_client_handle(struct call_client *client, const struct msg_bytes *parts, size_t n_parts);

/* Ends what is past its deadline, repeats what is due. Returns when it wants to
 * be called again (monotonic us; INT64_MAX = nothing pending). */
int64_t call_client_tick(struct call_client *client, int64_t now_us);

/* Send everything pending again: the renderer is another process, or the first one. */
void call_client_resend_all(struct call_client *client, int64_t now_us);

size_t call_client_pending(const struct call_client *client);

#endif
