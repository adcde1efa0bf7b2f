/* A list of points in relative units, as polygon and curve keep them. */
#ifndef LEGGIO_TYPES_POINTS_H
#define LEGGIO_TYPES_POINTS_H

#include <stdbool.h>
#include <stddef.h>

#include "renderer/score/message.h"
#include "renderer/types/shapes/shape.h"

struct points {
    struct shape_cache cache;
    unsigned revision; /* counts `set` */
    float *xy;         /* owned; n pairs */
    size_t n;
    double box[4]; /* x, y, width, height in relative units */
};

/* Replace the points by the parameters, all numbers, an even count. needs_floats: whole numbers
 * are refused. 0, LG_EBADREQUEST, LG_ETOOLARGE (LIMIT_POINTS), LG_ENOMEM; unchanged on failure. */
int points_set(struct points *points, const struct param *params, size_t n_params,
               bool needs_floats);
void points_get(const struct points *points, struct message *out);
void points_finish(struct points *points);

#endif
