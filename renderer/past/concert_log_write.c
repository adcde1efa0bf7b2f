/* --export-log: the journal as a concert log. What the score does by itself (time, events,
 * engravings) is not written: it will do it again. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/err.h"
#include "common/log.h"
#include "renderer/io/state/state.h"
#include "renderer/past/concert_log.h"
#include "renderer/past/history.h"
#include "renderer/past/inputs.h"
#include "renderer/past/snapshot.h"
#include "renderer/renderer.h"

struct writing {
    FILE *file;
    int64_t start_us;
    uint64_t from; /* seq of the snapshot that it begins with */
    int64_t snapshot_us;
    size_t n_parts;
    bool has_begun, is_damaged;
};

static void write_wall(FILE *file, int64_t wall_us) {
    time_t seconds = (time_t)(wall_us / 1000000);
    struct tm utc;
    char stamp[32];
    gmtime_r(&seconds, &utc);
    strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%SZ", &utc);
    fprintf(file, "# begun %s\n", stamp);
}

static void begin(struct writing *writing, int64_t time_us, int64_t wall_us) {
    if (!writing->has_begun) {
        writing->has_begun = true;
        writing->start_us = time_us;
        write_wall(writing->file, wall_us);
    }
}

static void write_part(struct writing *writing, int64_t time_us, const char *source,
                       const char *text, size_t size) {
    int64_t at_us = time_us - writing->start_us;
    at_us = at_us > 0 ? at_us : 0;
    fprintf(writing->file, "# @%" PRId64 ".%06" PRId64 " %zu ", at_us / 1000000, at_us % 1000000,
            size);
    for (const char *at = source; *at != '\0'; at++) { /* a heading is one line */
        fputc((unsigned char)*at < ' ' ? ' ' : *at, writing->file);
    }
    fputc('\n', writing->file);
    fwrite(text, 1, size, writing->file);
    fputc('\n', writing->file);
    writing->n_parts++;
}

static void write_snapshot_part(void *ctx, const char *text, size_t size) {
    struct writing *writing = ctx;
    write_part(writing, writing->snapshot_us, "snapshot", text, size);
}

static void take_first_snapshot(void *ctx, const struct state_snapshot *snapshot) {
    struct writing *writing = ctx;
    writing->from = snapshot->seq;
    writing->snapshot_us = snapshot->time_us;
    begin(writing, snapshot->time_us, snapshot->wall_us);
    writing->is_damaged = !snapshot_parts(snapshot, write_snapshot_part, writing);
}

static bool body_text(const struct state_entry *entry, struct text *out) {
    struct msgpack_reader from = {entry->body, entry->body + entry->body_size};
    if (entry->kind == INPUT_SCRIPT) {
        char *name = NULL;
        const uint8_t *text;
        size_t size;
        bool is_good = unpack_fixed(&from, 2) && unpack_text(&from, &name) &&
                       unpack_bytes(&from, &text, &size) && text != NULL;
        if (is_good) {
            text_append(out, (const char *)text, size);
        }
        free(name);
        return is_good;
    }
    if (entry->kind == INPUT_MESSAGES) {
        struct message *messages;
        size_t n_messages;
        if (!unpack_messages(&from, &messages, &n_messages)) {
            return false;
        }
        for (size_t i = 0; i < n_messages; i++) {
            message_print_exact(&messages[i], out);
            text_append(out, ";\n", 2);
        }
        messages_free(messages, n_messages);
        return true;
    }
    static const char *const EVENTS[] = {"mouseDown",  "mouseUp",    "mouseMove",
                                         "mouseEnter", "mouseLeave", "doubleClick"};
    char *address = NULL;
    int64_t kind;
    double x, y;
    bool is_good = entry->kind == INPUT_POINTER && unpack_fixed(&from, 4) &&
                   unpack_text(&from, &address) && address != NULL && unpack_int(&from, &kind) &&
                   kind >= 0 && kind < (int64_t)(sizeof EVENTS / sizeof EVENTS[0]) &&
                   unpack_double(&from, &x) && unpack_double(&from, &y);
    if (is_good) {
        text_printf(out, "%s event %s %.9g %.9g;", address, EVENTS[kind], x, y);
    }
    free(address);
    return is_good;
}

static bool take_entry(void *ctx, const struct state_entry *entry) {
    struct writing *writing = ctx;
    struct text text = {0};
    begin(writing, entry->time_us, entry->wall_us);
    /* The port that this process listened on is of no concern to a concert. */
    bool is_own = strcmp(entry->source, "osc") == 0;
    if (!is_own && body_text(entry, &text)) {
        write_part(writing, entry->time_us, entry->source, text.data != NULL ? text.data : "",
                   text.len);
    }
    text_finish(&text);
    return true;
}

static bool take_oldest(void *ctx, const struct state_entry *entry) {
    *(uint64_t *)ctx = entry->seq;
    return false;
}

/* With the first input, or, where the beginning was dropped, with the oldest snapshot. */
static int write_log(struct writing *writing, struct state *state) {
    uint64_t oldest = 0;
    fprintf(writing->file, "%s\n# epoch %" PRIu64 "\n", CONCERT_LOG_HEAD, state_epoch(state));
    int code = state_read_entries(state, 0, UINT64_MAX, take_oldest, &oldest);
    if (code == LG_OK && oldest != 1) {
        code = state_read_snapshot(state, oldest == 0 ? UINT64_MAX : oldest - 1,
                                   take_first_snapshot, writing);
        code = code == LG_ENOTFOUND && oldest == 0 ? LG_OK : code;
    }
    if (code == LG_OK && writing->is_damaged) {
        lg_log(LG_LOG_ERROR, "past", "bad_snapshot", "seq=%" PRIu64, writing->from);
        code = LG_EINTERNAL;
    }
    return code == LG_OK ? state_read_entries(state, writing->from, UINT64_MAX, take_entry, writing)
                         : code;
}

int history_export_log(const struct renderer_options *options) {
    struct state *state = history_open(options);
    if (state == NULL) {
        return 1;
    }
    struct writing writing = {.file = fopen(options->export_log, "w")};
    int code = writing.file == NULL ? LG_EINTERNAL : write_log(&writing, state);
    bool is_written = writing.file != NULL && ferror(writing.file) == 0;
    is_written = (writing.file == NULL || fclose(writing.file) == 0) && is_written;
    if (!is_written) {
        fprintf(stderr, "leggio-renderer: cannot write %s: %s\n", options->export_log,
                strerror(errno));
    } else if (code == LG_OK) {
        printf("%zu parts in %s\n", writing.n_parts, options->export_log);
    }
    state_close(state);
    return is_written && code == LG_OK ? 0 : 1;
}
