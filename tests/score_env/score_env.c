/* A world for a score with nothing around it. */
#include "tests/score_env/score_env.h"

#include "common/err.h"
#include "renderer/script/run.h"
#include "renderer/types/types.h"

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

/* What the caller's world has. */
static char *on_javascript(void *ctx, const char *code, int first_line,
                           const struct named_value *globals, size_t n_globals) {
    const struct score_env *env = score_env(ctx);
    return env->run_javascript(env->ctx, ctx, code, first_line, globals, n_globals);
}

void score_env_run(struct score *score, const char *text, size_t len, const char *name) {
    bool has_javascript = score_env(score)->run_javascript != NULL;
    const struct script_target target = {
        score, on_message, on_query, on_error, has_javascript ? on_javascript : NULL, NULL, NULL};
    script_run(&target, text, len, name);
}

static void run_script(void *ctx, struct score *score, const char *text, size_t len,
                       const char *name) {
    (void)ctx;
    score_env_run(score, text, len, name);
}

static int read_file(void *ctx, const char *dir, const char *path, char **data,
                     size_t *size_bytes) {
    (void)ctx, (void)dir, (void)path, (void)data, (void)size_bytes;
    return LG_ENOTFOUND;
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

static void do_nothing(void *ctx) {
    (void)ctx;
}

static void server_status(void *ctx, const struct object *object, bool *is_running,
                          int *n_clients) {
    (void)ctx, (void)object;
    *is_running = true;
    *n_clients = 3;
}

static uint64_t scene_version(void *ctx, const struct object *scene) {
    (void)ctx, (void)scene;
    return 1;
}

static int64_t now_us(void *ctx) {
    (void)ctx;
    return 1000000;
}

struct score_env score_env_empty(void *ctx) {
    return (struct score_env){
        .ctx = ctx,
        .find_type = types_find,
        .run_script = run_script,
        .read_file = read_file,
        .write_file = write_file,
        .send_osc = send_osc,
        .export_object = export_object,
        .servers_changed = do_nothing,
        .quit = do_nothing,
        .server_status = server_status,
        .scene_version = scene_version,
        .now_us = now_us,
    };
}
