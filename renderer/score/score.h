/* The score: application node, scenes, one transaction at a time.
 *
 * Score thread only. A transaction is one post, one OSC packet, one click or
 * one tick: score_begin, any number of score_process (or a script run), score_end. */
#ifndef LEGGIO_SCORE_SCORE_H
#define LEGGIO_SCORE_SCORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "renderer/score/geometry.h"
#include "renderer/score/message.h"
#include "renderer/score/object.h"

/* What the score needs from above; every entry is set. */
struct score_env {
    void *ctx;
    /* NULL when unknown. renderer/types/types.c */
    const struct object_type *(*find_type)(const char *name);
    /* Parse and run script text in place (read, load, eval of text); errors via score_error.
     * name: file for error texts, or NULL. */
    void (*run_script)(void *ctx, struct score *score, const char *text, size_t len,
                       const char *name);
    /* Parse and expand only: the messages go to the log, none is executed. May be unset. */
    void (*preprocess_script)(void *ctx, struct score *score, const char *text, size_t len,
                              const char *name);
    /* Run JavaScript code: its value as script text for free(), or NULL (no text, or an error,
     * which is reported; first_line: of the code, for its lines). May be unset: there is none. */
    char *(*run_javascript)(void *ctx, struct score *score, const char *code, int first_line,
                            const struct named_value *globals, size_t n_globals);
    /* Whole file inside `dir` (a rootPath), bounded; free(*data). LG_ENOTFOUND, LG_ETOOLARGE. */
    int (*read_file)(void *ctx, const char *dir, const char *path, char **data, size_t *size_bytes);
    /* The real path of `dir` for libraries that open files by themselves, free(); NULL: none may be
     * read. May be unset. */
    char *(*real_folder)(void *ctx, const char *dir);
    int (*write_file)(void *ctx, const char *dir, const char *path, const char *data,
                      size_t size_bytes, bool is_append);
    /* Is there such a file, that may be read? May be unset: yes. */
    bool (*file_exists)(void *ctx, const char *dir, const char *path);
    /* Message with a host prefix. */
    void (*send_osc)(void *ctx, const struct message *msg);
    /* export / exportAll of an object or scene; done after the transaction. */
    void (*export_object)(void *ctx, struct object *object, const char *path, bool has_children);
    /* An httpd/websocket object came, changed or went. */
    void (*servers_changed)(void *ctx);
    void (*quit)(void *ctx);
    /* State of an in-score server as the gateways report: "started", "stopped"… and clients. */
    void (*server_status)(void *ctx, const struct object *object, bool *is_running, int *n_clients);
    uint64_t (*scene_version)(void *ctx, const struct object *scene);
    /* The score's own time: stands still during a transaction, so that what is journalled with its
     * moment can be done again (renderer/past/inputs.h). */
    int64_t (*now_us)(void *ctx);
    /* How long work takes; monotonic. May be unset: now_us. */
    int64_t (*work_us)(void *ctx);
    /* Seeds of random numbers. May be unset: the system's. */
    uint64_t (*random)(void *ctx);
    /* Do work(job) on another thread, then done(job, score) on this one, in a transaction of its
     * own; the answers of this turn wait until that is visible. One job of an object runs and one
     * waits: an older one that has not begun is dropped, done(job, NULL). LG_EBUSY: refused,
     * nothing will be called. May be unset: no other thread, do it at once. */
    int (*run_aside)(void *ctx, const struct object *object, void (*work)(void *job),
                     void (*done)(void *job, struct score *score), void *job);
    /* Engravings are made anew: while the past is replayed, what this process happens to remember
     * must not decide when something is shown. */
    bool has_no_cache;
};

struct score_options {
    double screen_px;            /* D of 6.1 */
    const char *root_path;       /* copied */
    const char *public_host;     /* copied; for the QR code */
    const struct score_env *env; /* borrowed for life */
};

struct score *score_create(const struct score_options *options);
void score_destroy(struct score *score);

/* -- transactions ------------------------------------------------------ */
/* source: who or what, for the log: "http:127.0.0.1:4242", a file name; borrowed
 * until score_end. */
void score_begin(struct score *score, const char *source);
/* Where the statement stands whose messages come next, for the log: file (copied; NULL = the text
 * of the source itself) and line. */
void score_place(struct score *score, const char *name, int line);
/* Execute one message now. Replies of get are collected in the transaction. */
void score_process(struct score *score, const struct message *msg);
struct score_result {
    struct text errors;      /* each error " words" + ";" (web API 3.5); empty = success */
    struct message *replies; /* of get, in order */
    size_t n_replies;
    bool has_changed;   /* some scene must be looked at again */
    uint64_t cut_after; /* looks at the clock until it was stopped for its length; 0 = it was not */
    size_t n_run;       /* of score_run_queued: messages taken */
};
/* Deletes what was deleted, resolves. The result is the caller's: score_result_finish. */
void score_end(struct score *score, struct score_result *result);
void score_result_finish(struct score_result *result);
/* From now on transactions are not stopped by the clock but after so many looks at it
 * (score_result.cut_after), 0 = never; SCORE_WORK_BY_CLOCK gives the clock back. */
#define SCORE_WORK_BY_CLOCK UINT64_MAX
void score_limit_work(struct score *score, uint64_t n_looks);

/* An error in words ("incorrect parameters: …"), without leading space or ';'. Goes to the
 * transaction, to /ITL/log and fires the application's `error` event. */
void score_error(struct score *score, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* A message for the next task, as events queue theirs. */
void score_post(struct score *score, const struct message *msg);
/* A line for /ITL/log only. */
void score_log(struct score *score, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The replies a get message would give, for `$( … )`; the list is the caller's. */
void score_query(struct score *score, const struct message *msg, struct message **replies,
                 size_t *n_replies);

/* -- events ------------------------------------------------------------ */
/* Messages triggered by events wait here for the next task. */
bool score_has_queued(const struct score *score);
/* Run the messages queued before the call, as one transaction (begin and end inside). */
void score_run_queued(struct score *score, struct score_result *result);
/* The same for exactly the first n of them (or all there are), however long it takes. */
void score_run_some(struct score *score, size_t n, struct score_result *result);

/* Messages that wait for their time (`/ITL after`): when the first is due, monotonic; -1 = none. */
int64_t score_next_delayed_us(const struct score *score);
/* Those that are due now join the messages of events. */
void score_queue_delayed(struct score *score);
/* Is script text in version 2 where it would run now (`parse v2` of the scene that loads it, else
 * of the application)? */
bool score_is_version_2(const struct score *score);

/* -- time ---------------------------------------------------------------- */
/* Some date runs and somebody sees it: score_tick is due at the task rate. */
bool score_is_moving(const struct score *score);
/* Some date runs, seen or not: a transaction brings it up to now. */
bool score_has_clocks(const struct score *score);
/* One transaction that only lets time pass. */
void score_tick(struct score *score, struct score_result *result);

enum pointer_kind {
    POINTER_DOWN,
    POINTER_UP,
    POINTER_MOVE,
    POINTER_ENTER,
    POINTER_LEAVE,
    POINTER_DOUBLE
};
/* Fire a mouse event on an object; x, y in local units inside its box (as `event` takes them).
 * Inside a transaction. */
void score_pointer(struct score *score, struct object *object, enum pointer_kind kind, double x,
                   double y);

/* Fire a data event ("newData", "ready", "success", "error" …) on an object: what it watches under
 * this name is queued for the next task. `newData` after a `set` with success is the dispatcher's
 * own business; types fire it for other changes of their data (write). Inside a transaction. */
void score_fire(struct score *score, struct object *object, const char *event);

/* -- files of fileWatcher nodes -------------------------------------------------------- */
/* The file_i-th watched path (relative to the application's root path); false: no more. */
bool score_watched_file(const struct score *score, size_t file_i, const char **path);
/* Another number whenever the list of watched files, or where they lie, may be another one. */
uint64_t score_watched_revision(const struct score *score);
/* It changed: its messages are queued. */
void score_file_changed(struct score *score, const char *path);

/* -- resources that come later (resources.c) ----------------------------------------------- */
/* env.read_file cannot give this URL yet: whose set or load asks waits for it. false = nobody can
 * wait here, it must be refused. */
bool score_wait_for_url(struct score *score, const char *url);
/* It is there (env.read_file gives it until we return), or not: why. Inside a transaction. */
void score_url_arrived(struct score *score, const char *url, const char *why);

/* -- looking ----------------------------------------------------------- */
struct object *score_root(const struct score *score);
size_t score_scenes(const struct score *score, struct object ***scenes);   /* borrowed */
struct object *score_find(const struct score *score, const char *address); /* exact, NULL if none */
struct object *score_find_id(const struct score *score, uint64_t id);
/* A number among the application's settings: "port", "outport", "errport", "rate", "parse"… */
double score_setting(const struct score *score, const char *name);
/* One more message came by OSC (for /ITL/stats). */
void score_count_osc(struct score *score);
double score_screen_px(const struct score *score);
const struct score_env *score_env(const struct score *score);
const char *score_public_host(const struct score *score);
/* Root path in force for an object: its scene's, else the application's. */
const char *score_root_path(const struct score *score, const struct object *object);
/* Has anything of this scene changed since score_clean_scene? */
bool score_is_scene_dirty(const struct score *score, const struct object *scene);
void score_clean_scene(struct score *score, struct object *scene);
/* The last lines of the log (LIMIT_LOG_TEXT_BYTES), newest last. */
const char *score_log_text(const struct score *score);

/* Children in drawing order: ascending z, ties by creation (7.6). Fills an array owned by the
 * caller (free). */
size_t object_children_by_z(const struct object *parent, struct object ***sorted);

#endif
