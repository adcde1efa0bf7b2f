/* Snapshots: the whole score in one row of the journal, so that a restart need not begin with the
 * first input of the evening. Score thread only. */
#ifndef LEGGIO_PAST_SNAPSHOT_H
#define LEGGIO_PAST_SNAPSHOT_H

#include <stdbool.h>

#include "renderer/io/state/records.h"

struct renderer;

/* Facts of a snapshot that are needed before there is a score. */
struct snapshot_facts {
    double screen_px;
    char *root_path, *public_host; /* for free() */
};

/* Take one at the end of a turn, when enough has come since the last. */
void snapshot_end_turn(struct renderer *renderer);
/* Take one now. */
void snapshot_take(struct renderer *renderer);
/* Into a fresh score, while a replay is under way. 0 or LG_EINTERNAL. */
int snapshot_load(struct renderer *renderer, const struct state_snapshot *snapshot);
/* Its text, part by part: each is what one script may be long. text: borrowed, not terminated.
 * false: malformed. */
typedef void (*snapshot_part_fn)(void *ctx, const char *text, size_t size);
bool snapshot_parts(const struct state_snapshot *snapshot, snapshot_part_fn take, void *ctx);
bool snapshot_read_facts(const struct state_snapshot *snapshot, struct snapshot_facts *facts);

#endif
