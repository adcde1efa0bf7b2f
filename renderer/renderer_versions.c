/* Versions are made durable before they are seen: the draw thread reserves blocks early, the worker
 * writes them, and nobody publishes a number that is not written yet. */
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>

#include "common/err.h"
#include "common/log.h"
#include "renderer/parts.h"

struct versions {
    struct worker *worker;
    struct state *state;
    pthread_mutex_t lock; /* everything below */
    pthread_cond_t is_written;
    uint64_t wanted, durable;
    bool is_writing;
};

struct versions *versions_create(struct worker *worker, struct state *state) {
    struct versions *versions = calloc(1, sizeof *versions);
    if (versions == NULL) {
        return NULL;
    }
    versions->worker = worker;
    versions->state = state;
    versions->durable = versions->wanted = state_used_version(state);
    pthread_mutex_init(&versions->lock, NULL);
    pthread_cond_init(&versions->is_written, NULL);
    return versions;
}

void versions_destroy(struct versions *versions) {
    if (versions == NULL) {
        return;
    }
    pthread_cond_destroy(&versions->is_written);
    pthread_mutex_destroy(&versions->lock);
    free(versions);
}

static void write_wanted(void *ctx) {
    struct versions *versions = ctx;
    pthread_mutex_lock(&versions->lock);
    uint64_t wanted = versions->wanted;
    versions->is_writing = false;
    pthread_mutex_unlock(&versions->lock);
    /* When the disk fails (logged there) pictures go on: a concert is worth more than the promise
     * that a crash from now on will not use a number twice. */
    state_reserve(versions->state, wanted);
    pthread_mutex_lock(&versions->lock);
    if (wanted > versions->durable) {
        versions->durable = wanted;
    }
    pthread_cond_broadcast(&versions->is_written);
    pthread_mutex_unlock(&versions->lock);
}

void versions_reserve(struct versions *versions, uint64_t version) {
    pthread_mutex_lock(&versions->lock);
    bool needs_job = version > versions->wanted && !versions->is_writing;
    if (version > versions->wanted) {
        versions->wanted = version;
    }
    if (needs_job) {
        versions->is_writing = worker_give(versions->worker, write_wanted, versions) == LG_OK;
        if (!versions->is_writing) {
            versions->wanted = versions->durable; /* the worker is overrun: versions_wait asks again */
        }
    }
    pthread_mutex_unlock(&versions->lock);
}

void versions_wait(struct versions *versions, uint64_t version) {
    pthread_mutex_lock(&versions->lock);
    while (versions->durable < version) {
        if (versions->wanted < version && !versions->is_writing) {
            pthread_mutex_unlock(&versions->lock);
            state_reserve(versions->state, version + 1000);
            pthread_mutex_lock(&versions->lock);
            if (versions->durable < version + 1000) {
                versions->durable = versions->wanted = version + 1000;
            }
            break;
        }
        pthread_cond_wait(&versions->is_written, &versions->lock);
    }
    pthread_mutex_unlock(&versions->lock);
}
