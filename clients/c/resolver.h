/* Host name → numeric addresses, without holding anybody up: the system's look-up cannot be
 * interrupted, so it runs on a thread of its own that may be abandoned. An abandoned thread ends
 * when the system gives up, and touches nothing of the client any more. */
#ifndef LEGGIO_CLIENTS_C_RESOLVER_H
#define LEGGIO_CLIENTS_C_RESOLVER_H

#include <stdbool.h>
#include <stddef.h>

enum { RESOLVER_ADDRESSES = 8, RESOLVER_ADDRESS_BYTES = 80 };

struct resolver;

/* done is called from the thread, at most once and never after resolver_abandon; it must not call
 * functions of the resolver. NULL: no thread or no memory. */
struct resolver *resolver_start(const char *host, void (*done)(void *user), void *user);

/* After done: how many addresses; 0 with why set. */
size_t resolver_result(struct resolver *resolver,
                       char addresses[RESOLVER_ADDRESSES][RESOLVER_ADDRESS_BYTES], char *why,
                       size_t why_bytes);

bool resolver_is_done(struct resolver *resolver);

/* At any time; NULL is fine. Frees it. */
void resolver_abandon(struct resolver *resolver);

#endif
