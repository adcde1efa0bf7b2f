/* A list of points from the parameters of a message. */
#include "renderer/types/shapes/points.h"

#include <math.h>
#include <stdlib.h>

#include "common/err.h"
#include "proto/limits.h"

static int check(const struct param *params, size_t n_params, bool needs_floats) {
    if (n_params == 0 || n_params % 2 != 0) {
        return LG_EBADREQUEST;
    }
    for (size_t param_i = 0; param_i < n_params; param_i++) {
        const struct param *param = &params[param_i];
        if (!param_is_number(param) || (needs_floats && param->kind != PARAM_FLOAT) ||
            !isfinite(param_as_float(param))) {
            return LG_EBADREQUEST;
        }
    }
    return n_params / 2 > LIMIT_POINTS ? LG_ETOOLARGE : LG_OK;
}

int points_set(struct points *points, const struct param *params, size_t n_params,
               bool needs_floats) {
    int code = check(params, n_params, needs_floats);
    if (code != LG_OK) {
        return code;
    }
    float *xy = malloc(n_params * sizeof *xy);
    if (xy == NULL) {
        return LG_ENOMEM;
    }
    for (size_t param_i = 0; param_i < n_params; param_i++) {
        xy[param_i] = param_as_float(&params[param_i]);
    }
    free(points->xy);
    points->xy = xy;
    points->n = n_params / 2;
    points->revision++;
    return LG_OK;
}

void points_get(const struct points *points, struct message *out) {
    for (size_t value_i = 0; value_i < 2 * points->n; value_i++) {
        message_give_param(out, param_float(points->xy[value_i]));
    }
}

void points_finish(struct points *points) {
    shape_cache_clear(&points->cache);
    free(points->xy);
    *points = (struct points){0};
}
