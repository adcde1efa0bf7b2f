/* Signs that belong to one chord: articulations, ornaments, fingering ... on every chord in the
 * range of their tag, or on the member they are written at (gmn.md 8, 9). */
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "renderer/notation/music/arrange.h"

struct found_sign {
    uint32_t chord, place;
    struct music_sign sign;
};

static bool is_sign(enum notation_tag_kind kind) {
    switch (kind) {
    case TAG_ACCENT:
    case TAG_STACCATO:
    case TAG_TENUTO:
    case TAG_MARCATO:
    case TAG_FERMATA:
    case TAG_PIZZICATO:
    case TAG_HARMONIC:
    case TAG_BOW:
    case TAG_ARPEGGIO:
    case TAG_TRILL:
    case TAG_MORDENT:
    case TAG_TURN:
    case TAG_TREMOLO:
    case TAG_FINGERING:
        return true;
    default:
        return false;
    }
}

static int side_of(const struct notation_tag *tag) {
    const char *position = notation_tag_text(tag, "position", "");
    return strcmp(position, "above") == 0 ? 1 : strcmp(position, "below") == 0 ? -1 : 0;
}

static const char *text_of(const struct notation_tag *tag) {
    switch (tag->kind) {
    case TAG_FINGERING:
        return notation_tag_text(tag, "text", "");
    case TAG_TRILL:
    case TAG_MORDENT:
    case TAG_TURN:
        return notation_tag_text(tag, "accidental", NULL);
    default:
        return NULL;
    }
}

static int add(struct arranger *arranger, struct list *found, uint32_t chord,
               const struct notation_tag *tag, uint32_t head) {
    struct found_sign *sign = list_add(arranger->scratch, found, sizeof(*sign));
    if (sign == NULL) {
        return LG_ETOOLARGE;
    }
    *sign = (struct found_sign){
        .chord = chord,
        .place = (uint32_t)found->n,
        .sign = {.kind = tag->kind,
                 .tag = tag,
                 .side = side_of(tag),
                 .text = text_of(tag),
                 .head = head},
    };
    return 0;
}

/* The part of an event that bears the sign: the first, for a fermata the last. */
static uint32_t bearer(const struct arranger *arranger, const struct arranged_voice *voice,
                       const struct notation_tag *tag, size_t event) {
    if (tag->kind == TAG_FERMATA) {
        return arrange_last_chord(arranger, voice, event, event + 1);
    }
    return arrange_first_chord(voice, event, event + 1);
}

static bool may_bear(const struct music_chord *chord, enum notation_tag_kind kind) {
    if (kind == TAG_FERMATA) {
        return chord->kind != MUSIC_SPACER;
    }
    return chord->kind == MUSIC_CHORD && !(kind == TAG_TREMOLO && chord->is_tremolo_pair);
}

static bool has_tag(const struct notation_note *note, uint32_t tag) {
    for (uint32_t i = 0; i < note->n_tags; i++) {
        if (note->tags[i] == tag) {
            return true;
        }
    }
    return false;
}

/* A tag of one member: true when it was found there. */
static bool add_to_member(struct arranger *arranger, const struct arranged_voice *voice,
                          struct list *found, uint32_t tag_i, int *code) {
    const struct notation_tag *tag = &voice->model->tags[tag_i];
    const struct notation_event *event = &voice->model->events[tag->first_event];
    bool is_member = false;
    for (uint32_t i = 0; i < event->n_notes && !is_member; i++) {
        is_member = has_tag(&event->notes[i], tag_i);
    }
    if (!is_member) {
        return false;
    }
    size_t n;
    const uint32_t *chords = arrange_event_chords(voice, tag->first_event, &n);
    for (size_t i = 0; i < n && *code == 0; i++) {
        const struct music_chord *chord = &arranger->music->chords[chords[i]];
        for (uint32_t h = 0; h < chord->n_heads && !chord->is_continuation && *code == 0; h++) {
            if (has_tag(chord->heads[h].note, tag_i)) {
                *code = add(arranger, found, chords[i], tag, h);
            }
        }
    }
    return true;
}

static int add_tag(struct arranger *arranger, const struct arranged_voice *voice,
                   struct list *found, uint32_t tag_i) {
    const struct notation_tag *tag = &voice->model->tags[tag_i];
    int code = 0;
    if (tag->first_event >= voice->model->n_events || tag->first_event >= tag->end_event ||
        add_to_member(arranger, voice, found, tag_i, &code)) {
        return code;
    }
    bool is_once = tag->kind == TAG_TRILL; /* the line goes on over the others */
    if (is_once && !notation_tag_bool(tag, "tr", true)) {
        return 0;
    }
    for (size_t event = tag->first_event; event < tag->end_event && code == 0; event++) {
        uint32_t chord = bearer(arranger, voice, tag, event);
        bool is_grace = voice->model->events[event].is_grace;
        bool is_inner_grace = is_grace && tag->end_event - tag->first_event > 1 &&
                              !voice->model->events[tag->end_event - 1].is_grace;
        if (chord == NOTATION_NONE || is_inner_grace ||
            !may_bear(&arranger->music->chords[chord], tag->kind)) {
            continue;
        }
        code = add(arranger, found, chord, tag, NOTATION_NONE);
        if (is_once) {
            break;
        }
    }
    return code;
}

static int compare_signs(const void *a, const void *b) {
    const struct found_sign *left = a, *right = b;
    if (left->chord != right->chord) {
        return left->chord < right->chord ? -1 : 1;
    }
    return (left->place > right->place) - (left->place < right->place);
}

static int give_signs(struct arranger *arranger, struct list *found) {
    struct found_sign *all = found->items;
    struct music_sign *signs = arena_array(arranger->arena, found->n, sizeof(*signs));
    if (signs == NULL) {
        return LG_ETOOLARGE;
    }
    qsort(all, found->n, sizeof(*all), compare_signs);
    for (size_t i = 0; i < found->n; i++) {
        struct music_chord *chord = &arranger->music->chords[all[i].chord];
        signs[i] = all[i].sign;
        if (chord->n_signs == 0) {
            chord->signs = &signs[i];
        }
        chord->n_signs++;
    }
    return 0;
}

int arrange_signs(struct arranger *arranger) {
    struct list found = {0};
    for (size_t v = 0; v < arranger->music->n_voices; v++) {
        const struct arranged_voice *voice = &arranger->voices[v];
        for (uint32_t t = 0; t < voice->model->n_tags; t++) {
            int code =
                is_sign(voice->model->tags[t].kind) ? add_tag(arranger, voice, &found, t) : 0;
            if (code != 0) {
                return code;
            }
        }
    }
    return found.n > 0 ? give_signs(arranger, &found) : 0;
}
