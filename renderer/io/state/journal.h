/* The journal thread: writes what the score and draw threads put, many rows to a commit.
 *
 * Rows are durable in the order in which they were put. A row that somebody waits for is committed
 * at once (what arrives while the disk works goes into the next commit), all others after
 * JOURNAL_LAZY_MS at the latest. While the disk refuses, or has less room than JOURNAL_ROOM_BYTES,
 * journal_accepts says so and rows are kept and written when it goes again. With more than
 * JOURNAL_QUEUE_BYTES that wait it says so too; what would make more than JOURNAL_DROP_BYTES of
 * them (time goes on, packets come) is dropped, and nothing is taken from then on but a snapshot
 * that fits, which is asked for after the next commit. */
#ifndef LEGGIO_IO_JOURNAL_H
#define LEGGIO_IO_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "renderer/io/state/state.h"

#define JOURNAL_LAZY_MS     100
#define JOURNAL_RETRY_MS    250
#define JOURNAL_QUEUE_BYTES (32u * 1024 * 1024)
#define JOURNAL_DROP_BYTES  (2 * JOURNAL_QUEUE_BYTES)
#define JOURNAL_ROOM_BYTES  (8u * 1024 * 1024) /* or 1/20 of a small disk */

struct journal_options {
    struct state *state; /* borrowed; from now on the journal thread's */
    const char *dir;     /* whose free room counts; borrowed */
    uint64_t keep_bytes; /* 0 = no limit */
    int64_t keep_us;     /* 0 = no limit */
    void *ctx;
    /* Journal thread. Rows that somebody waits for are durable. */
    void (*on_durable)(void *ctx);
    /* Any thread. Changes are refused from now on (why), or taken again (NULL); needs_snapshot:
     * rows were dropped meanwhile. */
    void (*on_status)(void *ctx, const char *why, bool needs_snapshot);
};

struct journal;
/* NULL after logging. */
struct journal *journal_create(const struct journal_options *options);
/* Writes what waits, then stops. false: not everything could be written. */
bool journal_destroy(struct journal *journal);

/* Any thread; everything is copied. is_awaited: commit at once. */
void journal_put_entry(struct journal *journal, const struct state_entry *entry, bool is_awaited);
void journal_put_request(struct journal *journal, const struct state_request *request);
void journal_put_version(struct journal *journal, const struct state_version *version);
void journal_put_snapshot(struct journal *journal, const struct state_snapshot *snapshot);
void journal_put_resource(struct journal *journal, const struct state_resource *resource);
/* state_put_number; name: a literal. */
void journal_put_number(struct journal *journal, const char *name, int64_t value);
/* What is put between these is committed together or not at all: a request must not be lost whose
 * effect is kept, or it would be applied again. One thread at a time, not nested. */
void journal_open_group(struct journal *journal);
void journal_close_group(struct journal *journal);

/* Inputs up to this one are durable. Any thread. */
uint64_t journal_durable(struct journal *journal);
/* May changes be taken? false: why says it in words. Any thread. */
bool journal_accepts(struct journal *journal, char *why, size_t size_bytes);

/* Any thread: make versions up to this one durable, soon. */
void journal_reserve(struct journal *journal, uint64_t version);
/* Any thread but the journal's: return once this number is durable. When no disk takes it (logged)
 * after a second of trying, too: a concert is worth more than the promise that a crash from now on
 * will not use a number twice. */
void journal_wait_reserved(struct journal *journal, uint64_t version);

#endif
