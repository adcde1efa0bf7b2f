/* The message `set`: objects come, get content, change their type (4.4, 4.7, 4.8). */
#ifndef LEGGIO_SCORE_SET_H
#define LEGGIO_SCORE_SET_H

#include "renderer/score/object.h"

/* A new child by `set <type> …`. 0; LG_EBADREQUEST = incorrect parameters; others: reported. */
int set_new_object(struct object *parent, const char *name, size_t name_len,
                   const struct param *params, size_t n_params);
/* New content, or another type in its place. */
int set_object(struct object *object, const struct param *params, size_t n_params);

#endif
