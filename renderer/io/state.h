/* The state folder: what must outlive the process. One SQLite database, `score.db`:
 * the epoch and the number up to which versions may have been used.
 *
 * The journal of messages (another issue) becomes further tables of the same database, written by
 * the same thread; `schema` in the table `meta` says which are there.
 *
 * One renderer per folder: the database is locked for as long as it is open. */
#ifndef LEGGIO_IO_STATE_H
#define LEGGIO_IO_STATE_H

#include <stdint.h>

struct state;

/* $XDG_STATE_HOME/leggio, else ~/.local/state/leggio; owned by the caller, NULL when neither is known. */
char *state_default_dir(void);

/* Open, or make, the state in a folder (made with mode 0700, parents too). Logs why it failed.
 * thread   any one thread at a time */
struct state *state_open(const char *dir);
void state_close(struct state *state);

uint64_t state_epoch(const struct state *state);
/* No version up to here was or will be handed out by this life: start above it. */
uint64_t state_used_version(const struct state *state);

/* Durable on return: versions up to this number may be used. Lower than before: nothing to do.
 * returns 0 or LG_EINTERNAL (logged) */
int state_reserve(struct state *state, uint64_t version);

#endif
