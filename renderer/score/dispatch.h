/* A message finds its objects and their methods (section 4). */
#ifndef LEGGIO_SCORE_DISPATCH_H
#define LEGGIO_SCORE_DISPATCH_H

#include "renderer/score/object.h"

/* Run a message by its address; errors are reported. Aliases and host prefixes are behind us. */
void dispatch_message(struct score *score, const struct message *msg);
/* Run it on one object whatever its address says (aliases). */
void dispatch_to_object(struct object *object, const struct message *msg);
/* Has the object a message of this name? */
bool dispatch_knows(const struct object *object, const char *method);

#endif
