/* Forwarding (score-language reference 14): messages that come from outside are copied to other
 * hosts by OSC. Score thread only. */
#ifndef LEGGIO_SCORE_FORWARD_H
#define LEGGIO_SCORE_FORWARD_H

#include "renderer/score/object.h"

#define FORWARD_PORT 7000

/* `forward` of the application or a scene: host[:port], with or without "osc://", each added; no
 * parameter clears. Hosts of other protocols and broadcasts are refused (told). */
int forward_set(struct object *owner, const struct param *params, size_t n_params);

/* Copy a handled message to the hosts of the application and of its scene, as their filters allow;
 * not back to the host it came from (`source` of the transaction). */
void forward_message(struct score *score, const struct message *msg);

#endif
