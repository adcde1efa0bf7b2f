/* Script files, for scenes and the application. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/err.h"
#include "renderer/score/alloc.h"
#include "renderer/score/nodes/scene.h"
#include "renderer/score/score_state.h"

static bool is_bundle(const char *path) {
    const char *dot = strrchr(path, '.');
    return dot != NULL && strcasecmp(dot, ".ibundle") == 0;
}

/* From the scene's root path, else from the application's. */
static int read_script(struct object *object, const char *path, char **data, size_t *size_bytes) {
    struct score *score = object->score;
    const struct score_env *env = score->env;
    const char *dir = score_root_path(score, object);
    int err = env->read_file(env->ctx, dir, path, data, size_bytes);
    if (err == LG_ENOTFOUND && dir != score->root_path) {
        err = env->read_file(env->ctx, score->root_path, path, data, size_bytes);
    }
    return err;
}

int load_run(struct object *object, const struct param *params, size_t n_params) {
    if (n_params != 1 || params[0].kind != PARAM_STRING) {
        return LG_EBADREQUEST;
    }
    struct score *score = object->score;
    const char *path = params[0].as.text;
    if (is_bundle(path)) {
        score_error(score, "%s: bundles are not there yet", path);
        return LG_EBUSY;
    }
    char *data = NULL;
    size_t size_bytes = 0;
    resources_ask(score);
    int err = read_script(object, path, &data, &size_bytes);
    if (resources_keep_load(object)) {
        return 0; /* a URL: it runs when it is there */
    }
    if (err != 0) {
        score_error(score, err == LG_ETOOLARGE ? "file is too large : %s" : "can't open file : %s",
                    path);
        return err == LG_EBADREQUEST ? LG_ENOTFOUND : err;
    }
    const struct object *before = score->load_target;
    score->load_target = object;
    score->env->run_script(score->env->ctx, score, data, size_bytes, path);
    score->load_target = before;
    free(data);
    return 0;
}

int load_preprocess(struct object *object, const struct param *params, size_t n_params) {
    if (n_params != 1 || params[0].kind != PARAM_STRING) {
        return LG_EBADREQUEST;
    }
    struct score *score = object->score;
    const struct score_env *env = score->env;
    const char *path = params[0].as.text;
    char *data = NULL;
    size_t size_bytes = 0;
    int err =
        env->preprocess_script == NULL ? LG_EBUSY : read_script(object, path, &data, &size_bytes);
    if (err != 0) {
        score_error(score, "can't open file : %s", path);
        return err == LG_EBADREQUEST ? LG_ENOTFOUND : err;
    }
    env->preprocess_script(env->ctx, score, data, size_bytes, path);
    free(data);
    return 0;
}

bool score_is_version_2(const struct score *score) {
    const struct object *scene = score->load_target;
    int version = scene != NULL && scene->is_scene ? scene_parse_version(scene) : 0;
    return version == 0 ? score->is_version_2 : version == 2;
}

char *load_directory(const char *dir) {
    size_t len = strlen(dir);
    if (len == 0) {
        return NULL;
    }
    char *out = alloc_text_n(dir, len + 1); /* the NUL leaves room for one more */
    out[len] = dir[len - 1] == '/' ? '\0' : '/';
    return out;
}
