/* --session-store and --session-store-password. */
#ifndef LEGGIO_GATEWAY_WS_STORE_STORE_OPTIONS_H
#define LEGGIO_GATEWAY_WS_STORE_STORE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "gateway-ws/store/redis_link.h"

struct options;

/* redis://[user@]host:port[/db], port 6379 and db 0 when left out; an IPv6 address in
 * brackets. false: why says what is wrong with it. Pure. */
bool store_options_parse(const char *url, struct redis_options *redis, char *why,
                         size_t size_bytes);
/* For the check of the program's table. */
int store_options_check(const struct options *options, char *why, size_t size_bytes);
/* The first line of the file. false after logging. */
bool store_options_read_password(const char *path, struct redis_options *redis);

#endif
