/* One thread, one bounded queue of jobs. The lock guards the queue only. */
#include "renderer/io/worker.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#include "common/err.h"
#include "common/thread_name.h"

struct job {
    struct job *next;
    worker_fn fn;
    void *ctx;
};

struct worker {
    pthread_t thread;
    pthread_mutex_t lock; /* everything below */
    pthread_cond_t has_work;
    struct job *first, *last;
    unsigned n_jobs;
    bool is_stopping;
};

static void *work(void *arg) {
    lg_thread_name("worker");
    struct worker *worker = arg;
    pthread_mutex_lock(&worker->lock);
    for (;;) {
        while (worker->first == NULL && !worker->is_stopping) {
            pthread_cond_wait(&worker->has_work, &worker->lock);
        }
        struct job *job = worker->first;
        if (job == NULL) {
            break;
        }
        worker->first = job->next;
        worker->n_jobs--;
        pthread_mutex_unlock(&worker->lock);
        job->fn(job->ctx);
        free(job);
        pthread_mutex_lock(&worker->lock);
    }
    pthread_mutex_unlock(&worker->lock);
    return NULL;
}

struct worker *worker_create(void) {
    struct worker *worker = calloc(1, sizeof *worker);
    if (worker == NULL) {
        return NULL;
    }
    pthread_mutex_init(&worker->lock, NULL);
    pthread_cond_init(&worker->has_work, NULL);
    if (pthread_create(&worker->thread, NULL, work, worker) != 0) {
        pthread_cond_destroy(&worker->has_work);
        pthread_mutex_destroy(&worker->lock);
        free(worker);
        return NULL;
    }
    return worker;
}

void worker_destroy(struct worker *worker) {
    if (worker == NULL) {
        return;
    }
    pthread_mutex_lock(&worker->lock);
    worker->is_stopping = true;
    pthread_cond_signal(&worker->has_work);
    pthread_mutex_unlock(&worker->lock);
    pthread_join(worker->thread, NULL);
    pthread_cond_destroy(&worker->has_work);
    pthread_mutex_destroy(&worker->lock);
    free(worker);
}

int worker_give(struct worker *worker, worker_fn fn, void *ctx) {
    struct job *job = malloc(sizeof *job);
    if (job == NULL) {
        return LG_ENOMEM;
    }
    *job = (struct job){.fn = fn, .ctx = ctx};
    pthread_mutex_lock(&worker->lock);
    bool is_full = worker->n_jobs >= WORKER_JOBS_MAX;
    if (!is_full) {
        if (worker->first == NULL) {
            worker->first = job;
        } else {
            worker->last->next = job;
        }
        worker->last = job;
        worker->n_jobs++;
        pthread_cond_signal(&worker->has_work);
    }
    pthread_mutex_unlock(&worker->lock);
    if (is_full) {
        free(job);
    }
    return is_full ? LG_EBUSY : LG_OK;
}
