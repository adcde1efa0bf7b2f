/* `get` in all its forms (section 13). Replies go to the transaction. */
#ifndef LEGGIO_SCORE_QUERY_H
#define LEGGIO_SCORE_QUERY_H

#include "renderer/score/object.h"

void query_run(struct object *object, const struct param *params, size_t n_params);
/* The `set` message of an object alone; false when it has none (nodes, /ITL). */
bool query_set_message(const struct object *object, struct message *out);
/* One value by name in the form `<address> name value…`; false when not answered. */
bool query_value(const struct object *object, const char *address, const char *name,
                 struct message *out);

#endif
