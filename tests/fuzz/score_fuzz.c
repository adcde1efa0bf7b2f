/* Any bytes as a script for a whole score: run, the events it queues, queries, the
 * display list, save, and what was saved as a script for a fresh score. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "renderer/score/save.h"
#include "renderer/score/score.h"
#include "renderer/types/draw_scene.h"
#include "tests/score_env/score_env.h"

enum { TASKS = 4 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

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

static void run(const char *text, size_t len, struct text *saved) {
    struct score_env env = score_env_empty(NULL);
    env.read_file = read_file;
    const struct score_options options = {
        .screen_px = 200, .root_path = "/nowhere", .public_host = "localhost", .env = &env};
    struct score *score = score_create(&options);
    struct score_result result;
    score_begin(score, "fuzz");
    score_env_run(score, text, len, NULL);
    score_end(score, &result);
    score_result_finish(&result);
    for (int i = 0; i < TASKS && score_has_queued(score); i++) {
        score_run_queued(score, &result);
        score_result_finish(&result);
    }
    static const char QUERIES[] = "/ITL/* get *; /ITL/scene/* get width height frame watch stack;";
    score_begin(score, "fuzz");
    score_env_run(score, QUERIES, sizeof QUERIES - 1, NULL);
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
