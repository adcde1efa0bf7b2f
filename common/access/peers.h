/* Connections counted per address (peer_key.h). Any thread: one short lock. */
#ifndef LEGGIO_COMMON_PEERS_H
#define LEGGIO_COMMON_PEERS_H

#include <stdint.h>

struct peers;
struct peer;

struct peers *peers_create(void);
void peers_destroy(struct peers *peers); /* NULL is fine */
/* One connection more from there; NULL when it has max_per_address already
 * (0 = no limit) or out of memory. */
struct peer *peers_enter(struct peers *peers, uint64_t key, unsigned max_per_address);
void peers_leave(struct peers *peers, struct peer *peer); /* NULL is fine */

#endif
