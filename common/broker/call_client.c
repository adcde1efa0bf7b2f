/* The table of calls under way. */
#include "common/broker/call_client.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/broker/trace.h"
#include "common/clock.h"
#include "common/err.h"
#include "common/log.h"
#include "common/metrics.h"
#include "proto/calls.h"

#define N_BUCKETS     1024  /* of the look-up by counter */
#define SEND_AGAIN_US 20000 /* after the socket refused */
#define NONE          UINT32_MAX

struct call {
    struct call_client_request request;
    int64_t started_us, retry_us, retry_after_us;
    uint32_t next; /* in its bucket, or in the list of free ones */
    bool is_used;
};

struct call_client {
    struct call_client_options options;
    struct call calls[LIMIT_CALLS_UNDER_WAY];
    uint32_t buckets[N_BUCKETS];
    uint32_t free_head, n_used_end; /* calls at and above n_used_end were never used */
    size_t n_pending;
    int64_t next_due_us;
    struct metric *retries, *timeouts, *strays, *delay;
};

struct call_client *call_client_create(const struct call_client_options *options) {
    struct call_client *client = calloc(1, sizeof *client);
    if (client == NULL) {
        return NULL;
    }
    client->options = *options;
    memset(client->buckets, 0xff, sizeof client->buckets);
    client->free_head = NONE;
    client->next_due_us = INT64_MAX;
    client->retries = metric_counter("leggio_upstream_call_retries_total", "", "calls sent again");
    client->timeouts =
        metric_counter("leggio_upstream_call_timeouts_total", "", "calls past their deadline");
    client->strays =
        metric_counter("leggio_upstream_call_strays_total", "", "replies that nobody waits for");
    client->delay = metric_histogram("leggio_upstream_call_delay_seconds", "",
                                     "from the start of a call to its answer",
                                     METRIC_DELAY_BOUNDS_US, METRIC_N_DELAY_BOUNDS, 1e-6);
    return client;
}

static uint32_t *bucket_of(struct call_client *client, uint64_t counter) {
    return &client->buckets[counter % N_BUCKETS];
}

static struct call *obtain(struct call_client *client) {
    uint32_t call_i = client->free_head;
    if (call_i != NONE) {
        client->free_head = client->calls[call_i].next;
    } else if (client->n_used_end < LIMIT_CALLS_UNDER_WAY) {
        call_i = client->n_used_end++;
    } else {
        return NULL;
    }
    client->calls[call_i] = (struct call){.is_used = true};
    client->n_pending++;
    return &client->calls[call_i];
}

/* Out of its bucket and back to the free ones; its bytes are freed. */
static void release(struct call_client *client, struct call *call) {
    uint32_t call_i = (uint32_t)(call - client->calls);
    uint32_t *link = bucket_of(client, call->request.counter);
    while (*link != call_i) {
        link = &client->calls[*link].next;
    }
    *link = call->next;
    free(call->request.bytes.data);
    *call = (struct call){.next = client->free_head};
    client->free_head = call_i;
    client->n_pending--;
}

/* The call is out of the table before its asker hears: it may start another. */
static void end_call(struct call_client *client, struct call *call, int code,
                     const struct msg_reply *reply, const struct msg_bytes *rest, size_t n_rest) {
    struct call_client_request request = call->request;
    metric_observe(client->delay, lg_clock_us() - call->started_us);
    release(client, call);
    request.done(request.ctx, code, reply, rest, n_rest);
}

void call_client_destroy(struct call_client *client) {
    if (client == NULL) {
        return;
    }
    for (uint32_t i = 0; i < client->n_used_end; i++) {
        if (client->calls[i].is_used) {
            end_call(client, &client->calls[i], LG_EBUSY, NULL, NULL, 0);
        }
    }
    free(client);
}

static int64_t end_of(const struct call *call) {
    const struct call_client_request *request = &call->request;
    return request->contact_us != 0 && request->contact_us < request->deadline_us
               ? request->contact_us
               : request->deadline_us;
}

/* When there is something to do for it. */
static int64_t due_of(const struct call *call) {
    int64_t end_us = end_of(call);
    return call->retry_us < end_us ? call->retry_us : end_us;
}

static void send_call(struct call_client *client, struct call *call, int64_t now_us) {
    struct msg_bytes bytes = {call->request.bytes.data, call->request.bytes.size};
    if (client->options.send(client->options.ctx, bytes) != 0) {
        call->retry_us = now_us + SEND_AGAIN_US;
    } else {
        trace_message("calls", "sent", bytes);
        call->retry_us = now_us + call->retry_after_us;
        call->retry_after_us *= 2;
    }
    if (due_of(call) < client->next_due_us) {
        client->next_due_us = due_of(call);
    }
}

void call_client_start(struct call_client *client, const struct call_client_request *request,
                       int64_t now_us) {
    struct call *call = obtain(client);
    if (call == NULL) {
        free(request->bytes.data);
        request->done(request->ctx, LG_EBUSY, NULL, NULL, 0);
        return;
    }
    uint32_t *bucket = bucket_of(client, request->counter);
    call->request = *request;
    call->started_us = now_us;
    call->retry_after_us = (int64_t)LIMIT_CALL_RETRY_MS * 1000 + (int64_t)request->bytes.size;
    call->next = *bucket;
    *bucket = (uint32_t)(call - client->calls);
    if (request->contact_us == 0) {
        send_call(client, call, now_us);
        return;
    }
    call->retry_us = INT64_MAX;
    if (due_of(call) < client->next_due_us) {
        client->next_due_us = due_of(call);
    }
}

static struct call *find(struct call_client *client, uint64_t gateway_id, uint64_t counter) {
    for (uint32_t i = *bucket_of(client, counter); i != NONE; i = client->calls[i].next) {
        const struct call_client_request *request = &client->calls[i].request;
        if (request->counter == counter && request->gateway_id == gateway_id) {
            return &client->calls[i];
        }
    }
    return NULL;
}

void call_client_handle(struct call_client *client, const struct msg_bytes *parts, size_t n_parts) {
    struct msg_reply reply;
    struct msg_problem problem;
    int code = n_parts == 0 ? LG_EBADREQUEST
                            : call_reply_decode(parts[0].data, parts[0].size, &reply, &problem);
    if (n_parts == 0) {
        return;
    }
    trace_message("calls", "received", parts[0]);
    if (code != 0) {
        lg_log(LG_LOG_WARN, "calls", "reply_malformed", "reason=%s", problem.text);
    }
    struct call *call = find(client, reply.gateway_id, reply.counter);
    if (call == NULL) {
        metric_add(client->strays, 1); /* late, or the answer to a repetition */
    } else if (code != 0) {
        end_call(client, call, LG_EINTERNAL, NULL, NULL, 0);
    } else {
        end_call(client, call, 0, &reply, parts + 1, n_parts - 1);
    }
    msg_reply_finish(&reply);
}

int64_t call_client_tick(struct call_client *client, int64_t now_us) {
    if (now_us < client->next_due_us) {
        return client->next_due_us;
    }
    client->next_due_us = INT64_MAX;
    for (uint32_t i = 0; i < client->n_used_end; i++) {
        struct call *call = &client->calls[i];
        if (!call->is_used) {
            continue;
        }
        if (now_us >= end_of(call)) {
            metric_add(client->timeouts, 1);
            end_call(client, call, LG_EBUSY, NULL, NULL, 0);
            continue;
        }
        if (now_us >= call->retry_us) {
            metric_add(client->retries, 1);
            send_call(client, call, now_us);
            continue;
        }
        if (due_of(call) < client->next_due_us) {
            client->next_due_us = due_of(call);
        }
    }
    return client->next_due_us;
}

void call_client_resend_all(struct call_client *client, int64_t now_us) {
    for (uint32_t i = 0; i < client->n_used_end; i++) {
        struct call *call = &client->calls[i];
        if (!call->is_used) {
            continue;
        }
        if (client->options.renew != NULL) {
            client->options.renew(client->options.ctx, &call->request);
        }
        call->request.contact_us = 0;
        call->retry_us = now_us;
        client->next_due_us = now_us;
    }
}

size_t call_client_pending(const struct call_client *client) {
    return client->n_pending;
}
