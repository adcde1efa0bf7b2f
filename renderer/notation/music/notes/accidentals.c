/* Which accidentals are drawn (gmn.md 10.9). Memory is per staff, step and octave and ends at a
 * bar or a new key; a sign in another octave brings one courtesy sign; a tied note does not repeat
 * its sign, and the next note of its step in that measure says what it is. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "renderer/notation/music/arrange.h"
#include "renderer/notation/music/dates.h"
#include "renderer/notation/music/look.h"
#include "renderer/notation/music/signature_text.h"

#define OCTAVES 24 /* -8 ... 15; what lies outside shares the outer ones */

struct accidental_memory { /* of a staff in a measure */
    uint32_t stamp;        /* entries of other stamps are forgotten */
    uint32_t n_heads;      /* counts on: when something was seen */
    struct {
        uint32_t stamp, seen;
        int8_t quarters;
        bool is_unsaid;
    } notes[7][OCTAVES];
    struct {
        uint32_t stamp, seen;
        int8_t quarters;
    } steps[7];   /* last sign of any octave */
    bool has_key; /* what was in force at the last chord; in what is kept for later music */
    struct rational key_date;
};

struct accidental_walk {
    struct arranger *arranger;
    const struct notation_tag ***signs, ***alters; /* states of each voice */
    bool *is_tied;                                 /* heads that a tie comes to */
    uint32_t *first_head;                          /* of each chord in is_tied */
    struct accidental_memory memory;
    const struct key_at *key;
};

static int octave_place(const struct notation_note *note) {
    int place = note->octave + 8;
    return place < 0 ? 0 : place >= OCTAVES ? OCTAVES - 1 : place;
}

static int quarters_of(const struct notation_note *note) {
    double value = 2 * (note->alter + note->detune);
    return value > 4 ? 4 : value < -4 ? -4 : (int)lround(value);
}

static const struct notation_tag *tag_of(const struct accidental_walk *walk,
                                         const struct music_chord *chord,
                                         const struct notation_note *note,
                                         enum notation_tag_kind kind,
                                         const struct notation_tag *otherwise) {
    const struct notation_voice *model = walk->arranger->voices[chord->voice].model;
    for (uint32_t i = 0; i < note->n_tags; i++) {
        if (model->tags[note->tags[i]].kind == kind) {
            return &model->tags[note->tags[i]];
        }
    }
    return otherwise;
}

/* Does the note need its sign? Memory is brought up to date. */
static bool needs_sign(struct accidental_memory *memory, const struct notation_note *note,
                       int quarters, int key, bool is_tied) {
    int octave = octave_place(note), step = note->step;
    uint32_t stamp = memory->stamp;
    bool is_known = memory->notes[step][octave].stamp == stamp;
    bool is_unsaid = is_known && memory->notes[step][octave].is_unsaid; /* only tied over */
    int expected = is_known ? memory->notes[step][octave].quarters : key;
    bool differs = is_unsaid ? quarters != key || expected != key : quarters != expected;
    bool is_courtesy = memory->steps[step].stamp == stamp &&
                       memory->steps[step].quarters != quarters &&
                       (!is_known || memory->steps[step].seen > memory->notes[step][octave].seen);
    bool is_carried = is_tied && (!is_known || is_unsaid); /* from the measure before */
    memory->n_heads++;
    if (differs && !is_carried) {
        memory->steps[step].stamp = stamp;
        memory->steps[step].seen = memory->n_heads;
        memory->steps[step].quarters = (int8_t)quarters;
    }
    memory->notes[step][octave].is_unsaid = is_carried;
    memory->notes[step][octave].stamp = stamp;
    memory->notes[step][octave].seen = memory->n_heads;
    memory->notes[step][octave].quarters = (int8_t)quarters;
    return (differs || is_courtesy) && !is_carried;
}

static void set_sign(struct accidental_walk *walk, const struct music_chord *chord,
                     struct music_head *head, bool is_needed, int quarters) {
    const struct notation_note *note = head->note;
    const struct notation_tag *tag = tag_of(walk, chord, note, TAG_ACCIDENTAL,
                                            arrange_state(walk->signs[chord->voice], chord->event));
    const struct notation_tag *alter = tag_of(
        walk, chord, note, TAG_ALTER, arrange_state(walk->alters[chord->voice], chord->event));
    const char *text = alter != NULL ? notation_tag_text(alter, "text", "") : "";
    const char *style = tag != NULL ? notation_tag_text(tag, "style", "") : "";
    if (walk->arranger->notation->has_own_accidentals) {
        is_needed = false;
    }
    if (tag != NULL) {
        is_needed = strcmp(style, "none") != 0;
        head->is_accidental_bracketed = strcmp(style, "cautionary") == 0;
        head->accidental_look = look_of_tag(tag, head->accidental_look);
    }
    if (!is_needed) {
        return;
    }
    head->accidental = accidental_of_quarters(quarters);
    if (*text != '\0') {
        head->accidental = MUSIC_ACCIDENTAL_TEXT;
        head->accidental_text = text;
    }
}

static void walk_chord(struct accidental_walk *walk, uint32_t chord_i) {
    struct music *music = walk->arranger->music;
    struct music_chord *chord = &music->chords[chord_i];
    const struct key_at *key = arrange_key(walk->arranger, chord->staff, chord->date);
    if (key != walk->key) { /* a new key forgets */
        walk->memory.stamp++;
        walk->key = key;
    }
    for (uint32_t i = 0; i < chord->n_heads; i++) {
        struct music_head *head = &chord->heads[i];
        if (head->tab_text != NULL) {
            continue;
        }
        int quarters = quarters_of(head->note);
        bool is_tied =
            walk->is_tied[walk->first_head[chord_i] + i] && !music->repeats_tied_accidentals;
        bool is_needed = needs_sign(&walk->memory, head->note, quarters,
                                    key != NULL ? key->quarters[head->note->step] : 0, is_tied);
        if (is_tied && chord->is_continuation) { /* a written sign stands at the first part */
            continue;
        }
        set_sign(walk, chord, head, is_needed, quarters);
    }
}

static int prepare(struct accidental_walk *walk) {
    static const enum notation_tag_kind signs[] = {TAG_ACCIDENTAL}, alters[] = {TAG_ALTER};
    struct arranger *arranger = walk->arranger;
    const struct music *music = arranger->music;
    uint32_t n_heads = 0;
    walk->signs = arena_array(arranger->scratch, music->n_voices, sizeof(*walk->signs));
    walk->alters = arena_array(arranger->scratch, music->n_voices, sizeof(*walk->alters));
    walk->first_head = arena_array(arranger->scratch, music->n_chords, sizeof(uint32_t));
    if (walk->signs == NULL || walk->alters == NULL || walk->first_head == NULL) {
        return LG_ETOOLARGE;
    }
    for (size_t v = 0; v < music->n_voices; v++) {
        const struct arranged_voice *voice = &arranger->voices[v];
        int code = arrange_states(arranger, voice, signs, 1, &walk->signs[v]);
        code = code != 0 ? code : arrange_states(arranger, voice, alters, 1, &walk->alters[v]);
        if (code != 0) {
            return code;
        }
    }
    for (size_t i = 0; i < music->n_chords; i++) {
        walk->first_head[i] = n_heads;
        n_heads += music->chords[i].n_heads;
    }
    walk->is_tied = arena_array(arranger->scratch, n_heads, sizeof(bool));
    if (walk->is_tied == NULL) {
        return LG_ETOOLARGE;
    }
    for (size_t i = 0; i < music->n_chords; i++) {
        for (uint32_t h = 0; h < music->chords[i].n_heads; h++) {
            const struct music_head *head = &music->chords[i].heads[h];
            if (head->tie_to_chord != NOTATION_NONE) {
                walk->is_tied[walk->first_head[head->tie_to_chord] + head->tie_to_head] = true;
            }
        }
    }
    return 0;
}

/* Bars of each staff one after the other, by date. */
static int list_bars(struct arranger *arranger, struct rational **dates, uint32_t **first) {
    const struct music *music = arranger->music;
    *dates = arena_array(arranger->scratch, music->n_bars + 1, sizeof(**dates));
    *first = arena_array(arranger->scratch, music->n_staves + 2, sizeof(**first));
    if (*dates == NULL || *first == NULL) {
        return LG_ETOOLARGE;
    }
    for (size_t b = 0; b < music->n_bars; b++) {
        (*first)[music->bars[b].staff + 2]++;
    }
    for (size_t s = 2; s <= music->n_staves + 1; s++) {
        (*first)[s] += (*first)[s - 1];
    }
    for (size_t b = 0; b < music->n_bars; b++) {
        (*dates)[(*first)[music->bars[b].staff + 1]++] = music->bars[b].date;
    }
    return 0;
}

/* Where a staff begins: nothing is known, or what music before has left. */
static void begin_staff(struct accidental_walk *walk, uint32_t staff) {
    const struct music_before *before = walk->arranger->music->before;
    walk->memory.stamp++;
    walk->key = NULL;
    if (before == NULL || staff >= before->n_staves) {
        return;
    }
    const struct list *keys = &walk->arranger->staves[staff].keys;
    walk->memory = *before->accidentals[staff];
    for (size_t i = 0; walk->memory.has_key && i < keys->n; i++) {
        const struct key_at *at = (const struct key_at *)keys->items + i;
        walk->key = date_equal(at->date, walk->memory.key_date) ? at : walk->key;
    }
}

/* A staff up to `limit` (NULL: all of it). */
static void walk_staff(struct accidental_walk *walk, uint32_t staff_i, const struct rational *bars,
                       size_t n_bars, const struct rational *limit) {
    const struct music *music = walk->arranger->music;
    const struct arranged_staff *staff = &walk->arranger->staves[staff_i];
    size_t bar = 0;
    begin_staff(walk, staff_i);
    for (uint32_t i = 0; i < staff->n_chords; i++) {
        struct rational date = music->chords[staff->chords[i]].date;
        if (limit != NULL && !date_less(date, *limit)) {
            return;
        }
        while (bar < n_bars && !date_less(date, bars[bar])) {
            walk->memory.stamp++;
            bar++;
        }
        walk_chord(walk, staff->chords[i]);
    }
}

int arrange_accidentals(struct arranger *arranger) {
    const struct music *music = arranger->music;
    struct accidental_walk *walk = arena_alloc(arranger->scratch, sizeof(*walk));
    struct rational *dates;
    uint32_t *first;
    if (walk == NULL) {
        return LG_ETOOLARGE;
    }
    walk->arranger = arranger;
    int code = prepare(walk);
    code = code != 0 ? code : list_bars(arranger, &dates, &first);
    for (uint32_t s = 0; s < music->n_staves && code == 0; s++) {
        walk_staff(walk, s, dates + first[s], first[s + 1] - first[s], NULL);
    }
    return code;
}

int accidentals_remember(struct arranger *arranger, struct rational date, struct arena *arena,
                         struct accidental_memory ***out) {
    const struct music *music = arranger->music;
    struct accidental_walk *walk = arena_alloc(arranger->scratch, sizeof(*walk));
    struct rational *dates;
    uint32_t *first;
    *out = arena_array(arena, music->n_staves, sizeof(**out));
    if (walk == NULL || *out == NULL) {
        return LG_ETOOLARGE;
    }
    walk->arranger = arranger;
    int code = prepare(walk);
    code = code != 0 ? code : list_bars(arranger, &dates, &first);
    for (uint32_t s = 0; s < music->n_staves && code == 0; s++) {
        walk_staff(walk, s, dates + first[s], first[s + 1] - first[s], &date);
        (*out)[s] = arena_alloc(arena, sizeof(*(*out)[s]));
        if ((*out)[s] == NULL) {
            return LG_ETOOLARGE;
        }
        walk->memory.has_key = walk->key != NULL;
        walk->memory.key_date = walk->key != NULL ? walk->key->date : (struct rational){0, 1};
        *(*out)[s] = walk->memory;
    }
    return code;
}
