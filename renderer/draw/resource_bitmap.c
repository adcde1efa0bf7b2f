/* Bitmaps: each level halves the one before (a box of 2 x 2 premultiplied
 * pixels), made when a painter first wants it. */
#include "renderer/draw/resource_bitmap.h"

#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "common/err.h"

int resource_bitmap_init(struct resource_bitmap *bitmap, cairo_surface_t *surface) {
    if (surface == NULL || cairo_surface_status(surface) != CAIRO_STATUS_SUCCESS ||
        cairo_surface_get_type(surface) != CAIRO_SURFACE_TYPE_IMAGE ||
        cairo_image_surface_get_format(surface) != CAIRO_FORMAT_ARGB32) {
        return LG_EBADREQUEST;
    }
    if (pthread_mutex_init(&bitmap->lock, NULL) != 0) {
        return LG_ENOMEM;
    }
    cairo_surface_flush(surface);
    bitmap->has_lock = true;
    bitmap->surface = surface;
    bitmap->n_levels = 1;
    bitmap->levels[0] = (struct resource_bitmap_level){
        .pixels = cairo_image_surface_get_data(surface),
        .width = cairo_image_surface_get_width(surface),
        .height = cairo_image_surface_get_height(surface),
        .stride = cairo_image_surface_get_stride(surface),
    };
    return 0;
}

void resource_bitmap_finish(struct resource_bitmap *bitmap) {
    if (!bitmap->has_lock) {
        return;
    }
    for (int i = 1; i < bitmap->n_levels; i++) {
        free(bitmap->levels[i].pixels);
    }
    cairo_surface_destroy(bitmap->surface);
    pthread_mutex_destroy(&bitmap->lock);
    memset(bitmap, 0, sizeof(*bitmap));
}

uint64_t resource_bitmap_hash(const struct resource_bitmap *bitmap) {
    const struct resource_bitmap_level *level = &bitmap->levels[0];
    uint64_t hash = ((uint64_t)(uint32_t)level->width << 32) | (uint32_t)level->height;
    for (int y = 0; y < level->height; y++) {
        hash = XXH3_64bits_withSeed(level->pixels + (size_t)y * (size_t)level->stride,
                                    (size_t)level->width * 4, hash);
    }
    return hash;
}

/* Average of four pixels, each channel rounded. */
static uint32_t average(uint32_t a, uint32_t b, uint32_t c, uint32_t d) {
    uint32_t out = 0;
    for (unsigned shift = 0; shift < 32; shift += 8) {
        uint32_t sum = ((a >> shift) & 255) + ((b >> shift) & 255) + ((c >> shift) & 255) +
                       ((d >> shift) & 255);
        out |= ((sum + 2) / 4) << shift;
    }
    return out;
}

static uint32_t pixel_at(const struct resource_bitmap_level *level, int x, int y) {
    x = x < level->width ? x : level->width - 1;
    y = y < level->height ? y : level->height - 1;
    uint32_t pixel;
    memcpy(&pixel, level->pixels + (size_t)y * (size_t)level->stride + (size_t)x * 4, 4);
    return pixel;
}

static int halve(const struct resource_bitmap_level *from, struct resource_bitmap_level *to) {
    to->width = (from->width + 1) / 2;
    to->height = (from->height + 1) / 2;
    to->stride = to->width * 4;
    to->pixels = malloc((size_t)to->stride * (size_t)to->height);
    if (to->pixels == NULL) {
        return LG_ENOMEM;
    }
    for (int y = 0; y < to->height; y++) {
        for (int x = 0; x < to->width; x++) {
            uint32_t pixel =
                average(pixel_at(from, 2 * x, 2 * y), pixel_at(from, 2 * x + 1, 2 * y),
                        pixel_at(from, 2 * x, 2 * y + 1), pixel_at(from, 2 * x + 1, 2 * y + 1));
            memcpy(to->pixels + (size_t)y * (size_t)to->stride + (size_t)x * 4, &pixel, 4);
        }
    }
    return 0;
}

cairo_surface_t *resource_bitmap_level(struct resource_bitmap *bitmap, int *level) {
    pthread_mutex_lock(&bitmap->lock);
    while (bitmap->n_levels <= *level && bitmap->n_levels < RESOURCE_BITMAP_LEVELS) {
        const struct resource_bitmap_level *from = &bitmap->levels[bitmap->n_levels - 1];
        if ((from->width <= 1 && from->height <= 1) ||
            halve(from, &bitmap->levels[bitmap->n_levels]) != 0) {
            break;
        }
        bitmap->n_levels++;
    }
    *level = *level < bitmap->n_levels ? *level : bitmap->n_levels - 1;
    struct resource_bitmap_level found = bitmap->levels[*level];
    pthread_mutex_unlock(&bitmap->lock);
    return cairo_image_surface_create_for_data(found.pixels, CAIRO_FORMAT_ARGB32, found.width,
                                               found.height, found.stride);
}
