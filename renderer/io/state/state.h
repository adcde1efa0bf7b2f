/* The state folder: what must outlive the process. One SQLite database, `score.db`: the epoch, the
 * number up to which versions may have been used, snapshots of the score and the inputs since, the
 * answers to requests, and which picture showed what.
 *
 * One renderer per folder: `score.lock` is locked for as long as it is open. Others may read the
 * database meanwhile (backup, history). A database that is damaged or newer than this program is
 * set aside under another name, never deleted, and a new one begun.
 *
 * One thread at a time: the starting one, then the journal's (journal.h). */
#ifndef LEGGIO_IO_STATE_H
#define LEGGIO_IO_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "renderer/io/state/records.h"

struct state;

/* $XDG_STATE_HOME/leggio, else ~/.local/state/leggio; owned by the caller, NULL when neither is
 * known. */
char *state_default_dir(void);

/* Open, or make, the state in a folder (made with mode 0700, parents too). Logs why it failed. */
struct state *state_open(const char *dir);
/* To look only, also while a renderer uses it; NULL when there is none (logged). */
struct state *state_open_to_read(const char *dir);
/* Set what is there aside and begin anew: closes the old one; why: a word for the new name. */
struct state *state_open_anew(struct state *old, const char *why);
void state_close(struct state *state);

uint64_t state_epoch(const struct state *state);
/* No version up to here was or will be handed out by this life: start above it. */
uint64_t state_used_version(const struct state *state);
/* Has anything been journalled? */
bool state_has_score(struct state *state);

/* Durable on return: versions up to this number may be used. Lower than before: nothing to do. On a
 * full disk it is written in place, beside the database.
 * returns 0 or LG_EINTERNAL (logged) */
int state_reserve(struct state *state, uint64_t version);

/* A number or text under a name of our own; 0 or LG_EINTERNAL. Inside a batch or alone. */
int state_put_number(struct state *state, const char *name, int64_t value);
bool state_get_number(struct state *state, const char *name, int64_t *value);

/* -- writing (state_write.c): a batch is one transaction, durable when state_commit returned
 * 0 -- */
int state_begin(struct state *state);
int state_commit(struct state *state);
void state_rollback(struct state *state);
int state_put_entry(struct state *state, const struct state_entry *entry);
int state_put_request(struct state *state, const struct state_request *request);
int state_put_version(struct state *state, const struct state_version *version);
int state_put_snapshot(struct state *state, const struct state_snapshot *snapshot);
int state_put_resource(struct state *state, const struct state_resource *resource);
/* Why the last of these failed; borrowed. */
const char *state_why(const struct state *state);

/* Take what the log of the database holds into it, when it has grown. After a commit. */
void state_tidy(struct state *state);
/* What may be dropped: everything before the snapshot of the return value; 0 = nothing.
 * max_bytes, max_age_us: 0 = no limit */
uint64_t state_droppable(struct state *state, uint64_t max_bytes, int64_t max_age_us,
                         int64_t now_wall_us);
/* Drop some of what is older than the snapshot with this seq, at most n_rows rows; true = more is
 * left. A transaction of its own. */
bool state_drop(struct state *state, uint64_t seq, unsigned n_rows);
/* Some of the requests that are older than this moment, or more than are remembered; true = more is
 * left. */
bool state_drop_requests(struct state *state, int64_t before_wall_us);

/* -- reading (state_read.c) ------------------------------------------------------- */
/* The callbacks borrow; they return false to stop. Functions return 0, LG_ENOTFOUND, or
 * LG_EINTERNAL (damaged: logged). */
/* The newest snapshot with seq <= at. */
int state_read_snapshot(struct state *state, uint64_t at,
                        void (*take)(void *ctx, const struct state_snapshot *snapshot), void *ctx);
/* All entries with after < seq <= until, in order. */
int state_read_entries(struct state *state, uint64_t after, uint64_t until,
                       bool (*take)(void *ctx, const struct state_entry *entry), void *ctx);
int state_read_requests(struct state *state, int64_t since_wall_us,
                        void (*take)(void *ctx, const struct state_request *request), void *ctx);
/* The newest resource of this path with seq <= at. */
int state_read_resource(struct state *state, const char *path, uint64_t at,
                        void (*take)(void *ctx, const struct state_resource *resource), void *ctx);
int state_read_version(struct state *state, const char *scene, uint64_t version,
                       void (*take)(void *ctx, const struct state_version *version), void *ctx);
/* The newest version of each scene. */
int state_read_newest_versions(struct state *state,
                               void (*take)(void *ctx, const struct state_version *version),
                               void *ctx);
/* Newest input; 0 when there is none. */
uint64_t state_last_seq(struct state *state);
uint64_t state_last_snapshot(struct state *state);
/* Oldest and newest version kept of a scene; LG_ENOTFOUND. */
int state_version_range(struct state *state, const char *scene, uint64_t *oldest, uint64_t *newest);

#endif
