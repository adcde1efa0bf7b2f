/* The shape of slurs and ties: a filled closed path of two cubics, thin at its ends. */
#ifndef LEGGIO_NOTATION_CURVE_H
#define LEGGIO_NOTATION_CURVE_H

#include "renderer/notation/layout/vertical/vertical.h"

#define CURVE_END    0.10 /* thickness at the tips and in the middle; gmn.md 16, 34 */
#define CURVE_MIDDLE 0.22

struct curve {
    double x1, y1, x2, y2;
    int side;      /* -1 arches upwards */
    double height; /* of the middle line's apex off the chord between the ends */
    double reach;  /* controls at this part of the length, 0.2 to 0.4 */
};

/* Outline of the curve; color and role are the caller's to set. false: arena full. */
bool curve_ink(struct arena *arena, const struct curve *curve, struct ink *ink);
/* y of the middle line at x. */
double curve_y(const struct curve *curve, double x);
/* Into the staff's ink; into its skylines in slices, so that signs may lie under the shoulders. */
void curve_add(const struct vertical_staff *at, const struct ink *ink, const struct curve *curve);
struct curve_point {
    double x, y;
    double part; /* of the arch, 0 to 1: curve_fit finds it */
};
/* Make the arch clear the points by `gap`, by rising and, where that bends it too much, by moving
 * the end that is nearer. The height stays under max_height. O(points): each one's part is solved
 * for once. */
void curve_fit(struct curve *curve, struct curve_point *points, uint32_t n_points, double gap,
               double max_height);

#endif
