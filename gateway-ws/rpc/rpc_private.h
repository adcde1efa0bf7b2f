/* The inside of JSON-RPC in this gateway, for the files of this folder. */
#ifndef LEGGIO_GATEWAY_WS_RPC_RPC_PRIVATE_H
#define LEGGIO_GATEWAY_WS_RPC_RPC_PRIVATE_H

#include "common/frame.h"
#include "common/score_rpc/score_rpc.h"
#include "gateway-ws/picture.h"
#include "gateway-ws/rpc/rpc.h"
#include "gateway-ws/ws_connection.h"
#include "proto/limits.h"

struct rpc_metrics;
struct sub_group;
struct shown_wait;

struct rpc {
    struct score_rpc_host host; /* first: the ctx of the methods */
    struct rpc_options options;
    struct jsonrpc_server *server;
    struct jsonrpc_method *methods; /* SCORE_RPC_METHODS and ours */
    struct sub_group *groups;
    struct shown_wait *waits, **last_wait; /* oldest first */
    size_t n_waits;
    struct rpc_metrics *metrics;
    bool is_last_life; /* sessions that are away will not come back */
    char name[24];     /* of this process, for `presence` */
};

/* How frames reach a subscriber. */
enum sub_frames { SUB_NONE, SUB_BASE64, SUB_BINARY, SUB_TILES };

/* One session's subscription of one scene. */
struct sub {
    struct sub *prev, *next; /* of the group */
    struct sub *sibling;     /* of the session */
    struct sub_group *group;
    struct jsonrpc_session *session;
    enum sub_frames frames;
    bool is_told_now; /* the next frame comes without scoreChanged: it is no change */
    int64_t period_us, told_us;
    uint64_t told_epoch, told_version;   /* last sent; 0 = nothing */
    uint64_t base_epoch, base_version;   /* last frame on this connection; 0 = none */
    uint64_t shown_epoch, shown_version; /* by `shown` */
};

/* Data of a jsonrpc_session. */
struct rpc_session {
    struct sub *subs;
    size_t n_subs;
    int64_t connected_wall_s;
};

/* -- subscriptions.c ------------------------------------------------------------- */
/* Make or replace the subscription of its scene. frame: the newest at this width.
 * NULL: too many, no memory. */
struct sub *sub_add(struct rpc *rpc, struct jsonrpc_session *session, const char *scene,
                    uint32_t width_px, enum sub_frames frames, int64_t period_us);
/* false: there is none. */
bool sub_remove(struct rpc *rpc, struct jsonrpc_session *session, const char *scene);
struct sub *sub_find(const struct jsonrpc_session *session, const char *scene);
void subs_remove_all(struct rpc *rpc, struct jsonrpc_session *session);
const char *sub_scene(const struct sub *sub);
uint32_t sub_width_px(const struct sub *sub); /* 0 = the scene's own */
/* Something may be due for it now. */
void sub_offer(struct rpc *rpc, struct sub *sub);
/* dialect.on_frame of a connection: 0 all told, 1 ask again. */
int subs_on_writable(struct rpc *rpc, struct jsonrpc_session *session);
int64_t subs_tick(struct rpc *rpc, int64_t now_us);
/* The newest frame of a wide group came. */
void subs_take_view(struct rpc *rpc, const char *scene, uint32_t width_px, struct frame *frame);

/* -- sub_frames.c: messages prepared once and shared --------------------------------- */
struct prepared {
    bool keeps_former;   /* at a width whose changes the feed does not bring: strips tell them */
    struct frame *frame; /* what all of it is of; a reference */
    struct frame *former[2]; /* the frames before it, newest first; references */
    struct picture *base64, *whole;
    struct prepared_delta {
        uint64_t base;
        struct picture *tiles; /* NULL: a whole frame is better */
    } deltas[4];
    unsigned n_deltas;
};
/* Make it be of this frame; drops what was of another (but keeps that as a former one). */
void prepared_renew(struct prepared *prepared, struct frame *frame);
void prepared_finish(struct prepared *prepared);
/* Borrowed; NULL = out of memory. */
struct picture *prepared_base64(struct prepared *prepared, struct view *view);
struct picture *prepared_whole(struct prepared *prepared);
/* NULL: send the whole. */
struct picture *prepared_tiles(struct prepared *prepared, struct upstream *upstream, uint64_t base);

/* -- rpc_metrics.c ------------------------------------------------------------------ */
struct rpc_metrics *rpc_metrics_create(void);
void rpc_metrics_destroy(struct rpc_metrics *metrics); /* NULL is fine */
/* The subscriber is told of this frame now; before told_… of it are moved on. */
void rpc_metrics_told(struct rpc_metrics *metrics, const struct sub *sub,
                      const struct frame *frame);

/* -- rpc_methods.c --------------------------------------------------------------------- */
extern const struct jsonrpc_method RPC_OWN_METHODS[];
extern const size_t RPC_N_OWN_METHODS;
const char *sub_frames_name(enum sub_frames frames);
json_t *sub_describe(const struct sub *sub); /* its params */

/* -- rpc_connect.c --------------------------------------------------------------------- */
extern const struct jsonrpc_method RPC_CONNECT, RPC_RECONNECT;
void rpc_on_established(void *ctx, struct jsonrpc_session *session);
int rpc_on_connecting(void *ctx, struct jsonrpc_transport *transport, const json_t *params,
                      const char **why);
void rpc_on_connect(void *ctx, struct jsonrpc_session *session, const json_t *params,
                    bool is_reconnection, json_t *result);
void rpc_on_connected(void *ctx, struct jsonrpc_session *session, bool is_reconnection);
void rpc_on_closed(void *ctx, struct jsonrpc_session *session, const char *reason);

/* -- rpc_pointer.c -------------------------------------------------------------------------- */
/* The name of the pointer, score_rpc_ops.pointer_name. */
void rpc_pointer_name(struct score_rpc_host *host, struct jsonrpc_transaction *transaction,
                      char *text, size_t room);
void rpc_pointer_on_closed(struct rpc *rpc, struct jsonrpc_session *session, const char *reason);
void rpc_pointer_on_lost(void *ctx, struct jsonrpc_session *session);

/* -- rpc_host.c: what the shared methods need ---------------------------------------------- */
extern const struct score_rpc_ops RPC_HOST_OPS;
void waits_init(struct rpc *rpc);
int64_t waits_tick(struct rpc *rpc, int64_t now_us);
void waits_finish(struct rpc *rpc);
/* Ask for a width; subs_take_view is called with it. 0 or a code. */
int rpc_ask_view(struct rpc *rpc, const char *scene, uint32_t width_px);

/* -- rpc.c ---------------------------------------------------------------------------------- */
static inline struct ws_connection *rpc_connection(const struct jsonrpc_session *session) {
    struct jsonrpc_transport *transport = jsonrpc_session_transport(session);
    return transport != NULL ? jsonrpc_transport_ctx(transport) : NULL;
}

#endif
