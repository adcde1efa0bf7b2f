/* POST /rpc: one JSON-RPC call or a batch, without a session; one answer in the
 * body, or 204 when nothing is to be answered (docs/jsonrpc.md).
 *
 * Each request has a server of its own, with the methods that both gateways have.
 * Its calls are answered on the upstream's thread or by a wait: whoever comes with
 * one takes the lock; the last one wakes the request.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/err.h"
#include "common/log.h"
#include "common/score_rpc/score_rpc.h"
#include "gateway-http/exchange.h"
#include "gateway-http/server/response.h"

#define RESERVED_BYTES_MAX (64u * 1024 * 1024) /* of files on their way, per request */

enum rpc_stage { STAGE_START = 0, STAGE_ANSWERED };

struct rpc_exchange {
    struct score_rpc_host host; /* first: the ctx of the methods */
    struct exchange *exchange;
    pthread_mutex_t lock; /* recursive; guards all below: a wait may end while it begins */
    struct jsonrpc_server *server;
    struct jsonrpc_transport *transport;
    char *answer;
    size_t answer_size;
    size_t n_pending, n_changes, reserved_bytes;
    bool is_suspended;
};

/* A call, view or wait under way. */
struct pending {
    struct rpc_exchange *rpc;
    void *cookie;
    void (*on_reply)(void *cookie, const struct call_reply *reply);
    void (*on_view)(void *cookie, int code, struct frame *frame);
    void (*on_shown)(void *cookie);
    struct wait wait;
    char scene[LIMIT_SCENE_NAME_BYTES + 1];
};

static struct pending *begin(struct score_rpc_host *host, void *cookie) {
    struct pending *pending = calloc(1, sizeof *pending);
    if (pending != NULL) {
        pending->rpc = (struct rpc_exchange *)(void *)host;
        pending->cookie = cookie;
        pending->rpc->n_pending++;
    }
    return pending;
}

/* It never began. */
static int give_up(struct pending *pending, int code) {
    pending->rpc->n_pending--;
    free(pending);
    return code;
}

/* Releases the lock. */
static void end(struct pending *pending) {
    struct rpc_exchange *rpc = pending->rpc;
    free(pending);
    rpc->n_pending--;
    bool is_last = rpc->n_pending == 0 && rpc->is_suspended;
    rpc->is_suspended = rpc->is_suspended && !is_last;
    struct http_request *request = rpc->exchange->request;
    pthread_mutex_unlock(&rpc->lock);
    if (is_last) {
        http_request_resume(request); /* rpc may be gone from here on */
    }
}

/* -- what the methods need ---------------------------------------------------- */

static struct frame *frame_of(struct score_rpc_host *host, const char *scene) {
    return upstream_frame(host->upstream, scene);
}

static void on_reply(void *ctx, const struct call_reply *reply) {
    struct pending *pending = ctx;
    pthread_mutex_lock(&pending->rpc->lock);
    pending->on_reply(pending->cookie, reply);
    end(pending);
}

static int call(struct score_rpc_host *host, const struct call_request *request, void *cookie,
                void (*done)(void *cookie, const struct call_reply *reply),
                void (*drop)(void *cookie)) {
    struct pending *pending = begin(host, cookie);
    (void)drop; /* done comes in any case */
    if (pending == NULL) {
        return LG_EBUSY;
    }
    pending->on_reply = done;
    int code = upstream_call(host->upstream, request, on_reply, pending);
    return code == 0 ? 0 : give_up(pending, code);
}

static void on_view(void *ctx, int code, struct frame *frame) {
    struct pending *pending = ctx;
    pthread_mutex_lock(&pending->rpc->lock);
    pending->on_view(pending->cookie, code, frame);
    end(pending);
}

static int view(struct score_rpc_host *host, const char *scene, uint32_t width_px, void *cookie,
                void (*done)(void *cookie, int code, struct frame *frame),
                void (*drop)(void *cookie)) {
    struct pending *pending = begin(host, cookie);
    (void)drop;
    if (pending == NULL) {
        return LG_EBUSY;
    }
    pending->on_view = done;
    int code = upstream_view(host->upstream, scene, width_px, on_view, pending);
    return code == 0 ? 0 : give_up(pending, code);
}

static void on_shown(struct wait *wait) {
    struct pending *pending =
        (struct pending *)(void *)((char *)wait - offsetof(struct pending, wait));
    pthread_mutex_lock(&pending->rpc->lock);
    pending->on_shown(pending->cookie);
    end(pending);
}

static int when_shown(struct score_rpc_host *host, const char *scene, uint64_t epoch,
                      uint64_t version, int timeout_ms, void *cookie, void (*done)(void *cookie),
                      void (*drop)(void *cookie)) {
    struct pending *pending = begin(host, cookie);
    (void)drop;
    if (pending == NULL) {
        return LG_EBUSY;
    }
    pending->on_shown = done;
    snprintf(pending->scene, sizeof pending->scene, "%s", scene);
    pending->wait = (struct wait){.scene = pending->scene,
                                  .epoch = epoch,
                                  .version = version,
                                  .deadline_us = lg_clock_us() + (int64_t)timeout_ms * 1000,
                                  .wake = on_shown};
    int code = waits_begin(&pending->rpc->exchange->gateway->waits, &pending->wait);
    return code == 0 ? 0 : give_up(pending, code);
}

static void client_name(struct score_rpc_host *host, struct jsonrpc_transaction *transaction,
                        char *text, size_t room) {
    const struct rpc_exchange *rpc = (const struct rpc_exchange *)(const void *)host;
    (void)transaction;
    snprintf(text, room, "%s", http_request_client_id(rpc->exchange->request));
}

/* /rpc, or /scenes/NAME/rpc. */
static const char *default_scene(struct score_rpc_host *host,
                                 struct jsonrpc_transaction *transaction) {
    (void)transaction;
    return ((const struct rpc_exchange *)(const void *)host)->exchange->scene;
}

/* By the header of the whole request: this is one of the changes in it. */
static struct call_key change_key(struct score_rpc_host *host,
                                  struct jsonrpc_transaction *transaction) {
    struct rpc_exchange *rpc = (struct rpc_exchange *)(void *)host;
    const struct http_request *request = rpc->exchange->request;
    struct call_key key = exchange_change_key(rpc->exchange, request->body, request->body_size);
    (void)transaction;
    if (key.high != 0 && key.low != 0) {
        key.low += rpc->n_changes++;
    }
    return key;
}

static bool reserve(struct score_rpc_host *host, struct jsonrpc_transaction *transaction,
                    size_t size_bytes) {
    struct rpc_exchange *rpc = (struct rpc_exchange *)(void *)host;
    (void)transaction;
    if (size_bytes > RESERVED_BYTES_MAX - rpc->reserved_bytes) {
        return false;
    }
    rpc->reserved_bytes += size_bytes;
    return true;
}

static const struct score_rpc_ops OPS = {
    .frame = frame_of,
    .call = call,
    .view = view,
    .when_shown = when_shown,
    .client_name = client_name,
    .pointer_name = client_name,
    .default_scene = default_scene,
    .change_key = change_key,
    .reserve = reserve,
};

/* -- one request ----------------------------------------------------------------- */

/* The answer: one text, at most once. */
static void keep_answer(void *ctx, const char *text, size_t size_bytes) {
    struct rpc_exchange *rpc = ctx;
    free(rpc->answer);
    rpc->answer = malloc(size_bytes);
    rpc->answer_size = rpc->answer != NULL ? size_bytes : 0;
    if (rpc->answer != NULL) {
        memcpy(rpc->answer, text, size_bytes);
    }
}

static void release(void *ctx) {
    struct rpc_exchange *rpc = ctx;
    jsonrpc_transport_closed(rpc->transport, "");
    jsonrpc_server_destroy(rpc->server);
    pthread_mutex_destroy(&rpc->lock);
    free(rpc->answer);
    free(rpc);
}

static struct rpc_exchange *create(struct exchange *exchange) {
    struct rpc_exchange *rpc = calloc(1, sizeof *rpc);
    struct jsonrpc_options options = jsonrpc_options_default();
    pthread_mutexattr_t recursive;
    if (rpc == NULL) {
        return NULL;
    }
    pthread_mutexattr_init(&recursive);
    pthread_mutexattr_settype(&recursive, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&rpc->lock, &recursive);
    pthread_mutexattr_destroy(&recursive);
    rpc->host = (struct score_rpc_host){.upstream = exchange->gateway->upstream, .ops = &OPS};
    rpc->exchange = exchange;
    options.methods = SCORE_RPC_METHODS;
    options.n_methods = SCORE_RPC_N_METHODS;
    options.ctx = rpc;
    options.title = "leggio-http";
    options.role_names = SCORE_RPC_ROLE_NAMES;
    const struct jsonrpc_link link = {.ctx = rpc, .send = keep_answer, .is_sessionless = true};
    rpc->server = jsonrpc_server_create(&options);
    if (rpc->server != NULL) {
        rpc->transport =
            jsonrpc_transport_open(rpc->server, &link, (int)exchange_grant(exchange)->role);
    }
    if (rpc->transport == NULL) {
        release(rpc);
        return NULL;
    }
    return rpc;
}

static void answer(struct exchange *exchange) {
    struct rpc_exchange *rpc = exchange->handler_ctx;
    if (rpc->answer == NULL) {
        exchange_give(exchange, 204, response_empty());
        return;
    }
    struct MHD_Response *response =
        response_bytes(rpc->answer, rpc->answer_size, "application/json", free, rpc->answer);
    rpc->answer = NULL;
    exchange_give(exchange, 200, response);
}

void handle_rpc(struct exchange *exchange) {
    struct http_request *request = exchange->request;
    if (exchange->stage == STAGE_ANSWERED) {
        answer(exchange);
        return;
    }
    struct rpc_exchange *rpc = create(exchange);
    if (rpc == NULL) {
        exchange_error(exchange, 503, "out of memory");
        return;
    }
    exchange->handler_ctx = rpc;
    exchange->release = release;
    exchange->stage = STAGE_ANSWERED;
    (void)http_request_client_id(request); /* made here, read on other threads */
    pthread_mutex_lock(&rpc->lock);
    jsonrpc_transport_receive(rpc->transport, request->body != NULL ? request->body : "",
                              request->body != NULL ? request->body_size : 0);
    rpc->is_suspended = rpc->n_pending > 0;
    if (rpc->is_suspended) {
        http_request_suspend(request);
    }
    bool is_done = !rpc->is_suspended;
    pthread_mutex_unlock(&rpc->lock);
    if (is_done) {
        answer(exchange);
    }
}
