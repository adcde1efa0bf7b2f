/* The way of a gateway's call: checked and encoded on the asking thread, sent by
 * the upstream's thread, answered there. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/broker/upstream_parts.h"
#include "common/clock.h"
#include "common/err.h"
#include "common/log.h"
#include "proto/calls.h"

/* A call of a gateway, from upstream_call to its answer. */
struct asked {
    struct upstream *upstream;
    enum call_kind kind;
    size_t size_bytes;
    call_reply_fn done;
    void *ctx;
};

static enum request_kind request_kind(enum call_kind kind) {
    switch (kind) {
    case CALL_POST:
        return REQUEST_POST;
    case CALL_CLICK:
        return REQUEST_CLICK;
    case CALL_HOVER:
        return REQUEST_HOVER;
    case CALL_GET:
        return REQUEST_GET;
    case CALL_FILE:
        return REQUEST_FILE;
    case CALL_LOG:
        return REQUEST_LOG;
    case CALL_SCENES:
        return REQUEST_SCENES;
    case CALL_SERVERS:
        return REQUEST_SERVERS;
    }
    assert(false); /* no other kind */
    return REQUEST_HELLO;
}

/* Names of scenes, one a line; free(). */
static char *print_scenes(const struct msg_reply *reply, size_t *size) {
    char *text = malloc(reply->n_scenes * (LIMIT_SCENE_NAME_BYTES + 1) + 1);
    size_t len = 0;
    for (size_t i = 0; text != NULL && i < reply->n_scenes; i++) {
        size_t name_len = strlen(reply->scenes[i].name);
        memcpy(text + len, reply->scenes[i].name, name_len);
        text[len + name_len] = '\n';
        len += name_len + 1;
    }
    *size = text != NULL ? len : 0;
    return text;
}

bool upstream_is_listed(const char *scene, const char *names, size_t size_bytes) {
    size_t len = strlen(scene);
    const char *end = names + size_bytes;
    for (const char *line = names; line < end;) {
        const char *newline = memchr(line, '\n', (size_t)(end - line));
        size_t line_len = (size_t)((newline != NULL ? newline : end) - line);
        if (line_len == len && memcmp(line, scene, len) == 0) {
            return true;
        }
        line += line_len + 1;
    }
    return false;
}

static void on_answer(void *ctx, int code, const struct msg_reply *reply,
                      const struct msg_bytes *rest, size_t n_rest) {
    struct asked *asked = ctx;
    struct upstream *up = asked->upstream;
    struct call_reply answer = {.code = code, .text = ""};
    char *scenes = NULL;
    (void)rest;
    (void)n_rest;
    if (code == 0) {
        answer.code = lg_err_from_name(reply->code);
        if (reply->text.size > 0) {
            answer.text = reply->text.data;
            answer.text_size_bytes = reply->text.size;
        } else if (asked->kind == CALL_SCENES) {
            scenes = print_scenes(reply, &answer.text_size_bytes);
            answer.text = scenes != NULL ? scenes : "";
        }
        answer.bytes = reply->bytes.data;
        answer.bytes_size = reply->bytes.size;
        answer.total_size_bytes = reply->total_size_bytes;
        answer.mtime_s = reply->mtime_s;
        answer.epoch = reply->epoch;
        answer.version = reply->version;
        if (!atomic_load(&up->is_stopping)) {
            feed_client_heard_reply(up->feed_client, reply, lg_clock_us());
        }
    }
    atomic_fetch_sub(&up->n_under_way, 1);
    atomic_fetch_sub(&up->bytes_under_way, asked->size_bytes);
    asked->done(asked->ctx, &answer);
    free(scenes);
    free(asked);
}

/* Copy at most size - 1 bytes of a text that may be NULL; cut, never refused:
 * it is only for the log. */
static void copy_name(char *to, size_t size, const char *from) {
    size_t len = from != NULL ? strnlen(from, size - 1) : 0;
    for (size_t i = 0; i < len; i++) {
        to[i] = (unsigned char)from[i] < 0x20 || from[i] == 0x7f ? '?' : from[i];
    }
    to[len] = '\0';
}

/* So that the renderer does not begin it when nobody waits any longer. */
static void tell_end(struct upstream *up, struct msg_request *msg, int64_t deadline_us) {
    pthread_mutex_lock(&up->lock);
    msg->expires_ms = peer_clock_uptime_ms(&up->clock, deadline_us);
    msg->renderer_id = msg->expires_ms != 0 ? up->clock.peer_id : 0;
    pthread_mutex_unlock(&up->lock);
}

void upstream_renew_call(void *ctx, struct call_client_request *request) {
    struct msg_request msg;
    struct msg_buf renewed = {NULL, 0};
    if (call_request_decode(request->bytes.data, request->bytes.size, &msg, NULL) != 0) {
        return;
    }
    tell_end(ctx, &msg, request->deadline_us);
    if (call_request_encode(&msg, &renewed, NULL) == 0) {
        free(request->bytes.data);
        request->bytes = renewed;
    }
    msg_request_finish(&msg);
}

static int encode_call(struct upstream *up, const struct call_request *request,
                       uint32_t deadline_ms, struct call_client_request *call) {
    struct msg_request msg = {
        .gateway_id = call->gateway_id,
        .counter = call->counter,
        .kind = request_kind(request->kind),
        .role = call_role_from_name(request->role),
        .deadline_ms = deadline_ms,
        .text = {request->text, request->text_size_bytes},
        .x = request->x,
        .y = request->y,
        .offset_bytes = request->offset_bytes,
        .length_bytes = request->length_bytes,
    };
    struct msg_problem problem = {.protocol = 0};
    const char *scene = request->scene != NULL ? request->scene : "";
    if (strlen(scene) >= sizeof msg.scene) {
        return LG_EBADREQUEST;
    }
    strcpy(msg.scene, scene);
    copy_name(msg.client_id, sizeof msg.client_id, request->client_id);
    size_t note_len = request->note != NULL ? strnlen(request->note, LIMIT_NOTE_BYTES) : 0;
    msg.note = (struct msg_bytes){request->note, note_len};
    tell_end(up, &msg, call->deadline_us);
    int code = call_request_encode(&msg, &call->bytes, &problem);
    if (code != 0) {
        lg_log(LG_LOG_DEBUG, "calls", "refused", "kind=%s reason=%s", call_kind_name(msg.kind),
               problem.text);
    }
    return code;
}

/* Room for one more call of this size? It is taken when there is. */
static bool take_room(struct upstream *up, size_t size_bytes) {
    size_t n = atomic_fetch_add(&up->n_under_way, 1);
    size_t bytes = atomic_fetch_add(&up->bytes_under_way, size_bytes);
    /* A few places stay free for our own hellos and snapshots. */
    if (n < LIMIT_CALLS_UNDER_WAY - LIMIT_SCENES - 2 &&
        bytes + size_bytes <= LIMIT_CALLS_PENDING_BYTES) {
        return true;
    }
    atomic_fetch_sub(&up->n_under_way, 1);
    atomic_fetch_sub(&up->bytes_under_way, size_bytes);
    lg_log(LG_LOG_WARN, "calls", "too_many", "under_way=%zu bytes=%zu", n, bytes);
    return false;
}

static bool is_fresh(struct upstream *up) {
    struct upstream_state state;
    upstream_state(up, &state);
    return state.is_fresh;
}

int upstream_call(struct upstream *up, const struct call_request *request, call_reply_fn done,
                  void *ctx) {
    uint32_t deadline_ms =
        request->deadline_ms == 0 ? LIMIT_DEADLINE_DEFAULT_MS : request->deadline_ms;
    deadline_ms = deadline_ms < LIMIT_DEADLINE_MAX_MS ? deadline_ms : LIMIT_DEADLINE_MAX_MS;
    if (request->text_size_bytes > LIMIT_SCRIPT_BYTES) {
        return LG_ETOOLARGE;
    }
    bool is_awaited = !is_fresh(up) && upstream_is_beginning(up);
    if ((!is_awaited && !is_fresh(up)) || !take_room(up, request->text_size_bytes)) {
        return LG_EBUSY;
    }
    struct upstream_command *command = calloc(1, sizeof *command);
    struct asked *asked = calloc(1, sizeof *asked);
    int code = LG_EBUSY;
    if (command != NULL && asked != NULL) {
        bool is_new = request->key.high == 0 || request->key.low == 0;
        *asked = (struct asked){up, request->kind, request->text_size_bytes, done, ctx};
        command->call = (struct call_client_request){
            .gateway_id = is_new ? up->gateway_id : request->key.high,
            .counter = is_new ? upstream_next_counter(up) : request->key.low,
            .deadline_us = lg_clock_us() + (int64_t)deadline_ms * 1000,
            .contact_us = is_awaited ? up->started_us + (int64_t)LIMIT_FIRST_CONTACT_MS * 1000 : 0,
            .done = on_answer,
            .ctx = asked,
        };
        code = encode_call(up, request, deadline_ms, &command->call);
    }
    if (code != 0) {
        atomic_fetch_sub(&up->n_under_way, 1);
        atomic_fetch_sub(&up->bytes_under_way, request->text_size_bytes);
        free(asked);
        free(command);
        return code;
    }
    upstream_push_command(up, command);
    return 0;
}
