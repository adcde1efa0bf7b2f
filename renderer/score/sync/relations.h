/* Who follows whom: the relations that a `sync` node holds between the children of
 * its owner (score-language reference 10.3). Score thread only. */
#ifndef LEGGIO_SCORE_SYNC_RELATIONS_H
#define LEGGIO_SCORE_SYNC_RELATIONS_H

#include "renderer/score/object.h"
#include "renderer/score/sync/place.h"

struct sync_relation {
    struct object *slave, *master; /* both children of the owner, alive */
    char *slave_map, *master_map;  /* NULL = anonymous; owned */
    struct sync_mode mode;
};

/* A message to the node of `owner`: method = slave's name or pattern, "name:map" too.
 * Returns as object_method.set. */
int sync_message(struct object *owner, const char *method, const struct param *params,
                 size_t n_params);

/* Replies of `get` (slave NULL) and `get slave`. Appends to an array of the caller. */
void sync_list(const struct object *owner, const char *slave, struct message **messages,
               size_t *n_messages);

/* The next relation, from index *at on, in which this object is the slave (or master); NULL: no
 * more. *at is moved behind it. O(relations of the owner), nothing when it has none. */
const struct sync_relation *sync_next_as_slave(const struct object *slave, size_t *at);
const struct sync_relation *sync_next_as_master(const struct object *master, size_t *at);

/* The object leaves, or another takes its place (`set` with another type). */
void sync_forget(struct object *object);
void sync_replace(struct object *before, struct object *after);
void sync_table_destroy(struct sync_table *table); /* NULL is fine */

#endif
