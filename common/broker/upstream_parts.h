/* Inside common/broker/upstream*.c: the parts of an upstream. upstream.c owns
 * the thread and the sockets, upstream_state.c what other threads may read,
 * upstream_calls.c the way of a gateway's call. */
#ifndef LEGGIO_COMMON_BROKER_UPSTREAM_PARTS_H
#define LEGGIO_COMMON_BROKER_UPSTREAM_PARTS_H

#include <pthread.h>
#include <stdatomic.h>

#include "common/broker/call_client.h"
#include "common/broker/feed_client.h"
#include "common/broker/frame_cache.h"
#include "common/broker/peer_clock.h"
#include "common/broker/tile_ring.h"
#include "common/broker/upstream.h"
#include "common/broker/zmq_parts.h"

/* A wish of another thread, in a list of one direction. */
struct upstream_command {
    struct upstream_command *next;
    bool is_follow; /* else a call */
    char scene[LIMIT_SCENE_NAME_BYTES + 1];
    struct call_client_request call;
};

struct upstream_views; /* upstream_views.c */

struct upstream {
    char *feed, *calls; /* endpoints */
    void (*on_event)(void *ctx, const struct upstream_event *event);
    void *ctx;
    uint64_t gateway_id;
    _Atomic uint64_t counter;
    _Atomic size_t n_under_way, bytes_under_way;
    atomic_bool is_stopping;
    struct frame_cache *cache;
    struct tile_ring *tiles; /* NULL: not kept */
    struct upstream_views *views;
    int wake_fd; /* eventfd: commands are there, or stop */
    pthread_t thread;

    pthread_mutex_t lock; /* guards the following group */
    struct upstream_command *first, *last;
    struct upstream_state state;
    struct peer_clock clock; /* the renderer's */
    struct msg_scene *scenes;
    size_t n_scenes;
    bool has_scenes;
    struct upstream_server *servers;
    size_t n_servers;
    char followed[LIMIT_SCENES][LIMIT_SCENE_NAME_BYTES + 1];
    size_t n_followed;

    /* of the thread alone, once it runs */
    void *zmq, *feed_socket, *calls_socket;
    struct link_watch *feed_watch, *calls_watch;
    struct feed_client *feed_client;
    struct call_client *call_client;
    struct zmq_parts parts;
    int64_t feed_heard_us, calls_heard_us; /* or since when something is due there */
    int64_t started_us, metrics_us;
    struct metric *fresh, *silent, *frame_age, *behind, *under_way;
};

/* -- upstream_state.c ------------------------------------------------------ */
/* What a feed client wants of an upstream (its ctx). */
extern const struct feed_client_ops UPSTREAM_FEED_OPS;
/* Hand a command to the thread; takes over the allocation. Any thread. */
void upstream_push_command(struct upstream *up, struct upstream_command *command);
/* The same for a command that must be tried again: its next tick will do. */
void upstream_put_off_command(struct upstream *up, struct upstream_command *command);
/* All commands, oldest first; the caller frees them. */
struct upstream_command *upstream_take_commands(struct upstream *up);
/* Number of a new request. Any thread. */
uint64_t upstream_next_counter(struct upstream *up);

/* -- upstream_calls.c ------------------------------------------------------ */
/* call_client_options.renew; ctx is the upstream. */
void upstream_renew_call(void *ctx, struct call_client_request *request);

/* -- upstream_views.c ------------------------------------------------------ */
struct upstream_views *upstream_views_create(void);
/* After the last call has ended. */
void upstream_views_destroy(struct upstream_views *views);

#endif
