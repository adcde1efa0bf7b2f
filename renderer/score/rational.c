/* Rationals with checked 64-bit arithmetic. No floating point except at the doors. */
#include "renderer/score/rational.h"

#include <math.h>

static uint64_t magnitude(int64_t value) {
    return value < 0 ? (uint64_t)0 - (uint64_t)value : (uint64_t)value;
}

static uint64_t greatest_divisor(uint64_t a, uint64_t b) {
    while (b != 0) {
        uint64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

static bool multiply(int64_t a, int64_t b, int64_t *out) {
    if (a != 0 && b != 0) {
        uint64_t limit = (uint64_t)INT64_MAX;
        if (magnitude(a) > limit / magnitude(b)) {
            return false;
        }
    }
    *out = a * b;
    return true;
}

bool rational_make(int64_t num, int64_t den, struct rational *out) {
    if (den == 0 || num == INT64_MIN || den == INT64_MIN) {
        return false;
    }
    out->num = den < 0 ? -num : num;
    out->den = den < 0 ? -den : den;
    return true;
}

bool rational_from_float(double value, struct rational *out) {
    double scaled = round(value * 10000.0);
    if (!isfinite(value) || fabs(scaled) > 9e15) {
        return false;
    }
    out->num = (int64_t)scaled;
    out->den = 10000;
    return true;
}

struct rational rational_reduce(struct rational a) {
    uint64_t divisor = greatest_divisor(magnitude(a.num), (uint64_t)a.den);
    if (divisor > 1) {
        a.num /= (int64_t)divisor;
        a.den /= (int64_t)divisor;
    }
    return a;
}

bool rational_add(struct rational a, struct rational b, struct rational *out) {
    a = rational_reduce(a);
    b = rational_reduce(b);
    int64_t divisor = (int64_t)greatest_divisor((uint64_t)a.den, (uint64_t)b.den);
    int64_t a_part, b_part, den;
    if (!multiply(a.num, b.den / divisor, &a_part) || !multiply(b.num, a.den / divisor, &b_part) ||
        !multiply(a.den, b.den / divisor, &den)) {
        return false;
    }
    if ((b_part > 0 && a_part > INT64_MAX - b_part) ||
        (b_part < 0 && a_part < -INT64_MAX - b_part)) {
        return false;
    }
    struct rational sum = {a_part + b_part, den};
    *out = rational_reduce(sum);
    return true;
}

bool rational_multiply(struct rational a, struct rational b, struct rational *out) {
    /* Cross-reduce first so that the products stay small. */
    struct rational cross_a = rational_reduce((struct rational){a.num, b.den});
    struct rational cross_b = rational_reduce((struct rational){b.num, a.den});
    int64_t num, den;
    if (!multiply(cross_a.num, cross_b.num, &num) || !multiply(cross_a.den, cross_b.den, &den)) {
        return false;
    }
    *out = rational_reduce((struct rational){num, den});
    return true;
}

static int64_t floor_divide(int64_t a, int64_t b, int64_t *rest) {
    int64_t quotient = a / b;
    *rest = a % b;
    if (*rest < 0) {
        *rest += b;
        quotient--;
    }
    return quotient;
}

int rational_compare(struct rational a, struct rational b) {
    /* Continued fractions: exact, and no product that could overflow. */
    int sign = 1;
    for (;;) {
        int64_t a_rest, b_rest;
        int64_t a_whole = floor_divide(a.num, a.den, &a_rest);
        int64_t b_whole = floor_divide(b.num, b.den, &b_rest);
        if (a_whole != b_whole) {
            return a_whole < b_whole ? -sign : sign;
        }
        if (a_rest == 0 || b_rest == 0) {
            return a_rest == b_rest ? 0 : (a_rest == 0 ? -sign : sign);
        }
        a = (struct rational){a.den, a_rest};
        b = (struct rational){b.den, b_rest};
        sign = -sign;
    }
}

bool rational_quantise(struct rational value, struct rational step, struct rational *out) {
    if (step.num <= 0) {
        return false;
    }
    struct rational inverse = {step.den, step.num}, steps;
    if (!rational_multiply(value, inverse, &steps)) {
        return false;
    }
    int64_t rest;
    struct rational whole = {floor_divide(steps.num, steps.den, &rest), 1};
    return rational_multiply(whole, step, out);
}

double rational_to_double(struct rational a) {
    return (double)a.num / (double)a.den;
}
