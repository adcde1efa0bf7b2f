/* Waiting for versions. Each wait is woken exactly once: by who took it off the
 * list. */
#include "gateway-http/waits.h"

#include <string.h>

#include "common/err.h"
#include "proto/limits.h"

void waits_init(struct waits *waits, struct upstream *upstream) {
    memset(waits, 0, sizeof *waits);
    pthread_mutex_init(&waits->lock, NULL);
    waits->upstream = upstream;
}

void waits_finish(struct waits *waits) {
    pthread_mutex_destroy(&waits->lock);
    memset(waits, 0, sizeof *waits);
}

static bool is_met(const struct wait *wait, const char *scene, const struct frame *frame) {
    return frame != NULL && frame->version >= wait->version &&
           (wait->epoch == 0 || wait->epoch == frame->epoch) && strcmp(wait->scene, scene) == 0;
}

/* Move a wait from the list to another one that nobody else sees. */
static void take_locked(struct waits *waits, struct wait *wait, struct wait **taken) {
    waits->n_waits--;
    if (wait->prev != NULL) {
        wait->prev->next = wait->next;
    } else {
        waits->first = wait->next;
    }
    if (wait->next != NULL) {
        wait->next->prev = wait->prev;
    }
    wait->next = *taken;
    *taken = wait;
}

static void wake_all(struct wait *taken) {
    while (taken != NULL) {
        struct wait *wait = taken;
        taken = wait->next; /* wake may free it */
        wait->wake(wait);
    }
}

int waits_begin(struct waits *waits, struct wait *wait) {
    pthread_mutex_lock(&waits->lock);
    /* Under the lock: a frame that comes now is either seen here, or its event
     * finds the wait in the list. */
    struct frame *frame = upstream_frame(waits->upstream, wait->scene);
    bool is_there = is_met(wait, wait->scene, frame);
    frame_unref(frame);
    bool is_refused = !is_there && waits->n_waits >= LIMIT_VERSIONS_AWAITED;
    wait->is_expired = false;
    if (!is_there && !is_refused) {
        waits->n_waits++;
        wait->prev = NULL;
        wait->next = waits->first;
        if (waits->first != NULL) {
            waits->first->prev = wait;
        }
        waits->first = wait;
    }
    pthread_mutex_unlock(&waits->lock);
    if (is_there) {
        wait->wake(wait);
    }
    return is_refused ? LG_EBUSY : 0;
}

void waits_on_frame(struct waits *waits, const char *scene, const struct frame *frame) {
    struct wait *taken = NULL;
    pthread_mutex_lock(&waits->lock);
    for (struct wait *wait = waits->first, *next; wait != NULL; wait = next) {
        next = wait->next;
        if (is_met(wait, scene, frame)) {
            take_locked(waits, wait, &taken);
        }
    }
    pthread_mutex_unlock(&waits->lock);
    wake_all(taken);
}

void waits_on_scenes(struct waits *waits) {
    pthread_mutex_lock(&waits->lock);
    for (struct wait *wait = waits->first; wait != NULL; wait = wait->next) {
        frame_unref(upstream_frame(waits->upstream, wait->scene));
    }
    pthread_mutex_unlock(&waits->lock);
}

void waits_expire(struct waits *waits, int64_t now_us) {
    struct wait *taken = NULL;
    pthread_mutex_lock(&waits->lock);
    for (struct wait *wait = waits->first, *next; wait != NULL; wait = next) {
        next = wait->next;
        if (wait->deadline_us <= now_us) {
            wait->is_expired = true;
            take_locked(waits, wait, &taken);
        }
    }
    pthread_mutex_unlock(&waits->lock);
    wake_all(taken);
}
