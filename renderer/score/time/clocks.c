/* Running dates: start + elapsed * tempo / 4 / 60 s, to CLOCK_STEPS a whole note. */
#include "renderer/score/time/clocks.h"

#include <math.h>
#include <stdlib.h>

#include "renderer/score/alloc.h"
#include "renderer/score/events/watch.h"
#include "renderer/score/score_state.h"

struct clock_run {
    struct object *object;
    struct rational start; /* the date at since_us */
    int64_t since_us;
    int64_t steps; /* applied so far, of 1 / CLOCK_STEPS */
};

static int64_t now_us(const struct score *score) {
    return score->env->now_us(score->env->ctx);
}

static struct clock_run *find(struct clocks *clocks, const struct object *object) {
    for (size_t i = 0; i < clocks->n_runs; i++) {
        if (clocks->runs[i].object == object) {
            return &clocks->runs[i];
        }
    }
    return NULL;
}

void clocks_forget(struct object *object) {
    struct clocks *clocks = &object->score->clocks;
    struct clock_run *run = find(clocks, object);
    if (run != NULL) {
        *run = clocks->runs[--clocks->n_runs];
    }
    object->is_running = false;
}

void clocks_restart(struct object *object) {
    struct score *score = object->score;
    struct clocks *clocks = &score->clocks;
    if (object->attr.tempo == 0) {
        if (object->is_running) {
            clocks_forget(object);
        }
        return;
    }
    struct clock_run *run = object->is_running ? find(clocks, object) : NULL;
    if (run == NULL) {
        clocks->runs =
            alloc_grow(clocks->runs, clocks->n_runs, &clocks->capacity, sizeof *clocks->runs);
        run = &clocks->runs[clocks->n_runs++];
    }
    *run = (struct clock_run){object, object->attr.date, now_us(score), 0};
    object->is_running = true;
}

void clocks_finish(struct clocks *clocks) {
    free(clocks->runs);
    *clocks = (struct clocks){0};
}

size_t clocks_count(const struct score *score) {
    return score->clocks.n_runs;
}

struct clock_facts clocks_facts(const struct score *score, size_t run_i) {
    const struct clock_run *run = &score->clocks.runs[run_i];
    return (struct clock_facts){run->object, run->start, run->since_us, run->steps};
}

void clocks_replace(struct score *score, const struct clock_facts *facts, size_t n_facts) {
    struct clocks *clocks = &score->clocks;
    while (clocks->n_runs > 0) {
        clocks_forget(clocks->runs[0].object);
    }
    for (size_t i = 0; i < n_facts; i++) {
        clocks->runs =
            alloc_grow(clocks->runs, clocks->n_runs, &clocks->capacity, sizeof *clocks->runs);
        clocks->runs[clocks->n_runs++] =
            (struct clock_run){facts[i].object, facts[i].start, facts[i].since_us, facts[i].steps};
        facts[i].object->is_running = true;
    }
}

bool clocks_is_date_seen(const struct object *object) {
    return object->n_masters > 0 || object->n_slaves > 0 || object->debug_map > 0;
}

static bool is_seen(const struct object *object) {
    return clocks_is_date_seen(object) || object->events != NULL;
}

bool clocks_are_seen(const struct score *score) {
    for (size_t i = 0; i < score->clocks.n_runs; i++) {
        if (is_seen(score->clocks.runs[i].object)) {
            return true;
        }
    }
    return false;
}

/* Steps since the start; false when the date has left what can be told. */
static bool count_steps(const struct clock_run *run, int64_t now, int64_t *steps) {
    double whole_notes = (double)(now - run->since_us) * (double)run->object->attr.tempo / 240e6;
    double all = floor(whole_notes * CLOCK_STEPS);
    if (!(fabs(all) < 1e15)) {
        return false;
    }
    *steps = (int64_t)all;
    return true;
}

/* 32 bits for both parts, as messages carry dates; a date of odd parts falls back to steps. */
static bool date_at(const struct clock_run *run, int64_t steps, struct rational *out) {
    struct rational passed = rational_reduce((struct rational){steps, CLOCK_STEPS});
    bool fits = rational_add(run->start, passed, out) && out->den <= INT32_MAX;
    if (!fits) {
        double date = rational_to_double(run->start) + rational_to_double(passed);
        *out = rational_reduce((struct rational){(int64_t)floor(date * CLOCK_STEPS), CLOCK_STEPS});
    }
    return out->num <= INT32_MAX && out->num >= -INT32_MAX;
}

static void advance(struct clock_run *run, int64_t now) {
    struct object *object = run->object;
    int64_t steps;
    struct rational before = object->attr.date, date;
    if (!count_steps(run, now, &steps) || steps == run->steps) {
        return;
    }
    if (!date_at(run, steps, &date)) { /* the end of time: stays where it is */
        return;
    }
    run->steps = steps;
    object->attr.date = date;
    if (clocks_is_date_seen(object)) {
        object_touch(object);
    }
    if (object->events != NULL) {
        watch_fire_passed(object, before, date);
        watch_fire_attribute(object, "ddate");
    }
}

void clocks_advance(struct score *score) {
    if (score->clocks.n_runs == 0) {
        return;
    }
    int64_t now = now_us(score);
    /* Events only queue messages: the list stands while we walk it. */
    for (size_t i = 0; i < score->clocks.n_runs; i++) {
        if (!object_is_gone(score->clocks.runs[i].object)) {
            advance(&score->clocks.runs[i], now);
        }
    }
}
