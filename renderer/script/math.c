/* Math in parameters: single parameters, then element-wise on lists. Nothing
 * here may be undefined: results are saturated. */
#include "renderer/script/math.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "renderer/score/alloc.h"

static const char *const op_names[] = {
    [MATH_ADD] = "+",
    [MATH_SUBTRACT] = "-",
    [MATH_MULTIPLY] = "*",
    [MATH_DIVIDE] = "/",
    [MATH_MODULO] = "%",
    [MATH_GREATER] = ">",
    [MATH_GREATER_EQUAL] = ">=",
    [MATH_LESS] = "<",
    [MATH_LESS_EQUAL] = "<=",
    [MATH_EQUAL] = "==",
};

enum failure { FAIL_NONE, FAIL_TYPE, FAIL_ZERO };

static struct value fail(const char *op, enum failure failure, struct script_loc loc) {
    return value_failed(loc, "math '%s': %s", op,
                        failure == FAIL_ZERO ? "division by 0" : "unsupported type of argument");
}

static int32_t saturate_int(int64_t number) {
    return number > INT32_MAX ? INT32_MAX : number < INT32_MIN ? INT32_MIN : (int32_t)number;
}

static float saturate_float(double number) {
    if (isnan(number)) {
        return 0;
    }
    return number > (double)FLT_MAX    ? FLT_MAX
           : number < (double)-FLT_MAX ? -FLT_MAX
                                       : (float)number;
}

static enum failure compute_int(enum math_op op, int64_t a, int64_t b, struct param *result) {
    int64_t number = 0;
    switch (op) {
    case MATH_ADD:
        number = a + b;
        break;
    case MATH_SUBTRACT:
        number = a - b;
        break;
    case MATH_MULTIPLY:
        number = a * b;
        break;
    default:
        if (b == 0) {
            return FAIL_ZERO;
        }
        number = op == MATH_DIVIDE ? a / b : a % b;
    }
    *result = param_int(saturate_int(number));
    return FAIL_NONE;
}

/* In single precision, as the values are stored: 0.4 - 0.2 is then the 0.2 that a script writes. */
static enum failure compute_float(enum math_op op, float a, float b, struct param *result) {
    double number = 0;
    switch (op) {
    case MATH_ADD:
        number = (double)(a + b);
        break;
    case MATH_SUBTRACT:
        number = (double)(a - b);
        break;
    case MATH_MULTIPLY:
        number = (double)(a * b);
        break;
    default:
        if (b == 0) {
            return FAIL_ZERO;
        }
        number = (double)(a / b);
    }
    *result = param_float(saturate_float(number));
    return FAIL_NONE;
}

static struct param concatenate(const struct param *left, const struct param *right) {
    struct text text = {0};
    param_print(left, true, &text);
    param_print(right, true, &text);
    struct param result = {.kind = PARAM_STRING,
                           .as.text = alloc_text(text.data != NULL ? text.data : "")};
    text_finish(&text);
    return result;
}

static enum failure compute(enum math_op op, const struct param *left, const struct param *right,
                            struct param *result) {
    if (left->kind == PARAM_MESSAGES || right->kind == PARAM_MESSAGES) {
        return FAIL_TYPE;
    }
    if (left->kind == PARAM_STRING || right->kind == PARAM_STRING) {
        if (op != MATH_ADD) {
            return FAIL_TYPE;
        }
        *result = concatenate(left, right);
        return FAIL_NONE;
    }
    if (op == MATH_MODULO || (left->kind == PARAM_INT && right->kind == PARAM_INT)) {
        return compute_int(op, param_as_int(left), param_as_int(right), result);
    }
    return compute_float(op, param_as_float(left), param_as_float(right), result);
}

/* One of < = > as -1, 0, 1; 2 = not comparable numbers (a NaN from outside). */
static enum failure order(const struct param *left, const struct param *right, int *result) {
    if (left->kind == PARAM_STRING && right->kind == PARAM_STRING) {
        int difference = strcmp(left->as.text, right->as.text);
        *result = (difference > 0) - (difference < 0);
        return FAIL_NONE;
    }
    if (!param_is_number(left) || !param_is_number(right)) {
        return FAIL_TYPE;
    }
    if (left->kind == PARAM_INT && right->kind == PARAM_INT) {
        *result = (left->as.i > right->as.i) - (left->as.i < right->as.i);
        return FAIL_NONE;
    }
    float a = param_as_float(left), b = param_as_float(right);
    *result = isnan(a) || isnan(b) ? 2 : (a > b) - (a < b);
    return FAIL_NONE;
}

static bool satisfies(enum math_op op, int sign) {
    switch (op) {
    case MATH_GREATER:
        return sign == 1;
    case MATH_GREATER_EQUAL:
        return sign == 1 || sign == 0;
    case MATH_LESS:
        return sign == -1;
    case MATH_LESS_EQUAL:
        return sign == -1 || sign == 0;
    default:
        return sign == 0;
    }
}

static struct value compare(enum math_op op, const struct value *left, const struct value *right,
                            struct script_loc loc) {
    bool is_true = left->n_params == right->n_params;
    for (size_t i = 0; i < left->n_params && i < right->n_params; i++) {
        int sign;
        enum failure failure = order(&left->params[i], &right->params[i], &sign);
        if (failure != FAIL_NONE) {
            return fail(op_names[op], failure, loc);
        }
        is_true = is_true && satisfies(op, sign);
    }
    return value_int(is_true);
}

static struct value elementwise(enum math_op op, const struct value *left,
                                const struct value *right, struct script_loc loc) {
    size_t n_left = left->n_params, n_right = right->n_params;
    size_t n_result = n_left > n_right ? n_left : n_right;
    bool is_scaled = n_left > 0 && n_right > 0 && (n_left == 1 || n_right == 1);
    struct value result = value_empty();
    for (size_t i = 0; i < n_result; i++) {
        struct param param;
        if (!is_scaled && (i >= n_left || i >= n_right)) {
            /* Surplus of the longer list. Lists of messages keep the whole's depth and size. */
            const struct value *longer = n_left > n_right ? left : right;
            bool is_list = longer->params[i].kind == PARAM_MESSAGES;
            value_push(&result, param_copy(&longer->params[i]), is_list ? longer->depth : 0,
                       is_list ? longer->bytes : 0);
            continue;
        }
        enum failure failure = compute(op, &left->params[is_scaled && n_left == 1 ? 0 : i],
                                       &right->params[is_scaled && n_right == 1 ? 0 : i], &param);
        if (failure != FAIL_NONE) {
            value_finish(&result);
            return fail(op_names[op], failure, loc);
        }
        value_push(&result, param, 0, 0);
    }
    return result;
}

struct value math_binary(enum math_op op, struct value *left, struct value *right,
                         struct script_loc loc) {
    struct value result;
    if (left->error != NULL || right->error != NULL) {
        struct value *failed = left->error != NULL ? left : right;
        result = *failed;
        *failed = value_empty();
    } else if (op >= MATH_GREATER) {
        result = compare(op, left, right, loc);
    } else {
        result = elementwise(op, left, right, loc);
    }
    value_finish(left);
    value_finish(right);
    return result;
}

/* True when all elements are numbers other than zero; nothing at all is false. */
static enum failure truth(const struct value *value, bool *is_true) {
    *is_true = value->n_params > 0;
    for (size_t i = 0; i < value->n_params; i++) {
        const struct param *param = &value->params[i];
        if (!param_is_number(param)) {
            return FAIL_TYPE;
        }
        bool is_zero = param->kind == PARAM_INT ? param->as.i == 0 : param->as.f == 0;
        *is_true = *is_true && !is_zero;
    }
    return FAIL_NONE;
}

struct value math_not(struct value *value, struct script_loc loc) {
    struct value result = *value;
    *value = value_empty();
    bool is_true;
    if (result.error != NULL) {
        return result;
    }
    enum failure failure = truth(&result, &is_true);
    value_finish(&result);
    return failure != FAIL_NONE ? fail("!", failure, loc) : value_int(!is_true);
}

struct value math_choose(struct value *condition, struct value *yes, struct value *no,
                         struct script_loc loc) {
    struct value result;
    bool is_true = false;
    enum failure failure = FAIL_NONE;
    if (condition->error != NULL) {
        result = *condition;
        *condition = value_empty();
    } else if ((failure = truth(condition, &is_true)) != FAIL_NONE) {
        result = fail("?", failure, loc);
    } else {
        struct value *chosen = is_true ? yes : no;
        result = *chosen;
        *chosen = value_empty();
    }
    value_finish(condition);
    value_finish(yes);
    value_finish(no);
    return result;
}

struct value math_extreme(bool is_max, struct value *values, struct script_loc loc) {
    const char *op = is_max ? "@max" : "@min";
    struct param best = param_int(0);
    struct value result = value_empty();
    for (size_t i = 0; i < values->n_params; i++) {
        struct param param = values->params[i];
        if (param.kind == PARAM_STRING) {
            size_t len = strlen(param.as.text);
            param = param_int(len > INT32_MAX ? INT32_MAX : (int32_t)len);
        }
        int sign = 0;
        enum failure failure = order(&param, i == 0 ? &param : &best, &sign);
        if (failure != FAIL_NONE) {
            result = fail(op, failure, loc);
            value_finish(values);
            return result;
        }
        if (i == 0 || sign == (is_max ? 1 : -1)) {
            best = param;
        }
    }
    if (values->n_params > 0) {
        value_push(&result, best, 0, 0);
    }
    value_finish(values);
    return result;
}

void math_step(struct value *value, int step, struct script_loc loc) {
    for (size_t i = 0; i < value->n_params; i++) {
        if (!param_is_number(&value->params[i])) {
            struct value failed = fail(step > 0 ? "++" : "--", FAIL_TYPE, loc);
            value->error = failed.error;
            return;
        }
    }
    for (size_t i = 0; i < value->n_params; i++) {
        struct param *param = &value->params[i];
        if (param->kind == PARAM_INT) {
            param->as.i = saturate_int((int64_t)param->as.i + step);
        } else {
            param->as.f = saturate_float((double)(param->as.f + (float)step));
        }
    }
}
