/* Parameters of watch, between watch.c and watch_parse.c. */
#ifndef LEGGIO_SCORE_WATCH_PARSE_H
#define LEGGIO_SCORE_WATCH_PARSE_H

#include "renderer/score/events/watch.h"

/* Fill *fresh (its lists empty); *list is one reference, NULL when no messages were given.
 * is_whole_name: neither interval nor selector was given. */
int watch_parse(const struct object *object, const struct param *params, size_t n_params,
                struct watch *fresh, struct message_list **list, bool *is_whole_name);
void watch_finish(struct watch *watch);

#endif
