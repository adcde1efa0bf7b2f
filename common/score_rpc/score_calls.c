/* Methods that the renderer answers: click, hover, post, get, log, file. */
#include <inttypes.h>
#include <math.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "common/mime.h"
#include "common/score_rpc/score_job.h"
#include "common/utf8.h"

enum {
    SHOW_MS = 5000,          /* an answer waits so long until its effect can be seen here */
    POST_BYTES_PER_MS = 400, /* measured: 10 MB in a second */
};

static void end(struct score_job *job, int code, json_t *data) {
    score_rpc_fail(job->transaction, code, data);
    score_job_destroy(job);
}

/* Sends a request of this client; ends the job when that cannot be. */
static void call(struct score_job *job, struct call_request *request,
                 void (*done)(void *cookie, const struct call_reply *reply)) {
    char name[LIMIT_CLIENT_ID_BYTES + 1] = "";
    const struct score_rpc_ops *ops = job->host->ops;
    (request->kind == CALL_HOVER ? ops->pointer_name : ops->client_name)(
        job->host, job->transaction, name, sizeof name);
    request->scene = job->scene;
    request->role = SCORE_RPC_ROLE_NAMES[jsonrpc_transaction_role(job->transaction)];
    request->client_id = name;
    if (request->kind == CALL_POST || request->kind == CALL_CLICK) {
        request->key = ops->change_key(job->host, job->transaction);
    }
    int code = ops->call(job->host, request, job, done, score_job_destroy);
    if (code != 0) {
        end(job, code, NULL);
    }
}

/* Any bytes as a JSON string: what is not UTF-8 becomes U+FFFD. */
static json_t *text_of(const char *bytes, size_t size_bytes) {
    json_t *text = json_stringn(bytes, size_bytes);
    if (text == NULL) {
        char *clean = lg_utf8_clean(bytes, size_bytes);
        text = clean != NULL ? json_string(clean) : NULL;
        free(clean);
    }
    return text;
}

/* -- changes ------------------------------------------------------------------- */

static void tell_change(void *cookie) {
    struct score_job *job = cookie;
    char epoch[20];
    snprintf(epoch, sizeof epoch, "%016" PRIx64, job->epoch);
    if (job->code == LG_ESCRIPT) {
        end(job, LG_ESCRIPT,
            json_pack("{s:o, s:s, s:I}", "log", text_of(job->text, job->text_len), "epoch", epoch,
                      "version", (json_int_t)job->version));
        return;
    }
    (void)jsonrpc_respond(job->transaction, json_pack("{s:s, s:I}", "epoch", epoch, "version",
                                                      (json_int_t)job->version));
    score_job_destroy(job);
}

/* Read your writes: answered when this gateway holds what the answer says. */
static void on_change(void *cookie, const struct call_reply *reply) {
    struct score_job *job = cookie;
    if (reply->code != LG_OK && reply->code != LG_ESCRIPT) {
        end(job, reply->code, NULL);
        return;
    }
    job->code = reply->code;
    job->epoch = reply->epoch;
    job->version = reply->version;
    job->text_len = reply->text_size_bytes;
    job->text = malloc(job->text_len + 1);
    if (job->text == NULL) {
        end(job, LG_EINTERNAL, NULL);
        return;
    }
    if (job->text_len > 0) {
        memcpy(job->text, reply->text, job->text_len);
    }
    if (job->version == 0 ||
        job->host->ops->when_shown(job->host, job->scene, job->epoch, job->version, SHOW_MS, job,
                                   tell_change, score_job_destroy) != 0) {
        tell_change(job);
    }
}

static void point(struct jsonrpc_transaction *transaction, json_t *params, enum call_kind kind) {
    struct score_job *job =
        score_job_create(transaction, score_rpc_scene(transaction, params), NULL);
    struct call_request request = {
        .kind = kind,
        .x = (int32_t)floor(json_number_value(json_object_get(params, "x"))),
        .y = (int32_t)floor(json_number_value(json_object_get(params, "y"))),
    };
    if (job != NULL) {
        call(job, &request, on_change);
    }
}

void score_rpc_on_click(struct jsonrpc_transaction *transaction, json_t *params) {
    point(transaction, params, CALL_CLICK);
}

void score_rpc_on_hover(struct jsonrpc_transaction *transaction, json_t *params) {
    point(transaction, params, CALL_HOVER);
}

uint32_t score_rpc_post_deadline_ms(size_t size_bytes) {
    return LIMIT_DEADLINE_DEFAULT_MS + (uint32_t)(size_bytes / POST_BYTES_PER_MS);
}

void score_rpc_on_post(struct jsonrpc_transaction *transaction, json_t *params) {
    const json_t *data = json_object_get(params, "data");
    size_t size_bytes = json_string_length(data);
    if (size_bytes > LIMIT_SCRIPT_BYTES) {
        score_rpc_fail(transaction, LG_ETOOLARGE, json_string("a script has at most 16 MiB"));
        return;
    }
    struct score_job *job =
        score_job_create(transaction, score_rpc_scene(transaction, params), NULL);
    struct call_request request = {
        .kind = CALL_POST,
        .text = json_string_value(data),
        .text_size_bytes = size_bytes,
        .deadline_ms = score_rpc_post_deadline_ms(size_bytes),
    };
    if (job != NULL) {
        call(job, &request, on_change);
    }
}

/* -- questions ------------------------------------------------------------------- */

static void on_got(void *cookie, const struct call_reply *reply) {
    struct score_job *job = cookie;
    if (reply->code == LG_ESCRIPT) {
        end(job, LG_ESCRIPT,
            json_pack("{s:o}", "log", text_of(reply->text, reply->text_size_bytes)));
    } else if (reply->code != LG_OK) {
        end(job, reply->code, NULL);
    } else {
        char *clean = lg_utf8_clean(reply->text, reply->text_size_bytes);
        json_t *messages = clean != NULL ? score_messages_parse(clean, strlen(clean)) : NULL;
        free(clean);
        (void)jsonrpc_respond(job->transaction, json_pack("{s:o}", "messages", messages));
        score_job_destroy(job);
    }
}

void score_rpc_on_get(struct jsonrpc_transaction *transaction, json_t *params) {
    const char *address = json_string_value(json_object_get(params, "address"));
    size_t size_bytes;
    address = address != NULL ? address : "/ITL";
    if (address[0] != '/' || strpbrk(address, " \t\r\n;\"'()") != NULL) {
        (void)jsonrpc_respond_bad_params(transaction, "address", "an OSC address: /ITL/scene");
        return;
    }
    char *text = score_query_print(address, json_object_get(params, "params"), &size_bytes);
    if (text == NULL) {
        (void)jsonrpc_respond_bad_params(transaction, "params", "an array of strings and numbers");
        return;
    }
    struct score_job *job = score_job_create(transaction, "scene", NULL);
    struct call_request request = {.kind = CALL_GET, .text = text, .text_size_bytes = size_bytes};
    if (job != NULL) {
        call(job, &request, on_got);
    }
    free(text);
}

static void on_log(void *cookie, const struct call_reply *reply) {
    struct score_job *job = cookie;
    if (reply->code != LG_OK) {
        end(job, reply->code, NULL);
        return;
    }
    (void)jsonrpc_respond(job->transaction,
                          json_pack("{s:o}", "log", text_of(reply->text, reply->text_size_bytes)));
    score_job_destroy(job);
}

void score_rpc_on_log(struct jsonrpc_transaction *transaction, json_t *params) {
    struct score_job *job = score_job_create(transaction, "scene", params);
    struct call_request request = {.kind = CALL_LOG};
    if (job != NULL) {
        call(job, &request, on_log);
    }
}

/* -- file -------------------------------------------------------------------------- */

int score_rpc_file_code(const struct call_reply *piece, uint64_t size_bytes, uint64_t total_bytes) {
    uint64_t total = piece->total_size_bytes;
    if (piece->code != LG_OK) {
        return piece->code;
    }
    if (total > LIMIT_WS_FILE_BYTES) {
        return LG_ETOOLARGE;
    }
    if (total == 0 || piece->bytes_size == 0 || (total_bytes != 0 && total_bytes != total) ||
        piece->bytes_size > total - size_bytes) {
        return LG_ENOTFOUND;
    }
    return LG_OK;
}

static void tell_file(struct score_job *job) {
    static const char HEAD[] = "{\"mimeType\":\"%s\",\"file\":\"";
    const size_t base64_room =
        sodium_base64_ENCODED_LEN(job->size_bytes, sodium_base64_VARIANT_ORIGINAL);
    char *text = malloc(sizeof HEAD + 128 + base64_room);
    if (text == NULL) {
        end(job, LG_EBUSY, NULL);
        return;
    }
    size_t len = (size_t)snprintf(text, sizeof HEAD + 128, HEAD, lg_mime_of_path(job->text));
    sodium_bin2base64(text + len, base64_room, job->bytes, job->size_bytes,
                      sodium_base64_VARIANT_ORIGINAL);
    len += strlen(text + len);
    memcpy(text + len, "\"}", 2);
    (void)jsonrpc_respond_text(job->transaction, text, len + 2);
    free(text);
    score_job_destroy(job);
}

static void ask_piece(struct score_job *job);

static void on_piece(void *cookie, const struct call_reply *reply) {
    struct score_job *job = cookie;
    uint64_t total = reply->total_size_bytes;
    int code = score_rpc_file_code(reply, job->size_bytes, job->total_bytes);
    if (code != LG_OK) {
        end(job, code, NULL);
        return;
    }
    if (job->bytes == NULL && (!job->host->ops->reserve(job->host, job->transaction,
                                                        (size_t)total * SCORE_RPC_FILE_COPIES) ||
                               (job->bytes = malloc((size_t)total)) == NULL)) {
        (void)jsonrpc_respond_error(job->transaction, 40029, "too much is being sent, try again",
                                    NULL);
        score_job_destroy(job);
        return;
    }
    job->total_bytes = total;
    memcpy(job->bytes + job->size_bytes, reply->bytes, reply->bytes_size);
    job->size_bytes += reply->bytes_size;
    if (job->size_bytes == total) {
        tell_file(job);
    } else {
        ask_piece(job);
    }
}

static void ask_piece(struct score_job *job) {
    struct call_request request = {.kind = CALL_FILE,
                                   .text = job->text,
                                   .text_size_bytes = strlen(job->text),
                                   .offset_bytes = job->size_bytes};
    call(job, &request, on_piece);
}

void score_rpc_on_file(struct jsonrpc_transaction *transaction, json_t *params) {
    struct score_job *job = score_job_create(transaction, "scene", NULL);
    if (job == NULL) {
        return;
    }
    job->text = strdup(json_string_value(json_object_get(params, "path")));
    if (job->text == NULL) {
        end(job, LG_EBUSY, NULL);
    } else {
        ask_piece(job);
    }
}
