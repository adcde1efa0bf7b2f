/* Reads what follows the kept part: a text made of the declarations, and of each voice what comes
 * after the place where it goes on. */
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "renderer/notation/stream/stream_private.h"

struct joined {
    char *data;
    size_t len;
};

static void join(struct joined *joined, const char *text, size_t len) {
    memcpy(joined->data + joined->len, text, len);
    joined->len += len;
}

/* Each voice but the last is closed; the last one takes the rest of the text with it. */
static void join_voices(const struct stream_base *base, const char *text, size_t len,
                        size_t *origins, struct joined *joined) {
    for (size_t v = 0; v < base->n_voices; v++) {
        bool is_last = v + 1 == base->n_voices;
        size_t end = is_last ? len : base->ends[v] + 1;
        join(joined, "[", 1);
        origins[v] = base->offsets[v] - joined->len;
        join(joined, text + base->offsets[v], end - base->offsets[v]);
        if (!is_last) {
            join(joined, ",", 1);
        }
    }
}

static int read_rest(struct stream_run *run, const char *text, size_t len,
                     struct notation_message *error) {
    const struct engraving_stream *stream = run->stream;
    const struct stream_base *base = stream->base;
    struct joined joined = {.data = malloc(len + 3 * base->n_voices + 3)};
    run->origins = calloc(base->n_voices, sizeof *run->origins);
    run->n_origins = base->n_voices;
    if (joined.data == NULL || run->origins == NULL) {
        free(joined.data);
        return LG_ENOMEM;
    }
    join(&joined, text, stream->body);
    if (text[stream->body] == '{') {
        join(&joined, "{", 1);
    }
    join_voices(base, text, len, run->origins, &joined);
    run->tail = (struct gmn_tail){.starts = base->starts,
                                  .n_starts = base->n_voices,
                                  .n_notes = base->n_notes,
                                  .n_tags = base->n_tags};
    int code = gmn_read_tail(joined.data, joined.len, &run->tail, &run->notation, error);
    free(joined.data);
    bool is_same = code == LG_OK && !run->tail.is_other &&
                   run->notation->n_voices == base->n_voices && stream_is_plain(run->notation);
    if (code == LG_OK && !is_same) {
        notation_destroy(run->notation);
        run->notation = NULL;
    }
    run->is_plain = is_same;
    return is_same || code == LG_ENOMEM ? code : STREAM_WHOLE; /* errors with their true places */
}

int stream_read(struct stream_run *run, const char *text, size_t len,
                struct notation_message *error) {
    if (run->stream->base != NULL) {
        return read_rest(run, text, len, error);
    }
    int code = gmn_read_tail(text, len, &run->tail, &run->notation, error);
    run->stream->body = run->tail.body;
    run->is_plain = code == LG_OK && stream_is_plain(run->notation);
    return code;
}
