/* Inside renderer/io/state: the open database. */
#ifndef LEGGIO_IO_STATE_PRIVATE_H
#define LEGGIO_IO_STATE_PRIVATE_H

#include <limits.h>

#include <sqlite3.h>

#include "renderer/io/state/state.h"

#define STATE_SCHEMA 2

/* At the start: of the whole database; what is loaded is always checked. */
#define STATE_CHECK_MS 400

/* Statements that are made once, when first needed. */
enum state_statement {
    STATE_PUT_META,
    STATE_PUT_ENTRY,
    STATE_PUT_REQUEST,
    STATE_PUT_VERSION,
    STATE_PUT_SNAPSHOT,
    STATE_PUT_RESOURCE,
    STATE_PUT_BLOB,
    STATE_N_STATEMENTS,
};

struct state {
    char dir[PATH_MAX];
    sqlite3 *db;
    sqlite3_stmt *statements[STATE_N_STATEMENTS];
    int lock_fd;    /* -1 = to read only */
    int reserve_fd; /* numbers in place; -1 = none */
    uint64_t epoch;
    uint64_t used_version;
    uint64_t reserved_version;
    char why[256];
    int n_log_pages;
};

/* How a database was found. */
enum state_find { STATE_GOOD, STATE_DAMAGED, STATE_NEWER, STATE_FAILED };

/* Open the file, bring its schema up to date, read epoch and reserved version. Not logged but for
 * STATE_FAILED; state->why says what is wrong. */
enum state_find state_schema_open(struct state *state, const char *path);
/* Rename the database: `score.db.<why>-<time>`. 0 or LG_EINTERNAL (logged). */
int state_set_aside(const char *dir, const char *why);
/* The statement, reset; NULL when it cannot be made (state->why). */
sqlite3_stmt *state_statement(struct state *state, enum state_statement which);
/* What SQLite says of its last call, into state->why, with the system's word for it. */
void state_keep_why(struct state *state);
/* Run SQL; SQLITE_OK or the code, with state->why. */
int state_run(struct state *state, const char *sql);
void state_close_db(struct state *state);
uint64_t state_entry_check(const struct state_entry *entry);
uint64_t state_snapshot_check(const struct state_snapshot *snapshot);

#endif
