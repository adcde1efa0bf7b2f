/* One list of jobs, two threads that take from it. */
#define _GNU_SOURCE /* sched_getaffinity */
#include "gateway-ws/senders.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/thread_name.h"
#include "gateway-ws/link/ws_frame.h"

enum {
    JOBS_AT_ONCE = 16,       /* some 0.1 ms: how long one waits for the other at the end */
    JOBS_FOR_A_HELPER = 256, /* fewer are sent before a thread has woken up */
};

struct senders {
    pthread_mutex_t lock; /* guards next_i, n_jobs, is_sending, is_ending; not held while sending */
    pthread_cond_t has_jobs; /* for the helper */
    pthread_cond_t is_done;  /* for the loop thread */
    pthread_t helper;
    bool has_helper;
    bool is_sending; /* the helper has taken jobs that it has not sent yet */
    bool is_ending;
    size_t next_i, n_jobs; /* equal: nothing to take */
    struct send_job *jobs; /* changed only while there is nothing to take */
    size_t room;
};

/* Take and send until nothing is left. Called and left with the lock held. */
static void send_all_locked(struct senders *senders) {
    while (senders->next_i < senders->n_jobs) {
        size_t from = senders->next_i;
        size_t left = senders->n_jobs - from;
        size_t to = from + (left < JOBS_AT_ONCE ? left : JOBS_AT_ONCE);
        struct send_job *jobs = senders->jobs;
        senders->next_i = to;
        pthread_mutex_unlock(&senders->lock);
        for (size_t i = from; i < to; i++) {
            jobs[i].result = ws_frame_send(jobs[i].fd, jobs[i].bytes, jobs[i].size_bytes);
        }
        pthread_mutex_lock(&senders->lock);
    }
}

static void *help(void *ctx) {
    lg_thread_name("senders");
    struct senders *senders = ctx;
    pthread_mutex_lock(&senders->lock);
    while (!senders->is_ending) {
        if (senders->next_i == senders->n_jobs) {
            pthread_cond_wait(&senders->has_jobs, &senders->lock);
            continue;
        }
        senders->is_sending = true;
        send_all_locked(senders);
        senders->is_sending = false;
        pthread_cond_signal(&senders->is_done);
    }
    pthread_mutex_unlock(&senders->lock);
    return NULL;
}

static bool has_two_processors(void) {
    cpu_set_t set;
    return sched_getaffinity(0, sizeof(set), &set) != 0 || CPU_COUNT(&set) > 1;
}

struct senders *senders_create(bool with_helper) {
    struct senders *senders = calloc(1, sizeof(*senders));
    if (senders == NULL) {
        lg_log(LG_LOG_ERROR, "ws", "out_of_memory", NULL);
        return NULL;
    }
    pthread_mutex_init(&senders->lock, NULL);
    pthread_cond_init(&senders->has_jobs, NULL);
    pthread_cond_init(&senders->is_done, NULL);
    if (with_helper && has_two_processors()) {
        int err = pthread_create(&senders->helper, NULL, help, senders);
        senders->has_helper = err == 0;
        if (err != 0) {
            lg_log(LG_LOG_WARN, "ws", "no_helper_thread", "reason=%s", strerror(err));
        }
    }
    return senders;
}

void senders_destroy(struct senders *senders) {
    if (senders == NULL) {
        return;
    }
    if (senders->has_helper) {
        pthread_mutex_lock(&senders->lock);
        senders->is_ending = true;
        pthread_cond_signal(&senders->has_jobs);
        pthread_mutex_unlock(&senders->lock);
        pthread_join(senders->helper, NULL);
    }
    pthread_cond_destroy(&senders->is_done);
    pthread_cond_destroy(&senders->has_jobs);
    pthread_mutex_destroy(&senders->lock);
    free(senders->jobs);
    free(senders);
}

struct send_job *senders_room(struct senders *senders, size_t n_jobs) {
    if (n_jobs > senders->room) {
        size_t room = senders->room == 0 ? 256 : senders->room;
        while (room < n_jobs) {
            room *= 2;
        }
        struct send_job *jobs = realloc(senders->jobs, room * sizeof(*jobs));
        if (jobs == NULL) {
            return NULL;
        }
        senders->jobs = jobs;
        senders->room = room;
    }
    return senders->jobs;
}

void senders_run(struct senders *senders, size_t n_jobs) {
    pthread_mutex_lock(&senders->lock);
    senders->next_i = 0;
    senders->n_jobs = n_jobs;
    if (senders->has_helper && n_jobs >= JOBS_FOR_A_HELPER) {
        pthread_cond_signal(&senders->has_jobs);
    }
    send_all_locked(senders);
    while (senders->is_sending) {
        pthread_cond_wait(&senders->is_done, &senders->lock);
    }
    senders->next_i = senders->n_jobs = 0;
    pthread_mutex_unlock(&senders->lock);
}
