/* Inside renderer/io/state: the journal's queue. */
#ifndef LEGGIO_IO_JOURNAL_PRIVATE_H
#define LEGGIO_IO_JOURNAL_PRIVATE_H

#include <pthread.h>

#include "renderer/io/state/journal.h"

enum row_kind { ROW_ENTRY, ROW_REQUEST, ROW_VERSION, ROW_SNAPSHOT, ROW_RESOURCE, ROW_NUMBER };

struct row {
    struct row *next;
    enum row_kind kind;
    size_t size_bytes; /* of the block */
    int64_t put_us;
    union {
        struct state_entry entry;
        struct state_request request;
        struct state_version version;
        struct state_snapshot snapshot;
        struct state_resource resource;
        struct {
            const char *name; /* a literal */
            int64_t value;
        } number;
    } as;
    uint8_t bytes[]; /* what the pointers above lead to */
};

struct rows {
    struct row *first, **last;
};

struct journal {
    struct journal_options options;
    pthread_t thread;
    pthread_mutex_t lock; /* of all below */
    pthread_cond_t wake, is_reserved;
    struct rows queue;
    struct rows group; /* not in the queue before it is closed */
    pthread_t group_owner;
    bool is_group_open, is_group_awaited;
    size_t n_bytes;  /* queued, and taken but not committed */
    bool is_awaited; /* somebody waits for what is queued */
    bool is_stopping;
    bool drops_rows; /* until a snapshot comes */
    uint64_t durable_seq;
    uint64_t wanted_version, durable_version;
    bool is_failing;
    char why[320];
    /* the journal thread's */
    struct rows pending; /* the commit that failed */
    bool drops_requests; /* those that are too old are being dropped */
    uint64_t drop_seq;   /* rows before this snapshot are being dropped; 0 = none */
    int64_t last_room_us;
    bool is_low;
    struct metric *commit_us, *queue_bytes, *failures, *lag_us;
};

/* journal_rows.c */
void rows_init(struct rows *rows);
void rows_free(struct rows *rows);

#endif
