/* Rows into the queue: each is copied into one block. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "renderer/io/state/journal_private.h"

void rows_init(struct rows *rows) {
    rows->first = NULL;
    rows->last = &rows->first;
}

static void rows_append(struct rows *rows, struct row *row) {
    row->next = NULL;
    *rows->last = row;
    rows->last = &row->next;
}

void rows_free(struct rows *rows) {
    while (rows->first != NULL) {
        struct row *row = rows->first;
        rows->first = row->next;
        free(row);
    }
    rows_init(rows);
}

/* -- putting ------------------------------------------------------------------ */

static struct row *row_make(enum row_kind kind, size_t n_bytes) {
    struct row *row = malloc(sizeof *row + n_bytes);
    if (row == NULL) {
        lg_log(LG_LOG_ERROR, "journal", "no_memory", "size_bytes=%zu", n_bytes);
        return NULL;
    }
    memset(row, 0, sizeof *row);
    row->kind = kind;
    row->size_bytes = sizeof *row + n_bytes;
    row->put_us = lg_clock_us();
    return row;
}

/* Copy into the block at *used; NULL stays NULL. */
static const uint8_t *keep(struct row *row, size_t *used, const void *data, size_t size) {
    if (data == NULL) {
        return NULL;
    }
    uint8_t *to = row->bytes + *used;
    if (size > 0) {
        memcpy(to, data, size);
    }
    *used += size;
    return to;
}

/* One alone always fits. A snapshot makes good what was dropped; without one nothing is missing. */
static bool accept_locked(struct journal *journal, const struct row *row) {
    bool fits = journal->n_bytes == 0 || journal->n_bytes + row->size_bytes <= JOURNAL_DROP_BYTES;
    if (row->kind != ROW_SNAPSHOT) {
        journal->drops_rows = journal->drops_rows || !fits;
        return !journal->drops_rows;
    }
    journal->drops_rows = journal->drops_rows && !fits;
    return fits;
}

/* Takes over the row. */
static void put(struct journal *journal, struct row *row, bool is_awaited) {
    if (row == NULL) { /* a row is missing: only a snapshot makes it whole again */
        pthread_mutex_lock(&journal->lock);
        journal->drops_rows = true;
        pthread_mutex_unlock(&journal->lock);
        journal->options.on_status(journal->options.ctx, NULL, true);
        return;
    }
    pthread_mutex_lock(&journal->lock);
    if (!accept_locked(journal, row)) {
        pthread_mutex_unlock(&journal->lock);
        free(row);
        return;
    }
    journal->n_bytes += row->size_bytes;
    if (journal->is_group_open && pthread_equal(journal->group_owner, pthread_self())) {
        rows_append(&journal->group, row);
        journal->is_group_awaited = journal->is_group_awaited || is_awaited;
        pthread_mutex_unlock(&journal->lock);
        return;
    }
    rows_append(&journal->queue, row);
    if (is_awaited || journal->queue.first == row) {
        journal->is_awaited = journal->is_awaited || is_awaited;
        pthread_cond_signal(&journal->wake);
    }
    pthread_mutex_unlock(&journal->lock);
}

void journal_put_entry(struct journal *journal, const struct state_entry *entry, bool is_awaited) {
    size_t source_size = entry->source != NULL ? strlen(entry->source) + 1 : 0, used = 0;
    struct row *row = row_make(ROW_ENTRY, source_size + entry->body_size + entry->answers_size);
    if (row != NULL) {
        row->as.entry = *entry;
        row->as.entry.source = (const char *)keep(row, &used, entry->source, source_size);
        row->as.entry.body = keep(row, &used, entry->body, entry->body_size);
        row->as.entry.answers = keep(row, &used, entry->answers, entry->answers_size);
    }
    put(journal, row, is_awaited);
}

void journal_put_request(struct journal *journal, const struct state_request *request) {
    size_t used = 0;
    struct row *row = row_make(ROW_REQUEST, request->text_size);
    if (row != NULL) {
        row->as.request = *request;
        row->as.request.text = (const char *)keep(row, &used, request->text, request->text_size);
    }
    put(journal, row, true);
}

void journal_put_version(struct journal *journal, const struct state_version *version) {
    size_t size = strlen(version->scene) + 1, used = 0;
    struct row *row = row_make(ROW_VERSION, size);
    if (row != NULL) {
        row->as.version = *version;
        row->as.version.scene = (const char *)keep(row, &used, version->scene, size);
    }
    put(journal, row, false);
}

void journal_put_snapshot(struct journal *journal, const struct state_snapshot *snapshot) {
    size_t used = 0;
    struct row *row = row_make(ROW_SNAPSHOT, snapshot->script_size + snapshot->moment_size);
    if (row != NULL) {
        row->as.snapshot = *snapshot;
        row->as.snapshot.script =
            (const char *)keep(row, &used, snapshot->script, snapshot->script_size);
        row->as.snapshot.moment = keep(row, &used, snapshot->moment, snapshot->moment_size);
    }
    put(journal, row, false);
}

void journal_put_resource(struct journal *journal, const struct state_resource *resource) {
    size_t size = strlen(resource->path) + 1, used = 0;
    size_t data_size = resource->data != NULL ? resource->size_bytes : 0;
    struct row *row = row_make(ROW_RESOURCE, size + data_size);
    if (row != NULL) {
        row->as.resource = *resource;
        row->as.resource.path = (const char *)keep(row, &used, resource->path, size);
        row->as.resource.data = keep(row, &used, resource->data, data_size);
    }
    put(journal, row, false);
}

void journal_put_number(struct journal *journal, const char *name, int64_t value) {
    struct row *row = row_make(ROW_NUMBER, 0);
    if (row != NULL) {
        row->as.number.name = name;
        row->as.number.value = value;
    }
    put(journal, row, false);
}

void journal_open_group(struct journal *journal) {
    pthread_mutex_lock(&journal->lock);
    journal->is_group_open = true;
    journal->group_owner = pthread_self();
    pthread_mutex_unlock(&journal->lock);
}

void journal_close_group(struct journal *journal) {
    pthread_mutex_lock(&journal->lock);
    journal->is_group_open = false;
    if (journal->group.first != NULL) {
        *journal->queue.last = journal->group.first;
        journal->queue.last = journal->group.last;
        rows_init(&journal->group);
        journal->is_awaited = journal->is_awaited || journal->is_group_awaited;
        pthread_cond_signal(&journal->wake);
    }
    journal->is_group_awaited = false;
    pthread_mutex_unlock(&journal->lock);
}

uint64_t journal_durable(struct journal *journal) {
    pthread_mutex_lock(&journal->lock);
    uint64_t seq = journal->durable_seq;
    pthread_mutex_unlock(&journal->lock);
    return seq;
}

bool journal_accepts(struct journal *journal, char *why, size_t size_bytes) {
    pthread_mutex_lock(&journal->lock);
    bool is_full = journal->n_bytes > JOURNAL_QUEUE_BYTES;
    bool accepts = !journal->is_failing && !is_full && !journal->drops_rows;
    if (!accepts) {
        snprintf(why, size_bytes, "%s",
                 journal->is_failing ? journal->why
                                     : "changes come faster than the disk takes them");
    }
    pthread_mutex_unlock(&journal->lock);
    return accepts;
}
