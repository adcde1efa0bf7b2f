/* The ROUTER socket. A round handles what has arrived, up to a bound, and then ends the loop's
 * turn, so that a burst of posts is drawn once. */
#include "renderer/broker/call_server.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <czmq.h>
#include <zmq.h>

#include "common/clock.h"
#include "common/err.h"
#include "common/log.h"
#include "common/metrics.h"
#include "proto/limits.h"
#include "renderer/broker/request_memory.h"
#include "renderer/broker/route.h"
#include "renderer/broker/socket.h"

#define CALL_SERVER_ROUND_CALLS 256
#define CALL_SERVER_ROUND_US    8000
#define CALL_SERVER_WAITING_MAX 16384 /* of all gateways together; then busy */

struct call {
    struct call *next, *before;
    struct route route; /* of the latest asker */
    zmq_msg_t body;     /* what request's texts point into */
    bool has_body;
    bool is_remembered;
    struct msg_request request;
};

struct call_server {
    struct call_server_options options;
    void *zmq;
    char endpoint[256];
    struct request_memory *memory;
    struct call *waiting;
    size_t n_waiting;
    struct metric *calls, *bad, *repeated, *refused, *late, *waiting_now;
};

/* -- calls ------------------------------------------------------------------ */

const struct msg_request *call_request(const struct call *call) {
    return &call->request;
}

const char *call_scene(const struct call *call) {
    return call->request.scene[0] == '\0' ? "scene" : call->request.scene;
}

void call_drop_text(struct call *call) {
    if (call->has_body) {
        zmq_msg_close(&call->body);
        call->has_body = false;
    }
    call->request.text = call->request.note = (struct msg_bytes){NULL, 0};
}

static void free_call(struct call_server *server, struct call *call) {
    if (call->before != NULL) {
        call->before->next = call->next;
    } else if (server->waiting == call) {
        server->waiting = call->next;
    }
    if (call->next != NULL) {
        call->next->before = call->before;
    }
    metric_set(server->waiting_now, (int64_t)--server->n_waiting);
    call_drop_text(call);
    msg_request_finish(&call->request);
    free(call);
}

/* -- answers ---------------------------------------------------------------- */

static bool send_head(struct call_server *server, const struct call *call, const uint8_t *body,
                      size_t size, bool has_more) {
    /* A peer that is gone makes the ROUTER drop the message: nothing to be done. */
    return route_send(&call->route, server->zmq) &&
           zmq_send(server->zmq, body, size, (has_more ? ZMQ_SNDMORE : 0) | ZMQ_DONTWAIT) >= 0;
}

static void send_strips(struct call_server *server, const struct frame *frame) {
    struct msg_strip strips[LIMIT_STRIPS];
    struct msg_frame header = socket_frame_header(frame, 0);
    for (size_t i = 0; i < frame->n_strips; i++) {
        strips[i] = (struct msg_strip){.strip_i = i,
                                       .adler = frame->strips[i].adler,
                                       .raw_size_bytes = frame->strips[i].raw_size_bytes,
                                       .size_bytes = lg_bytes_size(frame->strips[i].chunk)};
    }
    header.strips = strips;
    header.n_strips = frame->n_strips;
    struct msg_buf encoded = {NULL, 0};
    if (msg_frame_encode(&header, &encoded) != LG_OK) {
        lg_log(LG_LOG_ERROR, "calls", "frame_not_encoded", "scene=%s", frame->scene);
    }
    /* The message has been begun: it is ended whatever happens. */
    zmq_send(server->zmq, encoded.data, encoded.size, ZMQ_SNDMORE | ZMQ_DONTWAIT);
    free(encoded.data);
    for (size_t i = 0; i < frame->n_strips; i++) {
        socket_send_bytes(server->zmq, frame->strips[i].chunk, i + 1 < frame->n_strips);
    }
}

/* is_refused: it was not applied, and is new when it comes again. */
static void answer(struct call_server *server, struct call *call, const struct msg_reply *reply,
                   const struct frame *frame, bool is_refused) {
    struct msg_reply full = *reply;
    full.gateway_id = call->request.gateway_id;
    full.counter = call->request.counter;
    struct msg_buf encoded;
    if (call_reply_encode(&full, &encoded) != LG_OK) {
        lg_log(LG_LOG_ERROR, "calls", "not_encoded", "kind=%s", call_kind_name(call->request.kind));
        if (call->is_remembered) { /* it was applied: never again, though there is no answer */
            struct request_key key = {full.gateway_id, full.counter};
            request_memory_answer(server->memory, key, NULL, 0, lg_clock_us());
        }
        free_call(server, call);
        return;
    }
    if (call->is_remembered) {
        struct request_key key = {full.gateway_id, full.counter};
        if (is_refused && strcmp(full.code, lg_err_name(LG_EBUSY)) == 0) {
            request_memory_forget(server->memory, key);
        } else {
            request_memory_answer(server->memory, key, encoded.data, encoded.size, lg_clock_us());
        }
    }
    if (send_head(server, call, encoded.data, encoded.size, frame != NULL) && frame != NULL) {
        send_strips(server, frame);
    }
    free(encoded.data);
    free_call(server, call);
}

void call_server_answer(struct call_server *server, struct call *call,
                        const struct msg_reply *reply) {
    answer(server, call, reply, NULL, false);
}

void call_server_restore(struct call_server *server, uint64_t gateway_id, uint64_t counter,
                         int code, const char *text, size_t text_size) {
    const struct request_found found = {NULL, (const uint8_t *)text, text_size, code};
    request_memory_restore(server->memory, (struct request_key){gateway_id, counter}, lg_clock_us(),
                           &found);
}

void call_server_answer_frame(struct call_server *server, struct call *call,
                              const struct msg_reply *reply, const struct frame *frame) {
    answer(server, call, reply, frame, false);
}

void call_server_refuse(struct call_server *server, struct call *call, int code, const char *text) {
    struct msg_reply reply = {.text = {text, text == NULL ? 0 : strlen(text)}};
    call_reply_set_code(&reply, code);
    metric_add(server->refused, 1);
    answer(server, call, &reply, NULL, true);
}

/* -- requests --------------------------------------------------------------- */

/* The answer to a request that could not be read. */
static void answer_bad(struct call_server *server, struct call *call, int code,
                       const struct msg_problem *problem) {
    struct msg_buf encoded;
    metric_add(server->bad, 1);
    lg_log(LG_LOG_WARN, "calls", "bad_request", "code=%s why=%s", lg_err_name(code), problem->text);
    if (call_error_encode(&call->request, code, problem->text, &encoded) == LG_OK) {
        send_head(server, call, encoded.data, encoded.size, false);
        free(encoded.data);
    }
}

static bool changes_the_score(uint64_t kind) {
    return kind == REQUEST_POST || kind == REQUEST_CLICK || kind == REQUEST_HOVER;
}

/* True when the call is new; else it has been answered, joined with the one under way, or handed
 * on. */
static bool enter_memory(struct call_server *server, struct call *call) {
    if (!changes_the_score(call->request.kind)) {
        return true;
    }
    struct request_key key = {call->request.gateway_id, call->request.counter};
    struct request_found found;
    switch (request_memory_enter(server->memory, key, call, lg_clock_us(), &found)) {
    case REQUEST_NEW:
        call->is_remembered = true;
        return true;
    case REQUEST_UNDER_WAY: {
        /* The gateway may have come back by a new connection: answer there. */
        struct call *first = found.call;
        first->route = call->route;
        break;
    }
    case REQUEST_ANSWERED:
        if (found.reply != NULL) {
            send_head(server, call, found.reply, found.reply_size, false);
        }
        break;
    case REQUEST_RESTORED:
        metric_add(server->repeated, 1);
        server->options.on_repeated(server->options.ctx, call, found.code,
                                    (const char *)found.reply, found.reply_size);
        return false;
    }
    metric_add(server->repeated, 1);
    free_call(server, call);
    return false;
}

/* Whoever asked has been told by now, or will be at this moment, that it was not done. */
static bool is_late(const struct call_server *server, const struct msg_request *request) {
    int64_t uptime_us = lg_clock_us() - server->options.started_us;
    return request->expires_ms != 0 && request->renderer_id == server->options.renderer_id &&
           (uint64_t)uptime_us / 1000 >= request->expires_ms;
}

static void take_call(struct call_server *server, struct call *call) {
    struct msg_problem problem = {0};
    int code = call_request_decode(zmq_msg_data(&call->body), zmq_msg_size(&call->body),
                                   &call->request, &problem);
    call->next = server->waiting;
    if (call->next != NULL) {
        call->next->before = call;
    }
    server->waiting = call;
    metric_set(server->waiting_now, (int64_t)++server->n_waiting);
    metric_add(server->calls, 1);
    if (code != LG_OK) {
        answer_bad(server, call, code, &problem);
        free_call(server, call);
    } else if (!enter_memory(server, call)) {
        return;
    } else if (server->n_waiting > CALL_SERVER_WAITING_MAX) {
        call_server_refuse(server, call, LG_EBUSY, "too many calls wait");
    } else if (is_late(server, &call->request)) {
        metric_add(server->late, 1);
        call_server_refuse(server, call, LG_EBUSY, "its time was over before its turn came");
    } else {
        server->options.on_call(server->options.ctx, call);
    }
}

/* Skips the rest of a message that is not ours to understand. */
static void skip_parts(void *zmq, bool has_more) {
    while (has_more) {
        zmq_msg_t part;
        zmq_msg_init(&part);
        if (zmq_msg_recv(&part, zmq, ZMQ_DONTWAIT) < 0) {
            zmq_msg_close(&part);
            return;
        }
        has_more = zmq_msg_more(&part) != 0;
        zmq_msg_close(&part);
    }
}

/* Reads identities, "", request. False when nothing waits. */
static bool receive(struct call_server *server) {
    struct call *call = calloc(1, sizeof *call);
    if (call == NULL) {
        return false;
    }
    bool has_more = false;
    enum route_result result = route_receive(&call->route, server->zmq, &has_more);
    if (result == ROUTE_NONE) {
        free(call);
        return false;
    }
    bool is_good = result == ROUTE_GOOD;
    zmq_msg_init(&call->body);
    call->has_body = true;
    if (is_good && zmq_msg_recv(&call->body, server->zmq, ZMQ_DONTWAIT) >= 0) {
        has_more = zmq_msg_more(&call->body) != 0;
    }
    skip_parts(server->zmq, has_more);
    if (!is_good) {
        metric_add(server->bad, 1);
        zmq_msg_close(&call->body);
        free(call);
        return true;
    }
    take_call(server, call);
    return true;
}

static int on_readable(zloop_t *zloop, zmq_pollitem_t *item, void *arg) {
    (void)zloop;
    (void)item;
    struct call_server *server = arg;
    int64_t until_us = lg_clock_us() + CALL_SERVER_ROUND_US;
    for (int i = 0; i < CALL_SERVER_ROUND_CALLS && receive(server); i++) {
        if (lg_clock_us() > until_us) {
            break;
        }
    }
    loop_turn_ended(server->options.loop);
    return 0;
}

static void make_metrics(struct call_server *server) {
    server->calls = metric_counter("leggio_renderer_calls_total", "", "requests of gateways");
    server->bad =
        metric_counter("leggio_renderer_calls_bad_total", "", "requests that were refused unread");
    server->repeated = metric_counter("leggio_renderer_calls_repeated_total", "",
                                      "requests that came again and were not applied again");
    server->refused = metric_counter("leggio_renderer_calls_refused_total", "",
                                     "requests answered with an error code");
    server->late = metric_counter("leggio_renderer_calls_late_total", "",
                                  "requests not begun: nobody waited for their answer any more");
    server->waiting_now =
        metric_gauge("leggio_renderer_calls_waiting", "", "requests that wait for their answer");
}

struct call_server *call_server_create(const struct call_server_options *options) {
    struct call_server *server = calloc(1, sizeof *server);
    if (server == NULL) {
        return NULL;
    }
    server->options = *options;
    make_metrics(server);
    server->memory = request_memory_create();
    const struct socket_options facts = {.type = ZMQ_ROUTER,
                                         .hwm = LIMIT_CALLS_HWM,
                                         .max_part_bytes = LIMIT_TEXT_BYTES + 64 * 1024,
                                         .linger_ms = 500,
                                         .keys = options->keys};
    server->zmq = socket_bind(&facts, options->endpoint, server->endpoint, sizeof server->endpoint);
    zmq_pollitem_t item = {.socket = server->zmq, .events = ZMQ_POLLIN};
    if (server->memory == NULL || server->zmq == NULL ||
        zloop_poller(loop_zloop(options->loop), &item, on_readable, server) != 0) {
        call_server_destroy(server);
        return NULL;
    }
    return server;
}

void call_server_destroy(struct call_server *server) {
    if (server == NULL) {
        return;
    }
    while (server->waiting != NULL) {
        free_call(server, server->waiting);
    }
    if (server->zmq != NULL) {
        zmq_pollitem_t item = {.socket = server->zmq, .events = ZMQ_POLLIN};
        zloop_poller_end(loop_zloop(server->options.loop), &item);
        socket_close(server->zmq);
    }
    request_memory_destroy(server->memory);
    free(server);
}

const char *call_server_endpoint(const struct call_server *server) {
    return server->endpoint;
}
