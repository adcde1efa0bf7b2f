/* Boxes of ink: exact for lines, boxes, polygons, circles and curves; glyphs and texts by
 * the metrics of their fonts. */
#include "renderer/notation/ink.h"

#include <math.h>
#include <string.h>

#include "renderer/notation/font.h"
#include "renderer/notation/text_metrics.h"

struct ink_box ink_box_empty(void) {
    return (struct ink_box){INFINITY, INFINITY, -INFINITY, -INFINITY};
}

struct ink_box ink_box_join(struct ink_box a, struct ink_box b) {
    return (struct ink_box){fmin(a.left, b.left), fmin(a.top, b.top), fmax(a.right, b.right),
                            fmax(a.bottom, b.bottom)};
}

static struct ink_box with_point(struct ink_box box, double x, double y) {
    return ink_box_join(box, (struct ink_box){x, y, x, y});
}

static double cubic_at(double a, double b, double c, double d, double t) {
    double u = 1 - t;
    return u * u * u * a + 3 * u * u * t * b + 3 * u * t * t * c + t * t * t * d;
}

/* Parameters in ]0, 1[ where the derivative is 0; how many. */
static int cubic_extremes(double a, double b, double c, double d, double at[2]) {
    double qa = -a + 3 * b - 3 * c + d, qb = 2 * (a - 2 * b + c), qc = b - a;
    double roots[2];
    int n_roots = 0, n = 0;
    if (fabs(qa) < 1e-12) {
        if (fabs(qb) > 1e-12) {
            roots[n_roots++] = -qc / qb;
        }
    } else {
        double inside = qb * qb - 4 * qa * qc;
        if (inside >= 0) {
            roots[n_roots++] = (-qb + sqrt(inside)) / (2 * qa);
            roots[n_roots++] = (-qb - sqrt(inside)) / (2 * qa);
        }
    }
    for (int i = 0; i < n_roots; i++) {
        if (roots[i] > 0 && roots[i] < 1) {
            at[n++] = roots[i];
        }
    }
    return n;
}

static struct ink_box curve_box(const struct ink *ink) {
    struct ink_box box = ink_box_empty();
    for (uint32_t i = 0; i < ink->n_points; i += 3) {
        box = with_point(box, ink->points[i].x, ink->points[i].y);
    }
    for (uint32_t i = 0; i + 3 < ink->n_points; i += 3) {
        const struct ink_point *p = ink->points + i;
        double at[2];
        int n = cubic_extremes(p[0].x, p[1].x, p[2].x, p[3].x, at);
        for (int k = 0; k < n; k++) {
            double x = cubic_at(p[0].x, p[1].x, p[2].x, p[3].x, at[k]);
            box.left = fmin(box.left, x);
            box.right = fmax(box.right, x);
        }
        n = cubic_extremes(p[0].y, p[1].y, p[2].y, p[3].y, at);
        for (int k = 0; k < n; k++) {
            double y = cubic_at(p[0].y, p[1].y, p[2].y, p[3].y, at[k]);
            box.top = fmin(box.top, y);
            box.bottom = fmax(box.bottom, y);
        }
    }
    return box;
}

static struct ink_box line_box(const struct ink *ink) {
    double half = ink->thickness / 2, across_x = half, across_y = half;
    double length = hypot(ink->x2 - ink->x, ink->y2 - ink->y);
    if (!ink->is_round && length > 0) { /* butt ends: the corners of a turned rectangle */
        across_x = half * fabs(ink->y2 - ink->y) / length;
        across_y = half * fabs(ink->x2 - ink->x) / length;
    }
    return (struct ink_box){fmin(ink->x, ink->x2) - across_x, fmin(ink->y, ink->y2) - across_y,
                            fmax(ink->x, ink->x2) + across_x, fmax(ink->y, ink->y2) + across_y};
}

static struct ink_box moved(struct ink_box box, double scale, double dx, double dy) {
    return (struct ink_box){box.left * scale + dx, box.top * scale + dy, box.right * scale + dx,
                            box.bottom * scale + dy};
}

void ink_measure(struct ink *ink) {
    switch (ink->shape) {
    case INK_GLYPH:
        ink->box = moved(music_glyph_box(ink->glyph), ink->size, ink->x, ink->y);
        break;
    case INK_LINE:
        ink->box = line_box(ink);
        break;
    case INK_BOX:
    case INK_IMAGE:
        ink->box = (struct ink_box){fmin(ink->x, ink->x2), fmin(ink->y, ink->y2),
                                    fmax(ink->x, ink->x2), fmax(ink->y, ink->y2)};
        break;
    case INK_POLYGON:
        ink->box = ink_box_empty();
        for (uint32_t i = 0; i < ink->n_points; i++) {
            ink->box = with_point(ink->box, ink->points[i].x, ink->points[i].y);
        }
        break;
    case INK_CURVE:
        ink->box = curve_box(ink);
        break;
    case INK_TEXT: {
        struct text_extents extents;
        text_measure(&ink->font, ink->text != NULL ? ink->text : "", &extents);
        ink->box = moved(extents.ink, 1, ink->x, ink->y);
        break;
    }
    case INK_CIRCLE: {
        double radius = ink->x2 + ink->thickness / 2;
        ink->box =
            (struct ink_box){ink->x - radius, ink->y - radius, ink->x + radius, ink->y + radius};
        break;
    }
    }
}

bool ink_list_add(struct arena *arena, struct ink_list *list, const struct ink *ink) {
    if (!arena_grow(arena, (void **)&list->items, list->n_items, &list->capacity,
                    sizeof *list->items)) {
        return false;
    }
    struct ink *copy = &list->items[list->n_items++];
    *copy = *ink;
    ink_measure(copy);
    return true;
}

void ink_move(struct ink *ink, double dx, double dy) {
    ink->x += dx;
    ink->y += dy;
    if (ink->shape != INK_CIRCLE) { /* x2 is its radius */
        ink->x2 += dx;
        ink->y2 += dy;
    }
    for (uint32_t i = 0; i < ink->n_points; i++) {
        ink->points[i].x += dx;
        ink->points[i].y += dy;
    }
    ink->box = moved(ink->box, 1, dx, dy);
}
