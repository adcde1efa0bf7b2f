/* Requests that wait for a version: GET ?version=N, and posts that must not be
 * answered before their effect can be read here. */
#ifndef LEGGIO_GATEWAY_HTTP_WAITS_H
#define LEGGIO_GATEWAY_HTTP_WAITS_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/broker/upstream.h"

struct wait {
    struct wait *prev, *next; /* private */
    const char *scene;        /* borrowed while it waits */
    uint64_t epoch;           /* 0 = any */
    uint64_t version;         /* this one or a newer one */
    int64_t deadline_us;
    bool is_expired; /* result */
    void (*wake)(struct wait *wait);
};

/* The lock guards the list; wake is called without it. */
struct waits {
    pthread_mutex_t lock;
    struct upstream *upstream;
    struct wait *first;
    size_t n_waits; /* at most LIMIT_VERSIONS_AWAITED */
};

void waits_init(struct waits *waits, struct upstream *upstream);
void waits_finish(struct waits *waits);
/* Wakes at once when the version is held. Any thread. 0, or LG_EBUSY: too many wait
 * already; it is not woken. */
int waits_begin(struct waits *waits, struct wait *wait);
/* A frame came. Upstream's thread. */
void waits_on_frame(struct waits *waits, const char *scene, const struct frame *frame);
/* Other scenes exist: ask for frames of those that are waited for, since only
 * existing scenes can be asked for. Upstream's thread. */
void waits_on_scenes(struct waits *waits);
/* Wake those whose time is over (now_us INT64_MAX: all). Main thread. */
void waits_expire(struct waits *waits, int64_t now_us);

#endif
