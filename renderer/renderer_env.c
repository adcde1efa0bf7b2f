/* What the score asks from the world around it. What the world says is noted with the input under
 * way (past/inputs.h); while the past is done again, what it said then is said again. */
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/err.h"
#include "proto/limits.h"
#include "renderer/io/fetch.h"
#include "renderer/parts.h"
#include "renderer/score/alloc.h"
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

static unsigned long long on_random(void *ctx) {
    const struct score_env *env = score_env(ctx);
    return env->random(env->ctx);
}

int renderer_saved_into_score(struct score *score, const char *text, size_t len) {
    const struct script_target target = {
        .ctx = score, .message = on_message, .query = on_query, .error = on_error};
    return script_run(&target, text, len, NULL);
}

int renderer_script_into_score(struct score *score, const char *text, size_t len,
                               const char *name) {
    bool is_version_2 = score_is_version_2(score) || script_v2_is_name(name);
    const struct script_target target = {.ctx = score,
                                         .message = is_version_2 ? on_message_v2 : on_message,
                                         .query = on_query,
                                         .error = on_error,
                                         .javascript = on_javascript,
                                         .place = on_place,
                                         .random = on_random};
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
    const struct script_target target = {.ctx = score,
                                         .message = on_shown_message,
                                         .query = on_query,
                                         .error = on_error,
                                         .javascript = on_javascript,
                                         .place = on_place,
                                         .random = on_random};
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

/* One run of the engine: what it posts is noted, too. */
struct js_run {
    struct renderer *renderer;
    struct message *posted;
    size_t n_posted, capacity;
};

static void js_print(void *ctx, const char *words) {
    struct renderer *renderer = ((struct js_run *)ctx)->renderer;
    score_log(renderer->score, "%s", words);
    osc_link_print(renderer->osc, words);
}

static void js_post(void *ctx, const struct message *msg) {
    struct js_run *run = ctx;
    run->posted = alloc_grow(run->posted, run->n_posted, &run->capacity, sizeof *run->posted);
    message_copy(&run->posted[run->n_posted++], msg);
    score_post(run->renderer->score, msg);
}

static char *js_read_file(void *ctx, const char *name, size_t *len) {
    struct renderer *renderer = ((struct js_run *)ctx)->renderer;
    const char *dir = score_root_path(renderer->score, score_root(renderer->score));
    char *data = NULL;
    int code =
        files_read(renderer->files, folder(renderer, dir), name, LIMIT_URL_BYTES, &data, len);
    return code == LG_OK ? data : NULL;
}

static char *replay_javascript(struct renderer *renderer) {
    const struct answer *answer = replay_answer(renderer->replay, ANSWER_JAVASCRIPT, NULL);
    for (size_t i = 0; answer != NULL && i < answer->n_messages; i++) {
        score_post(renderer->score, &answer->messages[i]);
    }
    if (answer != NULL && answer->a != 0) {
        score_error(renderer->score, "%s", answer->text != NULL ? answer->text : "");
    }
    return answer != NULL && answer->a == 0 && answer->text != NULL ? strdup(answer->text) : NULL;
}

static char *run_javascript(void *ctx, struct score *score, const char *code, int first_line,
                            const struct named_value *globals, size_t n_globals) {
    struct renderer *renderer = ctx;
    if (renderer->replay != NULL) {
        return replay_javascript(renderer);
    }
    struct js_run run = {.renderer = renderer};
    const struct javascript_host host = {&run, js_print, js_post, js_read_file};
    struct javascript_error error;
    struct text words = {0};
    char *value = NULL;
    if (renderer->javascript == NULL) {
        renderer->javascript = javascript_create();
    }
    int result = renderer->javascript == NULL ? LG_ENOMEM
                                              : javascript_run(renderer->javascript, code, globals,
                                                               n_globals, &host, &value, &error);
    if (result == LG_ENOMEM) {
        text_printf(&words, "javascript error: out of memory");
    } else if (result != LG_OK) {
        int line = error.line > 0 ? first_line + error.line - 1 : first_line;
        text_printf(&words, "javascript error line %d : %s", line, error.text);
    }
    const struct answer answer = {.kind = ANSWER_JAVASCRIPT,
                                  .a = result != LG_OK,
                                  .text = result != LG_OK ? words.data : value,
                                  .messages = run.posted,
                                  .n_messages = run.n_posted};
    inputs_note(renderer->inputs, &answer);
    if (result != LG_OK) {
        score_error(score, "%s", words.data);
    }
    text_finish(&words);
    messages_free(run.posted, run.n_posted);
    return value;
}

/* -- files --------------------------------------------------------------- */

static int read_file(void *ctx, const char *dir, const char *path, char **data,
                     size_t *size_bytes) {
    struct renderer *renderer = ctx;
    if (fetch_is_url(path)) {
        return renderer->replay != NULL ? replay_read_url(renderer->replay, path, data, size_bytes)
                                        : urls_read(renderer, path, data, size_bytes);
    }
    const char *at = folder(renderer, dir);
    struct text key = {0};
    text_printf(&key, "%s//%s", at, path);
    int code = renderer->replay != NULL
                   ? replay_read_file(renderer->replay, key.data, data, size_bytes)
                   : LG_EINTERNAL;
    if (code == LG_EINTERNAL) {
        code = files_read(renderer->files, at, path, LIMIT_URL_BYTES, data, size_bytes);
        if (renderer->replay != NULL) {
            replay_check_file(renderer->replay, key.data, code, *data, *size_bytes);
        }
        inputs_note_file(renderer->inputs, key.data, code, *data, *size_bytes);
    }
    text_finish(&key);
    return code;
}

static bool file_exists(void *ctx, const char *dir, const char *path) {
    struct renderer *renderer = ctx;
    const struct answer *known =
        renderer->replay != NULL ? replay_answer(renderer->replay, ANSWER_EXISTS, path) : NULL;
    const struct answer answer = {
        .kind = ANSWER_EXISTS,
        .key = path,
        .a = known != NULL ? known->a : files_exists(renderer->files, folder(renderer, dir), path)};
    inputs_note(renderer->inputs, &answer);
    return answer.a != 0;
}

static char *real_folder(void *ctx, const char *dir) {
    struct renderer *renderer = ctx;
    return files_real_folder(renderer->files, folder(renderer, dir));
}

static int write_file(void *ctx, const char *dir, const char *path, const char *data,
                      size_t size_bytes, bool is_append) {
    struct renderer *renderer = ctx;
    if (renderer->replay != NULL) { /* it was written then */
        const struct answer *known = replay_answer(renderer->replay, ANSWER_WRITE, path);
        return known != NULL ? (int)known->a : LG_OK;
    }
    int code =
        files_write(renderer->files, folder(renderer, dir), path, data, size_bytes, is_append);
    const struct answer answer = {.kind = ANSWER_WRITE, .key = path, .a = code};
    inputs_note(renderer->inputs, &answer);
    return code;
}

/* -- the rest ------------------------------------------------------------ */

static void send_osc(void *ctx, const struct message *msg) {
    struct renderer *renderer = ctx;
    if (renderer->replay == NULL) {
        osc_link_send(renderer->osc, msg);
    }
}

static void export_object(void *ctx, struct object *object, const char *path, bool has_children) {
    struct renderer *renderer = ctx;
    char *address = object_address(object), *why = NULL;
    if (renderer->replay != NULL) {
        const struct answer *known = replay_answer(renderer->replay, ANSWER_EXPORT, address);
        why = known != NULL && known->text != NULL ? strdup(known->text) : NULL;
    } else if (renderer->exports != NULL) {
        exports_add(renderer->exports, object, path, has_children, &why);
    }
    const struct answer answer = {.kind = ANSWER_EXPORT, .key = address, .text = why};
    inputs_note(renderer->inputs, &answer);
    if (why != NULL) {
        score_error(renderer->score, "%s", why);
    }
    free(why);
    free(address);
}

static void on_servers_changed(void *ctx) {
    struct renderer *renderer = ctx;
    if (renderer->servers != NULL) {
        servers_changed(renderer->servers);
    }
}

static void quit(void *ctx) {
    struct renderer *renderer = ctx;
    const struct answer *known =
        renderer->replay != NULL ? replay_answer(renderer->replay, ANSWER_QUIT, NULL) : NULL;
    const struct answer answer = {
        .kind = ANSWER_QUIT, .a = known != NULL ? known->a : renderer->options->is_quit_allowed};
    inputs_note(renderer->inputs, &answer);
    if (answer.a == 0) {
        score_error(renderer->score,
                    "quit is not allowed here (start the renderer with --allow-quit)");
        return;
    }
    renderer->is_quitting = renderer->replay == NULL;
}

static void server_status(void *ctx, const struct object *object, bool *is_running,
                          int *n_clients) {
    struct renderer *renderer = ctx;
    *is_running = false;
    *n_clients = 0;
    char *address = object_address(object);
    if (renderer->replay != NULL) {
        const struct answer *known = replay_answer(renderer->replay, ANSWER_SERVER, address);
        *is_running = known != NULL && known->a != 0;
        *n_clients = known != NULL ? (int)known->b : 0;
    } else if (renderer->servers != NULL) {
        servers_status(renderer->servers, object, is_running, n_clients);
    }
    const struct answer answer = {
        .kind = ANSWER_SERVER, .key = address, .a = *is_running, .b = *n_clients};
    inputs_note(renderer->inputs, &answer);
    free(address);
}

static uint64_t scene_version(void *ctx, const struct object *scene) {
    struct renderer *renderer = ctx;
    const struct answer *known = renderer->replay != NULL
                                     ? replay_answer(renderer->replay, ANSWER_VERSION, scene->name)
                                     : NULL;
    uint64_t version = known != NULL              ? (uint64_t)known->a
                       : renderer->scenes == NULL ? 0
                                                  : scenes_version(renderer->scenes, scene->name);
    const struct answer answer = {
        .kind = ANSWER_VERSION, .key = scene->name, .a = (int64_t)version};
    inputs_note(renderer->inputs, &answer);
    return version;
}

static int64_t now_us(void *ctx) {
    return inputs_now_us(((const struct renderer *)ctx)->inputs);
}

/* Work is processor time, so that a busy machine stops no score; waiting (for files, for the
 * JavaScript child) counts a third, so that it ends too. */
static int64_t work_us(void *ctx) {
    (void)ctx;
    int64_t working_us = lg_clock_thread_us();
    int64_t waiting_us = lg_clock_us() - working_us;
    return working_us + waiting_us / 3;
}

static uint64_t random_seed(void *ctx) {
    return inputs_random(((struct renderer *)ctx)->inputs);
}

static int run_aside(void *ctx, const struct object *object, void (*work)(void *job),
                     void (*done)(void *job, struct score *score), void *job) {
    struct renderer *renderer = ctx;
    if (renderer->replay != NULL) {
        return replay_run_aside(renderer->replay, object, work, done, job);
    }
    int code =
        renderer->asides == NULL ? LG_EBUSY : asides_run(renderer->asides, object, work, done, job);
    char *address = object_address(object);
    const struct answer answer = {.kind = ANSWER_ASIDE, .key = address, .a = code};
    inputs_note(renderer->inputs, &answer);
    free(address);
    return code;
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
        .work_us = work_us,
        .random = random_seed,
        .run_aside = run_aside,
    };
}
