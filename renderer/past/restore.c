/* Restart = newest snapshot, then the inputs since. */
#include "renderer/past/restore.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "common/clock.h"
#include "common/err.h"
#include "common/log.h"
#include "renderer/broker/request_memory.h"
#include "renderer/io/state/journal.h"
#include "renderer/parts.h"
#include "renderer/past/inputs.h"
#include "renderer/past/replay.h"
#include "renderer/past/snapshot.h"
#include "renderer/score/alloc.h"

/* After a crash the score's time has gone on, as the players have; not over a longer absence. */
#define PAST_OUTAGE_MAX_US (3600 * (int64_t)1000000)

/* So many starts in a row that ended before a picture was shown: something in the score ends the
 * program. */
#define PAST_FAILED_STARTS 5

struct past_request {
    struct state_request row;
    char *text;
};

struct known_version {
    char *scene;
    uint64_t version, pixels_hash;
};

struct past {
    struct known_version *known;
    size_t n_known, known_capacity;
    struct past_request *requests;
    size_t n_requests, capacity;
    char *urls[LIMIT_FETCHES];
    size_t n_urls;
};

void past_destroy(struct past *past) {
    if (past == NULL) {
        return;
    }
    for (size_t i = 0; i < past->n_requests; i++) {
        free(past->requests[i].text);
    }
    for (size_t i = 0; i < past->n_urls; i++) {
        free(past->urls[i]);
    }
    for (size_t i = 0; i < past->n_known; i++) {
        free(past->known[i].scene);
    }
    free(past->known);
    free(past->requests);
    free(past);
}

/* -- the same concert? -------------------------------------------------------------- */

/* Of the --score files: their paths, and what they hold. Signed numbers only. */
static void hash_scores(const struct renderer *renderer, int64_t *paths, int64_t *contents) {
    uint64_t of_paths = 0, of_contents = 0;
    for (size_t i = 0; i < renderer->options->n_scores; i++) {
        const char *path = renderer->options->scores[i];
        char *data = NULL;
        size_t size = 0;
        of_paths = XXH3_64bits_withSeed(path, strlen(path), of_paths + 1);
        if (files_read_trusted(path, LIMIT_SCRIPT_BYTES, &data, &size) == LG_OK) {
            of_contents = XXH3_64bits_withSeed(data, size, of_contents + 1);
        }
        free(data);
    }
    *paths = (int64_t)(of_paths & INT64_MAX);
    *contents = (int64_t)(of_contents & INT64_MAX);
}

/* Another evening's score in this folder is not continued with these files. */
static const char *why_anew(const struct renderer *renderer) {
    int64_t paths, contents, known = 0;
    if (!state_has_score(renderer->state)) {
        return NULL;
    }
    if (renderer->options->is_fresh) {
        return "before";
    }
    if (state_get_number(renderer->state, "failed_starts", &known) && known >= PAST_FAILED_STARTS) {
        return "crashing";
    }
    known = 0;
    hash_scores(renderer, &paths, &contents);
    if (renderer->options->n_scores == 0) {
        return NULL;
    }
    if (!state_get_number(renderer->state, "score_paths", &known) || known != paths) {
        return "other";
    }
    if (state_get_number(renderer->state, "score_contents", &known) && known != contents) {
        lg_log(LG_LOG_WARN, "past", "scores_changed", "what=%s",
               "the score goes on as it was; --fresh loads the files anew");
    }
    return NULL;
}

static int note_scores(struct renderer *renderer) {
    int64_t paths, contents;
    hash_scores(renderer, &paths, &contents);
    return state_put_number(renderer->state, "score_paths", paths) == LG_OK &&
                   state_put_number(renderer->state, "score_contents", contents) == LG_OK
               ? LG_OK
               : LG_EINTERNAL;
}

/* -- restoring ------------------------------------------------------------------------ */

struct restoring {
    struct replay *replay;
    int code;
    uint64_t n_inputs;
    int64_t time_us, wall_us; /* of what was done last */
};

static void take_snapshot(void *ctx, const struct state_snapshot *snapshot) {
    struct restoring *restoring = ctx;
    restoring->time_us = snapshot->time_us;
    restoring->wall_us = snapshot->wall_us;
    restoring->code = replay_snapshot(restoring->replay, snapshot);
}

static bool take_entry(void *ctx, const struct state_entry *entry) {
    struct restoring *restoring = ctx;
    restoring->time_us = entry->time_us;
    restoring->wall_us = entry->wall_us;
    restoring->n_inputs++;
    if (!replay_entry(restoring->replay, entry)) {
        restoring->code = LG_EINTERNAL;
    }
    return restoring->code == LG_OK;
}

static void take_request(void *ctx, const struct state_request *request) {
    struct past *past = ctx;
    past->requests =
        alloc_grow(past->requests, past->n_requests, &past->capacity, sizeof *past->requests);
    past->requests[past->n_requests++] = (struct past_request){
        *request, request->text_size > 0 ? alloc_text_n(request->text, request->text_size) : NULL};
}

static void take_newest(void *ctx, const struct state_version *version) {
    struct past *past = ctx;
    past->known =
        alloc_grow(past->known, past->n_known, &past->known_capacity, sizeof *past->known);
    past->known[past->n_known++] =
        (struct known_version){alloc_text(version->scene), version->version, version->pixels_hash};
}

/* After a crash the last rows may be missing: then nothing is known for sure. */
static void learn_versions(struct renderer *renderer) {
    int64_t stopped_us = 0;
    if (state_get_number(renderer->state, "stopped_us", &stopped_us) && stopped_us > 0) {
        state_read_newest_versions(renderer->state, take_newest, renderer->past);
    }
}

bool past_known_version(const struct renderer *renderer, const char *scene, uint64_t *version,
                        uint64_t *pixels_hash) {
    for (size_t i = 0; i < renderer->past->n_known; i++) {
        const struct known_version *known = &renderer->past->known[i];
        if (strcmp(known->scene, scene) == 0) {
            *version = known->version;
            *pixels_hash = known->pixels_hash;
            return true;
        }
    }
    return false;
}

/* When the score's time goes on from. */
static int64_t time_of_start(const struct renderer *renderer, const struct restoring *restoring) {
    int64_t stopped_us = 0;
    if (state_get_number(renderer->state, "stopped_us", &stopped_us) && stopped_us > 0) {
        return stopped_us > restoring->time_us ? stopped_us : restoring->time_us;
    }
    int64_t away_us = lg_clock_wall_us() - restoring->wall_us;
    bool is_known = away_us >= 0 && away_us <= PAST_OUTAGE_MAX_US;
    return restoring->time_us + (is_known ? away_us : 0);
}

static int restore(struct renderer *renderer) {
    struct state *state = renderer->state;
    int64_t start_us = lg_clock_us();
    struct restoring restoring = {.replay = replay_create(renderer, state, false)};
    int code = state_read_snapshot(state, UINT64_MAX, take_snapshot, &restoring);
    code = code == LG_OK || code == LG_ENOTFOUND ? restoring.code : code;
    uint64_t from = replay_seq(restoring.replay);
    if (code == LG_OK) {
        code = state_read_entries(state, from, UINT64_MAX, take_entry, &restoring);
        code = code == LG_OK ? restoring.code : code;
    }
    if (code == LG_OK) {
        code = state_read_requests(state, lg_clock_wall_us() - REQUEST_MEMORY_AGE_US, take_request,
                                   renderer->past);
    }
    for (const char *url;
         code == LG_OK && renderer->past->n_urls < LIMIT_FETCHES &&
         (url = replay_wanted_url(restoring.replay, renderer->past->n_urls)) != NULL;) {
        renderer->past->urls[renderer->past->n_urls++] = alloc_text(url);
    }
    inputs_set_last(renderer->inputs, replay_seq(restoring.replay));
    replay_destroy(restoring.replay);
    if (code == LG_OK) {
        inputs_set_clock(renderer->inputs, time_of_start(renderer, &restoring));
        learn_versions(renderer);
        lg_log(LG_LOG_INFO, "past", "restored",
               "snapshot=%" PRIu64 " inputs=%" PRIu64 " requests=%zu ms=%" PRId64, from,
               restoring.n_inputs, renderer->past->n_requests, (lg_clock_us() - start_us) / 1000);
    }
    return code;
}

static int begin_anew(struct renderer *renderer, const char *why) {
    renderer->state = state_open_anew(renderer->state, why);
    if (renderer->state == NULL) {
        return LG_EINTERNAL;
    }
    return renderer_renew_score(renderer);
}

int past_begin(struct renderer *renderer, bool *is_new) {
    renderer->past = alloc_zero(sizeof *renderer->past);
    const char *why = why_anew(renderer);
    int code = LG_OK;
    if (why != NULL) {
        lg_log(LG_LOG_WARN, "past", "anew", "why=%s",
               renderer->options->is_fresh ? "--fresh"
               : strcmp(why, "crashing") == 0
                   ? "the program ended again and again before it could show this score"
                   : "the state folder holds the score of other --score files");
        code = begin_anew(renderer, why);
    }
    *is_new = code == LG_OK && !state_has_score(renderer->state);
    if (code == LG_OK && !*is_new && restore(renderer) != LG_OK) {
        lg_log(LG_LOG_ERROR, "past", "damaged", "what=%s",
               "the journal cannot be read; it is kept under another name, a new score begins");
        past_destroy(renderer->past);
        renderer->past = alloc_zero(sizeof *renderer->past);
        *is_new = true;
        code = begin_anew(renderer, "damaged");
    }
    if (code == LG_OK && *is_new) {
        code = note_scores(renderer);
    }
    /* Until it ends in order, this life may crash. */
    int64_t n_failed = 0;
    if (code == LG_OK) {
        state_get_number(renderer->state, "failed_starts", &n_failed);
        code = state_put_number(renderer->state, "failed_starts", n_failed + 1);
    }
    if (code == LG_OK) {
        code = state_put_number(renderer->state, "stopped_us", 0);
    }
    return code;
}

void past_note_shown(struct renderer *renderer) {
    if (!renderer->has_shown) {
        renderer->has_shown = true;
        journal_put_number(renderer->journal, "failed_starts", 0);
    }
}

void past_note_start(struct renderer *renderer) {
    struct pack *body = inputs_open(renderer->inputs, INPUT_START, "renderer");
    pack_array(body, 1);
    pack_text(body, LEGGIO_VERSION);
    inputs_close(renderer->inputs, NULL);
    snapshot_take(renderer);
}

void past_hand_over(struct renderer *renderer) {
    struct past *past = renderer->past;
    for (size_t i = 0; i < past->n_requests; i++) {
        const struct state_request *row = &past->requests[i].row;
        call_server_restore(renderer->calls, row->gateway_id, row->counter, row->code,
                            past->requests[i].text, row->text_size);
    }
    for (size_t i = 0; i < past->n_urls && renderer->urls != NULL; i++) {
        urls_ask(renderer->urls, past->urls[i]);
    }
}

void past_note_end(struct renderer *renderer) {
    if (renderer->state != NULL && renderer->inputs != NULL) {
        state_put_number(renderer->state, "failed_starts", 0);
        state_put_number(renderer->state, "stopped_us", inputs_live_us(renderer->inputs));
    }
}
