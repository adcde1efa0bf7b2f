/* Bézier arches; see curve.h. With both controls `offset` away from the line between the
 * ends, the arch lies 3 t (1 - t) offset off it, so what a point asks for is solved directly. */
#include "renderer/notation/layout/signs/curve.h"

#include <math.h>

#define SLICES   12
#define ROUNDS   12
#define SHOULDER 0.08 /* nearer to an end than this a point moves the end, not the arch */

static double part_at(const struct curve *curve, double x) {
    double length = curve->x2 - curve->x1, r = curve->reach;
    double target = length > 0 ? (x - curve->x1) / length : 0;
    double t = target; /* Newton: x grows with t everywhere, its slope is 3 r at the ends */
    for (int i = 0; i < 5; i++) {
        double u = 1 - t;
        double at = 3 * u * u * t * r + 3 * u * t * t * (1 - r) + t * t * t;
        double slope = 3 * r * u * u + 6 * (1 - 2 * r) * u * t + 3 * r * t * t;
        t -= (at - target) / slope;
        t = t < 0 ? 0 : t > 1 ? 1 : t;
    }
    return t;
}

/* y of the straight line between the ends, as the cubic runs over it at t. */
static double base_y(const struct curve *curve, double t) {
    double u = 1 - t, r = curve->reach;
    double s = 3 * u * u * t * r + 3 * u * t * t * (1 - r) + t * t * t;
    return curve->y1 + (curve->y2 - curve->y1) * s;
}

double curve_y(const struct curve *curve, double x) {
    double t = part_at(curve, x);
    return base_y(curve, t) + curve->side * 4 * t * (1 - t) * curve->height;
}

static void set_cubic(struct ink_point *points, const struct curve *curve, double shift,
                      double height, bool is_backwards) {
    double length = curve->x2 - curve->x1, dy = curve->y2 - curve->y1;
    double offset = curve->side * height * 4 / 3, r = curve->reach;
    struct ink_point p[4] = {
        {curve->x1, curve->y1 + shift},
        {curve->x1 + r * length, curve->y1 + r * dy + shift + offset},
        {curve->x2 - r * length, curve->y2 - r * dy + shift + offset},
        {curve->x2, curve->y2 + shift},
    };
    for (int i = 0; i < 4; i++) {
        points[i] = p[is_backwards ? 3 - i : i];
    }
}

bool curve_ink(struct arena *arena, const struct curve *curve, struct ink *ink) {
    struct ink_point *points = arena_array(arena, 10, sizeof *points);
    if (points == NULL) {
        return false;
    }
    double half_end = CURVE_END / 2, more = (CURVE_MIDDLE - CURVE_END) / 2;
    set_cubic(points, curve, curve->side * half_end, curve->height + more, false);
    struct ink_point back[4];
    set_cubic(back, curve, -curve->side * half_end, curve->height - more, true);
    points[4] = points[3]; /* a short straight end */
    points[5] = back[0];
    for (int i = 0; i < 4; i++) {
        points[6 + i] = back[i];
    }
    *ink = (struct ink){.shape = INK_CURVE,
                        .color = {0, 0, 0, 255},
                        .points = points,
                        .n_points = 10,
                        .chord = NOTATION_NONE};
    return true;
}

void curve_add(const struct vertical_staff *at, const struct ink *ink, const struct curve *curve) {
    struct arena *arena = at->vertical->arena;
    if (!ink_list_add(arena, &at->staff->ink, ink)) {
        return;
    }
    double step = (curve->x2 - curve->x1) / SLICES;
    double y = curve->y1;
    for (int i = 0; i < SLICES; i++) {
        double left = curve->x1 + i * step;
        double next = i + 1 == SLICES ? curve->y2 : curve_y(curve, left + step);
        struct ink_box box = {left, fmin(y, next) - CURVE_MIDDLE / 2, left + step,
                              fmax(y, next) + CURVE_MIDDLE / 2};
        (void)skyline_add(arena, &at->staff->above, &box);
        (void)skyline_add(arena, &at->staff->below, &box);
        y = next;
    }
}

/* Move an end outwards by `by`. */
static void move_end(struct curve *curve, bool is_left, double by) {
    if (is_left) {
        curve->y1 += curve->side * by;
    } else {
        curve->y2 += curve->side * by;
    }
}

/* What the points ask of a curve as it stands. */
struct demand {
    double height;      /* that the arch takes */
    double worst, part; /* how far an end must move, and for a point at which part */
};

static struct demand ask(const struct curve *curve, const struct curve_point *points,
                         uint32_t n_points, double gap, double max_height) {
    struct demand demand = {.height = curve->height, .part = 0.5};
    for (uint32_t i = 0; i < n_points; i++) {
        if (points[i].x <= curve->x1 || points[i].x >= curve->x2) {
            continue;
        }
        double t = points[i].part, arch = 4 * t * (1 - t);
        double need = (points[i].y - base_y(curve, t)) * curve->side + gap;
        bool is_shoulder = t < SHOULDER || t > 1 - SHOULDER;
        double possible = arch * (is_shoulder ? curve->height : max_height);
        if (need <= possible) {
            demand.height = fmax(demand.height, is_shoulder ? 0 : need / arch);
        } else if (need - possible > demand.worst) {
            demand.worst = need - possible;
            demand.part = t;
        }
    }
    return demand;
}

void curve_fit(struct curve *curve, struct curve_point *points, uint32_t n_points, double gap,
               double max_height) {
    for (uint32_t i = 0; i < n_points; i++) { /* the ends move up and down only */
        points[i].part = part_at(curve, points[i].x);
    }
    for (int round = 0; round < ROUNDS && curve->x2 > curve->x1; round++) {
        struct demand demand = ask(curve, points, n_points, gap, max_height);
        curve->height = fmin(demand.height, max_height);
        if (demand.worst < 0.02) {
            break;
        }
        bool is_left = demand.part < 0.5;
        double by = fmin(demand.worst / (is_left ? 1 - demand.part : demand.part), 6);
        move_end(curve, is_left, by);
        if (demand.part > 0.3 && demand.part < 0.7) { /* in the middle: both ends go along */
            move_end(curve, !is_left, by * 0.6);
        }
    }
}
