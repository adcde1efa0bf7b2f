/* Last-value slots by scene. Scenes are few (LIMIT_SCENES at most, one as a
 * rule), so a plain array serves. */
#include "common/broker/frame_cache.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "common/log.h"
#include "proto/limits.h"

struct slot {
    char scene[LIMIT_SCENE_NAME_BYTES + 1];
    struct frame *frame; /* owned reference or NULL */
    uint64_t epoch, version;
};

struct frame_cache {
    pthread_mutex_t lock; /* guards all below */
    size_t n_slots;
    struct slot slots[LIMIT_SCENES];
};

struct frame_cache *frame_cache_create(void) {
    struct frame_cache *cache = calloc(1, sizeof *cache);
    if (cache != NULL) {
        pthread_mutex_init(&cache->lock, NULL);
    }
    return cache;
}

void frame_cache_destroy(struct frame_cache *cache) {
    if (cache == NULL) {
        return;
    }
    for (size_t i = 0; i < cache->n_slots; i++) {
        frame_unref(cache->slots[i].frame);
    }
    pthread_mutex_destroy(&cache->lock);
    free(cache);
}

static struct slot *find_locked(struct frame_cache *cache, const char *scene) {
    for (size_t i = 0; i < cache->n_slots; i++) {
        if (strcmp(cache->slots[i].scene, scene) == 0) {
            return &cache->slots[i];
        }
    }
    return NULL;
}

static struct slot *obtain_locked(struct frame_cache *cache, const char *scene) {
    struct slot *slot = find_locked(cache, scene);
    size_t len = strlen(scene);
    if (slot != NULL || cache->n_slots == LIMIT_SCENES || len > LIMIT_SCENE_NAME_BYTES) {
        return slot;
    }
    slot = &cache->slots[cache->n_slots++];
    *slot = (struct slot){.frame = NULL};
    memcpy(slot->scene, scene, len + 1);
    return slot;
}

static void announce_locked(struct slot *slot, uint64_t epoch, uint64_t version) {
    if (slot->epoch != epoch || slot->version < version) {
        slot->epoch = epoch;
        slot->version = version;
    }
}

struct frame *frame_cache_get(struct frame_cache *cache, const char *scene) {
    pthread_mutex_lock(&cache->lock);
    struct slot *slot = find_locked(cache, scene);
    struct frame *frame = slot != NULL ? frame_ref(slot->frame) : NULL;
    pthread_mutex_unlock(&cache->lock);
    return frame;
}

static bool is_newer(const struct frame *frame, const struct frame *than) {
    if (than == NULL || frame->epoch != than->epoch || frame->version > than->version) {
        return true;
    }
    return frame->version == than->version && frame->dense != NULL && than->dense == NULL;
}

int frame_cache_give(struct frame_cache *cache, struct frame *frame) {
    int code = 0;
    struct frame *loser = frame; /* unref'd outside the lock */
    assert(frame->is_sealed);
    pthread_mutex_lock(&cache->lock);
    struct slot *slot = obtain_locked(cache, frame->scene);
    if (slot == NULL) {
        code = LG_ETOOLARGE;
    } else if (!is_newer(frame, slot->frame)) {
        code = LG_EOLD;
    } else {
        loser = slot->frame;
        slot->frame = frame;
        announce_locked(slot, frame->epoch, frame->version);
    }
    pthread_mutex_unlock(&cache->lock);
    if (code == LG_ETOOLARGE) {
        lg_log(LG_LOG_WARN, "frame_cache", "full", "scene=%s limit=%d", frame->scene, LIMIT_SCENES);
    }
    frame_unref(loser);
    return code;
}

void frame_cache_announce(struct frame_cache *cache, const char *scene, uint64_t epoch,
                          uint64_t version) {
    pthread_mutex_lock(&cache->lock);
    struct slot *slot = obtain_locked(cache, scene);
    if (slot != NULL) {
        announce_locked(slot, epoch, version);
    }
    pthread_mutex_unlock(&cache->lock);
}

bool frame_cache_version(struct frame_cache *cache, const char *scene, uint64_t *epoch,
                         uint64_t *version) {
    pthread_mutex_lock(&cache->lock);
    const struct slot *slot = find_locked(cache, scene);
    bool is_known = slot != NULL && slot->epoch != 0;
    if (is_known) {
        *epoch = slot->epoch;
        *version = slot->version;
    }
    pthread_mutex_unlock(&cache->lock);
    return is_known;
}

void frame_cache_facts(struct frame_cache *cache, int64_t *drawn_wall_us, uint64_t *n_behind) {
    *drawn_wall_us = 0;
    *n_behind = 0;
    pthread_mutex_lock(&cache->lock);
    for (size_t i = 0; i < cache->n_slots; i++) {
        const struct slot *slot = &cache->slots[i];
        if (slot->frame == NULL) {
            continue;
        }
        if (slot->frame->drawn_wall_us > *drawn_wall_us) {
            *drawn_wall_us = slot->frame->drawn_wall_us;
        }
        if (slot->epoch == slot->frame->epoch && slot->version - slot->frame->version > *n_behind) {
            *n_behind = slot->version - slot->frame->version;
        }
    }
    pthread_mutex_unlock(&cache->lock);
}

void frame_cache_drop(struct frame_cache *cache, const char *scene) {
    struct frame *frame = NULL;
    pthread_mutex_lock(&cache->lock);
    struct slot *slot = find_locked(cache, scene);
    if (slot != NULL) {
        frame = slot->frame;
        *slot = cache->slots[--cache->n_slots];
    }
    pthread_mutex_unlock(&cache->lock);
    frame_unref(frame);
}
