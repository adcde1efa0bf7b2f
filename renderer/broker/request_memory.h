/* Which requests were applied, and what was answered: a request that a gateway sends again is
 * applied once (proto/calls.h). Those that are answered are bounded by LIMIT_REQUESTS_REMEMBERED
 * and by bytes and age as below, the oldest go first; those under way by whoever lets calls wait.
 * Loop thread only. */
#ifndef LEGGIO_BROKER_REQUEST_MEMORY_H
#define LEGGIO_BROKER_REQUEST_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REQUEST_MEMORY_AGE_US (5 * 60 * (int64_t)1000000)
#define REQUEST_MEMORY_BYTES  (32u * 1024 * 1024)

struct request_key {
    uint64_t gateway_id, counter;
};

enum request_state {
    REQUEST_NEW,       /* never seen: apply it */
    REQUEST_UNDER_WAY, /* being applied: *what is the call */
    REQUEST_ANSWERED,  /* reply is what was answered */
    REQUEST_RESTORED,  /* answered in an earlier life of the process: code and text are known */
};

/* What is known of a request; borrowed until the memory changes. */
struct request_found {
    void *call;           /* under way */
    const uint8_t *reply; /* answered; NULL = there was no memory for it. Restored: the text */
    size_t reply_size;
    int code; /* restored */
};

struct request_memory;
struct request_memory *request_memory_create(void);
void request_memory_destroy(struct request_memory *memory);

/* Look up; a new one is noted as under way with `call` (borrowed until answered). */
enum request_state request_memory_enter(struct request_memory *memory, struct request_key key,
                                        void *call, int64_t now_us, struct request_found *found);
/* A request of an earlier life; text is copied. */
void request_memory_restore(struct request_memory *memory, struct request_key key, int64_t now_us,
                            const struct request_found *answer);
/* Note the answer (copied); a key that is not there is ignored. */
void request_memory_answer(struct request_memory *memory, struct request_key key,
                           const uint8_t *reply, size_t reply_size, int64_t now_us);
/* The request was refused for now (busy): when it comes again it is new. */
void request_memory_forget(struct request_memory *memory, struct request_key key);
/* Under way and answered. */
size_t request_memory_size(const struct request_memory *memory);

#endif
