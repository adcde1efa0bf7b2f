/* Requests that wait for their answers: found by id, ordered by deadline. A plain structure; its
 * owner guards it. Cap: the caller's, by n. */
#ifndef LEGGIO_CLIENTS_C_WAITING_H
#define LEGGIO_CLIENTS_C_WAITING_H

#include <stdbool.h>
#include <stdint.h>

#include "clients/c/inbox.h"

enum { WAITING_BUCKETS = 256 };

struct waiting_request;

/* The client's own requests end here; on the connection's thread, without the lock. */
typedef void (*waiting_own_fn)(struct lg_client *client, struct waiting_request *request);

/* One of three: own != NULL; on_answer (delivered); somebody waits until is_done. */
struct waiting_request {
    struct delivery delivery; /* first: for on_answer */
    struct waiting_request *next, *previous, *next_in_bucket;
    uint64_t id;
    int64_t deadline_us; /* INT64_MAX: none */
    bool is_sent;        /* at least a part of it */
    bool is_done;
    int status;
    struct lg_client_answer answer;
    waiting_own_fn own;
    lg_client_answer_fn on_answer;
    bool has_waiter;
    void *user;
};

struct waiting {
    struct waiting_request *first, *last; /* by deadline */
    struct waiting_request *buckets[WAITING_BUCKETS];
    uint32_t n;
};

/* O(1) when deadlines rise, else O(n). */
void waiting_put(struct waiting *waiting, struct waiting_request *request);
/* NULL: nobody waits for that. */
struct waiting_request *waiting_find(const struct waiting *waiting, uint64_t id);
void waiting_remove(struct waiting *waiting, struct waiting_request *request);

#endif
