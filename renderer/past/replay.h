/* Doing the past again: a snapshot, then inputs, into the renderer's score. Nothing leaves: no OSC,
 * no files are written, nothing is exported. What the world answered then is answered again. For
 * restarts (restore.c), for history (history.c) and for --replay. Score thread only. */
#ifndef LEGGIO_PAST_REPLAY_H
#define LEGGIO_PAST_REPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "renderer/io/state/state.h"
#include "renderer/past/inputs.h"

struct replay;

/* The renderer has inputs and a fresh score; from now on renderer->replay is this one. is_exact: as
 * it was shown then, also between an engraving's order and its end. */
struct replay *replay_create(struct renderer *renderer, struct state *state, bool is_exact);
/* Engravings that were under way are finished, the clock goes on by itself. */
void replay_destroy(struct replay *replay);

/* Load a snapshot into a score in which nothing has been done yet. 0 or LG_EINTERNAL (malformed,
 * logged). */
int replay_snapshot(struct replay *replay, const struct state_snapshot *snapshot);
/* Do one input. false: it is malformed, or one before it is missing (logged). */
bool replay_entry(struct replay *replay, const struct state_entry *entry);
/* What was under way is finished, as at a start. */
void replay_finish_asides(struct replay *replay);
uint64_t replay_seq(const struct replay *replay);

/* Files whose content is not what it was and that were too large to be kept; borrowed, one
 * a line. */
const char *replay_changed_files(const struct replay *replay);
/* URLs that are wanted and were not kept: the i-th, or NULL. */
const char *replay_wanted_url(const struct replay *replay, size_t url_i);

/* -- for renderer_env.c, while renderer->replay is set ------------------------------------ */
/* The next answer of this kind for this key (NULL: any) that the input got; NULL = none. Borrowed
 * until the next input. */
const struct answer *replay_answer(struct replay *replay, enum answer_kind kind, const char *key);
/* As score_env.read_file; key: folder and path (renderer_env.c), path: as the score gave it.
 * LG_EINTERNAL: it is not known, read it from the disk and tell replay_check_file. */
int replay_read_file(struct replay *replay, const char *key, char **data, size_t *size_bytes);
void replay_check_file(struct replay *replay, const char *key, int code, const void *data,
                       size_t size_bytes);
int replay_read_url(struct replay *replay, const char *url, char **data, size_t *size_bytes);
/* As score_env.run_aside. */
int replay_run_aside(struct replay *replay, const struct object *object, void (*work)(void *job),
                     void (*done)(void *job, struct score *score), void *job);

#endif
