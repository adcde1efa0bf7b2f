/* The insides of struct score, for the files that work on all of it: score.c,
 * dispatch.c, query.c, object.c, watch_fire.c, aliases.c, log.c. */
#ifndef LEGGIO_SCORE_SCORE_STATE_H
#define LEGGIO_SCORE_SCORE_STATE_H

#include "proto/limits.h"
#include "renderer/score/time/clocks.h"
#include "renderer/score/time/delays.h"
#include "renderer/score/index.h"
#include "renderer/score/object_tree.h"
#include "renderer/score/resources.h"
#include "renderer/score/score.h"

struct alias; /* aliases.c */

/* What one task leaves behind. */
struct transaction {
    struct text errors;
    bool is_cut; /* errors over LIMIT_ERROR_TEXT_BYTES */
    struct message *replies;
    size_t n_replies, replies_capacity;
    const char *source; /* borrowed */
    char place[128];    /* file of the statement under way, cut; "" = the source itself */
    int line;           /* 0 = unknown */
    bool is_of_events;  /* messages that events queued */
    unsigned nesting;   /* score_begin without score_end */
    int64_t started_us, limit_us;
    uint64_t n_looks;           /* at the clock */
    bool is_over, is_over_told; /* took longer than limit_us */
};

/* Messages of events; a ring is not needed, each task takes the front as a whole. */
struct event_queue {
    struct message *messages;
    size_t n_messages, capacity;
    size_t size_bytes; /* message_size_bytes of all */
    bool is_full;      /* told once until it is empty again */
};

struct score {
    const struct score_env *env;
    double screen_px;
    char *root_path, *public_host;
    struct object *root;
    struct object **scenes;
    size_t n_scenes, scenes_capacity;
    uint64_t last_id;
    uint64_t last_shelf_revision, last_touch_serial; /* draw_order.c */
    size_t n_objects;                                /* scenes and objects, not nodes */
    struct index_key key;                            /* of names and aliases */
    struct index ids;
    struct index aliases;
    size_t n_aliases;
    struct object **deleted;
    size_t n_deleted, deleted_capacity;
    struct transaction now;
    struct event_queue queue;
    struct clocks clocks;
    bool is_forwarding; /* some `forward` names hosts: forward.c */
    struct delays delays;
    struct resources resources;
    const struct object *load_target; /* whose `load` runs, or NULL */
    bool has_due_connections;         /* signals/connections.c */
    uint64_t watched_revision;        /* of files, node_files.c */
    unsigned message_depth;
    struct object *eval_target; /* whom "./" addresses mean, or NULL */
    struct text log;
    int log_level;
    int64_t started_us, time_offset_ms;
    uint64_t ticks;
    uint64_t n_messages, n_osc_messages, n_events_dropped, n_events_deferred;
    bool default_show;
    bool is_version_2;    /* `parse v2` of the application */
    bool is_firing_error; /* the application's `error` event */
    uint64_t work_looks;  /* score_limit_work */
};

/* Has the transaction time for one more message on one more object? The first no is told. */
bool score_has_time(struct score *score);
/* A scene's appearance may have changed. */
void score_mark_dirty(struct score *score, struct object *scene);
/* Replies go to the transaction; takes over the message. */
void score_give_reply(struct score *score, struct message *msg);
/* Scenes that are not deleted; deleted ones are listed until the end of the task. */
size_t score_live_scenes(const struct score *score);
/* Forget scenes that are deleted; quits when none is left. */
void score_drop_scenes(struct score *score);
/* A new scene, with its nodes; NULL (reported) when there are too many. */
struct object *score_add_scene(struct score *score, const char *name, size_t len);

/* An error's line into /ITL/log (log.c). */
void log_give_error(struct score *score, const char *line);

#endif
