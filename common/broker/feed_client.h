/* The feed as a gateway sees it: the scenes that it follows, the heartbeat, the
 * servers that the score asks for. No sockets: messages come in, wishes go out
 * through the functions in feed_client_ops. One thread (the upstream's).
 */
#ifndef LEGGIO_COMMON_BROKER_FEED_CLIENT_H
#define LEGGIO_COMMON_BROKER_FEED_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/frame.h"
#include "proto/feed.h"
#include "proto/messages.h"

struct feed_client;

struct feed_client_ops {
    void (*subscribe)(void *ctx, const char *topic, size_t len, bool is_wanted);
    void (*ask_snapshot)(void *ctx, const char *scene);        /* answer: feed_client_snapshot */
    void (*ask_hello)(void *ctx);                              /* answer: feed_client_hello */
    void (*on_frame)(void *ctx, struct frame *frame);          /* borrowed, sealed */
    void (*on_fed)(void *ctx, const struct feed_frame *frame); /* each, as it came; borrowed */
    void (*on_version)(void *ctx, const char *scene, uint64_t epoch, uint64_t version);
    void (*on_scene_gone)(void *ctx, const char *scene);                       /* it was followed */
    void (*on_scenes)(void *ctx, const struct msg_scene *scenes, size_t n);    /* names changed */
    void (*on_servers)(void *ctx, const struct msg_server *servers, size_t n); /* changed */
    void (*on_state)(void *ctx, bool is_new_renderer); /* fresh, epoch or renderer changed */
    void (*on_uptime)(void *ctx, uint64_t renderer_id, uint64_t uptime_ms);
};

struct feed_client *feed_client_create(const struct feed_client_ops *ops, void *ctx);
void feed_client_destroy(struct feed_client *client);

/* Subscribe to heartbeat and servers, say hello. */
void feed_client_start(struct feed_client *client, int64_t now_us);

/* Follow a scene: subscribe, then ask for its snapshot. Twice is once; no name of a
 * scene, and one scene too many, are passed over. 0 or LG_ENOMEM: try again. */
int feed_client_follow(struct feed_client *client, const char *scene, int64_t now_us);

/* One message of the feed: topic, header, payload. */
void feed_client_handle(struct feed_client *client, const struct msg_bytes *parts, size_t n_parts,
                        int64_t now_us);
/* After all messages that were waiting: hand out the newest frames. */
void feed_client_flush(struct feed_client *client);

/* Answer to ask_snapshot; code as in call_client, rest = frame and strips. */
void feed_client_snapshot(struct feed_client *client, const char *scene, int code,
                          const struct msg_bytes *rest, size_t n_rest, int64_t now_us);
/* Answer to ask_hello. reply NULL = none came. */
void feed_client_hello(struct feed_client *client, const struct msg_reply *reply, int64_t now_us);
/* Any reply may bring the list of scenes (the renderer adds it to the answer of
 * a post that made or deleted one). */
void feed_client_heard_reply(struct feed_client *client, const struct msg_reply *reply,
                             int64_t now_us);

/* Staleness, snapshots that are due, hello again while nobody answers. */
void feed_client_tick(struct feed_client *client, int64_t now_us);

bool feed_client_is_fresh(const struct feed_client *client);
uint64_t feed_client_epoch(const struct feed_client *client);
int64_t feed_client_last_heard_us(const struct feed_client *client);

#endif
