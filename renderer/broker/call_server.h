/* The calls: a ROUTER socket on the score thread's loop. Decodes, checks roles and bounds, answers
 * repeated requests from memory, hands on the rest. What a call means is the renderer's business.
 */
#ifndef LEGGIO_BROKER_CALL_SERVER_H
#define LEGGIO_BROKER_CALL_SERVER_H

#include <stddef.h>
#include <stdint.h>

#include "common/frame.h"
#include "proto/calls.h"
#include "proto/messages.h"
#include "renderer/broker/loop.h"

struct call_server;
struct curve_server_keys;
struct call; /* one request that waits for its answer; owned by the server until answered */

struct call_server_options {
    const char *endpoint;
    const struct curve_server_keys *keys; /* NULL = none; borrowed for the call */
    uint64_t renderer_id;                 /* random id of the process */
    int64_t started_us;                   /* of the process, monotonic: as in its heartbeats */
    struct loop *loop;
    void *ctx;
    /* Must lead to exactly one call_server_answer… , now or later. */
    void (*on_call)(void *ctx, struct call *call);
    /* The same for a call that an earlier life of the process applied: it is to be answered with
     * this code and text (borrowed). */
    void (*on_repeated)(void *ctx, struct call *call, int code, const char *text, size_t text_size);
};

/* NULL after logging. */
struct call_server *call_server_create(const struct call_server_options *options);
/* Calls that still wait are dropped unanswered. */
void call_server_destroy(struct call_server *server);
const char *call_server_endpoint(const struct call_server *server);

/* What was asked; borrowed until answered. Texts are gone after call_drop_text. */
const struct msg_request *call_request(const struct call *call);
/* The scene asked for: never empty. */
const char *call_scene(const struct call *call);
/* Free the request's texts while the call waits (they may be large). */
void call_drop_text(struct call *call);

/* Answer and free the call. ids are filled in here. */
void call_server_answer(struct call_server *server, struct call *call,
                        const struct msg_reply *reply);
/* A request that an earlier life of the process applied, with its answer; copied. */
void call_server_restore(struct call_server *server, uint64_t gateway_id, uint64_t counter,
                         int code, const char *text, size_t text_size);
/* The same with a frame and all its strips after the reply (snapshot). */
void call_server_answer_frame(struct call_server *server, struct call *call,
                              const struct msg_reply *reply, const struct frame *frame);
/* The same with a code and a text only. */
void call_server_refuse(struct call_server *server, struct call *call, int code, const char *text);

#endif
