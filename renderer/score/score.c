/* The score as a whole: transactions, errors, replies, scenes, the event queue. */
#include "renderer/score/score.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "renderer/score/aliases.h"
#include "renderer/score/alloc.h"
#include "renderer/score/nodes/application.h"
#include "renderer/score/dispatch.h"
#include "renderer/score/forward.h"
#include "renderer/score/nodes/nodes.h"
#include "renderer/score/nodes/scene.h"
#include "renderer/score/score_state.h"
#include "renderer/score/events/watch.h"
#include "renderer/score/signals/signal.h"

#define ERROR_ROOM_BYTES 256 /* for the mark of a cut and the end of the time */

struct score *score_create(const struct score_options *options) {
    struct score *score = alloc_zero(sizeof *score);
    score->env = options->env;
    score->screen_px = options->screen_px;
    const char *root_path = options->root_path != NULL ? options->root_path : "";
    score->root_path = load_directory(root_path[0] != '\0' ? root_path : "./");
    score->public_host =
        alloc_text(options->public_host != NULL ? options->public_host : "localhost");
    score->log_level = 2;
    score->default_show = true;
    score->work_looks = SCORE_WORK_BY_CLOCK;
    score->started_us = score->env->now_us(score->env->ctx);
    index_key_random(&score->key);
    score->root = object_create(score, NULL, "ITL", &APPLICATION_TYPE);
    nodes_add(score->root);
    score_add_scene(score, "scene", strlen("scene"));
    return score;
}

void score_destroy(struct score *score) {
    if (score == NULL) {
        return;
    }
    object_sweep(score);
    object_destroy(score->root);
    clocks_finish(&score->clocks);
    delays_finish(&score->delays);
    resources_finish(&score->resources);
    index_finish(&score->aliases);
    index_finish(&score->ids);
    messages_free(score->queue.messages, score->queue.n_messages);
    messages_free(score->now.replies, score->now.n_replies);
    text_finish(&score->now.errors);
    text_finish(&score->log);
    free(score->scenes);
    free(score->deleted);
    free(score->root_path);
    free(score->public_host);
    free(score);
}

/* -- scenes ------------------------------------------------------------------------- */

size_t score_live_scenes(const struct score *score) {
    size_t n = 0;
    for (size_t i = 0; i < score->n_scenes; i++) {
        n += score->scenes[i]->is_deleted ? 0 : 1;
    }
    return n;
}

struct object *score_add_scene(struct score *score, const char *name, size_t len) {
    if (score_live_scenes(score) >= LIMIT_SCENES || len > LIMIT_SCENE_NAME_BYTES) {
        score_error(score, "too many scenes (limit %d), or a name of more than %d characters",
                    LIMIT_SCENES, LIMIT_SCENE_NAME_BYTES);
        return NULL;
    }
    char *name_copy = alloc_text_n(name, len);
    struct object *scene = object_create(score, score->root, name_copy, &SCENE_TYPE);
    free(name_copy);
    object_link(scene);
    nodes_add(scene);
    score->scenes = alloc_grow(score->scenes, score->n_scenes, &score->scenes_capacity,
                               sizeof(struct object *));
    score->scenes[score->n_scenes++] = scene;
    if (!scene_fits(score)) {
        score_error(score, "the scenes are too large (limit %u pixels together)",
                    LIMIT_SCENES_PIXELS);
        object_delete(scene);
        return NULL;
    }
    object_fire(score->root, "newElement");
    return scene;
}

void score_drop_scenes(struct score *score) {
    size_t n = 0;
    for (size_t i = 0; i < score->n_scenes; i++) {
        if (!score->scenes[i]->is_deleted) {
            score->scenes[n++] = score->scenes[i];
        }
    }
    bool is_last_gone = n == 0 && score->n_scenes > 0;
    score->n_scenes = n;
    if (is_last_gone) {
        score->env->quit(score->env->ctx);
    }
}

void score_mark_dirty(struct score *score, struct object *scene) {
    (void)score;
    scene->is_dirty = true;
}

bool score_is_scene_dirty(const struct score *score, const struct object *scene) {
    (void)score;
    return scene->is_dirty;
}

void score_clean_scene(struct score *score, struct object *scene) {
    (void)score;
    scene->is_dirty = false;
}

/* -- transactions --------------------------------------------------------------------- */

static int64_t work_us(const struct score *score) {
    const struct score_env *env = score->env;
    return env->work_us != NULL ? env->work_us(env->ctx) : env->now_us(env->ctx);
}

void score_limit_work(struct score *score, uint64_t n_looks) {
    score->work_looks = n_looks;
}

static void begin(struct score *score, const char *source, int64_t limit_us) {
    assert(score->now.nesting == 0);
    score->now.nesting = 1;
    score->now.source = source;
    score->now.started_us = work_us(score);
    score->now.limit_us = limit_us;
    score->ticks++;
    clocks_advance(score);
}

void score_begin(struct score *score, const char *source) {
    begin(score, source, LIMIT_TRANSACTION_MS * (int64_t)1000);
}

/* Loads in loops, patterns on many objects and their like are finite, and still never end. */
bool score_has_time(struct score *score) {
    struct transaction *now = &score->now;
    if (now->is_over || now->nesting == 0) {
        return !now->is_over;
    }
    now->n_looks++;
    bool is_by_clock = score->work_looks == SCORE_WORK_BY_CLOCK;
    if (is_by_clock ? work_us(score) - now->started_us > now->limit_us
                    : now->n_looks == score->work_looks) {
        now->is_over = true; /* also told when the errors are full */
        score_error(score, "stopped after %lld s of work, the rest is not executed",
                    (long long)(now->limit_us / 1000000));
    }
    return !now->is_over;
}

void score_end(struct score *score, struct score_result *result) {
    assert(score->now.nesting == 1);
    connections_run(score);
    if (score->n_deleted > 0) {
        score_drop_scenes(score);
        object_sweep(score);
    }
    bool has_changed = false;
    for (size_t i = 0; i < score->n_scenes; i++) {
        has_changed = has_changed || score->scenes[i]->is_dirty;
    }
    *result = (struct score_result){
        .errors = score->now.errors,
        .replies = score->now.replies,
        .n_replies = score->now.n_replies,
        .has_changed = has_changed,
        .cut_after = score->now.is_over ? score->now.n_looks : 0,
    };
    score->now = (struct transaction){0};
}

void score_result_finish(struct score_result *result) {
    text_finish(&result->errors);
    messages_free(result->replies, result->n_replies);
    *result = (struct score_result){0};
}

/* At a character's start. */
static void cut_line(struct text *line) {
    if (line->len <= LIMIT_ERROR_LINE_BYTES) {
        return;
    }
    size_t len = LIMIT_ERROR_LINE_BYTES;
    while (len > 0 && ((unsigned char)line->data[len] & 0xc0) == 0x80) {
        len--;
    }
    line->len = len;
    text_printf(line, "…");
}

void score_error(struct score *score, const char *format, ...) {
    struct text line = {0};
    va_list args;
    va_start(args, format);
    text_vprintf(&line, format, args);
    va_end(args);
    cut_line(&line);
    const char *words = line.data != NULL ? line.data : "";
    struct transaction *now = &score->now;
    bool is_last = now->is_over && !now->is_over_told;
    now->is_over_told = now->is_over;
    if (is_last || now->errors.len + line.len < LIMIT_ERROR_TEXT_BYTES - ERROR_ROOM_BYTES) {
        text_printf(&now->errors, " %s;", words);
    } else if (!now->is_cut) {
        now->is_cut = true;
        text_printf(&now->errors, " …;");
    }
    log_give_error(score, words);
    text_finish(&line);
    /* What watches errors may make one itself: `$( /ITL/nothing get x )`. That one is only told. */
    if (score->root != NULL && !score->is_firing_error) {
        score->is_firing_error = true;
        object_fire(score->root, "error");
        score->is_firing_error = false;
    }
}

void score_give_reply(struct score *score, struct message *msg) {
    struct transaction *now = &score->now;
    if (now->n_replies >= LIMIT_REPLIES) {
        message_finish(msg);
        if (now->n_replies == LIMIT_REPLIES) {
            now->n_replies++; /* told once; the slot stays empty */
            now->replies = alloc_resize(now->replies, now->n_replies, sizeof *now->replies);
            message_init(&now->replies[LIMIT_REPLIES], "/ITL", NULL);
            score_error(score, "too many replies (limit %d)", LIMIT_REPLIES);
        }
        return;
    }
    now->replies =
        alloc_grow(now->replies, now->n_replies, &now->replies_capacity, sizeof *now->replies);
    now->replies[now->n_replies++] = *msg;
    *msg = (struct message){0};
}

/* -- messages ------------------------------------------------------------------------- */

/* "./sub" means the object of the enclosing eval. */
static void process_relative(struct score *score, const struct message *msg) {
    char *base = object_address(score->eval_target);
    struct message copy;
    message_copy(&copy, msg);
    struct text address = {0};
    text_printf(&address, "%s%s", base, msg->address + 1);
    free(base);
    free(copy.address);
    copy.address = address.data;
    dispatch_message(score, &copy);
    message_finish(&copy);
}

void score_process(struct score *score, const struct message *msg) {
    if (score->message_depth >= LIMIT_MESSAGE_DEPTH) {
        score_error(score, "messages nested too deep (limit %d): %s", LIMIT_MESSAGE_DEPTH,
                    msg->address);
        return;
    }
    if (!score_has_time(score)) {
        return;
    }
    score->n_messages++;
    if (msg->host != NULL) {
        score->env->send_osc(score->env->ctx, msg);
        return;
    }
    /* What events make is made by the events of the other host as well. */
    if (score->message_depth == 0 && score->is_forwarding && !score->now.is_of_events) {
        forward_message(score, msg);
    }
    score->message_depth++;
    bool is_relative = msg->address[0] == '.' && msg->address[1] == '/';
    if (is_relative && score->eval_target != NULL && !object_is_gone(score->eval_target)) {
        process_relative(score, msg);
    } else if (!aliases_process(score, msg)) {
        dispatch_message(score, msg);
    }
    score->message_depth--;
}

void score_query(struct score *score, const struct message *msg, struct message **replies,
                 size_t *n_replies) {
    struct message *kept = score->now.replies;
    size_t n_kept = score->now.n_replies, kept_capacity = score->now.replies_capacity;
    score->now.replies = NULL;
    score->now.n_replies = score->now.replies_capacity = 0;
    score_process(score, msg);
    *replies = score->now.replies;
    *n_replies = score->now.n_replies;
    score->now.replies = kept;
    score->now.n_replies = n_kept;
    score->now.replies_capacity = kept_capacity;
}

/* -- time -------------------------------------------------------------------------------- */

bool score_is_moving(const struct score *score) {
    return clocks_are_seen(score);
}

bool score_has_clocks(const struct score *score) {
    return score->clocks.n_runs > 0;
}

void score_tick(struct score *score, struct score_result *result) {
    begin(score, "time", LIMIT_TASK_MAX_MS * (int64_t)1000); /* brings the dates up to now */
    score_end(score, result);
}

/* -- events ----------------------------------------------------------------------------- */

void score_post(struct score *score, const struct message *msg) {
    watch_enqueue(score, msg);
}

bool score_has_queued(const struct score *score) {
    return score->queue.n_messages > 0;
}

static void run_queued(struct score *score, size_t n_now, bool is_by_clock,
                       struct score_result *result) {
    struct event_queue *queue = &score->queue;
    begin(score, "events", LIMIT_TASK_MAX_MS * (int64_t)1000);
    score->now.is_of_events = true;
    for (size_t i = 0; i < n_now; i++) {
        if (is_by_clock && work_us(score) - score->now.started_us > LIMIT_TASK_MS * (int64_t)1000) {
            score->n_events_deferred += n_now - i;
            n_now = i;
            break;
        }
        /* Taken out first: what it fires may move the array. */
        struct message msg = queue->messages[i];
        queue->messages[i] = (struct message){0};
        queue->size_bytes -= message_size_bytes(&msg);
        score_process(score, &msg);
        message_finish(&msg);
    }
    queue->n_messages -= n_now;
    if (n_now > 0) {
        memmove(queue->messages, queue->messages + n_now,
                queue->n_messages * sizeof *queue->messages);
    }
    queue->is_full = queue->is_full && queue->n_messages > 0;
    score_end(score, result);
    result->n_run = n_now;
}

void score_run_queued(struct score *score, struct score_result *result) {
    size_t n_now = score->queue.n_messages;
    if (n_now > LIMIT_EVENTS_PER_TASK) {
        score->n_events_deferred += n_now - LIMIT_EVENTS_PER_TASK;
        n_now = LIMIT_EVENTS_PER_TASK;
    }
    run_queued(score, n_now, true, result);
}

void score_run_some(struct score *score, size_t n, struct score_result *result) {
    size_t n_there = score->queue.n_messages;
    run_queued(score, n < n_there ? n : n_there, false, result);
}

void score_pointer(struct score *score, struct object *object, enum pointer_kind kind, double x,
                   double y) {
    static const char *const EVENTS[] = {"mouseDown",  "mouseUp",    "mouseMove",
                                         "mouseEnter", "mouseLeave", "doubleClick"};
    (void)score;
    watch_fire_point(object, EVENTS[kind], x, y);
}

/* -- looking ------------------------------------------------------------------------------ */

struct object *score_root(const struct score *score) {
    return score->root;
}

size_t score_scenes(const struct score *score, struct object ***scenes) {
    *scenes = score->scenes;
    return score->n_scenes;
}

struct object *score_find(const struct score *score, const char *address) {
    if (strncmp(address, "/ITL", 4) != 0 || (address[4] != '\0' && address[4] != '/')) {
        return NULL;
    }
    struct object *object = score->root;
    const char *at = address + 4;
    while (object != NULL && *at != '\0') {
        while (*at == '/') {
            at++;
        }
        size_t len = strcspn(at, "/");
        if (len == 0) {
            break;
        }
        object = object_child_n(object, at, len);
        at += len;
    }
    return object;
}

static bool id_matches(const void *item, const void *key) {
    return ((const struct object *)item)->id == *(const uint64_t *)key;
}

struct object *score_find_id(const struct score *score, uint64_t id) {
    struct object *object = index_find(&score->ids, index_hash_number(id), id_matches, &id);
    return object != NULL && !object_is_gone(object) ? object : NULL;
}

double score_screen_px(const struct score *score) {
    return score->screen_px;
}

const struct score_env *score_env(const struct score *score) {
    return score->env;
}

const char *score_public_host(const struct score *score) {
    return score->public_host;
}

double score_setting(const struct score *score, const char *name) {
    return settings_number(application_settings(score->root), name);
}

void score_count_osc(struct score *score) {
    score->n_osc_messages++;
}

const char *score_root_path(const struct score *score, const struct object *object) {
    const struct object *scene = object_scene(object);
    const char *path = scene != NULL ? scene_root_path(scene) : NULL;
    return path != NULL ? path : score->root_path;
}
