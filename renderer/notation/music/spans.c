/* Slurs, hairpins, octave lines, voltas, glissandi, trill lines, accel. and rit. (gmn.md 8, 9,
 * 10.11). Tuplets are in tuplets.c, ties in ties.c. */
#include "renderer/notation/music/spans.h"

#include <string.h>

#include "common/err.h"
#include "renderer/notation/music/dates.h"
#include "renderer/notation/music/look.h"
#include "renderer/notation/music/notes/tremolo.h"

struct music_span *spans_add(struct arranger *arranger, enum music_span_kind kind,
                             const struct arranged_voice *voice, const struct notation_tag *tag) {
    struct music_span *span = list_add(arranger->scratch, &arranger->spans, sizeof(*span));
    if (span == NULL) {
        return NULL;
    }
    span->kind = kind;
    span->tag = tag;
    span->voice = voice->index;
    span->first_chord = span->last_chord = NOTATION_NONE;
    span->look = look_of_tag(tag, look_default());
    span->begin = span->end = (struct rational){0, 1};
    if (tag != NULL) {
        span->first_chord = arrange_first_chord(voice, tag->first_event, tag->end_event);
        span->last_chord = arrange_last_chord(arranger, voice, tag->first_event, tag->end_event);
        span->begin = arrange_tag_date(voice, tag);
        span->end = arrange_tag_end(voice, tag);
        span->staff = span->first_chord != NOTATION_NONE
                          ? arranger->music->chords[span->first_chord].staff
                          : arrange_tag_staff(voice, tag);
    }
    return span;
}

static int side_of(const char *text) {
    if (strcmp(text, "up") == 0 || strcmp(text, "above") == 0) {
        return 1;
    }
    return strcmp(text, "down") == 0 || strcmp(text, "below") == 0 ? -1 : 0;
}

/* A line between each note of the range and the next one. */
static int add_glissandi(struct arranger *arranger, const struct arranged_voice *voice,
                         const struct notation_tag *tag) {
    const struct music *music = arranger->music;
    uint32_t last = arrange_last_chord(arranger, voice, tag->first_event, tag->end_event);
    uint32_t from = arrange_first_chord(voice, tag->first_event, tag->end_event);
    for (uint32_t i = from; i != NOTATION_NONE && i != last;) {
        i = music->chords[i].next_in_voice;
        if (i == NOTATION_NONE || music->chords[i].kind != MUSIC_CHORD ||
            (music->chords[i].is_grace && !music->chords[from].is_grace)) {
            continue;
        }
        if (music->chords[i].is_continuation) { /* starts at the last part of a split note */
            from = i;
            continue;
        }
        if (music->chords[from].kind == MUSIC_CHORD) {
            struct music_span *span = spans_add(arranger, MUSIC_GLISSANDO, voice, tag);
            if (span == NULL) {
                return LG_ETOOLARGE;
            }
            span->first_chord = from;
            span->last_chord = i;
            span->staff = music->chords[from].staff;
            span->begin = music->chords[from].date;
            span->end = music->chords[i].date;
        }
        from = i;
    }
    return 0;
}

static int add_volta(struct arranger *arranger, const struct arranged_voice *voice,
                     const struct notation_tag *tag) {
    struct music_span *span = spans_add(arranger, MUSIC_VOLTA, voice, tag);
    if (span == NULL) {
        return LG_ETOOLARGE;
    }
    const char *format = notation_tag_text(tag, "format", "|-|");
    size_t len = strlen(format);
    span->side = 1;
    span->text = notation_tag_text(tag, "mark", "");
    span->has_left_hook = len > 0 && format[0] == '|';
    span->has_right_hook = len > 1 && format[len - 1] == '|';
    if (tag->kind == TAG_REPEAT_END) {
        const char *text = tag->n_params > 0 && tag->params[0].kind == NOTATION_PARAM_INTEGER &&
                                   tag->params[0].number == 2
                               ? "2."
                               : "1.";
        span->text = text;
        span->has_left_hook = span->has_right_hook = true;
    }
    return 0;
}

static bool is_long_trill(const struct arranger *arranger, const struct music_span *span) {
    const struct music_chord *chords = arranger->music->chords;
    struct rational length = date_subtract(span->end, span->begin);
    return chords[span->first_chord].kind == MUSIC_CHORD &&
           (span->first_chord != span->last_chord || !date_less(length, (struct rational){1, 2}));
}

static enum music_span_kind kind_of(enum notation_tag_kind kind) {
    switch (kind) {
    case TAG_CRESCENDO:
        return MUSIC_CRESCENDO;
    case TAG_DIMINUENDO:
        return MUSIC_DIMINUENDO;
    case TAG_ACCELERANDO:
        return MUSIC_ACCELERANDO;
    case TAG_RITARDANDO:
        return MUSIC_RITARDANDO;
    case TAG_TRILL:
        return MUSIC_TRILL_LINE;
    default:
        return MUSIC_SLUR;
    }
}

static int add_plain(struct arranger *arranger, const struct arranged_voice *voice,
                     const struct notation_tag *tag) {
    struct music_span *span = spans_add(arranger, kind_of(tag->kind), voice, tag);
    if (span == NULL) {
        return LG_ETOOLARGE;
    }
    bool is_trill = span->kind == MUSIC_TRILL_LINE;
    if (span->first_chord == NOTATION_NONE ||
        (span->kind == MUSIC_SLUR && span->first_chord == span->last_chord) ||
        (is_trill && (!notation_tag_bool(tag, "wavy", true) || !is_long_trill(arranger, span)))) {
        arranger->spans.n--;
        return 0;
    }
    span->side = side_of(notation_tag_text(tag, is_trill ? "position" : "curve", ""));
    if (is_trill && span->side == 0) {
        span->side = 1;
    }
    span->text = tag->kind == TAG_ACCELERANDO  ? "accel."
                 : tag->kind == TAG_RITARDANDO ? "rit."
                                               : NULL;
    return 0;
}

/* Slurs of one note into the same: two ends at least; a range over one event draws nothing. */
static int add_tag(struct arranger *arranger, const struct arranged_voice *voice,
                   const struct notation_tag *tag) {
    switch (tag->kind) {
    case TAG_SLUR:
    case TAG_CRESCENDO:
    case TAG_DIMINUENDO:
    case TAG_ACCELERANDO:
    case TAG_RITARDANDO:
    case TAG_TRILL:
        return add_plain(arranger, voice, tag);
    case TAG_GLISSANDO:
        return add_glissandi(arranger, voice, tag);
    case TAG_VOLTA:
    case TAG_REPEAT_END:
        return add_volta(arranger, voice, tag);
    default:
        return 0;
    }
}

/* One line a run of events under the same \octava. */
static int add_octavas(struct arranger *arranger, const struct arranged_voice *voice) {
    static const enum notation_tag_kind kinds[] = {TAG_OCTAVA};
    const struct notation_tag **states;
    size_t n_events = voice->model->n_events;
    int code = arrange_states(arranger, voice, kinds, 1, &states);
    if (code != 0 || states == NULL) {
        return code;
    }
    for (size_t first = 0, end; first < n_events; first = end) {
        end = first + 1;
        while (end < n_events && states[end] == states[first]) {
            end++;
        }
        const struct notation_tag *tag = states[first];
        double number = tag != NULL ? notation_tag_number(tag, "i", 0) : 0;
        if (number == 0 || number < -4 || number > 4 || notation_tag_bool(tag, "hidden", false)) {
            continue;
        }
        struct music_span *span = spans_add(arranger, MUSIC_OCTAVA, voice, tag);
        if (span == NULL) {
            return LG_ETOOLARGE;
        }
        const struct notation_event *last = &voice->model->events[end - 1];
        span->first_chord = arrange_first_chord(voice, first, end);
        span->last_chord = arrange_last_chord(arranger, voice, first, end);
        span->staff = voice->event_staff[first];
        span->begin = voice->model->events[first].date;
        span->end = date_add(last->date, last->duration);
        span->number = (int)number;
        span->side = number > 0 ? 1 : -1;
    }
    return 0;
}

static int add_tremolo_pairs(struct arranger *arranger, const struct arranged_voice *voice) {
    static const enum notation_tag_kind kinds[] = {TAG_TREMOLO};
    const struct notation_tag **states;
    const struct music_chord *chords = arranger->music->chords;
    int code = arrange_states(arranger, voice, kinds, 1, &states);
    if (code != 0 || states == NULL) {
        return code;
    }
    for (uint32_t i = arranger->music->voices[voice->index].first_chord; i != NOTATION_NONE;
         i = chords[i].next_in_voice) {
        if (!chords[i].is_tremolo_pair || chords[i].is_continuation) {
            continue;
        }
        struct music_span *span =
            spans_add(arranger, MUSIC_TREMOLO_PAIR, voice, states[chords[i].event]);
        if (span == NULL) {
            return LG_ETOOLARGE;
        }
        span->first_chord = i;
        span->last_chord = chords[i].next_in_voice;
        span->staff = chords[i].staff;
        span->begin = chords[i].date;
        span->end = date_add(chords[span->last_chord].date, chords[span->last_chord].duration);
        span->number = (int)strspn(notation_tag_text(span->tag, "style", "///"), "/");
    }
    return 0;
}

int arrange_spans(struct arranger *arranger) {
    struct music *music = arranger->music;
    for (size_t v = 0; v < music->n_voices; v++) {
        const struct arranged_voice *voice = &arranger->voices[v];
        int code = 0;
        for (size_t t = 0; t < voice->model->n_tags && code == 0; t++) {
            if (voice->model->tags[t].has_range) {
                code = add_tag(arranger, voice, &voice->model->tags[t]);
            }
        }
        code = code != 0 ? code : add_octavas(arranger, voice);
        code = code != 0 ? code : add_tremolo_pairs(arranger, voice);
        if (code != 0) {
            return code;
        }
    }
    music->spans = list_keep(arranger->arena, &arranger->spans, sizeof(*music->spans));
    music->n_spans = arranger->spans.n;
    return music->n_spans > 0 && music->spans == NULL ? LG_ETOOLARGE : 0;
}
