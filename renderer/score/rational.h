/* Exact musical time: rationals of a whole note (score-language reference 10.1).
 * Always stored as given (not reduced) so that `get date` reads back what was set. */
#ifndef LEGGIO_SCORE_RATIONAL_H
#define LEGGIO_SCORE_RATIONAL_H

#include <stdbool.h>
#include <stdint.h>

struct rational {
    int64_t num, den; /* den > 0 */
};

/* false, and *out untouched, when den is 0 or the value does not fit. */
bool rational_make(int64_t num, int64_t den, struct rational *out);
/* Resolution 1/10000, not reduced: 3.5 -> 35000/10000. false when not finite or too large. */
bool rational_from_float(double value, struct rational *out);
/* The sum and the product, reduced. */
bool rational_add(struct rational a, struct rational b, struct rational *out);
bool rational_multiply(struct rational a, struct rational b, struct rational *out);
struct rational rational_reduce(struct rational a);
/* Down to a multiple of step; false when step <= 0. */
bool rational_quantise(struct rational value, struct rational step, struct rational *out);
int rational_compare(struct rational a, struct rational b);
double rational_to_double(struct rational a);

#endif
