/* Signals: ring buffers of numbers under a `signal` node, parallel ones made of
 * others, and connections that let them drive attributes (score-language reference
 * 12). Score thread only. */
#ifndef LEGGIO_SCORE_SIGNAL_H
#define LEGGIO_SCORE_SIGNAL_H

#include "renderer/score/object.h"

/* A signal is an object of this type, a child of a signal node. */
extern const struct object_type SIGNAL_TYPE;

/* A message to a name that the node does not have yet: size, set, or values make the signal.
 * Returns as object_method.set. */
int signal_create(struct object *node, const char *name, size_t name_len,
                  const struct message *msg);

/* The signal of this name that objects of `owner` mean; NULL. */
struct object *signal_find(const struct object *owner, const char *name);
/* Samples of it: the longest component's for parallel ones. */
size_t signal_size(const struct object *signal);
/* Components: 1, or as many as `set` named. */
size_t signal_dimension(const struct object *signal);
/* Sample `frame_i` (0 = oldest) of a component; what is not there is the default value. */
float signal_value(const struct object *signal, size_t component_i, size_t frame_i);
/* Place in the ring that was written last, 0 .. size-1: graphs that turn with it. */
size_t signal_last_written(const struct object *signal);

/* What makes the signals of a node again, simple ones first. Appends to an array of the caller. */
void signal_list(const struct object *owner, struct message **messages, size_t *n_messages);

/* -- connections: connections.c ---------------------------------------------------------- */
struct signal_connections;
/* `connect`, `disconnect` of the node; return as object_method.set. */
int connections_connect(struct object *node, const struct param *params, size_t n_params);
int connections_disconnect(struct object *node, const struct param *params, size_t n_params);
/* Replies of `get connect`. Appends to an array of the caller. */
void connections_list(const struct object *node, struct message **messages, size_t *n_messages);
/* New values came: their attributes are set at the end of the transaction. */
void connections_mark(struct object *signal);
/* Set the attributes that marked signals drive. */
void connections_run(struct score *score);
/* A signal or an object is deleted by `del`: its connections go. */
void connections_forget(const struct object *gone);
void connections_destroy(struct signal_connections *connections); /* NULL is fine */

#endif
