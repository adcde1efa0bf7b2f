/* Glyphs as outlines in local units: placed exactly (cairo rounds shown glyphs
 * to whole pixels), and without a font on the draw thread. The outlines are
 * shared (glyph_outline.c). Fonts without outlines (emoji bitmaps) are shown by
 * cairo. */
#include "renderer/draw/glyphs/resource_glyphs.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "common/err.h"
#include "renderer/draw/glyphs/glyph_mask.h"
#include "renderer/draw/glyphs/glyph_outline.h"

/* A mask has at most so many pixels, all kept ones together so many bytes. */
#define MASK_PIXELS_MAX     (1024.0 * 1024)
#define MASK_BUDGET_BYTES   (32l * 1024 * 1024)
#define MASK_OVERHEAD_BYTES 1024 /* of cairo and pixman for each */

static atomic_long mask_bytes;

static bool can_be_drawn(const struct glyph_run *run, const cairo_glyph_t *glyph) {
    return run->face != NULL && isfinite(run->size) && run->size > 0 && run->size <= 1e6 &&
           isfinite(glyph->x) && isfinite(glyph->y) && fabs(glyph->x) < 1e8 && fabs(glyph->y) < 1e8;
}

/* The same hash = the same glyphs of the same face at the same places. */
static uint64_t hash_run(const struct glyph_run *run, uint64_t seed) {
    double look[6] = {run->has_color ? 1 : 0, run->r, run->g, run->b, run->a, run->size};
    seed = XXH3_64bits_withSeed(look, sizeof(look), seed);
    seed = XXH3_64bits_withSeed(&run->shape, sizeof(run->shape), seed);
    seed = XXH3_64bits_withSeed(&run->face, sizeof(run->face), seed);
    for (int i = 0; i < run->n_glyphs; i++) {
        double at[3] = {(double)run->glyphs[i].index, run->glyphs[i].x, run->glyphs[i].y};
        seed = XXH3_64bits_withSeed(at, sizeof(at), seed);
    }
    return seed;
}

/* Corners of the ink so far, widened by one glyph. */
static void widen(double corners[4], const struct glyph_outline *outline,
                  const struct glyph_run *run, const cairo_glyph_t *glyph) {
    const double *box = outline->box;
    corners[0] = fmin(corners[0], glyph->x + run->size * box[0]);
    corners[1] = fmin(corners[1], glyph->y + run->size * box[1]);
    corners[2] = fmax(corners[2], glyph->x + run->size * (box[0] + box[2]));
    corners[3] = fmax(corners[3], glyph->y + run->size * (box[1] + box[3]));
}

static int outline_run(struct resource_glyphs *glyphs, const struct glyph_run *run,
                       size_t first_glyph, double corners[4]) {
    size_t n_points = 0;
    for (int i = 0; i < run->n_glyphs; i++) {
        const cairo_glyph_t *glyph = &run->glyphs[i];
        if (!can_be_drawn(run, glyph)) {
            continue;
        }
        struct glyph_outline *outline = glyph_outline_get(run->face, &run->shape, glyph->index);
        if (outline == NULL) {
            return LG_ENOMEM;
        }
        glyphs->outlines[first_glyph + (size_t)i] = outline;
        n_points += (size_t)outline->num_data;
        if (outline->num_data > 0) {
            widen(corners, outline, run, glyph);
        }
    }
    glyphs->n_points += n_points;
    glyphs->is_plain = glyphs->is_plain && !run->has_color && (n_points > 0 || run->n_glyphs == 0);
    return 0;
}

int resource_glyphs_outline(struct resource_glyphs *glyphs, uint64_t *hash) {
    size_t n_glyphs = 0;
    for (size_t i = 0; i < glyphs->n_runs; i++) {
        n_glyphs += (size_t)glyphs->runs[i].n_glyphs;
    }
    glyphs->outlines = calloc(n_glyphs + 1, sizeof(struct glyph_outline *));
    if (glyphs->outlines == NULL) {
        return LG_ENOMEM;
    }
    glyphs->n_outlines = n_glyphs;
    glyphs->is_plain = true;
    double corners[4] = {INFINITY, INFINITY, -INFINITY, -INFINITY};
    uint64_t seed = glyphs->n_runs;
    size_t first_glyph = 0;
    for (size_t i = 0; i < glyphs->n_runs; i++) {
        int rc = outline_run(glyphs, &glyphs->runs[i], first_glyph, corners);
        if (rc != 0) {
            return rc;
        }
        seed = hash_run(&glyphs->runs[i], seed);
        first_glyph += (size_t)glyphs->runs[i].n_glyphs;
    }
    if (corners[0] <= corners[2]) {
        glyphs->ink[0] = corners[0];
        glyphs->ink[1] = corners[1];
        glyphs->ink[2] = corners[2] - corners[0];
        glyphs->ink[3] = corners[3] - corners[1];
    }
    glyphs->has_lock = pthread_mutex_init(&glyphs->lock, NULL) == 0;
    *hash = seed;
    return 0;
}

bool resource_glyphs_append(const struct resource_glyphs *glyphs, size_t run_i, cairo_t *cr) {
    const struct glyph_run *run = &glyphs->runs[run_i];
    size_t first_glyph = 0;
    bool has_points = false;
    for (size_t i = 0; i < run_i; i++) {
        first_glyph += (size_t)glyphs->runs[i].n_glyphs;
    }
    for (int i = 0; i < run->n_glyphs; i++) {
        struct glyph_outline *outline = glyphs->outlines[first_glyph + (size_t)i];
        if (outline == NULL || outline->num_data == 0) {
            continue;
        }
        const cairo_path_t path = {CAIRO_STATUS_SUCCESS, outline->data, outline->num_data};
        cairo_matrix_t before;
        cairo_get_matrix(cr, &before);
        cairo_translate(cr, run->glyphs[i].x, run->glyphs[i].y);
        cairo_scale(cr, run->size, run->size);
        cairo_append_path(cr, &path);
        cairo_set_matrix(cr, &before);
        has_points = true;
    }
    return has_points;
}

/* One glyph's outline at its place. */
static cairo_path_data_t *place_outline(const struct glyph_outline *outline,
                                        const struct glyph_run *run, const cairo_glyph_t *glyph,
                                        cairo_path_data_t *to) {
    for (int i = 0; i < outline->num_data; i += outline->data[i].header.length) {
        to[i].header = outline->data[i].header;
        for (int j = 1; j < outline->data[i].header.length; j++) {
            to[i + j].point.x = outline->data[i + j].point.x * run->size + glyph->x;
            to[i + j].point.y = outline->data[i + j].point.y * run->size + glyph->y;
        }
    }
    return to + outline->num_data;
}

int resource_glyphs_path(const struct resource_glyphs *glyphs, size_t run_i, cairo_path_t *path) {
    const struct glyph_run *run = &glyphs->runs[run_i];
    struct glyph_outline **outlines = glyphs->outlines;
    size_t n = 0;
    for (size_t i = 0; i < run_i; i++) {
        outlines += glyphs->runs[i].n_glyphs;
    }
    for (int i = 0; i < run->n_glyphs; i++) {
        n += outlines[i] != NULL ? (size_t)outlines[i]->num_data : 0;
    }
    cairo_path_data_t *data = n < (size_t)INT32_MAX ? calloc(n + 1, sizeof(*data)) : NULL;
    if (data == NULL) {
        return LG_ENOMEM;
    }
    cairo_path_data_t *at = data;
    for (int i = 0; i < run->n_glyphs; i++) {
        at = outlines[i] != NULL ? place_outline(outlines[i], run, &run->glyphs[i], at) : at;
    }
    *path = (cairo_path_t){CAIRO_STATUS_SUCCESS, data, (int)n};
    return 0;
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
        if (resource_glyphs_append(glyphs, i, cr)) {
            cairo_fill(cr);
        }
    }
    cairo_destroy(cr);
    cairo_surface_flush(surface);
    if (cairo_surface_status(surface) != CAIRO_STATUS_SUCCESS) {
        cairo_surface_destroy(surface);
        return NULL;
    }
    return surface;
}

static cairo_matrix_t em_to_pixels(const struct glyph_run *run, const cairo_matrix_t *matrix) {
    return (cairo_matrix_t){matrix->xx * run->size,
                            matrix->yx * run->size,
                            matrix->xy * run->size,
                            matrix->yy * run->size,
                            0,
                            0};
}

static bool are_small(const struct resource_glyphs *glyphs, const cairo_matrix_t *matrix) {
    struct glyph_outline **outlines = glyphs->outlines;
    for (size_t i = 0; i < glyphs->n_runs; i++) {
        cairo_matrix_t em = em_to_pixels(&glyphs->runs[i], matrix);
        for (int j = 0; j < glyphs->runs[i].n_glyphs; j++, outlines++) {
            if (*outlines != NULL && !glyph_mask_is_small(*outlines, &em)) {
                return false;
            }
        }
    }
    return true;
}

/* Letter by letter; cheap, so not kept. */
static cairo_surface_t *compose_mask(const struct resource_glyphs *glyphs,
                                     const cairo_matrix_t *matrix, struct rect_px rect) {
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_A8, rect.width, rect.height);
    bool is_done = cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS;
    struct glyph_outline **outlines = glyphs->outlines;
    for (size_t i = 0; is_done && i < glyphs->n_runs; i++) {
        const struct glyph_run *run = &glyphs->runs[i];
        cairo_matrix_t em = em_to_pixels(run, matrix);
        for (int j = 0; is_done && j < run->n_glyphs; j++, outlines++) {
            if (*outlines != NULL && (*outlines)->num_data > 0) {
                double x = run->glyphs[j].x, y = run->glyphs[j].y;
                cairo_matrix_transform_point(matrix, &x, &y);
                is_done = glyph_mask_add(*outlines, &em, x - rect.x, y - rect.y, surface);
            }
        }
    }
    cairo_surface_mark_dirty(surface);
    if (!is_done) {
        cairo_surface_destroy(surface);
        return NULL;
    }
    return surface;
}

/* The kept one, or a fresh one that is kept while there is room. */
static cairo_surface_t *take_mask(struct resource_glyphs *glyphs, const cairo_matrix_t *phase,
                                  struct rect_px rect) {
    struct glyph_mask *mask = &glyphs->mask;
    if (mask->surface != NULL && memcmp(&mask->matrix, phase, sizeof(*phase)) == 0) {
        return cairo_surface_reference(mask->surface);
    }
    drop_mask(mask);
    cairo_surface_t *surface = draw_mask(glyphs, phase, rect);
    long size = (long)rect.width * rect.height + MASK_OVERHEAD_BYTES;
    if (surface != NULL && atomic_fetch_add(&mask_bytes, size) + size > MASK_BUDGET_BYTES) {
        atomic_fetch_sub(&mask_bytes, size);
    } else if (surface != NULL) {
        *mask = (struct glyph_mask){cairo_surface_reference(surface), *phase, size};
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
    if (are_small(glyphs, &phase)) {
        surface = compose_mask(glyphs, &phase, rect);
    } else {
        pthread_mutex_lock(&glyphs->lock);
        surface = take_mask(glyphs, &phase, rect);
        pthread_mutex_unlock(&glyphs->lock);
    }
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
    for (size_t i = 0; i < glyphs->n_outlines; i++) {
        glyph_outline_unref(glyphs->outlines[i]);
    }
    free(glyphs->outlines);
    free(glyphs->runs);
    memset(glyphs, 0, sizeof(*glyphs));
}
