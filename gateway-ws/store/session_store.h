/* Sessions that outlive a gateway: each is kept in Redis beside this process's
 * memory, owned by exactly one gateway at a time. Loop thread only.
 *
 *     leggio:session:ID   hash owner, fence, data; expires with the session
 *     leggio:to:GATEWAY   messages to one gateway: release, handover, deliver
 *     leggio:presence     what every gateway tells of its clients, for `presence`
 *
 * Taking up: a script makes this gateway the owner, counts the fence up and tells
 * the owner before, if it listens. That one sends its newest state (handover),
 * closes its connection (4001) and forgets the session; answers still to come it
 * passes on (deliver). If it does not listen, or not within HANDOVER_US, what was
 * stored last counts. Writes carry the fence: a former owner's do nothing.
 *
 * Saving: at most one write of a session is under way; what changes meanwhile is
 * written after it. A session that is connected expires STORE_SPARE_US after its
 * reconnection timeout and is renewed before, one that is not expires with it.
 *
 * While Redis is away nothing waits: sessions live in this process, a session of
 * another gateway is not found (40007). When it is back all are written again.
 */
#ifndef LEGGIO_GATEWAY_WS_STORE_SESSION_STORE_H
#define LEGGIO_GATEWAY_WS_STORE_SESSION_STORE_H

#include <jansson.h>

#include "common/jsonrpc/jsonrpc.h"
#include "gateway-ws/store/redis_link.h"

struct session_store;

enum {
    STORE_SPARE_US = 3 * 1000 * 1000,
    STORE_RENEW_US = 1000 * 1000,
    STORE_HANDOVER_US = 500 * 1000,
    STORE_PRESENCE_US = 1000 * 1000,     /* told so often, … */
    STORE_PRESENCE_OLD_US = 5000 * 1000, /* … forgotten after this */
};

struct session_store_options {
    struct redis_options redis; /* channels and scripts are set here */
    int64_t reconnection_us;    /* of sessions that say nothing else */
    /* What this gateway's clients are, a new reference; for the others. */
    json_t *(*presence)(void *ctx);
    /* session_store_tick is wanted now. */
    void (*want_tick)(void *ctx);
    void *ctx;
};

/* NULL after logging. */
struct session_store *session_store_create(const struct session_store_options *options);
/* Writes what is to be written, for half a second at most. NULL is fine. */
void session_store_destroy(struct session_store *store);

/* The server whose jsonrpc_store calls the four functions below. */
void session_store_attach(struct session_store *store, struct jsonrpc_server *server);
void session_store_on_changed(struct session_store *store, struct jsonrpc_session *session);
void session_store_on_removed(struct session_store *store, const char *session_id);
int session_store_find(struct session_store *store, const char *session_id, uint64_t lookup);
void session_store_on_orphan(struct session_store *store, const char *session_id, const char *text);

/* Replies and messages of Redis; call when redis.wake was called. */
void session_store_take(struct session_store *store);
/* Saves what has changed; returns when to call again (lg_clock_us). */
int64_t session_store_tick(struct session_store *store, int64_t now_us);

/* Append the clients of other gateways. */
void session_store_add_presence(struct session_store *store, json_t *clients);
/* Is all that it can write written, and acknowledged? true while the store is away. */
bool session_store_is_saved(const struct session_store *store);
/* Any thread. */
bool session_store_is_up(struct session_store *store);

struct session_store_counts {
    uint64_t saves, taken_up, released, handed_over, outages, fenced;
};
const struct session_store_counts *session_store_counts(const struct session_store *store);

#endif
