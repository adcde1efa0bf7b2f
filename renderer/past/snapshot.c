/* Its text is what `save` writes of /ITL, between the application's settings; its moment holds
 * [form, screen, root path, public host, [ends of the text's parts], moment]. A part is what
 * one script may be long. */
#include "renderer/past/snapshot.h"

#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/err.h"
#include "common/log.h"
#include "common/metrics.h"
#include "proto/limits.h"
#include "renderer/io/state/journal.h"
#include "renderer/parts.h"
#include "renderer/past/inputs.h"
#include "renderer/score/alloc.h"
#include "renderer/score/save.h"

#define SNAPSHOT_FORM       1
#define SNAPSHOT_PART_BYTES (LIMIT_SCRIPT_BYTES / 2)
/* A restart does again what came since: about so much, while dates run four times as much. A
 * snapshot costs the score thread some 3 us an object (measured: 30 ms for 10 000), in which
 * nothing moves: it may take a tenth of the time that it saves, and a fiftieth of all. */
#define SNAPSHOT_INPUTS     10000
#define SNAPSHOT_BYTES      (16u * 1024 * 1024)
#define SNAPSHOT_WORK_US    500000
#define SNAPSHOT_PATIENCE   4
#define SNAPSHOT_WORK_SHARE 10
#define SNAPSHOT_COST_SHARE 50

struct parts {
    struct text text;
    size_t *ends;
    size_t n_ends, capacity;
};

static void end_part(struct parts *parts) {
    parts->ends = alloc_grow(parts->ends, parts->n_ends, &parts->capacity, sizeof *parts->ends);
    parts->ends[parts->n_ends++] = parts->text.len;
}

static void put_message(void *ctx, struct message *msg) {
    struct parts *parts = ctx;
    size_t start = parts->n_ends > 0 ? parts->ends[parts->n_ends - 1] : 0;
    size_t before = parts->text.len;
    message_print_exact(msg, &parts->text);
    text_append(&parts->text, ";\n", 2);
    message_finish(msg);
    if (parts->text.len - start > SNAPSHOT_PART_BYTES && before > start) {
        size_t len = parts->text.len;
        parts->text.len = before; /* the part ends before this message */
        end_part(parts);
        parts->text.len = len;
    }
}

static void pack_facts(struct renderer *renderer, const struct parts *parts, struct pack *to) {
    struct moment moment;
    moment_take(renderer->score, &moment);
    pack_array(to, 6);
    pack_int(to, SNAPSHOT_FORM);
    pack_double(to, score_screen_px(renderer->score));
    pack_text(to, renderer->root_path);
    pack_text(to, score_public_host(renderer->score));
    pack_array(to, parts->n_ends);
    for (size_t i = 0; i < parts->n_ends; i++) {
        pack_uint(to, parts->ends[i]);
    }
    pack_moment(to, &moment);
    moment_finish(&moment);
}

void snapshot_take(struct renderer *renderer) {
    int64_t start_us = lg_clock_us();
    struct parts parts = {0};
    struct text after = {0};
    moment_settings(renderer->score, renderer->root_path, &parts.text, &after);
    save_emit_brief(score_root(renderer->score), put_message, &parts);
    if (after.len > 0) {
        text_append(&parts.text, after.data, after.len);
    }
    end_part(&parts);
    struct pack *facts = pack_create();
    pack_facts(renderer, &parts, facts);
    struct state_snapshot snapshot = {.seq = inputs_last(renderer->inputs),
                                      .time_us = inputs_now_us(renderer->inputs),
                                      .wall_us = lg_clock_wall_us(),
                                      .script = parts.text.data,
                                      .script_size = parts.text.len};
    snapshot.moment = pack_data(facts, &snapshot.moment_size);
    journal_put_snapshot(renderer->journal, &snapshot);
    pack_destroy(facts);
    text_finish(&parts.text);
    text_finish(&after);
    free(parts.ends);
    inputs_clear_load(renderer->inputs);
    renderer->snapshot_cost_us = lg_clock_us() - start_us;
    renderer->snapshot_us = lg_clock_us();
    metric_observe(metric_histogram("leggio_renderer_snapshot_seconds", "",
                                    "time of the score thread for a snapshot",
                                    METRIC_DELAY_BOUNDS_US, METRIC_N_DELAY_BOUNDS, 1e-6),
                   renderer->snapshot_cost_us);
}

void snapshot_end_turn(struct renderer *renderer) {
    if (renderer->inputs == NULL || renderer->journal == NULL) {
        return;
    }
    struct inputs_load load = inputs_load(renderer->inputs);
    int64_t cost_us = renderer->snapshot_cost_us * SNAPSHOT_WORK_SHARE;
    int64_t work_us = cost_us > SNAPSHOT_WORK_US ? cost_us : SNAPSHOT_WORK_US;
    uint64_t patience = score_is_moving(renderer->score) ? SNAPSHOT_PATIENCE : 1;
    bool is_due = load.n_inputs >= patience * SNAPSHOT_INPUTS ||
                  load.size_bytes >= patience * SNAPSHOT_BYTES ||
                  load.work_us >= (int64_t)patience * work_us;
    bool is_cheap =
        lg_clock_us() - renderer->snapshot_us > renderer->snapshot_cost_us * SNAPSHOT_COST_SHARE;
    /* What is being engraved is in no snapshot; it is soon, or has been waited for long enough. */
    bool is_whole = asides_are_idle(renderer->asides) ||
                    load.n_inputs >= 2 * SNAPSHOT_PATIENCE * SNAPSHOT_INPUTS;
    if (renderer->wants_snapshot || (is_due && is_cheap && is_whole)) {
        renderer->wants_snapshot = false;
        snapshot_take(renderer);
    }
}

/* -- loading ------------------------------------------------------------------------ */

/* Up to the ends of the parts. */
static bool read_head(struct msgpack_reader *from, struct snapshot_facts *facts) {
    int64_t form;
    *facts = (struct snapshot_facts){0};
    return unpack_fixed(from, 6) && unpack_int(from, &form) && form == SNAPSHOT_FORM &&
           unpack_double(from, &facts->screen_px) && unpack_text(from, &facts->root_path) &&
           unpack_text(from, &facts->public_host);
}

static void finish_facts(struct snapshot_facts *facts) {
    free(facts->root_path);
    free(facts->public_host);
    *facts = (struct snapshot_facts){0};
}

bool snapshot_read_facts(const struct state_snapshot *snapshot, struct snapshot_facts *facts) {
    struct msgpack_reader from = {snapshot->moment, snapshot->moment + snapshot->moment_size};
    bool is_good = read_head(&from, facts);
    if (!is_good) {
        finish_facts(facts);
    }
    return is_good;
}

static bool read_parts(const struct state_snapshot *snapshot, struct msgpack_reader *from,
                       snapshot_part_fn take, void *ctx) {
    size_t n_parts, start = 0;
    if (!unpack_array(from, &n_parts)) {
        return false;
    }
    for (size_t i = 0; i < n_parts; i++) {
        uint64_t end;
        if (!unpack_uint(from, &end) || end < start || end > snapshot->script_size) {
            return false;
        }
        take(ctx, snapshot->script + start, (size_t)end - start);
        start = (size_t)end;
    }
    return true;
}

bool snapshot_parts(const struct state_snapshot *snapshot, snapshot_part_fn take, void *ctx) {
    struct msgpack_reader from = {snapshot->moment, snapshot->moment + snapshot->moment_size};
    struct snapshot_facts facts;
    bool is_good = read_head(&from, &facts) && read_parts(snapshot, &from, take, ctx);
    finish_facts(&facts);
    return is_good;
}

static void load_part(void *ctx, const char *text, size_t size) {
    struct renderer *renderer = ctx;
    struct score_result result;
    score_begin(renderer->score, "snapshot");
    renderer_saved_into_score(renderer->score, text, size);
    score_end(renderer->score, &result);
    if (result.errors.len > 0) { /* a file that is gone, for instance */
        lg_log(LG_LOG_WARN, "past", "snapshot_errors", "what=%s", result.errors.data);
    }
    score_result_finish(&result);
}

int snapshot_load(struct renderer *renderer, const struct state_snapshot *snapshot) {
    struct msgpack_reader from = {snapshot->moment, snapshot->moment + snapshot->moment_size};
    struct snapshot_facts facts;
    struct moment moment;
    bool is_good = read_head(&from, &facts) && read_parts(snapshot, &from, load_part, renderer) &&
                   unpack_moment(&from, &moment);
    finish_facts(&facts);
    if (!is_good) {
        return LG_EINTERNAL;
    }
    moment_restore(renderer->score, &moment);
    moment_finish(&moment);
    return LG_OK;
}
