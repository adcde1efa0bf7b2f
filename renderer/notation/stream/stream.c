/* One engraving after the other of a text that grows; see stream.h. */
#include "renderer/notation/stream/stream.h"

#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "proto/limits.h"
#include "renderer/notation/engraving_private.h"
#include "renderer/notation/font.h"
#include "renderer/notation/stream/stream_private.h"

struct engraving_stream *engraving_stream_create(void) {
    return calloc(1, sizeof(struct engraving_stream));
}

/* Back to the begin: nothing is kept. */
static void forget(struct engraving_stream *stream) {
    arena_destroy(stream->kept);
    engraving_unref(stream->last);
    free(stream->text);
    *stream = (struct engraving_stream){0};
}

void engraving_stream_destroy(struct engraving_stream *stream) {
    if (stream != NULL) {
        forget(stream);
        free(stream);
    }
}

static bool options_equal(const struct engraving_options *a, const struct engraving_options *b) {
    return a->page_width_cm == b->page_width_cm && a->page_height_cm == b->page_height_cm &&
           a->crops_page == b->crops_page;
}

static bool goes_on(const struct engraving_stream *stream, const char *text, size_t len,
                    const struct engraving_options *options) {
    return stream->text != NULL && len >= stream->len && options_equal(&stream->options, options) &&
           memcmp(text, stream->text, stream->len) == 0;
}

size_t engraving_stream_rest(const struct engraving_stream *stream, const char *text, size_t len,
                             const struct engraving_options *options) {
    const struct stream_base *base = stream->base;
    if (base == NULL || !goes_on(stream, text, len, options)) {
        return 0;
    }
    size_t rest = len - base->offsets[base->n_voices - 1];
    for (size_t v = 0; v + 1 < base->n_voices; v++) {
        rest += base->ends[v] - base->offsets[v];
    }
    return rest > 0 ? rest : 1;
}

static bool remember_text(struct engraving_stream *stream, const char *text, size_t len) {
    if (stream->text == NULL || len > stream->capacity) {
        size_t capacity = len + len / 2 + 256;
        char *larger = realloc(stream->text, capacity);
        if (larger == NULL) {
            return false;
        }
        stream->text = larger;
        stream->capacity = capacity;
    }
    memcpy(stream->text + stream->len, text + stream->len, len - stream->len);
    stream->len = len;
    return true;
}

static int lay_out(struct stream_run *run, struct engraving *out) {
    struct placed_score *placed = NULL;
    const struct stream_base *base = run->stream->base;
    run->layout = engrave_layout_options(run->notation, &run->stream->options);
    run->layout.before = base != NULL ? &base->layout : NULL;
    run->layout.next = &run->next;
    if (!stream_find_final(run)) {
        return LG_ETOOLARGE;
    }
    int code = horizontal_layout(run->arena, run->music, &run->layout, &placed);
    if (code != LG_OK) {
        return code;
    }
    for (uint32_t i = 0; i < placed->n_systems; i++) {
        run->n_settled += placed->systems[i].end_measure <= run->next.measure ? 1 : 0;
    }
    run->vertical = (struct vertical){.arena = run->arena,
                                      .placed = placed,
                                      .music = run->music,
                                      .options = &run->layout,
                                      .first_system = run->stream->n_systems + run->stream->n_open};
    code = vertical_begin(&run->vertical);
    if (code == LG_OK) {
        code = stream_splice(run) ? vertical_end(&run->vertical, out) : LG_ETOOLARGE;
    }
    return code == LG_OK ? stream_compose(run, out) : code;
}

/* Go on from a later place next time, where that is possible. */
static void advance(struct stream_run *run, const struct engraving *engraving) {
    struct engraving_stream *stream = run->stream;
    if (run->next.measure == 0) {
        return;
    }
    const struct stream_base *base = stream_base_make(run, run->next.measure);
    if (base == NULL && !arena_is_full(stream->kept)) {
        return;
    }
    if (base == NULL || !stream_advance(run, run->next.measure, engraving)) {
        stream->base = NULL; /* full: the next text is taken whole */
        stream->len = 0;
        free(stream->text);
        stream->text = NULL;
        return;
    }
    stream->base = base;
}

static int run_engrave(struct stream_run *run, struct engraving **out,
                       struct notation_message *error) {
    struct engraving *engraving = calloc(1, sizeof *engraving);
    const struct stream_base *base = run->stream->base;
    if (engraving == NULL) {
        notation_destroy(run->notation);
        return LG_ENOMEM;
    }
    run->arena = run->notation->arena;
    engraving->notation = run->notation;
    engraving->earlier = arena_ref(run->stream->kept);
    atomic_init(&engraving->references, 1);
    const char *stage = "draw";
    int code = music_font_load(error->text, sizeof error->text);
    if (code == LG_OK) {
        stage = "arrange";
        code = music_arrange_after(run->notation, base != NULL ? &base->music : NULL, &run->music);
        engraving->music = run->music;
        if (code == LG_OK) {
            stage = "lay out";
            code = lay_out(run, engraving);
        }
        if (code != LG_OK) {
            engrave_say_limit(code, stage, error);
        }
    }
    if (code != LG_OK) {
        engraving_unref(engraving);
        return code;
    }
    advance(run, engraving);
    *out = engraving;
    return LG_OK;
}

static int engrave_rest(struct engraving_stream *stream, const char *text, size_t len,
                        struct engraving **out, struct notation_message *error) {
    struct stream_run run = {.stream = stream};
    int code = stream_read(&run, text, len, error);
    code = code == LG_OK ? run_engrave(&run, out, error) : code;
    free(run.origins);
    return code;
}

int engraving_stream_engrave(struct engraving_stream *stream, const char *text, size_t len,
                             const struct engraving_options *options, struct engraving **out,
                             struct notation_message *error) {
    int code = STREAM_WHOLE;
    *error = (struct notation_message){0};
    if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        text += 3;
        len -= 3;
    }
    if (stream->base != NULL && goes_on(stream, text, len, options)) {
        code = engrave_rest(stream, text, len, out, error);
    }
    if (code == STREAM_WHOLE) {
        struct engraving *last = stream->last; /* its pages may be the same */
        stream->last = NULL;
        forget(stream);
        stream->options = *options;
        stream->options.is_live = true;
        stream->last = last;
        stream->kept = arena_create(LIMIT_NOTATION_MEMORY_BYTES);
        *error = (struct notation_message){0};
        code = stream->kept != NULL ? engrave_rest(stream, text, len, out, error) : LG_ENOMEM;
    }
    if (code != LG_OK) {
        forget(stream);
        return code;
    }
    if (!remember_text(stream, text, len)) {
        stream->len = 0;
    }
    engraving_unref(stream->last);
    stream->last = engraving_ref(*out);
    return LG_OK;
}
