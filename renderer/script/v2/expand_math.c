/* Prefix math: operators fold over their arguments, as version 1 computes them; functions take
 * numbers to floats. Times (10ms) stay times. */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "proto/limits.h"
#include "renderer/script/math.h"
#include "renderer/script/v2/expand.h"

enum {
    FUNCTION_RAND,
    FUNCTION_MIN,
    FUNCTION_MAX,
    FUNCTION_HAS,
    FUNCTION_POW,
    FUNCTION_FIRST_OF_ONE
};

static const char *const SPECIAL[] = {"rand", "min", "max", "has", "pow"};

static const struct {
    const char *name;
    double (*compute)(double);
} OF_ONE[] = {
    {"sin", sin},     {"cos", cos},     {"tan", tan},   {"asin", asin}, {"acos", acos},
    {"atan", atan},   {"sinh", sinh},   {"cosh", cosh}, {"tanh", tanh}, {"asinh", asinh},
    {"acosh", acosh}, {"atanh", atanh}, {"exp", exp},   {"log", log},   {"log10", log10},
    {"log2", log2},   {"sqrt", sqrt},   {"cbrt", cbrt}, {"ceil", ceil}, {"floor", floor},
    {"round", round}, {"abs", fabs},
};

int tree_function(const char *name, bool *has_no_arguments) {
    *has_no_arguments = strcmp(name, "rand") == 0;
    for (size_t i = 0; i < sizeof SPECIAL / sizeof SPECIAL[0]; i++) {
        if (strcmp(SPECIAL[i], name) == 0) {
            return (int)i;
        }
    }
    for (size_t i = 0; i < sizeof OF_ONE / sizeof OF_ONE[0]; i++) {
        if (strcmp(OF_ONE[i].name, name) == 0) {
            return FUNCTION_FIRST_OF_ONE + (int)i;
        }
    }
    return -1;
}

/* Moves a failed value into a report. */
static bool check(struct expansion *expansion, struct quantity *quantity) {
    if (quantity->value.error == NULL) {
        return true;
    }
    expand_fail(expansion, quantity->value.error->loc, "%s", quantity->value.error->text);
    value_finish(&quantity->value);
    return false;
}

/* true and false are 1 and 0 where a condition stands. */
static void words_to_truth(struct value *value) {
    for (size_t i = 0; i < value->n_params; i++) {
        struct param *param = &value->params[i];
        bool is_true = param->kind == PARAM_STRING && strcmp(param->as.text, "true") == 0;
        bool is_false = param->kind == PARAM_STRING && strcmp(param->as.text, "false") == 0;
        if (is_true || is_false) {
            param_finish(param);
            *param = param_int(is_true);
        }
    }
}

const struct tree *expand_choose(struct expansion *expansion, const struct tree *tree,
                                 struct scope scope, const struct bound *path) {
    struct quantity condition;
    if (tree->n_items != 3) {
        expand_fail(expansion, tree->loc, "'?' takes a condition and two branches: ? c, a, b");
        return NULL;
    }
    if (!expand_values(expansion, tree->items[0], scope, path, &condition)) {
        return NULL;
    }
    words_to_truth(&condition.value);
    struct value yes = value_int(1), no = value_int(0);
    condition.value = math_choose(&condition.value, &yes, &no, tree->loc);
    if (!check(expansion, &condition)) {
        return NULL;
    }
    bool is_true = condition.value.n_params > 0 && condition.value.params[0].as.i == 1;
    value_finish(&condition.value);
    return tree->items[is_true ? 1 : 2];
}

/* Elements of a list, one after the other, as one argument each. */
static struct value element(const struct value *list, size_t i) {
    struct value value = value_empty();
    value_push(&value, param_copy(&list->params[i]), 0, 0);
    return value;
}

static void negate(struct value *value, struct script_loc loc) {
    struct value zero = value_int(0);
    *value = math_binary(MATH_SUBTRACT, &zero, value, loc);
}

/* One argument that is a list: its elements are the arguments. */
static void fold_elements(enum math_op op, struct value *value, struct script_loc loc) {
    struct value list = *value;
    *value = element(&list, 0);
    for (size_t i = 1; i < list.n_params && value->error == NULL; i++) {
        struct value next = element(&list, i);
        *value = math_binary(op, value, &next, loc);
    }
    value_finish(&list);
}

static bool fold(struct expansion *expansion, const struct tree *tree, struct scope scope,
                 const struct bound *path, struct quantity *out) {
    bool is_unequal = tree->code == OPERATOR_NOT_EQUAL;
    enum math_op op = is_unequal ? MATH_EQUAL : (enum math_op)tree->code;
    for (size_t i = 0; i < tree->n_items; i++) {
        struct quantity next;
        if (!expand_values(expansion, tree->items[i], scope, path, &next)) {
            value_finish(&out->value);
            return false;
        }
        out->is_delay = out->is_delay || next.is_delay;
        if (i == 0) {
            out->value = next.value;
        } else {
            out->value = math_binary(op, &out->value, &next.value, tree->loc);
        }
        expansion->bytes += out->value.bytes;
        if (expansion->bytes > LIMIT_SCRIPT_EXPANDED_BYTES) {
            value_finish(&out->value);
            return expand_fail(expansion, tree->loc, "the script expands to more than %u MiB",
                               LIMIT_SCRIPT_EXPANDED_BYTES >> 20);
        }
    }
    if (tree->n_items == 1 && out->value.n_params > 1) {
        fold_elements(op, &out->value, tree->loc);
    } else if (tree->n_items == 1 && op == MATH_SUBTRACT) {
        negate(&out->value, tree->loc);
    }
    if (op >= MATH_GREATER) {
        out->is_delay = false;
    }
    if (is_unequal && out->value.error == NULL) {
        out->value = math_not(&out->value, tree->loc);
    }
    return check(expansion, out);
}

/* -- functions ------------------------------------------------------------------------------- */

static float finite_float(double number) {
    return isnan(number)               ? 0
           : number > (double)FLT_MAX  ? FLT_MAX
           : number < (double)-FLT_MAX ? -FLT_MAX
                                       : (float)number;
}

static bool is_equal(const struct param *a, const struct param *b) {
    if (a->kind == PARAM_STRING || b->kind == PARAM_STRING) {
        return a->kind == b->kind && strcmp(a->as.text, b->as.text) == 0;
    }
    return param_is_number(a) && param_is_number(b) &&
           !(param_as_float(a) < param_as_float(b) || param_as_float(a) > param_as_float(b));
}

static bool has(struct expansion *expansion, const struct tree *tree, const struct value *args,
                struct quantity *out) {
    if (args->n_params < 1) {
        return expand_fail(expansion, tree->loc, "math.has takes a value and a list");
    }
    bool is_found = false;
    for (size_t i = 1; i < args->n_params; i++) {
        is_found = is_found || is_equal(&args->params[0], &args->params[i]);
    }
    out->value = value_int(is_found);
    return true;
}

static bool of_numbers(struct expansion *expansion, const struct tree *tree, unsigned function,
                       const struct value *args, struct quantity *out) {
    size_t n_wanted = function == FUNCTION_POW ? 2 : 1;
    const char *name =
        function == FUNCTION_POW ? "pow" : OF_ONE[function - FUNCTION_FIRST_OF_ONE].name;
    if (args->n_params != n_wanted) {
        return expand_fail(expansion, tree->loc, "math.%s takes %zu number%s, %zu are given", name,
                           n_wanted, n_wanted == 1 ? "" : "s", args->n_params);
    }
    for (size_t i = 0; i < n_wanted; i++) {
        if (!param_is_number(&args->params[i])) {
            return expand_fail(expansion, tree->loc, "math.%s takes numbers only", name);
        }
    }
    double a = (double)param_as_float(&args->params[0]);
    double result = function == FUNCTION_POW ? pow(a, (double)param_as_float(&args->params[1]))
                                             : OF_ONE[function - FUNCTION_FIRST_OF_ONE].compute(a);
    out->value = value_float(finite_float(result));
    return true;
}

static bool run_function(struct expansion *expansion, const struct tree *tree, struct scope scope,
                         const struct bound *path, struct quantity *out) {
    unsigned function = tree->code - OPERATOR_FUNCTION;
    struct quantity args = {0};
    if (function == FUNCTION_RAND) {
        out->value = value_float((float)erand48(expansion->random));
        return true;
    }
    for (size_t i = 0; i < tree->n_items; i++) {
        struct quantity next;
        if (!expand_values(expansion, tree->items[i], scope, path, &next)) {
            value_finish(&args.value);
            return false;
        }
        args.is_delay = args.is_delay || next.is_delay;
        value_move(&args.value, &next.value);
    }
    if (function == FUNCTION_MIN || function == FUNCTION_MAX) {
        out->is_delay = args.is_delay;
        out->value = math_extreme(function == FUNCTION_MAX, &args.value, tree->loc);
        return check(expansion, out);
    }
    bool is_good = function == FUNCTION_HAS
                       ? has(expansion, tree, &args.value, out)
                       : of_numbers(expansion, tree, function, &args.value, out);
    value_finish(&args.value);
    return is_good;
}

bool expand_operator(struct expansion *expansion, const struct tree *tree, struct scope scope,
                     const struct bound *path, struct quantity *out) {
    *out = (struct quantity){0};
    if (tree->code >= OPERATOR_FUNCTION) {
        return run_function(expansion, tree, scope, path, out);
    }
    if (tree->code == OPERATOR_CHOOSE) {
        const struct tree *branch = expand_choose(expansion, tree, scope, path);
        return branch != NULL && expand_values(expansion, branch, scope, path, out);
    }
    if (tree->code != OPERATOR_NOT) {
        return fold(expansion, tree, scope, path, out);
    }
    if (tree->n_items != 1) {
        return expand_fail(expansion, tree->loc, "'!' takes one argument");
    }
    if (!expand_values(expansion, tree->items[0], scope, path, out)) {
        return false;
    }
    words_to_truth(&out->value);
    out->is_delay = false;
    out->value = math_not(&out->value, tree->loc);
    return check(expansion, out);
}
