/* Connections counted per address: IPv4 whole, IPv6 by its /64 (one house
 * has 2^64 of them). Loop thread only.
 */
#ifndef LEGGIO_GATEWAY_WS_PEERS_H
#define LEGGIO_GATEWAY_WS_PEERS_H

#include <sys/socket.h>

struct peers;
struct peer;

struct peers *peers_create(void);
void peers_destroy(struct peers *peers);
/* One connection more from there; NULL when it has max_per_address already
 * (0 = no limit) or out of memory. */
struct peer *peers_enter(struct peers *peers, const struct sockaddr_storage *address,
                         unsigned max_per_address);
void peers_leave(struct peers *peers, struct peer *peer); /* NULL is fine */

#endif
