/* `export` and `exportAll`: the list is built on the score thread at the end of the turn, drawn and
 * written by the worker, and then the object's `export` event fires. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "proto/limits.h"
#include "renderer/draw/export.h"
#include "renderer/parts.h"
#include "renderer/types/draw_scene.h"

#define EXPORTS_WAITING_MAX 64
#define EXPORTS_NUMBER_MAX  1000 /* name_1.pdf … */

struct export_job {
    struct export_job *next;
    struct renderer *renderer;
    uint64_t object_id;
    char *asked; /* path of the message; NULL = none */
    char *path;  /* with extension */
    char *dir;   /* root path in force */
    bool has_children;
    bool is_numbered; /* do not write over what is there */
    struct display_list *list;
    int code;
};

struct exports {
    struct renderer *renderer;
    struct export_job *first, **last;
    size_t n_waiting; /* asked for, not written yet */
};

struct exports *exports_create(struct renderer *renderer) {
    struct exports *exports = calloc(1, sizeof *exports);
    if (exports != NULL) {
        exports->renderer = renderer;
        exports->last = &exports->first;
    }
    return exports;
}

static void free_job(struct export_job *job) {
    display_list_unref(job->list);
    free(job->asked);
    free(job->path);
    free(job->dir);
    free(job);
}

void exports_destroy(struct exports *exports) {
    while (exports != NULL && exports->first != NULL) {
        struct export_job *job = exports->first;
        exports->first = job->next;
        free_job(job);
    }
    free(exports);
}

/* No path: the object's name; a folder: the name inside it; no extension: pdf (reference 13). */
static char *full_path(const struct object *object, const char *asked, bool *has_extension) {
    char path[LIMIT_PATH_BYTES + 1];
    size_t len = asked == NULL ? 0 : strlen(asked);
    const char *name = object->name;
    if (len > 0 && asked[len - 1] != '/') {
        name = "";
    }
    const char *slash = asked == NULL ? NULL : strrchr(asked, '/');
    const char *last = slash == NULL ? asked : slash + 1;
    *has_extension = len > 0 && name[0] == '\0' && strchr(last, '.') != NULL;
    int n = snprintf(path, sizeof path, "%s%s%s", asked == NULL ? "" : asked, name,
                     *has_extension ? "" : ".pdf");
    return n < 0 || (size_t)n >= sizeof path ? NULL : strdup(path);
}

static const char *root_of(const struct renderer *renderer, const struct object *object) {
    const char *dir = score_root_path(renderer->score, object);
    return dir == NULL || dir[0] == '\0' ? renderer->root_path : dir;
}

/* What can be known before it is drawn is an error of the message; the rest is told in the score's
 * log when it happens. */
static char *refusal(const struct renderer *renderer, const struct object *object,
                     const char *asked) {
    struct text words = {0};
    bool has_extension;
    enum export_format format;
    char *path = full_path(object, asked, &has_extension);
    bool is_good = path != NULL && export_format_of(path, &format) == LG_OK &&
                   files_may_write(renderer->files, root_of(renderer, object), path) == LG_OK;
    if (!is_good) {
        text_printf(&words, "can't export to file : %s", path != NULL ? path : object->name);
    }
    free(path);
    return words.data;
}

void exports_add(struct exports *exports, struct object *object, const char *path,
                 bool has_children, char **why) {
    const char *asked = path == NULL || path[0] == '\0' ? NULL : path;
    *why = refusal(exports->renderer, object, asked);
    if (*why == NULL && exports->n_waiting >= EXPORTS_WAITING_MAX) {
        *why = strdup("too many exports at once");
    }
    if (*why != NULL) {
        return;
    }
    struct export_job *job = calloc(1, sizeof *job);
    if (job == NULL) {
        return;
    }
    job->renderer = exports->renderer;
    job->object_id = object->id;
    job->has_children = has_children;
    job->asked = asked != NULL ? strdup(asked) : NULL;
    *exports->last = job;
    exports->last = &job->next;
    exports->n_waiting++;
}

/* -- on the worker ----------------------------------------------------------- */

/* name.pdf, name_1.pdf, name_2.pdf …: the first that is not there. */
static void number_path(struct export_job *job) {
    const struct files *files = job->renderer->files;
    int stem = (int)(strlen(job->path) - strlen(".pdf"));
    char path[LIMIT_PATH_BYTES + 1];
    strcpy(path, job->path); /* full_path keeps to the limit */
    for (int i = 1; i < EXPORTS_NUMBER_MAX && files_exists(files, job->dir, path); i++) {
        int n = snprintf(path, sizeof path, "%.*s_%d.pdf", stem, job->path, i);
        if (n < 0 || (size_t)n >= sizeof path) {
            return;
        }
    }
    char *numbered = strdup(path);
    if (numbered != NULL) {
        free(job->path);
        job->path = numbered;
    }
}

static void finish(void *ctx) {
    struct export_job *job = ctx;
    struct renderer *renderer = job->renderer;
    struct score *score = renderer->score;
    struct object *object = score_find_id(score, job->object_id);
    if (renderer->exports != NULL) {
        renderer->exports->n_waiting--;
        if (job->code != LG_OK) {
            struct text words = {0};
            text_printf(&words, "can't export to file : %s",
                        job->path != NULL ? job->path : "(no memory)");
            renderer_tell_error(renderer, "export", words.data);
            text_finish(&words);
        } else if (object != NULL) {
            renderer_fire(renderer, "export", object, "export");
        }
    }
    free_job(job);
}

static void draw_and_write(void *ctx) {
    struct export_job *job = ctx;
    uint8_t *data = NULL;
    size_t size_bytes = 0;
    enum export_format format;
    job->code = export_format_of(job->path, &format);
    if (job->code == LG_OK) {
        job->code = export_draw(job->list, format, &data, &size_bytes);
    }
    if (job->code == LG_OK && job->is_numbered) {
        number_path(job);
    }
    if (job->code == LG_OK) {
        job->code = files_write(job->renderer->files, job->dir, job->path, data, size_bytes, false);
    }
    free(data);
    if (loop_post(job->renderer->loop, finish, job) != LG_OK) {
        free_job(job);
    }
}

/* -- on the score thread -------------------------------------------------------- */

static int prepare(struct export_job *job) {
    struct renderer *renderer = job->renderer;
    const struct object *object = score_find_id(renderer->score, job->object_id);
    if (object == NULL) {
        return LG_ENOTFOUND;
    }
    bool has_extension;
    job->dir = strdup(root_of(renderer, object));
    job->path = full_path(object, job->asked, &has_extension);
    job->is_numbered = object->is_scene && !has_extension;
    job->list =
        object->is_scene ? draw_scene(object) : draw_object_alone(object, job->has_children, false);
    return job->dir == NULL || job->path == NULL || job->list == NULL ? LG_ENOMEM : LG_OK;
}

/* Scores that are still being engraved are waited for. */
void exports_end_turn(struct exports *exports) {
    if (exports->first != NULL && !asides_are_idle(exports->renderer->asides)) {
        return;
    }
    while (exports->first != NULL) {
        struct export_job *job = exports->first;
        exports->first = job->next;
        if (exports->first == NULL) {
            exports->last = &exports->first;
        }
        job->code = prepare(job);
        if (job->code == LG_ENOTFOUND) { /* deleted meanwhile */
            exports->n_waiting--;
            free_job(job);
        } else if (job->code != LG_OK) {
            finish(job);
        } else if (worker_give(exports->renderer->worker, draw_and_write, job) != LG_OK) {
            job->code = LG_EBUSY;
            finish(job);
        }
    }
}
