/* One input after the other, by kind. */
#include "renderer/past/replay.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "common/log.h"
#include "renderer/past/replay_private.h"
#include "renderer/past/snapshot.h"
#include "renderer/score/alloc.h"

struct replay *replay_create(struct renderer *renderer, struct state *state, bool is_exact) {
    struct replay *replay = alloc_zero(sizeof *replay);
    replay->renderer = renderer;
    replay->state = state;
    replay->is_exact = is_exact;
    renderer->replay = replay;
    renderer->env.has_no_cache = is_exact;
    return replay;
}

void replay_destroy(struct replay *replay) {
    if (replay == NULL) {
        return;
    }
    struct renderer *renderer = replay->renderer;
    replay_finish_asides(replay);
    replay_drop_answers(replay);
    inputs_stop_replay(renderer->inputs);
    if (renderer->score != NULL) {
        score_limit_work(renderer->score, SCORE_WORK_BY_CLOCK);
    }
    renderer->env.has_no_cache = false;
    renderer->replay = NULL;
    for (size_t i = 0; i < replay->n_wanted_urls; i++) {
        free(replay->wanted_urls[i]);
    }
    free(replay->wanted_urls);
    free(replay->asides);
    free(replay->answers);
    text_finish(&replay->changed_files);
    free(replay);
}

uint64_t replay_seq(const struct replay *replay) {
    return replay->seq;
}

int replay_snapshot(struct replay *replay, const struct state_snapshot *snapshot) {
    struct renderer *renderer = replay->renderer;
    const struct state_entry moment = {.seq = snapshot->seq, .time_us = snapshot->time_us};
    inputs_replay(renderer->inputs, &moment);
    score_limit_work(renderer->score, 0);
    replay->now_seq = replay->seq = snapshot->seq;
    replay->is_loading = true;
    int code = snapshot_load(renderer, snapshot);
    replay->is_loading = false;
    if (code != LG_OK) {
        lg_log(LG_LOG_ERROR, "past", "bad_snapshot", "seq=%" PRIu64, snapshot->seq);
    }
    return code;
}

/* -- by kind: false = malformed ------------------------------------------------------- */

static void do_script(struct score *score, const char *source, const char *name,
                      const uint8_t *text, size_t size) {
    struct score_result result;
    score_begin(score, source);
    renderer_script_into_score(score, (const char *)text, size, name);
    score_end(score, &result);
    score_result_finish(&result);
}

static bool replay_script(struct replay *replay, struct msgpack_reader *from, const char *source) {
    const uint8_t *text;
    size_t size;
    char *name = NULL;
    bool is_good = unpack_fixed(from, 2) && unpack_text(from, &name) &&
                   unpack_bytes(from, &text, &size) && text != NULL;
    if (is_good) {
        do_script(replay->renderer->score, source, name, text, size);
    }
    free(name);
    return is_good;
}

static bool replay_messages(struct replay *replay, struct msgpack_reader *from,
                            const char *source) {
    struct score *score = replay->renderer->score;
    struct message *messages;
    size_t n_messages;
    struct score_result result;
    if (!unpack_messages(from, &messages, &n_messages)) {
        return false;
    }
    score_begin(score, source);
    for (size_t i = 0; i < n_messages; i++) {
        score_count_osc(score);
        score_process(score, &messages[i]);
    }
    score_end(score, &result);
    score_result_finish(&result);
    messages_free(messages, n_messages);
    return true;
}

static bool replay_pointer(struct replay *replay, struct msgpack_reader *from, const char *source) {
    struct score *score = replay->renderer->score;
    char *address = NULL;
    int64_t kind = 0;
    double x, y;
    bool is_good = unpack_fixed(from, 4) && unpack_text(from, &address) && address != NULL &&
                   unpack_int(from, &kind) && kind >= POINTER_DOWN && kind <= POINTER_DOUBLE &&
                   unpack_double(from, &x) && unpack_double(from, &y);
    struct object *object = is_good ? score_find(score, address) : NULL;
    if (object != NULL) {
        struct score_result result;
        score_begin(score, source);
        score_pointer(score, object, (enum pointer_kind)kind, x, y);
        score_end(score, &result);
        score_result_finish(&result);
    }
    free(address);
    return is_good;
}

static bool replay_events(struct replay *replay, struct msgpack_reader *from) {
    uint64_t n;
    struct score_result result;
    if (!unpack_fixed(from, 1) || !unpack_uint(from, &n)) {
        return false;
    }
    score_run_some(replay->renderer->score, (size_t)n, &result);
    score_result_finish(&result);
    return true;
}

static bool replay_tick(struct replay *replay) {
    struct score_result result;
    score_tick(replay->renderer->score, &result);
    score_result_finish(&result);
    return true;
}

/* An event on an object, or an error without one. */
static bool replay_fire(struct replay *replay, struct msgpack_reader *from, bool is_error,
                        const char *source) {
    struct score *score = replay->renderer->score;
    char *first = NULL, *event = NULL;
    struct score_result result;
    bool is_good = unpack_fixed(from, is_error ? 1 : 2) && unpack_text(from, &first) &&
                   first != NULL && (is_error || (unpack_text(from, &event) && event != NULL));
    if (is_good) {
        struct object *object = is_error ? NULL : score_find(score, first);
        score_begin(score, source);
        if (is_error) {
            score_error(score, "%s", first);
        } else if (object != NULL) {
            score_fire(score, object, event);
        }
        score_end(score, &result);
        score_result_finish(&result);
    }
    free(first);
    free(event);
    return is_good;
}

static bool replay_files(struct replay *replay, struct msgpack_reader *from, const char *source) {
    struct score *score = replay->renderer->score;
    struct score_result result;
    size_t n;
    bool is_good = unpack_array(from, &n);
    if (!is_good) {
        return false;
    }
    score_begin(score, source);
    for (size_t i = 0; i < n && is_good; i++) {
        char *path;
        is_good = unpack_text(from, &path) && path != NULL;
        if (is_good) {
            score_log(score, "file has changed : %s", path);
            score_file_changed(score, path);
        }
        free(path);
    }
    score_end(score, &result);
    score_result_finish(&result);
    return is_good;
}

static bool replay_url(struct replay *replay, struct msgpack_reader *from, const char *source) {
    struct score *score = replay->renderer->score;
    struct score_result result;
    char *url = NULL, *why = NULL;
    bool is_good =
        unpack_fixed(from, 2) && unpack_text(from, &url) && url != NULL && unpack_text(from, &why);
    if (is_good) {
        replay->arrived_url = url;
        score_begin(score, source);
        score_url_arrived(score, url, why);
        score_end(score, &result);
        score_result_finish(&result);
        replay->arrived_url = NULL;
    }
    free(url);
    free(why);
    return is_good;
}

static bool replay_aside(struct replay *replay, struct msgpack_reader *from) {
    uint64_t seq;
    char *address = NULL;
    bool is_good = unpack_fixed(from, 2) && unpack_uint(from, &seq) &&
                   unpack_text(from, &address) && address != NULL;
    if (is_good) {
        replay_do_aside(replay, seq, address);
    }
    free(address);
    return is_good;
}

static bool replay_query(struct replay *replay, struct msgpack_reader *from, const char *source) {
    const uint8_t *text;
    size_t size;
    struct score_result result;
    if (!unpack_bytes(from, &text, &size) || text == NULL) {
        return false;
    }
    score_begin(replay->renderer->score, source);
    renderer_query_into_score(replay->renderer->score, (const char *)text, size);
    score_end(replay->renderer->score, &result);
    score_result_finish(&result);
    return true;
}

static bool by_kind(struct replay *replay, const struct state_entry *entry) {
    struct msgpack_reader from = {entry->body, entry->body + entry->body_size};
    const char *source = entry->source;
    switch ((enum input_kind)entry->kind) {
    case INPUT_START:
        replay_finish_asides(replay);
        return true;
    case INPUT_SCRIPT:
        return replay_script(replay, &from, source);
    case INPUT_MESSAGES:
        return replay_messages(replay, &from, source);
    case INPUT_POINTER:
        return replay_pointer(replay, &from, source);
    case INPUT_EVENTS:
        return replay_events(replay, &from);
    case INPUT_TICK:
        return replay_tick(replay);
    case INPUT_DELAYS:
        score_queue_delayed(replay->renderer->score);
        return true;
    case INPUT_FIRE:
        return replay_fire(replay, &from, false, source);
    case INPUT_ERROR:
        return replay_fire(replay, &from, true, source);
    case INPUT_FILES:
        return replay_files(replay, &from, source);
    case INPUT_URL:
        return replay_url(replay, &from, source);
    case INPUT_ASIDE:
        return replay_aside(replay, &from);
    case INPUT_QUERY:
        return replay_query(replay, &from, source);
    }
    return true; /* of a later program that kept the schema: nothing that we could do */
}

bool replay_entry(struct replay *replay, const struct state_entry *entry) {
    if (entry->seq != replay->seq + 1) {
        lg_log(LG_LOG_ERROR, "past", "missing", "after=%" PRIu64 " found=%" PRIu64, replay->seq,
               entry->seq);
        return false;
    }
    inputs_replay(replay->renderer->inputs, entry);
    replay->now_seq = entry->seq;
    score_limit_work(replay->renderer->score, entry->cut_after);
    if (!replay_take_answers(replay, entry) || !by_kind(replay, entry)) {
        lg_log(LG_LOG_ERROR, "past", "bad_input", "seq=%" PRIu64 " kind=%u", entry->seq,
               entry->kind);
        return false;
    }
    replay->seq = entry->seq;
    return true;
}
