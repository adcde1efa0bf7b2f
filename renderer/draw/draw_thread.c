/* Scenes, their waiting lists, and the thread that shows them. Submitting puts
 * a list into its scene's slot (newest wins); the thread takes what is due. */
#include "renderer/draw/draw_thread.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/condition.h"
#include "common/err.h"
#include "common/log.h"
#include "common/thread_name.h"
#include "proto/limits.h"
#include "renderer/draw/png/dense_worker.h"
#include "renderer/draw/draw_schedule.h"
#include "renderer/draw/scene_picture.h"

/* Versions are made durable in blocks, the next one when half of a block is used. */
#define VERSION_BLOCK 10000
/* Pause after a picture for which there was no memory. */
#define TRY_AGAIN_US 100000

/* One scene. The lock of the thread guards what is marked; the rest is the draw thread's. */
struct draw_scene {
    struct draw_scene *next;      /* lock */
    char name[64];                /* constant */
    struct display_list *waiting; /* lock; owned reference */
    uint64_t waiting_transaction; /* lock */
    uint64_t waiting_mark;        /* lock */
    uint64_t mark;                /* of what picture shows */
    bool is_unseen;               /* lock; waiting has not been compared yet */
    bool is_forgotten;            /* lock */
    struct frame *frame;          /* lock; newest, owned reference */
    struct display_list *shown;   /* lock; what frame shows, owned reference */
    struct scene_picture picture;
    uint64_t next_version;
    int64_t last_picture_us; /* 0 = none yet */
    int64_t try_again_us;    /* there was no memory for its picture: not before that */
    bool has_dense;
};

struct draw_thread {
    struct draw_thread_options options;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;       /* lock; a list came, a scene went, or stop */
    bool is_stopping;          /* lock */
    struct draw_scene *scenes; /* lock */
    size_t n_scenes;           /* lock */
    bool is_dense_done;        /* lock; the worker has a result */
    struct dense_worker *dense;
    struct picture_workshop shop;
    uint64_t next_version; /* lock; for scenes to come: above those of forgotten ones */
    uint64_t reserved_version;
};

/* -- scenes ------------------------------------------------------------- */

static struct draw_scene *find_locked(struct draw_thread *thread, const char *name) {
    struct draw_scene *scene = thread->scenes;
    while (scene != NULL && (scene->is_forgotten || strcmp(scene->name, name) != 0)) {
        scene = scene->next;
    }
    return scene;
}

static struct draw_scene *add_locked(struct draw_thread *thread, const char *name) {
    /* Forgotten ones that still wait for the thread count twice at most. */
    if (thread->n_scenes >= 2 * LIMIT_SCENES || strlen(name) > LIMIT_SCENE_NAME_BYTES) {
        lg_log(LG_LOG_WARN, "draw", "too_many_scenes", "scene=%s", name);
        return NULL;
    }
    struct draw_scene *scene = calloc(1, sizeof(*scene));
    if (scene == NULL) {
        lg_log(LG_LOG_ERROR, "draw", "no_memory", NULL);
        return NULL;
    }
    strcpy(scene->name, name);
    strcpy(scene->picture.scene, name);
    scene->picture.epoch = thread->options.epoch;
    scene->next = thread->scenes;
    thread->scenes = scene;
    thread->n_scenes++;
    return scene;
}

static void destroy_scene(struct draw_scene *scene) {
    display_list_unref(scene->waiting);
    display_list_unref(scene->shown);
    frame_unref(scene->frame);
    scene_picture_finish(&scene->picture);
    free(scene);
}

/* Unlinks forgotten scenes; only the draw thread does that, so its pointers stay good. */
static void sweep_locked(struct draw_thread *thread) {
    struct draw_scene **link = &thread->scenes;
    while (*link != NULL) {
        struct draw_scene *scene = *link;
        if (!scene->is_forgotten) {
            link = &scene->next;
            continue;
        }
        *link = scene->next;
        thread->n_scenes--;
        if (scene->next_version > thread->next_version) {
            thread->next_version = scene->next_version;
        }
        destroy_scene(scene);
    }
}

/* -- showing ------------------------------------------------------------ */

static void reserve_versions(struct draw_thread *thread, uint64_t version) {
    if (version + VERSION_BLOCK / 2 < thread->reserved_version) {
        return;
    }
    thread->reserved_version = version + VERSION_BLOCK;
    thread->options.on_reserve(thread->options.ctx, thread->reserved_version);
}

static void publish(struct draw_thread *thread, struct draw_scene *scene) {
    struct scene_picture *made = &scene->picture;
    pthread_mutex_lock(&thread->lock);
    struct frame *old = scene->frame;
    struct display_list *old_list = scene->shown;
    scene->frame = frame_ref(made->frame);
    scene->shown = display_list_ref(made->list);
    pthread_mutex_unlock(&thread->lock);
    frame_unref(old);
    display_list_unref(old_list);
    struct picture picture = {
        .frame = made->frame,
        .base_version = made->base_version,
        .changed_strips = made->changed_strips,
        .n_changed_strips = made->n_changed_strips,
        .tiles = made->tiles,
        .n_tiles = made->n_tiles,
        .mark = scene->mark,
    };
    thread->options.on_picture(thread->options.ctx, &picture);
}

/* There was no memory: the old picture stays, the list goes back into its slot unless a newer one
 * is there, and whoever waits goes on waiting. */
static void keep_for_later(struct draw_thread *thread, struct draw_scene *scene,
                           uint64_t transaction) {
    pthread_mutex_lock(&thread->lock);
    scene->try_again_us = lg_clock_us() + TRY_AGAIN_US;
    if (scene->waiting == NULL && !scene->is_forgotten) {
        scene->waiting = display_list_ref(scene->picture.list);
        scene->waiting_transaction = transaction;
        scene->is_unseen = false;
    }
    pthread_mutex_unlock(&thread->lock);
}

/* Paint a list that was taken from its slot. */
static void show(struct draw_thread *thread, struct draw_scene *scene, struct display_list *list,
                 uint64_t transaction) {
    bool is_changed = false;
    if (scene->next_version == 0) {
        pthread_mutex_lock(&thread->lock);
        scene->next_version = thread->next_version;
        pthread_mutex_unlock(&thread->lock);
        if (thread->options.known_version != NULL) {
            thread->options.known_version(thread->options.ctx, scene->name,
                                          &scene->picture.known_version,
                                          &scene->picture.known_hash);
        }
    }
    reserve_versions(thread, scene->next_version);
    int64_t started_us = lg_clock_us();
    int code =
        scene_picture_show(&scene->picture, &thread->shop, list, scene->next_version, &is_changed);
    if (code == LG_ENOMEM) {
        lg_log(LG_LOG_ERROR, "draw", "no_memory", "scene=%s", scene->name);
        keep_for_later(thread, scene, transaction);
        return;
    }
    /* Any other failure was logged there; the scene keeps its old picture, and whoever waits is
     * told. */
    if (is_changed) {
        scene->next_version += scene->picture.frame->version == scene->next_version;
        scene->last_picture_us = started_us > 0 ? started_us : 1;
        scene->has_dense = false;
        publish(thread, scene);
    }
    thread->options.on_shown(thread->options.ctx, scene->name, transaction,
                             scene->picture.frame != NULL ? scene->picture.frame->version : 0);
}

static void start_dense(struct draw_thread *thread, struct draw_scene *scene) {
    cairo_surface_t *surface = scene->picture.surface;
    scene->has_dense = true; /* or never will have one, at this version */
    if (surface != NULL) {
        (void)dense_worker_start(thread->dense, scene->picture.frame,
                                 cairo_image_surface_get_data(surface),
                                 (size_t)cairo_image_surface_get_stride(surface));
    }
}

/* The worker may come too late: then the scene has gone on, and its result is dropped. */
static void publish_dense(struct draw_thread *thread, const struct dense_result *result) {
    pthread_mutex_lock(&thread->lock);
    struct draw_scene *scene = find_locked(thread, result->scene);
    pthread_mutex_unlock(&thread->lock);
    if (scene == NULL) {
        lg_bytes_unref(result->png);
        return;
    }
    struct frame *frame = scene_picture_adopt_dense(&scene->picture, result->version, result->png);
    if (frame == NULL) {
        return;
    }
    pthread_mutex_lock(&thread->lock);
    struct frame *old = scene->frame;
    scene->frame = frame_ref(frame);
    pthread_mutex_unlock(&thread->lock);
    frame_unref(old);
    thread->options.on_dense(thread->options.ctx, frame);
    frame_unref(frame);
}

static void on_dense_done(void *ctx) {
    struct draw_thread *thread = ctx;
    pthread_mutex_lock(&thread->lock);
    thread->is_dense_done = true;
    pthread_cond_signal(&thread->wake);
    pthread_mutex_unlock(&thread->lock);
}

/* -- the loop ------------------------------------------------------------- */

enum job_kind { JOB_NONE, JOB_COMPARE, JOB_SHOW, JOB_DENSE };

struct job {
    enum job_kind kind;
    struct draw_scene *scene;
    int64_t due_us;
};

static struct job job_of(const struct draw_thread *thread, struct draw_scene *scene) {
    struct job job = {JOB_NONE, scene, DRAW_SCHEDULE_NEVER};
    if (scene->waiting != NULL && scene->is_unseen) {
        job.kind = JOB_COMPARE;
        job.due_us = 0;
    } else if (scene->waiting != NULL) {
        job.kind = JOB_SHOW;
        job.due_us = draw_schedule_paint_us(scene->last_picture_us, thread->options.max_fps);
        if (job.due_us < scene->try_again_us) {
            job.due_us = scene->try_again_us;
        }
    } else if (scene->picture.frame != NULL && !scene->has_dense &&
               !dense_worker_is_busy(thread->dense)) {
        job.kind = JOB_DENSE;
        job.due_us = draw_schedule_dense_us(scene->last_picture_us, thread->options.quiet_ms);
    }
    return job;
}

/* The job that is due first; those of equal time in turn, as scenes that were served have a later
 * last picture. Dense frames only when nothing else is due. */
static struct job next_job_locked(const struct draw_thread *thread, int64_t now_us) {
    struct job best = {JOB_NONE, NULL, DRAW_SCHEDULE_NEVER};
    for (struct draw_scene *scene = thread->scenes; scene != NULL; scene = scene->next) {
        struct job job = job_of(thread, scene);
        bool is_first = job.due_us < best.due_us;
        if (best.kind == JOB_DENSE && job.kind != JOB_DENSE && job.due_us <= now_us) {
            is_first = true;
        } else if (best.due_us <= now_us && best.kind != JOB_DENSE && job.kind == JOB_DENSE) {
            is_first = false;
        }
        if (job.kind != JOB_NONE && is_first) {
            best = job;
        }
    }
    return best;
}

/* With the lock held on entry and exit, free while it works. */
static void run_job_locked(struct draw_thread *thread, struct job job) {
    struct draw_scene *scene = job.scene;
    struct display_list *list = scene->waiting;
    uint64_t transaction = scene->waiting_transaction;
    bool is_taken = job.kind == JOB_SHOW;
    if (job.kind == JOB_COMPARE) {
        /* What the picture shows already is shown at once, whatever the time. */
        const struct display_list *shown = scene->picture.list;
        bool can_be_equal = shown != NULL && scene->picture.surface != NULL;
        scene->is_unseen = false;
        display_list_ref(list);
        pthread_mutex_unlock(&thread->lock);
        bool is_equal = can_be_equal && display_list_equal(shown, list);
        pthread_mutex_lock(&thread->lock);
        is_taken = is_equal && scene->waiting == list;
        display_list_unref(list);
    }
    if (is_taken) {
        transaction = scene->waiting_transaction;
        scene->mark = scene->waiting_mark;
        scene->waiting = NULL;
    }
    pthread_mutex_unlock(&thread->lock);
    if (job.kind == JOB_SHOW) {
        show(thread, scene, list, transaction);
    } else if (job.kind == JOB_DENSE) {
        start_dense(thread, scene);
    } else if (is_taken) {
        display_list_unref(list);
        thread->options.on_shown(thread->options.ctx, scene->name, transaction,
                                 scene->picture.frame->version);
    }
    pthread_mutex_lock(&thread->lock);
}

static void *run(void *arg) {
    lg_thread_name("draw");
    struct draw_thread *thread = arg;
    reserve_versions(thread, thread->options.first_version);
    pthread_mutex_lock(&thread->lock);
    while (!thread->is_stopping) {
        sweep_locked(thread);
        if (thread->is_dense_done) {
            struct dense_result result;
            thread->is_dense_done = false;
            pthread_mutex_unlock(&thread->lock);
            if (dense_worker_take(thread->dense, &result)) {
                publish_dense(thread, &result);
            }
            pthread_mutex_lock(&thread->lock);
            continue;
        }
        int64_t now_us = lg_clock_us();
        struct job job = next_job_locked(thread, now_us);
        if (job.kind == JOB_NONE) {
            pthread_cond_wait(&thread->wake, &thread->lock);
        } else if (job.due_us > now_us) {
            struct timespec until = lg_condition_until(job.due_us - now_us);
            pthread_cond_timedwait(&thread->wake, &thread->lock, &until);
        } else {
            run_job_locked(thread, job);
        }
    }
    pthread_mutex_unlock(&thread->lock);
    return NULL;
}

/* -- public ------------------------------------------------------------- */

struct draw_thread *draw_thread_create(const struct draw_thread_options *options) {
    struct draw_thread *thread = calloc(1, sizeof(*thread));
    if (thread == NULL || !picture_workshop_init(&thread->shop)) {
        lg_log(LG_LOG_ERROR, "draw", "no_memory", NULL);
        free(thread);
        return NULL;
    }
    thread->options = *options;
    thread->options.first_version = options->first_version > 0 ? options->first_version : 1;
    thread->next_version = thread->options.first_version;
    pthread_mutex_init(&thread->lock, NULL);
    thread->dense = dense_worker_create(on_dense_done, thread);
    if (thread->dense == NULL || !lg_condition_init(&thread->wake) ||
        pthread_create(&thread->thread, NULL, run, thread) != 0) {
        lg_log(LG_LOG_ERROR, "draw", "no_thread", NULL);
        dense_worker_destroy(thread->dense);
        picture_workshop_finish(&thread->shop);
        pthread_mutex_destroy(&thread->lock);
        free(thread);
        return NULL;
    }
    return thread;
}

void draw_thread_destroy(struct draw_thread *thread) {
    if (thread == NULL) {
        return;
    }
    pthread_mutex_lock(&thread->lock);
    thread->is_stopping = true;
    pthread_cond_signal(&thread->wake);
    pthread_mutex_unlock(&thread->lock);
    pthread_join(thread->thread, NULL);
    dense_worker_destroy(thread->dense);
    while (thread->scenes != NULL) {
        struct draw_scene *scene = thread->scenes;
        thread->scenes = scene->next;
        destroy_scene(scene);
    }
    picture_workshop_finish(&thread->shop);
    pthread_cond_destroy(&thread->wake);
    pthread_mutex_destroy(&thread->lock);
    free(thread);
}

void draw_thread_submit(struct draw_thread *thread, const char *scene_name,
                        struct display_list *list, uint64_t transaction, uint64_t mark) {
    struct display_list *replaced = list;
    pthread_mutex_lock(&thread->lock);
    struct draw_scene *scene = find_locked(thread, scene_name);
    scene = scene != NULL ? scene : add_locked(thread, scene_name);
    if (scene != NULL) {
        replaced = scene->waiting;
        scene->waiting = list;
        scene->waiting_transaction = transaction;
        scene->waiting_mark = mark;
        scene->is_unseen = true;
        pthread_cond_signal(&thread->wake);
    }
    pthread_mutex_unlock(&thread->lock);
    display_list_unref(replaced);
}

void draw_thread_forget(struct draw_thread *thread, const char *scene_name) {
    pthread_mutex_lock(&thread->lock);
    struct draw_scene *scene = find_locked(thread, scene_name);
    if (scene != NULL) {
        scene->is_forgotten = true;
        display_list_unref(scene->waiting);
        scene->waiting = NULL;
        pthread_cond_signal(&thread->wake);
    }
    pthread_mutex_unlock(&thread->lock);
}

struct frame *draw_thread_frame(struct draw_thread *thread, const char *scene_name) {
    pthread_mutex_lock(&thread->lock);
    struct draw_scene *scene = find_locked(thread, scene_name);
    struct frame *frame = scene != NULL && scene->frame != NULL ? frame_ref(scene->frame) : NULL;
    pthread_mutex_unlock(&thread->lock);
    return frame;
}

struct display_list *draw_thread_shown(struct draw_thread *thread, const char *scene_name,
                                       struct frame **frame) {
    struct display_list *list = NULL;
    pthread_mutex_lock(&thread->lock);
    struct draw_scene *scene = find_locked(thread, scene_name);
    if (scene != NULL && scene->frame != NULL) {
        list = display_list_ref(scene->shown);
        *frame = frame_ref(scene->frame);
    }
    pthread_mutex_unlock(&thread->lock);
    return list;
}
