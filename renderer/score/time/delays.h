/* Messages that wait for their time: `/ITL after MS ( messages )`. A version 2 script's delays
 * (`500ms`, `2s`) become that message.
 *
 * When due they go into the queue of events, in the order of their times. Bounded by LIMIT_DELAYED
 * and LIMIT_DELAYED_BYTES: what is over is refused with an error. */
#ifndef LEGGIO_SCORE_DELAYS_H
#define LEGGIO_SCORE_DELAYS_H

#include "renderer/score/object.h"

struct delayed {
    int64_t due_us;
    uint64_t serial; /* equal times keep their order */
    struct message_list *list;
    size_t size_bytes;
};

struct delays {
    struct delayed *items; /* a heap: the next one first */
    size_t n_items, capacity;
    size_t size_bytes;
    uint64_t last_serial;
    bool is_full; /* told once until there is room again */
};

/* The message's function at /ITL. */
int delays_set(struct object *object, const struct param *params, size_t n_params);
/* Takes over one reference; LG_ETOOLARGE (reported): refused. */
int delays_put(struct score *score, int64_t due_us, struct message_list *list);
void delays_finish(struct delays *delays);

#endif
