/* leggio-relay: stands between a renderer and many gateways, or between relays.
 * One feed and one connection for calls go up, any number come in below; what
 * passes is neither read nor kept. */
#ifndef LEGGIO_RELAY_RELAY_H
#define LEGGIO_RELAY_RELAY_H

#include "common/options.h"

extern const struct options_table RELAY_OPTIONS;

/* Until SIGTERM or SIGINT. Exit status: 0, or 1 when it could not start
 * (logged). Options are borrowed. */
int relay_run(struct options *options);

#endif
