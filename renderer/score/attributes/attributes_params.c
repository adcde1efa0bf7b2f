/* Parameters to values: what several attributes and types share. */
#include "renderer/score/attributes/attributes.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"

int params_float(const struct param *params, size_t n_params, float *value) {
    if (n_params != 1 || !param_is_number(&params[0])) {
        return LG_EBADREQUEST;
    }
    float number = param_as_float(&params[0]);
    if (!isfinite(number)) {
        return LG_EBADREQUEST; /* OSC can carry it; no geometry can */
    }
    *value = number;
    return 0;
}

int params_bool(const struct param *params, size_t n_params, bool *value) {
    if (n_params != 1 || !param_is_number(&params[0])) {
        return LG_EBADREQUEST;
    }
    *value = param_as_float(&params[0]) != 0;
    return 0;
}

int params_dimension(const struct param *param, struct dimension *value) {
    if (param->kind != PARAM_STRING) {
        float number;
        int err = params_float(param, 1, &number);
        if (err == 0) {
            *value = (struct dimension){number, UNIT_PLAIN};
        }
        return err;
    }
    const char *text = param->as.text;
    if (text[0] == '\0' || strchr("+-0123456789.", text[0]) == NULL) {
        return LG_EBADREQUEST;
    }
    char *end;
    float number = strtof(text, &end);
    bool is_sw = strcmp(end, "sw") == 0;
    if (end == text || !isfinite(number) || (!is_sw && strcmp(end, "sh") != 0)) {
        return LG_EBADREQUEST;
    }
    *value = (struct dimension){number, is_sw ? UNIT_SW : UNIT_SH};
    return 0;
}

void params_give_dimension(struct message *out, struct dimension value) {
    if (value.unit == UNIT_PLAIN) {
        message_give_param(out, param_float(value.value));
        return;
    }
    char text[48];
    snprintf(text, sizeof text, "%g%s", (double)value.value, value.unit == UNIT_SW ? "sw" : "sh");
    message_give_param(out, param_string(text));
}

int param_text_rational(const char *text, struct rational *value) {
    char *end;
    errno = 0;
    long long num = strtoll(text, &end, 10);
    if (end == text || *end != '/') {
        return LG_EBADREQUEST;
    }
    const char *den_text = end + 1;
    long long den = strtoll(den_text, &end, 10);
    if (end == den_text || *end != '\0' || errno != 0 || num > INT32_MAX || num < -INT32_MAX ||
        den > INT32_MAX || den < -INT32_MAX) {
        return LG_EBADREQUEST;
    }
    return rational_make(num, den, value) ? 0 : LG_EBADREQUEST;
}

int params_rational(const struct param *params, size_t n_params, struct rational *value) {
    bool is_ok = false;
    if (n_params == 1) {
        switch (params[0].kind) {
        case PARAM_INT:
            is_ok = rational_make(params[0].as.i, 1, value);
            break;
        case PARAM_FLOAT:
            is_ok = fabsf(params[0].as.f) < 200000.0f &&
                    rational_from_float((double)params[0].as.f, value);
            break;
        case PARAM_STRING:
            return param_text_rational(params[0].as.text, value);
        case PARAM_MESSAGES:
            break;
        }
    } else if (n_params == 2 && param_is_number(&params[0]) && param_is_number(&params[1])) {
        is_ok = rational_make(param_as_int(&params[0]), param_as_int(&params[1]), value);
    }
    return is_ok ? 0 : LG_EBADREQUEST;
}
