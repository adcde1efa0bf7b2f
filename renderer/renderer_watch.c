/* fileWatcher nodes of the score and the files on disk: what is watched follows the score, changes
 * come back as events. A file that is written in several steps is told once. */
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "common/log.h"
#include "renderer/io/watch_files.h"
#include "renderer/parts.h"

#define WATCHING_SETTLE_MS 30 /* editors write, rename and set rights in a row */

struct watching {
    struct renderer *renderer;
    struct watch_files *files;
    uint64_t revision;   /* score_watched_revision that files shows */
    int timer;           /* -1 = none */
    struct text changed; /* while files are read: what has changed */
    size_t n_changed;
};

static void on_change(void *ctx, const char *path) {
    struct watching *watching = ctx;
    text_append(&watching->changed, path, strlen(path) + 1);
    watching->n_changed++;
    score_log(watching->renderer->score, "file has changed : %s", path);
    score_file_changed(watching->renderer->score, path);
}

/* The paths follow each other, each with its NUL. */
static void note(struct watching *watching, struct pack *body) {
    const char *at = watching->changed.data;
    pack_array(body, watching->n_changed);
    for (size_t i = 0; i < watching->n_changed; i++) {
        pack_text(body, at);
        at += strlen(at) + 1;
    }
}

static void read_changes(void *ctx) {
    struct watching *watching = ctx;
    struct renderer *renderer = watching->renderer;
    struct score_result result;
    watching->timer = -1;
    watching->n_changed = 0;
    struct pack *body = inputs_open(renderer->inputs, INPUT_FILES, "fileWatcher");
    score_begin(renderer->score, "fileWatcher");
    watch_files_read(watching->files);
    score_end(renderer->score, &result);
    if (watching->n_changed > 0) {
        note(watching, body);
        inputs_close(renderer->inputs, &result);
    } else {
        inputs_drop(renderer->inputs);
    }
    text_finish(&watching->changed);
    score_result_finish(&result);
    loop_add_fd(renderer->loop, watch_files_fd(watching->files), watching_on_readable, watching);
    if (watching->n_changed > 0) {
        renderer_run_task(renderer);
    }
}

/* Read after a moment; the descriptor stays readable meanwhile, so it rests. */
void watching_on_readable(void *ctx) {
    struct watching *watching = ctx;
    struct loop *loop = watching->renderer->loop;
    if (watching->timer < 0) {
        loop_remove_fd(loop, watch_files_fd(watching->files));
        watching->timer = loop_timer_once(loop, WATCHING_SETTLE_MS, read_changes, watching);
    }
}

struct watching *watching_create(struct renderer *renderer) {
    struct watching *watching = calloc(1, sizeof *watching);
    if (watching == NULL) {
        return NULL;
    }
    watching->renderer = renderer;
    watching->timer = -1;
    watching->files = watch_files_create(on_change, watching);
    if (watching->files != NULL) {
        loop_add_fd(renderer->loop, watch_files_fd(watching->files), watching_on_readable,
                    watching);
    }
    return watching;
}

void watching_destroy(struct watching *watching) {
    if (watching == NULL) {
        return;
    }
    if (watching->files != NULL) {
        if (watching->timer >= 0) {
            loop_timer_cancel(watching->renderer->loop, watching->timer);
        } else {
            loop_remove_fd(watching->renderer->loop, watch_files_fd(watching->files));
        }
        watch_files_destroy(watching->files);
    }
    free(watching);
}

/* The folder a file lies in, real and allowed; NULL when it is not. Free(). */
static char *folder_of(const struct renderer *renderer, const char *path, const char **name) {
    const char *root = score_root_path(renderer->score, score_root(renderer->score));
    const char *slash = strrchr(path, '/');
    struct text folder = {0};
    *name = slash != NULL ? slash + 1 : path;
    if (path[0] != '/') {
        text_printf(&folder, "%s/", root == NULL || root[0] == '\0' ? renderer->root_path : root);
    }
    text_append(&folder, path, (size_t)(*name - path));
    char *real = files_real_folder(renderer->files, folder.data != NULL ? folder.data : "");
    text_finish(&folder);
    return real;
}

void watching_end_turn(struct watching *watching) {
    if (watching->files == NULL ||
        watching->revision == score_watched_revision(watching->renderer->score)) {
        return;
    }
    struct renderer *renderer = watching->renderer;
    const char *path;
    watching->revision = score_watched_revision(renderer->score);
    watch_files_clear(watching->files);
    for (size_t i = 0; score_watched_file(renderer->score, i, &path); i++) {
        const char *name;
        char *folder = folder_of(renderer, path, &name);
        int code =
            folder == NULL ? LG_ENOTFOUND : watch_files_add(watching->files, folder, name, path);
        if (code == LG_ETOOLARGE) {
            lg_log(LG_LOG_WARN, "files", "too_many_watched", "limit=%d file=%s", WATCH_FILES_MAX,
                   path);
            free(folder);
            break;
        }
        if (code != LG_OK) {
            lg_log(LG_LOG_WARN, "files", "not_watched", "file=%s code=%d", path, code);
        }
        free(folder);
    }
    watch_files_settle(watching->files);
}
