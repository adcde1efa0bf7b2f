/* Inside renderer_scenes.c and renderer_waiters.c: scenes as they are drawn, and who waits for
 * them. */
#ifndef LEGGIO_RENDERER_SCENES_PRIVATE_H
#define LEGGIO_RENDERER_SCENES_PRIVATE_H

#include "proto/limits.h"
#include "renderer/parts.h"
#include "renderer/types/draw_scene.h"

struct scene {
    char name[LIMIT_SCENE_NAME_BYTES + 1];
    struct display_list *list; /* newest submitted */
    struct scene_drawing *drawing;
    uint64_t submitted; /* newest turn */
    uint64_t unshown;   /* oldest submitted turn that is not visible yet; 0 = none */
    uint64_t put_off;   /* oldest turn whose changes are in no list yet; 0 = none */
    uint64_t version;
    int64_t build_us;
    int64_t submitted_us;
    bool is_there;
    bool repeats_dense; /* a timer will */
    int64_t gaps_us;    /* since when its lists lack texts; 0 = they do not */
    bool is_gap_due;    /* try again, though nothing has changed */
};

/* A call that waits, with its answer so far. */
struct waiter {
    struct waiter *next;
    struct call *call;
    uint64_t turn;
    uint64_t seq; /* the input that must be durable; 0 = none */
    int code;
    char *text;
    size_t text_size;
    bool wants_frame;
};

/* Work beside the score thread that calls of a turn wait for: until it is released, and then until
 * the scene's list of that turn is visible. */
struct hold {
    uint64_t id, turn;
    uint64_t released; /* turn; 0 = still under way */
    char scene[LIMIT_SCENE_NAME_BYTES + 1];
    int64_t until_us; /* nobody waits longer */
};

struct scenes {
    struct renderer *renderer;
    struct hold *holds;
    size_t n_holds, holds_capacity;
    int hold_timer, retry_timer, gap_timer; /* -1 = none */
    uint64_t turn;
    struct scene *scenes;
    size_t n_scenes, capacity;
    bool has_new_set;
    struct waiter *first, **last;
    size_t n_waiting;
    struct metric *builds_us, *shown_us;
    int dense_timer; /* -1 = none */
};

/* renderer_scenes.c; NULL = no such scene */
struct scene *scenes_find(const struct scenes *scenes, const char *name);
/* renderer_waiters.c: at the end of a turn, drop what nobody waits for, answer whose change is
 * visible and durable */
void scenes_tidy_holds(struct scenes *scenes);
void scenes_answer_shown(struct scenes *scenes);

#endif
