/* The state folder: its lock, its database, the numbers that everything hangs on. Versions are
 * reserved by writing a number above all that are in use; after a crash the next life starts above
 * that number, so none is used twice. */
#include "renderer/io/state/state.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/err.h"
#include "common/log.h"
#include "renderer/io/state/state_private.h"

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

/* -- numbers ------------------------------------------------------------------ */

sqlite3_stmt *state_statement(struct state *state, enum state_statement which) {
    static const char *const SQL[STATE_N_STATEMENTS] = {
        [STATE_PUT_META] = "INSERT OR REPLACE INTO meta VALUES (?, ?)",
        [STATE_PUT_ENTRY] = "INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [STATE_PUT_REQUEST] = "INSERT INTO applied VALUES (NULL, ?, ?, ?, ?, ?, ?)",
        [STATE_PUT_VERSION] = "INSERT OR REPLACE INTO versions VALUES (?, ?, ?, ?, ?, ?, ?)",
        [STATE_PUT_SNAPSHOT] = "INSERT OR REPLACE INTO snapshots VALUES (?, ?, ?, ?, ?, ?)",
        [STATE_PUT_RESOURCE] = "INSERT OR REPLACE INTO resources VALUES (?, ?, ?, ?, ?)",
        [STATE_PUT_BLOB] = "INSERT OR IGNORE INTO blobs VALUES (?, ?)",
    };
    sqlite3_stmt **statement = &state->statements[which];
    if (*statement == NULL &&
        sqlite3_prepare_v3(state->db, SQL[which], -1, SQLITE_PREPARE_PERSISTENT, statement, NULL) !=
            SQLITE_OK) {
        state_keep_why(state);
        return NULL;
    }
    sqlite3_reset(*statement);
    return *statement;
}

int state_put_number(struct state *state, const char *name, int64_t value) {
    sqlite3_stmt *put = state_statement(state, STATE_PUT_META);
    if (put == NULL) {
        return LG_EINTERNAL;
    }
    sqlite3_bind_text(put, 1, name, -1, SQLITE_STATIC);
    sqlite3_bind_int64(put, 2, value);
    int code = sqlite3_step(put);
    sqlite3_reset(put);
    if (code != SQLITE_DONE) {
        state_keep_why(state);
        return LG_EINTERNAL;
    }
    return LG_OK;
}

bool state_get_number(struct state *state, const char *name, int64_t *value) {
    sqlite3_stmt *read = NULL;
    bool is_there = false;
    if (sqlite3_prepare_v2(state->db, "SELECT value FROM meta WHERE name = ?", -1, &read, NULL) ==
        SQLITE_OK) {
        sqlite3_bind_text(read, 1, name, -1, SQLITE_STATIC);
        if (sqlite3_step(read) == SQLITE_ROW) {
            *value = sqlite3_column_int64(read, 0);
            is_there = true;
        }
    }
    sqlite3_finalize(read);
    return is_there;
}

/* -- opening ------------------------------------------------------------------ */

static int take_lock(struct state *state) {
    char path[PATH_MAX + 16];
    snprintf(path, sizeof path, "%s/score.lock", state->dir);
    state->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (state->lock_fd < 0) {
        lg_log(LG_LOG_ERROR, "state", "not_opened", "file=%s why=%s", path, strerror(errno));
        return LG_EINTERNAL;
    }
    if (flock(state->lock_fd, LOCK_EX | LOCK_NB) != 0) {
        lg_log(LG_LOG_ERROR, "state", "in_use", "what=%s dir=%s",
               "another renderer uses this state folder", state->dir);
        return LG_EINTERNAL;
    }
    return LG_OK;
}

/* A number that can be written when there is no room left: the file has its block already. It is
 * bound to the epoch, so that an old one means nothing to a new database. */
struct in_place {
    uint64_t epoch, version, check;
};

static uint64_t check_of(const struct in_place *number) {
    return (number->epoch ^ UINT64_C(0x9e3779b97f4a7c15)) * 31 + number->version;
}

static void open_reserve(struct state *state) {
    char path[PATH_MAX + 16];
    struct in_place number;
    snprintf(path, sizeof path, "%s/versions", state->dir);
    state->reserve_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (state->reserve_fd < 0) {
        return;
    }
    if (pread(state->reserve_fd, &number, sizeof number, 0) == (ssize_t)sizeof number &&
        number.epoch == state->epoch && number.check == check_of(&number) &&
        number.version > state->used_version) {
        state->used_version = state->reserved_version = number.version;
    }
    if (posix_fallocate(state->reserve_fd, 0, 4096) != 0) {
        close(state->reserve_fd);
        state->reserve_fd = -1;
    }
}

static void explain(const struct state *state) {
    bool is_locked = strstr(state->why, "locked") != NULL;
    lg_log(LG_LOG_ERROR, "state", is_locked ? "in_use" : "not_opened", "file=%s/score.db what=%s",
           state->dir, is_locked ? "another renderer uses this state folder" : state->why);
}

/* A database that is none, or of a later program, makes room for a new one. */
static int open_database(struct state *state) {
    char path[PATH_MAX + 16];
    snprintf(path, sizeof path, "%s/score.db", state->dir);
    for (int attempt = 0; attempt < 2; attempt++) {
        enum state_find find = state_schema_open(state, path);
        if (find == STATE_GOOD) {
            return LG_OK;
        }
        if (find == STATE_FAILED || state->lock_fd < 0 || attempt > 0) {
            explain(state);
            return LG_EINTERNAL;
        }
        bool is_newer = find == STATE_NEWER;
        lg_log(LG_LOG_ERROR, "state", is_newer ? "too_new" : "damaged", "file=%s why=%s what=%s",
               path, state->why, "it is kept under another name, a new score begins");
        state_close_db(state);
        if (state_set_aside(state->dir, is_newer ? "newer" : "damaged") != LG_OK) {
            return LG_EINTERNAL;
        }
    }
    return LG_EINTERNAL;
}

static struct state *create(const char *dir) {
    struct state *state = calloc(1, sizeof *state);
    int len = state == NULL ? -1 : snprintf(state->dir, sizeof state->dir, "%s", dir);
    if (len < 0 || (size_t)len >= sizeof state->dir) {
        free(state);
        return NULL;
    }
    state->lock_fd = state->reserve_fd = -1;
    return state;
}

struct state *state_open(const char *dir) {
    if (make_folders(dir) != LG_OK) {
        return NULL;
    }
    if (access(dir, W_OK) != 0) { /* SQLite would only speak of an input or output error */
        lg_log(LG_LOG_ERROR, "state", "not_writable", "dir=%s why=%s", dir, strerror(errno));
        return NULL;
    }
    struct state *state = create(dir);
    if (state == NULL || take_lock(state) != LG_OK || open_database(state) != LG_OK) {
        state_close(state);
        return NULL;
    }
    open_reserve(state);
    return state;
}

struct state *state_open_to_read(const char *dir) {
    struct state *state = create(dir);
    if (state == NULL || open_database(state) != LG_OK) {
        state_close(state);
        return NULL;
    }
    return state;
}

struct state *state_open_anew(struct state *old, const char *why) {
    char dir[PATH_MAX];
    snprintf(dir, sizeof dir, "%s", old->dir);
    state_close_db(old);
    int code = state_set_aside(dir, why);
    state_close(old);
    return code == LG_OK ? state_open(dir) : NULL;
}

void state_close_db(struct state *state) {
    for (size_t i = 0; i < STATE_N_STATEMENTS; i++) {
        sqlite3_finalize(state->statements[i]);
        state->statements[i] = NULL;
    }
    sqlite3_close(state->db);
    state->db = NULL;
}

void state_close(struct state *state) {
    if (state == NULL) {
        return;
    }
    state_close_db(state);
    if (state->reserve_fd >= 0) {
        close(state->reserve_fd);
    }
    if (state->lock_fd >= 0) {
        close(state->lock_fd);
    }
    free(state);
}

/* -- looking, reserving ---------------------------------------------------------- */

uint64_t state_epoch(const struct state *state) {
    return state->epoch;
}

uint64_t state_used_version(const struct state *state) {
    return state->used_version;
}

const char *state_why(const struct state *state) {
    return state->why;
}

static int reserve_in_place(struct state *state, uint64_t version) {
    struct in_place number = {.epoch = state->epoch, .version = version};
    number.check = check_of(&number);
    if (state->reserve_fd < 0 ||
        pwrite(state->reserve_fd, &number, sizeof number, 0) != (ssize_t)sizeof number ||
        fdatasync(state->reserve_fd) != 0) {
        return LG_EINTERNAL;
    }
    return LG_OK;
}

int state_reserve(struct state *state, uint64_t version) {
    if (version <= state->reserved_version) {
        return LG_OK;
    }
    int code = state_put_number(state, "reserved", (int64_t)version);
    if (code != LG_OK) {
        lg_log(LG_LOG_ERROR, "state", "write_failed", "name=reserved why=%s", state->why);
        code = reserve_in_place(state, version);
    }
    if (code == LG_OK) {
        state->reserved_version = version;
    }
    return code;
}
