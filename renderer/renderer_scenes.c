/* Dirty scenes become display lists, once per turn of the loop; calls wait here until the draw
 * thread says that what they did is visible.
 *
 * Turns are numbered. A list submitted in turn n shows everything done up to then. A scene whose
 * last list is still being drawn and was dear to build is not built again before that is shown:
 * then its work is put off, and calls wait for the turn in which it is done. */
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
#include "renderer/past/restore.h"
#include "renderer/renderer_scenes_private.h"
#include "renderer/score/alloc.h"
#include "renderer/types/draw_scene.h"
#include "renderer/types/text/text_layout.h"

#define SCENES_DEAR_BUILD_US 2000
/* By then a gateway that joins has its snapshot and its subscription. */
#define SCENES_REPEAT_DENSE_MS 100
/* Pause after a list for which there was no memory, or some text's font could not be opened. */
#define SCENES_RETRY_MS 100
/* So long the picture waits for such a text; then it is shown without, and tried again so often. */
#define SCENES_GAP_WAIT_US 500000
#define SCENES_GAP_MS      2000

struct scenes *scenes_create(struct renderer *renderer) {
    struct scenes *scenes = calloc(1, sizeof *scenes);
    if (scenes == NULL) {
        return NULL;
    }
    scenes->renderer = renderer;
    scenes->turn = 1;
    scenes->dense_timer = -1;
    scenes->hold_timer = scenes->retry_timer = scenes->gap_timer = -1;
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

struct scene *scenes_find(const struct scenes *scenes, const char *name) {
    for (size_t i = 0; i < scenes->n_scenes; i++) {
        if (strcmp(scenes->scenes[i].name, name) == 0) {
            return &scenes->scenes[i];
        }
    }
    return NULL;
}

static struct scene *find_or_add(struct scenes *scenes, const char *name) {
    struct scene *scene = scenes_find(scenes, name);
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
    if (scene->gaps_us == 0) { /* gaps were logged where they were found */
        lg_log(LG_LOG_ERROR, "scenes", "not_built", "scene=%s", scene->name);
    }
    display_list_unref(list);
    scene_drawing_destroy(scene->drawing); /* its blocks may be short too */
    scene->drawing = NULL;
    scene->put_off = scene->put_off != 0 ? scene->put_off : scenes->turn;
    if (scenes->retry_timer < 0) {
        scenes->retry_timer =
            loop_timer_once(scenes->renderer->loop, SCENES_RETRY_MS, on_retry_timer, scenes);
    }
}

static void on_gap_timer(void *ctx) {
    struct scenes *scenes = ctx;
    scenes->gap_timer = -1; /* the end of this turn tries again */
    for (size_t i = 0; i < scenes->n_scenes; i++) {
        scenes->scenes[i].is_gap_due = scenes->scenes[i].gaps_us != 0;
    }
}

/* What was shown lacks texts: nothing of it is used again. */
static void fill_gaps_later(struct scenes *scenes, struct scene *scene) {
    scene_drawing_destroy(scene->drawing);
    scene->drawing = NULL;
    if (scenes->gap_timer < 0) {
        scenes->gap_timer =
            loop_timer_once(scenes->renderer->loop, SCENES_GAP_MS, on_gap_timer, scenes);
    }
}

/* May this list be shown? One with gaps only when it was waited for long enough. */
static bool is_good_enough(struct scene *scene, const struct display_list *list, bool has_gaps) {
    int64_t now_us = has_gaps ? lg_clock_us() : 0;
    scene->gaps_us = !has_gaps ? 0 : scene->gaps_us != 0 ? scene->gaps_us : now_us;
    scene->is_gap_due = false;
    return list != NULL && !display_list_is_short(list) &&
           (!has_gaps || now_us - scene->gaps_us > SCENES_GAP_WAIT_US);
}

static void submit(struct scenes *scenes, struct scene *scene, struct object *object) {
    int64_t start_us = lg_clock_us();
    unsigned n_failures = text_font_failures();
    scene->drawing = scene->drawing != NULL ? scene->drawing : scene_drawing_create();
    struct display_list *list =
        scene->drawing != NULL ? scene_drawing_update(scene->drawing, object) : NULL;
    scene->build_us = lg_clock_us() - start_us;
    metric_observe(scenes->builds_us, scene->build_us);
    if (!is_good_enough(scene, list, text_font_failures() != n_failures)) {
        try_again(scenes, scene, list);
        return;
    }
    if (scene->gaps_us != 0) {
        fill_gaps_later(scenes, scene);
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
    if (!score_is_scene_dirty(scenes->renderer->score, object) && scene->list != NULL &&
        !scene->is_gap_due) {
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

/* -- the end of a turn ------------------------------------------------------------ */

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
    scenes_tidy_holds(scenes);
    scenes_answer_shown(scenes);
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
    struct scene *scene = scenes_find(shown->scenes, shown->name);
    if (scene != NULL && shown->turn <= scene->submitted) {
        if (shown->version > scene->version) {
            fire_end_paint(shown->scenes->renderer, shown->name);
        }
        if (shown->version != 0) { /* 0: its first picture could not be made */
            scene->version = shown->version;
            past_note_shown(shown->scenes->renderer);
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
        struct frame *frame =
            scene->repeats_dense ? draw_thread_frame(scenes->renderer->draw, scene->name) : NULL;
        scene->repeats_dense = false;
        if (frame != NULL && frame->dense != NULL) {
            publisher_put_dense(scenes->renderer->publisher, frame);
        }
        frame_unref(frame);
    }
    scenes->dense_timer = -1;
}

void scenes_repeat_dense(struct scenes *scenes, const char *name) {
    struct scene *scene = scenes_find(scenes, name);
    if (scene == NULL) {
        return;
    }
    scene->repeats_dense = true;
    if (scenes->dense_timer < 0) {
        scenes->dense_timer =
            loop_timer_once(scenes->renderer->loop, SCENES_REPEAT_DENSE_MS, repeat_dense, scenes);
    }
}

/* -- looking ------------------------------------------------------------------------ */

struct display_list *scenes_list(struct scenes *scenes, const char *name) {
    const struct scene *scene = scenes_find(scenes, name);
    return scene == NULL ? NULL : scene->list;
}

uint64_t scenes_version(const struct scenes *scenes, const char *name) {
    const struct scene *scene = scenes_find(scenes, name);
    return scene == NULL ? 0 : scene->version;
}
