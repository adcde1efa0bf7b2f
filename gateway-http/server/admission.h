/* Limits by who it is: connections and requests of one address, changes of one
 * token or address. Any thread. */
#ifndef LEGGIO_GATEWAY_HTTP_ADMISSION_H
#define LEGGIO_GATEWAY_HTTP_ADMISSION_H

#include <stdbool.h>
#include <stdint.h>

#include "common/access/peer_key.h"
#include "gateway-http/server/http_server.h"

struct options;
struct peer;

/* From --proxy, --max-per-address, --max-accepts, --max-address-requests, --max-changes. NULL: out
 * of memory. */
struct admission *admission_create(const struct options *options);
void admission_destroy(struct admission *admission); /* NULL is fine */

/* A connection comes: *peer is for admission_leave. false: *limit was met. What proxies of ours
 * bring is not counted: they stand for many. */
bool admission_enter(struct admission *admission, const struct sockaddr *address,
                     struct peer **peer, enum http_limit *limit);
void admission_leave(struct admission *admission, struct peer *peer); /* NULL is fine */

/* A request comes. forwarded_for: its X-Forwarded-For or NULL; token_id: 0 = none. false: *limit
 * was met, *wait_s until it may come again. */
struct admission_request {
    const struct sockaddr *peer;
    const char *forwarded_for;
    uint64_t token_id;
    bool is_change; /* post, click, hover, JSON-RPC of whatever kind */
};
bool admission_take(struct admission *admission, const struct admission_request *request,
                    enum http_limit *limit, int *wait_s);

#endif
