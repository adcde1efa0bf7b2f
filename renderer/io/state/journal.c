/* The journal thread: group commits, reserved versions, what happens when the disk refuses. The
 * queue is in journal_rows.c. */
#include "renderer/io/state/journal_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "common/clock.h"
#include "common/condition.h"
#include "common/err.h"
#include "common/log.h"
#include "common/metrics.h"
#include "common/thread_name.h"

#define DROP_ROWS       500 /* at a time, between commits */
#define REQUESTS_AGE_US (5 * 60 * (int64_t)1000000)
#define RESERVE_WAIT_US 1000000

/* -- reserving versions --------------------------------------------------------- */

void journal_reserve(struct journal *journal, uint64_t version) {
    pthread_mutex_lock(&journal->lock);
    if (version > journal->wanted_version) {
        journal->wanted_version = version;
        pthread_cond_signal(&journal->wake);
    }
    pthread_mutex_unlock(&journal->lock);
}

void journal_wait_reserved(struct journal *journal, uint64_t version) {
    struct timespec until = lg_condition_until(RESERVE_WAIT_US);
    pthread_mutex_lock(&journal->lock);
    while (journal->durable_version < version) {
        if (journal->wanted_version < version) {
            journal->wanted_version = version + 1000;
            pthread_cond_signal(&journal->wake);
        }
        if (pthread_cond_timedwait(&journal->is_reserved, &journal->lock, &until) != 0 &&
            journal->durable_version < version) {
            journal->durable_version = version + 1000; /* so much is taken on trust */
            lg_log(LG_LOG_ERROR, "journal", "not_reserved", "version=%" PRIu64 " what=%s", version,
                   "a crash from now on could use a number twice");
        }
    }
    pthread_mutex_unlock(&journal->lock);
}

/* -- writing ---------------------------------------------------------------------- */

static int write_row(struct state *state, const struct row *row) {
    switch (row->kind) {
    case ROW_ENTRY:
        return state_put_entry(state, &row->as.entry);
    case ROW_REQUEST:
        return state_put_request(state, &row->as.request);
    case ROW_VERSION:
        return state_put_version(state, &row->as.version);
    case ROW_SNAPSHOT:
        return state_put_snapshot(state, &row->as.snapshot);
    case ROW_RESOURCE:
        return state_put_resource(state, &row->as.resource);
    case ROW_NUMBER:
        return state_put_number(state, row->as.number.name, row->as.number.value);
    }
    return LG_OK;
}

/* All pending rows, and the reservation: one commit. */
static int write_pending(struct journal *journal, uint64_t version) {
    struct state *state = journal->options.state;
    int code = state_begin(state);
    for (const struct row *row = journal->pending.first; row != NULL && code == LG_OK;
         row = row->next) {
        code = write_row(state, row);
    }
    if (code == LG_OK && version > 0) {
        code = state_reserve(state, version);
    }
    if (code == LG_OK) {
        code = state_commit(state);
    }
    if (code != LG_OK) {
        state_rollback(state);
    }
    return code;
}

static uint64_t last_seq(const struct rows *rows) {
    uint64_t seq = 0;
    for (const struct row *row = rows->first; row != NULL; row = row->next) {
        seq = row->kind == ROW_ENTRY      ? row->as.entry.seq
              : row->kind == ROW_SNAPSHOT ? row->as.snapshot.seq
                                          : seq;
    }
    return seq;
}

static bool holds_snapshot(const struct rows *rows) {
    for (const struct row *row = rows->first; row != NULL; row = row->next) {
        if (row->kind == ROW_SNAPSHOT) {
            return true;
        }
    }
    return false;
}

/* A little room is kept, for what cannot be refused: time goes on, and a stop wants to be noted. */
static bool has_room(struct journal *journal) {
    struct statvfs facts;
    int64_t now_us = lg_clock_us();
    if (now_us - journal->last_room_us < JOURNAL_RETRY_MS * (int64_t)1000) {
        return !journal->is_low;
    }
    journal->last_room_us = now_us;
    if (statvfs(journal->options.dir, &facts) != 0) {
        return true;
    }
    uint64_t all = (uint64_t)facts.f_blocks * facts.f_frsize;
    uint64_t free_bytes = (uint64_t)facts.f_bavail * facts.f_frsize;
    uint64_t least = all / 20 < JOURNAL_ROOM_BYTES ? all / 20 : JOURNAL_ROOM_BYTES;
    /* Some more before changes are taken again, so that it does not go on and off. */
    journal->is_low = free_bytes < (journal->is_low ? least + least / 4 : least);
    return !journal->is_low;
}

/* With the lock held on entry and exit. */
static void set_failing_locked(struct journal *journal, const char *why) {
    bool was_failing = journal->is_failing, needs_snapshot = journal->drops_rows;
    char words[sizeof journal->why] = "";
    journal->is_failing = why != NULL;
    if (why != NULL) {
        snprintf(journal->why, sizeof journal->why, "changes cannot be kept: %s", why);
        memcpy(words, journal->why, sizeof words);
    }
    if (was_failing != journal->is_failing) {
        pthread_mutex_unlock(&journal->lock);
        metric_add(journal->failures, why != NULL);
        lg_log(why != NULL ? LG_LOG_ERROR : LG_LOG_WARN, "journal",
               why != NULL ? "write_failed" : "writing_again", "why=%s dir=%s",
               why != NULL ? why : "it goes again", journal->options.dir);
        journal->options.on_status(journal->options.ctx, why != NULL ? words : NULL,
                                   needs_snapshot);
        pthread_mutex_lock(&journal->lock);
    }
}

static void note_durable_locked(struct journal *journal, uint64_t version, size_t n_bytes) {
    uint64_t seq = last_seq(&journal->pending);
    if (seq > journal->durable_seq) {
        journal->durable_seq = seq;
    }
    if (version > journal->durable_version) {
        journal->durable_version = version;
    }
    journal->n_bytes -= n_bytes;
    metric_set(journal->queue_bytes, (int64_t)journal->n_bytes);
    pthread_cond_broadcast(&journal->is_reserved);
}

/* The number of a version may be kept where the rows cannot. */
static void reserve_alone(struct journal *journal, uint64_t version) {
    int code = state_reserve(journal->options.state, version);
    pthread_mutex_lock(&journal->lock);
    if (code == LG_OK && version > journal->durable_version) {
        journal->durable_version = version;
    }
    pthread_cond_broadcast(&journal->is_reserved);
    pthread_mutex_unlock(&journal->lock);
}

static size_t rows_bytes(const struct rows *rows) {
    size_t n_bytes = 0;
    for (const struct row *row = rows->first; row != NULL; row = row->next) {
        n_bytes += row->size_bytes;
    }
    return n_bytes;
}

static void begin_drop(struct journal *journal) {
    const struct journal_options *options = &journal->options;
    journal->drops_requests = true;
    journal->drop_seq =
        state_droppable(options->state, options->keep_bytes, options->keep_us, lg_clock_wall_us());
}

/* What is pending, and a reserved number; without the lock. */
static bool commit(struct journal *journal, uint64_t version, bool is_awaited) {
    int64_t start_us = lg_clock_us();
    const struct row *first = journal->pending.first;
    int64_t put_us = first != NULL ? first->put_us : start_us;
    bool has_snapshot = holds_snapshot(&journal->pending);
    int code = write_pending(journal, version);
    if (code != LG_OK) {
        char why[256];
        snprintf(why, sizeof why, "%s", state_why(journal->options.state));
        if (version > 0) {
            reserve_alone(journal, version);
        }
        pthread_mutex_lock(&journal->lock);
        set_failing_locked(journal, why);
        pthread_mutex_unlock(&journal->lock);
        return false;
    }
    metric_observe(journal->commit_us, lg_clock_us() - start_us);
    metric_observe(journal->lag_us, lg_clock_us() - put_us);
    bool is_roomy = has_room(journal);
    pthread_mutex_lock(&journal->lock);
    note_durable_locked(journal, version, rows_bytes(&journal->pending));
    set_failing_locked(journal, is_roomy ? NULL : "the disk is nearly full");
    bool needs_snapshot = !journal->is_failing && journal->drops_rows;
    pthread_mutex_unlock(&journal->lock);
    rows_free(&journal->pending);
    if (needs_snapshot) {
        journal->options.on_status(journal->options.ctx, NULL, true);
    }
    if (is_awaited) {
        journal->options.on_durable(journal->options.ctx);
    }
    state_tidy(journal->options.state);
    if (has_snapshot) {
        begin_drop(journal);
    }
    return true;
}

/* -- the thread ------------------------------------------------------------------- */

/* How long to wait for more; 0 = there is work. Lock held. */
static int64_t idle_us_locked(const struct journal *journal) {
    int64_t now_us = lg_clock_us();
    if (journal->is_stopping || journal->pending.first != NULL ||
        journal->wanted_version > journal->durable_version ||
        (journal->queue.first != NULL && journal->is_awaited)) {
        return 0;
    }
    if (journal->queue.first != NULL) {
        int64_t due_us = journal->queue.first->put_us + JOURNAL_LAZY_MS * (int64_t)1000;
        return due_us > now_us ? due_us - now_us : 0;
    }
    return journal->is_failing ? JOURNAL_RETRY_MS * (int64_t)1000 : INT64_MAX;
}

static void wait_locked(struct journal *journal, int64_t wait_us) {
    if (wait_us == INT64_MAX) {
        pthread_cond_wait(&journal->wake, &journal->lock);
    } else {
        struct timespec until = lg_condition_until(wait_us);
        pthread_cond_timedwait(&journal->wake, &journal->lock, &until);
    }
}

/* The queue behind what is pending. Lock held. */
static void take_queue_locked(struct journal *journal) {
    if (journal->queue.first != NULL) {
        *journal->pending.last = journal->queue.first;
        journal->pending.last = journal->queue.last;
        rows_init(&journal->queue);
    }
}

/* Nothing is due: drop a little of what is too old, or look whether it goes again. */
static bool do_idle_work(struct journal *journal) {
    if (journal->drops_requests) {
        journal->drops_requests =
            state_drop_requests(journal->options.state, lg_clock_wall_us() - REQUESTS_AGE_US);
        return true;
    }
    if (journal->drop_seq > 0) {
        if (!state_drop(journal->options.state, journal->drop_seq, DROP_ROWS)) {
            begin_drop(journal);
        }
        return true;
    }
    pthread_mutex_lock(&journal->lock);
    bool is_failing = journal->is_failing;
    pthread_mutex_unlock(&journal->lock);
    if (is_failing && journal->pending.first == NULL && has_room(journal)) {
        pthread_mutex_lock(&journal->lock);
        set_failing_locked(journal, NULL);
        pthread_mutex_unlock(&journal->lock);
    }
    return false;
}

static void *work(void *arg) {
    struct journal *journal = arg;
    lg_thread_name("journal");
    pthread_mutex_lock(&journal->lock);
    for (;;) {
        int64_t wait_us = idle_us_locked(journal);
        if (wait_us > 0) {
            pthread_mutex_unlock(&journal->lock);
            bool has_more = do_idle_work(journal);
            pthread_mutex_lock(&journal->lock);
            wait_us = idle_us_locked(journal);
            if (!has_more && wait_us > 0) {
                wait_locked(journal, wait_us);
            }
            continue;
        }
        take_queue_locked(journal);
        bool is_awaited = journal->is_awaited, is_stopping = journal->is_stopping;
        uint64_t version =
            journal->wanted_version > journal->durable_version ? journal->wanted_version : 0;
        journal->is_awaited = false;
        pthread_mutex_unlock(&journal->lock);
        bool is_done = (journal->pending.first == NULL && version == 0) ||
                       commit(journal, version, is_awaited);
        pthread_mutex_lock(&journal->lock);
        if (is_stopping && (!is_done || journal->queue.first == NULL)) {
            break;
        }
        if (!is_done) {
            journal->is_awaited = true; /* again, in a while */
            struct timespec until = lg_condition_until(JOURNAL_RETRY_MS * (int64_t)1000);
            while (!journal->is_stopping &&
                   pthread_cond_timedwait(&journal->wake, &journal->lock, &until) == 0) {
            }
        }
    }
    pthread_mutex_unlock(&journal->lock);
    return NULL;
}

static void make_metrics(struct journal *journal) {
    journal->commit_us = metric_histogram("leggio_renderer_journal_commit_seconds", "",
                                          "time to make rows of the journal durable",
                                          METRIC_DELAY_BOUNDS_US, METRIC_N_DELAY_BOUNDS, 1e-6);
    journal->lag_us = metric_histogram("leggio_renderer_journal_lag_seconds", "",
                                       "from the first row of a commit to its end",
                                       METRIC_DELAY_BOUNDS_US, METRIC_N_DELAY_BOUNDS, 1e-6);
    journal->queue_bytes =
        metric_gauge("leggio_renderer_journal_queue_bytes", "", "rows that are not durable yet");
    journal->failures = metric_counter("leggio_renderer_journal_failures_total", "",
                                       "times that the disk refused, or was nearly full");
}

struct journal *journal_create(const struct journal_options *options) {
    struct journal *journal = calloc(1, sizeof *journal);
    if (journal == NULL) {
        return NULL;
    }
    journal->options = *options;
    journal->durable_version = journal->wanted_version = state_used_version(options->state);
    journal->durable_seq = state_last_seq(options->state);
    rows_init(&journal->queue);
    rows_init(&journal->group);
    rows_init(&journal->pending);
    make_metrics(journal);
    pthread_mutex_init(&journal->lock, NULL);
    if (!lg_condition_init(&journal->wake) || !lg_condition_init(&journal->is_reserved) ||
        pthread_create(&journal->thread, NULL, work, journal) != 0) {
        lg_log(LG_LOG_ERROR, "journal", "no_thread", NULL);
        free(journal);
        return NULL;
    }
    return journal;
}

bool journal_destroy(struct journal *journal) {
    if (journal == NULL) {
        return false;
    }
    pthread_mutex_lock(&journal->lock);
    journal->is_stopping = true;
    pthread_cond_signal(&journal->wake);
    pthread_mutex_unlock(&journal->lock);
    pthread_join(journal->thread, NULL);
    bool is_whole = journal->pending.first == NULL && journal->queue.first == NULL &&
                    !journal->drops_rows && journal->durable_version >= journal->wanted_version;
    rows_free(&journal->pending);
    rows_free(&journal->queue);
    rows_free(&journal->group);
    pthread_cond_destroy(&journal->wake);
    pthread_cond_destroy(&journal->is_reserved);
    pthread_mutex_destroy(&journal->lock);
    free(journal);
    return is_whole;
}
