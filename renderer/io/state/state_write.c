/* Rows into the database, and out of it again when they have become too old. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <xxhash.h>

#include "common/err.h"
#include "common/log.h"
#include "proto/limits.h"
#include "renderer/io/state/state_private.h"

#define TIDY_PAGES    1000 /* of the log: 4 MB */
#define DROP_REQUESTS 1000 /* at a time */

static int pages_in_log(void *ctx, sqlite3 *db, const char *name, int n_pages) {
    (void)db, (void)name;
    ((struct state *)ctx)->n_log_pages = n_pages;
    return SQLITE_OK;
}

int state_begin(struct state *state) {
    sqlite3_wal_hook(state->db, pages_in_log, state);
    return state_run(state, "BEGIN IMMEDIATE") == SQLITE_OK ? LG_OK : LG_EINTERNAL;
}

int state_commit(struct state *state) {
    return state_run(state, "COMMIT") == SQLITE_OK ? LG_OK : LG_EINTERNAL;
}

void state_rollback(struct state *state) {
    if (sqlite3_get_autocommit(state->db) == 0) { /* a full disk may have ended it already */
        sqlite3_exec(state->db, "ROLLBACK", NULL, NULL, NULL);
    }
}

static int put(struct state *state, sqlite3_stmt *statement) {
    int code = sqlite3_step(statement);
    if (code != SQLITE_DONE) {
        state_keep_why(state);
    }
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return code == SQLITE_DONE ? LG_OK : LG_EINTERNAL;
}

static void bind_number(sqlite3_stmt *statement, int column, uint64_t value) {
    sqlite3_bind_int64(statement, column, (sqlite3_int64)value);
}

/* NULL stays NULL: a byte of the row each. */
static void bind_bytes(sqlite3_stmt *statement, int column, const void *data, size_t size) {
    if (size > 0) {
        sqlite3_bind_blob64(statement, column, data, size, SQLITE_STATIC);
    }
}

uint64_t state_entry_check(const struct state_entry *entry) {
    uint64_t numbers[] = {entry->seq,         (uint64_t)entry->time_us, entry->kind,
                          entry->seed,        entry->cut_after,         entry->body_size,
                          entry->answers_size};
    uint64_t hash = XXH3_64bits(numbers, sizeof numbers);
    if (entry->body_size > 0) {
        hash = XXH3_64bits_withSeed(entry->body, entry->body_size, hash);
    }
    return entry->answers_size > 0 ? XXH3_64bits_withSeed(entry->answers, entry->answers_size, hash)
                                   : hash;
}

uint64_t state_snapshot_check(const struct state_snapshot *snapshot) {
    uint64_t hash = XXH3_64bits_withSeed(snapshot->script, snapshot->script_size, snapshot->seq);
    return XXH3_64bits_withSeed(snapshot->moment, snapshot->moment_size, hash);
}

int state_put_entry(struct state *state, const struct state_entry *entry) {
    sqlite3_stmt *to = state_statement(state, STATE_PUT_ENTRY);
    if (to == NULL) {
        return LG_EINTERNAL;
    }
    bind_number(to, 1, entry->seq);
    sqlite3_bind_int64(to, 2, entry->time_us);
    sqlite3_bind_int64(to, 3, entry->wall_us);
    sqlite3_bind_int64(to, 4, entry->kind);
    if (entry->source != NULL && entry->source[0] != '\0') {
        sqlite3_bind_text(to, 5, entry->source, -1, SQLITE_STATIC);
    }
    bind_bytes(to, 6, entry->body, entry->body_size);
    bind_bytes(to, 7, entry->answers, entry->answers_size);
    if (entry->seed != 0) {
        bind_number(to, 8, entry->seed);
    }
    if (entry->cut_after != 0) {
        bind_number(to, 9, entry->cut_after);
    }
    bind_number(to, 10, state_entry_check(entry));
    return put(state, to);
}

int state_put_request(struct state *state, const struct state_request *request) {
    sqlite3_stmt *to = state_statement(state, STATE_PUT_REQUEST);
    if (to == NULL) {
        return LG_EINTERNAL;
    }
    bind_number(to, 1, request->gateway_id);
    bind_number(to, 2, request->counter);
    bind_number(to, 3, request->seq);
    sqlite3_bind_int64(to, 4, request->wall_us);
    sqlite3_bind_int(to, 5, request->code);
    bind_bytes(to, 6, request->text, request->text_size);
    return put(state, to);
}

int state_put_version(struct state *state, const struct state_version *version) {
    sqlite3_stmt *to = state_statement(state, STATE_PUT_VERSION);
    if (to == NULL) {
        return LG_EINTERNAL;
    }
    sqlite3_bind_text(to, 1, version->scene, -1, SQLITE_STATIC);
    bind_number(to, 2, version->version);
    bind_number(to, 3, version->seq);
    bind_number(to, 4, version->pixels_hash);
    sqlite3_bind_int64(to, 5, version->width_px);
    sqlite3_bind_int64(to, 6, version->height_px);
    sqlite3_bind_int64(to, 7, version->wall_us);
    return put(state, to);
}

int state_put_snapshot(struct state *state, const struct state_snapshot *snapshot) {
    sqlite3_stmt *to = state_statement(state, STATE_PUT_SNAPSHOT);
    if (to == NULL) {
        return LG_EINTERNAL;
    }
    bind_number(to, 1, snapshot->seq);
    sqlite3_bind_int64(to, 2, snapshot->time_us);
    sqlite3_bind_int64(to, 3, snapshot->wall_us);
    sqlite3_bind_blob64(to, 4, snapshot->script, snapshot->script_size, SQLITE_STATIC);
    sqlite3_bind_blob64(to, 5, snapshot->moment, snapshot->moment_size, SQLITE_STATIC);
    bind_number(to, 6, state_snapshot_check(snapshot));
    return put(state, to);
}

int state_put_resource(struct state *state, const struct state_resource *resource) {
    sqlite3_stmt *to = state_statement(state, STATE_PUT_RESOURCE);
    sqlite3_stmt *blob = state_statement(state, STATE_PUT_BLOB);
    if (to == NULL || blob == NULL) {
        return LG_EINTERNAL;
    }
    sqlite3_bind_text(to, 1, resource->path, -1, SQLITE_STATIC);
    bind_number(to, 2, resource->seq);
    sqlite3_bind_int(to, 3, resource->code);
    bind_number(to, 4, resource->hash);
    bind_number(to, 5, resource->size_bytes);
    int code = put(state, to);
    if (code == LG_OK && resource->data != NULL) {
        bind_number(blob, 1, resource->hash);
        sqlite3_bind_blob64(blob, 2, resource->data, resource->size_bytes, SQLITE_STATIC);
        code = put(state, blob);
    }
    return code;
}

/* -- tidying -------------------------------------------------------------------- */

void state_tidy(struct state *state) {
    if (state->n_log_pages > TIDY_PAGES) {
        int n_log = 0, n_done = 0;
        sqlite3_wal_checkpoint_v2(state->db, NULL, SQLITE_CHECKPOINT_PASSIVE, &n_log, &n_done);
        state->n_log_pages = n_done == n_log ? 0 : TIDY_PAGES / 2; /* a reader holds it: later */
    }
}

static int64_t ask_number(struct state *state, const char *sql, int64_t parameter) {
    sqlite3_stmt *ask = NULL;
    int64_t number = 0;
    if (sqlite3_prepare_v2(state->db, sql, -1, &ask, NULL) == SQLITE_OK) {
        sqlite3_bind_int64(ask, 1, parameter);
        if (sqlite3_step(ask) == SQLITE_ROW) {
            number = sqlite3_column_int64(ask, 0);
        }
    }
    sqlite3_finalize(ask);
    return number;
}

static uint64_t used_bytes(struct state *state) {
    int64_t pages = ask_number(state, "PRAGMA page_count", 0);
    int64_t free_pages = ask_number(state, "PRAGMA freelist_count", 0);
    return (uint64_t)(pages - free_pages) * (uint64_t)ask_number(state, "PRAGMA page_size", 0);
}

/* By age: the newest snapshot that is too old itself (what comes after it is not). By size: the
 * second oldest one, so that it shrinks piece by piece. Never the newest. */
uint64_t state_droppable(struct state *state, uint64_t max_bytes, int64_t max_age_us,
                         int64_t now_wall_us) {
    uint64_t newest = state_last_snapshot(state), seq = 0;
    if (max_age_us > 0) {
        seq = (uint64_t)ask_number(state, "SELECT max(seq) FROM snapshots WHERE wall_us < ?",
                                   now_wall_us - max_age_us);
    }
    if (max_bytes > 0 && used_bytes(state) > max_bytes) {
        seq = (uint64_t)ask_number(
            state, "SELECT seq FROM snapshots ORDER BY seq LIMIT 1 OFFSET 1 + 0 * ?", 0);
    }
    if (seq > newest) {
        return newest;
    }
    int64_t oldest = ask_number(state, "SELECT min(seq) FROM snapshots WHERE 0 = ?", 0);
    return seq > (uint64_t)oldest ? seq : 0;
}

static int drop_from(struct state *state, const char *sql, uint64_t seq, unsigned n_rows) {
    sqlite3_stmt *drop = NULL;
    int n_dropped = 0;
    if (sqlite3_prepare_v2(state->db, sql, -1, &drop, NULL) == SQLITE_OK) {
        bind_number(drop, 1, seq);
        sqlite3_bind_int64(drop, 2, n_rows);
        n_dropped = sqlite3_step(drop) == SQLITE_DONE ? sqlite3_changes(state->db) : 0;
    }
    sqlite3_finalize(drop);
    return n_dropped;
}

bool state_drop(struct state *state, uint64_t seq, unsigned n_rows) {
    static const char *const SQL[] = {
        "DELETE FROM entries WHERE seq IN (SELECT seq FROM entries WHERE seq <= ?1 ORDER BY seq "
        "LIMIT ?2)",
        "DELETE FROM versions WHERE (scene, version) IN"
        " (SELECT scene, version FROM versions WHERE seq < ?1 LIMIT ?2)",
        /* of each path the newest before it stays */
        "DELETE FROM resources WHERE (path, seq) IN (SELECT a.path, a.seq FROM resources a JOIN "
        "resources b"
        " ON a.path = b.path AND b.seq > a.seq AND b.seq <= ?1 WHERE a.seq <= ?1 LIMIT ?2)",
        "DELETE FROM blobs WHERE hash IN (SELECT hash FROM blobs WHERE hash NOT IN"
        " (SELECT hash FROM resources) AND ?1 >= 0 LIMIT ?2)",
    };
    if (state_run(state, "BEGIN IMMEDIATE") != SQLITE_OK) {
        return false;
    }
    for (size_t i = 0; i < sizeof SQL / sizeof SQL[0]; i++) {
        if (drop_from(state, SQL[i], seq, n_rows) == (int)n_rows) {
            state_commit(state);
            return true;
        }
    }
    /* Last, so that what was begun is found again after a crash. */
    drop_from(state, "DELETE FROM snapshots WHERE seq < ?1 AND ?2 >= 0", seq, n_rows);
    if (state_commit(state) != LG_OK) {
        state_rollback(state);
    }
    return false;
}

/* They lie in the order of their times, so only the oldest are looked at. */
bool state_drop_requests(struct state *state, int64_t before_wall_us) {
    static const char *const SQL[] = {
        "DELETE FROM applied WHERE wall_us < ?1 AND id < (SELECT min(id) FROM applied) + ?2",
        "DELETE FROM applied WHERE id <= (SELECT max(id) FROM applied) - ?1 AND"
        " id < (SELECT min(id) FROM applied) + ?2",
    };
    return drop_from(state, SQL[0], (uint64_t)before_wall_us, DROP_REQUESTS) == DROP_REQUESTS ||
           drop_from(state, SQL[1], LIMIT_REQUESTS_REMEMBERED, DROP_REQUESTS) == DROP_REQUESTS;
}
