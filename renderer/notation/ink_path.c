/* Pieces of ink to outlines. Lines become rectangles or capsules, dashes one
 * each; circles four arcs. */
#include "renderer/notation/ink_path.h"

#include <limits.h>
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "renderer/notation/font.h"

#define ARC 0.5522847498307936 /* control points of a quarter circle */

static struct ink_layer *find_layer(struct ink_layers *layers, struct music_color color) {
    for (size_t layer_i = layers->n_layers; layer_i > 0; layer_i--) {
        struct ink_layer *layer = &layers->layers[layer_i - 1];
        if (memcmp(&layer->color, &color, sizeof color) == 0) {
            return layer;
        }
    }
    if (layers->n_layers == layers->capacity) {
        size_t capacity = layers->capacity == 0 ? 4 : layers->capacity * 2;
        struct ink_layer *grown = realloc(layers->layers, capacity * sizeof *grown);
        if (grown == NULL) {
            layers->is_full = true;
            return NULL;
        }
        layers->layers = grown;
        layers->capacity = capacity;
    }
    struct ink_layer *layer = &layers->layers[layers->n_layers++];
    *layer = (struct ink_layer){.color = color};
    return layer;
}

/* Zeroed room for n more elements; NULL when there is none. */
static cairo_path_data_t *room(struct ink_layers *layers, struct ink_layer *layer, int n) {
    if (n > INT_MAX / 2 - layer->num_data) {
        layers->is_full = true;
        return NULL;
    }
    if (layer->num_data + n > layer->capacity) {
        int capacity = layer->capacity < 512 ? 512 : layer->capacity * 2;
        capacity = capacity < layer->num_data + n ? layer->num_data + n : capacity;
        cairo_path_data_t *grown = realloc(layer->data, (size_t)capacity * sizeof *grown);
        if (grown == NULL) {
            layers->is_full = true;
            return NULL;
        }
        layer->data = grown;
        layer->capacity = capacity;
    }
    cairo_path_data_t *at = layer->data + layer->num_data;
    memset(at, 0, (size_t)n * sizeof *at);
    layer->num_data += n;
    return at;
}

static cairo_path_data_t *put(cairo_path_data_t *at, cairo_path_data_type_t type,
                              const struct ink_point *points, int n_points) {
    at->header.type = type;
    at->header.length = n_points + 1;
    for (int point_i = 0; point_i < n_points; point_i++) {
        at[point_i + 1].point.x = points[point_i].x;
        at[point_i + 1].point.y = points[point_i].y;
    }
    return at + n_points + 1;
}

/* Twice the signed area of a polygon. */
static double area(const struct ink_point *points, size_t n_points) {
    double sum = 0;
    for (size_t point_i = 0; point_i < n_points; point_i++) {
        const struct ink_point *a = &points[point_i], *b = &points[(point_i + 1) % n_points];
        sum += a->x * b->y - b->x * a->y;
    }
    return sum;
}

/* Which way the outlines of the font run: +1 or -1. The others follow. */
static int font_direction(void) {
    static atomic_int known; /* 0 = not yet */
    const cairo_path_t *path = music_glyph_path(GLYPH_HEAD_BLACK);
    int direction = atomic_load_explicit(&known, memory_order_relaxed);
    if (direction != 0 || path == NULL) {
        return direction != 0 ? direction : 1;
    }
    double sum = 0;
    struct ink_point first = {0, 0}, last = {0, 0};
    for (int i = 0; path != NULL && i < path->num_data; i += path->data[i].header.length) {
        for (int j = 1; j < path->data[i].header.length; j++) {
            struct ink_point next = {path->data[i + j].point.x, path->data[i + j].point.y};
            if (path->data[i].header.type == CAIRO_PATH_MOVE_TO) {
                first = last = next;
            }
            sum += last.x * next.y - next.x * last.y;
            last = next;
        }
        if (path->data[i].header.type == CAIRO_PATH_CLOSE_PATH) {
            sum += last.x * first.y - first.x * last.y;
        }
    }
    direction = sum < 0 ? -1 : 1;
    atomic_store_explicit(&known, direction, memory_order_relaxed);
    return direction;
}

struct pen {
    struct ink_layers *layers;
    struct ink_layer *layer;
    int direction;
};

static void add_polygon(const struct pen *pen, const struct ink_point *points, size_t n_points) {
    if (n_points < 3 || n_points > 100000) {
        return;
    }
    bool is_reversed = area(points, n_points) * pen->direction < 0;
    cairo_path_data_t *at = room(pen->layers, pen->layer, (int)n_points * 2 + 1);
    for (size_t point_i = 0; at != NULL && point_i < n_points; point_i++) {
        size_t from = is_reversed ? n_points - 1 - point_i : point_i;
        at = put(at, point_i == 0 ? CAIRO_PATH_MOVE_TO : CAIRO_PATH_LINE_TO, &points[from], 1);
    }
    if (at != NULL) {
        put(at, CAIRO_PATH_CLOSE_PATH, NULL, 0);
    }
}

/* points: start, then triples. */
static void add_curves(const struct pen *pen, const struct ink_point *points, size_t n_points,
                       int direction) {
    if (n_points < 4 || n_points > 100000) {
        return;
    }
    size_t n_curves = (n_points - 1) / 3;
    size_t last = n_curves * 3;
    bool is_reversed = area(points, last + 1) * direction < 0;
    cairo_path_data_t *at = room(pen->layers, pen->layer, (int)n_curves * 4 + 3);
    if (at == NULL) {
        return;
    }
    at = put(at, CAIRO_PATH_MOVE_TO, &points[is_reversed ? last : 0], 1);
    for (size_t curve_i = 0; curve_i < n_curves; curve_i++) {
        struct ink_point triple[3];
        for (size_t j = 0; j < 3; j++) {
            size_t from = curve_i * 3 + j + 1;
            triple[j] = points[is_reversed ? last - from : from];
        }
        at = put(at, CAIRO_PATH_CURVE_TO, triple, 3);
    }
    put(at, CAIRO_PATH_CLOSE_PATH, NULL, 0);
}

static void add_box(const struct pen *pen, double x, double y, double x2, double y2) {
    const struct ink_point corners[4] = {{x, y}, {x2, y}, {x2, y2}, {x, y2}};
    add_polygon(pen, corners, 4);
}

static void add_disk(const struct pen *pen, double x, double y, double radius, int direction) {
    double k = radius * ARC;
    const struct ink_point points[13] = {
        {x + radius, y},     {x + radius, y + k}, {x + k, y + radius}, {x, y + radius},
        {x - k, y + radius}, {x - radius, y + k}, {x - radius, y},     {x - radius, y - k},
        {x - k, y - radius}, {x, y - radius},     {x + k, y - radius}, {x + radius, y - k},
        {x + radius, y},
    };
    add_curves(pen, points, 13, direction);
}

static void add_segment(const struct pen *pen, const struct ink *ink, struct ink_point a,
                        struct ink_point b) {
    double length = hypot(b.x - a.x, b.y - a.y);
    if (!(length > 0)) {
        return;
    }
    double half = ink->thickness / 2;
    double nx = -(b.y - a.y) / length * half, ny = (b.x - a.x) / length * half;
    if (!ink->is_round) {
        const struct ink_point corners[4] = {
            {a.x + nx, a.y + ny}, {b.x + nx, b.y + ny}, {b.x - nx, b.y - ny}, {a.x - nx, a.y - ny}};
        add_polygon(pen, corners, 4);
        return;
    }
    double dx = ny, dy = -nx; /* along the line, half long */
    double k = ARC;
    const struct ink_point points[19] = {
        {a.x + nx, a.y + ny},
        {a.x + nx, a.y + ny},
        {b.x + nx, b.y + ny},
        {b.x + nx, b.y + ny},
        {b.x + nx + dx * k, b.y + ny + dy * k},
        {b.x + dx + nx * k, b.y + dy + ny * k},
        {b.x + dx, b.y + dy},
        {b.x + dx - nx * k, b.y + dy - ny * k},
        {b.x - nx + dx * k, b.y - ny + dy * k},
        {b.x - nx, b.y - ny},
        {b.x - nx, b.y - ny},
        {a.x - nx, a.y - ny},
        {a.x - nx, a.y - ny},
        {a.x - nx - dx * k, a.y - ny - dy * k},
        {a.x - dx - nx * k, a.y - dy - ny * k},
        {a.x - dx, a.y - dy},
        {a.x - dx + nx * k, a.y - dy + ny * k},
        {a.x + nx - dx * k, a.y + ny - dy * k},
        {a.x + nx, a.y + ny},
    };
    add_curves(pen, points, 19, pen->direction);
}

static void add_line(const struct pen *pen, const struct ink *ink) {
    struct ink_point a = {ink->x, ink->y}, b = {ink->x2, ink->y2};
    double length = hypot(b.x - a.x, b.y - a.y), step = ink->dash + ink->gap;
    if (!(ink->dash > 0) || !(ink->gap > 0) || !(length / step < INK_DASHES_MAX)) {
        add_segment(pen, ink, a, b);
        return;
    }
    for (double at = 0; at < length; at += step) {
        double from = at / length, to = fmin(at + ink->dash, length) / length;
        add_segment(pen, ink,
                    (struct ink_point){a.x + (b.x - a.x) * from, a.y + (b.y - a.y) * from},
                    (struct ink_point){a.x + (b.x - a.x) * to, a.y + (b.y - a.y) * to});
    }
}

static void add_glyph(const struct pen *pen, const struct ink *ink) {
    const cairo_path_t *path =
        ink->glyph < GLYPH_COUNT ? music_glyph_path((enum music_glyph)ink->glyph) : NULL;
    cairo_path_data_t *at = path != NULL ? room(pen->layers, pen->layer, path->num_data) : NULL;
    if (at == NULL) {
        return;
    }
    for (int i = 0; i < path->num_data; i += path->data[i].header.length) {
        const cairo_path_data_t *from = &path->data[i];
        int length = from->header.length;
        if (length < 1 || length > path->num_data - i) {
            break;
        }
        at[i].header.type = from->header.type;
        at[i].header.length = length;
        for (int j = 1; j < length; j++) {
            at[i + j].point.x = ink->x + from[j].point.x * ink->size;
            at[i + j].point.y = ink->y + from[j].point.y * ink->size;
        }
    }
}

static void add_ink(const struct pen *pen, const struct ink *ink) {
    switch (ink->shape) {
    case INK_GLYPH:
        add_glyph(pen, ink);
        break;
    case INK_LINE:
        add_line(pen, ink);
        break;
    case INK_BOX:
        add_box(pen, ink->x, ink->y, ink->x2, ink->y2);
        break;
    case INK_POLYGON:
        add_polygon(pen, ink->points, ink->n_points);
        break;
    case INK_CURVE:
        add_curves(pen, ink->points, ink->n_points, pen->direction);
        break;
    case INK_CIRCLE: {
        double half = ink->thickness / 2;
        add_disk(pen, ink->x, ink->y, ink->x2 + half, pen->direction);
        if (ink->thickness > 0 && ink->x2 > half) {
            add_disk(pen, ink->x, ink->y, ink->x2 - half, -pen->direction);
        }
        break;
    }
    case INK_TEXT:
    case INK_IMAGE:
        break;
    }
}

void ink_layers_add(struct ink_layers *layers, const struct ink *ink, size_t n_ink) {
    struct pen pen = {layers, NULL, font_direction()};
    for (size_t ink_i = 0; ink_i < n_ink; ink_i++) {
        if (ink[ink_i].shape == INK_TEXT || ink[ink_i].shape == INK_IMAGE) {
            continue;
        }
        if (pen.layer == NULL || memcmp(&pen.layer->color, &ink[ink_i].color, 4) != 0) {
            pen.layer = find_layer(layers, ink[ink_i].color);
        }
        if (pen.layer != NULL) {
            add_ink(&pen, &ink[ink_i]);
        }
    }
}

void ink_layers_finish(struct ink_layers *layers) {
    for (size_t layer_i = 0; layer_i < layers->n_layers; layer_i++) {
        free(layers->layers[layer_i].data);
    }
    free(layers->layers);
    *layers = (struct ink_layers){0};
}

void ink_layers_reset(struct ink_layers *layers) {
    for (size_t layer_i = 0; layer_i < layers->n_layers; layer_i++) {
        layers->layers[layer_i].num_data = 0;
    }
}

bool music_color_is_black(struct music_color color) {
    return color.r == 0 && color.g == 0 && color.b == 0 && color.a == 255;
}
