/* One direction of the relay: whole multipart messages from one socket to
 * another, without a copy and without a queue of its own. */
#ifndef LEGGIO_RELAY_FLOW_H
#define LEGGIO_RELAY_FLOW_H

#include <stdbool.h>
#include <stddef.h>

#include "common/metrics.h"

struct flow {
    void *from, *to;
    /* Does this message go on? first: its first part. NULL = all do. */
    bool (*takes)(void *ctx, const void *first, size_t size, bool has_more);
    void *ctx;
    struct metric *n_messages, *n_bytes; /* what went on; n_bytes may be NULL */
    struct metric *n_dropped;            /* what `to` could not take at once, or `takes` refused */
};

/* Move one message. false: none waits. A message that `to` cannot take now is
 * dropped: pictures are asked for again, calls are sent again. */
bool flow_move(struct flow *flow);

#endif
