/* What other threads may read of an upstream, and how the feed client's news
 * gets there. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/broker/upstream_parts.h"
#include "common/clock.h"
#include "common/err.h"
#include "common/log.h"
#include "proto/calls.h"

#define OWN_DEADLINE_US 2000000 /* of hello and snapshot */

/* A snapshot of ours. */
struct snapshot_ask {
    struct upstream *upstream;
    char scene[LIMIT_SCENE_NAME_BYTES + 1];
};

/* -- state that any thread may read ---------------------------------------- */

static void emit(struct upstream *up, enum upstream_event_kind kind, const char *scene,
                 struct frame *frame) {
    struct upstream_event event = {.kind = kind, .scene = scene, .frame = frame};
    if (up->on_event != NULL && !atomic_load(&up->is_stopping)) {
        up->on_event(up->ctx, &event);
    }
}

void upstream_put_off_command(struct upstream *up, struct upstream_command *command) {
    pthread_mutex_lock(&up->lock);
    command->next = NULL;
    if (up->last != NULL) {
        up->last->next = command;
    } else {
        up->first = command;
    }
    up->last = command;
    pthread_mutex_unlock(&up->lock);
}

void upstream_push_command(struct upstream *up, struct upstream_command *command) {
    uint64_t one = 1;
    upstream_put_off_command(up, command);
    ssize_t n = write(up->wake_fd, &one, sizeof one);
    (void)n; /* full counter: it is awake anyway */
}

struct upstream_command *upstream_take_commands(struct upstream *up) {
    pthread_mutex_lock(&up->lock);
    struct upstream_command *first = up->first;
    up->first = up->last = NULL;
    pthread_mutex_unlock(&up->lock);
    return first;
}

static bool has_scene_locked(const struct upstream *up, const char *scene) {
    for (size_t i = 0; i < up->n_scenes; i++) {
        if (strcmp(up->scenes[i].name, scene) == 0) {
            return true;
        }
    }
    return false;
}

/* Is it new, and may it be followed? Names that the renderer does not know are
 * not: clients may ask for any. */
static bool begin_follow(struct upstream *up, const char *scene) {
    bool is_new = false;
    if (strlen(scene) > LIMIT_SCENE_NAME_BYTES) {
        return false;
    }
    pthread_mutex_lock(&up->lock);
    if (!up->has_scenes || has_scene_locked(up, scene)) {
        size_t i = 0;
        while (i < up->n_followed && strcmp(up->followed[i], scene) != 0) {
            i++;
        }
        is_new = i == up->n_followed && up->n_followed < LIMIT_SCENES;
        if (is_new) {
            strcpy(up->followed[up->n_followed++], scene);
        }
    }
    pthread_mutex_unlock(&up->lock);
    return is_new;
}

struct frame *upstream_frame(struct upstream *up, const char *scene) {
    struct frame *frame = frame_cache_get(up->cache, scene);
    if (frame == NULL && begin_follow(up, scene)) {
        struct upstream_command *command = calloc(1, sizeof *command);
        if (command != NULL) {
            command->is_follow = true;
            strcpy(command->scene, scene);
            upstream_push_command(up, command);
        }
    }
    return frame;
}

bool upstream_version(struct upstream *up, const char *scene, uint64_t *epoch, uint64_t *version) {
    return frame_cache_version(up->cache, scene, epoch, version);
}

bool upstream_has_scene(struct upstream *up, const char *scene) {
    pthread_mutex_lock(&up->lock);
    bool has = has_scene_locked(up, scene);
    pthread_mutex_unlock(&up->lock);
    return has;
}

void upstream_state(struct upstream *up, struct upstream_state *state) {
    pthread_mutex_lock(&up->lock);
    *state = up->state;
    pthread_mutex_unlock(&up->lock);
}

bool upstream_is_beginning(struct upstream *up) {
    struct upstream_state state;
    upstream_state(up, &state);
    return state.epoch == 0 &&
           lg_clock_us() - up->started_us < (int64_t)LIMIT_FIRST_CONTACT_MS * 1000;
}

size_t upstream_scenes(struct upstream *up, struct upstream_scene **scenes) {
    pthread_mutex_lock(&up->lock);
    size_t n = up->n_scenes;
    *scenes = n > 0 ? calloc(n, sizeof **scenes) : NULL;
    for (size_t i = 0; i < n && *scenes != NULL; i++) {
        strcpy((*scenes)[i].name, up->scenes[i].name);
        (*scenes)[i].epoch = up->state.epoch;
        (*scenes)[i].version = up->scenes[i].version;
        (*scenes)[i].width_px = (uint32_t)up->scenes[i].width_px;
        (*scenes)[i].height_px = (uint32_t)up->scenes[i].height_px;
    }
    pthread_mutex_unlock(&up->lock);
    return *scenes != NULL ? n : 0;
}

size_t upstream_tiles(struct upstream *up, const char *scene, uint64_t epoch, uint64_t base,
                      uint64_t version, size_t max_bytes, struct tile **tiles) {
    *tiles = NULL;
    return up->tiles == NULL
               ? 0
               : tile_ring_get(up->tiles, scene, epoch, base, version, max_bytes, tiles);
}

size_t upstream_servers(struct upstream *up, struct upstream_server **servers) {
    pthread_mutex_lock(&up->lock);
    size_t n = up->n_servers;
    *servers = n > 0 ? malloc(n * sizeof **servers) : NULL;
    if (*servers != NULL) {
        memcpy(*servers, up->servers, n * sizeof **servers);
    }
    pthread_mutex_unlock(&up->lock);
    return *servers != NULL ? n : 0;
}

/* -- what the feed client wants (thread) ------------------------------------ */

static void on_subscribe(void *ctx, const char *topic, size_t len, bool is_wanted) {
    struct upstream *up = ctx;
    zmq_setsockopt(up->feed_socket, is_wanted ? ZMQ_SUBSCRIBE : ZMQ_UNSUBSCRIBE, topic, len);
}

uint64_t upstream_next_counter(struct upstream *up) {
    return atomic_fetch_add(&up->counter, 1) + 1;
}

/* A call of our own; ctx is freed by done. */
static void start_own_call(struct upstream *up, struct msg_request *request,
                           call_client_done_fn done, void *ctx) {
    struct call_client_request call = {.done = done, .ctx = ctx};
    int64_t now_us = lg_clock_us();
    request->gateway_id = call.gateway_id = up->gateway_id;
    request->counter = call.counter = upstream_next_counter(up);
    request->role = CALL_ROLE_VIEW;
    request->deadline_ms = OWN_DEADLINE_US / 1000;
    call.deadline_us = now_us + OWN_DEADLINE_US;
    if (call_request_encode(request, &call.bytes, NULL) != 0) {
        done(ctx, LG_EINTERNAL, NULL, NULL, 0);
        return;
    }
    call_client_start(up->call_client, &call, now_us);
}

static void on_hello(void *ctx, int code, const struct msg_reply *reply,
                     const struct msg_bytes *rest, size_t n_rest) {
    struct upstream *up = ctx;
    (void)rest;
    (void)n_rest;
    if (!atomic_load(&up->is_stopping)) {
        feed_client_hello(up->feed_client, code == 0 ? reply : NULL, lg_clock_us());
    }
}

static void ask_hello(void *ctx) {
    struct msg_request request = {.kind = REQUEST_HELLO};
    start_own_call(ctx, &request, on_hello, ctx);
}

static void on_snapshot(void *ctx, int code, const struct msg_reply *reply,
                        const struct msg_bytes *rest, size_t n_rest) {
    struct snapshot_ask *ask = ctx;
    struct upstream *up = ask->upstream;
    if (code == 0) {
        code = lg_err_from_name(reply->code);
    }
    if (!atomic_load(&up->is_stopping)) {
        feed_client_snapshot(up->feed_client, ask->scene, code, rest, n_rest, lg_clock_us());
    }
    free(ask);
}

static void ask_snapshot(void *ctx, const char *scene) {
    struct upstream *up = ctx;
    struct msg_request request = {.kind = REQUEST_SNAPSHOT};
    struct snapshot_ask *ask = calloc(1, sizeof *ask);
    if (ask == NULL) {
        feed_client_snapshot(up->feed_client, scene, LG_ENOMEM, NULL, 0, lg_clock_us());
        return;
    }
    ask->upstream = up;
    strcpy(ask->scene, scene);
    strcpy(request.scene, scene);
    start_own_call(up, &request, on_snapshot, ask);
}

static void on_frame(void *ctx, struct frame *frame) {
    struct upstream *up = ctx;
    if (frame_cache_give(up->cache, frame_ref(frame)) == 0) {
        emit(up, UPSTREAM_FRAME, frame->scene, frame);
    }
}

static void on_fed(void *ctx, const struct feed_frame *frame) {
    struct upstream *up = ctx;
    if (up->tiles != NULL) {
        tile_ring_put(up->tiles, frame);
    }
}

static void on_version(void *ctx, const char *scene, uint64_t epoch, uint64_t version) {
    frame_cache_announce(((struct upstream *)ctx)->cache, scene, epoch, version);
}

static void on_scene_gone(void *ctx, const char *scene) {
    struct upstream *up = ctx;
    pthread_mutex_lock(&up->lock);
    for (size_t i = 0; i < up->n_followed; i++) {
        if (strcmp(up->followed[i], scene) == 0) {
            up->n_followed--;
            memmove(up->followed[i], up->followed[up->n_followed], sizeof up->followed[i]);
            break;
        }
    }
    pthread_mutex_unlock(&up->lock);
    frame_cache_drop(up->cache, scene);
    if (up->tiles != NULL) {
        tile_ring_drop(up->tiles, scene);
    }
}

static void on_scenes(void *ctx, const struct msg_scene *scenes, size_t n) {
    struct upstream *up = ctx;
    struct msg_scene *copy = calloc(n + 1, sizeof *copy);
    if (copy == NULL) {
        return;
    }
    if (n > 0) {
        memcpy(copy, scenes, n * sizeof *copy);
    }
    pthread_mutex_lock(&up->lock);
    struct msg_scene *old = up->scenes;
    up->scenes = copy;
    up->n_scenes = n;
    up->has_scenes = true;
    pthread_mutex_unlock(&up->lock);
    free(old);
    emit(up, UPSTREAM_SCENES, NULL, NULL);
}

static void on_servers(void *ctx, const struct msg_server *servers, size_t n) {
    struct upstream *up = ctx;
    struct upstream_server *list = calloc(n + 1, sizeof *list);
    if (list == NULL) {
        return;
    }
    for (size_t i = 0; i < n; i++) {
        strcpy(list[i].kind, servers[i].kind);
        strcpy(list[i].address, servers[i].address);
        strcpy(list[i].scene, servers[i].scene);
        list[i].port = (uint16_t)servers[i].port;
        list[i].period_ms = (uint32_t)servers[i].period_ms;
    }
    pthread_mutex_lock(&up->lock);
    struct upstream_server *old = up->servers;
    up->servers = list;
    up->n_servers = n;
    pthread_mutex_unlock(&up->lock);
    free(old);
    emit(up, UPSTREAM_SERVERS, NULL, NULL);
}

static void on_state(void *ctx, bool is_new_renderer) {
    struct upstream *up = ctx;
    bool is_fresh = feed_client_is_fresh(up->feed_client);
    int64_t silent_us = lg_clock_us() - feed_client_last_heard_us(up->feed_client);
    pthread_mutex_lock(&up->lock);
    if (is_fresh) {
        up->state.stale_since_wall_s = 0;
    } else if (up->state.is_fresh) {
        up->state.stale_since_wall_s = (lg_clock_wall_us() - silent_us) / 1000000;
    }
    up->state.is_fresh = is_fresh;
    up->state.epoch = feed_client_epoch(up->feed_client);
    pthread_mutex_unlock(&up->lock);
    if (is_new_renderer) {
        call_client_resend_all(up->call_client, lg_clock_us());
    }
    emit(up, UPSTREAM_STATE, NULL, NULL);
}

static void on_uptime(void *ctx, uint64_t renderer_id, uint64_t uptime_ms) {
    struct upstream *up = ctx;
    pthread_mutex_lock(&up->lock);
    peer_clock_hear(&up->clock, renderer_id, uptime_ms, lg_clock_us());
    pthread_mutex_unlock(&up->lock);
}

const struct feed_client_ops UPSTREAM_FEED_OPS = {
    .subscribe = on_subscribe,
    .ask_snapshot = ask_snapshot,
    .ask_hello = ask_hello,
    .on_frame = on_frame,
    .on_fed = on_fed,
    .on_version = on_version,
    .on_scene_gone = on_scene_gone,
    .on_scenes = on_scenes,
    .on_servers = on_servers,
    .on_state = on_state,
    .on_uptime = on_uptime,
};
