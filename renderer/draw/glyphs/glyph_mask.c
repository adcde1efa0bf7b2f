/* The cache of masks: a slot for each hash of outline, matrix and phase, newcomers drive out; all
 * of it is dropped when it has grown too large. */
#include "renderer/draw/glyphs/glyph_mask.h"

#include <math.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#define MASK_SIDE_MAX   96
#define CACHE_SLOTS     8192
#define CACHE_BYTES_MAX (16u * 1024 * 1024)

/* What a mask depends on. */
struct mask_key {
    struct glyph_outline *outline;
    double xx, yx, xy, yy;
    int phase_x, phase_y;
};

struct mask_slot {
    struct mask_key key; /* owned reference of the outline, so that its address is not used again */
    int left, top, width, height; /* against the whole pixel of the origin */
    uint8_t *pixels;              /* owned, width x height; NULL = free slot */
};

static struct {
    pthread_mutex_t lock;
    struct mask_slot slots[CACHE_SLOTS];
    size_t size_bytes;
} cache = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* Corners of an outline's box under the matrix, without its translation. */
static void bounds_of(const struct glyph_outline *outline, const cairo_matrix_t *matrix,
                      double bounds[4]) {
    const double *box = outline->box;
    bounds[0] = bounds[1] = INFINITY;
    bounds[2] = bounds[3] = -INFINITY;
    for (int i = 0; i < 4; i++) {
        double x = box[0] + (i % 2 == 1 ? box[2] : 0), y = box[1] + (i >= 2 ? box[3] : 0);
        cairo_matrix_transform_distance(matrix, &x, &y);
        bounds[0] = fmin(bounds[0], x);
        bounds[1] = fmin(bounds[1], y);
        bounds[2] = fmax(bounds[2], x);
        bounds[3] = fmax(bounds[3], y);
    }
}

bool glyph_mask_is_small(const struct glyph_outline *outline, const cairo_matrix_t *matrix) {
    double bounds[4];
    bounds_of(outline, matrix, bounds);
    for (int i = 0; i < 4; i++) {
        if (!(fabs(bounds[i]) < 4 * MASK_SIDE_MAX)) {
            return false;
        }
    }
    return bounds[2] - bounds[0] < MASK_SIDE_MAX - 4 && bounds[3] - bounds[1] < MASK_SIDE_MAX - 4;
}

static void free_slot(struct mask_slot *slot) {
    if (slot->pixels != NULL) {
        cache.size_bytes -= (size_t)slot->width * (size_t)slot->height;
        free(slot->pixels);
        glyph_outline_unref(slot->key.outline);
        memset(slot, 0, sizeof(*slot));
    }
}

static bool draw_into(struct mask_slot *slot) {
    const struct mask_key *key = &slot->key;
    cairo_surface_t *surface =
        cairo_image_surface_create(CAIRO_FORMAT_A8, slot->width, slot->height);
    cairo_t *cr = cairo_create(surface);
    const cairo_matrix_t matrix = {key->xx,
                                   key->yx,
                                   key->xy,
                                   key->yy,
                                   (double)key->phase_x / GLYPH_MASK_PHASES - slot->left,
                                   (double)key->phase_y / GLYPH_MASK_PHASES - slot->top};
    const cairo_path_t path = {CAIRO_STATUS_SUCCESS, key->outline->data, key->outline->num_data};
    cairo_set_matrix(cr, &matrix);
    cairo_append_path(cr, &path);
    cairo_fill(cr);
    cairo_destroy(cr);
    cairo_surface_flush(surface);
    bool is_done = cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS;
    const uint8_t *from = cairo_image_surface_get_data(surface);
    size_t stride = (size_t)cairo_image_surface_get_stride(surface), width = (size_t)slot->width;
    for (size_t y = 0; is_done && y < (size_t)slot->height; y++) {
        memcpy(slot->pixels + y * width, from + y * stride, width);
    }
    cairo_surface_destroy(surface);
    return is_done;
}

/* Into a free slot; takes a reference of the outline. */
static bool fill_slot(struct mask_slot *slot, const struct mask_key *key) {
    const cairo_matrix_t matrix = {key->xx, key->yx, key->xy, key->yy, 0, 0};
    double bounds[4];
    bounds_of(key->outline, &matrix, bounds);
    slot->key = *key;
    slot->left = (int)floor(bounds[0]) - 1;
    slot->top = (int)floor(bounds[1]) - 1;
    slot->width = (int)ceil(bounds[2]) + 2 - slot->left;
    slot->height = (int)ceil(bounds[3]) + 2 - slot->top;
    slot->pixels = malloc((size_t)slot->width * (size_t)slot->height);
    if (slot->pixels == NULL || !draw_into(slot)) {
        free(slot->pixels);
        memset(slot, 0, sizeof(*slot));
        return false;
    }
    glyph_outline_ref(key->outline);
    cache.size_bytes += (size_t)slot->width * (size_t)slot->height;
    return true;
}

static const struct mask_slot *find_locked(const struct mask_key *key) {
    struct mask_slot *slot = &cache.slots[XXH3_64bits(key, sizeof(*key)) % CACHE_SLOTS];
    if (slot->pixels != NULL && memcmp(&slot->key, key, sizeof(*key)) == 0) {
        return slot;
    }
    free_slot(slot);
    for (size_t i = 0; cache.size_bytes > CACHE_BYTES_MAX && i < CACHE_SLOTS; i++) {
        free_slot(&cache.slots[i]);
    }
    return fill_slot(slot, key) ? slot : NULL;
}

static void add_pixels(const struct mask_slot *from, int x, int y, cairo_surface_t *pixels) {
    int stride = cairo_image_surface_get_stride(pixels);
    int x0 = x < 0 ? -x : 0, y0 = y < 0 ? -y : 0;
    int x1 = cairo_image_surface_get_width(pixels) - x;
    int y1 = cairo_image_surface_get_height(pixels) - y;
    uint8_t *data = cairo_image_surface_get_data(pixels);
    x1 = x1 < from->width ? x1 : from->width;
    y1 = y1 < from->height ? y1 : from->height;
    for (int row = y0; row < y1; row++) {
        const uint8_t *source = from->pixels + row * from->width;
        uint8_t *to = data + (ptrdiff_t)(y + row) * stride + x;
        for (int column = x0; column < x1; column++) {
            unsigned sum = (unsigned)to[column] + source[column];
            to[column] = (uint8_t)(sum > 255 ? 255 : sum);
        }
    }
}

bool glyph_mask_add(struct glyph_outline *outline, const cairo_matrix_t *matrix, double x, double y,
                    cairo_surface_t *pixels) {
    double whole_x = floor(x), whole_y = floor(y);
    struct mask_key key;
    memset(&key, 0, sizeof(key)); /* compared as bytes */
    key.outline = outline;
    key.xx = matrix->xx;
    key.yx = matrix->yx;
    key.xy = matrix->xy;
    key.yy = matrix->yy;
    key.phase_x = (int)floor((x - whole_x) * GLYPH_MASK_PHASES + 0.5);
    key.phase_y = (int)floor((y - whole_y) * GLYPH_MASK_PHASES + 0.5);
    if (key.phase_x == GLYPH_MASK_PHASES) {
        key.phase_x = 0;
        whole_x++;
    }
    if (key.phase_y == GLYPH_MASK_PHASES) {
        key.phase_y = 0;
        whole_y++;
    }
    pthread_mutex_lock(&cache.lock);
    const struct mask_slot *slot = find_locked(&key);
    if (slot != NULL) {
        add_pixels(slot, (int)whole_x + slot->left, (int)whole_y + slot->top, pixels);
    }
    pthread_mutex_unlock(&cache.lock);
    return slot != NULL;
}
