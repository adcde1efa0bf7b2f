/* Clicks and hovers of clients: which object is meant, and where inside it.
 *
 * The top-most object that watches the mouse gets the event; one without handlers lets it pass
 * below (score-language reference 11.2), but counts as success (web API 3.6). Where no object is
 * hit the scene itself may watch. */
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/err.h"
#include "proto/limits.h"
#include "renderer/draw/pick.h"
#include "renderer/parts.h"
#include "renderer/score/geometry.h"

#define HOVERS_MAX 4096 /* clients that hover at once; the one silent for longest is forgotten */

/* Over which object a client's pointer is. */
struct hover {
    char client_id[LIMIT_CLIENT_ID_BYTES + 1];
    uint64_t object_id;
    int64_t seen_us;
};

struct hovers {
    struct hover *hovers;
    size_t n_hovers, capacity;
};

struct hovers *hovers_create(void) {
    return calloc(1, sizeof(struct hovers));
}

void hovers_destroy(struct hovers *hovers) {
    if (hovers != NULL) {
        free(hovers->hovers);
        free(hovers);
    }
}

/* -- which object -------------------------------------------------------------- */

static bool is_sensitive(void *ctx, uint64_t object_id) {
    const struct object *object = score_find_id(ctx, object_id);
    return object != NULL && object_is_sensitive(object);
}

static bool is_alive(void *ctx, uint64_t object_id) {
    return score_find_id(ctx, object_id) != NULL;
}

static struct object *find_scene(const struct renderer *renderer, const char *name) {
    struct object **scenes;
    size_t n = score_scenes(renderer->score, &scenes);
    for (size_t i = 0; i < n; i++) {
        if (strcmp(scenes[i]->name, name) == 0) {
            return scenes[i];
        }
    }
    return NULL;
}

/* *target: id of the object that gets events, 0 = none is there but something was hit.
 * returns 0, LG_EUNKNOWNOBJECT, LG_ENOTFOUND */
static int pick(struct renderer *renderer, const struct call *call, uint64_t *target) {
    const struct msg_request *request = call_request(call);
    const struct object *scene = find_scene(renderer, call_scene(call));
    struct display_list *list = scenes_list(renderer->scenes, call_scene(call));
    *target = 0;
    if (scene == NULL) {
        return LG_ENOTFOUND;
    }
    /* The middle of the pixel: its corner may lie on the neighbour. */
    double x_px = (double)request->x + 0.5, y_px = (double)request->y + 0.5;
    uint32_t width_px, height_px;
    geometry_scene_size_px(scene, score_screen_px(renderer->score), &width_px, &height_px);
    if (list == NULL || x_px < 0 || y_px < 0 || x_px > width_px || y_px > height_px) {
        return LG_EUNKNOWNOBJECT;
    }
    *target = pick_at(list, x_px, y_px, is_sensitive, renderer->score);
    if (*target == 0 && object_is_sensitive(scene)) {
        *target = scene->id;
    }
    if (*target != 0 || pick_at(list, x_px, y_px, is_alive, renderer->score) != 0) {
        return LG_OK;
    }
    return LG_EUNKNOWNOBJECT;
}

/* Pixels of the picture to the object's own units, from the top-left of its box. */
static bool to_local(const struct renderer *renderer, const struct object *object,
                     const struct msg_request *request, double *x, double *y) {
    struct placement placement;
    struct matrix inverse;
    double screen_px = score_screen_px(renderer->score);
    if (object->is_scene) {
        geometry_place_scene(object, screen_px, &placement);
    } else {
        geometry_place_from_scene(object, screen_px, &placement);
    }
    if (!matrix_invert(&placement.to_device, &inverse)) {
        return false;
    }
    *x = (double)request->x;
    *y = (double)request->y;
    matrix_apply(&inverse, x, y);
    *x -= placement.box.x;
    *y -= placement.box.y;
    return true;
}

static void note(struct pack *body, const struct object *object, enum pointer_kind kind, double x,
                 double y) {
    char *address = object_address(object);
    pack_array(body, 4);
    pack_text(body, address);
    pack_int(body, kind);
    pack_double(body, x);
    pack_double(body, y);
    free(address);
}

/* One event as one transaction, and what it triggers. The object may be gone by then. */
static void fire(struct renderer *renderer, const struct call *call, uint64_t object_id,
                 enum pointer_kind kind) {
    const struct msg_request *request = call_request(call);
    struct object *object = score_find_id(renderer->score, object_id);
    double x, y;
    if (object == NULL || !to_local(renderer, object, request, &x, &y)) {
        return;
    }
    struct score_result result;
    const char *source = request->client_id[0] == '\0' ? "call" : request->client_id;
    note(inputs_open(renderer->inputs, INPUT_POINTER, source), object, kind, x, y);
    score_begin(renderer->score, source);
    score_pointer(renderer->score, object, kind, x, y);
    score_end(renderer->score, &result);
    inputs_close(renderer->inputs, &result);
    score_result_finish(&result);
    renderer_run_task(renderer);
}

static void answer(struct renderer *renderer, struct call *call, int code) {
    if (code == LG_OK) {
        scenes_wait(renderer->scenes, call, LG_OK, NULL, 0);
    } else {
        call_server_refuse(renderer->calls, call, code,
                           code == LG_ENOTFOUND ? "no such scene" : "Unknown object");
    }
}

void renderer_click(struct renderer *renderer, struct call *call) {
    uint64_t target;
    int code = pick(renderer, call, &target);
    if (code == LG_OK && target != 0) {
        fire(renderer, call, target, POINTER_DOWN);
        fire(renderer, call, target, POINTER_UP);
    }
    answer(renderer, call, code);
}

/* -- hovering ------------------------------------------------------------------- */

static struct hover *find_hover(struct hovers *hovers, const char *client_id) {
    for (size_t i = 0; i < hovers->n_hovers; i++) {
        if (strcmp(hovers->hovers[i].client_id, client_id) == 0) {
            return &hovers->hovers[i];
        }
    }
    return NULL;
}

static struct hover *silent_longest(struct hovers *hovers) {
    struct hover *oldest = &hovers->hovers[0];
    for (size_t i = 1; i < hovers->n_hovers; i++) {
        if (hovers->hovers[i].seen_us < oldest->seen_us) {
            oldest = &hovers->hovers[i];
        }
    }
    return oldest;
}

static void note_hover(struct hovers *hovers, const char *client_id, uint64_t object_id) {
    struct hover *hover = find_hover(hovers, client_id);
    if (object_id == 0) {
        if (hover != NULL) {
            *hover = hovers->hovers[--hovers->n_hovers];
        }
        return;
    }
    if (hover == NULL && hovers->n_hovers == HOVERS_MAX) {
        hover = silent_longest(hovers);
    } else if (hover == NULL) {
        if (hovers->n_hovers == hovers->capacity) {
            size_t capacity = hovers->capacity == 0 ? 16 : hovers->capacity * 2;
            struct hover *grown = realloc(hovers->hovers, capacity * sizeof *grown);
            if (grown == NULL) {
                return;
            }
            hovers->hovers = grown;
            hovers->capacity = capacity;
        }
        hover = &hovers->hovers[hovers->n_hovers++];
    }
    memset(hover, 0, sizeof *hover);
    strcpy(hover->client_id, client_id);
    hover->object_id = object_id;
    hover->seen_us = lg_clock_us();
}

void renderer_hover(struct renderer *renderer, struct call *call) {
    const char *client_id = call_request(call)->client_id;
    uint64_t target;
    int code = pick(renderer, call, &target);
    struct hover *hover = find_hover(renderer->hovers, client_id);
    uint64_t before = hover == NULL ? 0 : hover->object_id;
    note_hover(renderer->hovers, client_id, target);
    if (before != target) {
        if (before != 0) {
            fire(renderer, call, before, POINTER_LEAVE);
        }
        if (target != 0) {
            fire(renderer, call, target, POINTER_ENTER);
        }
    }
    answer(renderer, call, code);
}
