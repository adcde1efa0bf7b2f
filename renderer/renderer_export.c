/* --export: a score to a file, without network and without state folder. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "common/log.h"
#include "renderer/draw/export.h"
#include "renderer/error_list.h"
#include "renderer/parts.h"
#include "renderer/types/draw_scene.h"

#define EXPORT_TASKS_MAX 1000 /* a score that triggers itself for ever is drawn as it is then */

static const struct object *choose_scene(const struct score *score) {
    struct object **scenes;
    size_t n = score_scenes(score, &scenes);
    for (size_t i = 0; i < n; i++) {
        if (strcmp(scenes[i]->name, "scene") == 0) {
            return scenes[i];
        }
    }
    return n == 0 ? NULL : scenes[0];
}

static int draw(const struct renderer *renderer, const char *path) {
    const struct object *scene = choose_scene(renderer->score);
    struct display_list *list = scene == NULL ? NULL : draw_scene(scene);
    enum export_format format = EXPORT_PNG;
    uint8_t *data = NULL;
    size_t size_bytes = 0;
    const char *why = list == NULL ? "there is no scene" : "it could not be drawn";
    int code = list == NULL ? LG_EINTERNAL : export_format_of(path, &format);
    if (code == LG_OK) {
        code = export_draw(list, format, &data, &size_bytes);
    }
    if (code == LG_OK) {
        code = files_write_trusted(path, data, size_bytes);
        why = strerror(errno);
    }
    if (code != LG_OK) {
        fprintf(stderr, "leggio-renderer: cannot write %s: %s\n", path, why);
    }
    free(data);
    display_list_unref(list);
    return code;
}

static void print_errors(const struct text *errors) {
    struct error_list list = {errors->data};
    const char *error;
    size_t len;
    while (error_list_next(&list, &error, &len)) {
        size_t skipped = len > 0 && error[0] == ' ' ? 1 : 0;
        fprintf(stderr, "%.*s\n", (int)(len - skipped), error + skipped);
    }
}

int renderer_export(const struct renderer_options *options) {
    struct renderer renderer = {.task_timer = -1};
    struct text errors = {0};
    int code = renderer_make_score(&renderer, options);
    if (code == LG_OK) {
        renderer_load_scores(&renderer, &errors);
        for (int i = 0; i < EXPORT_TASKS_MAX && score_has_queued(renderer.score); i++) {
            struct score_result result;
            score_run_queued(renderer.score, &result);
            if (result.errors.len > 0) {
                text_append(&errors, result.errors.data, result.errors.len);
            }
            score_result_finish(&result);
        }
        code = draw(&renderer, options->export_path);
    }
    print_errors(&errors);
    bool is_clean = code == LG_OK && errors.len == 0;
    text_finish(&errors);
    renderer_free_score(&renderer);
    return is_clean ? 0 : 1;
}
