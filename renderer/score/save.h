/* Everything about objects as messages that make them again: `get *` and save. */
#ifndef LEGGIO_SCORE_SAVE_H
#define LEGGIO_SCORE_SAVE_H

#include "renderer/score/object.h"

/* One message after the other, object first, then children; put takes over each.
 * is_script: lists of messages as one parameter, sizes only where they were set. */
void save_emit(const struct object *object, bool is_script,
               void (*put)(void *ctx, struct message *msg), void *ctx);
/* The same as a script for a fresh score: what such an object has anyway is left out. For
 * snapshots, which are to cost little. */
void save_emit_brief(const struct object *object, void (*put)(void *ctx, struct message *msg),
                     void *ctx);
/* The whole object as script text, one message per line; append to out. */
void save_text(const struct object *object, struct text *out);
/* The `save` message. Returns as object_method.set. */
int save_run(struct object *object, const struct param *params, size_t n_params);

#endif
