/* Work that would hold up the score (engraving of long pieces), done on a thread
 * of its own. Of each object one job runs and at most one waits; the newest wins,
 * and whoever waited for the older one waits for it. */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/err.h"
#include "common/log.h"
#include "common/metrics.h"
#include "renderer/parts.h"

#define ASIDES_WAITING_MAX 256

/* Goes to the worker and back; the list is the score thread's. */
struct aside {
    struct aside *next;
    struct asides *asides;
    uint64_t id, object_id;
    uint64_t seq;  /* of the input that asked */
    char *address; /* of the object then */
    char scene[256];
    void (*work)(void *job);
    void (*done)(void *job, struct score *score);
    void *job;
    int64_t asked_us;
    atomic_int state; /* ASIDE_WAITS … */
};
enum { ASIDE_WAITS, ASIDE_RUNS, ASIDE_DROPPED };

struct asides {
    struct renderer *renderer;
    struct worker *worker;
    struct aside *first; /* under way, newest first */
    size_t n_under_way;
    uint64_t last_id;
    struct metric *delay_us;
};

struct asides *asides_create(struct renderer *renderer) {
    struct asides *asides = calloc(1, sizeof *asides);
    struct worker *worker = asides == NULL ? NULL : worker_create();
    if (worker == NULL) {
        free(asides);
        return NULL;
    }
    asides->renderer = renderer;
    asides->worker = worker;
    asides->delay_us =
        metric_histogram("leggio_renderer_aside_seconds", "", "from a long piece to its engraving",
                         METRIC_DELAY_BOUNDS_US, METRIC_N_DELAY_BOUNDS, 1e-6);
    return asides;
}

void asides_stop(struct asides *asides) {
    if (asides != NULL && asides->worker != NULL) {
        for (struct aside *aside = asides->first; aside != NULL; aside = aside->next) {
            int waits = ASIDE_WAITS;
            atomic_compare_exchange_strong(&aside->state, &waits, ASIDE_DROPPED);
        }
        worker_destroy(asides->worker);
        asides->worker = NULL;
    }
}

void asides_destroy(struct asides *asides) {
    asides_stop(asides);
    free(asides);
}

bool asides_are_idle(const struct asides *asides) {
    return asides->n_under_way == 0;
}

static void unlink_aside(struct aside *aside) {
    struct aside **at = &aside->asides->first;
    while (*at != aside) {
        at = &(*at)->next;
    }
    *at = aside->next;
    aside->asides->n_under_way--;
}

/* On the score thread again. */
static void finish(void *ctx) {
    struct aside *aside = ctx;
    struct asides *asides = aside->asides;
    struct renderer *renderer = asides->renderer;
    unlink_aside(aside);
    if (atomic_load(&aside->state) == ASIDE_DROPPED) {
        aside->done(aside->job, NULL);
    } else {
        struct score_result result;
        struct pack *body = inputs_open(renderer->inputs, INPUT_ASIDE, NULL);
        pack_array(body, 2);
        pack_uint(body, aside->seq);
        pack_text(body, aside->address);
        score_begin(renderer->score, "aside");
        aside->done(aside->job, renderer->score);
        score_end(renderer->score, &result);
        inputs_close(renderer->inputs, &result);
        if (renderer->osc != NULL) {
            osc_link_tell(renderer->osc, &result);
        }
        score_result_finish(&result);
        renderer_run_task(renderer);
        metric_observe(asides->delay_us, lg_clock_us() - aside->asked_us);
    }
    scenes_release(renderer->scenes, aside->id, aside->scene);
    free(aside->address);
    free(aside);
}

/* On the worker. */
static void run(void *ctx) {
    struct aside *aside = ctx;
    int waits = ASIDE_WAITS;
    if (atomic_compare_exchange_strong(&aside->state, &waits, ASIDE_RUNS)) {
        aside->work(aside->job);
    }
    if (loop_post(aside->asides->renderer->loop, finish, aside) != LG_OK) {
        lg_log(LG_LOG_ERROR, "asides", "no_memory", "scene=%s", aside->scene);
    }
}

/* A job of the same object that has not begun will not; who waits for it waits for id. */
static void drop_older(struct asides *asides, uint64_t object_id, uint64_t id) {
    for (struct aside *aside = asides->first; aside != NULL; aside = aside->next) {
        int waits = ASIDE_WAITS;
        if (aside->object_id == object_id &&
            atomic_compare_exchange_strong(&aside->state, &waits, ASIDE_DROPPED)) {
            scenes_hold_other(asides->renderer->scenes, aside->id, id);
        }
    }
}

int asides_run(struct asides *asides, const struct object *object, void (*work)(void *job),
               void (*done)(void *job, struct score *score), void *job) {
    if (asides->worker == NULL || asides->n_under_way >= ASIDES_WAITING_MAX) {
        return LG_EBUSY;
    }
    struct aside *aside = calloc(1, sizeof *aside);
    if (aside == NULL) {
        return LG_EBUSY;
    }
    *aside = (struct aside){.asides = asides,
                            .id = ++asides->last_id,
                            .object_id = object->id,
                            .seq = inputs_current(asides->renderer->inputs),
                            .address = object_address(object),
                            .work = work,
                            .done = done,
                            .job = job,
                            .asked_us = lg_clock_us()};
    atomic_init(&aside->state, ASIDE_WAITS);
    const struct object *scene = object_scene(object);
    strncpy(aside->scene, scene != NULL ? scene->name : "", sizeof aside->scene - 1);
    if (worker_give(asides->worker, run, aside) != LG_OK) {
        free(aside->address);
        free(aside);
        return LG_EBUSY;
    }
    drop_older(asides, object->id, aside->id);
    aside->next = asides->first;
    asides->first = aside;
    asides->n_under_way++;
    scenes_hold(asides->renderer->scenes, aside->id);
    return LG_OK;
}
