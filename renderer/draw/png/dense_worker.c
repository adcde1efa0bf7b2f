/* One slot for a job, one for its result, under one lock. */
#include "renderer/draw/png/dense_worker.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "common/log.h"
#include "common/thread_name.h"
#include "renderer/draw/png/dense_png.h"

#define NICENESS 10

enum dense_state { DENSE_IDLE, DENSE_WANTED, DENSE_UNDER_WAY, DENSE_DONE };

struct dense_worker {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;    /* lock */
    enum dense_state state; /* lock */
    bool is_stopping;       /* lock */
    void (*on_done)(void *ctx);
    void *ctx;
    /* Of the job; the worker's from DENSE_WANTED to DENSE_DONE. */
    struct dense_result result;
    uint8_t *pixels;
    size_t capacity;
    uint32_t width_px, height_px;
    bool has_alpha;
};

static void *run(void *arg) {
    lg_thread_name("dense");
    struct dense_worker *worker = arg;
    /* For this thread alone, on Linux; if it is refused, so be it. */
    (void)setpriority(PRIO_PROCESS, 0, NICENESS);
    pthread_mutex_lock(&worker->lock);
    while (!worker->is_stopping) {
        if (worker->state != DENSE_WANTED) {
            pthread_cond_wait(&worker->wake, &worker->lock);
            continue;
        }
        worker->state = DENSE_UNDER_WAY;
        pthread_mutex_unlock(&worker->lock);
        worker->result.png =
            dense_png_encode(worker->pixels, (size_t)worker->width_px * 4, worker->width_px,
                             worker->height_px, worker->has_alpha);
        pthread_mutex_lock(&worker->lock);
        worker->state = DENSE_DONE;
        pthread_mutex_unlock(&worker->lock);
        worker->on_done(worker->ctx);
        pthread_mutex_lock(&worker->lock);
    }
    pthread_mutex_unlock(&worker->lock);
    return NULL;
}

struct dense_worker *dense_worker_create(void (*on_done)(void *ctx), void *ctx) {
    struct dense_worker *worker = calloc(1, sizeof(*worker));
    if (worker == NULL) {
        lg_log(LG_LOG_ERROR, "dense", "no_memory", NULL);
        return NULL;
    }
    worker->on_done = on_done;
    worker->ctx = ctx;
    pthread_mutex_init(&worker->lock, NULL);
    pthread_cond_init(&worker->wake, NULL);
    if (pthread_create(&worker->thread, NULL, run, worker) != 0) {
        lg_log(LG_LOG_ERROR, "dense", "no_thread", NULL);
        pthread_cond_destroy(&worker->wake);
        pthread_mutex_destroy(&worker->lock);
        free(worker);
        return NULL;
    }
    return worker;
}

void dense_worker_destroy(struct dense_worker *worker) {
    if (worker == NULL) {
        return;
    }
    pthread_mutex_lock(&worker->lock);
    worker->is_stopping = true;
    pthread_cond_signal(&worker->wake);
    pthread_mutex_unlock(&worker->lock);
    pthread_join(worker->thread, NULL);
    lg_bytes_unref(worker->result.png);
    free(worker->pixels);
    pthread_cond_destroy(&worker->wake);
    pthread_mutex_destroy(&worker->lock);
    free(worker);
}

bool dense_worker_is_busy(struct dense_worker *worker) {
    pthread_mutex_lock(&worker->lock);
    bool is_busy = worker->state != DENSE_IDLE;
    pthread_mutex_unlock(&worker->lock);
    return is_busy;
}

static bool copy_pixels(struct dense_worker *worker, const struct frame *frame,
                        const uint8_t *pixels, size_t stride_bytes) {
    size_t row_bytes = (size_t)frame->width_px * 4, needed = row_bytes * frame->height_px;
    if (needed > worker->capacity) {
        free(worker->pixels);
        worker->pixels = malloc(needed);
        worker->capacity = worker->pixels != NULL ? needed : 0;
    }
    if (worker->pixels == NULL) {
        lg_log(LG_LOG_ERROR, "dense", "no_memory", "size_bytes=%zu", needed);
        return false;
    }
    for (uint32_t y = 0; y < frame->height_px; y++) {
        memcpy(worker->pixels + y * row_bytes, pixels + y * stride_bytes, row_bytes);
    }
    return true;
}

bool dense_worker_start(struct dense_worker *worker, const struct frame *frame,
                        const uint8_t *pixels, size_t stride_bytes) {
    /* Idle: the worker touches nothing of the job, so it may be written without the lock. */
    if (dense_worker_is_busy(worker) ||
        (uint64_t)frame->width_px * frame->height_px > DENSE_PIXELS_MAX ||
        !copy_pixels(worker, frame, pixels, stride_bytes)) {
        return false;
    }
    memcpy(worker->result.scene, frame->scene, sizeof(worker->result.scene));
    worker->result.version = frame->version;
    worker->width_px = frame->width_px;
    worker->height_px = frame->height_px;
    worker->has_alpha = frame->color_type == 6;
    pthread_mutex_lock(&worker->lock);
    worker->state = DENSE_WANTED;
    pthread_cond_signal(&worker->wake);
    pthread_mutex_unlock(&worker->lock);
    return true;
}

bool dense_worker_take(struct dense_worker *worker, struct dense_result *result) {
    pthread_mutex_lock(&worker->lock);
    bool is_done = worker->state == DENSE_DONE;
    if (is_done) {
        *result = worker->result;
        worker->result.png = NULL;
        worker->state = DENSE_IDLE;
    }
    pthread_mutex_unlock(&worker->lock);
    return is_done;
}
