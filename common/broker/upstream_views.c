/* Pictures at other widths than a scene's own: asked for once per version and
 * width however many clients want them, the newest of each kept. */
#include <stdlib.h>
#include <string.h>

#include "common/broker/upstream_parts.h"
#include "common/clock.h"
#include "common/err.h"
#include "common/log.h"
#include "proto/calls.h"
#include "proto/feed.h"

#define VIEW_DEADLINE_MS 10000

/* Who waits for the answer of the call under way. */
struct view_waiter {
    struct view_waiter *next;
    upstream_view_fn done;
    void *ctx;
};

/* One width of one scene. The lock of the views guards all of it. */
struct view_entry {
    char scene[LIMIT_SCENE_NAME_BYTES + 1];
    uint32_t width_px;
    struct frame *frame; /* newest, owned reference; NULL before the first */
    int64_t used_us;
    bool is_asked;
    struct view_waiter *waiters;
};

struct upstream_views {
    pthread_mutex_t lock;
    struct view_entry entries[LIMIT_VIEWS];
    size_t n;
};

/* A call under way: which entry it is for. */
struct view_ask {
    struct upstream *upstream;
    char scene[LIMIT_SCENE_NAME_BYTES + 1];
    uint32_t width_px;
};

struct upstream_views *upstream_views_create(void) {
    struct upstream_views *views = calloc(1, sizeof *views);
    if (views != NULL) {
        pthread_mutex_init(&views->lock, NULL);
    }
    return views;
}

void upstream_views_destroy(struct upstream_views *views) {
    if (views == NULL) {
        return;
    }
    for (size_t i = 0; i < views->n; i++) {
        frame_unref(views->entries[i].frame);
    }
    pthread_mutex_destroy(&views->lock);
    free(views);
}

static struct view_entry *find_locked(struct upstream_views *views, const char *scene,
                                      uint32_t width_px) {
    for (size_t i = 0; i < views->n; i++) {
        struct view_entry *entry = &views->entries[i];
        if (entry->width_px == width_px && strcmp(entry->scene, scene) == 0) {
            return entry;
        }
    }
    return NULL;
}

/* A place for a new entry: a free one, else the one not used for longest. NULL when
 * all are being asked for. */
static struct view_entry *make_room_locked(struct upstream_views *views) {
    struct view_entry *oldest = NULL;
    if (views->n < LIMIT_VIEWS) {
        oldest = &views->entries[views->n++];
    } else {
        for (size_t i = 0; i < views->n; i++) {
            struct view_entry *entry = &views->entries[i];
            if (!entry->is_asked && (oldest == NULL || entry->used_us < oldest->used_us)) {
                oldest = entry;
            }
        }
    }
    if (oldest != NULL) {
        frame_unref(oldest->frame);
        memset(oldest, 0, sizeof *oldest);
    }
    return oldest;
}

struct frame *upstream_view_held(struct upstream *up, const char *scene, uint32_t width_px) {
    struct upstream_views *views = up->views;
    struct frame *newest = upstream_frame(up, scene);
    struct frame *held = NULL;
    pthread_mutex_lock(&views->lock);
    struct view_entry *entry = find_locked(views, scene, width_px);
    if (entry != NULL && entry->frame != NULL && newest != NULL &&
        entry->frame->epoch == newest->epoch && entry->frame->version >= newest->version) {
        entry->used_us = lg_clock_us();
        held = frame_ref(entry->frame);
    }
    pthread_mutex_unlock(&views->lock);
    frame_unref(newest);
    return held;
}

/* -- answers ------------------------------------------------------------- */

/* A whole frame out of a snapshot's parts, sealed; NULL when they are wrong. */
static struct frame *frame_of(const struct msg_bytes *parts, size_t n_parts, const char *scene) {
    struct feed_frame fed;
    struct msg_problem problem;
    if (feed_frame_decode(parts, n_parts, &fed, &problem) != 0) {
        lg_log(LG_LOG_WARN, "views", "malformed", "scene=%s reason=%s", scene, problem.text);
        return NULL;
    }
    const struct msg_frame *header = &fed.header;
    struct frame *frame = frame_create(scene, (uint32_t)header->width_px,
                                       (uint32_t)header->height_px, (uint8_t)header->color_type);
    for (size_t i = 0; frame != NULL && i < header->n_strips; i++) {
        struct frame_strip strip = {.chunk = lg_bytes_copy(fed.strips[i].data, fed.strips[i].size),
                                    .adler = (uint32_t)header->strips[i].adler,
                                    .raw_size_bytes = (uint32_t)header->strips[i].raw_size_bytes};
        frame_give_strip(frame, (size_t)header->strips[i].strip_i, strip);
    }
    if (frame != NULL) {
        frame->epoch = header->epoch;
        frame->version = header->version;
        frame->pixels_hash = header->pixels_hash;
        frame->drawn_wall_us = header->wall_us;
        if (header->base_version != 0 || frame_seal(frame) != 0) {
            frame_unref(frame);
            frame = NULL;
        }
    }
    feed_frame_finish(&fed);
    return frame;
}

static void on_view(void *ctx, int code, const struct msg_reply *reply,
                    const struct msg_bytes *rest, size_t n_rest) {
    struct view_ask *ask = ctx;
    struct upstream *up = ask->upstream;
    struct frame *frame = NULL;
    struct view_waiter *waiters = NULL;
    code = code == 0 ? lg_err_from_name(reply->code) : code;
    if (code == 0) {
        frame = frame_of(rest, n_rest, ask->scene);
        code = frame != NULL ? 0 : LG_EINTERNAL;
    }
    pthread_mutex_lock(&up->views->lock);
    struct view_entry *entry = find_locked(up->views, ask->scene, ask->width_px);
    if (entry != NULL) {
        waiters = entry->waiters;
        entry->waiters = NULL;
        entry->is_asked = false;
        if (frame != NULL) {
            frame_unref(entry->frame);
            entry->frame = frame_ref(frame);
        }
    }
    pthread_mutex_unlock(&up->views->lock);
    atomic_fetch_sub(&up->n_under_way, 1);
    while (waiters != NULL) {
        struct view_waiter *next = waiters->next;
        waiters->done(waiters->ctx, code, frame);
        free(waiters);
        waiters = next;
    }
    frame_unref(frame);
    free(ask);
}

/* -- asking -------------------------------------------------------------- */

static struct upstream_command *make_command(struct upstream *up, const char *scene,
                                             uint32_t width_px) {
    struct msg_request msg = {.gateway_id = up->gateway_id,
                              .counter = upstream_next_counter(up),
                              .kind = REQUEST_SNAPSHOT,
                              .role = CALL_ROLE_VIEW,
                              .deadline_ms = VIEW_DEADLINE_MS,
                              .width_px = width_px};
    struct msg_problem problem = {.protocol = 0};
    struct upstream_command *command = calloc(1, sizeof *command);
    struct view_ask *ask = calloc(1, sizeof *ask);
    strcpy(msg.scene, scene);
    if (command == NULL || ask == NULL ||
        call_request_encode(&msg, &command->call.bytes, &problem) != 0) {
        free(command);
        free(ask);
        return NULL;
    }
    ask->upstream = up;
    ask->width_px = width_px;
    strcpy(ask->scene, scene);
    command->call.gateway_id = msg.gateway_id;
    command->call.counter = msg.counter;
    command->call.deadline_us = lg_clock_us() + (int64_t)VIEW_DEADLINE_MS * 1000;
    command->call.done = on_view;
    command->call.ctx = ask;
    return command;
}

/* true: the entry has this waiter; *command is set when it must be asked for. */
static bool join_locked(struct upstream *up, const char *scene, uint32_t width_px,
                        struct view_waiter *waiter, struct upstream_command **command) {
    struct view_entry *entry = find_locked(up->views, scene, width_px);
    if (entry == NULL) {
        entry = make_room_locked(up->views);
        if (entry == NULL) {
            return false;
        }
        strcpy(entry->scene, scene);
        entry->width_px = width_px;
    }
    if (!entry->is_asked) {
        *command = make_command(up, scene, width_px);
        if (*command == NULL) {
            return false;
        }
        entry->is_asked = true;
    }
    entry->used_us = lg_clock_us();
    waiter->next = entry->waiters;
    entry->waiters = waiter;
    return true;
}

int upstream_view(struct upstream *up, const char *scene, uint32_t width_px, upstream_view_fn done,
                  void *ctx) {
    struct upstream_command *command = NULL;
    struct upstream_state state;
    upstream_state(up, &state);
    if (strlen(scene) > LIMIT_SCENE_NAME_BYTES || width_px == 0 || width_px > LIMIT_SIDE_PX) {
        return LG_EBADREQUEST;
    }
    struct view_waiter *waiter = state.is_fresh ? calloc(1, sizeof *waiter) : NULL;
    if (waiter == NULL) {
        return LG_EBUSY;
    }
    *waiter = (struct view_waiter){NULL, done, ctx};
    pthread_mutex_lock(&up->views->lock);
    bool is_joined = join_locked(up, scene, width_px, waiter, &command);
    pthread_mutex_unlock(&up->views->lock);
    if (!is_joined) {
        free(waiter);
        return LG_EBUSY;
    }
    if (command != NULL) {
        atomic_fetch_add(&up->n_under_way, 1); /* at most LIMIT_VIEWS of them */
        upstream_push_command(up, command);
    }
    return 0;
}
