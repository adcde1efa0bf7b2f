/* The outline of the ink above or below a staff: for each x the outermost y.
 * A step function, kept as sorted segments; O(segments under the box) an insertion. */
#ifndef LEGGIO_NOTATION_SKYLINE_H
#define LEGGIO_NOTATION_SKYLINE_H

#include "renderer/notation/ink.h"

struct skyline_segment {
    double left, right, y;
};
struct skyline {
    int side;                         /* -1: upper outline (smaller y is further out), +1: lower */
    struct skyline_segment *segments; /* sorted by left, disjoint */
    size_t n_segments, capacity;
    double rest_y; /* where nothing is: the staff line */
};

void skyline_init(struct skyline *skyline, int side, double rest_y);
bool skyline_add(struct arena *arena, struct skyline *skyline, const struct ink_box *box);
/* Outermost y between left and right. */
double skyline_extreme(const struct skyline *skyline, double left, double right);
/* How far `lower` (an upper outline) must lie below `upper` (a lower outline) so that they keep
 * `gap` everywhere; both in their own staff's y. */
double skyline_distance(const struct skyline *upper, const struct skyline *lower, double gap);

#endif
