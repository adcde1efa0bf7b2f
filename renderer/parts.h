/* All parts of a running renderer, and what its files (renderer_*.c) do for each other. Nobody
 * below knows this header. Everything on the score thread unless said. */
#ifndef LEGGIO_RENDERER_PARTS_H
#define LEGGIO_RENDERER_PARTS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/broker/curve/curve_keys.h"
#include "common/admin.h"
#include "renderer/broker/call_server.h"
#include "renderer/broker/loop.h"
#include "renderer/broker/publisher.h"
#include "renderer/draw/draw_thread.h"
#include "renderer/io/files.h"
#include "renderer/io/javascript/javascript.h"
#include "renderer/io/state/journal.h"
#include "renderer/io/state/state.h"
#include "renderer/io/worker.h"
#include "renderer/past/inputs.h"
#include "renderer/past/replay.h"
#include "renderer/renderer.h"
#include "renderer/score/score.h"

struct scenes;       /* renderer_scenes.c */
struct hovers;       /* renderer_pointer.c */
struct servers;      /* renderer_servers.c */
struct exports;      /* renderer_exports.c */
struct urls;         /* renderer_urls.c */
struct osc_link;     /* renderer_osc.c */
struct views;        /* renderer_views.c */
struct asides;       /* renderer_asides.c */
struct watching;     /* renderer_watch.c */
struct past;         /* past/restore.c */
struct concert_play; /* past/concert_play.c */

struct renderer {
    const struct renderer_options *options;
    uint64_t renderer_id;
    int64_t started_us;
    char *state_dir;
    char *root_path; /* at start */
    struct score_env env;
    struct files *files;
    struct score *score;
    struct loop *loop; /* NULL while exporting */
    int signal_fd;
    struct javascript *javascript;
    struct worker *worker;
    struct state *state; /* the journal's thread only, once it runs, but for the epoch */
    struct journal *journal;
    struct inputs *inputs;     /* NULL while exporting */
    struct replay *replay;     /* while the past is done again */
    struct past *past;         /* at the start */
    struct concert_play *play; /* NULL: no --replay */
    bool wants_snapshot;
    bool has_shown;                        /* a picture, since the start */
    int64_t snapshot_us, snapshot_cost_us; /* the last one */
    uint64_t seq_before_call; /* the last input before the call that is being handled */
    struct draw_thread *draw;
    struct publisher *publisher;
    struct call_server *calls;
    struct scenes *scenes;
    struct hovers *hovers;
    struct servers *servers;
    struct exports *exports;
    struct osc_link *osc;
    struct views *views;
    struct urls *urls; /* NULL: none may be asked */
    struct asides *asides;
    struct watching *watching;
    struct admin *admin;
    int task_timer;                /* -1 = none */
    int delay_timer;               /* of the first delayed message; -1 = none */
    int64_t delay_due_us;          /* that it is for */
    struct curve_server_keys keys; /* with --curve-keys */
    struct curve_zap *zap;         /* NULL = without */
    bool is_quitting;
    atomic_bool has_scores; /* those of --score are loaded */
};

/* -- renderer_tasks.c ------------------------------------------------------ */
/* Run a script as one transaction and then what it queued; result: score_result_finish. */
void renderer_run_script(struct renderer *renderer, const char *source, const char *text,
                         size_t len, const char *name, struct score_result *result);
/* The transaction is over: run what events queued, once; the rest by timer. */
void renderer_run_task(struct renderer *renderer);
/* An event on an object as an input of its own, and what it triggers. */
void renderer_fire(struct renderer *renderer, const char *source, struct object *object,
                   const char *event);
/* An error that no message made, the same way. */
void renderer_tell_error(struct renderer *renderer, const char *source, const char *words);

/* -- renderer.c ----------------------------------------------------------- */
/* Load the --score files; errors are appended to `errors`. */
void renderer_load_scores(struct renderer *renderer, struct text *errors);
/* files, root path, score: what serving and exporting share. 0 or an error code (logged). */
int renderer_make_score(struct renderer *renderer, const struct renderer_options *options);
/* An empty score instead of what is there. */
int renderer_renew_score(struct renderer *renderer);
void renderer_free_score(struct renderer *renderer);

/* -- renderer_env.c ------------------------------------------------------- */
void renderer_env_fill(struct renderer *renderer);
/* Script text into the score, inside a transaction. */
int renderer_script_into_score(struct score *score, const char *text, size_t len, const char *name);
/* The same for what save wrote, whatever language scripts are in. */
int renderer_saved_into_score(struct score *score, const char *text, size_t len);

/* -- renderer_calls.c ----------------------------------------------------- */
void renderer_on_call(void *ctx, struct call *call);
/* For call_server_options.on_repeated. */
void renderer_on_repeated(void *ctx, struct call *call, int code, const char *text,
                          size_t text_size);
/* The text of a get call, inside a transaction. */
void renderer_query_into_score(struct score *score, const char *text, size_t size);
/* The call is done and its answer known: it is journalled with its request, if it changed anything.
 * Returns the input that must be durable before it is answered; 0 = none. */
uint64_t renderer_note_request(struct renderer *renderer, const struct call *call, int code,
                               const char *text, size_t text_size);
/* Epoch and version of the asked scene, code ok. */
void renderer_reply_now(struct renderer *renderer, const struct call *call,
                        struct msg_reply *reply);

/* -- renderer_pointer.c --------------------------------------------------- */
struct hovers *hovers_create(void);
void hovers_destroy(struct hovers *hovers);
void renderer_click(struct renderer *renderer, struct call *call);
void renderer_hover(struct renderer *renderer, struct call *call);

/* -- renderer_files.c ----------------------------------------------------- */
void renderer_file(struct renderer *renderer, struct call *call);

/* -- renderer_scenes.c ---------------------------------------------------- */
struct scenes *scenes_create(struct renderer *renderer);
void scenes_destroy(struct scenes *scenes);
/* Draw what is dirty, forget what is gone, answer who waits. At the end of each turn. */
void scenes_end_turn(struct scenes *scenes);
/* The call waits until all that was done so far is visible, then it gets this answer (text is
 * copied) with the version; or, with _frame, the newest frame. */
void scenes_wait(struct scenes *scenes, struct call *call, int code, const char *text,
                 size_t text_size);
void scenes_wait_frame(struct scenes *scenes, struct call *call);
/* Newest list of a scene as drawn; NULL when there is none; borrowed for the turn. */
struct display_list *scenes_list(struct scenes *scenes, const char *scene);
/* Newest visible version; 0 when there is none yet. */
uint64_t scenes_version(const struct scenes *scenes, const char *scene);
/* Calls of this turn also wait for the work with this id, at most LIMIT_ASIDE_WAIT_MS. */
void scenes_hold(struct scenes *scenes, uint64_t id);
/* Who waits for one waits for the other instead. */
void scenes_hold_other(struct scenes *scenes, uint64_t id, uint64_t other);
/* The work is done; whoever waits goes on when what it changed in the scene is visible. */
void scenes_release(struct scenes *scenes, uint64_t id, const char *scene);
size_t scenes_waiting(const struct scenes *scenes);
/* Somebody has just joined a scene: publish its dense frame again soon, when there is one, so that
 * a gateway that came late serves the small bytes too. */
void scenes_repeat_dense(struct scenes *scenes, const char *scene);
/* Any thread (the draw thread). */
void scenes_on_shown(void *ctx, const char *scene, uint64_t transaction, uint64_t version);

/* -- renderer_servers.c --------------------------------------------------- */
struct servers *servers_create(struct renderer *renderer);
void servers_destroy(struct servers *servers);
void servers_changed(struct servers *servers);
/* Publish when the set changed. At the end of each turn. */
void servers_end_turn(struct servers *servers);
void servers_status(const struct servers *servers, const struct object *object, bool *is_running,
                    int *n_clients);
void renderer_server_report(struct renderer *renderer, struct call *call);

/* -- renderer_views.c ----------------------------------------------------- */
struct views *views_create(struct renderer *renderer);
/* Finishes what is being drawn; its answers wait in the loop. */
void views_stop(struct views *views);
void views_destroy(struct views *views);
/* A snapshot at the width that the call asks for. */
void views_answer(struct views *views, struct call *call);

/* -- renderer_asides.c ---------------------------------------------------- */
struct asides *asides_create(struct renderer *renderer);
/* Finishes what has begun; what is done waits in the loop. */
void asides_stop(struct asides *asides);
void asides_destroy(struct asides *asides);
/* score_env.run_aside. */
int asides_run(struct asides *asides, const struct object *object, void (*work)(void *job),
               void (*done)(void *job, struct score *score), void *job);
bool asides_are_idle(const struct asides *asides);

/* -- renderer_watch.c ----------------------------------------------------- */
struct watching *watching_create(struct renderer *renderer);
void watching_destroy(struct watching *watching);
void watching_on_readable(void *ctx);
/* Watch what the score watches now. At the end of each turn. */
void watching_end_turn(struct watching *watching);

/* -- renderer_osc.c ------------------------------------------------------- */
struct osc_link *osc_link_create(struct renderer *renderer);
void osc_link_destroy(struct osc_link *link);
/* "hello" to this machine's error port: we listen. */
void osc_link_hello(struct osc_link *link);
/* The port that the score names, when it is another one. At the end of each turn. */
void osc_link_end_turn(struct osc_link *link);
uint16_t osc_link_port(const struct osc_link *link); /* 0 = does not listen */
/* Replies and errors of a transaction to the last sender, if there is one. */
void osc_link_tell(struct osc_link *link, const struct score_result *result);
/* print() of JavaScript: to the last sender, address "javascript:". */
void osc_link_print(struct osc_link *link, const char *words);
/* A message with a host prefix; only with --osc-send. */
void osc_link_send(struct osc_link *link, const struct message *msg);

/* -- renderer_urls.c ------------------------------------------------------ */
struct urls *urls_create(struct renderer *renderer);
/* No more arrivals are posted. */
void urls_stop(struct urls *urls);
void urls_destroy(struct urls *urls);
/* For score_env.read_file; LG_EBUSY = whoever asks waits. why (LIMIT_ERROR…): the words of an
 * error. */
int urls_read(struct renderer *renderer, const char *url, char **data, size_t *size_bytes);
/* Fetch one that the score waits for already. */
void urls_ask(struct urls *urls, const char *url);

/* -- renderer_exports.c --------------------------------------------------- */
struct exports *exports_create(struct renderer *renderer);
void exports_destroy(struct exports *exports);
/* why: an error in words when it is refused, for free(); else NULL. */
void exports_add(struct exports *exports, struct object *object, const char *path,
                 bool has_children, char **why);
/* Draw and write what was asked for (on the worker). At the end of each turn. */
void exports_end_turn(struct exports *exports);

#endif
