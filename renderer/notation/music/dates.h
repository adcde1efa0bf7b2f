/* Exact dates without error paths: readers bound dates and durations, what nevertheless does not
 * fit 64 bits stays as it was (the first argument). */
#ifndef LEGGIO_NOTATION_DATES_H
#define LEGGIO_NOTATION_DATES_H

#include "renderer/score/rational.h"

struct rational date_add(struct rational a, struct rational b);
struct rational date_subtract(struct rational a, struct rational b);
struct rational date_multiply(struct rational a, struct rational b);
/* b must not be 0. */
struct rational date_divide(struct rational a, struct rational b);
struct rational date_min(struct rational a, struct rational b);
struct rational date_max(struct rational a, struct rational b);
bool date_less(struct rational a, struct rational b);
bool date_equal(struct rational a, struct rational b);
bool date_is_zero(struct rational a);
/* Whole times b goes into a, both positive. */
int64_t date_quotient(struct rational a, struct rational b);

#endif
