/* Projective 3x3 matrices; the part of geometry.h that knows no objects. */
#include "renderer/score/geometry.h"

#include <math.h>

const struct matrix MATRIX_IDENTITY = {{1, 0, 0, 0, 1, 0, 0, 0, 1}};

struct matrix matrix_multiply(const struct matrix *a, const struct matrix *b) {
    struct matrix out;
    for (int row = 0; row < 3; row++) {
        for (int col = 0; col < 3; col++) {
            out.m[row * 3 + col] = a->m[row * 3] * b->m[col] + a->m[row * 3 + 1] * b->m[3 + col] +
                                   a->m[row * 3 + 2] * b->m[6 + col];
        }
    }
    return out;
}

struct matrix matrix_translate(double x, double y) {
    return (struct matrix){{1, 0, x, 0, 1, y, 0, 0, 1}};
}

struct matrix matrix_scale(double x, double y) {
    return (struct matrix){{x, 0, 0, 0, y, 0, 0, 0, 1}};
}

bool matrix_invert(const struct matrix *a, struct matrix *out) {
    const double *m = a->m;
    double c0 = m[4] * m[8] - m[5] * m[7];
    double c1 = m[5] * m[6] - m[3] * m[8];
    double c2 = m[3] * m[7] - m[4] * m[6];
    double det = m[0] * c0 + m[1] * c1 + m[2] * c2;
    if (!isfinite(det) || fabs(det) < 1e-300) {
        return false;
    }
    struct matrix inverse = {{
        c0 / det,
        (m[2] * m[7] - m[1] * m[8]) / det,
        (m[1] * m[5] - m[2] * m[4]) / det,
        c1 / det,
        (m[0] * m[8] - m[2] * m[6]) / det,
        (m[2] * m[3] - m[0] * m[5]) / det,
        c2 / det,
        (m[1] * m[6] - m[0] * m[7]) / det,
        (m[0] * m[4] - m[1] * m[3]) / det,
    }};
    *out = inverse;
    return true;
}

void matrix_apply(const struct matrix *a, double *x, double *y) {
    const double *m = a->m;
    double w = m[6] * *x + m[7] * *y + m[8];
    double out_x = m[0] * *x + m[1] * *y + m[2];
    double out_y = m[3] * *x + m[4] * *y + m[5];
    if (w == 0) {
        w = 1e-300; /* a point on the horizon: far away, but a number */
    }
    *x = out_x / w;
    *y = out_y / w;
}
