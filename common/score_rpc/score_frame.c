/* Methods that look: version, image, scenes; and the way to a frame. A scene may be
 * younger than the list of scenes that the last heartbeat brought, so one that is
 * not in it is asked for before it counts as unknown. A gateway that has just begun
 * knows none: then the picture is waited for first.
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "common/score_rpc/score_job.h"

enum {
    VIEW_TRIES = 3,
    HEAD_BYTES = 256,
};

/* -- to a frame ----------------------------------------------------------------- */

static void find_frame(struct score_job *job);

static void end(struct score_job *job, int code, const char *what) {
    score_rpc_fail(job->transaction, code, what != NULL ? json_string(what) : NULL);
    score_job_destroy(job);
}

static void go(struct score_job *job, struct frame *frame) {
    job->go(job->transaction, frame, job->params);
    score_job_destroy(job);
}

static void on_scenes_listed(void *cookie, const struct call_reply *reply) {
    struct score_job *job = cookie;
    if (reply->code != LG_OK) {
        end(job, reply->code, NULL);
    } else if (!upstream_is_listed(job->scene, reply->text, reply->text_size_bytes)) {
        end(job, LG_ENOTFOUND, "no such scene");
    } else {
        job->is_listed = true;
        find_frame(job);
    }
}

static void ask_whether_it_exists(struct score_job *job) {
    struct call_request request = {.kind = CALL_SCENES, .role = "view"};
    int code = job->host->ops->call(job->host, &request, job, on_scenes_listed, score_job_destroy);
    if (code != 0) {
        end(job, code, NULL);
    }
}

static void on_waited(void *cookie) {
    struct score_job *job = cookie;
    job->has_waited = true;
    find_frame(job);
}

static void wait_for_picture(struct score_job *job) {
    int code = job->host->ops->when_shown(job->host, job->scene, 0, 0, LIMIT_FIRST_PICTURE_MS, job,
                                          on_waited, score_job_destroy);
    if (code != 0) {
        end(job, code, NULL);
    }
}

static void on_view(void *cookie, int code, struct frame *frame) {
    struct score_job *job = cookie;
    job->n_views++;
    if (code == LG_OK) {
        go(job, frame);
    } else if (job->n_views < VIEW_TRIES && code == LG_EBUSY) {
        find_frame(job);
    } else {
        end(job, code, NULL);
    }
}

/* The scene at the width that is asked for; newest is its own picture. */
static void find_view(struct score_job *job, struct frame *newest) {
    struct frame *frame;
    if (job->width_px == 0 || job->width_px == newest->width_px) {
        go(job, newest);
        return;
    }
    frame = upstream_view_held(job->host->upstream, job->scene, job->width_px);
    if (frame != NULL) {
        go(job, frame);
        frame_unref(frame);
        return;
    }
    int code =
        job->host->ops->view(job->host, job->scene, job->width_px, job, on_view, score_job_destroy);
    if (code != 0) {
        end(job, code, NULL);
    }
}

static void find_frame(struct score_job *job) {
    struct upstream *upstream = job->host->upstream;
    struct frame *frame = job->host->ops->frame(job->host, job->scene);
    bool is_known = job->is_listed || upstream_has_scene(upstream, job->scene);
    if (frame != NULL) {
        find_view(job, frame);
        frame_unref(frame);
    } else if (!job->has_waited && (is_known || upstream_is_beginning(upstream))) {
        wait_for_picture(job);
    } else if (!is_known) {
        ask_whether_it_exists(job);
    } else {
        end(job, LG_EBUSY, "no picture yet");
    }
}

void score_rpc_with_frame(struct jsonrpc_transaction *transaction, const char *scene,
                          uint32_t width_px, json_t *params, score_rpc_frame_fn then) {
    struct score_job *job = score_job_create(transaction, scene, params);
    if (job != NULL) {
        job->width_px = width_px;
        job->go = then;
        find_frame(job);
    }
}

/* -- version ----------------------------------------------------------------------- */

static void tell_version(struct jsonrpc_transaction *transaction, struct frame *frame,
                         json_t *params) {
    char text[HEAD_BYTES];
    (void)params;
    text[0] = '{';
    size_t len = 1 + score_rpc_print_version(text + 1, sizeof text - 2, frame->scene, frame->epoch,
                                             frame->version);
    text[len++] = '}';
    (void)jsonrpc_respond_text(transaction, text, len);
}

void score_rpc_on_version(struct jsonrpc_transaction *transaction, json_t *params) {
    struct score_rpc_host *host = jsonrpc_transaction_ctx(transaction);
    const char *scene = score_rpc_scene(transaction, params);
    struct frame *frame = host->ops->frame(host, scene);
    if (frame != NULL) { /* nearly always */
        tell_version(transaction, frame, params);
        frame_unref(frame);
    } else {
        score_rpc_with_frame(transaction, scene, 0, params, tell_version);
    }
}

/* -- image --------------------------------------------------------------------------- */

/* A text of its own, for those who cannot share one. */
static void respond_copy(struct jsonrpc_transaction *transaction, const char *members,
                         const struct frame *frame) {
    const struct lg_bytes *png = frame->dense != NULL ? frame->dense : frame->png;
    size_t members_len = strlen(members);
    size_t base64_room =
        sodium_base64_ENCODED_LEN(lg_bytes_size(png), sodium_base64_VARIANT_ORIGINAL);
    char *text = malloc(1 + members_len + base64_room + 3);
    if (text == NULL) {
        score_rpc_fail(transaction, LG_EBUSY, NULL);
        return;
    }
    text[0] = '{';
    memcpy(text + 1, members, members_len);
    sodium_bin2base64(text + 1 + members_len, base64_room, lg_bytes_data(png), lg_bytes_size(png),
                      sodium_base64_VARIANT_ORIGINAL);
    size_t len = strlen(text);
    memcpy(text + len, "\"}", 3);
    (void)jsonrpc_respond_text(transaction, text, len + 2);
    free(text);
}

static void tell_image(struct jsonrpc_transaction *transaction, struct frame *frame,
                       json_t *params) {
    static const char TAIL[] = ",\"mimeType\":\"image/png\",\"image\":\"";
    struct score_rpc_host *host = jsonrpc_transaction_ctx(transaction);
    char members[HEAD_BYTES];
    (void)params;
    size_t len = score_rpc_print_frame(members, sizeof members - sizeof TAIL, frame);
    memcpy(members + len, TAIL, sizeof TAIL);
    if (host->ops->respond_picture == NULL ||
        !host->ops->respond_picture(host, transaction, members, frame)) {
        respond_copy(transaction, members, frame);
    }
}

void score_rpc_on_image(struct jsonrpc_transaction *transaction, json_t *params) {
    const json_t *width = json_object_get(params, "width");
    score_rpc_with_frame(transaction, score_rpc_scene(transaction, params),
                         (uint32_t)json_number_value(width), params, tell_image);
}

/* -- scenes --------------------------------------------------------------------------- */

static json_t *describe(struct score_rpc_host *host, const struct upstream_scene *scene) {
    struct frame *frame = host->ops->frame(host, scene->name);
    char epoch[20];
    snprintf(epoch, sizeof epoch, "%016llx",
             (unsigned long long)(frame != NULL ? frame->epoch : scene->epoch));
    uint64_t version = frame != NULL ? frame->version : scene->version;
    json_t *item = json_pack("{s:s, s:s, s:I, s:i, s:i}", "name", scene->name, "epoch", epoch,
                             "version", (json_int_t)version, "width",
                             (int)(frame != NULL ? frame->width_px : scene->width_px), "height",
                             (int)(frame != NULL ? frame->height_px : scene->height_px));
    frame_unref(frame);
    return item;
}

static void tell_scenes(struct jsonrpc_transaction *transaction) {
    struct score_rpc_host *host = jsonrpc_transaction_ctx(transaction);
    struct upstream_scene *scenes = NULL;
    size_t n = upstream_scenes(host->upstream, &scenes);
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++) {
        json_array_append_new(list, describe(host, &scenes[i]));
    }
    free(scenes);
    (void)jsonrpc_respond(transaction, json_pack("{s:o}", "scenes", list));
}

static void on_scenes(void *cookie, const struct call_reply *reply) {
    struct score_job *job = cookie;
    if (reply->code == LG_OK) {
        tell_scenes(job->transaction); /* the upstream has taken the list over */
        score_job_destroy(job);
    } else {
        end(job, reply->code, NULL);
    }
}

void score_rpc_on_scenes(struct jsonrpc_transaction *transaction, json_t *params) {
    struct score_job *job = score_job_create(transaction, "scene", params);
    struct call_request request = {.kind = CALL_SCENES, .role = "view"};
    if (job == NULL) {
        return;
    }
    int code = job->host->ops->call(job->host, &request, job, on_scenes, score_job_destroy);
    if (code != 0) { /* the renderer is away: what is known */
        tell_scenes(transaction);
        score_job_destroy(job);
    }
}
