/* The options that both gateways have, word for word, and what is read from them
 * alike. Those whose defaults or meaning differ are in each gateway's own table. */
#ifndef LEGGIO_COMMON_GATEWAYS_SHARED_OPTIONS_H
#define LEGGIO_COMMON_GATEWAYS_SHARED_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "common/access/auth.h"
#include "common/options.h"

struct rate_limit;

/* For options_table.shared_rows and .n_shared_rows. */
extern const struct option_row SHARED_ROWS[];
#define SHARED_N_ROWS 15

/* For options_table.check: what these options say together, and whether the files
 * that they name can be read. 0, or -1 and why. */
int shared_options_check(const struct options *options, char *why, size_t size_bytes);

/* Who may do what. Borrows from options; policy->tokens is owned by the caller
 * (auth_tokens_destroy). false after logging. */
bool shared_options_policy(const struct options *options, struct auth_policy *policy);

/* Of an option that says how often in a second; a second's worth may come at once.
 * NULL: out of memory. */
struct rate_limit *shared_options_rate(const struct options *options, const char *name);

#endif
