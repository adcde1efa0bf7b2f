/* Glyphs as outlines in local units: placed exactly (cairo rounds shown glyphs
 * to whole pixels), and without a font on the draw thread. Fonts without
 * outlines (emoji bitmaps) keep their runs and are shown by cairo. */
#include "renderer/draw/resource_glyphs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "common/err.h"
#include "renderer/draw/resource.h"

/* Size at which outlines are taken, device units per em: cairo keeps 1/256 of a unit. */
#define OUTLINE_EM 512.0
#define CACHE_SLOTS 64

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
        glyphs->all.data = buffer.data;
        glyphs->all.num_data = (int)buffer.n;
        for (size_t i = 0; i < glyphs->n_runs; i++) {
            glyphs->paths[i].data = buffer.data + starts[i];
            glyphs->paths[i].num_data = (int)(starts[i + 1] - starts[i]);
        }
        resource_path_box(&glyphs->all, glyphs->ink);
        *hash = seed;
    } else {
        free(buffer.data);
    }
    free(starts);
    cairo_surface_destroy(scratch);
    return rc;
}

void resource_glyphs_finish(struct resource_glyphs *glyphs) {
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
