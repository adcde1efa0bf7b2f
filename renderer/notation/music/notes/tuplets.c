/* Tuplets: automatic ones from odd denominators, written ones (gmn.md 9, 10.6, 16.41). */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "renderer/notation/music/arrange.h"
#include "renderer/notation/music/dates.h"
#include "renderer/notation/music/spans.h"
#include "renderer/notation/music/notes/values.h"

struct tuplet_walk {
    struct arranger *arranger;
    const struct arranged_voice *voice;
    const struct notation_tag **written, **displayed;
    int64_t figure; /* of the open group; 0 none */
    struct rational sum;
    uint32_t first, last, n; /* its chords */
    size_t bar;
};

/* One beam over exactly these chords. */
static bool is_beamed(const struct music *music, uint32_t first, uint32_t last, uint32_t n) {
    uint32_t beam = music->chords[first].beam;
    return beam != NOTATION_NONE && music->chords[last].beam == beam &&
           music->beams[beam].n_members == n && music->beams[beam].members[0].chord == first;
}

static int close_group(struct tuplet_walk *walk) {
    struct music *music = walk->arranger->music;
    int64_t figure = walk->figure;
    walk->figure = 0;
    if (figure == 0) {
        return 0;
    }
    struct music_span *span = spans_add(walk->arranger, MUSIC_TUPLET, walk->voice, NULL);
    if (span == NULL) {
        return LG_ETOOLARGE;
    }
    const struct music_chord *first = &music->chords[walk->first];
    const struct music_chord *last = &music->chords[walk->last];
    span->first_chord = walk->first;
    span->last_chord = walk->last;
    span->staff = first->staff;
    span->begin = first->date;
    span->end = date_add(last->date, last->duration);
    span->number = figure <= 999 ? (int)figure : 999;
    span->has_number = true;
    span->has_bracket = !is_beamed(music, walk->first, walk->last, walk->n);
    span->has_left_hook = span->has_right_hook = span->has_bracket;
    uint32_t index = (uint32_t)walk->arranger->spans.n - 1;
    for (uint32_t i = walk->first;; i = music->chords[i].next_in_voice) {
        if (!music->chords[i].is_grace) {
            music->chords[i].tuplet = index;
        }
        if (i == walk->last) {
            return 0;
        }
    }
}

static int walk_chord(struct tuplet_walk *walk, uint32_t chord_i) {
    const struct music_chord *chord = &walk->arranger->music->chords[chord_i];
    int64_t figure = value_figure(chord->duration);
    size_t bar = arrange_bar_before(walk->voice, chord->date);
    if (arrange_state(walk->written, chord->event) != NULL ||
        arrange_state(walk->displayed, chord->event) != NULL || chord->is_measure_rest) {
        figure = 1;
    }
    if (walk->figure != 0 && (figure != walk->figure || bar != walk->bar)) {
        int code = close_group(walk);
        if (code != 0) {
            return code;
        }
    }
    if (figure == 1) {
        return 0;
    }
    if (walk->figure == 0) {
        walk->figure = figure;
        walk->sum = (struct rational){0, 1};
        walk->first = chord_i;
        walk->n = 0;
        walk->bar = bar;
    }
    walk->last = chord_i;
    walk->n++;
    walk->sum = date_add(walk->sum, chord->duration);
    return value_figure(walk->sum) == 1 ? close_group(walk) : 0;
}

/* "3", "3:2", "-3-", "--": a dash is that half of the bracket. */
static void read_format(struct music_span *span, const char *format) {
    size_t len = strlen(format);
    span->has_left_hook = format[0] == '-';
    span->has_right_hook = len > 1 && format[len - 1] == '-';
    span->has_bracket = span->has_left_hook || span->has_right_hook;
    while (*format == '-' || isspace((unsigned char)*format)) {
        format++;
    }
    long number = strtol(format, NULL, 10);
    const char *colon = strchr(format, ':');
    long against = colon != NULL ? strtol(colon + 1, NULL, 10) : 0;
    span->number = number > 0 && number <= 999 ? (int)number : 0;
    span->against = against > 0 && against <= 999 ? (int)against : 0;
    span->has_number = span->number > 0;
}

static int add_written(struct arranger *arranger, const struct arranged_voice *voice,
                       const struct notation_tag *tag) {
    struct music *music = arranger->music;
    struct music_span *span = spans_add(arranger, MUSIC_TUPLET, voice, tag);
    if (span == NULL) {
        return LG_ETOOLARGE;
    }
    if (span->first_chord == NOTATION_NONE) {
        arranger->spans.n--;
        return 0;
    }
    read_format(span, notation_tag_text(tag, "format", ""));
    const char *position = notation_tag_text(tag, "position", "");
    span->side = strcmp(position, "above") == 0 ? 1 : strcmp(position, "below") == 0 ? -1 : 0;
    for (size_t event = tag->first_event; event < tag->end_event; event++) {
        size_t n;
        const uint32_t *chords = arrange_event_chords(voice, event, &n);
        for (size_t i = 0; i < n; i++) {
            music->chords[chords[i]].tuplet = (uint32_t)arranger->spans.n - 1;
        }
    }
    return 0;
}

static int walk_voice(struct tuplet_walk *walk) {
    const struct music *music = walk->arranger->music;
    int code = 0;
    for (uint32_t i = music->voices[walk->voice->index].first_chord;
         i != NOTATION_NONE && code == 0; i = music->chords[i].next_in_voice) {
        if (music->chords[i].duration.num > 0) {
            code = walk_chord(walk, i);
        }
    }
    return code != 0 ? code : close_group(walk);
}

int arrange_tuplets(struct arranger *arranger) {
    static const enum notation_tag_kind written[] = {TAG_TUPLET};
    static const enum notation_tag_kind displayed[] = {TAG_DISPLAY_DURATION};
    for (size_t v = 0; v < arranger->music->n_voices; v++) {
        struct tuplet_walk walk = {.arranger = arranger, .voice = &arranger->voices[v]};
        const struct notation_voice *model = walk.voice->model;
        int code = arrange_states(arranger, walk.voice, written, 1, &walk.written);
        code =
            code != 0 ? code : arrange_states(arranger, walk.voice, displayed, 1, &walk.displayed);
        code = code != 0 ? code : walk_voice(&walk);
        for (size_t t = 0; t < model->n_tags && walk.written != NULL && code == 0; t++) {
            if (model->tags[t].kind == TAG_TUPLET && model->tags[t].has_range) {
                code = add_written(arranger, walk.voice, &model->tags[t]);
            }
        }
        if (code != 0) {
            return code;
        }
    }
    return 0;
}
