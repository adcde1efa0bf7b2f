/* A score with the real types and nothing around it. */
#include "tests/unit/types/types_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/err.h"
#include "renderer/script/run.h"
#include "renderer/types/types.h"

static int read_file(void *ctx, const char *dir, const char *path, char **data,
                     size_t *size_bytes) {
    struct types_bench *bench = ctx;
    (void)dir;
    if (bench->file_name == NULL || strcmp(path, bench->file_name) != 0) {
        return LG_ENOTFOUND;
    }
    *data = malloc(bench->file_size + 1);
    memcpy(*data, bench->file_data, bench->file_size);
    (*data)[bench->file_size] = '\0';
    *size_bytes = bench->file_size;
    return LG_OK;
}

static int write_file(void *ctx, const char *dir, const char *path, const char *data,
                      size_t size_bytes, bool is_append) {
    (void)ctx, (void)dir, (void)path, (void)data, (void)size_bytes, (void)is_append;
    return LG_EFORBIDDEN;
}

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

static void run_text(struct score *score, const char *text, size_t len, const char *name) {
    const struct script_target target = {score, on_message, on_query, on_error};
    script_run(&target, text, len, name);
}

static void run_script(void *ctx, struct score *score, const char *text, size_t len,
                       const char *name) {
    (void)ctx;
    run_text(score, text, len, name);
}

static void send_osc(void *ctx, const struct message *msg) {
    (void)ctx, (void)msg;
}

static void export_object(void *ctx, struct object *object, const char *path, bool has_children) {
    (void)ctx, (void)object, (void)path, (void)has_children;
}

static void servers_changed(void *ctx) {
    struct types_bench *bench = ctx;
    bench->n_servers_changed++;
}

static void quit(void *ctx) {
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
    return 0;
}

static struct score_env env = {
    .find_type = types_find,
    .run_script = run_script,
    .read_file = read_file,
    .write_file = write_file,
    .send_osc = send_osc,
    .export_object = export_object,
    .servers_changed = servers_changed,
    .quit = quit,
    .server_status = server_status,
    .scene_version = scene_version,
    .now_us = now_us,
};

void types_bench_init(struct types_bench *bench) {
    types_bench_init_px(bench, 1080);
}

void types_bench_init_px(struct types_bench *bench, double screen_px) {
    *bench = (struct types_bench){0};
    env.ctx = bench;
    const struct score_options options = {
        .screen_px = screen_px, .root_path = "/", .public_host = "192.0.2.7", .env = &env};
    bench->score = score_create(&options);
    assert_non_null(bench->score);
}

void types_bench_finish(struct types_bench *bench) {
    score_destroy(bench->score);
}

static char *run(struct types_bench *bench, const char *script, bool wants_reply) {
    struct score_result result;
    struct text line = {0};
    score_begin(bench->score, "test");
    run_text(bench->score, script, strlen(script), NULL);
    score_end(bench->score, &result);
    if (wants_reply && result.n_replies > 0) {
        message_print(&result.replies[0], &line);
    } else if (!wants_reply && result.errors.len > 0) {
        text_append(&line, result.errors.data, result.errors.len);
    }
    score_result_finish(&result);
    char *copy = strdup(line.data != NULL ? line.data : "");
    text_finish(&line);
    assert_non_null(copy);
    return copy;
}

char *types_bench_run(struct types_bench *bench, const char *script) {
    return run(bench, script, false);
}

void types_bench_ok(struct types_bench *bench, const char *script) {
    char *errors = run(bench, script, false);
    assert_string_equal(errors, "");
    free(errors);
}

char *types_bench_get(struct types_bench *bench, const char *script) {
    return run(bench, script, true);
}

struct object *types_bench_find(struct types_bench *bench, const char *address) {
    struct object *object = score_find(bench->score, address);
    assert_non_null(object);
    return object;
}
