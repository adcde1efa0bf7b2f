/* Glyphs as outlines in local units: placed exactly (cairo rounds shown glyphs
 * to whole pixels), and without a font on the draw thread. Fonts without
 * outlines (emoji bitmaps) keep their runs and are shown by cairo. */
#include "renderer/draw/resource_glyphs.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "common/err.h"
#include "renderer/draw/resource.h"

/* Size at which outlines are taken, device units per em: cairo keeps 1/256 of a unit. */
#define OUTLINE_EM  512.0
#define CACHE_SLOTS 64

/* A mask has at most so many pixels, all kept ones together so many bytes. */
#define MASK_PIXELS_MAX   (1024.0 * 1024)
#define MASK_BUDGET_BYTES (32l * 1024 * 1024)

static atomic_long mask_bytes;

struct outline_buffer {
    cairo_path_data_t *data;
    size_t n, capacity;
};

struct outline_cache {
    unsigned long index[CACHE_SLOTS];
    cairo_path_t *path[CACHE_SLOTS];
};

static int reserve(struct outline_buffer *buffer, size_t more) {
    if (buffer->n + more <= buffer->capacity) {
        return 0;
    }
    size_t capacity = (buffer->n + more) * 2;
    cairo_path_data_t *data = realloc(buffer->data, capacity * sizeof(*data));
    if (data == NULL || capacity > (size_t)INT32_MAX) {
        buffer->data = data != NULL ? data : buffer->data;
        return LG_ENOMEM;
    }
    buffer->data = data;
    buffer->capacity = capacity;
    return 0;
}

static int append(struct outline_buffer *buffer, const cairo_path_t *path, double dx, double dy) {
    if (path->num_data <= 0) {
        return 0;
    }
    if (reserve(buffer, (size_t)path->num_data) != 0) {
        return LG_ENOMEM;
    }
    cairo_path_data_t *to = buffer->data + buffer->n;
    memset(to, 0, (size_t)path->num_data * sizeof(*to));
    for (int i = 0; i < path->num_data; i += path->data[i].header.length) {
        to[i].header.type = path->data[i].header.type;
        to[i].header.length = path->data[i].header.length;
        for (int j = 1; j < path->data[i].header.length; j++) {
            to[i + j].point.x = path->data[i + j].point.x + dx;
            to[i + j].point.y = path->data[i + j].point.y + dy;
        }
    }
    buffer->n += (size_t)path->num_data;
    return 0;
}

static const cairo_path_t *glyph_outline(cairo_t *cr, struct outline_cache *cache,
                                         unsigned long index) {
    size_t slot = index % CACHE_SLOTS;
    if (cache->path[slot] == NULL || cache->index[slot] != index) {
        cairo_glyph_t glyph = {.index = index};
        if (cache->path[slot] != NULL) {
            cairo_path_destroy(cache->path[slot]);
        }
        cairo_new_path(cr);
        cairo_glyph_path(cr, &glyph, 1);
        cache->path[slot] = cairo_copy_path(cr);
        cache->index[slot] = index;
    }
    return cache->path[slot];
}

static int outline_run(cairo_surface_t *scratch, const struct glyph_run *run,
                       struct outline_buffer *buffer) {
    if (run->face == NULL || !isfinite(run->size) || run->size <= 0 || run->size > 1e6) {
        return 0;
    }
    cairo_t *cr = cairo_create(scratch);
    double scale = OUTLINE_EM / run->size;
    cairo_matrix_t font = run->shape;
    cairo_matrix_t size;
    cairo_matrix_init_scale(&size, run->size, run->size);
    cairo_matrix_multiply(&font, &font, &size);
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    cairo_scale(cr, scale, scale);
    cairo_set_font_face(cr, run->face);
    cairo_set_font_matrix(cr, &font);
    cairo_set_font_options(cr, options);
    struct outline_cache cache = {{0}, {0}};
    int rc = 0;
    for (int i = 0; i < run->n_glyphs && rc == 0; i++) {
        const cairo_glyph_t *glyph = &run->glyphs[i];
        if (isfinite(glyph->x) && isfinite(glyph->y) && fabs(glyph->x) < 1e8 &&
            fabs(glyph->y) < 1e8) {
            rc = append(buffer, glyph_outline(cr, &cache, glyph->index), glyph->x, glyph->y);
        }
    }
    for (size_t i = 0; i < CACHE_SLOTS; i++) {
        if (cache.path[i] != NULL) {
            cairo_path_destroy(cache.path[i]);
        }
    }
    cairo_font_options_destroy(options);
    cairo_destroy(cr);
    return rc;
}

/* A run without outline is told apart by its glyph numbers and face. */
static uint64_t hash_run(const struct glyph_run *run, uint64_t seed) {
    double look[6] = {run->has_color ? 1 : 0, run->r, run->g, run->b, run->a, run->size};
    seed = XXH3_64bits_withSeed(look, sizeof(look), seed);
    seed = XXH3_64bits_withSeed(&run->face, sizeof(run->face), seed);
    for (int i = 0; i < run->n_glyphs; i++) {
        double at[3] = {(double)run->glyphs[i].index, run->glyphs[i].x, run->glyphs[i].y};
        seed = XXH3_64bits_withSeed(at, sizeof(at), seed);
    }
    return seed;
}

int resource_glyphs_outline(struct resource_glyphs *glyphs, uint64_t *hash) {
    struct outline_buffer buffer = {0};
    cairo_surface_t *scratch = cairo_image_surface_create(CAIRO_FORMAT_A8, 1, 1);
    size_t *starts = calloc(glyphs->n_runs + 1, sizeof(*starts));
    glyphs->paths = calloc(glyphs->n_runs + 1, sizeof(*glyphs->paths));
    int rc = starts == NULL || glyphs->paths == NULL ? LG_ENOMEM : 0;
    uint64_t seed = glyphs->n_runs;
    for (size_t i = 0; i < glyphs->n_runs && rc == 0; i++) {
        starts[i] = buffer.n;
        rc = outline_run(scratch, &glyphs->runs[i], &buffer);
        seed = hash_run(&glyphs->runs[i], seed);
    }
    if (rc == 0) {
        starts[glyphs->n_runs] = buffer.n;
        cairo_path_data_t *cut = realloc(buffer.data, (buffer.n + 1) * sizeof(*cut));
        buffer.data = cut != NULL ? cut : buffer.data; /* scores have many texts */
        glyphs->all.data = buffer.data;
        glyphs->all.num_data = (int)buffer.n;
        for (size_t i = 0; i < glyphs->n_runs; i++) {
            glyphs->paths[i].data = buffer.data + starts[i];
            glyphs->paths[i].num_data = (int)(starts[i + 1] - starts[i]);
        }
        resource_path_box(&glyphs->all, glyphs->ink);
        glyphs->is_plain = true;
        for (size_t i = 0; i < glyphs->n_runs; i++) {
            glyphs->is_plain = glyphs->is_plain && !glyphs->runs[i].has_color &&
                               (glyphs->paths[i].num_data > 0 || glyphs->runs[i].n_glyphs == 0);
        }
        glyphs->has_lock = pthread_mutex_init(&glyphs->lock, NULL) == 0;
        *hash = seed;
    } else {
        free(buffer.data);
    }
    free(starts);
    cairo_surface_destroy(scratch);
    return rc;
}

/* -- masks ---------------------------------------------------------------- */

static void drop_mask(struct glyph_mask *mask) {
    if (mask->surface != NULL) {
        atomic_fetch_sub(&mask_bytes, mask->size_bytes);
        cairo_surface_destroy(mask->surface);
        mask->surface = NULL;
    }
}

/* Pixels around the ink under the matrix; false when there are too many. */
static bool mask_rect(const struct resource_glyphs *glyphs, const cairo_matrix_t *matrix,
                      struct rect_px *rect) {
    const double *ink = glyphs->ink;
    double x0 = INFINITY, y0 = INFINITY, x1 = -INFINITY, y1 = -INFINITY;
    for (int i = 0; i < 4; i++) {
        double x = ink[0] + (i % 2 == 1 ? ink[2] : 0), y = ink[1] + (i >= 2 ? ink[3] : 0);
        cairo_matrix_transform_point(matrix, &x, &y);
        x0 = fmin(x0, x);
        y0 = fmin(y0, y);
        x1 = fmax(x1, x);
        y1 = fmax(y1, y);
    }
    x0 = floor(x0) - 1;
    y0 = floor(y0) - 1;
    double width = ceil(x1) + 1 - x0, height = ceil(y1) + 1 - y0;
    if (!(width * height <= MASK_PIXELS_MAX && width < 16384 && height < 16384 && fabs(x0) < 1e6 &&
          fabs(y0) < 1e6)) {
        return false;
    }
    *rect = (struct rect_px){(int)x0, (int)y0, (int)width, (int)height};
    return true;
}

static cairo_surface_t *draw_mask(const struct resource_glyphs *glyphs,
                                  const cairo_matrix_t *matrix, struct rect_px rect) {
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_A8, rect.width, rect.height);
    cairo_t *cr = cairo_create(surface);
    cairo_translate(cr, -rect.x, -rect.y);
    cairo_transform(cr, matrix);
    for (size_t i = 0; i < glyphs->n_runs; i++) {
        cairo_append_path(cr, &glyphs->paths[i]);
        cairo_fill(cr);
    }
    cairo_destroy(cr);
    cairo_surface_flush(surface);
    if (cairo_surface_status(surface) != CAIRO_STATUS_SUCCESS) {
        cairo_surface_destroy(surface);
        return NULL;
    }
    return surface;
}

cairo_surface_t *resource_glyphs_mask(struct resource_glyphs *glyphs, const cairo_matrix_t *matrix,
                                      int *x, int *y) {
    struct rect_px rect;
    cairo_matrix_t phase = *matrix;
    phase.x0 -= floor(matrix->x0);
    phase.y0 -= floor(matrix->y0);
    if (!glyphs->is_plain || !glyphs->has_lock || !mask_rect(glyphs, &phase, &rect)) {
        return NULL;
    }
    cairo_surface_t *surface;
    pthread_mutex_lock(&glyphs->lock);
    struct glyph_mask *mask = &glyphs->mask;
    if (mask->surface != NULL && memcmp(&mask->matrix, &phase, sizeof(phase)) == 0) {
        surface = cairo_surface_reference(mask->surface);
    } else {
        drop_mask(mask);
        surface = draw_mask(glyphs, &phase, rect);
        long size = (long)rect.width * rect.height;
        if (surface != NULL && atomic_fetch_add(&mask_bytes, size) + size > MASK_BUDGET_BYTES) {
            atomic_fetch_sub(&mask_bytes, size);
        } else if (surface != NULL) {
            *mask = (struct glyph_mask){cairo_surface_reference(surface), phase, size};
        }
    }
    pthread_mutex_unlock(&glyphs->lock);
    *x = rect.x + (int)floor(matrix->x0);
    *y = rect.y + (int)floor(matrix->y0);
    return surface;
}

void resource_glyphs_finish(struct resource_glyphs *glyphs) {
    drop_mask(&glyphs->mask);
    if (glyphs->has_lock) {
        pthread_mutex_destroy(&glyphs->lock);
    }
    for (size_t i = 0; i < glyphs->n_runs; i++) {
        if (glyphs->runs[i].face != NULL) {
            cairo_font_face_destroy(glyphs->runs[i].face);
        }
        free(glyphs->runs[i].glyphs);
    }
    free(glyphs->runs);
    free(glyphs->paths);
    free(glyphs->all.data);
    memset(glyphs, 0, sizeof(*glyphs));
}
