/* The one place that knows what is being done now, since when, and what to write about it. */
#include "renderer/past/inputs.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <xxhash.h>

#include "common/clock.h"
#include "common/err.h"
#include "renderer/io/state/journal.h"
#include "renderer/parts.h"
#include "renderer/score/alloc.h"

#define KEPT_FILE_BYTES (256u * 1024) /* larger ones are only known by their hash */
#define FILES_KNOWN     1024          /* whose rows are up to date; a table by hash of the path */

struct known_file {
    uint64_t path_hash, content_hash;
};

struct inputs {
    struct renderer *renderer;
    int64_t offset_us; /* live: score's time less the machine's */
    int64_t now_us;
    uint64_t last_seq;
    bool is_open, is_replaying;
    enum input_kind kind;
    const char *source;
    struct pack *body, *answers;
    uint64_t seed, n_seeds;
    int64_t opened_us;
    struct inputs_load load;
    struct known_file known[FILES_KNOWN];
};

struct inputs *inputs_create(struct renderer *renderer) {
    struct inputs *inputs = alloc_zero(sizeof *inputs);
    inputs->renderer = renderer;
    inputs->body = pack_create();
    inputs->answers = pack_create();
    inputs_set_clock(inputs, 0);
    return inputs;
}

void inputs_destroy(struct inputs *inputs) {
    if (inputs != NULL) {
        pack_destroy(inputs->body);
        pack_destroy(inputs->answers);
        free(inputs);
    }
}

/* -- the clock ------------------------------------------------------------------- */

int64_t inputs_live_us(const struct inputs *inputs) {
    return inputs == NULL ? lg_clock_us() : lg_clock_us() + inputs->offset_us;
}

int64_t inputs_now_us(const struct inputs *inputs) {
    return inputs == NULL ? lg_clock_us() : inputs->now_us;
}

void inputs_set_clock(struct inputs *inputs, int64_t now_us) {
    inputs->now_us = now_us;
    inputs->offset_us = now_us - lg_clock_us();
}

/* -- doing ------------------------------------------------------------------------- */

struct pack *inputs_open(struct inputs *inputs, enum input_kind kind, const char *source) {
    if (inputs == NULL) {
        static struct pack *spare;
        spare = spare != NULL ? spare : pack_create();
        pack_clear(spare);
        return spare;
    }
    int64_t live_us = inputs_live_us(inputs);
    inputs->now_us = live_us > inputs->now_us ? live_us : inputs->now_us;
    inputs->kind = kind;
    inputs->source = source;
    inputs->is_open = true;
    inputs->seed = inputs->n_seeds = 0;
    inputs->opened_us = lg_clock_us();
    pack_clear(inputs->body);
    pack_clear(inputs->answers);
    return inputs->body;
}

void inputs_close(struct inputs *inputs, const struct score_result *result) {
    if (inputs == NULL || !inputs->is_open) {
        return;
    }
    struct state_entry entry = {
        .seq = ++inputs->last_seq,
        .time_us = inputs->now_us,
        .wall_us = lg_clock_wall_us(),
        .kind = inputs->kind,
        .source = inputs->source,
        .seed = inputs->seed,
        .cut_after = result != NULL ? result->cut_after : 0,
    };
    entry.body = pack_data(inputs->body, &entry.body_size);
    entry.answers = pack_data(inputs->answers, &entry.answers_size);
    inputs->is_open = false;
    inputs->load.n_inputs++;
    inputs->load.size_bytes += entry.body_size + entry.answers_size;
    inputs->load.work_us += lg_clock_us() - inputs->opened_us;
    journal_put_entry(inputs->renderer->journal, &entry, false);
}

void inputs_drop(struct inputs *inputs) {
    if (inputs != NULL) {
        inputs->is_open = false;
    }
}

uint64_t inputs_last(const struct inputs *inputs) {
    return inputs == NULL ? 0 : inputs->last_seq;
}

void inputs_set_last(struct inputs *inputs, uint64_t seq) {
    inputs->last_seq = seq;
}

uint64_t inputs_current(const struct inputs *inputs) {
    return inputs->last_seq + 1;
}

/* splitmix64 */
static uint64_t mix(uint64_t number) {
    number += UINT64_C(0x9e3779b97f4a7c15);
    number = (number ^ (number >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    number = (number ^ (number >> 27)) * UINT64_C(0x94d049bb133111eb);
    return number ^ (number >> 31);
}

uint64_t inputs_random(struct inputs *inputs) {
    uint64_t number = 0;
    if (inputs == NULL) {
        return getrandom(&number, sizeof number, 0) == (ssize_t)sizeof number ? number : 1;
    }
    while (inputs->seed == 0 && !inputs->is_replaying) {
        if (getrandom(&number, sizeof number, 0) != (ssize_t)sizeof number) {
            number = 1;
        }
        inputs->seed = number & INT64_MAX;
    }
    return mix(inputs->seed + inputs->n_seeds++);
}

/* -- answers -------------------------------------------------------------------------- */

void inputs_note(struct inputs *inputs, const struct answer *answer) {
    if (inputs == NULL || inputs->is_replaying || !inputs->is_open) {
        return;
    }
    struct pack *to = inputs->answers;
    pack_array(to, 6);
    pack_int(to, answer->kind);
    pack_text(to, answer->key);
    pack_int(to, answer->a);
    pack_int(to, answer->b);
    pack_bytes(to, answer->text, answer->text != NULL ? strlen(answer->text) : 0);
    pack_messages(to, answer->messages, answer->n_messages);
}

void inputs_note_file(struct inputs *inputs, const char *path, int code, const void *data,
                      size_t size_bytes) {
    if (inputs == NULL || inputs->is_replaying || !inputs->is_open) {
        return;
    }
    /* Signed numbers only in the database; 0 = not there. */
    uint64_t hash = code == LG_OK ? XXH3_64bits(data, size_bytes) & INT64_MAX : 0;
    uint64_t path_hash = XXH3_64bits(path, strlen(path));
    struct known_file *known = &inputs->known[path_hash % FILES_KNOWN];
    if (known->path_hash == path_hash && known->content_hash == hash) {
        return;
    }
    *known = (struct known_file){path_hash, hash};
    const struct state_resource resource = {
        .path = path,
        .seq = inputs_current(inputs),
        .code = code,
        .hash = hash,
        .size_bytes = code == LG_OK ? size_bytes : 0,
        .data = code == LG_OK && size_bytes <= KEPT_FILE_BYTES ? data : NULL,
    };
    journal_put_resource(inputs->renderer->journal, &resource);
}

/* -- loads ---------------------------------------------------------------------------- */

struct inputs_load inputs_load(const struct inputs *inputs) {
    return inputs->load;
}

void inputs_clear_load(struct inputs *inputs) {
    inputs->load = (struct inputs_load){0};
}

/* -- replays ---------------------------------------------------------------------------- */

void inputs_replay(struct inputs *inputs, const struct state_entry *entry) {
    inputs->is_replaying = true;
    inputs->last_seq = entry->seq;
    inputs->now_us = entry->time_us;
    inputs->seed = entry->seed;
    inputs->n_seeds = 0;
}

void inputs_stop_replay(struct inputs *inputs) {
    inputs->is_replaying = false;
}
