/* Any bytes as a script for a whole score: run, the events it queues, queries, the
 * display list, save, and what was saved as a script for a fresh score. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "renderer/score/save.h"
#include "renderer/score/score.h"
#include "renderer/script/run.h"
#include "renderer/types/draw_scene.h"
#include "renderer/types/types.h"

enum { TASKS = 4 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void on_message(void *ctx, const struct message *msg) {
    score_process(ctx, msg);
}

static void on_query(void *ctx, const struct message *msg, struct message **replies,
                     size_t *n_replies) {
    score_query(ctx, msg, replies, n_replies);
}

static void on_error(void *ctx, const char *text) {
    score_error(ctx, "%s", text);
}

static void run_script(void *ctx, struct score *score, const char *text, size_t len,
                       const char *name) {
    (void)ctx;
    const struct script_target target = {score, on_message, on_query, on_error};
    script_run(&target, text, len, name);
}

/* One file that loads itself; nothing else is there. */
static int read_file(void *ctx, const char *dir, const char *path, char **data,
                     size_t *size_bytes) {
    (void)ctx, (void)dir;
    if (strcmp(path, "self") != 0) {
        return LG_ENOTFOUND;
    }
    *data = strdup("/ITL load self;");
    *size_bytes = *data != NULL ? strlen(*data) : 0;
    return *data != NULL ? 0 : LG_ENOMEM;
}

static int write_file(void *ctx, const char *dir, const char *path, const char *data,
                      size_t size_bytes, bool is_append) {
    (void)ctx, (void)dir, (void)path, (void)data, (void)size_bytes, (void)is_append;
    return LG_EFORBIDDEN;
}

static void send_osc(void *ctx, const struct message *msg) {
    (void)ctx, (void)msg;
}

static void export_object(void *ctx, struct object *object, const char *path, bool has_children) {
    (void)ctx, (void)object, (void)path, (void)has_children;
}

static void nothing(void *ctx) {
    (void)ctx;
}

static void server_status(void *ctx, const struct object *object, bool *is_running,
                          int *n_clients) {
    (void)ctx, (void)object;
    *is_running = false;
    *n_clients = 0;
}

static uint64_t scene_version(void *ctx, const struct object *scene) {
    (void)ctx, (void)scene;
    return 1;
}

static int64_t now_us(void *ctx) {
    (void)ctx;
    return 1;
}

static const struct score_env ENV = {
    .find_type = types_find, .run_script = run_script, .read_file = read_file,
    .write_file = write_file, .send_osc = send_osc, .export_object = export_object,
    .servers_changed = nothing, .quit = nothing, .server_status = server_status,
    .scene_version = scene_version, .now_us = now_us,
};

static void run(const char *text, size_t len, struct text *saved) {
    const struct score_options options = {.screen_px = 200, .root_path = "/nowhere",
                                          .public_host = "localhost", .env = &ENV};
    struct score *score = score_create(&options);
    struct score_result result;
    score_begin(score, "fuzz");
    run_script(NULL, score, text, len, NULL);
    score_end(score, &result);
    score_result_finish(&result);
    for (int i = 0; i < TASKS && score_has_queued(score); i++) {
        score_run_queued(score, &result);
        score_result_finish(&result);
    }
    static const char QUERIES[] = "/ITL/* get *; /ITL/scene/* get width height frame watch stack;";
    score_begin(score, "fuzz");
    run_script(NULL, score, QUERIES, sizeof QUERIES - 1, NULL);
    score_end(score, &result);
    score_result_finish(&result);
    struct object **scenes;
    size_t n_scenes = score_scenes(score, &scenes);
    for (size_t i = 0; i < n_scenes; i++) {
        display_list_unref(draw_scene(scenes[i]));
    }
    save_text(score_root(score), saved);
    score_destroy(score);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
    struct text once = {0}, twice = {0};
    run((const char *)data, len, &once);
    if (once.data != NULL && once.len < 65536) {
        run(once.data, once.len, &twice);
    }
    text_finish(&once);
    text_finish(&twice);
    return 0;
}
