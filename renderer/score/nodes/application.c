/* Application messages (section 5). */
#include "renderer/score/nodes/application.h"

#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "renderer/score/alloc.h"
#include "renderer/score/attributes/attributes.h"
#include "renderer/score/forward.h"
#include "renderer/score/nodes/scene.h"
#include "renderer/score/score_state.h"
#include "renderer/score/events/watch.h"

static const struct setting_row ROWS[] = {
    {"port", SETTING_INT, 7000, NULL},
    {"outport", SETTING_INT, 7001, NULL},
    {"errport", SETTING_INT, 7002, NULL},
    {"errorAddress", SETTING_WORD, 0, "error:"},
    {"compatibility", SETTING_FLOAT, APPLICATION_LANGUAGE_VERSION, NULL},
    {"rate", SETTING_INT, 10, NULL},
    {"browse", SETTING_TRIGGER, 0, NULL},
    {"forward", SETTING_WORDS, 0, NULL},
};

static int application_create(struct object *object) {
    object->data = settings_create(ROWS, sizeof ROWS / sizeof ROWS[0]);
    return 0;
}

static void application_destroy(struct object *object) {
    settings_destroy(object->data);
}

const struct settings *application_settings(const struct object *root) {
    return root->data;
}

/* -- files ---------------------------------------------------------------------------- */

static int set_root_path(struct object *object, const struct param *params, size_t n_params) {
    if (n_params != 1 || params[0].kind != PARAM_STRING || params[0].as.text[0] == '\0') {
        return LG_EBADREQUEST;
    }
    free(object->score->root_path);
    object->score->root_path = load_directory(params[0].as.text);
    object->score->watched_revision++;
    return 0;
}

static void get_root_path(const struct object *object, struct message *out) {
    message_give_param(out, param_string(object->score->root_path));
}

static int set_read(struct object *object, const struct param *params, size_t n_params) {
    struct text script = {0};
    for (size_t i = 0; i < n_params; i++) {
        if (i > 0) {
            text_append(&script, " ", 1);
        }
        param_print(&params[i], true, &script);
    }
    struct score *score = object->score;
    if (script.len > LIMIT_SCRIPT_BYTES) {
        text_finish(&script);
        return LG_EBADREQUEST;
    }
    if (script.len > 0) {
        score->env->run_script(score->env->ctx, score, script.data, script.len, NULL);
    }
    text_finish(&script);
    return 0;
}

/* -- versions --------------------------------------------------------------------------- */

static int set_require(struct object *object, const struct param *params, size_t n_params) {
    if (n_params == 0 || !param_is_number(&params[0])) {
        return LG_EBADREQUEST;
    }
    struct message_list *list = NULL;
    if (n_params > 1) {
        list = watch_list_from_params(params + 1, n_params - 1);
        if (list == NULL) {
            return LG_EBADREQUEST;
        }
    }
    float wanted = param_as_float(&params[0]);
    if (wanted > (float)APPLICATION_LANGUAGE_VERSION) {
        struct text version = {0};
        param_print(&params[0], true, &version);
        score_error(object->score, "Version %s is required: current version is %g", version.data,
                    APPLICATION_LANGUAGE_VERSION);
        text_finish(&version);
        for (size_t i = 0; list != NULL && i < list->n_messages; i++) {
            score_process(object->score, &list->messages[i]);
        }
    }
    message_list_unref(list);
    return 0;
}

static void get_version(const struct object *object, struct message *out) {
    (void)object;
    message_give_param(out, param_float((float)APPLICATION_LANGUAGE_VERSION));
}

static void get_no_engine(const struct object *object, struct message *out) {
    (void)object;
    message_give_param(out, param_string("not available"));
}

static int set_parse(struct object *object, const struct param *params, size_t n_params) {
    if (n_params != 1 || params[0].kind != PARAM_STRING) {
        return LG_EBADREQUEST;
    }
    bool is_version_2 = strcmp(params[0].as.text, "v2") == 0;
    if (!is_version_2 && strcmp(params[0].as.text, "v1") != 0) {
        return LG_EBADREQUEST;
    }
    object->score->is_version_2 = is_version_2;
    return 0;
}

static void get_parse(const struct object *object, struct message *out) {
    message_give_param(out, param_string(object->score->is_version_2 ? "v2" : "v1"));
}

/* -- the world ------------------------------------------------------------------------------ */

static int set_hello(struct object *object, const struct param *params, size_t n_params) {
    (void)params;
    if (n_params != 0) {
        return LG_EBADREQUEST;
    }
    struct message msg;
    message_init(&msg, "/ITL", NULL);
    message_give_param(&msg, param_string(object->score->public_host));
    static const char *const PORTS[] = {"port", "outport", "errport"};
    for (size_t i = 0; i < 3; i++) {
        message_give_param(&msg, param_int((int32_t)settings_number(object->data, PORTS[i])));
    }
    object_reply(object, &msg);
    return 0;
}

static void get_ip(const struct object *object, struct message *out) {
    message_give_param(out, param_string(object->score->public_host));
}

static int set_quit(struct object *object, const struct param *params, size_t n_params) {
    (void)params;
    if (n_params != 0) {
        return LG_EBADREQUEST;
    }
    object->score->env->quit(object->score->env->ctx);
    return 0;
}

/* The pointer of a desktop. */
static int set_mouse(struct object *object, const struct param *params, size_t n_params) {
    (void)object;
    if (n_params != 1 || params[0].kind != PARAM_STRING) {
        return LG_EBADREQUEST;
    }
    const char *word = params[0].as.text;
    return strcmp(word, "hide") == 0 || strcmp(word, "show") == 0 ? 0 : LG_EBADREQUEST;
}

static int set_default_show(struct object *object, const struct param *params, size_t n_params) {
    return params_bool(params, n_params, &object->score->default_show);
}

static void get_default_show(const struct object *object, struct message *out) {
    message_give_param(out, param_int(object->score->default_show));
}

/* -- time ------------------------------------------------------------------------------------- */

static int64_t elapsed_ms(const struct score *score) {
    return (score->env->now_us(score->env->ctx) - score->started_us) / 1000;
}

static int set_time(struct object *object, const struct param *params, size_t n_params) {
    if (n_params != 1 || !param_is_number(&params[0])) {
        return LG_EBADREQUEST;
    }
    object->score->time_offset_ms = param_as_int(&params[0]) - elapsed_ms(object->score);
    return 0;
}

static void get_time(const struct object *object, struct message *out) {
    int64_t now = elapsed_ms(object->score) + object->score->time_offset_ms;
    message_give_param(out, param_int((int32_t)(now & INT32_MAX)));
}

static int set_ticks(struct object *object, const struct param *params, size_t n_params) {
    if (n_params != 1 || !param_is_number(&params[0])) {
        return LG_EBADREQUEST;
    }
    object->score->ticks = (uint64_t)param_as_int(&params[0]);
    return 0;
}

static void get_ticks(const struct object *object, struct message *out) {
    message_give_param(out, param_int((int32_t)(object->score->ticks & INT32_MAX)));
}

/* -- scenes ----------------------------------------------------------------------------------- */

static int set_scenes(struct object *object, const struct param *params, size_t n_params) {
    for (size_t i = 0; i < n_params; i++) {
        if (params[i].kind != PARAM_STRING ||
            !object_name_is_valid(params[i].as.text, strlen(params[i].as.text))) {
            return LG_EBADREQUEST;
        }
    }
    for (size_t i = 0; i < n_params; i++) {
        if (object_child(object, params[i].as.text) == NULL) {
            score_add_scene(object->score, params[i].as.text, strlen(params[i].as.text));
        }
    }
    return 0;
}

static void get_scenes(const struct object *object, struct message *out) {
    struct object **scenes;
    size_t n_scenes = score_scenes(object->score, &scenes);
    for (size_t i = 0; i < n_scenes; i++) {
        if (!scenes[i]->is_deleted) {
            message_give_param(out, param_string(scenes[i]->name));
        }
    }
}

static void get_scount(const struct object *object, struct message *out) {
    message_give_param(out, param_int((int32_t)score_live_scenes(object->score)));
}

static int application_other(struct object *object, const char *method, const struct param *params,
                             size_t n_params) {
    return method != NULL ? settings_set(object->data, method, params, n_params) : LG_ENOTFOUND;
}

static bool application_get_other(const struct object *object, const char *name,
                                  struct message *out) {
    if (strcmp(name, "count") == 0 || strcmp(name, "rcount") == 0) {
        size_t n = score_live_scenes(object->score);
        for (size_t i = 0; name[0] == 'r' && i < object->score->n_scenes; i++) {
            const struct object *scene = object->score->scenes[i];
            n += scene->is_deleted ? 0 : object_count(scene, true);
        }
        message_give_param(out, param_int((int32_t)n));
        return true;
    }
    return settings_get(object->data, name, out);
}

static const struct object_method METHODS[] = {
    {"load", load_run, NULL},
    {"forward", forward_set, NULL}, /* told among the settings */
    {"rootPath", set_root_path, get_root_path},
    {"read", set_read, NULL},
    {"after", delays_set, NULL},
    {"preprocess", load_preprocess, NULL},
    {"require", set_require, NULL},
    {"version", NULL, get_version},
    {"guido-version", NULL, get_no_engine},
    {"musicxml-version", NULL, get_no_engine},
    {"parse", set_parse, get_parse},
    {"hello", set_hello, NULL},
    {"IP", NULL, get_ip},
    {"quit", set_quit, NULL},
    {"mouse", set_mouse, NULL},
    {"defaultShow", set_default_show, get_default_show},
    {"time", set_time, get_time},
    {"ticks", set_ticks, get_ticks},
    {"scenes", set_scenes, get_scenes},
    {"scount", NULL, get_scount},
};

const struct object_type APPLICATION_TYPE = {
    .name = "ITL",
    .sizing = SIZING_UNANSWERED,
    .is_node = true,
    .methods = METHODS,
    .n_methods = sizeof METHODS / sizeof METHODS[0],
    .create = application_create,
    .destroy = application_destroy,
    .other = application_other,
    .get_other = application_get_other,
};
