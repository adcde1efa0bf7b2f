/* What a saved script does not say of a score, so that it can go on as if it had never stopped: its
 * time, what runs and from when, what waits. With save_text of /ITL this is a snapshot.
 *
 * Not kept: what JavaScript remembers, pixels of memimg objects (they are taken again), over what
 * object a client's pointer is, counts of /ITL/stats of the messages that a snapshot itself makes.
 */
#ifndef LEGGIO_SCORE_MOMENT_H
#define LEGGIO_SCORE_MOMENT_H

#include "renderer/score/object.h"

/* An object whose date runs. */
struct moment_run {
    char *address;
    struct rational start, date;
    int64_t since_us, steps;
};

/* Messages that wait for their time. */
struct moment_delay {
    int64_t due_us;
    struct message_list *list;
};

struct moment {
    int64_t now_us, started_us, time_offset_ms;
    uint64_t ticks, n_messages, n_osc_messages;
    struct moment_run *runs;
    size_t n_runs;
    struct moment_delay *delays; /* in the order of their times */
    size_t n_delays;
    struct message *queue; /* of events, first first */
    size_t n_queue;
};

/* Fill from a score that is in no transaction. */
void moment_take(const struct score *score, struct moment *moment);
/* The settings of the application, which save leaves out, and scenes that are gone: script text to
 * be run before and after the saved one. root_path: the process's own, which the next one may have
 * elsewhere; only another one is told. */
void moment_settings(const struct score *score, const char *root_path, struct text *before,
                     struct text *after);
/* Bring a score, into which the snapshot's text has been loaded, to that moment. What loading it
 * queued is dropped. Objects that are not there are passed over. */
void moment_restore(struct score *score, const struct moment *moment);
void moment_finish(struct moment *moment);

#endif
