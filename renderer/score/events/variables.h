/* Variables in messages of events, replaced when the event fires (11.2). */
#ifndef LEGGIO_SCORE_VARIABLES_H
#define LEGGIO_SCORE_VARIABLES_H

#include "renderer/score/object.h"

struct variable_context {
    struct object *object;
    const struct param *args; /* of a user event */
    size_t n_args;
    bool has_point; /* mouse events: x y in local units of the object */
    double x, y;
};

/* A copy of `from` with everything replaced; false = a date could not be resolved, the
 * message is dropped and *to untouched. */
bool variables_expand(const struct variable_context *context, const struct message *from,
                      struct message *to);

#endif
