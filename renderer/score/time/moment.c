/* A score's moment: taken from and put into the insides of struct score. */
#include "renderer/score/time/moment.h"

#include <stdlib.h>
#include <string.h>

#include "renderer/score/alloc.h"
#include "renderer/score/events/watch.h"
#include "renderer/score/nodes/application.h"
#include "renderer/score/nodes/nodes.h"
#include "renderer/score/nodes/scene.h"
#include "renderer/score/query.h"
#include "renderer/score/score_state.h"

/* -- taking ------------------------------------------------------------------- */

static void take_runs(const struct score *score, struct moment *moment) {
    size_t n = clocks_count(score);
    moment->runs = alloc_zero((n + 1) * sizeof *moment->runs);
    for (size_t i = 0; i < n; i++) {
        struct clock_facts facts = clocks_facts(score, i);
        if (object_is_gone(facts.object)) {
            continue;
        }
        moment->runs[moment->n_runs++] = (struct moment_run){
            .address = object_address(facts.object),
            .start = facts.start,
            .date = facts.object->attr.date,
            .since_us = facts.since_us,
            .steps = facts.steps,
        };
    }
}

static int by_due(const void *a, const void *b) {
    const struct delayed *one = a, *other = b;
    if (one->due_us != other->due_us) {
        return one->due_us < other->due_us ? -1 : 1;
    }
    return one->serial < other->serial ? -1 : 1;
}

static void take_delays(const struct score *score, struct moment *moment) {
    size_t n = score->delays.n_items;
    struct delayed *sorted = alloc_zero((n + 1) * sizeof *sorted);
    if (n > 0) {
        memcpy(sorted, score->delays.items, n * sizeof *sorted);
        qsort(sorted, n, sizeof *sorted, by_due);
    }
    moment->delays = alloc_zero((n + 1) * sizeof *moment->delays);
    for (size_t i = 0; i < n; i++) {
        moment->delays[moment->n_delays++] =
            (struct moment_delay){sorted[i].due_us, message_list_ref(sorted[i].list)};
    }
    free(sorted);
}

void moment_take(const struct score *score, struct moment *moment) {
    *moment = (struct moment){
        .now_us = score->env->now_us(score->env->ctx),
        .started_us = score->started_us,
        .time_offset_ms = score->time_offset_ms,
        .ticks = score->ticks,
        .n_messages = score->n_messages,
        .n_osc_messages = score->n_osc_messages,
    };
    take_runs(score, moment);
    take_delays(score, moment);
    moment->queue = alloc_zero((score->queue.n_messages + 1) * sizeof *moment->queue);
    for (size_t i = 0; i < score->queue.n_messages; i++) {
        message_copy(&moment->queue[moment->n_queue++], &score->queue.messages[i]);
    }
}

void moment_finish(struct moment *moment) {
    for (size_t i = 0; i < moment->n_runs; i++) {
        free(moment->runs[i].address);
    }
    for (size_t i = 0; i < moment->n_delays; i++) {
        message_list_unref(moment->delays[i].list);
    }
    messages_free(moment->queue, moment->n_queue);
    free(moment->runs);
    free(moment->delays);
    *moment = (struct moment){0};
}

/* -- settings ------------------------------------------------------------------- */

static void put_value(const struct object *object, const char *name, struct text *out) {
    struct message msg;
    char *address = object_address(object);
    if (query_value(object, address, name, &msg)) {
        message_print_exact(&msg, out);
        text_append(out, ";\n", 2);
        message_finish(&msg);
    }
    free(address);
}

static void put_settings(const struct object *object, const struct settings *settings,
                         const char *but, struct text *out) {
    for (size_t i = 0; settings != NULL && i < settings_count(settings); i++) {
        const struct setting_row *row = settings_row(settings, i);
        if (row->kind != SETTING_TRIGGER && strcmp(row->name, but) != 0) {
            put_value(object, row->name, out);
        }
    }
}

void moment_settings(const struct score *score, const char *root_path, struct text *before,
                     struct text *after) {
    const struct object *root = score->root;
    char *own = root_path != NULL ? load_directory(root_path) : NULL;
    if (own == NULL || strcmp(own, score->root_path) != 0) {
        put_value(root, "rootPath", before);
    }
    free(own);
    put_settings(root, application_settings(root), "forward", before);
    for (size_t i = 0; i < root->n_children; i++) {
        const struct object *node = root->children[i];
        if (!node->is_scene && !node->is_deleted) {
            put_settings(node, nodes_settings(node), "", before);
        }
    }
    /* Objects say themselves whether they are shown; how texts are parsed is of no concern
     * to ours. */
    put_value(root, "defaultShow", after);
    put_value(root, "parse", after);
    put_value(root, "forward", after);
    const struct object *scene = object_child(root, "scene");
    if (scene == NULL || scene->is_deleted) {
        text_printf(after, "/ITL/scene del;\n");
    }
}

/* -- restoring -------------------------------------------------------------------- */

static void restore_runs(struct score *score, const struct moment *moment) {
    struct clock_facts *facts = alloc_zero((moment->n_runs + 1) * sizeof *facts);
    size_t n_facts = 0;
    for (size_t i = 0; i < moment->n_runs; i++) {
        const struct moment_run *run = &moment->runs[i];
        struct object *object = score_find(score, run->address);
        if (object != NULL && object->attr.tempo != 0) {
            object->attr.date = run->date;
            facts[n_facts++] = (struct clock_facts){object, run->start, run->since_us, run->steps};
        }
    }
    clocks_replace(score, facts, n_facts);
    free(facts);
}

static void restore_delays(struct score *score, const struct moment *moment) {
    delays_finish(&score->delays);
    for (size_t i = 0; i < moment->n_delays; i++) {
        delays_put(score, moment->delays[i].due_us, message_list_ref(moment->delays[i].list));
    }
}

static void restore_queue(struct score *score, const struct moment *moment) {
    for (size_t i = 0; i < score->queue.n_messages; i++) {
        message_finish(&score->queue.messages[i]);
    }
    score->queue.n_messages = 0;
    score->queue.size_bytes = 0;
    for (size_t i = 0; i < moment->n_queue; i++) {
        watch_enqueue(score, &moment->queue[i]);
    }
}

void moment_restore(struct score *score, const struct moment *moment) {
    score->started_us = moment->started_us;
    score->time_offset_ms = moment->time_offset_ms;
    score->ticks = moment->ticks;
    score->n_messages = moment->n_messages;
    score->n_osc_messages = moment->n_osc_messages;
    restore_runs(score, moment);
    restore_delays(score, moment);
    restore_queue(score, moment);
}
