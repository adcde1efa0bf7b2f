/* The table of methods, and what the methods share. */
#include "common/score_rpc/score_rpc.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/access/auth.h"
#include "common/err.h"
#include "common/score_rpc/score_job.h"

const char *const SCORE_RPC_ROLE_NAMES[] = {"none", "view", "play", "conduct"};

#define SCENE_PARAM                                                                                \
    {                                                                                              \
        .name = "scene", .type = JSONRPC_STRING, .is_optional = true,                              \
        .is_good = score_rpc_is_scene_name, .expected = "the name of a scene",                     \
        .summary = "the connection's when left out, usually `scene`"                               \
    }
#define WIDTH_PARAM                                                                                \
    {                                                                                              \
        .name = "width", .type = JSONRPC_INTEGER, .min = 1, .max = LIMIT_SIDE_PX,                  \
        .is_optional = true, .summary = "pixels; the scene's own when left out"                    \
    }
#define EPOCH_RESULT                                                                               \
    {                                                                                              \
        .name = "epoch", .type = JSONRPC_STRING, .is_good = score_rpc_is_epoch,                    \
        .expected = "16 hexadecimal digits"                                                        \
    }
#define RESULT(result_name, result_type)                                                           \
    { .name = result_name, .type = result_type }

const struct jsonrpc_param SCORE_RPC_SCENE = SCENE_PARAM;
const struct jsonrpc_param SCORE_RPC_WIDTH = WIDTH_PARAM;

static const struct jsonrpc_param SCENE_ONLY[] = {SCENE_PARAM};
static const struct jsonrpc_param IMAGE_PARAMS[] = {SCENE_PARAM, WIDTH_PARAM};
static const struct jsonrpc_param POINT_PARAMS[] = {
    {.name = "x",
     .type = JSONRPC_NUMBER,
     .min = INT32_MIN,
     .max = INT32_MAX,
     .summary = "pixels of the scene's own picture"},
    {.name = "y", .type = JSONRPC_NUMBER, .min = INT32_MIN, .max = INT32_MAX},
    SCENE_PARAM};
static const struct jsonrpc_param POST_PARAMS[] = {
    {.name = "data", .type = JSONRPC_STRING, .summary = "INScore script"}, SCENE_PARAM};
static const struct jsonrpc_param GET_PARAMS[] = {{.name = "address",
                                                   .type = JSONRPC_STRING,
                                                   .min = 1,
                                                   .max = 4096,
                                                   .is_optional = true,
                                                   .summary = "/ITL when left out"},
                                                  {.name = "params",
                                                   .type = JSONRPC_ARRAY,
                                                   .is_optional = true,
                                                   .summary = "of the query: strings and numbers"}};
static const struct jsonrpc_param FILE_PARAMS[] = {
    {.name = "path",
     .type = JSONRPC_STRING,
     .min = 1,
     .max = LIMIT_PATH_BYTES,
     .summary = "relative to the root path of the score"}};

static const struct jsonrpc_param VERSION_RESULTS[] = {
    RESULT("scene", JSONRPC_STRING), EPOCH_RESULT, RESULT("version", JSONRPC_INTEGER)};
static const struct jsonrpc_param IMAGE_RESULTS[] = {
    RESULT("scene", JSONRPC_STRING),    EPOCH_RESULT,
    RESULT("version", JSONRPC_INTEGER), RESULT("width", JSONRPC_INTEGER),
    RESULT("height", JSONRPC_INTEGER),  RESULT("mimeType", JSONRPC_STRING),
    RESULT("image", JSONRPC_STRING)};
static const struct jsonrpc_param SCENES_RESULTS[] = {RESULT("scenes", JSONRPC_ARRAY)};
static const struct jsonrpc_param CHANGE_RESULTS[] = {EPOCH_RESULT,
                                                      RESULT("version", JSONRPC_INTEGER)};
static const struct jsonrpc_param GET_RESULTS[] = {RESULT("messages", JSONRPC_ARRAY)};
static const struct jsonrpc_param LOG_RESULTS[] = {RESULT("log", JSONRPC_STRING)};
static const struct jsonrpc_param FILE_RESULTS[] = {RESULT("mimeType", JSONRPC_STRING),
                                                    RESULT("file", JSONRPC_STRING)};

#define ROWS(rows) rows, sizeof rows / sizeof rows[0]
#define METHOD(method_name, handler, param_rows, result_rows, least_role, text)                    \
    .name = method_name, .handle = handler, .params = param_rows,                                  \
    .n_params = sizeof param_rows / sizeof param_rows[0], .results = result_rows,                  \
    .n_results = sizeof result_rows / sizeof result_rows[0], .role = least_role, .summary = text

const struct jsonrpc_method SCORE_RPC_METHODS[] = {
    {METHOD("version", score_rpc_on_version, SCENE_ONLY, VERSION_RESULTS, AUTH_VIEW,
            "the newest version of a scene")},
    {METHOD("image", score_rpc_on_image, IMAGE_PARAMS, IMAGE_RESULTS, AUTH_VIEW,
            "the newest picture of a scene, base64")},
    {.name = "scenes",
     .handle = score_rpc_on_scenes,
     .has_no_params = true,
     .results = SCENES_RESULTS,
     .n_results = 1,
     .role = AUTH_VIEW,
     .summary = "all scenes of the score"},
    {METHOD("click", score_rpc_on_click, POINT_PARAMS, CHANGE_RESULTS, AUTH_PLAY,
            "a click into the picture"),
     .is_once = true},
    {METHOD("hover", score_rpc_on_hover, POINT_PARAMS, CHANGE_RESULTS, AUTH_PLAY,
            "the pointer is here")},
    {METHOD("post", score_rpc_on_post, POST_PARAMS, CHANGE_RESULTS, AUTH_CONDUCT,
            "run a script; answered when this gateway shows its effect"),
     .is_once = true},
    {METHOD("get", score_rpc_on_get, GET_PARAMS, GET_RESULTS, AUTH_CONDUCT, "ask the score")},
    {.name = "log",
     .handle = score_rpc_on_log,
     .has_no_params = true,
     .results = LOG_RESULTS,
     .n_results = 1,
     .role = AUTH_CONDUCT,
     .summary = "the text of the log window"},
    {METHOD("file", score_rpc_on_file, FILE_PARAMS, FILE_RESULTS, AUTH_VIEW,
            "a file of the score, base64")},
};
const size_t SCORE_RPC_N_METHODS = sizeof SCORE_RPC_METHODS / sizeof SCORE_RPC_METHODS[0];

/* -- what methods share ------------------------------------------------------- */

bool score_rpc_is_scene_name(const json_t *value) {
    return score_rpc_is_name(json_string_value(value), json_string_length(value));
}

bool score_rpc_is_name(const char *name, size_t len) {
    if (name == NULL || len == 0 || len > LIMIT_SCENE_NAME_BYTES) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)name[i];
        if (c <= ' ' || c == 0x7f || strchr("/*?[]{}#,\"\\", c) != NULL) {
            return false;
        }
    }
    return true;
}

bool score_rpc_read_epoch(const char *text, uint64_t *epoch) {
    char *end;
    if (strspn(text, "0123456789abcdefABCDEF") != 16 || text[16] != '\0') {
        return false;
    }
    *epoch = strtoull(text, &end, 16);
    return true;
}

bool score_rpc_is_epoch(const json_t *value) {
    uint64_t epoch;
    return json_is_string(value) && score_rpc_read_epoch(json_string_value(value), &epoch);
}

const char *score_rpc_scene(struct jsonrpc_transaction *transaction, const json_t *params) {
    struct score_rpc_host *host = jsonrpc_transaction_ctx(transaction);
    const char *scene = json_string_value(json_object_get(params, "scene"));
    return scene != NULL ? scene : host->ops->default_scene(host, transaction);
}

void score_rpc_fail(struct jsonrpc_transaction *transaction, int code, json_t *data) {
    if (code == LG_EBUSY || code == LG_EINTERNAL) {
        jsonrpc_transaction_leave_open(transaction);
    }
    (void)jsonrpc_respond_error(transaction, lg_err_rpc_code(code), lg_err_name(code), data);
}

size_t score_rpc_print_version(char *text, size_t room, const char *scene, uint64_t epoch,
                               uint64_t version) {
    return (size_t)snprintf(text, room,
                            "\"scene\":\"%s\",\"epoch\":\"%016" PRIx64 "\",\"version\":%" PRIu64,
                            scene, epoch, version);
}

size_t score_rpc_print_frame(char *text, size_t room, const struct frame *frame) {
    size_t len = score_rpc_print_version(text, room, frame->scene, frame->epoch, frame->version);
    return len + (size_t)snprintf(text + len, room - len, ",\"width\":%u,\"height\":%u",
                                  (unsigned)frame->width_px, (unsigned)frame->height_px);
}

/* -- jobs --------------------------------------------------------------------------- */

struct score_job *score_job_create(struct jsonrpc_transaction *transaction, const char *scene,
                                   json_t *params) {
    struct score_job *job = calloc(1, sizeof *job);
    if (job == NULL) {
        score_rpc_fail(transaction, LG_EBUSY, NULL);
        return NULL;
    }
    jsonrpc_transaction_start_async(transaction);
    job->transaction = transaction;
    job->host = jsonrpc_transaction_ctx(transaction);
    job->params = json_incref(params);
    snprintf(job->scene, sizeof job->scene, "%s", scene);
    return job;
}

void score_job_destroy(void *cookie) {
    struct score_job *job = cookie;
    jsonrpc_transaction_release(job->transaction);
    json_decref(job->params);
    free(job->text);
    free(job->bytes);
    free(job);
}
