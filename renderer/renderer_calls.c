/* Calls: what each request means. Bounds and roles were checked by the call server; pointers are in
 * renderer_pointer.c, files in renderer_files.c, reports of gateways in renderer_servers.c. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/err.h"
#include "common/log.h"
#include "proto/limits.h"
#include "renderer/parts.h"
#include "renderer/score/alloc.h"
#include "renderer/script/run.h"

void renderer_reply_now(struct renderer *renderer, const struct call *call,
                        struct msg_reply *reply) {
    memset(reply, 0, sizeof *reply);
    reply->epoch = state_epoch(renderer->state);
    reply->renderer_id = renderer->renderer_id;
    reply->version = scenes_version(renderer->scenes, call_scene(call));
    call_reply_set_code(reply, LG_OK);
}

static bool changes_the_score(uint64_t kind) {
    return kind == REQUEST_POST || kind == REQUEST_CLICK || kind == REQUEST_HOVER;
}

static const char *source_of(const struct msg_request *request) {
    return request->client_id[0] == '\0' ? "call" : request->client_id;
}

/* The error log of a result, cut to what an answer may hold. */
static struct msg_bytes errors_of(struct score_result *result) {
    static const char MARK[] = " …;";
    struct text *errors = &result->errors;
    if (errors->len > LIMIT_ERROR_TEXT_BYTES) {
        errors->len = LIMIT_ERROR_TEXT_BYTES - sizeof MARK;
        /* not in the middle of a character */
        while (errors->len > 0 && ((unsigned char)errors->data[errors->len] & 0xC0) == 0x80) {
            errors->len--;
        }
        text_append(errors, MARK, sizeof MARK - 1);
    }
    return (struct msg_bytes){errors->data, errors->len};
}

static void post(struct renderer *renderer, struct call *call) {
    const struct msg_request *request = call_request(call);
    struct score_result result;
    renderer_run_script(renderer, source_of(request), request->text.data, request->text.size, NULL,
                        &result);
    struct msg_bytes errors = errors_of(&result);
    scenes_wait(renderer->scenes, call, errors.size > 0 ? LG_ESCRIPT : LG_OK, errors.data,
                errors.size);
    score_result_finish(&result);
}

/* -- get ------------------------------------------------------------------ */

static void on_get_message(void *ctx, const struct message *msg) {
    struct score *score = ctx;
    if (msg->host == NULL && msg->method != NULL && strcmp(msg->method, "get") == 0) {
        score_process(score, msg);
    } else {
        score_error(score, "not a query: %s", msg->address);
    }
}

static void on_get_query(void *ctx, const struct message *msg, struct message **replies,
                         size_t *n_replies) {
    score_query(ctx, msg, replies, n_replies);
}

static void on_get_error(void *ctx, const char *text) {
    score_error(ctx, "%s", text);
}

/* "address parameters" becomes "address get parameters;", parsed like any script. */
static void query_text(const char *asked, size_t asked_size, struct text *script) {
    const char *text = asked_size == 0 ? "/ITL" : asked;
    size_t size = asked_size == 0 ? 4 : asked_size;
    size_t start = 0;
    while (start < size && strchr(" \t\r\n", text[start]) != NULL && text[start] != '\0') {
        start++;
    }
    size_t end = start;
    while (end < size && (text[end] == '\0' || strchr(" \t\r\n", text[end]) == NULL)) {
        end++;
    }
    text_append(script, text + start, end - start);
    text_append(script, " get ", 5);
    text_append(script, text + end, size - end);
    text_append(script, "\n;", 2); /* a comment at the end must not swallow the ';' */
}

static void print_replies(const struct score_result *result, struct text *out) {
    for (size_t i = 0; i < result->n_replies && out->len < LIMIT_SCRIPT_BYTES; i++) {
        message_print(&result->replies[i], out);
        text_append(out, ";\n", 2);
    }
}

void renderer_query_into_score(struct score *score, const char *text, size_t size) {
    const struct script_target target = {
        .ctx = score, .message = on_get_message, .query = on_get_query, .error = on_get_error};
    struct text script = {0};
    query_text(text, size, &script);
    script_run(&target, script.data, script.len, NULL);
    text_finish(&script);
}

/* Journalled only when it did something: brought dates up to now, or made an error that
 * is watched. */
static void query(struct renderer *renderer, const struct msg_request *request,
                  struct score_result *result) {
    struct score *score = renderer->score;
    const char *source = source_of(request);
    struct pack *body = inputs_open(renderer->inputs, INPUT_QUERY, source);
    bool has_clocks = score_has_clocks(score);
    pack_bytes(body, request->text.size > 0 ? request->text.data : "", request->text.size);
    score_begin(score, source);
    renderer_query_into_score(score, request->text.data, request->text.size);
    score_end(score, result);
    if (has_clocks || result->errors.len > 0) {
        inputs_close(renderer->inputs, result);
    } else {
        inputs_drop(renderer->inputs);
    }
}

static void get(struct renderer *renderer, struct call *call) {
    struct text replies = {0};
    struct score_result result;
    query(renderer, call_request(call), &result);
    struct msg_reply reply;
    renderer_reply_now(renderer, call, &reply);
    if (result.errors.len > 0) {
        reply.text = errors_of(&result);
        call_reply_set_code(&reply, LG_ESCRIPT);
    } else {
        print_replies(&result, &replies);
        reply.text = (struct msg_bytes){replies.data, replies.len};
    }
    call_server_answer(renderer->calls, call, &reply);
    text_finish(&replies);
    score_result_finish(&result);
}

/* -- looking ---------------------------------------------------------------- */

static bool has_scene(const struct renderer *renderer, const char *name) {
    struct object **scenes;
    size_t n = score_scenes(renderer->score, &scenes);
    for (size_t i = 0; i < n; i++) {
        if (strcmp(scenes[i]->name, name) == 0) {
            return true;
        }
    }
    return false;
}

static void log_text(struct renderer *renderer, struct call *call) {
    const char *text = score_log_text(renderer->score);
    size_t size = strlen(text);
    size_t skipped = size > LIMIT_LOG_TEXT_BYTES ? size - LIMIT_LOG_TEXT_BYTES : 0;
    struct msg_reply reply;
    renderer_reply_now(renderer, call, &reply);
    reply.text = (struct msg_bytes){text + skipped, size - skipped};
    call_server_answer(renderer->calls, call, &reply);
}

static void scene_names(struct renderer *renderer, struct call *call) {
    static struct msg_scene list[LIMIT_SCENES];
    struct object **scenes;
    size_t n = score_scenes(renderer->score, &scenes);
    struct text names = {0};
    for (size_t i = 0; i < n; i++) {
        text_append(&names, scenes[i]->name, strlen(scenes[i]->name));
        text_append(&names, "\n", 1);
    }
    struct msg_reply reply;
    renderer_reply_now(renderer, call, &reply);
    reply.text = (struct msg_bytes){names.data, names.len};
    reply.scenes = list;
    reply.n_scenes = publisher_scenes(renderer->publisher, list);
    call_server_answer(renderer->calls, call, &reply);
    text_finish(&names);
}

static void hello(struct renderer *renderer, struct call *call) {
    static struct msg_scene scenes[LIMIT_SCENES];
    static struct msg_server servers[LIMIT_SERVERS];
    struct msg_reply reply;
    renderer_reply_now(renderer, call, &reply);
    reply.scenes = scenes;
    reply.n_scenes = publisher_scenes(renderer->publisher, scenes);
    reply.uptime_ms = (uint64_t)(lg_clock_us() - renderer->started_us) / 1000;
    reply.servers = servers;
    reply.n_servers = publisher_servers(renderer->publisher, servers);
    call_server_answer(renderer->calls, call, &reply);
}

static void version(struct renderer *renderer, struct call *call) {
    if (!has_scene(renderer, call_scene(call))) {
        call_server_refuse(renderer->calls, call, LG_ENOTFOUND, "no such scene");
    } else if (scenes_version(renderer->scenes, call_scene(call)) == 0) {
        scenes_wait(renderer->scenes, call, LG_OK, NULL, 0); /* its first picture is being drawn */
    } else {
        struct msg_reply reply;
        renderer_reply_now(renderer, call, &reply);
        call_server_answer(renderer->calls, call, &reply);
    }
}

static void snapshot(struct renderer *renderer, struct call *call) {
    struct frame *frame = draw_thread_frame(renderer->draw, call_scene(call));
    if (!has_scene(renderer, call_scene(call))) {
        call_server_refuse(renderer->calls, call, LG_ENOTFOUND, "no such scene");
    } else if (frame == NULL) {
        scenes_wait_frame(renderer->scenes, call);
    } else if (call_request(call)->width_px != 0 &&
               call_request(call)->width_px != frame->width_px) {
        views_answer(renderer->views, call);
    } else {
        struct msg_reply reply;
        renderer_reply_now(renderer, call, &reply);
        reply.version = frame->version;
        scenes_repeat_dense(renderer->scenes, frame->scene);
        call_server_answer_frame(renderer->calls, call, &reply, frame);
    }
    frame_unref(frame);
}

/* -- changes --------------------------------------------------------------------- */

uint64_t renderer_note_request(struct renderer *renderer, const struct call *call, int code,
                               const char *text, size_t text_size) {
    const struct msg_request *request = call_request(call);
    uint64_t seq = inputs_last(renderer->inputs);
    if (seq == renderer->seq_before_call || !changes_the_score(request->kind)) {
        return 0;
    }
    const struct state_request row = {.gateway_id = request->gateway_id,
                                      .counter = request->counter,
                                      .seq = seq,
                                      .wall_us = lg_clock_wall_us(),
                                      .code = code,
                                      .text = text,
                                      .text_size = text_size};
    journal_put_request(renderer->journal, &row);
    return seq;
}

void renderer_on_repeated(void *ctx, struct call *call, int code, const char *text,
                          size_t text_size) {
    struct renderer *renderer = ctx;
    renderer->seq_before_call = inputs_last(renderer->inputs);
    scenes_wait(renderer->scenes, call, code, text, text_size);
}

/* Nothing is taken that could not be kept, nothing while memory is short. */
static bool is_refused(struct renderer *renderer, struct call *call) {
    char why[400] = "the renderer is short of memory, nothing was done";
    if (!changes_the_score(call_request(call)->kind) ||
        (!alloc_is_short() && journal_accepts(renderer->journal, why, sizeof why))) {
        return false;
    }
    call_server_refuse(renderer->calls, call, LG_EBUSY, why);
    return true;
}

static void trace(const struct call *call) {
    const struct msg_request *request = call_request(call);
    lg_log(LG_LOG_INFO, "calls", "trace",
           "kind=%s id=%" PRIu64 "/%" PRIu64 " role=%s client=%s scene=%s size=%zu x=%" PRId64
           " y=%" PRId64,
           call_kind_name(request->kind), request->gateway_id, request->counter,
           call_role_name(request->role), request->client_id, call_scene(call), request->text.size,
           request->x, request->y);
}

static void handle(struct renderer *renderer, struct call *call) {
    switch (call_request(call)->kind) {
    case REQUEST_HELLO:
        hello(renderer, call);
        break;
    case REQUEST_SNAPSHOT:
        snapshot(renderer, call);
        break;
    case REQUEST_VERSION:
        version(renderer, call);
        break;
    case REQUEST_POST:
        post(renderer, call);
        break;
    case REQUEST_CLICK:
        renderer_click(renderer, call);
        break;
    case REQUEST_HOVER:
        renderer_hover(renderer, call);
        break;
    case REQUEST_GET:
        get(renderer, call);
        break;
    case REQUEST_FILE:
        renderer_file(renderer, call);
        break;
    case REQUEST_LOG:
        log_text(renderer, call);
        break;
    case REQUEST_SCENES:
        scene_names(renderer, call);
        break;
    case REQUEST_SERVERS:
        renderer_server_report(renderer, call);
        break;
    default:
        call_server_refuse(renderer->calls, call, LG_EBADREQUEST, "unknown request");
        break;
    }
}

void renderer_on_call(void *ctx, struct call *call) {
    struct renderer *renderer = ctx;
    if (renderer->options->is_traced) {
        trace(call);
    }
    renderer->seq_before_call = inputs_last(renderer->inputs);
    if (is_refused(renderer, call)) {
        return;
    }
    /* Inputs and the request that made them are durable together. */
    journal_open_group(renderer->journal);
    handle(renderer, call);
    journal_close_group(renderer->journal);
}
