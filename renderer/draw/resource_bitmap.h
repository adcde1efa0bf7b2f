/* Pixels of a bitmap and its smaller copies; part of resource.c. */
#ifndef LEGGIO_DRAW_RESOURCE_BITMAP_H
#define LEGGIO_DRAW_RESOURCE_BITMAP_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include <cairo.h>

#define RESOURCE_BITMAP_LEVELS 16

struct resource_bitmap_level {
    uint8_t *pixels;
    int width, height, stride;
};

struct resource_bitmap {
    cairo_surface_t *surface; /* owned; holds the pixels of level 0 */
    struct resource_bitmap_level levels[RESOURCE_BITMAP_LEVELS];
    int n_levels; /* made so far; under lock */
    pthread_mutex_t lock;
    bool has_lock;
};

/* Takes over the surface, on success only. 0, LG_EBADREQUEST (not an ARGB32 image) or LG_ENOMEM. */
int resource_bitmap_init(struct resource_bitmap *bitmap, cairo_surface_t *surface);
void resource_bitmap_finish(struct resource_bitmap *bitmap);
uint64_t resource_bitmap_hash(const struct resource_bitmap *bitmap);
cairo_surface_t *resource_bitmap_level(struct resource_bitmap *bitmap, int *level);

#endif
