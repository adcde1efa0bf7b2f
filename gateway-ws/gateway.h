/* leggio-ws: ties the parts together. See docs/architecture.md section 6. */
#ifndef LEGGIO_GATEWAY_WS_GATEWAY_H
#define LEGGIO_GATEWAY_WS_GATEWAY_H

#include <stdint.h>

#include "common/options.h"

struct gateway;

/* The table of every option of the program. */
extern const struct options_table gateway_options_table;

/* Builds everything and listens. options is borrowed until destroy. SIGTERM,
 * SIGINT and SIGHUP are blocked by the caller. NULL after logging. */
struct gateway *gateway_create(struct options *options, uint32_t max_connections);
/* Serves until told to stop by a signal and all clients have gone. */
void gateway_run(struct gateway *gateway);
void gateway_destroy(struct gateway *gateway);

#endif
