/* Files for clients: read on the worker, answered on the score thread. */
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "proto/limits.h"
#include "renderer/parts.h"

struct file_job {
    struct renderer *renderer;
    struct call *call;
    char *dir;
    char *path;
    size_t path_len;
    uint64_t offset_bytes, length_bytes;
    int code;
    struct files_range range;
};

static void free_job(struct file_job *job) {
    free(job->dir);
    free(job->path);
    free(job->range.bytes);
    free(job);
}

static void answer(void *ctx) {
    struct file_job *job = ctx;
    struct renderer *renderer = job->renderer;
    if (renderer->calls == NULL) {
        free_job(job); /* we are stopping */
        return;
    }
    if (job->code != LG_OK) {
        call_server_refuse(renderer->calls, job->call,
                           job->code == LG_ENOMEM ? LG_EINTERNAL : job->code, "File not found");
    } else {
        struct msg_reply reply;
        renderer_reply_now(renderer, job->call, &reply);
        reply.bytes = (struct msg_bytes){job->range.bytes, job->range.size_bytes};
        reply.total_size_bytes = job->range.total_size_bytes;
        reply.mtime_s = job->range.mtime_s;
        call_server_answer(renderer->calls, job->call, &reply);
    }
    free_job(job);
}

static void read_range(void *ctx) {
    struct file_job *job = ctx;
    job->code = files_read_range(job->renderer->files, job->dir, job->path, job->path_len,
                                 job->offset_bytes, job->length_bytes, &job->range);
    if (loop_post(job->renderer->loop, answer, job) != LG_OK) {
        free_job(job);
    }
}

void renderer_file(struct renderer *renderer, struct call *call) {
    const struct msg_request *request = call_request(call);
    struct file_job *job = calloc(1, sizeof *job);
    if (job == NULL) {
        call_server_refuse(renderer->calls, call, LG_EINTERNAL, "no memory");
        return;
    }
    *job = (struct file_job){.renderer = renderer,
                             .call = call,
                             .path_len = request->text.size,
                             .offset_bytes = request->offset_bytes,
                             .length_bytes = request->length_bytes};
    if (job->length_bytes == 0 || job->length_bytes > LIMIT_FILE_CHUNK_BYTES) {
        job->length_bytes = LIMIT_FILE_CHUNK_BYTES;
    }
    const char *dir = score_root_path(renderer->score, score_root(renderer->score));
    job->dir = strdup(dir == NULL || dir[0] == '\0' ? renderer->root_path : dir);
    job->path = malloc(request->text.size + 1);
    if (job->dir == NULL || job->path == NULL) {
        free_job(job);
        call_server_refuse(renderer->calls, call, LG_EINTERNAL, "no memory");
        return;
    }
    if (request->text.size > 0) {
        memcpy(job->path, request->text.data, request->text.size);
    }
    job->path[request->text.size] = '\0';
    call_drop_text(call);
    if (worker_give(renderer->worker, read_range, job) != LG_OK) {
        free_job(job);
        call_server_refuse(renderer->calls, call, LG_EBUSY, "too many files are asked for");
    }
}
