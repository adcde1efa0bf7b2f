/* Sums and comparisons of exact dates; see dates.h. */
#include "renderer/notation/music/dates.h"

struct rational date_add(struct rational a, struct rational b) {
    struct rational sum = a;
    rational_add(a, b, &sum);
    return sum;
}

struct rational date_subtract(struct rational a, struct rational b) {
    return date_add(a, (struct rational){-b.num, b.den});
}

struct rational date_multiply(struct rational a, struct rational b) {
    struct rational product = a;
    rational_multiply(a, b, &product);
    return product;
}

struct rational date_divide(struct rational a, struct rational b) {
    struct rational inverse = b.num < 0 ? (struct rational){-b.den, -b.num}
                                        : (struct rational){b.den, b.num};
    return date_multiply(a, inverse);
}

bool date_less(struct rational a, struct rational b) {
    if (a.den == b.den) {
        return a.num < b.num;
    }
    return rational_compare(a, b) < 0;
}

bool date_equal(struct rational a, struct rational b) {
    if (a.den == b.den) {
        return a.num == b.num;
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
    struct rational ratio = date_divide(a, b);
    return ratio.num / ratio.den;
}
