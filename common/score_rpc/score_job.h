/* A method that waits for something, inside score_rpc. */
#ifndef LEGGIO_COMMON_SCORE_RPC_SCORE_JOB_H
#define LEGGIO_COMMON_SCORE_RPC_SCORE_JOB_H

#include "common/score_rpc/score_rpc.h"
#include "proto/limits.h"

struct score_job {
    struct jsonrpc_transaction *transaction; /* a reference */
    struct score_rpc_host *host;
    json_t *params;        /* a reference, or NULL */
    score_rpc_frame_fn go; /* score_frame.c */
    char scene[LIMIT_SCENE_NAME_BYTES + 1];
    uint32_t width_px;
    bool is_listed; /* the renderer was asked whether the scene exists */
    bool has_waited;
    int n_views;             /* times asked for the width */
    int code;                /* of the renderer's answer */
    uint64_t epoch, version; /* of the renderer's answer */
    char *text;              /* of the renderer's answer, or the path of a file */
    size_t text_len;
    uint8_t *bytes; /* of a file, so far */
    size_t size_bytes;
    uint64_t total_bytes;
};

/* Makes the transaction async. NULL: answered by an error. */
struct score_job *score_job_create(struct jsonrpc_transaction *transaction, const char *scene,
                                   json_t *params);
void score_job_destroy(void *job);

/* handlers */
void score_rpc_on_version(struct jsonrpc_transaction *transaction, json_t *params);
void score_rpc_on_image(struct jsonrpc_transaction *transaction, json_t *params);
void score_rpc_on_scenes(struct jsonrpc_transaction *transaction, json_t *params);
void score_rpc_on_click(struct jsonrpc_transaction *transaction, json_t *params);
void score_rpc_on_hover(struct jsonrpc_transaction *transaction, json_t *params);
void score_rpc_on_post(struct jsonrpc_transaction *transaction, json_t *params);
void score_rpc_on_get(struct jsonrpc_transaction *transaction, json_t *params);
void score_rpc_on_log(struct jsonrpc_transaction *transaction, json_t *params);
void score_rpc_on_file(struct jsonrpc_transaction *transaction, json_t *params);

/* score_get.c: messages of a script text as a JSON array; NULL = out of memory. */
json_t *score_messages_parse(const char *text, size_t size_bytes);
/* Address and params as the script text of a query; free(). */
char *score_query_print(const char *address, const json_t *params, size_t *size_bytes);

#endif
