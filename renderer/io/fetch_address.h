/* Which hosts and which addresses may be asked. Pure functions. */
#ifndef LEGGIO_IO_FETCH_ADDRESS_H
#define LEGGIO_IO_FETCH_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

enum fetch_permission { FETCH_NO, FETCH_PUBLIC, FETCH_NAMED };

/* host: as in a URL, without port or brackets. PUBLIC: allowed by `any`, at public
 * addresses only. */
enum fetch_permission fetch_permission(const char *const *hosts, size_t n_hosts, const char *host);
/* This machine, private and link-local networks, multicast, and what embeds such an
 * IPv4 address. */
bool fetch_is_private(const struct sockaddr *address);

#endif
