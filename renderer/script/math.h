/* Math in parameters (score-language reference 1.3): values in, values out.
 *
 * Every function takes over its operands. A failure is a value with an error. */
#ifndef LEGGIO_SCRIPT_MATH_H
#define LEGGIO_SCRIPT_MATH_H

#include "renderer/script/value.h"

enum math_op {
    MATH_ADD,
    MATH_SUBTRACT,
    MATH_MULTIPLY,
    MATH_DIVIDE,
    MATH_MODULO,
    MATH_GREATER,
    MATH_GREATER_EQUAL,
    MATH_LESS,
    MATH_LESS_EQUAL,
    MATH_EQUAL,
};

/* Whole numbers saturate at the ends of int32, floats at the largest finite one. */
struct value math_binary(enum math_op op, struct value *left, struct value *right,
                         struct script_loc loc);
struct value math_not(struct value *value, struct script_loc loc);
/* ( condition ? yes : no ) */
struct value math_choose(struct value *condition, struct value *yes, struct value *no,
                         struct script_loc loc);
/* is_max: @max, else @min. A string counts as its length. */
struct value math_extreme(bool is_max, struct value *values, struct script_loc loc);
/* Every number of a variable's value, by step (1 or -1), in place. An error is left in value. */
void math_step(struct value *value, int step, struct script_loc loc);

#endif
