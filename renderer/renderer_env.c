/* What the score asks from the world around it. */
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/err.h"
#include "proto/limits.h"
#include "renderer/io/fetch.h"
#include "renderer/parts.h"
#include "renderer/score/dispatch.h"
#include "renderer/script/run.h"
#include "renderer/script/v2/run_v2.h"
#include "renderer/types/types.h"

/* -- scripts ------------------------------------------------------------- */

static void on_message(void *ctx, const struct message *msg) {
    score_process(ctx, msg);
}

/* Version 2 lets a word be the rest of an address: `(/ITL/scene (a x 1), (b y 2))`. It is one when
 * the object does not know it as a message, and has a child of that name or is to get one. */
static bool is_address_part(struct score *score, const struct message *msg) {
    if (msg->host != NULL || msg->method == NULL || msg->n_params == 0 ||
        msg->params[0].kind != PARAM_STRING) {
        return false;
    }
    const struct object *object = score_find(score, msg->address);
    return object != NULL && (object->is_scene || !object->type->is_node) &&
           !dispatch_knows(object, msg->method) &&
           (object_child(object, msg->method) != NULL ||
            strcmp(msg->params[0].as.text, "set") == 0);
}

static void on_message_v2(void *ctx, const struct message *msg) {
    if (!is_address_part(ctx, msg)) {
        score_process(ctx, msg);
        return;
    }
    struct text address = {0};
    struct message joined;
    text_printf(&address, "%s/%s", msg->address, msg->method);
    message_init(&joined, address.data, msg->params[0].as.text);
    text_finish(&address);
    for (size_t i = 1; i < msg->n_params; i++) {
        message_give_param(&joined, param_copy(&msg->params[i]));
    }
    score_process(ctx, &joined);
    message_finish(&joined);
}

static void on_query(void *ctx, const struct message *msg, struct message **replies,
                     size_t *n_replies) {
    score_query(ctx, msg, replies, n_replies);
}

static void on_error(void *ctx, const char *text) {
    score_error(ctx, "%s", text);
}

static void on_place(void *ctx, const char *name, int line) {
    score_place(ctx, name, line);
}

static char *on_javascript(void *ctx, const char *code, int first_line,
                           const struct named_value *globals, size_t n_globals) {
    const struct score_env *env = score_env(ctx);
    return env->run_javascript(env->ctx, ctx, code, first_line, globals, n_globals);
}

int renderer_script_into_score(struct score *score, const char *text, size_t len, const char *name) {
    bool is_version_2 = score_is_version_2(score) || script_v2_is_name(name);
    const struct script_target target = {.ctx = score,
                                         .message = is_version_2 ? on_message_v2 : on_message,
                                         .query = on_query,
                                         .error = on_error,
                                         .javascript = on_javascript,
                                         .place = on_place};
    return is_version_2 ? script_v2_run(&target, text, len, name)
                        : script_run(&target, text, len, name);
}

/* A message of a script that is only looked at. */
static void on_shown_message(void *ctx, const struct message *msg) {
    struct text line = {0};
    message_print(msg, &line);
    score_log(ctx, "%s;", line.data != NULL ? line.data : "");
    text_finish(&line);
}

static void preprocess_script(void *ctx, struct score *score, const char *text, size_t len,
                              const char *name) {
    (void)ctx;
    const struct script_target target = {.ctx = score, .message = on_shown_message,
                                         .query = on_query, .error = on_error,
                                         .javascript = on_javascript, .place = on_place};
    if (score_is_version_2(score) || script_v2_is_name(name)) {
        script_v2_run(&target, text, len, name);
    } else {
        script_run(&target, text, len, name);
    }
}

static void run_script(void *ctx, struct score *score, const char *text, size_t len,
                       const char *name) {
    (void)ctx;
    renderer_script_into_score(score, text, len, name);
}

static const char *folder(const struct renderer *renderer, const char *dir) {
    return dir == NULL || dir[0] == '\0' ? renderer->root_path : dir;
}

/* -- JavaScript ----------------------------------------------------------- */

static void js_print(void *ctx, const char *words) {
    struct renderer *renderer = ctx;
    score_log(renderer->score, "%s", words);
    osc_link_print(renderer->osc, words);
}

static void js_post(void *ctx, const struct message *msg) {
    struct renderer *renderer = ctx;
    score_post(renderer->score, msg);
}

static char *js_read_file(void *ctx, const char *name, size_t *len) {
    struct renderer *renderer = ctx;
    const char *dir = score_root_path(renderer->score, score_root(renderer->score));
    char *data = NULL;
    int code = files_read(renderer->files, folder(renderer, dir), name, LIMIT_URL_BYTES, &data, len);
    return code == LG_OK ? data : NULL;
}

static char *run_javascript(void *ctx, struct score *score, const char *code, int first_line,
                            const struct named_value *globals, size_t n_globals) {
    struct renderer *renderer = ctx;
    const struct javascript_host host = {renderer, js_print, js_post, js_read_file};
    struct javascript_error error;
    char *value = NULL;
    if (renderer->javascript == NULL) {
        renderer->javascript = javascript_create();
    }
    int result = renderer->javascript == NULL
                     ? LG_ENOMEM
                     : javascript_run(renderer->javascript, code, globals, n_globals, &host, &value,
                                      &error);
    if (result == LG_ENOMEM) {
        score_error(score, "javascript error: out of memory");
    } else if (result != LG_OK) {
        int line = error.line > 0 ? first_line + error.line - 1 : first_line;
        score_error(score, "javascript error line %d : %s", line, error.text);
    }
    return value;
}

/* -- files --------------------------------------------------------------- */

static int read_file(void *ctx, const char *dir, const char *path, char **data,
                     size_t *size_bytes) {
    struct renderer *renderer = ctx;
    if (fetch_is_url(path)) {
        return urls_read(renderer, path, data, size_bytes);
    }
    return files_read(renderer->files, folder(renderer, dir), path, LIMIT_URL_BYTES, data,
                      size_bytes);
}

static bool file_exists(void *ctx, const char *dir, const char *path) {
    struct renderer *renderer = ctx;
    return files_exists(renderer->files, folder(renderer, dir), path);
}

static char *real_folder(void *ctx, const char *dir) {
    struct renderer *renderer = ctx;
    return files_real_folder(renderer->files, folder(renderer, dir));
}

static int write_file(void *ctx, const char *dir, const char *path, const char *data,
                      size_t size_bytes, bool is_append) {
    struct renderer *renderer = ctx;
    return files_write(renderer->files, folder(renderer, dir), path, data, size_bytes, is_append);
}

/* -- the rest ------------------------------------------------------------ */

static void send_osc(void *ctx, const struct message *msg) {
    struct renderer *renderer = ctx;
    osc_link_send(renderer->osc, msg);
}

static void export_object(void *ctx, struct object *object, const char *path, bool has_children) {
    struct renderer *renderer = ctx;
    if (renderer->exports != NULL) {
        exports_add(renderer->exports, object, path, has_children);
    }
}

static void on_servers_changed(void *ctx) {
    struct renderer *renderer = ctx;
    if (renderer->servers != NULL) {
        servers_changed(renderer->servers);
    }
}

static void quit(void *ctx) {
    struct renderer *renderer = ctx;
    if (!renderer->options->is_quit_allowed) {
        score_error(renderer->score, "quit is not allowed here (start the renderer with --allow-quit)");
        return;
    }
    renderer->is_quitting = true;
}

static void server_status(void *ctx, const struct object *object, bool *is_running,
                          int *n_clients) {
    struct renderer *renderer = ctx;
    *is_running = false;
    *n_clients = 0;
    if (renderer->servers != NULL) {
        servers_status(renderer->servers, object, is_running, n_clients);
    }
}

static uint64_t scene_version(void *ctx, const struct object *scene) {
    struct renderer *renderer = ctx;
    return renderer->scenes == NULL ? 0 : scenes_version(renderer->scenes, scene->name);
}

static int64_t now_us(void *ctx) {
    (void)ctx;
    return lg_clock_us();
}

static int run_aside(void *ctx, const struct object *object, void (*work)(void *job),
                     void (*done)(void *job, struct score *score), void *job) {
    struct renderer *renderer = ctx;
    return renderer->asides == NULL ? LG_EBUSY
                                    : asides_run(renderer->asides, object, work, done, job);
}

void renderer_env_fill(struct renderer *renderer) {
    renderer->env = (struct score_env){
        .ctx = renderer,
        .find_type = types_find,
        .run_script = run_script,
        .preprocess_script = preprocess_script,
        .run_javascript = run_javascript,
        .read_file = read_file,
        .real_folder = real_folder,
        .file_exists = file_exists,
        .write_file = write_file,
        .send_osc = send_osc,
        .export_object = export_object,
        .servers_changed = on_servers_changed,
        .quit = quit,
        .server_status = server_status,
        .scene_version = scene_version,
        .now_us = now_us,
        .run_aside = run_aside,
    };
}
