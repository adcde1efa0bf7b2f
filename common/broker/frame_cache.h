/* The newest frame and the newest announced version of each scene. Last value
 * only: a newer frame replaces the one before, whoever still holds that keeps
 * its own reference. All functions: any thread, one short lock. */
#ifndef LEGGIO_COMMON_BROKER_FRAME_CACHE_H
#define LEGGIO_COMMON_BROKER_FRAME_CACHE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/frame.h"

struct frame_cache;

struct frame_cache *frame_cache_create(void);
void frame_cache_destroy(struct frame_cache *cache);

/* With a reference for the caller; NULL when there is none. */
struct frame *frame_cache_get(struct frame_cache *cache, const char *scene);

/* Put a sealed frame; takes over one reference. 0; LG_EOLD when the cache has
 * this version of the same epoch (with a dense form, if this one has it) or a
 * newer one; LG_ETOOLARGE when LIMIT_SCENES are there. The reference is dropped
 * on failure. */
int frame_cache_give(struct frame_cache *cache, struct frame *frame);

/* Remember that a scene has this version. A version of another epoch replaces,
 * one of the same epoch only rises. */
void frame_cache_announce(struct frame_cache *cache, const char *scene, uint64_t epoch,
                          uint64_t version);

/* Newest version known, by frame or announcement. false: scene unknown. */
bool frame_cache_version(struct frame_cache *cache, const char *scene, uint64_t *epoch,
                         uint64_t *version);

/* For metrics: when the newest frame of all was drawn (wall clock, 0 = there is
 * none), and by how many versions the frame of a scene is behind what was
 * announced of it, at most. */
void frame_cache_facts(struct frame_cache *cache, int64_t *drawn_wall_us, uint64_t *n_behind);

/* Forget a scene. */
void frame_cache_drop(struct frame_cache *cache, const char *scene);

#endif
