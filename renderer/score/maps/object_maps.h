/* The maps of an object: anonymous, named, default, and those that a score computes
 * (score-language reference 10.2). Score thread only. */
#ifndef LEGGIO_SCORE_OBJECT_MAPS_H
#define LEGGIO_SCORE_OBJECT_MAPS_H

#include "renderer/score/maps/segments.h"
#include "renderer/score/object.h"

#define OBJECT_MAPS_MAX 64 /* names of one object */

void object_maps_destroy(struct object_maps *maps); /* NULL is fine */

/* `map`, `map+` and `mapf`; return as object_method.set. */
int object_map_set(struct object *object, const struct param *params, size_t n_params);
int object_map_add(struct object *object, const struct param *params, size_t n_params);
int object_map_file(struct object *object, const struct param *params, size_t n_params);

/* Replies of `get map`: those that were set. Appends to an array of the caller. */
void object_map_list(const struct object *object, struct message **messages, size_t *n_messages);

/* Segments under a name; NULL or "": the anonymous map, else the default one. Sorted, in the
 * object's coordinates. Valid until the object's data, size, duration or maps change; NULL: there
 * is no such map. */
const struct segments *object_map_find(const struct object *object, const char *name);

#endif
