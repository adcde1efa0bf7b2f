/* Ties the parts together: makes them in order, runs the loop, takes them apart in reverse. */
#include "renderer/renderer.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/broker/curve/curve_zap.h"
#include "common/clock.h"
#include "common/err.h"
#include "common/log.h"
#include "common/signals.h"
#include "proto/limits.h"
#include "renderer/broker/socket.h"
#include "renderer/parts.h"
#include "renderer/past/concert_play.h"
#include "renderer/past/restore.h"
#include "renderer/past/snapshot.h"
#include "renderer/score/alloc.h"

/* -- the score ------------------------------------------------------------------ */

/* The folder of the files, absolute: --root-path, else that of the last --score, else one in the
 * state folder (never the home folder: clients may read what is in it). */
static char *choose_root_path(const struct renderer *renderer) {
    const struct renderer_options *options = renderer->options;
    if (options->root_path != NULL) {
        return realpath(options->root_path, NULL);
    }
    if (options->n_scores > 0) {
        return files_folder_of(options->scores[options->n_scores - 1]);
    }
    if (renderer->state_dir == NULL) {
        return NULL;
    }
    char path[PATH_MAX];
    int len = snprintf(path, sizeof path, "%s/files", renderer->state_dir);
    if (len < 0 || (size_t)len >= sizeof path || (mkdir(path, 0755) != 0 && errno != EEXIST)) {
        return NULL;
    }
    return realpath(path, NULL);
}

static int allow_folders(struct renderer *renderer) {
    const struct renderer_options *options = renderer->options;
    const char *wanted = options->root_path != NULL    ? options->root_path
                         : options->n_scores > 0       ? options->scores[options->n_scores - 1]
                         : renderer->state_dir == NULL ? "(no state folder)"
                                                       : renderer->state_dir;
    renderer->root_path = choose_root_path(renderer);
    if (renderer->root_path == NULL || files_allow(renderer->files, renderer->root_path) != LG_OK) {
        lg_log(LG_LOG_ERROR, "renderer", "no_root_path", "wanted=%s why=%s", wanted,
               strerror(errno));
        return LG_ENOTFOUND;
    }
    const char *home = getenv("HOME");
    if (strcmp(renderer->root_path, "/") == 0 ||
        (home != NULL && strcmp(renderer->root_path, home) == 0)) {
        lg_log(LG_LOG_WARN, "renderer", "wide_root_path", "dir=%s what=%s", renderer->root_path,
               "whoever sees the score may read these files, see --root-path");
    }
    for (size_t i = 0; i < options->n_scores; i++) {
        char *folder = files_folder_of(options->scores[i]);
        int code = folder == NULL ? LG_ENOTFOUND : files_allow(renderer->files, folder);
        free(folder);
        if (code != LG_OK) {
            lg_log(LG_LOG_ERROR, "renderer", "no_score", "file=%s", options->scores[i]);
            return code;
        }
    }
    return LG_OK;
}

int renderer_make_score(struct renderer *renderer, const struct renderer_options *options) {
    renderer->options = options;
    renderer->task_timer = renderer->delay_timer = -1;
    const struct files_options file_options = files_options_default();
    renderer->files = files_create(&file_options);
    int code = renderer->files == NULL ? LG_ENOMEM : allow_folders(renderer);
    if (code != LG_OK) {
        return code;
    }
    renderer_env_fill(renderer);
    return renderer_renew_score(renderer);
}

int renderer_renew_score(struct renderer *renderer) {
    const struct renderer_options *options = renderer->options;
    const struct score_options score_options = {
        .screen_px = options->screen_px,
        .root_path = renderer->root_path,
        .public_host = options->public_host,
        .env = &renderer->env,
    };
    score_destroy(renderer->score);
    if (renderer->inputs != NULL) {
        inputs_set_last(renderer->inputs, 0);
        inputs_set_clock(renderer->inputs, 0);
    }
    renderer->score = score_create(&score_options);
    return renderer->score == NULL ? LG_ENOMEM : LG_OK;
}

void renderer_free_score(struct renderer *renderer) {
    javascript_destroy(renderer->javascript);
    score_destroy(renderer->score);
    files_destroy(renderer->files);
    free(renderer->root_path);
    free(renderer->state_dir);
}

void renderer_load_scores(struct renderer *renderer, struct text *errors) {
    for (size_t i = 0; i < renderer->options->n_scores; i++) {
        const char *path = renderer->options->scores[i];
        char *data = NULL;
        size_t size = 0;
        int code = files_read_trusted(path, LIMIT_SCRIPT_BYTES, &data, &size);
        if (code != LG_OK) {
            text_printf(errors, " can't open file : %s;", path);
            continue;
        }
        struct score_result result;
        renderer_run_script(renderer, path, data, size, path, &result);
        if (result.errors.len > 0) {
            text_append(errors, result.errors.data, result.errors.len);
        }
        score_result_finish(&result);
        free(data);
    }
}

/* -- the draw thread's news -------------------------------------------------------- */

static void on_picture(void *ctx, const struct picture *picture) {
    struct renderer *renderer = ctx;
    struct feed_tile tiles[LIMIT_TILES];
    struct feed_update update = {
        .frame = picture->frame,
        .base_version = picture->base_version,
        .changed_strips = picture->changed_strips,
        .n_changed_strips = picture->n_changed_strips,
        .tiles = tiles,
        .n_tiles = picture->n_tiles <= LIMIT_TILES ? picture->n_tiles : 0,
    };
    for (size_t i = 0; i < update.n_tiles; i++) {
        const struct picture_tile *tile = &picture->tiles[i];
        tiles[i] =
            (struct feed_tile){(uint32_t)tile->rect.x, (uint32_t)tile->rect.y,
                               (uint32_t)tile->rect.width, (uint32_t)tile->rect.height, tile->png};
    }
    const struct frame *frame = picture->frame;
    const struct state_version row = {.scene = frame->scene,
                                      .version = frame->version,
                                      .seq = picture->mark,
                                      .pixels_hash = frame->pixels_hash,
                                      .width_px = frame->width_px,
                                      .height_px = frame->height_px,
                                      .wall_us = frame->drawn_wall_us};
    journal_put_version(renderer->journal, &row);
    journal_wait_reserved(renderer->journal, frame->version);
    publisher_put_picture(renderer->publisher, &update);
}

static void on_dense(void *ctx, struct frame *frame) {
    struct renderer *renderer = ctx;
    publisher_put_dense(renderer->publisher, frame);
}

static void on_shown(void *ctx, const char *scene, uint64_t transaction, uint64_t version) {
    struct renderer *renderer = ctx;
    scenes_on_shown(renderer->scenes, scene, transaction, version);
}

static bool known_version(void *ctx, const char *scene, uint64_t *version, uint64_t *pixels_hash) {
    return past_known_version(ctx, scene, version, pixels_hash);
}

static void on_reserve(void *ctx, uint64_t version) {
    struct renderer *renderer = ctx;
    journal_reserve(renderer->journal, version);
}

/* -- start and stop ------------------------------------------------------------------ */

static void end_turn(void *ctx) {
    struct renderer *renderer = ctx;
    watching_end_turn(renderer->watching);
    osc_link_end_turn(renderer->osc);
    exports_end_turn(renderer->exports);
    servers_end_turn(renderer->servers);
    scenes_end_turn(renderer->scenes);
    snapshot_end_turn(renderer);
    if (renderer->is_quitting && scenes_waiting(renderer->scenes) == 0) {
        renderer->is_quitting = false;
        lg_log(LG_LOG_INFO, "renderer", "quit", NULL);
        loop_stop(renderer->loop);
    }
}

static void on_signal(void *ctx) {
    struct renderer *renderer = ctx;
    for (int number; (number = lg_signals_next(renderer->signal_fd)) != 0;) {
        if (number == SIGHUP) {
            options_reload_log(renderer->options->loaded);
            curve_zap_reload(renderer->zap);
        } else {
            lg_log(LG_LOG_INFO, "renderer", "stopping", NULL);
            loop_stop(renderer->loop);
        }
    }
}

char *renderer_state_dir(const struct renderer_options *options) {
    char *dir = options->state_dir != NULL ? strdup(options->state_dir) : state_default_dir();
    if (dir == NULL) {
        lg_log(LG_LOG_ERROR, "renderer", "no_state_folder", "why=%s",
               "neither --state nor XDG_STATE_HOME nor HOME is known");
    }
    return dir;
}

static int open_state(struct renderer *renderer, const struct renderer_options *options) {
    renderer->state_dir = renderer_state_dir(options);
    renderer->state = renderer->state_dir == NULL ? NULL : state_open(renderer->state_dir);
    renderer->worker = renderer->state == NULL ? NULL : worker_create();
    renderer->inputs = renderer->worker == NULL ? NULL : inputs_create(renderer);
    return renderer->inputs == NULL ? LG_EINTERNAL : LG_OK;
}

/* -- the journal's news: only a turn's end is wanted, which answers what is durable ------ */

static void on_turn(void *ctx) {
    (void)ctx;
}

static void on_durable(void *ctx) {
    struct renderer *renderer = ctx;
    loop_post(renderer->loop, on_turn, renderer);
}

static void on_snapshot_wanted(void *ctx) {
    struct renderer *renderer = ctx;
    renderer->wants_snapshot = true;
}

static void on_status(void *ctx, const char *why, bool needs_snapshot) {
    struct renderer *renderer = ctx;
    (void)why;
    loop_post(renderer->loop, needs_snapshot ? on_snapshot_wanted : on_turn, renderer);
}

static int open_journal(struct renderer *renderer) {
    const struct journal_options options = {.state = renderer->state,
                                            .dir = renderer->state_dir,
                                            .keep_bytes = renderer->options->keep_bytes,
                                            .keep_us = renderer->options->keep_us,
                                            .ctx = renderer,
                                            .on_durable = on_durable,
                                            .on_status = on_status};
    renderer->journal = journal_create(&options);
    return renderer->journal == NULL ? LG_EINTERNAL : LG_OK;
}

/* --curve-keys: our own, and who is let in. */
static bool open_keys(struct renderer *renderer) {
    const char *dir = renderer->options->curve_dir;
    char why[CURVE_PATH_ROOM];
    if (dir == NULL) {
        return true;
    }
    if (curve_server_keys_load(dir, &renderer->keys, why, sizeof why) != LG_OK) {
        lg_log(LG_LOG_ERROR, "curve", "no_keys", "why=%s", why);
        return false;
    }
    renderer->zap = curve_zap_create(socket_context(), dir);
    return renderer->zap != NULL;
}

static int make_parts(struct renderer *renderer) {
    const struct renderer_options *options = renderer->options;
    renderer->scenes = scenes_create(renderer);
    renderer->hovers = hovers_create();
    renderer->servers = servers_create(renderer);
    renderer->exports = exports_create(renderer);
    renderer->views = views_create(renderer);
    renderer->asides = asides_create(renderer);
    if (renderer->options->n_url_hosts > 0) {
        renderer->urls = urls_create(renderer);
        if (renderer->urls == NULL) {
            return LG_ENOMEM;
        }
    }
    renderer->watching = watching_create(renderer);
    if (renderer->watching == NULL || renderer->views == NULL || renderer->asides == NULL ||
        renderer->scenes == NULL || renderer->hovers == NULL || renderer->servers == NULL ||
        renderer->exports == NULL) {
        return LG_ENOMEM;
    }
    const struct curve_server_keys *keys = options->curve_dir != NULL ? &renderer->keys : NULL;
    if (!open_keys(renderer)) {
        return LG_EINTERNAL;
    }
    const struct publisher_options feed = {.endpoint = options->feed,
                                           .keys = keys,
                                           .epoch = state_epoch(renderer->state),
                                           .renderer_id = renderer->renderer_id,
                                           .started_us = renderer->started_us};
    renderer->publisher = publisher_create(&feed);
    if (renderer->publisher == NULL) {
        return LG_EINTERNAL;
    }
    const struct draw_thread_options draw = {
        .max_fps = options->max_fps,
        .epoch = state_epoch(renderer->state),
        .first_version = state_used_version(renderer->state) + 1,
        .quiet_ms = 200,
        .ctx = renderer,
        .on_picture = on_picture,
        .on_dense = on_dense,
        .on_shown = on_shown,
        .on_reserve = on_reserve,
        .known_version = known_version,
    };
    renderer->draw = draw_thread_create(&draw);
    const struct call_server_options calls = {.endpoint = options->calls,
                                              .keys = keys,
                                              .loop = renderer->loop,
                                              .ctx = renderer,
                                              .on_call = renderer_on_call,
                                              .on_repeated = renderer_on_repeated,
                                              .renderer_id = renderer->renderer_id,
                                              .started_us = renderer->started_us};
    renderer->calls = renderer->draw == NULL ? NULL : call_server_create(&calls);
    renderer->osc = renderer->calls == NULL ? NULL : osc_link_create(renderer);
    return renderer->osc == NULL ? LG_EINTERNAL : LG_OK;
}

/* Admin thread. */
static bool is_ready(void *ctx, char *why, size_t size_bytes) {
    struct renderer *renderer = ctx;
    if (!atomic_load(&renderer->has_scores)) {
        snprintf(why, size_bytes, "the scores are being loaded");
        return false;
    }
    if (!publisher_has_picture(renderer->publisher)) {
        snprintf(why, size_bytes, "no picture has been published yet");
        return false;
    }
    return true;
}

/* What is there is kept whole, so that the next start has nothing to do again. */
static void destroy(struct renderer *renderer, bool is_started) {
    if (is_started) {
        snapshot_take(renderer);
    }
    concert_play_destroy(renderer->play);
    admin_destroy(renderer->admin);
    osc_link_destroy(renderer->osc);
    renderer->osc = NULL;
    watching_destroy(renderer->watching);
    draw_thread_destroy(renderer->draw); /* its last pictures still go out */
    publisher_destroy(renderer->publisher);
    views_stop(renderer->views);
    asides_stop(renderer->asides);
    worker_destroy(renderer->worker); /* its last jobs post to the loop, which runs them below */
    call_server_destroy(renderer->calls);
    renderer->calls = NULL;
    curve_zap_destroy(renderer->zap);
    exports_destroy(renderer->exports);
    renderer->exports = NULL;
    struct urls *urls = renderer->urls;
    urls_stop(urls);
    renderer->urls = NULL; /* what has arrived is only freed below */
    loop_destroy(renderer->loop);
    urls_destroy(urls);
    views_destroy(renderer->views);
    asides_destroy(renderer->asides);
    renderer->asides = NULL;
    hovers_destroy(renderer->hovers);
    scenes_destroy(renderer->scenes);
    if (journal_destroy(renderer->journal) && is_started) {
        past_note_end(renderer);
    }
    past_destroy(renderer->past);
    state_close(renderer->state);
    renderer_free_score(renderer);
    inputs_destroy(renderer->inputs);
    servers_destroy(renderer->servers); /* the score's server objects tell it that they go */
}

static void load_new_score(struct renderer *renderer) {
    struct text errors = {0};
    renderer_load_scores(renderer, &errors);
    if (errors.len > 0) {
        lg_log(LG_LOG_WARN, "renderer", "score_errors", "what=%s", errors.data);
    }
    text_finish(&errors);
}

/* A score whose last scene was deleted, which ends the program with --allow-quit: the next start
 * has one. */
static void make_sure_of_a_scene(struct renderer *renderer) {
    static const char SCRIPT[] = "/ITL/scene new;";
    struct object **scenes;
    if (score_scenes(renderer->score, &scenes) == 0) {
        struct score_result result;
        renderer_run_script(renderer, "renderer", SCRIPT, sizeof SCRIPT - 1, NULL, &result);
        score_result_finish(&result);
    }
}

/* Before anything is set aside for it. */
static int open_replay(struct renderer *renderer) {
    const struct renderer_options *options = renderer->options;
    if (options->replay_path == NULL) {
        return LG_OK;
    }
    renderer->play = concert_play_open(renderer, options->replay_path, options->replay_speed);
    return renderer->play != NULL ? LG_OK : LG_EINTERNAL;
}

static int start(struct renderer *renderer, const struct renderer_options *options) {
    bool is_new = false;
    renderer->loop = loop_create();
    if (renderer->loop == NULL || alloc_is_short()) {
        return LG_ENOMEM;
    }
    if (loop_add_fd(renderer->loop, renderer->signal_fd, on_signal, renderer) != LG_OK ||
        open_replay(renderer) != LG_OK || open_state(renderer, options) != LG_OK ||
        renderer_make_score(renderer, options) != LG_OK || past_begin(renderer, &is_new) != LG_OK ||
        open_journal(renderer) != LG_OK) {
        return LG_EINTERNAL;
    }
    past_note_start(renderer);
    if (make_parts(renderer) != LG_OK ||
        !admin_open(options->loaded, is_ready, renderer, &renderer->admin)) {
        return LG_EINTERNAL;
    }
    past_hand_over(renderer);
    if (is_new) {
        load_new_score(renderer);
    }
    if (renderer->play != NULL) {
        concert_play_start(renderer->play);
    }
    make_sure_of_a_scene(renderer);
    renderer_run_task(renderer);
    atomic_store(&renderer->has_scores, true);
    loop_on_turn_end(renderer->loop, end_turn, renderer);
    watching_end_turn(renderer->watching);
    osc_link_hello(renderer->osc);
    printf("ready feed=%s calls=%s osc=%d\n", publisher_endpoint(renderer->publisher),
           call_server_endpoint(renderer->calls), osc_link_port(renderer->osc));
    fflush(stdout);
    return LG_OK;
}

int renderer_run(const struct renderer_options *options) {
    struct renderer renderer = {.options = options,
                                .started_us = lg_clock_us(),
                                .task_timer = -1,
                                .delay_timer = -1,
                                .signal_fd = lg_signals_open()};
    while (renderer.renderer_id == 0 && getrandom(&renderer.renderer_id, 8, 0) == 8) {
        renderer.renderer_id &= INT64_MAX;
    }
    int code = start(&renderer, options);
    bool is_started = code == LG_OK;
    if (is_started) {
        code = loop_run(renderer.loop);
    } else {
        lg_log(LG_LOG_ERROR, "renderer", "not_started", "why=%s",
               code == LG_ENOMEM ? "out of memory" : "see above");
    }
    destroy(&renderer, is_started);
    close(renderer.signal_fd);
    return code == LG_OK ? 0 : 1;
}
