/* The life of an exchange: what happens between the request's headers and its
 * answer, and the ways to wait in between without a thread. */
#include "gateway-http/exchange.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/err.h"
#include "common/log.h"
#include "common/metrics.h"
#include "gateway-http/server/admission.h"
#include "gateway-http/server/response.h"

/* A post waits at most so long for its version to arrive here. */
#define READ_YOUR_WRITES_MS 5000

static struct exchange *exchange_of_wait(struct wait *wait) {
    return (struct exchange *)(void *)((char *)wait - offsetof(struct exchange, wait));
}

/* -- answers ------------------------------------------------------------ */

void exchange_reply_with(struct exchange *exchange, unsigned status,
                         struct MHD_Response *response) {
    http_request_reply(exchange->request, status, response);
}

void exchange_give(struct exchange *exchange, unsigned status, struct MHD_Response *response) {
    http_request_reply(exchange->request, status, response);
    response_unref(response);
}

void exchange_text(struct exchange *exchange, unsigned status, const char *text) {
    struct MHD_Response *response = response_text(text, "text/plain; charset=utf-8");
    if (status == 405) {
        response_add(response, "Allow", exchange->allow);
    }
    if (status == 503) {
        response_add(response, "Retry-After", "1");
        picture_mark_stale(&exchange->gateway->link, response);
    }
    exchange_give(exchange, status, response);
}

void exchange_error(struct exchange *exchange, unsigned status, const char *text) {
    struct MHD_Response *response = response_error(text, strlen(text));
    if (status == 503) {
        response_add(response, "Retry-After", "1");
        picture_mark_stale(&exchange->gateway->link, response);
    }
    exchange_give(exchange, status, response);
}

void exchange_call_error(struct exchange *exchange) {
    const struct exchange_reply *reply = &exchange->reply;
    unsigned status = (unsigned)lg_err_http_status(reply->code);
    if (reply->code == LG_EUNKNOWNOBJECT) {
        exchange_error(exchange, status, "Unknown object");
    } else if (reply->code == LG_EBUSY && reply->text_size_bytes == 0) {
        exchange_error(exchange, status, "the renderer is away or busy: try again");
    } else if (reply->code == LG_EBUSY) {
        char words[512]; /* its own: the disk is full, for instance */
        snprintf(words, sizeof words, "%.*s",
                 (int)(reply->text_size_bytes < 500 ? reply->text_size_bytes : 500), reply->text);
        exchange_error(exchange, status, words);
    } else if (reply->text_size_bytes > 0) {
        exchange_give(exchange, status, response_error(reply->text, reply->text_size_bytes));
    } else {
        exchange_error(exchange, status, lg_err_name(reply->code));
    }
}

bool exchange_read_form(struct exchange *exchange, struct form *form) {
    struct http_request *request = exchange->request;
    char nothing[1] = "";
    char why[200];
    bool has_body = request->body != NULL;
    if (form_parse(form, request->headers.content_type, has_body ? request->body : nothing,
                   has_body ? request->body_size : 0, why, sizeof why) == LG_OK) {
        return true;
    }
    form_finish(form);
    exchange_error(exchange, 400, why);
    return false;
}

void exchange_add_version(const struct exchange *exchange, struct MHD_Response *response) {
    char version[24];
    if (exchange->reply.version > 0) {
        snprintf(version, sizeof version, "%" PRIu64, exchange->reply.version);
        response_add(response, "X-Inscore-Version", version);
    }
}

bool exchange_refuse_away(struct exchange *exchange) {
    if (!atomic_load(&exchange->gateway->link.is_stale) ||
        upstream_is_beginning(exchange->gateway->upstream)) {
        return false;
    }
    exchange_error(exchange, 503, "the renderer is away: try again");
    return true;
}

/* -- access ------------------------------------------------------------- */

const struct auth_grant *exchange_grant(struct exchange *exchange) {
    if (exchange->is_judged) {
        return &exchange->grant;
    }
    const struct http_headers *headers = &exchange->request->headers;
    const struct auth_policy *policy = &exchange->gateway->policy;
    char peer[LIMIT_CLIENT_ID_BYTES + 1], token[AUTH_TOKEN_ROOM] = "";
    auth_peer_print(http_request_peer(exchange->request), peer, sizeof peer);
    if (policy->tokens != NULL) {
        auth_find_token(headers->authorization, exchange->request->query, token);
    }
    struct auth_request request = {.peer = peer,
                                   .host = headers->host,
                                   .origin = headers->origin,
                                   .is_forwarded = headers->is_proxied,
                                   .token = token};
    auth_judge(policy, &request, &exchange->grant);
    exchange->is_judged = true;
    return &exchange->grant;
}

const char *exchange_role(struct exchange *exchange) {
    return auth_role_name(exchange_grant(exchange)->role);
}

/* 401: RFC 6750 section 3. */
static void ask_for_token(struct exchange *exchange, const char *challenge, const char *text) {
    struct MHD_Response *response = response_error(text, strlen(text));
    response_add(response, "WWW-Authenticate", challenge);
    exchange_give(exchange, 401, response);
}

bool exchange_allows(struct exchange *exchange, enum auth_role role, const char *text) {
    if (exchange_grant(exchange)->role >= role) {
        return true;
    }
    if (exchange->gateway->policy.tokens != NULL && exchange->grant.token_id == 0) {
        ask_for_token(exchange, "Bearer realm=\"leggio\"", text);
    } else {
        exchange_error(exchange, 403, text);
    }
    return false;
}

/* -- calls and waits ---------------------------------------------------- */

static void free_reply(struct exchange_reply *reply) {
    free(reply->text);
    free(reply->bytes);
    memset(reply, 0, sizeof *reply);
}

/* Copy what the upstream lends. Out of memory counts as our fault. */
static void keep_reply(struct exchange_reply *kept, const struct call_reply *reply) {
    free_reply(kept);
    kept->text = malloc(reply->text_size_bytes + 1);
    kept->bytes = reply->bytes_size > 0 ? malloc(reply->bytes_size) : NULL;
    if (kept->text == NULL || (reply->bytes_size > 0 && kept->bytes == NULL)) {
        free_reply(kept);
        lg_log(LG_LOG_ERROR, "http", "no_memory", "reply_bytes=%zu", reply->bytes_size);
        kept->code = LG_EINTERNAL;
        return;
    }
    if (reply->text_size_bytes > 0) {
        memcpy(kept->text, reply->text, reply->text_size_bytes);
    }
    kept->text[reply->text_size_bytes] = '\0';
    kept->text_size_bytes = reply->text_size_bytes;
    if (reply->bytes_size > 0) {
        memcpy(kept->bytes, reply->bytes, reply->bytes_size);
    }
    kept->bytes_size = reply->bytes_size;
    kept->code = reply->code;
    kept->total_size_bytes = reply->total_size_bytes;
    kept->mtime_s = reply->mtime_s;
    kept->epoch = reply->epoch;
    kept->version = reply->version;
}

static void on_call_done(void *ctx, const struct call_reply *reply) {
    struct exchange *exchange = ctx;
    keep_reply(&exchange->reply, reply);
    http_request_resume(exchange->request);
}

static void on_wait_done(struct wait *wait) {
    http_request_resume(exchange_of_wait(wait)->request);
}

/* The request is suspended. */
static void begin_wait(struct exchange *exchange) {
    exchange->wait.wake = on_wait_done;
    if (waits_begin(&exchange->gateway->waits, &exchange->wait) != LG_OK) {
        exchange->wait.is_expired = true;
        on_wait_done(&exchange->wait);
    }
}

/* The call is answered; go on waiting until its effect can be read here. */
static void on_change_done(void *ctx, const struct call_reply *reply) {
    struct exchange *exchange = ctx;
    keep_reply(&exchange->reply, reply);
    bool has_effect = (reply->code == LG_OK || reply->code == LG_ESCRIPT) && reply->version > 0;
    if (!has_effect) {
        http_request_resume(exchange->request);
        return;
    }
    exchange->wait = (struct wait){.scene = exchange->scene,
                                   .epoch = reply->epoch,
                                   .version = reply->version,
                                   .deadline_us = lg_clock_us() + READ_YOUR_WRITES_MS * 1000};
    begin_wait(exchange);
}

struct call_key exchange_change_key(struct exchange *exchange, const void *content,
                                    size_t size_bytes) {
    const char *word = exchange->request->headers.idempotency_key;
    uint64_t token_id = exchange_grant(exchange)->token_id;
    struct call_key key = {0, 0};
    crypto_generichash_state state;
    if (word == NULL || word[0] == '\0') {
        return key;
    }
    crypto_generichash_init(&state, NULL, 0, sizeof key);
    crypto_generichash_update(&state, (const uint8_t *)word, strlen(word) + 1);
    crypto_generichash_update(&state, (const uint8_t *)&token_id, sizeof token_id);
    crypto_generichash_update(&state, (const uint8_t *)exchange->scene,
                              strlen(exchange->scene) + 1);
    crypto_generichash_update(&state, content, size_bytes);
    crypto_generichash_final(&state, (uint8_t *)&key, sizeof key);
    return key;
}

void exchange_call(struct exchange *exchange, struct call_request *request,
                   bool waits_for_version) {
    bool is_of_scene =
        request->kind == CALL_POST || request->kind == CALL_CLICK || request->kind == CALL_HOVER;
    request->scene = is_of_scene ? exchange->scene : NULL;
    request->role = exchange_role(exchange);
    if (request->client_id == NULL) {
        request->client_id = http_request_client_id(exchange->request);
    }
    http_request_suspend(exchange->request);
    int code = upstream_call(exchange->gateway->upstream, request,
                             waits_for_version ? on_change_done : on_call_done, exchange);
    if (code != LG_OK) {
        free_reply(&exchange->reply);
        exchange->reply.code = code;
        http_request_resume(exchange->request);
    }
}

void exchange_wait(struct exchange *exchange, uint64_t version, int timeout_ms) {
    exchange->wait = (struct wait){.scene = exchange->scene,
                                   .version = version,
                                   .deadline_us = lg_clock_us() + (int64_t)timeout_ms * 1000};
    http_request_suspend(exchange->request);
    begin_wait(exchange);
}

static void on_view_done(void *ctx, int code, struct frame *frame) {
    struct exchange *exchange = ctx;
    if (code == LG_OK) {
        frame_unref(exchange->view);
        exchange->view = frame_ref(frame);
    }
    http_request_resume(exchange->request);
}

void exchange_view(struct exchange *exchange) {
    exchange->n_views++;
    http_request_suspend(exchange->request);
    if (upstream_view(exchange->gateway->upstream, exchange->scene, exchange->width_px,
                      on_view_done, exchange) != LG_OK) {
        http_request_resume(exchange->request);
    }
}

/* -- life --------------------------------------------------------------- */

void exchange_begin(struct gateway *gateway, struct http_request *request) {
    struct exchange *exchange = calloc(1, sizeof *exchange);
    request->handler_ctx = exchange;
    if (exchange == NULL) {
        lg_log(LG_LOG_ERROR, "http", "no_memory", NULL);
        return;
    }
    exchange->gateway = gateway;
    exchange->request = request;
    metric_add(gateway->n_requests, 1);
    routes_find(exchange);
}

/* 429 when this address, or this token, asks too often. true: answered. */
static bool refuse_rate(struct exchange *exchange) {
    struct http_request *request = exchange->request;
    exchange_handler_fn handler = exchange->handler;
    bool is_change = handler == handle_post || handler == handle_click || handler == handle_hover ||
                     handler == handle_rpc;
    struct admission_request asked = {
        .peer = http_request_peer(request),
        .forwarded_for = request->headers.forwarded_for,
        .is_change = is_change,
        .token_id = is_change ? exchange_grant(exchange)->token_id : 0,
    };
    enum http_limit limit;
    int wait_s;
    char text[96], seconds[12];
    if (admission_take(exchange->gateway->admission, &asked, &limit, &wait_s)) {
        return false;
    }
    http_server_note_limit(exchange->gateway->server, limit);
    lg_log(LG_LOG_WARN, "http", "too_often", "limit=%s client=%s", HTTP_LIMIT_NAMES[limit],
           http_request_client_id(request));
    snprintf(text, sizeof text, "too many requests: try again in %d s", wait_s);
    snprintf(seconds, sizeof seconds, "%d", wait_s);
    struct MHD_Response *response = response_error(text, strlen(text));
    response_add(response, "Retry-After", seconds);
    exchange_give(exchange, 429, response);
    return true;
}

/* Refusals that do not need the handler. true: answered. */
static bool refuse(struct exchange *exchange) {
    struct http_request *request = exchange->request;
    if (request->headers.is_odd) {
        struct MHD_Response *response = response_text("Bad request: ambiguous framing or headers.",
                                                      "text/plain; charset=utf-8");
        response_add(response, "Connection", "close");
        exchange_give(exchange, 400, response);
        return true;
    }
    if (refuse_rate(exchange)) {
        return true;
    }
    if (exchange->gateway->policy.tokens != NULL && request->method != HTTP_OPTIONS &&
        exchange_grant(exchange)->role == AUTH_NONE) {
        metric_add(exchange->gateway->n_bad_tokens, 1);
        lg_log(LG_LOG_WARN, "http", "bad_token", "client=%s", http_request_client_id(request));
        ask_for_token(exchange, "Bearer realm=\"leggio\", error=\"invalid_token\"",
                      "this token is not known here");
        return true;
    }
    if (request->is_overloaded && exchange->error_status == 0) {
        http_server_note_limit(exchange->gateway->server, HTTP_MAX_RECEIVING);
        exchange_error(exchange, 503, "too much is being received: try again");
        return true;
    }
    if (request->is_body_too_large && exchange->error_status == 0) {
        exchange_error(exchange, 413, "the body is larger than this server takes");
        return true;
    }
    if (exchange->error_status != 0) {
        exchange_text(exchange, (unsigned)exchange->error_status, exchange->error_text);
        return true;
    }
    return false;
}

void exchange_run(struct exchange *exchange) {
    if (exchange->stage == 0 && refuse(exchange)) {
        return;
    }
    exchange->handler(exchange);
}

void exchange_end(struct exchange *exchange) {
    if (exchange == NULL) {
        return;
    }
    if (exchange->release != NULL) {
        exchange->release(exchange->handler_ctx);
    }
    free_reply(&exchange->reply);
    frame_unref(exchange->view);
    free(exchange->path);
    free(exchange);
}
