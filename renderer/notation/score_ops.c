/* What each operator does to voices; copying is score_op_copy.c. */
#include "renderer/notation/score_ops.h"

#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "proto/limits.h"
#include "renderer/notation/score_op_copy.h"

static const char *const NAMES[SCORE_OP_COUNT] = {
    [SCORE_SEQ] = "seq",           [SCORE_PAR] = "par",
    [SCORE_RPAR] = "rpar",         [SCORE_HEAD] = "head",
    [SCORE_TAIL] = "tail",         [SCORE_EVHEAD] = "evhead",
    [SCORE_EVTAIL] = "evtail",     [SCORE_TOP] = "top",
    [SCORE_BOTTOM] = "bottom",     [SCORE_TRANSPOSE] = "transpose",
    [SCORE_DURATION] = "duration", [SCORE_PITCH] = "pitch",
    [SCORE_RHYTHM] = "rhythm",
};

enum score_op score_op_find(const char *word, size_t len) {
    for (int op = 0; op < SCORE_OP_COUNT; op++) {
        if (strlen(NAMES[op]) == len && memcmp(NAMES[op], word, len) == 0) {
            return (enum score_op)op;
        }
    }
    return SCORE_OP_COUNT;
}

const char *score_op_name(enum score_op op) {
    return NAMES[op];
}

static bool subtract(struct rational a, struct rational b, struct rational *out) {
    return rational_add(a, (struct rational){-b.num, b.den}, out);
}

/* -- by voices ------------------------------------------------------------------- */

static bool copy_voices(struct model_builder *builder, const struct notation *from, size_t first,
                        size_t end, const struct voice_copy *how) {
    bool is_good = true;
    for (size_t voice_i = first; is_good && voice_i < end; voice_i++) {
        is_good = model_builder_begin_voice(builder) &&
                  voice_copy_append(builder, &from->voices[voice_i], how) &&
                  model_builder_end_voice(builder);
    }
    return is_good;
}

static bool sequence(struct model_builder *builder, const struct notation *a,
                     const struct notation *b) {
    const struct voice_copy all = voice_copy_all();
    size_t n_voices = a->n_voices > b->n_voices ? a->n_voices : b->n_voices;
    bool is_good = true;
    for (size_t voice_i = 0; is_good && voice_i < n_voices; voice_i++) {
        struct rational rest = a->duration;
        is_good = model_builder_begin_voice(builder);
        if (is_good && voice_i < a->n_voices) {
            is_good = voice_copy_append(builder, &a->voices[voice_i], &all) &&
                      subtract(a->duration, a->voices[voice_i].duration, &rest);
        }
        if (is_good && voice_i < b->n_voices) {
            is_good = voice_copy_pad(builder, rest) &&
                      voice_copy_append(builder, &b->voices[voice_i], &all);
        }
        is_good = is_good && model_builder_end_voice(builder);
    }
    return is_good;
}

/* Voices of a score that begins `late` after the other. */
static bool copy_late(struct model_builder *builder, const struct notation *from,
                      struct rational late) {
    const struct voice_copy all = voice_copy_all();
    bool is_good = true;
    for (size_t voice_i = 0; is_good && voice_i < from->n_voices; voice_i++) {
        is_good = model_builder_begin_voice(builder) && voice_copy_pad(builder, late) &&
                  voice_copy_append(builder, &from->voices[voice_i], &all) &&
                  model_builder_end_voice(builder);
    }
    return is_good;
}

static bool right_aligned(struct model_builder *builder, const struct notation *a,
                          const struct notation *b) {
    struct rational difference, none = {0, 1};
    if (!subtract(a->duration, b->duration, &difference)) {
        return false;
    }
    bool is_first_longer = difference.num >= 0;
    struct rational late = {difference.num < 0 ? -difference.num : difference.num, difference.den};
    return copy_late(builder, a, is_first_longer ? none : late) &&
           copy_late(builder, b, is_first_longer ? late : none);
}

/* -- by time and events ------------------------------------------------------------- */

static size_t count_events(const struct notation *notation) {
    size_t most = 0;
    for (size_t voice_i = 0; voice_i < notation->n_voices; voice_i++) {
        size_t n = notation->voices[voice_i].n_events;
        most = n > most ? n : most;
    }
    return most;
}

/* -- by pitch ------------------------------------------------------------------------ */

static const struct notation_note *first_note(const struct notation *notation) {
    for (size_t voice_i = 0; voice_i < notation->n_voices; voice_i++) {
        const struct notation_voice *voice = &notation->voices[voice_i];
        for (size_t event_i = 0; event_i < voice->n_events; event_i++) {
            const struct notation_event *event = &voice->events[event_i];
            for (uint32_t i = 0; event->kind == NOTATION_CHORD && i < event->n_notes; i++) {
                if (!event->notes[i].is_rest && !event->notes[i].is_tab) {
                    return &event->notes[i];
                }
            }
        }
    }
    return NULL;
}

static bool transpose(struct model_builder *builder, const struct notation *a,
                      const struct notation *b) {
    struct voice_copy how = voice_copy_all();
    const struct notation_note *from = first_note(a), *to = first_note(b);
    if (from != NULL && to != NULL) {
        how.steps = to->step + 7 * to->octave - from->step - 7 * from->octave;
        how.semitones = voice_copy_semitones(to) - voice_copy_semitones(from);
    }
    return copy_voices(builder, a, 0, a->n_voices, &how);
}

/* Voice i takes from voice i of the other, which starts again when it has fewer. */
static bool combine(struct model_builder *builder, const struct notation *a,
                    const struct notation *b, bool is_pitch) {
    bool is_good = true;
    for (size_t voice_i = 0; is_good && voice_i < a->n_voices; voice_i++) {
        struct voice_copy how = voice_copy_all();
        const struct notation_voice *other =
            b->n_voices > 0 ? &b->voices[voice_i % b->n_voices] : NULL;
        how.pitches = is_pitch ? other : NULL;
        how.rhythm = is_pitch ? NULL : other;
        is_good = copy_voices(builder, a, voice_i, voice_i + 1, &how);
    }
    return is_good;
}

static bool stretch(struct model_builder *builder, const struct notation *a,
                    const struct notation *b) {
    struct voice_copy how = voice_copy_all();
    struct rational inverse = {a->duration.den, a->duration.num};
    if (a->duration.num > 0 && b->duration.num > 0 &&
        !rational_multiply(b->duration, inverse, &how.ratio)) {
        return false;
    }
    return copy_voices(builder, a, 0, a->n_voices, &how);
}

/* -- all ------------------------------------------------------------------------------ */

static bool build(enum score_op op, struct model_builder *builder, const struct notation *a,
                  const struct notation *b) {
    struct voice_copy how = voice_copy_all();
    size_t n_kept = b->n_voices < a->n_voices ? b->n_voices : a->n_voices;
    switch (op) {
    case SCORE_SEQ:
        return sequence(builder, a, b);
    case SCORE_PAR:
        return copy_voices(builder, a, 0, a->n_voices, &how) &&
               copy_voices(builder, b, 0, b->n_voices, &how);
    case SCORE_RPAR:
        return right_aligned(builder, a, b);
    case SCORE_HEAD:
        how.has_to = true;
        how.to = b->duration;
        return copy_voices(builder, a, 0, a->n_voices, &how);
    case SCORE_TAIL:
        how.from = b->duration;
        return copy_voices(builder, a, 0, a->n_voices, &how);
    case SCORE_EVHEAD:
        how.end_event = count_events(b);
        return copy_voices(builder, a, 0, a->n_voices, &how);
    case SCORE_EVTAIL:
        how.first_event = count_events(b);
        return copy_voices(builder, a, 0, a->n_voices, &how);
    case SCORE_TOP:
        return copy_voices(builder, a, 0, n_kept, &how);
    case SCORE_BOTTOM:
        return copy_voices(builder, a, a->n_voices - n_kept, a->n_voices, &how);
    case SCORE_TRANSPOSE:
        return transpose(builder, a, b);
    case SCORE_DURATION:
        return stretch(builder, a, b);
    case SCORE_PITCH:
    case SCORE_RHYTHM:
        return combine(builder, a, b, op == SCORE_PITCH);
    case SCORE_OP_COUNT:
        break;
    }
    return false;
}

int score_op_apply(enum score_op op, const struct notation *first, const struct notation *second,
                   char **text) {
    struct model_builder *builder = model_builder_create(LIMIT_NOTATION_MEMORY_BYTES);
    if (builder == NULL) {
        return LG_ENOMEM;
    }
    struct notation *made =
        build(op, builder, first, second) ? model_builder_finish(builder) : NULL;
    if (made == NULL) {
        model_builder_destroy(builder);
        return LG_ETOOLARGE;
    }
    *text = notation_print(made);
    notation_destroy(made);
    return *text != NULL ? LG_OK : LG_ENOMEM;
}
