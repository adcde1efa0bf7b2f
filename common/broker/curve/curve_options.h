/* The option --curve-keys of each kind of program, for options_table.check:
 * 0, or -1 and why. Without the option all is well. */
#ifndef LEGGIO_COMMON_BROKER_CURVE_CURVE_OPTIONS_H
#define LEGGIO_COMMON_BROKER_CURVE_CURVE_OPTIONS_H

#include <stddef.h>

struct options;

/* Who connects: gateways. */
int curve_options_check_client(const struct options *options, char *why, size_t size_bytes);
/* Who binds the endpoint option `bind`: keys are needed when it leaves this machine. */
int curve_options_check_server(const struct options *options, const char *const *binds,
                               size_t n_binds, char *why, size_t size_bytes);

#endif
