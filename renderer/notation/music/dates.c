/* Sums and comparisons of exact dates; see dates.h. */
#include "renderer/notation/music/dates.h"

/* Most dates have small numbers over powers of two: no division is needed for those. */
#define SMALL ((int64_t)1 << 30)

static bool is_small(struct rational a) {
    return a.num < SMALL && a.num > -SMALL && a.den < SMALL;
}

static bool is_binary(struct rational a) {
    return (a.den & (a.den - 1)) == 0;
}

static struct rational reduce_binary(int64_t num, int64_t den) {
    while (den > 1 && num % 2 == 0) {
        num /= 2;
        den /= 2;
    }
    return (struct rational){num, den};
}

struct rational date_add(struct rational a, struct rational b) {
    if (is_small(a) && is_small(b) && is_binary(a) && is_binary(b)) {
        int64_t den = a.den > b.den ? a.den : b.den;
        return reduce_binary(a.num * (den / a.den) + b.num * (den / b.den), den);
    }
    struct rational sum = a;
    rational_add(a, b, &sum);
    return sum;
}

struct rational date_subtract(struct rational a, struct rational b) {
    return date_add(a, (struct rational){-b.num, b.den});
}

struct rational date_multiply(struct rational a, struct rational b) {
    if (is_small(a) && is_small(b) && is_binary(a) && is_binary(b)) {
        return reduce_binary(a.num * b.num, a.den * b.den);
    }
    struct rational product = a;
    rational_multiply(a, b, &product);
    return product;
}

struct rational date_divide(struct rational a, struct rational b) {
    struct rational inverse =
        b.num < 0 ? (struct rational){-b.den, -b.num} : (struct rational){b.den, b.num};
    return date_multiply(a, inverse);
}

bool date_less(struct rational a, struct rational b) {
    if (a.den == b.den) {
        return a.num < b.num;
    }
    if (is_small(a) && is_small(b)) {
        return a.num * b.den < b.num * a.den;
    }
    return rational_compare(a, b) < 0;
}

bool date_equal(struct rational a, struct rational b) {
    if (a.den == b.den) {
        return a.num == b.num;
    }
    if (is_small(a) && is_small(b)) {
        return a.num * b.den == b.num * a.den;
    }
    return rational_compare(a, b) == 0;
}

struct rational date_min(struct rational a, struct rational b) {
    return date_less(b, a) ? b : a;
}

struct rational date_max(struct rational a, struct rational b) {
    return date_less(a, b) ? b : a;
}

bool date_is_zero(struct rational a) {
    return a.num == 0;
}

int64_t date_quotient(struct rational a, struct rational b) {
    if (is_small(a) && is_small(b)) {
        return a.num * b.den / (a.den * b.num);
    }
    struct rational ratio = date_divide(a, b);
    return ratio.num / ratio.den;
}
