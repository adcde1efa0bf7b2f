/* The 3x3 matrices of display items, as plain arrays: row-major, column
 * vectors, projective. Kept apart from score/geometry.h, which draw does not know. */
#ifndef LEGGIO_DRAW_PROJECTION_H
#define LEGGIO_DRAW_PROJECTION_H

#include <stdbool.h>

#include <cairo.h>

/* Points with a smaller w (after projection_normalise) are behind the viewer. */
#define PROJECTION_W_MIN 1e-3

/* All nine numbers finite, and the matrix not singular. */
bool projection_is_usable(const double matrix[9]);
/* Divides by m8, so that the local origin has w = 1. Matrices whose origin is at infinity stay. */
void projection_normalise(double matrix[9]);
bool projection_is_affine(const double matrix[9]);
/* Only for affine ones. */
cairo_matrix_t projection_to_cairo(const double matrix[9]);
/* false when it is singular */
bool projection_invert(const double matrix[9], double out[9]);
/* Homogeneous image of a point: x, y, w. */
void projection_map(const double matrix[9], double x, double y, double out[3]);
/* Bounds (x0 y0 x1 y1) of the image of a local box (x y w h), what lies behind cut off.
 * false when nothing is in front */
bool projection_map_box(const double matrix[9], const double box[4], double out[4]);
/* Device pixels per local unit at the middle of a box, the larger axis. */
double projection_scale_at(const double matrix[9], double x, double y);

#endif
