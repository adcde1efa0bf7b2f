/* How objects come, are found and go; for the files of this folder. */
#ifndef LEGGIO_SCORE_OBJECT_TREE_H
#define LEGGIO_SCORE_OBJECT_TREE_H

#include "renderer/score/object.h"

/* A fresh object with the attributes of its type, in no family yet. NULL when the type
 * cannot make its data. */
struct object *object_create(struct score *score, struct object *parent, const char *name,
                             const struct object_type *type);
/* Put it under its parent as the newest child. */
void object_link(struct object *object);
/* Out of the family's index at once, out of memory at the end of the task. */
void object_delete(struct object *object);
/* Never linked, or being swept. Children first. */
void object_destroy(struct object *object);
/* Free everything deleted since the last sweep; linear in the families concerned. */
void object_sweep(struct score *score);

/* Child by a name that need not be terminated; deleted ones are not found. */
struct object *object_child_n(const struct object *parent, const char *name, size_t len);
/* Children that are objects (not static nodes), of the whole subtree when is_deep. */
size_t object_count(const struct object *object, bool is_deep);
/* Is it, or an ancestor, deleted? */
bool object_is_gone(const struct object *object);
/* May an object have this name? */
bool object_name_is_valid(const char *name, size_t len);

#endif
