/* Rows out of the database. What is given out has been checked against its sum. */
#include <inttypes.h>
#include <string.h>

#include "common/err.h"
#include "common/log.h"
#include "proto/limits.h"
#include "renderer/io/state/state_private.h"

static sqlite3_stmt *ask(struct state *state, const char *sql) {
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(state->db, sql, -1, &statement, NULL) != SQLITE_OK) {
        lg_log(LG_LOG_ERROR, "state", "read_failed", "why=%s", sqlite3_errmsg(state->db));
        return NULL;
    }
    return statement;
}

/* The end of a reading: 0 when it went well. */
static int end(struct state *state, sqlite3_stmt *statement, int code) {
    if (code != SQLITE_DONE && code != SQLITE_ROW) {
        lg_log(LG_LOG_ERROR, "state", "read_failed", "why=%s", sqlite3_errmsg(state->db));
        sqlite3_finalize(statement);
        return LG_EINTERNAL;
    }
    sqlite3_finalize(statement);
    return LG_OK;
}

static uint64_t number(sqlite3_stmt *statement, int column) {
    return (uint64_t)sqlite3_column_int64(statement, column);
}

static const void *bytes(sqlite3_stmt *statement, int column, size_t *size) {
    *size = (size_t)sqlite3_column_bytes(statement, column);
    return sqlite3_column_blob(statement, column);
}

static bool is_whole(uint64_t sum, uint64_t expected, const char *what, uint64_t seq) {
    if (sum != expected) {
        lg_log(LG_LOG_ERROR, "state", "damaged", "what=%s seq=%" PRIu64, what, seq);
    }
    return sum == expected;
}

int state_read_snapshot(struct state *state, uint64_t at,
                        void (*take)(void *ctx, const struct state_snapshot *snapshot), void *ctx) {
    sqlite3_stmt *read =
        ask(state, "SELECT seq, time_us, wall_us, script, moment, sum FROM snapshots"
                   " WHERE seq <= ? ORDER BY seq DESC LIMIT 1");
    if (read == NULL) {
        return LG_EINTERNAL;
    }
    sqlite3_bind_int64(read, 1, at > INT64_MAX ? INT64_MAX : (sqlite3_int64)at);
    int code = sqlite3_step(read);
    if (code == SQLITE_DONE) {
        sqlite3_finalize(read);
        return LG_ENOTFOUND;
    }
    bool is_good = true;
    if (code == SQLITE_ROW) {
        struct state_snapshot snapshot = {.seq = number(read, 0),
                                          .time_us = sqlite3_column_int64(read, 1),
                                          .wall_us = sqlite3_column_int64(read, 2)};
        snapshot.script = bytes(read, 3, &snapshot.script_size);
        snapshot.moment = bytes(read, 4, &snapshot.moment_size);
        is_good =
            is_whole(number(read, 5), state_snapshot_check(&snapshot), "snapshot", snapshot.seq);
        if (is_good) {
            take(ctx, &snapshot);
        }
    }
    int ended = end(state, read, code);
    return is_good ? ended : LG_EINTERNAL;
}

int state_read_entries(struct state *state, uint64_t after, uint64_t until,
                       bool (*take)(void *ctx, const struct state_entry *entry), void *ctx) {
    sqlite3_stmt *read =
        ask(state, "SELECT seq, time_us, wall_us, kind, source, body, answers, seed, cut_after, sum"
                   " FROM entries WHERE seq > ? AND seq <= ? ORDER BY seq");
    if (read == NULL) {
        return LG_EINTERNAL;
    }
    sqlite3_bind_int64(read, 1, (sqlite3_int64)after);
    sqlite3_bind_int64(read, 2, until > INT64_MAX ? INT64_MAX : (sqlite3_int64)until);
    int code;
    bool is_good = true;
    while (is_good && (code = sqlite3_step(read)) == SQLITE_ROW) {
        struct state_entry entry = {.seq = number(read, 0),
                                    .time_us = sqlite3_column_int64(read, 1),
                                    .wall_us = sqlite3_column_int64(read, 2),
                                    .kind = (uint32_t)number(read, 3),
                                    .source = (const char *)sqlite3_column_text(read, 4),
                                    .seed = number(read, 7),
                                    .cut_after = number(read, 8)};
        entry.source = entry.source != NULL ? entry.source : "";
        entry.body = bytes(read, 5, &entry.body_size);
        entry.answers = bytes(read, 6, &entry.answers_size);
        is_good = is_whole(number(read, 9), state_entry_check(&entry), "entry", entry.seq);
        if (is_good && !take(ctx, &entry)) {
            break;
        }
    }
    int ended = end(state, read, is_good ? code : SQLITE_DONE);
    return is_good ? ended : LG_EINTERNAL;
}

int state_read_requests(struct state *state, int64_t since_wall_us,
                        void (*take)(void *ctx, const struct state_request *request), void *ctx) {
    sqlite3_stmt *read =
        ask(state, "SELECT gateway_id, counter, seq, wall_us, code, text FROM applied"
                   " WHERE id > (SELECT max(id) FROM applied) - ?2 AND wall_us >= ?1"
                   " ORDER BY id");
    if (read == NULL) {
        return LG_EINTERNAL;
    }
    sqlite3_bind_int64(read, 1, since_wall_us);
    sqlite3_bind_int64(read, 2, LIMIT_REQUESTS_REMEMBERED);
    int code;
    while ((code = sqlite3_step(read)) == SQLITE_ROW) {
        struct state_request request = {.gateway_id = number(read, 0),
                                        .counter = number(read, 1),
                                        .seq = number(read, 2),
                                        .wall_us = sqlite3_column_int64(read, 3),
                                        .code = sqlite3_column_int(read, 4)};
        request.text = bytes(read, 5, &request.text_size);
        take(ctx, &request);
    }
    return end(state, read, code);
}

int state_read_resource(struct state *state, const char *path, uint64_t at,
                        void (*take)(void *ctx, const struct state_resource *resource), void *ctx) {
    sqlite3_stmt *read =
        ask(state, "SELECT path, seq, code, r.hash, size, data FROM resources r LEFT JOIN"
                   " blobs b ON r.hash = b.hash WHERE path = ? AND seq <= ?"
                   " ORDER BY seq DESC LIMIT 1");
    if (read == NULL) {
        return LG_EINTERNAL;
    }
    sqlite3_bind_text(read, 1, path, -1, SQLITE_STATIC);
    sqlite3_bind_int64(read, 2, at > INT64_MAX ? INT64_MAX : (sqlite3_int64)at);
    int code = sqlite3_step(read);
    if (code == SQLITE_ROW) {
        size_t size;
        const void *data = bytes(read, 5, &size);
        struct state_resource resource = {.path = path,
                                          .seq = number(read, 1),
                                          .code = sqlite3_column_int(read, 2),
                                          .hash = number(read, 3),
                                          .size_bytes = number(read, 4)};
        bool is_kept = sqlite3_column_type(read, 5) != SQLITE_NULL && size == resource.size_bytes;
        resource.data = !is_kept ? NULL : data != NULL ? data : (const uint8_t *)"";
        take(ctx, &resource);
    }
    int ended = end(state, read, code);
    return ended == LG_OK && code == SQLITE_DONE ? LG_ENOTFOUND : ended;
}

int state_read_version(struct state *state, const char *scene, uint64_t version,
                       void (*take)(void *ctx, const struct state_version *version), void *ctx) {
    sqlite3_stmt *read = ask(state, "SELECT seq, hash, width, height, wall_us FROM versions"
                                    " WHERE scene = ? AND version = ?");
    if (read == NULL) {
        return LG_EINTERNAL;
    }
    sqlite3_bind_text(read, 1, scene, -1, SQLITE_STATIC);
    sqlite3_bind_int64(read, 2, (sqlite3_int64)version);
    int code = sqlite3_step(read);
    if (code == SQLITE_ROW) {
        struct state_version row = {.scene = scene,
                                    .version = version,
                                    .seq = number(read, 0),
                                    .pixels_hash = number(read, 1),
                                    .width_px = (uint32_t)number(read, 2),
                                    .height_px = (uint32_t)number(read, 3),
                                    .wall_us = sqlite3_column_int64(read, 4)};
        take(ctx, &row);
    }
    int ended = end(state, read, code);
    return ended == LG_OK && code == SQLITE_DONE ? LG_ENOTFOUND : ended;
}

int state_read_newest_versions(struct state *state,
                               void (*take)(void *ctx, const struct state_version *version),
                               void *ctx) {
    sqlite3_stmt *read =
        ask(state, "SELECT scene, max(version), seq, hash FROM versions GROUP BY scene");
    if (read == NULL) {
        return LG_EINTERNAL;
    }
    int code;
    while ((code = sqlite3_step(read)) == SQLITE_ROW) {
        const struct state_version row = {.scene = (const char *)sqlite3_column_text(read, 0),
                                          .version = number(read, 1),
                                          .seq = number(read, 2),
                                          .pixels_hash = number(read, 3)};
        take(ctx, &row);
    }
    return end(state, read, code);
}

static uint64_t newest(struct state *state, const char *sql) {
    sqlite3_stmt *read = ask(state, sql);
    uint64_t seq = read != NULL && sqlite3_step(read) == SQLITE_ROW ? number(read, 0) : 0;
    sqlite3_finalize(read);
    return seq;
}

uint64_t state_last_seq(struct state *state) {
    return newest(state, "SELECT max(seq) FROM entries");
}

uint64_t state_last_snapshot(struct state *state) {
    return newest(state, "SELECT max(seq) FROM snapshots");
}

bool state_has_score(struct state *state) {
    return newest(state, "SELECT 1 FROM snapshots LIMIT 1") != 0 ||
           newest(state, "SELECT 1 FROM entries LIMIT 1") != 0;
}

int state_version_range(struct state *state, const char *scene, uint64_t *oldest_version,
                        uint64_t *newest_version) {
    sqlite3_stmt *read =
        ask(state, "SELECT min(version), max(version) FROM versions WHERE scene = ?");
    if (read == NULL) {
        return LG_EINTERNAL;
    }
    sqlite3_bind_text(read, 1, scene, -1, SQLITE_STATIC);
    bool is_there = sqlite3_step(read) == SQLITE_ROW && sqlite3_column_type(read, 0) != SQLITE_NULL;
    if (is_there) {
        *oldest_version = number(read, 0);
        *newest_version = number(read, 1);
    }
    sqlite3_finalize(read);
    return is_there ? LG_OK : LG_ENOTFOUND;
}
