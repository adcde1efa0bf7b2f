/* A score with the real types and nothing around it. */
#include "tests/unit/types/types_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/err.h"
#include "tests/score_env/score_env.h"

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

static void servers_changed(void *ctx) {
    struct types_bench *bench = ctx;
    bench->n_servers_changed++;
}

static struct score_env env;

void types_bench_init(struct types_bench *bench) {
    types_bench_init_px(bench, 1080);
}

void types_bench_init_px(struct types_bench *bench, double screen_px) {
    *bench = (struct types_bench){0};
    env = score_env_empty(bench);
    env.read_file = read_file;
    env.servers_changed = servers_changed;
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
    score_env_run(bench->score, script, strlen(script), NULL);
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
