/* Numbers that agree up to a bound. */
#ifndef LEGGIO_TESTS_NEAR_H
#define LEGGIO_TESTS_NEAR_H

#include <math.h>
#include <stdio.h>

#define assert_near(a, b, bound)                                                                   \
    do {                                                                                           \
        double near_a = (a), near_b = (b);                                                         \
        if (!(fabs(near_a - near_b) <= (bound))) {                                                 \
            printf("%s is %g, %s is %g\n", #a, near_a, #b, near_b);                                \
        }                                                                                          \
        assert_true(fabs(near_a - near_b) <= (bound));                                             \
    } while (0)

#endif
