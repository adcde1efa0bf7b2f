/* Outline of ink as a step function; see skyline.h. A new box replaces what lies
 * under it by the outer of both; neighbours of equal height are joined. */
#include "renderer/notation/layout/skyline.h"

#include <math.h>
#include <string.h>

/* An outline of more steps (a line of some 100 m) is not cut any finer: what lies under a box takes
 * over its height, so that each box still costs a bounded time. */
#define STEPS_MAX 8192
#define SIDE_GAP  0.4 /* what is nearer to the side must not pass */

/* Plain comparisons: fmin and fmax are calls, and there is no NaN here. */
static double least(double a, double b) {
    return a < b ? a : b;
}
static double most(double a, double b) {
    return a > b ? a : b;
}
static double outer(int side, double a, double b) {
    return side < 0 ? least(a, b) : most(a, b);
}

void skyline_init(struct skyline *skyline, int side, double rest_y) {
    *skyline = (struct skyline){.side = side, .rest_y = rest_y};
}

/* First segment that ends right of x. */
static size_t first_after(const struct skyline *skyline, double x) {
    size_t low = 0, high = skyline->n_segments;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (skyline->segments[middle].right > x) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

/* Append to a list of pieces, joined to the last one when it goes on at the same height. */
static void push(struct skyline_segment *pieces, size_t *n, double left, double right, double y) {
    if (right <= left) {
        return;
    }
    if (*n > 0 && pieces[*n - 1].right == left && pieces[*n - 1].y == y) {
        pieces[*n - 1].right = right;
        return;
    }
    pieces[(*n)++] = (struct skyline_segment){left, right, y};
}

static bool make_room(struct arena *arena, struct skyline *skyline, size_t n) {
    if (n <= skyline->capacity) {
        return true;
    }
    size_t capacity = n > skyline->capacity * 2 ? n + 16 : skyline->capacity * 2;
    struct skyline_segment *copy = arena_array(arena, capacity, sizeof *copy);
    if (copy == NULL) {
        return false;
    }
    if (skyline->n_segments > 0) {
        memcpy(copy, skyline->segments, skyline->n_segments * sizeof *copy);
    }
    skyline->segments = copy;
    skyline->capacity = capacity;
    return true;
}

bool skyline_add(struct arena *arena, struct skyline *skyline, const struct ink_box *box) {
    double y = skyline->side < 0 ? box->top : box->bottom;
    double left = box->left, right = box->right;
    bool is_outside = skyline->side < 0 ? y < skyline->rest_y : y > skyline->rest_y;
    if (!(right > left) || !isfinite(y) || !is_outside) { /* within the staff nothing shows */
        return true;
    }
    size_t first = first_after(skyline, left), end = first;
    while (end < skyline->n_segments && skyline->segments[end].left < right) {
        end++;
    }
    if (skyline->n_segments >= STEPS_MAX && end > first) {
        for (size_t i = first; i < end; i++) {
            skyline->segments[i].y = outer(skyline->side, skyline->segments[i].y, y);
        }
        return true;
    }
    size_t under = end - first, tail = skyline->n_segments - end, room = 3 * under + 3;
    if (!make_room(arena, skyline, first + room + under + tail)) {
        return false;
    }
    struct skyline_segment *segments = skyline->segments;
    /* what lies under the box goes behind the room for the new pieces, the tail behind that */
    memmove(segments + first + room, segments + first, (under + tail) * sizeof *segments);
    const struct skyline_segment *old = segments + first + room;
    struct skyline_segment *pieces = segments + first;
    size_t n = 0;
    double x = left;
    for (size_t i = 0; i < under; i++) {
        struct skyline_segment segment = old[i];
        push(pieces, &n, segment.left, least(segment.right, left), segment.y);
        push(pieces, &n, x, segment.left, y);
        double from = most(segment.left, left), to = least(segment.right, right);
        push(pieces, &n, from, to, outer(skyline->side, segment.y, y));
        x = to;
        if (segment.right > right) {
            push(pieces, &n, right, segment.right, segment.y);
        }
    }
    push(pieces, &n, x, right, y);
    memmove(pieces + n, segments + first + room + under, tail * sizeof *segments);
    skyline->n_segments = first + n + tail;
    return true;
}

double skyline_extreme(const struct skyline *skyline, double left, double right) {
    double y = skyline->rest_y;
    for (size_t i = first_after(skyline, left);
         i < skyline->n_segments && skyline->segments[i].left < right; i++) {
        y = outer(skyline->side, y, skyline->segments[i].y);
    }
    return y;
}

double skyline_distance(const struct skyline *upper, const struct skyline *lower, double gap) {
    double distance = upper->rest_y - lower->rest_y;
    size_t j = 0;
    for (size_t i = 0; i < upper->n_segments; i++) { /* against the rest of the other one too */
        distance = most(distance, upper->segments[i].y - lower->rest_y);
    }
    for (size_t i = 0; i < lower->n_segments; i++) {
        distance = most(distance, upper->rest_y - lower->segments[i].y);
    }
    for (size_t i = 0; i < upper->n_segments; i++) {
        const struct skyline_segment *a = &upper->segments[i];
        while (j < lower->n_segments && lower->segments[j].right + SIDE_GAP <= a->left) {
            j++;
        }
        for (size_t k = j; k < lower->n_segments && lower->segments[k].left < a->right + SIDE_GAP;
             k++) {
            distance = most(distance, a->y - lower->segments[k].y);
        }
    }
    return distance + gap;
}
