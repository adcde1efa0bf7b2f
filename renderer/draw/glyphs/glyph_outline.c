/* The cache of outlines: one slot for each hash of face, shape and glyph number; a newcomer drives
 * out whoever was in its slot, so that what the cache holds is bounded. Texts hold references of
 * their own. */
#include "renderer/draw/glyphs/glyph_outline.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "renderer/draw/resource.h"

/* Size at which outlines are taken, device units per em: cairo keeps 1/256 of a unit. */
#define OUTLINE_EM 512.0
/* About 4 MB when full. */
#define CACHE_SLOTS 4096

struct outline_slot {
    cairo_font_face_t *face; /* owned reference, so that its address is not used again */
    cairo_matrix_t shape;
    unsigned long index;
    struct glyph_outline *outline; /* owned reference; NULL = free */
};

static struct {
    pthread_mutex_t lock;
    struct outline_slot slots[CACHE_SLOTS];
} cache = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* Zeroed padding, as in resource.c. */
static struct glyph_outline *from_path(const cairo_path_t *path) {
    size_t n = path->num_data > 0 ? (size_t)path->num_data : 0;
    struct glyph_outline *outline = calloc(1, sizeof(*outline) + n * sizeof(cairo_path_data_t));
    if (outline == NULL) {
        return NULL;
    }
    atomic_init(&outline->refs, 1);
    outline->num_data = (int)n;
    for (int i = 0; i < (int)n; i += path->data[i].header.length) {
        outline->data[i].header.type = path->data[i].header.type;
        outline->data[i].header.length = path->data[i].header.length;
        for (int j = 1; j < path->data[i].header.length; j++) {
            outline->data[i + j].point.x = path->data[i + j].point.x;
            outline->data[i + j].point.y = path->data[i + j].point.y;
        }
    }
    const cairo_path_t own = {CAIRO_STATUS_SUCCESS, outline->data, outline->num_data};
    resource_path_box(&own, outline->box);
    return outline;
}

static struct glyph_outline *take(cairo_font_face_t *face, const cairo_matrix_t *shape,
                                  unsigned long index) {
    cairo_surface_t *scratch = cairo_image_surface_create(CAIRO_FORMAT_A8, 1, 1);
    cairo_t *cr = cairo_create(scratch);
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    cairo_scale(cr, OUTLINE_EM, OUTLINE_EM);
    cairo_set_font_face(cr, face);
    cairo_set_font_matrix(cr, shape);
    cairo_set_font_options(cr, options);
    const cairo_glyph_t glyph = {.index = index};
    cairo_glyph_path(cr, &glyph, 1);
    cairo_path_t *path = cairo_copy_path(cr);
    bool is_good = cairo_status(cr) == CAIRO_STATUS_SUCCESS; /* else the file could not be opened */
    struct glyph_outline *outline = is_good ? from_path(path) : NULL;
    cairo_path_destroy(path);
    cairo_font_options_destroy(options);
    cairo_destroy(cr);
    cairo_surface_destroy(scratch);
    return outline;
}

static struct outline_slot *slot_of(const cairo_font_face_t *face, const cairo_matrix_t *shape,
                                    unsigned long index) {
    uint64_t hash = XXH3_64bits_withSeed(shape, sizeof(*shape), (uint64_t)(uintptr_t)face);
    hash = XXH3_64bits_withSeed(&index, sizeof(index), hash);
    return &cache.slots[hash % CACHE_SLOTS];
}

struct glyph_outline *glyph_outline_get(cairo_font_face_t *face, const cairo_matrix_t *shape,
                                        unsigned long index) {
    struct outline_slot *slot = slot_of(face, shape, index);
    pthread_mutex_lock(&cache.lock);
    bool is_there = slot->outline != NULL && slot->face == face && slot->index == index &&
                    memcmp(&slot->shape, shape, sizeof(*shape)) == 0;
    struct outline_slot before = {0};
    if (!is_there) {
        before = *slot;
        *slot = (struct outline_slot){.shape = *shape, .index = index};
        slot->outline = take(face, shape, index);
        slot->face = slot->outline != NULL ? cairo_font_face_reference(face) : NULL;
    }
    struct glyph_outline *outline = glyph_outline_ref(slot->outline);
    pthread_mutex_unlock(&cache.lock);
    glyph_outline_unref(before.outline);
    if (before.face != NULL) {
        cairo_font_face_destroy(before.face);
    }
    return outline;
}

struct glyph_outline *glyph_outline_ref(struct glyph_outline *outline) {
    if (outline != NULL) {
        atomic_fetch_add_explicit(&outline->refs, 1, memory_order_relaxed);
    }
    return outline;
}

void glyph_outline_unref(struct glyph_outline *outline) {
    if (outline != NULL &&
        atomic_fetch_sub_explicit(&outline->refs, 1, memory_order_acq_rel) == 1) {
        free(outline);
    }
}
