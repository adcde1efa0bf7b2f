/* Small linear algebra for items. Nothing here knows cairo surfaces or lists. */
#include "renderer/draw/projection.h"

#include <math.h>

static double determinant(const double m[9]) {
    return m[0] * (m[4] * m[8] - m[5] * m[7]) - m[1] * (m[3] * m[8] - m[5] * m[6]) +
           m[2] * (m[3] * m[7] - m[4] * m[6]);
}

bool projection_is_usable(const double matrix[9]) {
    for (int i = 0; i < 9; i++) {
        /* 1e12: squares and products of three still are far from overflow. */
        if (!isfinite(matrix[i]) || fabs(matrix[i]) > 1e12) {
            return false;
        }
    }
    return fabs(determinant(matrix)) > 1e-18;
}

void projection_normalise(double matrix[9]) {
    double w = matrix[8];
    if (w == 1.0 || fabs(w) < 1e-12) {
        return;
    }
    for (int i = 0; i < 9; i++) {
        matrix[i] /= w;
    }
}

bool projection_is_affine(const double matrix[9]) {
    return fabs(matrix[6]) < 1e-12 && fabs(matrix[7]) < 1e-12 && matrix[8] > 0;
}

cairo_matrix_t projection_to_cairo(const double matrix[9]) {
    cairo_matrix_t out;
    double w = matrix[8];
    cairo_matrix_init(&out, matrix[0] / w, matrix[3] / w, matrix[1] / w, matrix[4] / w,
                      matrix[2] / w, matrix[5] / w);
    return out;
}

bool projection_invert(const double matrix[9], double out[9]) {
    const double *m = matrix;
    double det = determinant(m);
    if (!isfinite(det) || fabs(det) < 1e-18) {
        return false;
    }
    double inverse[9] = {
        m[4] * m[8] - m[5] * m[7], m[2] * m[7] - m[1] * m[8], m[1] * m[5] - m[2] * m[4],
        m[5] * m[6] - m[3] * m[8], m[0] * m[8] - m[2] * m[6], m[2] * m[3] - m[0] * m[5],
        m[3] * m[7] - m[4] * m[6], m[1] * m[6] - m[0] * m[7], m[0] * m[4] - m[1] * m[3],
    };
    for (int i = 0; i < 9; i++) {
        out[i] = inverse[i] / det;
    }
    return true;
}

void projection_map(const double matrix[9], double x, double y, double out[3]) {
    out[0] = matrix[0] * x + matrix[1] * y + matrix[2];
    out[1] = matrix[3] * x + matrix[4] * y + matrix[5];
    out[2] = matrix[6] * x + matrix[7] * y + matrix[8];
}

static void grow(double out[4], const double point[3]) {
    double x = point[0] / point[2], y = point[1] / point[2];
    out[0] = fmin(out[0], x);
    out[1] = fmin(out[1], y);
    out[2] = fmax(out[2], x);
    out[3] = fmax(out[3], y);
}

bool projection_map_box(const double matrix[9], const double box[4], double out[4]) {
    double corners[4][3];
    for (int i = 0; i < 4; i++) {
        bool is_right = i == 1 || i == 2, is_low = i >= 2;
        projection_map(matrix, box[0] + (is_right ? box[2] : 0), box[1] + (is_low ? box[3] : 0),
                       corners[i]);
    }
    double found[4] = {INFINITY, INFINITY, -INFINITY, -INFINITY};
    for (int i = 0; i < 4; i++) {
        const double *a = corners[i], *b = corners[(i + 1) % 4];
        if (a[2] >= PROJECTION_W_MIN) {
            grow(found, a);
        }
        if ((a[2] >= PROJECTION_W_MIN) != (b[2] >= PROJECTION_W_MIN)) {
            double t = (PROJECTION_W_MIN - a[2]) / (b[2] - a[2]);
            double cut[3] = {a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1]), PROJECTION_W_MIN};
            grow(found, cut);
        }
    }
    if (!(found[0] <= found[2] && found[1] <= found[3])) {
        return false;
    }
    for (int i = 0; i < 4; i++) {
        out[i] = fmin(fmax(found[i], -1e15), 1e15);
    }
    return true;
}

double projection_scale_at(const double matrix[9], double x, double y) {
    double p[3];
    projection_map(matrix, x, y, p);
    double w = fmax(p[2], PROJECTION_W_MIN);
    /* Columns of the Jacobian of the map at this point. */
    double ax = (matrix[0] * w - p[0] * matrix[6]) / (w * w);
    double ay = (matrix[3] * w - p[1] * matrix[6]) / (w * w);
    double bx = (matrix[1] * w - p[0] * matrix[7]) / (w * w);
    double by = (matrix[4] * w - p[1] * matrix[7]) / (w * w);
    return fmax(hypot(ax, ay), hypot(bx, by));
}
