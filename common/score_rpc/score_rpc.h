/* The methods of the score that both gateways have (docs/jsonrpc.md): version,
 * image, scenes, click, hover, post, get, log, file. A gateway says how its frames
 * are found and how calls are made; everything else is here.
 *
 * options.ctx of the jsonrpc_server is a struct score_rpc_host (or something that
 * begins with one). All is called on the thread of that server.
 */
#ifndef LEGGIO_COMMON_SCORE_RPC_SCORE_RPC_H
#define LEGGIO_COMMON_SCORE_RPC_SCORE_RPC_H

#include "common/broker/upstream.h"
#include "common/jsonrpc/jsonrpc.h"

/* Roles, as in common/access/auth.h. */
extern const char *const SCORE_RPC_ROLE_NAMES[];

struct score_rpc_host {
    struct upstream *upstream;
    const struct score_rpc_ops *ops;
};

/* done comes once, on the thread of the server; or drop, when the gateway ends or
 * nobody is there any more. Neither when the function returns a code. */
struct score_rpc_ops {
    /* The newest frame of a scene that clients may be told of, with a reference; NULL. */
    struct frame *(*frame)(struct score_rpc_host *host, const char *scene);
    int (*call)(struct score_rpc_host *host, const struct call_request *request, void *cookie,
                void (*done)(void *cookie, const struct call_reply *reply),
                void (*drop)(void *cookie));
    /* The scene at a width; frame is borrowed. */
    int (*view)(struct score_rpc_host *host, const char *scene, uint32_t width_px, void *cookie,
                void (*done)(void *cookie, int code, struct frame *frame),
                void (*drop)(void *cookie));
    /* When `frame` gives this version of this epoch or a newer one (version 0: any),
     * or after timeout_ms. LG_EBUSY when LIMIT_VERSIONS_AWAITED wait. */
    int (*when_shown)(struct score_rpc_host *host, const char *scene, uint64_t epoch,
                      uint64_t version, int timeout_ms, void *cookie, void (*done)(void *cookie),
                      void (*drop)(void *cookie));
    /* "ws:127.0.0.1:4242" */
    void (*client_name)(struct score_rpc_host *host, struct jsonrpc_transaction *transaction,
                        char *text, size_t room);
    /* Who hovers: what one such name entered, only the same one leaves. */
    void (*pointer_name)(struct score_rpc_host *host, struct jsonrpc_transaction *transaction,
                         char *text, size_t room);
    /* The scene of a call that names none; borrowed. */
    const char *(*default_scene)(struct score_rpc_host *host,
                                 struct jsonrpc_transaction *transaction);
    /* What the renderer is to know this change by, should it come again; zeros: it will not. */
    struct call_key (*change_key)(struct score_rpc_host *host,
                                  struct jsonrpc_transaction *transaction);
    /* May an answer take so much memory until it is sent? */
    bool (*reserve)(struct score_rpc_host *host, struct jsonrpc_transaction *transaction,
                    size_t size_bytes);
    /* Answer by members (JSON text, ends in `"image":"`) and the frame's base64 and `"}`.
     * NULL or false: done here, by a copy. */
    bool (*respond_picture)(struct score_rpc_host *host, struct jsonrpc_transaction *transaction,
                            const char *members, struct frame *frame);
};

extern const struct jsonrpc_method SCORE_RPC_METHODS[];
extern const size_t SCORE_RPC_N_METHODS;

/* -- for methods that a gateway adds ---------------------------------------- */

extern const struct jsonrpc_param SCORE_RPC_SCENE; /* `scene`, optional */
extern const struct jsonrpc_param SCORE_RPC_WIDTH; /* `width`, optional */
bool score_rpc_is_scene_name(const json_t *value);
bool score_rpc_is_name(const char *name, size_t len);
bool score_rpc_is_epoch(const json_t *value);
/* Sixteen hexadecimal digits → number. */
bool score_rpc_read_epoch(const char *text, uint64_t *epoch);

/* The connection's when params do not tell. Borrowed. */
const char *score_rpc_scene(struct jsonrpc_transaction *transaction, const json_t *params);
/* Error by the table in common/err.h. data may be NULL; stolen. One that does not tell
 * what became of the request leaves it open. */
void score_rpc_fail(struct jsonrpc_transaction *transaction, int code, json_t *data);

/* `"scene":"x","epoch":"…","version":7` into text; returns the length. */
size_t score_rpc_print_version(char *text, size_t room, const char *scene, uint64_t epoch,
                               uint64_t version);
/* The same with `,"width":…,"height":…`. */
size_t score_rpc_print_frame(char *text, size_t room, const struct frame *frame);

/* -- for other dialects of a gateway ------------------------------------------- */

enum {
    SCORE_RPC_FILE_COPIES = 4
}; /* of a file: bytes, their base64, and that while it is queued */
/* A long script takes its time; a short one is refused soon when the renderer has just gone. */
uint32_t score_rpc_post_deadline_ms(size_t size_bytes);
/* May this piece of a file be put behind the first size_bytes of total_bytes (0: it is the
 * first)? LG_OK or a code. An empty file is one that is not there, as in INScore; one that
 * changes its size while it is read is not served half and half. */
int score_rpc_file_code(const struct call_reply *piece, uint64_t size_bytes, uint64_t total_bytes);

/* -- frames -------------------------------------------------------------------- */

/* Something that needs a frame of a scene at a width: go is called with it (now or
 * later), or the transaction is answered by an error. width_px 0 = the scene's own. */
typedef void (*score_rpc_frame_fn)(struct jsonrpc_transaction *transaction, struct frame *frame,
                                   json_t *params);
void score_rpc_with_frame(struct jsonrpc_transaction *transaction, const char *scene,
                          uint32_t width_px, json_t *params, score_rpc_frame_fn go);

#endif
