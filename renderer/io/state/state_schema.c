/* The database's form: made, brought up to date, checked, set aside. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/err.h"
#include "common/log.h"
#include "renderer/io/state/state_private.h"

/* What the system said when a file of the database could not be read or written; 0 = nothing.
 * SQLite tells it of opening; of the rest each open file knows its own. */
static int cause_of(sqlite3 *db) {
    int cause = sqlite3_system_errno(db);
    sqlite3_file *log = NULL;
    if (cause == 0 &&
        sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log) == SQLITE_OK &&
        log != NULL && log->pMethods != NULL) {
        log->pMethods->xFileControl(log, SQLITE_FCNTL_LAST_ERRNO, &cause);
    }
    if (cause == 0) {
        sqlite3_file_control(db, "main", SQLITE_FCNTL_LAST_ERRNO, &cause);
    }
    return cause;
}

/* "disk I/O error" alone tells nobody that the disk has become read-only. */
void state_keep_why(struct state *state) {
    int kind = sqlite3_errcode(state->db) & 0xff;
    bool is_of_files = kind == SQLITE_IOERR || kind == SQLITE_CANTOPEN;
    int cause = is_of_files ? cause_of(state->db) : 0;
    snprintf(state->why, sizeof state->why, "%s%s%s", sqlite3_errmsg(state->db),
             cause != 0 ? ": " : "", cause != 0 ? strerror(cause) : "");
}

int state_run(struct state *state, const char *sql) {
    int code = sqlite3_exec(state->db, sql, NULL, NULL, NULL);
    if (code != SQLITE_OK) {
        state_keep_why(state);
    }
    return code;
}

/* Schema 1 had the table meta only. */
static const char MAKE_META[] = "CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value "
                                "INTEGER NOT NULL) WITHOUT ROWID;";

static const char MAKE_2[] =
    "CREATE TABLE IF NOT EXISTS entries (seq INTEGER PRIMARY KEY, time_us INTEGER NOT NULL, "
    "wall_us INTEGER NOT NULL,"
    " kind INTEGER NOT NULL, source TEXT, body BLOB, answers BLOB, seed INTEGER, cut_after INTEGER,"
    " sum INTEGER NOT NULL);"
    "CREATE TABLE IF NOT EXISTS snapshots (seq INTEGER PRIMARY KEY, time_us INTEGER NOT NULL, "
    "wall_us INTEGER NOT NULL,"
    " script BLOB NOT NULL, moment BLOB NOT NULL, sum INTEGER NOT NULL);"
    "CREATE TABLE IF NOT EXISTS versions (scene TEXT NOT NULL, version INTEGER NOT NULL, seq "
    "INTEGER NOT NULL,"
    " hash INTEGER NOT NULL, width INTEGER NOT NULL, height INTEGER NOT NULL, wall_us INTEGER NOT "
    "NULL,"
    " PRIMARY KEY (scene, version)) WITHOUT ROWID;"
    /* in the order of their coming; looked up in memory only */
    "CREATE TABLE IF NOT EXISTS applied (id INTEGER PRIMARY KEY, gateway_id INTEGER NOT NULL, "
    "counter INTEGER NOT NULL,"
    " seq INTEGER NOT NULL, wall_us INTEGER NOT NULL, code INTEGER NOT NULL, text BLOB);"
    "CREATE TABLE IF NOT EXISTS resources (path TEXT NOT NULL, seq INTEGER NOT NULL, code INTEGER "
    "NOT NULL,"
    " hash INTEGER NOT NULL, size INTEGER NOT NULL, PRIMARY KEY (path, seq)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS blobs (hash INTEGER PRIMARY KEY, data BLOB NOT NULL);";

/* Damaged beyond opening, as opposed to a disk that does not let us. */
static bool is_damage(int code) {
    return (code & 0xff) == SQLITE_NOTADB || (code & 0xff) == SQLITE_CORRUPT;
}

static int stop_check(void *until_us) {
    return lg_clock_us() > *(const int64_t *)until_us;
}

/* As far as it comes in STATE_CHECK_MS: a concert may have filled a gigabyte, and waits. */
static bool is_sound(struct state *state) {
    sqlite3_stmt *check = NULL;
    int64_t until_us = lg_clock_us() + STATE_CHECK_MS * (int64_t)1000;
    bool is_good = true;
    sqlite3_progress_handler(state->db, 2000, stop_check, &until_us);
    int code = sqlite3_prepare_v2(state->db, "PRAGMA quick_check(1)", -1, &check, NULL);
    if (code == SQLITE_OK) {
        code = sqlite3_step(check);
        const unsigned char *says = code == SQLITE_ROW ? sqlite3_column_text(check, 0) : NULL;
        is_good = !is_damage(code) && (says == NULL || strcmp((const char *)says, "ok") == 0);
        if (!is_good) {
            snprintf(state->why, sizeof state->why, "%.*s", 200,
                     says != NULL ? (const char *)says : sqlite3_errmsg(state->db));
        }
    }
    sqlite3_finalize(check);
    sqlite3_progress_handler(state->db, 0, NULL, NULL);
    return is_good && !is_damage(code);
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

static enum state_find found(int code) {
    return code == SQLITE_OK ? STATE_GOOD : is_damage(code) ? STATE_DAMAGED : STATE_FAILED;
}

static enum state_find migrate(struct state *state, int64_t schema) {
    enum state_find find = found(state_run(state, MAKE_2));
    if (find != STATE_GOOD) {
        return find;
    }
    if (schema > 0 && schema < STATE_SCHEMA) {
        lg_log(LG_LOG_INFO, "state", "migrated", "from=%" PRId64 " to=%d", schema, STATE_SCHEMA);
    }
    return schema == STATE_SCHEMA || state_put_number(state, "schema", STATE_SCHEMA) == LG_OK
               ? STATE_GOOD
               : STATE_FAILED;
}

static enum state_find load(struct state *state) {
    int64_t number = 0;
    if (state_get_number(state, "schema", &number) && number > STATE_SCHEMA) {
        snprintf(state->why, sizeof state->why, "its schema is %" PRId64 ", this program knows %d",
                 number, STATE_SCHEMA);
        return STATE_NEWER;
    }
    if (state->lock_fd < 0 && number < STATE_SCHEMA) {
        snprintf(state->why, sizeof state->why, "it holds no journal");
        return STATE_FAILED;
    }
    enum state_find find = state->lock_fd < 0 ? STATE_GOOD : migrate(state, number);
    if (find != STATE_GOOD) {
        return find;
    }
    if (state_get_number(state, "epoch", &number)) {
        state->epoch = (uint64_t)number;
    } else if (new_epoch(&state->epoch) != LG_OK ||
               state_put_number(state, "epoch", (int64_t)state->epoch) != LG_OK) {
        return STATE_FAILED;
    }
    number = 0;
    state_get_number(state, "reserved", &number);
    state->used_version = state->reserved_version = (uint64_t)number;
    return STATE_GOOD;
}

static const char SET_UP[] =
    "PRAGMA journal_mode = WAL;"
    "PRAGMA synchronous = FULL;"
    "PRAGMA cache_size = -512;"      /* KiB; the journal only grows at its end */
    "PRAGMA wal_autocheckpoint = 0;" /* state_tidy, after the answers */
    "PRAGMA journal_size_limit = 16777216;";

enum state_find state_schema_open(struct state *state, const char *path) {
    bool is_to_read = state->lock_fd < 0;
    int flags = (is_to_read ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE) |
                SQLITE_OPEN_FULLMUTEX;
    int code = sqlite3_open_v2(path, &state->db, flags, NULL);
    if (code != SQLITE_OK) {
        snprintf(state->why, sizeof state->why, "%s",
                 state->db == NULL ? "no memory" : sqlite3_errmsg(state->db));
        return STATE_FAILED;
    }
    sqlite3_busy_timeout(state->db, is_to_read ? 5000 : 0);
    if (is_to_read) {
        return load(state);
    }
    enum state_find find = found(state_run(state, SET_UP));
    if (find == STATE_GOOD && !is_sound(state)) {
        find = STATE_DAMAGED;
    }
    if (find == STATE_GOOD) {
        find = found(state_run(state, "BEGIN EXCLUSIVE;"));
    }
    if (find == STATE_GOOD) {
        find = found(state_run(state, MAKE_META));
    }
    if (find == STATE_GOOD) {
        find = load(state);
    }
    if (find == STATE_GOOD) {
        find = found(state_run(state, "COMMIT"));
    }
    return find;
}

/* -- setting aside ---------------------------------------------------------------- */

/* The same name for the database and its log, so that they can be opened together. */
int state_set_aside(const char *dir, const char *why) {
    static const char *const SUFFIXES[] = {"", "-wal"};
    char stamp[32], from[PATH_MAX], to[PATH_MAX];
    time_t now_s = (time_t)(lg_clock_wall_us() / 1000000);
    struct tm utc;
    gmtime_r(&now_s, &utc);
    strftime(stamp, sizeof stamp, "%Y%m%dT%H%M%SZ", &utc);
    for (int number = 0; number < 1000; number++) {
        char more[16] = "";
        if (number > 0) {
            snprintf(more, sizeof more, ".%d", number);
        }
        int len = snprintf(to, sizeof to, "%s/score-%s-%s%s.db", dir, why, stamp, more);
        if (len < 0 || (size_t)len + 8 > sizeof to) {
            return LG_EINTERNAL;
        }
        if (access(to, F_OK) == 0) {
            continue;
        }
        for (int i = 1; i >= 0; i--) {
            size_t to_len = (size_t)len;
            snprintf(from, sizeof from, "%s/score.db%s", dir, SUFFIXES[i]);
            snprintf(to + to_len, sizeof to - to_len, "%s", SUFFIXES[i]);
            if (rename(from, to) != 0 && (i == 0 || errno != ENOENT)) {
                lg_log(LG_LOG_ERROR, "state", "not_set_aside", "file=%s why=%s", from,
                       strerror(errno));
                return LG_EINTERNAL;
            }
        }
        snprintf(from, sizeof from, "%s/score.db-shm", dir);
        unlink(from); /* an index of the log, made again when needed */
        lg_log(LG_LOG_WARN, "state", "set_aside", "kept_as=%s", to);
        return LG_OK;
    }
    return LG_EINTERNAL;
}
