/* What stands in for the world while the past is done again: answers, files, engravings. */
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "common/err.h"
#include "common/log.h"
#include "renderer/past/replay_private.h"
#include "renderer/score/alloc.h"

#define CHANGED_FILES_BYTES 4096 /* told at most */
#define WANTED_URLS_MAX     LIMIT_FETCHES

/* -- answers -------------------------------------------------------------------- */

void replay_drop_answers(struct replay *replay) {
    for (size_t i = 0; i < replay->n_answers; i++) {
        struct kept_answer *kept = &replay->answers[i];
        free(kept->key);
        free(kept->text);
        messages_free(kept->messages, kept->answer.n_messages);
    }
    replay->n_answers = 0;
}

static bool read_answer(struct msgpack_reader *from, struct kept_answer *kept) {
    int64_t kind;
    *kept = (struct kept_answer){0};
    if (!unpack_fixed(from, 6) || !unpack_int(from, &kind) || !unpack_text(from, &kept->key) ||
        !unpack_int(from, &kept->answer.a) || !unpack_int(from, &kept->answer.b) ||
        !unpack_text(from, &kept->text) ||
        !unpack_messages(from, &kept->messages, &kept->answer.n_messages)) {
        return false;
    }
    kept->answer.kind = (enum answer_kind)kind;
    kept->answer.key = kept->key;
    kept->answer.text = kept->text;
    kept->answer.messages = kept->messages;
    return true;
}

bool replay_take_answers(struct replay *replay, const struct state_entry *entry) {
    struct msgpack_reader from = {entry->answers, entry->answers + entry->answers_size};
    replay_drop_answers(replay);
    while (entry->answers_size > 0 && from.at < from.end) {
        replay->answers = alloc_grow(replay->answers, replay->n_answers, &replay->answers_capacity,
                                     sizeof *replay->answers);
        if (!read_answer(&from, &replay->answers[replay->n_answers++])) {
            return false;
        }
    }
    return true;
}

const struct answer *replay_answer(struct replay *replay, enum answer_kind kind, const char *key) {
    for (size_t i = 0; i < replay->n_answers; i++) {
        struct kept_answer *kept = &replay->answers[i];
        bool is_same = key == NULL || (kept->key != NULL && strcmp(kept->key, key) == 0);
        if (!kept->is_used && kept->answer.kind == kind && is_same) {
            kept->is_used = true;
            return &kept->answer;
        }
    }
    return NULL;
}

/* -- files ------------------------------------------------------------------------- */

struct found_file {
    int code;
    char *data; /* NULL = not kept */
    size_t size_bytes;
    uint64_t hash;
};

static void take_resource(void *ctx, const struct state_resource *resource) {
    struct found_file *found = ctx;
    found->code = resource->code;
    found->hash = resource->hash;
    found->size_bytes = resource->size_bytes;
    if (resource->data != NULL) {
        found->data = alloc_text_n((const char *)resource->data, resource->size_bytes);
    }
}

/* What the database says of it at this point; false = nothing. */
static bool find_file(struct replay *replay, const char *key, struct found_file *found) {
    *found = (struct found_file){0};
    return state_read_resource(replay->state, key, replay->now_seq, take_resource, found) == LG_OK;
}

int replay_read_file(struct replay *replay, const char *key, char **data, size_t *size_bytes) {
    struct found_file found;
    if (!find_file(replay, key, &found)) {
        return LG_EINTERNAL;
    }
    if (found.code != LG_OK) {
        return found.code;
    }
    *data = found.data;
    *size_bytes = found.size_bytes;
    return found.data != NULL ? LG_OK : LG_EINTERNAL;
}

static void note_changed(struct replay *replay, const char *key) {
    if (replay->changed_files.len < CHANGED_FILES_BYTES &&
        (replay->changed_files.len == 0 || strstr(replay->changed_files.data, key) == NULL)) {
        text_printf(&replay->changed_files, "%s\n", key);
    }
}

void replay_check_file(struct replay *replay, const char *key, int code, const void *data,
                       size_t size_bytes) {
    struct found_file found;
    if (!find_file(replay, key, &found)) {
        return;
    }
    uint64_t hash = code == LG_OK ? XXH3_64bits(data, size_bytes) & INT64_MAX : 0;
    if (hash != found.hash) {
        note_changed(replay, key);
    }
    free(found.data);
}

const char *replay_changed_files(const struct replay *replay) {
    return replay->changed_files.data != NULL ? replay->changed_files.data : "";
}

/* -- URLs -------------------------------------------------------------------------- */

static void want_url(struct replay *replay, const char *url) {
    for (size_t i = 0; i < replay->n_wanted_urls; i++) {
        if (strcmp(replay->wanted_urls[i], url) == 0) {
            return;
        }
    }
    if (replay->n_wanted_urls < WANTED_URLS_MAX) {
        replay->wanted_urls = alloc_resize(replay->wanted_urls, replay->n_wanted_urls + 1,
                                           sizeof *replay->wanted_urls);
        replay->wanted_urls[replay->n_wanted_urls++] = alloc_text(url);
    }
}

const char *replay_wanted_url(const struct replay *replay, size_t url_i) {
    return url_i < replay->n_wanted_urls ? replay->wanted_urls[url_i] : NULL;
}

/* While its arrival is told, and while a snapshot is loaded, what it held; else whoever asks
 * waits, as then. */
int replay_read_url(struct replay *replay, const char *url, char **data, size_t *size_bytes) {
    bool is_here = replay->is_loading ||
                   (replay->arrived_url != NULL && strcmp(replay->arrived_url, url) == 0);
    if (is_here) {
        int code = replay_read_file(replay, url, data, size_bytes);
        if (code != LG_EINTERNAL) {
            return code;
        }
        note_changed(replay, url); /* it was there, and is not kept */
    }
    const struct answer *answer = replay_answer(replay, ANSWER_URL, url);
    if (answer != NULL && answer->a != LG_EBUSY) {
        score_error(replay->renderer->score, "%s", answer->text != NULL ? answer->text : "");
        return (int)answer->a;
    }
    if (score_wait_for_url(replay->renderer->score, url)) {
        want_url(replay, url);
        return LG_EBUSY;
    }
    return LG_ENOTFOUND;
}

/* -- engravings --------------------------------------------------------------------- */

int replay_run_aside(struct replay *replay, const struct object *object, void (*work)(void *job),
                     void (*done)(void *job, struct score *score), void *job) {
    char *address = object_address(object);
    const struct answer *answer =
        replay->is_loading ? NULL : replay_answer(replay, ANSWER_ASIDE, address);
    if (answer == NULL || answer->a != LG_OK) {
        free(address);
        return LG_EBUSY; /* it was done at once */
    }
    replay->asides = alloc_grow(replay->asides, replay->n_asides, &replay->asides_capacity,
                                sizeof *replay->asides);
    replay->asides[replay->n_asides++] =
        (struct pending_aside){replay->now_seq, address, work, done, job};
    return LG_OK;
}

static void remove_aside(struct replay *replay, size_t aside_i) {
    free(replay->asides[aside_i].address);
    memmove(replay->asides + aside_i, replay->asides + aside_i + 1,
            (--replay->n_asides - aside_i) * sizeof *replay->asides);
}

static void do_pending(struct replay *replay, size_t aside_i) {
    struct score *score = replay->renderer->score;
    struct pending_aside aside = replay->asides[aside_i];
    struct score_result result;
    aside.work(aside.job);
    score_begin(score, "aside");
    aside.done(aside.job, score);
    score_end(score, &result);
    score_result_finish(&result);
    remove_aside(replay, aside_i);
}

static void drop_pending(struct replay *replay, size_t aside_i) {
    replay->asides[aside_i].done(replay->asides[aside_i].job, NULL);
    remove_aside(replay, aside_i);
}

void replay_do_aside(struct replay *replay, uint64_t seq, const char *address) {
    for (size_t i = 0; i < replay->n_asides; i++) {
        if (strcmp(replay->asides[i].address, address) != 0) {
            continue;
        }
        if (replay->asides[i].seq == seq) {
            do_pending(replay, i);
            return;
        }
        if (replay->asides[i].seq < seq) { /* a newer one had taken its place */
            drop_pending(replay, i--);
        }
    }
}

/* Of each object the newest. */
void replay_finish_asides(struct replay *replay) {
    while (replay->n_asides > 0) {
        bool has_newer = false;
        for (size_t i = 1; i < replay->n_asides && !has_newer; i++) {
            has_newer = strcmp(replay->asides[i].address, replay->asides[0].address) == 0;
        }
        if (has_newer) {
            drop_pending(replay, 0);
        } else {
            do_pending(replay, 0);
        }
    }
}
