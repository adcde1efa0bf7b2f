/* Calls wait here until what they did is visible and durable; some also for work beside the score
 * thread. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/err.h"
#include "renderer/renderer_scenes_private.h"

static uint64_t older(uint64_t a, uint64_t b) {
    return b != 0 && b < a ? b : a;
}

static bool is_held(const struct scenes *scenes, uint64_t turn) {
    for (size_t i = 0; i < scenes->n_holds; i++) {
        if (scenes->holds[i].turn == turn) {
            return true;
        }
    }
    return false;
}

/* Drops what nobody waits for any longer. */
void scenes_tidy_holds(struct scenes *scenes) {
    int64_t now_us = scenes->n_holds > 0 ? lg_clock_us() : 0;
    size_t n_kept = 0;
    for (size_t i = 0; i < scenes->n_holds; i++) {
        const struct hold *hold = &scenes->holds[i];
        const struct scene *scene = hold->released != 0 ? scenes_find(scenes, hold->scene) : NULL;
        bool is_unseen =
            hold->released == 0 ||
            (scene != NULL && ((scene->unshown != 0 && scene->unshown <= hold->released) ||
                               (scene->put_off != 0 && scene->put_off <= hold->released)));
        if (is_unseen && now_us < hold->until_us) {
            scenes->holds[n_kept++] = *hold;
        }
    }
    scenes->n_holds = n_kept;
}

static void on_hold_timer(void *ctx) {
    struct scenes *scenes = ctx;
    scenes->hold_timer = -1; /* the end of this turn looks */
    if (scenes->n_holds > 0) {
        scenes->hold_timer =
            loop_timer_once(scenes->renderer->loop, LIMIT_ASIDE_WAIT_MS / 2, on_hold_timer, scenes);
    }
}

void scenes_hold(struct scenes *scenes, uint64_t id) {
    if (scenes->n_holds == scenes->holds_capacity) {
        size_t capacity = scenes->holds_capacity == 0 ? 8 : scenes->holds_capacity * 2;
        struct hold *grown = realloc(scenes->holds, capacity * sizeof *grown);
        if (grown == NULL) {
            return; /* answered too early rather than never */
        }
        scenes->holds = grown;
        scenes->holds_capacity = capacity;
    }
    scenes->holds[scenes->n_holds++] =
        (struct hold){.id = id,
                      .turn = scenes->turn,
                      .until_us = lg_clock_us() + LIMIT_ASIDE_WAIT_MS * (int64_t)1000};
    if (scenes->hold_timer < 0) {
        scenes->hold_timer =
            loop_timer_once(scenes->renderer->loop, LIMIT_ASIDE_WAIT_MS / 2, on_hold_timer, scenes);
    }
}

void scenes_hold_other(struct scenes *scenes, uint64_t id, uint64_t other) {
    for (size_t i = 0; i < scenes->n_holds; i++) {
        if (scenes->holds[i].id == id) {
            scenes->holds[i].id = other;
        }
    }
}

void scenes_release(struct scenes *scenes, uint64_t id, const char *scene) {
    for (size_t i = 0; i < scenes->n_holds; i++) {
        struct hold *hold = &scenes->holds[i];
        if (hold->id == id && hold->released == 0) {
            hold->released = scenes->turn;
            hold->until_us = scene != NULL ? hold->until_us : 0;
            snprintf(hold->scene, sizeof hold->scene, "%s", scene != NULL ? scene : "");
        }
    }
}

/* Everything done before this turn is visible. */
static uint64_t oldest_unshown(const struct scenes *scenes) {
    uint64_t oldest = UINT64_MAX;
    for (size_t i = 0; i < scenes->n_scenes; i++) {
        oldest = older(older(oldest, scenes->scenes[i].unshown), scenes->scenes[i].put_off);
    }
    return oldest;
}

static void answer(struct scenes *scenes, struct waiter *waiter) {
    struct renderer *renderer = scenes->renderer;
    struct msg_reply reply;
    renderer_reply_now(renderer, waiter->call, &reply);
    reply.text = (struct msg_bytes){waiter->text, waiter->text_size};
    call_reply_set_code(&reply, waiter->code);
    struct frame *frame =
        waiter->wants_frame ? draw_thread_frame(renderer->draw, call_scene(waiter->call)) : NULL;
    if (waiter->wants_frame && frame == NULL) {
        call_server_refuse(renderer->calls, waiter->call, LG_ENOTFOUND, "no such scene");
    } else if (frame != NULL) {
        reply.version = frame->version;
        call_server_answer_frame(renderer->calls, waiter->call, &reply, frame);
        frame_unref(frame);
    } else {
        call_server_answer(renderer->calls, waiter->call, &reply);
    }
    free(waiter->text);
    free(waiter);
}

/* The disk refuses: what was done is shown, and is kept when it goes again; nobody promises that.
 * It is remembered as done, so that it is not done twice. */
static bool is_unkept(struct scenes *scenes, struct waiter *waiter) {
    char why[400];
    if (journal_accepts(scenes->renderer->journal, why, sizeof why)) {
        return false;
    }
    static const char SHOWN[] = "shown, but ";
    char *text = malloc(sizeof SHOWN + strlen(why));
    if (text != NULL) {
        sprintf(text, "%s%s", SHOWN, why);
        free(waiter->text);
        waiter->text = text;
        waiter->text_size = strlen(text);
    }
    waiter->code = LG_EBUSY;
    return true;
}

/* Waiters are in order of their turns; those whose own turn is held, or not durable yet, stay. */
void scenes_answer_shown(struct scenes *scenes) {
    uint64_t oldest = oldest_unshown(scenes);
    uint64_t durable = scenes->first != NULL ? journal_durable(scenes->renderer->journal) : 0;
    struct waiter **at = &scenes->first;
    while (*at != NULL && (*at)->turn < oldest) {
        struct waiter *waiter = *at;
        if ((!waiter->wants_frame && is_held(scenes, waiter->turn)) ||
            (waiter->seq > durable && !is_unkept(scenes, waiter))) {
            at = &waiter->next;
            continue;
        }
        *at = waiter->next;
        if (waiter->next == NULL) {
            scenes->last = at;
        }
        scenes->n_waiting--;
        answer(scenes, waiter);
    }
}

static void add_waiter(struct scenes *scenes, struct call *call, struct waiter facts) {
    struct waiter *waiter = malloc(sizeof *waiter);
    if (waiter == NULL) {
        free(facts.text);
        call_server_refuse(scenes->renderer->calls, call, LG_EINTERNAL, "no memory");
        return;
    }
    call_drop_text(call);
    *waiter = facts;
    waiter->call = call;
    waiter->turn = scenes->turn;
    *scenes->last = waiter;
    scenes->last = &waiter->next;
    scenes->n_waiting++;
}

void scenes_wait(struct scenes *scenes, struct call *call, int code, const char *text,
                 size_t text_size) {
    struct waiter facts = {
        .code = code, .seq = renderer_note_request(scenes->renderer, call, code, text, text_size)};
    if (text_size > 0) {
        facts.text = malloc(text_size);
        if (facts.text != NULL) {
            memcpy(facts.text, text, text_size);
            facts.text_size = text_size;
        }
    }
    add_waiter(scenes, call, facts);
}

void scenes_wait_frame(struct scenes *scenes, struct call *call) {
    add_waiter(scenes, call, (struct waiter){.code = LG_OK, .wants_frame = true});
}

size_t scenes_waiting(const struct scenes *scenes) {
    return scenes->n_waiting;
}
