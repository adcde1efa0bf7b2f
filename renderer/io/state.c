/* The state folder in SQLite. Versions are reserved by writing a number above all that are in use;
 * after a crash the next life starts above that number, so none is used twice. */
#include "renderer/io/state.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "common/err.h"
#include "common/log.h"

#define STATE_SCHEMA 1

struct state {
    sqlite3 *db;
    sqlite3_stmt *write;
    uint64_t epoch;
    uint64_t used_version;
    uint64_t reserved_version;
};

char *state_default_dir(void) {
    char path[PATH_MAX];
    const char *base = getenv("XDG_STATE_HOME");
    const char *home = getenv("HOME");
    int len;
    if (base != NULL && base[0] == '/') {
        len = snprintf(path, sizeof path, "%s/leggio", base);
    } else if (home != NULL && home[0] == '/') {
        len = snprintf(path, sizeof path, "%s/.local/state/leggio", home);
    } else {
        return NULL;
    }
    return len > 0 && (size_t)len < sizeof path ? strdup(path) : NULL;
}

static int make_folders(const char *dir) {
    char path[PATH_MAX];
    size_t len = strlen(dir);
    if (len == 0 || len >= sizeof path) {
        return LG_EBADREQUEST;
    }
    memcpy(path, dir, len + 1);
    for (size_t i = 1; i <= len; i++) {
        if (path[i] != '/' && path[i] != '\0') {
            continue;
        }
        char kept = path[i];
        path[i] = '\0';
        if (mkdir(path, 0700) != 0 && errno != EEXIST) {
            lg_log(LG_LOG_ERROR, "state", "no_folder", "dir=%s why=%s", path, strerror(errno));
            return LG_EINTERNAL;
        }
        path[i] = kept;
    }
    return LG_OK;
}

static int run(struct state *state, const char *sql) {
    char *why = NULL;
    int code = sqlite3_exec(state->db, sql, NULL, NULL, &why);
    if (code != SQLITE_OK) {
        bool is_locked = code == SQLITE_BUSY || code == SQLITE_LOCKED;
        lg_log(LG_LOG_ERROR, "state", is_locked ? "in_use" : "failed", "what=%s",
               is_locked ? "another renderer uses this state folder" : why);
    }
    sqlite3_free(why);
    return code == SQLITE_OK ? LG_OK : LG_EINTERNAL;
}

static bool read_number(struct state *state, const char *name, uint64_t *value) {
    sqlite3_stmt *read = NULL;
    bool is_there = false;
    if (sqlite3_prepare_v2(state->db, "SELECT value FROM meta WHERE name = ?", -1, &read, NULL) ==
        SQLITE_OK) {
        sqlite3_bind_text(read, 1, name, -1, SQLITE_STATIC);
        if (sqlite3_step(read) == SQLITE_ROW) {
            *value = (uint64_t)sqlite3_column_int64(read, 0);
            is_there = true;
        }
    }
    sqlite3_finalize(read);
    return is_there;
}

static int write_number(struct state *state, const char *name, uint64_t value) {
    sqlite3_bind_text(state->write, 1, name, -1, SQLITE_STATIC);
    sqlite3_bind_int64(state->write, 2, (sqlite3_int64)value);
    int code = sqlite3_step(state->write);
    sqlite3_reset(state->write);
    if (code != SQLITE_DONE) {
        lg_log(LG_LOG_ERROR, "state", "write_failed", "name=%s why=%s", name,
               sqlite3_errmsg(state->db));
        return LG_EINTERNAL;
    }
    return LG_OK;
}

static int new_epoch(uint64_t *epoch) {
    do {
        if (getrandom(epoch, sizeof *epoch, 0) != (ssize_t)sizeof *epoch) {
            lg_log(LG_LOG_ERROR, "state", "no_random", "why=%s", strerror(errno));
            return LG_EINTERNAL;
        }
        *epoch &= INT64_MAX; /* SQLite and JSON readers know signed numbers only */
    } while (*epoch == 0);
    return LG_OK;
}

/* EXCLUSIVE before WAL: no shared memory file, and the lock is held until the end. */
static const char SET_UP[] = "PRAGMA locking_mode = EXCLUSIVE;"
                             "PRAGMA journal_mode = WAL;"
                             "PRAGMA synchronous = FULL;"
                             "BEGIN EXCLUSIVE;"
                             "CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL)"
                             " WITHOUT ROWID;";

static int load(struct state *state) {
    if (run(state, SET_UP) != LG_OK ||
        sqlite3_prepare_v2(state->db, "INSERT OR REPLACE INTO meta VALUES (?, ?)", -1, &state->write,
                           NULL) != SQLITE_OK) {
        return LG_EINTERNAL;
    }
    uint64_t schema = STATE_SCHEMA;
    if (read_number(state, "schema", &schema) && schema > STATE_SCHEMA) {
        lg_log(LG_LOG_ERROR, "state", "too_new", "schema=%" PRIu64 " known=%d", schema, STATE_SCHEMA);
        return LG_EINTERNAL;
    }
    if (!read_number(state, "epoch", &state->epoch) &&
        (new_epoch(&state->epoch) != LG_OK || write_number(state, "epoch", state->epoch) != LG_OK)) {
        return LG_EINTERNAL;
    }
    read_number(state, "reserved", &state->used_version);
    state->reserved_version = state->used_version;
    if (write_number(state, "schema", STATE_SCHEMA) != LG_OK) {
        return LG_EINTERNAL;
    }
    return run(state, "COMMIT");
}

struct state *state_open(const char *dir) {
    char path[PATH_MAX];
    if (make_folders(dir) != LG_OK) {
        return NULL;
    }
    if (access(dir, W_OK) != 0) { /* SQLite would only speak of an input or output error */
        lg_log(LG_LOG_ERROR, "state", "not_writable", "dir=%s why=%s", dir, strerror(errno));
        return NULL;
    }
    int len = snprintf(path, sizeof path, "%s/score.db", dir);
    struct state *state = calloc(1, sizeof *state);
    if (state == NULL || len < 0 || (size_t)len >= sizeof path) {
        free(state);
        return NULL;
    }
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX;
    if (sqlite3_open_v2(path, &state->db, flags, NULL) != SQLITE_OK) {
        lg_log(LG_LOG_ERROR, "state", "not_opened", "file=%s why=%s", path,
               state->db == NULL ? "no memory" : sqlite3_errmsg(state->db));
        state_close(state);
        return NULL;
    }
    if (load(state) != LG_OK) {
        lg_log(LG_LOG_ERROR, "state", "not_opened", "file=%s", path);
        state_close(state);
        return NULL;
    }
    return state;
}

void state_close(struct state *state) {
    if (state == NULL) {
        return;
    }
    sqlite3_finalize(state->write);
    sqlite3_close(state->db);
    free(state);
}

uint64_t state_epoch(const struct state *state) {
    return state->epoch;
}

uint64_t state_used_version(const struct state *state) {
    return state->used_version;
}

int state_reserve(struct state *state, uint64_t version) {
    if (version <= state->reserved_version) {
        return LG_OK;
    }
    int code = write_number(state, "reserved", version);
    if (code == LG_OK) {
        state->reserved_version = version;
    }
    return code;
}
