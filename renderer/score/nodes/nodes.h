/* Static nodes (section 3): always there, never created, set or deleted by messages. */
#ifndef LEGGIO_SCORE_NODES_H
#define LEGGIO_SCORE_NODES_H

#include "renderer/score/nodes/settings.h"
#include "renderer/score/object.h"

/* Give the application or a scene its nodes. Objects get theirs when first spoken to: with
 * 100 000 objects nobody wants 300 000 nodes. */
void nodes_add(struct object *owner);
/* An object's node of this name, made now; NULL when it has none of that name. */
struct object *nodes_make_hidden(struct object *owner, const char *name, size_t len);
/* Would a pattern match a node of an object that has not been made yet? */
bool nodes_match_hidden(const struct object *owner, const char *pattern, size_t len);
/* Is it a `signal` node (whose children are signals)? */
/* Settings of a static node; NULL: no such node. */
const struct settings *nodes_settings(const struct object *object);
bool nodes_is_sync(const struct object *object);
bool nodes_is_signal(const struct object *object);

/* -- the fileWatcher node: node_files.c -------------------------------------------- */
struct node_files;
int node_files_watch(struct object *node, const struct param *params, size_t n_params,
                     bool is_append);
void node_files_get(const struct object *node);
/* `watch` and `watch+` messages, appended to an array of the caller. */
void node_files_list(const struct object *node, struct message **messages, size_t *n_messages);
void node_files_destroy(struct node_files *files);

/* -- the log node: log.c ---------------------------------------------------------- */
int log_node_other(struct object *node, const char *method, const struct param *params,
                   size_t n_params);

#endif
