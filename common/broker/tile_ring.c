/* Rings of tiles, one per scene. */
#include "common/broker/tile_ring.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "proto/limits.h"

enum { TILES_AT_ONCE_MAX = 1024 }; /* in one answer; more is no gain over a whole picture */

struct step {
    uint64_t epoch, base, version;
    size_t n_tiles, size_bytes;
    struct tile *tiles;
};

struct scene_ring {
    struct scene_ring *next;
    char scene[LIMIT_SCENE_NAME_BYTES + 1];
    struct step steps[LIMIT_TILE_VERSIONS]; /* oldest first, from `first` on */
    size_t first, n_steps, size_bytes;
};

struct tile_ring {
    pthread_mutex_t lock; /* guards all */
    struct scene_ring *scenes;
    size_t n_scenes;
};

struct tile_ring *tile_ring_create(void) {
    struct tile_ring *ring = calloc(1, sizeof *ring);
    if (ring != NULL) {
        pthread_mutex_init(&ring->lock, NULL);
    }
    return ring;
}

void tiles_free(struct tile *tiles, size_t n_tiles) {
    for (size_t i = 0; i < n_tiles; i++) {
        lg_bytes_unref(tiles[i].png);
    }
    free(tiles);
}

static void drop_oldest(struct scene_ring *scene) {
    struct step *step = &scene->steps[scene->first];
    scene->size_bytes -= step->size_bytes;
    tiles_free(step->tiles, step->n_tiles);
    *step = (struct step){.epoch = 0};
    scene->first = (scene->first + 1) % LIMIT_TILE_VERSIONS;
    scene->n_steps--;
}

static void empty(struct scene_ring *scene) {
    while (scene->n_steps > 0) {
        drop_oldest(scene);
    }
}

void tile_ring_destroy(struct tile_ring *ring) {
    if (ring == NULL) {
        return;
    }
    while (ring->scenes != NULL) {
        struct scene_ring *scene = ring->scenes;
        ring->scenes = scene->next;
        empty(scene);
        free(scene);
    }
    pthread_mutex_destroy(&ring->lock);
    free(ring);
}

static struct scene_ring *find_locked(struct tile_ring *ring, const char *name) {
    struct scene_ring *scene = ring->scenes;
    while (scene != NULL && strcmp(scene->scene, name) != 0) {
        scene = scene->next;
    }
    return scene;
}

static struct scene_ring *make_locked(struct tile_ring *ring, const char *name) {
    struct scene_ring *scene = find_locked(ring, name);
    if (scene == NULL && ring->n_scenes < LIMIT_SCENES &&
        (scene = calloc(1, sizeof *scene)) != NULL) {
        strcpy(scene->scene, name);
        scene->next = ring->scenes;
        ring->scenes = scene;
        ring->n_scenes++;
    }
    return scene;
}

/* A copy of the frame's tiles; false: no memory. */
static bool copy_tiles(const struct feed_frame *frame, struct step *step) {
    const struct msg_frame *header = &frame->header;
    step->tiles = calloc(header->n_tiles, sizeof *step->tiles);
    for (size_t i = 0; i < header->n_tiles; i++) {
        const struct msg_tile *from = &header->tiles[i];
        struct tile *tile = step->tiles != NULL ? &step->tiles[i] : NULL;
        if (tile == NULL ||
            (tile->png = lg_bytes_copy(frame->tiles[i].data, frame->tiles[i].size)) == NULL) {
            tiles_free(step->tiles, i);
            return false;
        }
        tile->x_px = (uint32_t)from->x_px;
        tile->y_px = (uint32_t)from->y_px;
        tile->width_px = (uint32_t)from->width_px;
        tile->height_px = (uint32_t)from->height_px;
        step->size_bytes += frame->tiles[i].size;
        step->n_tiles++;
    }
    return true;
}

void tile_ring_put(struct tile_ring *ring, const struct feed_frame *frame) {
    const struct msg_frame *header = &frame->header;
    struct step step = {
        .epoch = header->epoch, .base = header->base_version, .version = header->version};
    if (header->base_version == 0 || header->n_tiles == 0 || !copy_tiles(frame, &step)) {
        return; /* the chain breaks by itself: no step leads to this version */
    }
    pthread_mutex_lock(&ring->lock);
    struct scene_ring *scene = make_locked(ring, header->scene);
    if (scene == NULL || step.size_bytes > LIMIT_TILE_BYTES) {
        pthread_mutex_unlock(&ring->lock);
        tiles_free(step.tiles, step.n_tiles);
        return;
    }
    while (scene->n_steps == LIMIT_TILE_VERSIONS ||
           (scene->n_steps > 0 && scene->size_bytes + step.size_bytes > LIMIT_TILE_BYTES)) {
        drop_oldest(scene);
    }
    scene->steps[(scene->first + scene->n_steps) % LIMIT_TILE_VERSIONS] = step;
    scene->n_steps++;
    scene->size_bytes += step.size_bytes;
    pthread_mutex_unlock(&ring->lock);
}

void tile_ring_drop(struct tile_ring *ring, const char *name) {
    pthread_mutex_lock(&ring->lock);
    struct scene_ring **at = &ring->scenes;
    while (*at != NULL && strcmp((*at)->scene, name) != 0) {
        at = &(*at)->next;
    }
    if (*at != NULL) {
        struct scene_ring *scene = *at;
        *at = scene->next;
        ring->n_scenes--;
        empty(scene);
        free(scene);
    }
    pthread_mutex_unlock(&ring->lock);
}

/* Which steps lead from base to version? false: none do. Steps come in order. */
static bool walk_locked(const struct scene_ring *scene, uint64_t epoch, uint64_t base,
                        uint64_t version, size_t max_bytes, const struct step **steps,
                        size_t *n_steps) {
    uint64_t at = base;
    size_t size_bytes = 0, n_tiles = 0;
    *n_steps = 0;
    for (size_t i = 0; i < scene->n_steps && at != version; i++) {
        const struct step *step = &scene->steps[(scene->first + i) % LIMIT_TILE_VERSIONS];
        if (step->epoch == epoch && step->base == at && step->version <= version) {
            at = step->version;
            size_bytes += step->size_bytes;
            n_tiles += step->n_tiles;
            steps[(*n_steps)++] = step;
        }
    }
    return at == version && size_bytes <= max_bytes && n_tiles <= TILES_AT_ONCE_MAX;
}

static size_t collect(const struct step *const *steps, size_t n_steps, struct tile **tiles) {
    size_t n_tiles = 0, used = 0;
    for (size_t i = 0; i < n_steps; i++) {
        n_tiles += steps[i]->n_tiles;
    }
    *tiles = calloc(n_tiles, sizeof **tiles);
    for (size_t i = 0; i < n_steps && *tiles != NULL; i++) {
        for (size_t k = 0; k < steps[i]->n_tiles; k++) {
            (*tiles)[used] = steps[i]->tiles[k];
            lg_bytes_ref((*tiles)[used++].png);
        }
    }
    return used;
}

size_t tile_ring_get(struct tile_ring *ring, const char *name, uint64_t epoch, uint64_t base,
                     uint64_t version, size_t max_bytes, struct tile **tiles) {
    const struct step *steps[LIMIT_TILE_VERSIONS];
    size_t n_steps, n_tiles = 0;
    *tiles = NULL;
    pthread_mutex_lock(&ring->lock);
    const struct scene_ring *scene = find_locked(ring, name);
    if (scene != NULL && base < version &&
        walk_locked(scene, epoch, base, version, max_bytes, steps, &n_steps)) {
        n_tiles = collect(steps, n_steps, tiles);
    }
    pthread_mutex_unlock(&ring->lock);
    return n_tiles;
}
