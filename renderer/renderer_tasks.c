/* Transactions and the score's own task: each is an input (past/inputs.h), and what it queues is
 * run. */
#include <stdlib.h>

#include "common/clock.h"
#include "common/metrics.h"
#include "renderer/parts.h"

#define RENDERER_TASK_MS     10 /* period of the score's own task (language reference 4.2) */
#define RENDERER_TASK_MAX_MS 10000

/* -- transactions and tasks -------------------------------------------------- */

static uint32_t task_period_ms(const struct renderer *renderer) {
    double period_ms = score_setting(renderer->score, "rate");
    return period_ms >= 1 && period_ms <= RENDERER_TASK_MAX_MS ? (uint32_t)period_ms
                                                               : RENDERER_TASK_MS;
}

static void tick(struct renderer *renderer) {
    struct score_result result;
    inputs_open(renderer->inputs, INPUT_TICK, NULL);
    score_tick(renderer->score, &result);
    inputs_close(renderer->inputs, &result);
    osc_link_tell(renderer->osc, &result);
    score_result_finish(&result);
}

static void on_task_timer(void *ctx) {
    struct renderer *renderer = ctx;
    renderer->task_timer = -1;
    if (score_is_moving(renderer->score)) {
        tick(renderer);
    }
    renderer_run_task(renderer);
}

static void on_delay_timer(void *ctx) {
    struct renderer *renderer = ctx;
    renderer->delay_timer = -1;
    inputs_open(renderer->inputs, INPUT_DELAYS, NULL);
    score_queue_delayed(renderer->score);
    inputs_close(renderer->inputs, NULL);
    renderer_run_task(renderer);
}

/* A timer for the first delayed message; it moves when an earlier one comes. */
static void arm_delay_timer(struct renderer *renderer) {
    int64_t due_us = score_next_delayed_us(renderer->score);
    if (renderer->loop == NULL || due_us < 0 ||
        (renderer->delay_timer >= 0 && renderer->delay_due_us <= due_us)) {
        return;
    }
    if (renderer->delay_timer >= 0) {
        loop_timer_cancel(renderer->loop, renderer->delay_timer);
    }
    int64_t wait_us = due_us - inputs_live_us(renderer->inputs);
    uint32_t wait_ms = wait_us > 0 ? (uint32_t)((wait_us + 999) / 1000) : 0;
    renderer->delay_due_us = due_us;
    renderer->delay_timer = loop_timer_once(renderer->loop, wait_ms, on_delay_timer, renderer);
}

void renderer_run_task(struct renderer *renderer) {
    struct score_result result;
    if (score_has_queued(renderer->score)) {
        struct pack *body = inputs_open(renderer->inputs, INPUT_EVENTS, NULL);
        score_run_queued(renderer->score, &result);
        pack_array(body, 1);
        pack_uint(body, result.n_run);
        inputs_close(renderer->inputs, &result);
        osc_link_tell(renderer->osc, &result);
        score_result_finish(&result);
    }
    /* What these queued again waits for the next period: a score that triggers itself runs at the
     * task rate, not as fast as it can. */
    arm_delay_timer(renderer);
    bool is_due = score_has_queued(renderer->score) || score_is_moving(renderer->score);
    if (renderer->loop != NULL && renderer->task_timer < 0 && is_due) {
        renderer->task_timer =
            loop_timer_once(renderer->loop, task_period_ms(renderer), on_task_timer, renderer);
    }
}

void renderer_run_script(struct renderer *renderer, const char *source, const char *text,
                         size_t len, const char *name, struct score_result *result) {
    int64_t start_us = lg_clock_us();
    struct pack *body = inputs_open(renderer->inputs, INPUT_SCRIPT, source);
    pack_array(body, 2);
    pack_text(body, name);
    pack_bytes(body, text != NULL ? text : "", len);
    score_begin(renderer->score, source);
    renderer_script_into_score(renderer->score, text, len, name);
    score_end(renderer->score, result);
    inputs_close(renderer->inputs, result);
    metric_observe(metric_histogram("leggio_renderer_post_seconds", "", "time to run a script",
                                    METRIC_DELAY_BOUNDS_US, METRIC_N_DELAY_BOUNDS, 1e-6),
                   lg_clock_us() - start_us);
    osc_link_tell(renderer->osc, result);
    renderer_run_task(renderer);
}

static void fire(struct renderer *renderer, const char *source, struct object *object,
                 const char *words) {
    struct score_result result;
    score_begin(renderer->score, source);
    if (object != NULL) {
        score_fire(renderer->score, object, words);
    } else {
        score_error(renderer->score, "%s", words);
    }
    score_end(renderer->score, &result);
    inputs_close(renderer->inputs, &result);
    score_result_finish(&result);
    renderer_run_task(renderer);
}

void renderer_fire(struct renderer *renderer, const char *source, struct object *object,
                   const char *event) {
    struct pack *body = inputs_open(renderer->inputs, INPUT_FIRE, source);
    char *address = object_address(object);
    pack_array(body, 2);
    pack_text(body, address);
    pack_text(body, event);
    free(address);
    fire(renderer, source, object, event);
}

void renderer_tell_error(struct renderer *renderer, const char *source, const char *words) {
    struct pack *body = inputs_open(renderer->inputs, INPUT_ERROR, source);
    pack_array(body, 1);
    pack_text(body, words);
    fire(renderer, source, NULL, words);
}
