/* Waiting for URLs: who waits for what, and what happens when it comes. */
#include "renderer/score/resources.h"

#include <stdlib.h>
#include <string.h>

#include "renderer/score/alloc.h"
#include "renderer/score/dispatch.h"
#include "renderer/score/nodes/scene.h"
#include "renderer/score/score_state.h"

void resources_ask(struct score *score) {
    score->resources.is_asking = true;
}

static char *take_asked(struct score *score) {
    char *url = score->resources.asked;
    score->resources.asked = NULL;
    score->resources.is_asking = false;
    return url;
}

void resources_keep(struct object *object) {
    free(object->pending_url);
    object->pending_url = take_asked(object->score);
}

bool resources_keep_load(struct object *object) {
    struct resources *resources = &object->score->resources;
    char *url = take_asked(object->score);
    if (url == NULL) {
        return false;
    }
    if (resources->n_loads >= LIMIT_FETCHES) {
        free(url);
        return false;
    }
    resources->loads = alloc_grow(resources->loads, resources->n_loads, &resources->loads_capacity,
                                  sizeof *resources->loads);
    resources->loads[resources->n_loads++] = (struct pending_load){object->id, url};
    return true;
}

void resources_cancel(struct object *object) {
    if (object->pending_url != NULL) {
        free(object->pending_url);
        object->pending_url = NULL;
        object_fire(object, "cancel");
    }
}

void resources_finish(struct resources *resources) {
    for (size_t i = 0; i < resources->n_loads; i++) {
        free(resources->loads[i].url);
    }
    free(resources->loads);
    free(resources->asked);
    *resources = (struct resources){0};
}

bool score_wait_for_url(struct score *score, const char *url) {
    if (!score->resources.is_asking) {
        return false;
    }
    free(score->resources.asked);
    score->resources.asked = alloc_text(url);
    return true;
}

/* -- it is
 * there -------------------------------------------------------------------------------- */

struct waiting {
    uint64_t *ids;
    size_t n_ids, capacity;
};

static void find_waiting(const struct object *object, const char *url, struct waiting *out) {
    if (object->pending_url != NULL && !object->is_deleted &&
        strcmp(object->pending_url, url) == 0) {
        out->ids = alloc_grow(out->ids, out->n_ids, &out->capacity, sizeof *out->ids);
        out->ids[out->n_ids++] = object->id;
    }
    for (size_t i = 0; i < object->n_children; i++) {
        find_waiting(object->children[i], url, out);
    }
}

/* Its own set again; a url object names the type that it becomes. */
static void set_again(struct object *object) {
    struct score *score = object->score;
    struct message msg;
    char *address = object_address(object);
    message_init(&msg, address, "set");
    if (strcmp(object->type->name, "url") != 0) {
        message_give_param(&msg, param_string(object->type->name));
    }
    object->type->get_set(object, &msg);
    dispatch_to_object(object, &msg);
    message_finish(&msg);
    struct object *now = score_find(score, address); /* a url object has been replaced */
    if (now != NULL) {
        object_fire(now, "success");
    }
    free(address);
}

static void tell_object(struct object *object, bool has_come) {
    free(object->pending_url);
    object->pending_url = NULL;
    if (has_come) {
        set_again(object);
    } else {
        object_fire(object, "error");
    }
}

static void run_loads(struct score *score, const char *url, bool has_come) {
    struct resources *resources = &score->resources;
    for (size_t i = 0; i < resources->n_loads;) {
        struct pending_load load = resources->loads[i];
        if (strcmp(load.url, url) != 0) {
            i++;
            continue;
        }
        memmove(resources->loads + i, resources->loads + i + 1,
                (--resources->n_loads - i) * sizeof *resources->loads);
        struct object *object = score_find_id(score, load.object_id);
        object = load.object_id == score->root->id ? score->root : object;
        if (object != NULL && has_come) {
            struct param param = param_string(url);
            load_run(object, &param, 1);
            param_finish(&param);
        }
        free(load.url);
    }
}

void score_url_arrived(struct score *score, const char *url, const char *why) {
    struct waiting waiting = {0};
    bool has_come = why == NULL;
    find_waiting(score->root, url, &waiting);
    if (!has_come && (waiting.n_ids > 0 || score->resources.n_loads > 0)) {
        score_error(score, "can't load %s : %s", url, why);
    }
    for (size_t i = 0; i < waiting.n_ids; i++) {
        struct object *object = score_find_id(score, waiting.ids[i]);
        if (object != NULL && object->pending_url != NULL &&
            strcmp(object->pending_url, url) == 0) {
            tell_object(object, has_come);
        }
    }
    free(waiting.ids);
    run_loads(score, url, has_come);
}
