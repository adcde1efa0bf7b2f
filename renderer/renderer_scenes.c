/* Dirty scenes become display lists, once per turn of the loop; calls wait here until the draw thread
 * says that what they did is visible.
 *
 * Turns are numbered. A list submitted in turn n shows everything done up to then. A scene whose last
 * list is still being drawn and was dear to build is not built again before that is shown: then its
 * work is put off, and calls wait for the turn in which it is done. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/err.h"
#include "common/log.h"
#include "common/metrics.h"
#include "proto/feed.h"
#include "proto/limits.h"
#include "renderer/parts.h"
#include "renderer/score/alloc.h"
#include "renderer/types/draw_scene.h"

#define SCENES_DEAR_BUILD_US 2000
/* By then a gateway that joins has its snapshot and its subscription. */
#define SCENES_REPEAT_DENSE_MS 100
/* Pause after a list for which there was no memory. */
#define SCENES_RETRY_MS 100

struct scene {
    char name[LIMIT_SCENE_NAME_BYTES + 1];
    struct display_list *list; /* newest submitted */
    struct scene_drawing *drawing;
    uint64_t submitted;        /* newest turn */
    uint64_t unshown;          /* oldest submitted turn that is not visible yet; 0 = none */
    uint64_t put_off;          /* oldest turn whose changes are in no list yet; 0 = none */
    uint64_t version;
    int64_t build_us;
    int64_t submitted_us;
    bool is_there;
    bool repeats_dense; /* a timer will */
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
    int64_t until_us;  /* nobody waits longer */
};

struct scenes {
    struct renderer *renderer;
    struct hold *holds;
    size_t n_holds, holds_capacity;
    int hold_timer, retry_timer; /* -1 = none */
    uint64_t turn;
    struct scene *scenes;
    size_t n_scenes, capacity;
    bool has_new_set;
    struct waiter *first, **last;
    size_t n_waiting;
    struct metric *builds_us, *shown_us;
    int dense_timer; /* -1 = none */
};

struct scenes *scenes_create(struct renderer *renderer) {
    struct scenes *scenes = calloc(1, sizeof *scenes);
    if (scenes == NULL) {
        return NULL;
    }
    scenes->renderer = renderer;
    scenes->turn = 1;
    scenes->dense_timer = -1;
    scenes->hold_timer = scenes->retry_timer = -1;
    scenes->last = &scenes->first;
    scenes->builds_us = metric_histogram("leggio_renderer_list_build_seconds", "",
                                         "time to build the display list of a scene",
                                         METRIC_DELAY_BOUNDS_US, METRIC_N_DELAY_BOUNDS, 1e-6);
    scenes->shown_us = metric_histogram("leggio_renderer_shown_seconds", "",
                                        "from a display list to its picture, published",
                                        METRIC_DELAY_BOUNDS_US, METRIC_N_DELAY_BOUNDS, 1e-6);
    return scenes;
}

static void finish_scene(struct scene *scene) {
    display_list_unref(scene->list);
    scene_drawing_destroy(scene->drawing);
}

void scenes_destroy(struct scenes *scenes) {
    if (scenes == NULL) {
        return;
    }
    while (scenes->first != NULL) {
        struct waiter *waiter = scenes->first;
        scenes->first = waiter->next;
        free(waiter->text);
        free(waiter);
    }
    for (size_t i = 0; i < scenes->n_scenes; i++) {
        finish_scene(&scenes->scenes[i]);
    }
    free(scenes->scenes);
    free(scenes->holds);
    free(scenes);
}

static struct scene *find(const struct scenes *scenes, const char *name) {
    for (size_t i = 0; i < scenes->n_scenes; i++) {
        if (strcmp(scenes->scenes[i].name, name) == 0) {
            return &scenes->scenes[i];
        }
    }
    return NULL;
}

static struct scene *find_or_add(struct scenes *scenes, const char *name) {
    struct scene *scene = find(scenes, name);
    if (scene != NULL) {
        return scene;
    }
    if (scenes->n_scenes == LIMIT_SCENES || !feed_is_scene_name(name, strlen(name))) {
        return NULL;
    }
    if (scenes->n_scenes == scenes->capacity) {
        size_t capacity = scenes->capacity == 0 ? 8 : scenes->capacity * 2;
        struct scene *grown = realloc(scenes->scenes, capacity * sizeof *grown);
        if (grown == NULL) {
            return NULL;
        }
        scenes->scenes = grown;
        scenes->capacity = capacity;
    }
    scene = &scenes->scenes[scenes->n_scenes++];
    memset(scene, 0, sizeof *scene);
    strcpy(scene->name, name);
    scenes->has_new_set = true;
    return scene;
}

/* -- drawing ---------------------------------------------------------------- */

static void tell_set(struct scenes *scenes) {
    const char *names[LIMIT_SCENES];
    for (size_t i = 0; i < scenes->n_scenes; i++) {
        names[i] = scenes->scenes[i].name;
    }
    publisher_set_scenes(scenes->renderer->publisher, names, scenes->n_scenes);
    scenes->has_new_set = false;
}

static void on_retry_timer(void *ctx) {
    struct scenes *scenes = ctx;
    scenes->retry_timer = -1; /* the end of this turn tries again: the scene is still dirty */
}

/* No list, or not a whole one: the picture stays, whoever waits for the change goes on waiting. */
static void try_again(struct scenes *scenes, struct scene *scene, struct display_list *list) {
    lg_log(LG_LOG_ERROR, "scenes", "not_built", "scene=%s", scene->name);
    display_list_unref(list);
    scene_drawing_destroy(scene->drawing); /* its blocks may be short too */
    scene->drawing = NULL;
    scene->put_off = scene->put_off != 0 ? scene->put_off : scenes->turn;
    if (scenes->retry_timer < 0) {
        scenes->retry_timer =
            loop_timer_once(scenes->renderer->loop, SCENES_RETRY_MS, on_retry_timer, scenes);
    }
}

static void submit(struct scenes *scenes, struct scene *scene, struct object *object) {
    int64_t start_us = lg_clock_us();
    scene->drawing = scene->drawing != NULL ? scene->drawing : scene_drawing_create();
    struct display_list *list =
        scene->drawing != NULL ? scene_drawing_update(scene->drawing, object) : NULL;
    scene->build_us = lg_clock_us() - start_us;
    metric_observe(scenes->builds_us, scene->build_us);
    if (list == NULL || display_list_is_short(list)) {
        try_again(scenes, scene, list);
        return;
    }
    score_clean_scene(scenes->renderer->score, object);
    display_list_unref(scene->list);
    scene->list = display_list_ref(list);
    scene->submitted = scenes->turn;
    scene->submitted_us = lg_clock_us();
    if (scene->unshown == 0) {
        scene->unshown = scene->put_off != 0 ? scene->put_off : scenes->turn;
    }
    scene->put_off = 0;
    if (scenes->has_new_set) { /* the publisher drops pictures of scenes that it does not know */
        tell_set(scenes);
    }
    draw_thread_submit(scenes->renderer->draw, scene->name, list, scenes->turn,
                       inputs_last(scenes->renderer->inputs));
}

static void update(struct scenes *scenes, struct object *object) {
    struct scene *scene = find_or_add(scenes, object->name);
    if (scene == NULL) {
        lg_log(LG_LOG_WARN, "scenes", "refused", "name=%s scenes=%zu", object->name,
               scenes->n_scenes);
        score_clean_scene(scenes->renderer->score, object);
        return;
    }
    scene->is_there = true;
    if (!score_is_scene_dirty(scenes->renderer->score, object) && scene->list != NULL) {
        return;
    }
    if (scene->unshown != 0 && scene->build_us > SCENES_DEAR_BUILD_US) {
        if (scene->put_off == 0) {
            scene->put_off = scenes->turn;
        }
        return;
    }
    submit(scenes, scene, object);
}

static void forget_gone(struct scenes *scenes) {
    for (size_t i = scenes->n_scenes; i > 0; i--) {
        struct scene *scene = &scenes->scenes[i - 1];
        if (!scene->is_there) {
            draw_thread_forget(scenes->renderer->draw, scene->name);
            finish_scene(scene);
            *scene = scenes->scenes[--scenes->n_scenes];
            scenes->has_new_set = true;
        }
    }
}

/* -- waiting ------------------------------------------------------------------ */

static uint64_t older(uint64_t a, uint64_t b) {
    return b != 0 && b < a ? b : a;
}

static bool is_held(const struct scenes *scenes, uint64_t turn) {
    for (size_t i = 0; i < scenes->n_holds; i++) {
        if (scenes->holds[i].turn == turn) {
            return true;
        }
    }
    return false;
}

/* Drops what nobody waits for any longer. */
static void tidy_holds(struct scenes *scenes) {
    int64_t now_us = scenes->n_holds > 0 ? lg_clock_us() : 0;
    size_t n_kept = 0;
    for (size_t i = 0; i < scenes->n_holds; i++) {
        const struct hold *hold = &scenes->holds[i];
        const struct scene *scene = hold->released != 0 ? find(scenes, hold->scene) : NULL;
        bool is_unseen = hold->released == 0 ||
                         (scene != NULL && ((scene->unshown != 0 && scene->unshown <= hold->released) ||
                                            (scene->put_off != 0 && scene->put_off <= hold->released)));
        if (is_unseen && now_us < hold->until_us) {
            scenes->holds[n_kept++] = *hold;
        }
    }
    scenes->n_holds = n_kept;
}

static void on_hold_timer(void *ctx) {
    struct scenes *scenes = ctx;
    scenes->hold_timer = -1; /* the end of this turn looks */
    if (scenes->n_holds > 0) {
        scenes->hold_timer = loop_timer_once(scenes->renderer->loop, LIMIT_ASIDE_WAIT_MS / 2,
                                             on_hold_timer, scenes);
    }
}

void scenes_hold(struct scenes *scenes, uint64_t id) {
    if (scenes->n_holds == scenes->holds_capacity) {
        size_t capacity = scenes->holds_capacity == 0 ? 8 : scenes->holds_capacity * 2;
        struct hold *grown = realloc(scenes->holds, capacity * sizeof *grown);
        if (grown == NULL) {
            return; /* answered too early rather than never */
        }
        scenes->holds = grown;
        scenes->holds_capacity = capacity;
    }
    scenes->holds[scenes->n_holds++] =
        (struct hold){.id = id,
                      .turn = scenes->turn,
                      .until_us = lg_clock_us() + LIMIT_ASIDE_WAIT_MS * (int64_t)1000};
    if (scenes->hold_timer < 0) {
        scenes->hold_timer = loop_timer_once(scenes->renderer->loop, LIMIT_ASIDE_WAIT_MS / 2,
                                             on_hold_timer, scenes);
    }
}

void scenes_hold_other(struct scenes *scenes, uint64_t id, uint64_t other) {
    for (size_t i = 0; i < scenes->n_holds; i++) {
        if (scenes->holds[i].id == id) {
            scenes->holds[i].id = other;
        }
    }
}

void scenes_release(struct scenes *scenes, uint64_t id, const char *scene) {
    for (size_t i = 0; i < scenes->n_holds; i++) {
        struct hold *hold = &scenes->holds[i];
        if (hold->id == id && hold->released == 0) {
            hold->released = scenes->turn;
            hold->until_us = scene != NULL ? hold->until_us : 0;
            snprintf(hold->scene, sizeof hold->scene, "%s", scene != NULL ? scene : "");
        }
    }
}

/* Everything done before this turn is visible. */
static uint64_t oldest_unshown(const struct scenes *scenes) {
    uint64_t oldest = UINT64_MAX;
    for (size_t i = 0; i < scenes->n_scenes; i++) {
        oldest = older(older(oldest, scenes->scenes[i].unshown), scenes->scenes[i].put_off);
    }
    return oldest;
}

static void answer(struct scenes *scenes, struct waiter *waiter) {
    struct renderer *renderer = scenes->renderer;
    struct msg_reply reply;
    renderer_reply_now(renderer, waiter->call, &reply);
    reply.text = (struct msg_bytes){waiter->text, waiter->text_size};
    call_reply_set_code(&reply, waiter->code);
    struct frame *frame = waiter->wants_frame
                              ? draw_thread_frame(renderer->draw, call_scene(waiter->call))
                              : NULL;
    if (waiter->wants_frame && frame == NULL) {
        call_server_refuse(renderer->calls, waiter->call, LG_ENOTFOUND, "no such scene");
    } else if (frame != NULL) {
        reply.version = frame->version;
        call_server_answer_frame(renderer->calls, waiter->call, &reply, frame);
        frame_unref(frame);
    } else {
        call_server_answer(renderer->calls, waiter->call, &reply);
    }
    free(waiter->text);
    free(waiter);
}

/* The disk refuses: what was done is shown, and is kept when it goes again; nobody promises that. It is
 * remembered as done, so that it is not done twice. */
static bool is_unkept(struct scenes *scenes, struct waiter *waiter) {
    char why[400];
    if (journal_accepts(scenes->renderer->journal, why, sizeof why)) {
        return false;
    }
    static const char SHOWN[] = "shown, but ";
    char *text = malloc(sizeof SHOWN + strlen(why));
    if (text != NULL) {
        sprintf(text, "%s%s", SHOWN, why);
        free(waiter->text);
        waiter->text = text;
        waiter->text_size = strlen(text);
    }
    waiter->code = LG_EBUSY;
    return true;
}

/* Waiters are in order of their turns; those whose own turn is held, or not durable yet, stay. */
static void answer_shown(struct scenes *scenes) {
    uint64_t oldest = oldest_unshown(scenes);
    uint64_t durable = scenes->first != NULL ? journal_durable(scenes->renderer->journal) : 0;
    struct waiter **at = &scenes->first;
    while (*at != NULL && (*at)->turn < oldest) {
        struct waiter *waiter = *at;
        if ((!waiter->wants_frame && is_held(scenes, waiter->turn)) ||
            (waiter->seq > durable && !is_unkept(scenes, waiter))) {
            at = &waiter->next;
            continue;
        }
        *at = waiter->next;
        if (waiter->next == NULL) {
            scenes->last = at;
        }
        scenes->n_waiting--;
        answer(scenes, waiter);
    }
}

static void add_waiter(struct scenes *scenes, struct call *call, struct waiter facts) {
    struct waiter *waiter = malloc(sizeof *waiter);
    if (waiter == NULL) {
        free(facts.text);
        call_server_refuse(scenes->renderer->calls, call, LG_EINTERNAL, "no memory");
        return;
    }
    call_drop_text(call);
    *waiter = facts;
    waiter->call = call;
    waiter->turn = scenes->turn;
    *scenes->last = waiter;
    scenes->last = &waiter->next;
    scenes->n_waiting++;
}

void scenes_wait(struct scenes *scenes, struct call *call, int code, const char *text,
                 size_t text_size) {
    struct waiter facts = {
        .code = code,
        .seq = renderer_note_request(scenes->renderer, call, code, text, text_size)};
    if (text_size > 0) {
        facts.text = malloc(text_size);
        if (facts.text != NULL) {
            memcpy(facts.text, text, text_size);
            facts.text_size = text_size;
        }
    }
    add_waiter(scenes, call, facts);
}

void scenes_wait_frame(struct scenes *scenes, struct call *call) {
    add_waiter(scenes, call, (struct waiter){.code = LG_OK, .wants_frame = true});
}

size_t scenes_waiting(const struct scenes *scenes) {
    return scenes->n_waiting;
}

void scenes_end_turn(struct scenes *scenes) {
    struct object **objects;
    size_t n = score_scenes(scenes->renderer->score, &objects);
    for (size_t i = 0; i < scenes->n_scenes; i++) {
        scenes->scenes[i].is_there = false;
    }
    for (size_t i = 0; i < n; i++) {
        update(scenes, objects[i]);
    }
    forget_gone(scenes);
    if (scenes->has_new_set) {
        tell_set(scenes);
    }
    tidy_holds(scenes);
    answer_shown(scenes);
    scenes->turn++;
}

/* -- from the draw thread ------------------------------------------------------- */

struct shown {
    struct scenes *scenes;
    char name[LIMIT_SCENE_NAME_BYTES + 1];
    uint64_t turn, version;
};

/* A new picture of the scene is out. */
static void fire_end_paint(struct renderer *renderer, const char *name) {
    struct object *scene = object_child(score_root(renderer->score), name);
    if (scene != NULL && object_watches(scene, "endPaint")) {
        renderer_fire(renderer, "paint", scene, "endPaint");
    }
}

static void take_shown(void *ctx) {
    struct shown *shown = ctx;
    struct scene *scene = find(shown->scenes, shown->name);
    if (scene != NULL && shown->turn <= scene->submitted) {
        if (shown->version > scene->version) {
            fire_end_paint(shown->scenes->renderer, shown->name);
        }
        if (shown->version != 0) { /* 0: its first picture could not be made */
            scene->version = shown->version;
        }
        if (shown->turn == scene->submitted) {
            metric_observe(shown->scenes->shown_us, lg_clock_us() - scene->submitted_us);
        }
        scene->unshown = shown->turn >= scene->submitted ? 0 : shown->turn + 1;
    }
    free(shown); /* the end of this turn draws what was put off and answers */
}

void scenes_on_shown(void *ctx, const char *name, uint64_t transaction, uint64_t version) {
    struct scenes *scenes = ctx;
    if (strlen(name) > LIMIT_SCENE_NAME_BYTES) {
        return;
    }
    struct shown *shown = alloc_zero(sizeof *shown); /* whoever waits must hear of it */
    *shown = (struct shown){.scenes = scenes, .turn = transaction, .version = version};
    strcpy(shown->name, name);
    if (loop_post(scenes->renderer->loop, take_shown, shown) != LG_OK) {
        free(shown);
    }
}

/* -- late gateways -------------------------------------------------------------- */

static void repeat_dense(void *ctx) {
    struct scenes *scenes = ctx;
    for (size_t i = 0; i < scenes->n_scenes; i++) {
        struct scene *scene = &scenes->scenes[i];
        struct frame *frame = scene->repeats_dense
                                  ? draw_thread_frame(scenes->renderer->draw, scene->name)
                                  : NULL;
        scene->repeats_dense = false;
        if (frame != NULL && frame->dense != NULL) {
            publisher_put_dense(scenes->renderer->publisher, frame);
        }
        frame_unref(frame);
    }
    scenes->dense_timer = -1;
}

void scenes_repeat_dense(struct scenes *scenes, const char *name) {
    struct scene *scene = find(scenes, name);
    if (scene == NULL) {
        return;
    }
    scene->repeats_dense = true;
    if (scenes->dense_timer < 0) {
        scenes->dense_timer = loop_timer_once(scenes->renderer->loop, SCENES_REPEAT_DENSE_MS,
                                              repeat_dense, scenes);
    }
}

/* -- looking ------------------------------------------------------------------------ */

struct display_list *scenes_list(struct scenes *scenes, const char *name) {
    const struct scene *scene = find(scenes, name);
    return scene == NULL ? NULL : scene->list;
}

uint64_t scenes_version(const struct scenes *scenes, const char *name) {
    const struct scene *scene = find(scenes, name);
    return scene == NULL ? 0 : scene->version;
}
