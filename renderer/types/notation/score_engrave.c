/* From an object's text to its picture: read at once, so that errors are in the
 * answer; laid out at once when the piece is small, else on another thread while
 * the object goes on showing what it had. Equal texts share one picture. Streams engrave what is
 * new (stream/stream.h), and what is written while another thread does so all at once afterwards.
 */
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "common/log.h"
#include "proto/limits.h"
#include "renderer/notation/read/gmn.h"
#include "renderer/score/score.h"
#include "renderer/types/notation/score_cache.h"
#include "renderer/types/notation/score_object.h"

/* One engraving under way; owned by whoever runs it. */
struct engrave_job {
    uint64_t object_id, ticket;
    struct notation *notation; /* NULL: text is read first */
    char *text;
    size_t text_len;
    bool is_stream;
    struct score_stream *stream;  /* a reference; NULL: no stream */
    struct score_picture *before; /* a reference: pages that serve again */
    struct engraving_options options;
    int code;
    struct notation_message error;
    struct score_picture *picture;
};

static void free_job(struct engrave_job *job) {
    if (job != NULL) {
        notation_destroy(job->notation);
        score_picture_unref(job->picture);
        score_picture_unref(job->before);
        score_stream_unref(job->stream);
        free(job->text);
        free(job);
    }
}

static void read_text(struct engrave_job *job) {
    job->code = job->is_stream
                    ? gmn_read_partial(job->text, job->text_len, &job->notation, &job->error)
                    : engrave_read(job->text, job->text_len, job->options.format, &job->notation,
                                   &job->error);
}

static void engrave_job_text(struct engrave_job *job, struct engraving **engraving) {
    if (job->stream != NULL) {
        job->code = engraving_stream_engrave(job->stream->engravings, job->text, job->text_len,
                                             &job->options, engraving, &job->error);
        return;
    }
    if (job->notation == NULL) {
        read_text(job);
    }
    if (job->code == LG_OK) {
        struct notation *notation = job->notation;
        job->notation = NULL;
        job->code = engrave_notation(notation, &job->options, engraving, &job->error);
    }
}

/* Any thread. */
static void work(void *ctx) {
    struct engrave_job *job = ctx;
    struct engraving *engraving = NULL;
    engrave_job_text(job, &engraving);
    if (job->code == LG_OK) {
        job->picture = score_picture_give(engraving, job->before);
        job->code = job->picture != NULL ? LG_OK : LG_ENOMEM;
    }
}

/* -- back on the score thread --------------------------------------------------- */

static void report(struct object *object, const struct engrave_job *job) {
    struct score *score = object->score;
    char *address = object_address(object);
    const char *kind = job->options.format == ENGRAVING_MUSICXML ? "musicxml" : "gmn";
    if (job->error.line > 0) {
        score_error(score, "%s invalid %s code   line %d, col %d: syntax error, %s", address, kind,
                    job->error.line, job->error.column, job->error.text);
    } else if (job->error.text[0] != '\0') {
        score_error(score, "%s invalid %s code   %s", address, kind, job->error.text);
    } else {
        score_error(score, "%s cannot be engraved: %s", address, lg_err_name(job->code));
    }
    score_error(score, "error getting staff 1 map on page 1 : Invalid Guido handle");
    free(address);
}

static void show(struct object *object, struct score_picture *picture) {
    struct score_object *score = object->data;
    size_t before = score->picture != NULL ? score->picture->n_pages : 0;
    size_t after = picture != NULL ? picture->n_pages : 0;
    score_picture_unref(score->picture);
    score->picture = picture;
    if (picture != NULL) {
        object->attr.duration = rational_reduce(picture->engraving->notation->duration);
        if ((size_t)score->page > after) {
            score->page = after > 0 ? (int)after : 1;
        }
    }
    object_touch(object);
    if (before != after) {
        score_fire(object->score, object, "pageCount");
    }
}

/* Takes over what the job found. */
static void apply(struct object *object, struct engrave_job *job) {
    struct score_object *score = object->data;
    if (job->ticket <= score->shown) {
        return; /* something newer is there */
    }
    score->shown = job->ticket;
    if (job->code != LG_OK) {
        report(object, job);
        show(object, NULL);
        return;
    }
    bool has_gaps = score_picture_has_gaps(job->picture);
    if (has_gaps) {
        lg_log(LG_LOG_ERROR, "score", "font_not_opened", "object=%s what=%s", object->name,
               "some of its texts are not drawn until it is set again");
    }
    if (!job->is_stream && !has_gaps) {
        score_cache_put(job->text, job->text_len, &job->options, job->picture);
    }
    show(object, job->picture);
    job->picture = NULL;
}

static void done(void *ctx, struct score *score) {
    struct engrave_job *job = ctx;
    struct object *object = score != NULL ? score_find_id(score, job->object_id) : NULL;
    if (job->stream != NULL) {
        job->stream->n_jobs--;
    }
    if (object != NULL && !object->is_deleted) {
        apply(object, job);
        score_fire(score, object, "newData");
    }
    free_job(job);
}

/* -- start ---------------------------------------------------------------------- */

static struct engrave_job *make_job(struct object *object) {
    struct score_object *score = object->data;
    struct engrave_job *job = calloc(1, sizeof *job);
    if (job == NULL) {
        return NULL;
    }
    job->options = engraving_options_default();
    job->options.format = score->format;
    job->options.page_width_cm = (double)score->page_width_cm;
    job->options.page_height_cm = (double)score->page_height_cm;
    job->is_stream = score->is_stream;
    job->object_id = object->id;
    job->ticket = ++score->asked;
    job->text_len = score->text_len;
    job->text = malloc(score->text_len + 1);
    if (job->text == NULL) {
        free(job);
        return NULL;
    }
    memcpy(job->text, score->text, score->text_len);
    job->text[score->text_len] = '\0';
    return job;
}

static size_t count_events(const struct notation *notation) {
    size_t n = 0;
    for (size_t voice_i = 0; voice_i < notation->n_voices; voice_i++) {
        n += notation->voices[voice_i].n_events;
    }
    return n;
}

static bool is_busy(const struct score_stream *stream) {
    return stream != NULL && stream->n_jobs > 0;
}

/* true: the job is on its way and no longer ours. */
static bool run_aside(struct object *object, struct engrave_job *job) {
    const struct score_env *env = score_env(object->score);
    bool is_large = job->notation == NULL || count_events(job->notation) > SCORE_ASIDE_EVENTS;
    bool is_away = (is_large || is_busy(job->stream)) && env->run_aside != NULL &&
                   env->run_aside(env->ctx, object, work, done, job) == LG_OK;
    if (is_away && job->stream != NULL) {
        job->stream->n_jobs++;
    }
    return is_away;
}

/* The other thread may be busy with the stream: then as a whole. */
static void work_here(struct engrave_job *job) {
    if (is_busy(job->stream)) {
        score_stream_unref(job->stream);
        job->stream = NULL;
    }
    work(job);
}

/* Short pieces at once, errors of reading at once. */
static void engrave_anew(struct object *object, struct engrave_job *job) {
    struct score_picture *known = job->is_stream || score_env(object->score)->has_no_cache
                                      ? NULL
                                      : score_cache_find(job->text, job->text_len, &job->options);
    if (known != NULL) {
        job->picture = known;
    } else if (job->text_len <= SCORE_ASIDE_BYTES) {
        read_text(job);
        if (job->code == LG_OK) {
            object->attr.duration = rational_reduce(job->notation->duration);
        }
    }
    if (job->code == LG_OK && known == NULL) {
        if (run_aside(object, job)) {
            return;
        }
        work_here(job);
    }
    apply(object, job);
    free_job(job);
}

static struct score_stream *stream_of(struct score_object *score) {
    if (score->stream == NULL) {
        struct score_stream *stream = calloc(1, sizeof *stream);
        struct engraving_stream *engravings = engraving_stream_create();
        if (stream == NULL || engravings == NULL) {
            free(stream);
            engraving_stream_destroy(engravings);
            return NULL;
        }
        *stream = (struct score_stream){.engravings = engravings, .references = 1};
        score->stream = stream;
    }
    score->stream->references++;
    return score->stream;
}

void score_stream_unref(struct score_stream *stream) {
    if (stream != NULL && --stream->references == 0) {
        engraving_stream_destroy(stream->engravings);
        free(stream);
    }
}

/* What is new at once when it is short; without memory for a stream all of it each time. */
static void engrave_stream(struct object *object, struct engrave_job *job) {
    struct score_object *score = object->data;
    job->stream = stream_of(score);
    job->before = score_picture_ref(score->picture);
    size_t rest = job->stream == NULL || is_busy(job->stream)
                      ? 0
                      : engraving_stream_rest(job->stream->engravings, job->text, job->text_len,
                                              &job->options);
    if (rest == 0 || rest > SCORE_REST_BYTES) {
        engrave_anew(object, job);
        return;
    }
    work(job);
    apply(object, job);
    free_job(job);
}

void score_object_engrave(struct object *object) {
    struct engrave_job *job = make_job(object);
    if (job == NULL) {
        score_error(object->score, "out of memory");
    } else if (job->is_stream) {
        engrave_stream(object, job);
    } else {
        engrave_anew(object, job);
    }
}
