/* Second addresses of objects (3.1). */
#ifndef LEGGIO_SCORE_ALIASES_H
#define LEGGIO_SCORE_ALIASES_H

#include "renderer/score/object.h"

/* The `alias` message. Returns as object_method.set. */
int aliases_set(struct object *object, const struct param *params, size_t n_params);
/* If the address is an alias, run the message on its object; false when it is none. */
bool aliases_process(struct score *score, const struct message *msg);
/* One message per alias, appended to an array of the caller. */
void aliases_list(const struct object *object, struct message **messages, size_t *n_messages);
/* The object is gone, or takes its aliases back. */
void aliases_forget(struct object *object);

#endif
