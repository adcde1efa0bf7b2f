/* Events to drawn chords and rests: members of equal length together, cut at the voice's bars and
 * into displayable values (gmn.md 5, 10.4 to 10.6). Heads are made in heads.c. */
#include <math.h>
#include <stdlib.h>

#include "common/err.h"
#include "renderer/notation/music/arrange.h"
#include "renderer/notation/music/dates.h"
#include "renderer/notation/music/notes/heads.h"
#include "renderer/notation/music/look.h"
#include "renderer/notation/music/notes/tremolo.h"
#include "renderer/notation/music/notes/values.h"

struct part {
    struct music_chord chord;
    const struct notation_note **notes; /* its members, lowest first */
    uint32_t n_notes;
};

struct split {
    struct arranger *arranger;
    struct arranged_voice *voice;
    struct list *parts;
    const struct notation_tag **displayed, **rests, **tuplets, **tremolos;
    size_t next_bar; /* first bar of the voice after the event's date */
    const struct notation_event *event;
    uint32_t event_i;
};

/* Members of one event that share stem and length. */
struct group {
    enum music_chord_kind kind;
    struct rational duration;
    const struct notation_note **notes;
    uint32_t n_notes;
    bool is_side;
};

static struct part *add_part(struct split *split, const struct group *group, struct rational date,
                             struct rational duration) {
    if (split->parts->n >= ARRANGE_PARTS_MAX) {
        return NULL;
    }
    struct part *part = list_add(split->arranger->scratch, split->parts, sizeof(*part));
    if (part == NULL) {
        return NULL;
    }
    part->notes = group->notes;
    part->n_notes = group->n_notes;
    part->chord = (struct music_chord){
        .kind = group->kind,
        .voice = split->voice->index,
        .staff = split->voice->event_staff[split->event_i],
        .event = split->event_i,
        .date = date,
        .duration = duration,
        .value = MUSIC_VALUE_QUARTER,
        .is_continuation = date_less(split->event->date, date),
        .is_grace = split->event->is_grace,
        .is_cue = split->event->is_cue,
        .is_side = group->is_side,
        .stem_length = (double)NAN,
        .beam = NOTATION_NONE,
        .tuplet = NOTATION_NONE,
        .look = look_default(),
        .next_in_voice = NOTATION_NONE,
    };
    return part;
}

/* \displayDuration<n, d, ndots>, \tuplet<dispNote>: what is drawn instead. */
static bool forced_value(const struct split *split, int *value, int *n_dots) {
    const struct notation_tag *tag = arrange_state(split->displayed, split->event_i);
    if (tag != NULL) {
        double n = notation_tag_number(tag, "n", 1), d = notation_tag_number(tag, "d", 4);
        double dots = notation_tag_number(tag, "ndots", 0);
        if (n >= 1 && n <= 1024 && d >= 1 && d <= 1024) {
            struct value_part part =
                value_nearest(rational_reduce((struct rational){(int64_t)n, (int64_t)d}));
            *value = part.value;
            *n_dots = part.n_dots + (dots >= 0 ? dots <= 3 ? (int)dots : 3 : 0);
            *n_dots = *n_dots <= VALUE_DOTS_MAX ? *n_dots : VALUE_DOTS_MAX;
            return true;
        }
    }
    tag = arrange_state(split->tuplets, split->event_i);
    const char *note = tag != NULL ? notation_tag_text(tag, "dispNote", "") : "";
    return *note != '\0' && value_parse(note, value, n_dots);
}

static bool is_measure_rest(const struct split *split, struct rational date,
                            struct rational duration) {
    const struct meter_at *meter = arrange_meter(split->voice, date);
    if (meter == NULL || !date_equal(meter->meter.length, duration)) {
        return false;
    }
    const struct arranged_bar *bars = split->voice->bars.items;
    size_t bar = arrange_bar_before(split->voice, date);
    return bar == SIZE_MAX ? date.num == 0 || date_equal(meter->date, date)
                           : date_equal(bars[bar].date, date);
}

/* A stretch between bars, in displayable values. */
static int split_values(struct split *split, const struct group *group, struct rational date,
                        struct rational end) {
    struct rational left = date_subtract(end, date);
    if (group->kind == MUSIC_REST && !group->is_side && is_measure_rest(split, date, left)) {
        struct part *part = add_part(split, group, date, left);
        if (part == NULL) {
            return LG_ETOOLARGE;
        }
        part->chord.value =
            date_less(left, (struct rational){2, 1}) ? MUSIC_VALUE_WHOLE : MUSIC_VALUE_BREVE;
        part->chord.is_measure_rest = true;
        return 0;
    }
    int value = MUSIC_VALUE_QUARTER, n_dots = 0;
    /* Nothing is drawn for a spacer: bars alone cut it. */
    if (group->kind == MUSIC_SPACER || forced_value(split, &value, &n_dots)) {
        struct part *part = add_part(split, group, date, left);
        if (part == NULL) {
            return LG_ETOOLARGE;
        }
        part->chord.value = value;
        part->chord.n_dots = n_dots;
        return 0;
    }
    while (left.num > 0) {
        struct value_part piece = value_first_part(left);
        struct part *part = add_part(split, group, date, piece.duration);
        if (part == NULL) {
            return LG_ETOOLARGE;
        }
        part->chord.value = piece.value;
        part->chord.n_dots = piece.n_dots;
        date = date_add(date, piece.duration);
        left = date_subtract(end, date);
    }
    return 0;
}

static int split_bars(struct split *split, const struct group *group) {
    const struct arranged_bar *bars = split->voice->bars.items;
    struct rational date = split->event->date;
    struct rational end = date_add(date, group->duration);
    for (size_t bar = split->next_bar; bar < split->voice->bars.n; bar++) {
        if (!date_less(bars[bar].date, end)) {
            break;
        }
        int code = split_values(split, group, date, bars[bar].date);
        if (code != 0) {
            return code;
        }
        date = bars[bar].date;
    }
    return split_values(split, group, date, end);
}

/* Without time: grace notes, notes of *0. */
static int add_timeless(struct split *split, const struct group *group) {
    struct part *part = add_part(split, group, split->event->date, (struct rational){0, 1});
    if (part == NULL) {
        return LG_ETOOLARGE;
    }
    if (!forced_value(split, &part->chord.value, &part->chord.n_dots)) {
        struct value_part value = value_nearest(split->event->written);
        part->chord.value = value.value;
        part->chord.n_dots = value.n_dots;
    }
    return 0;
}

/* \mrest<n>: one rest, whatever bars would be inside. */
static int add_long_rest(struct split *split, const struct group *group,
                         const struct notation_tag *tag) {
    struct part *part = add_part(split, group, split->event->date, group->duration);
    if (part == NULL) {
        return LG_ETOOLARGE;
    }
    double count = notation_tag_number(tag, "count", 1);
    part->chord.value = MUSIC_VALUE_WHOLE;
    part->chord.is_measure_rest = true;
    part->chord.n_measures = count >= 1 && count <= 9999 ? (int)count : 1;
    return 0;
}

/* Two notes that share the written duration. */
static int add_tremolo(struct split *split, const struct group *group,
                       const struct notation_tag *tag) {
    struct group second = *group;
    struct rational half = date_multiply(group->duration, (struct rational){1, 2});
    int code =
        tremolo_read_pitch(split->arranger, tag, group->notes[0], &second.notes, &second.n_notes);
    if (code != 0) {
        return code;
    }
    struct value_part value = value_nearest(group->duration);
    for (int i = 0; i < 2; i++) {
        struct rational date = i == 0 ? split->event->date : date_add(split->event->date, half);
        struct part *part = add_part(split, i == 0 ? group : &second, date, half);
        if (part == NULL) {
            return LG_ETOOLARGE;
        }
        part->chord.value = value.value;
        part->chord.n_dots = value.n_dots;
        part->chord.is_tremolo_pair = true;
    }
    return 0;
}

static int split_group(struct split *split, const struct group *group) {
    if (split->event->is_grace || group->duration.num <= 0) {
        return add_timeless(split, group);
    }
    const struct notation_tag *rest = arrange_state(split->rests, split->event_i);
    if (rest != NULL && group->kind == MUSIC_REST) {
        return add_long_rest(split, group, rest);
    }
    const struct notation_tag *tremolo = arrange_state(split->tremolos, split->event_i);
    if (tremolo != NULL && group->kind == MUSIC_CHORD && !group->is_side &&
        tremolo_has_pitch(tremolo)) {
        return add_tremolo(split, group, tremolo);
    }
    return split_bars(split, group);
}

/* Longest first, rests after notes, then from low to high. */
static int compare_notes(const void *a, const void *b) {
    const struct notation_note *left = *(const struct notation_note *const *)a;
    const struct notation_note *right = *(const struct notation_note *const *)b;
    int order = rational_compare(right->duration, left->duration);
    if (order == 0) {
        order = (int)left->is_rest - (int)right->is_rest;
    }
    return order != 0 ? order : heads_compare(left, right);
}

static int split_chord(struct split *split) {
    const struct notation_event *event = split->event;
    const struct notation_note **notes =
        arena_array(split->arranger->scratch, event->n_notes, sizeof(const void *));
    if (notes == NULL) {
        return LG_ETOOLARGE;
    }
    for (uint32_t i = 0; i < event->n_notes; i++) {
        notes[i] = &event->notes[i];
    }
    if (event->n_notes > 1) {
        qsort(notes, event->n_notes, sizeof(const void *), compare_notes);
    }
    for (uint32_t first = 0, end; first < event->n_notes; first = end) {
        end = first + 1;
        while (end < event->n_notes && notes[end]->is_rest == notes[first]->is_rest &&
               date_equal(notes[end]->duration, notes[first]->duration)) {
            end++;
        }
        struct group group = {
            .kind = notes[first]->is_rest ? MUSIC_REST : MUSIC_CHORD,
            .duration = first == 0 ? event->duration : notes[first]->duration,
            .notes = &notes[first],
            .n_notes = notes[first]->is_rest ? 0 : end - first,
            .is_side = first > 0,
        };
        int code = split_group(split, &group);
        if (code != 0) {
            return code;
        }
    }
    return 0;
}

static int split_event(struct split *split, uint32_t event_i) {
    const struct notation_event *event = &split->voice->model->events[event_i];
    const struct arranged_bar *bars = split->voice->bars.items;
    split->event = event;
    split->event_i = event_i;
    while (split->next_bar < split->voice->bars.n &&
           !date_less(event->date, bars[split->next_bar].date)) {
        split->next_bar++;
    }
    if (event->kind == NOTATION_CHORD && event->n_notes > 0) {
        return split_chord(split);
    }
    struct group group = {
        .kind = event->kind == NOTATION_REST ? MUSIC_REST : MUSIC_SPACER,
        .duration = event->duration,
    };
    return split_group(split, &group);
}

static int split_voice(struct arranger *arranger, struct arranged_voice *voice,
                       struct list *parts) {
    static const enum notation_tag_kind displayed[] = {TAG_DISPLAY_DURATION};
    static const enum notation_tag_kind rests[] = {TAG_MEASURE_REST};
    static const enum notation_tag_kind tuplets[] = {TAG_TUPLET};
    static const enum notation_tag_kind tremolos[] = {TAG_TREMOLO};
    struct split split = {.arranger = arranger, .voice = voice, .parts = parts};
    const size_t n_events = voice->model->n_events;
    size_t first = parts->n;
    int code = arrange_states(arranger, voice, displayed, 1, &split.displayed);
    code = code != 0 ? code : arrange_states(arranger, voice, rests, 1, &split.rests);
    code = code != 0 ? code : arrange_states(arranger, voice, tuplets, 1, &split.tuplets);
    code = code != 0 ? code : arrange_states(arranger, voice, tremolos, 1, &split.tremolos);
    voice->event_parts = arena_array(arranger->scratch, n_events + 1, sizeof(uint32_t));
    if (code != 0 || voice->event_parts == NULL) {
        return LG_ETOOLARGE;
    }
    for (uint32_t event = 0; event < n_events && code == 0; event++) {
        voice->event_parts[event] = (uint32_t)(parts->n - first);
        code = split_event(&split, event);
    }
    voice->event_parts[n_events] = (uint32_t)(parts->n - first);
    return code;
}

struct place { /* of a part among all */
    struct rational date;
    uint32_t staff, voice, part;
};

static int compare_places(const void *a, const void *b) {
    const struct place *left = a, *right = b;
    if (left->date.num != right->date.num || left->date.den != right->date.den) {
        int order = rational_compare(left->date, right->date);
        if (order != 0) {
            return order;
        }
    }
    if (left->staff != right->staff) {
        return left->staff < right->staff ? -1 : 1;
    }
    if (left->voice != right->voice) {
        return left->voice < right->voice ? -1 : 1;
    }
    return left->part < right->part ? -1 : 1;
}

/* Rank of each part by date, staff, voice; and the chords of the voices by rank. */
static int order_parts(struct arranger *arranger, const struct list *parts) {
    struct music *music = arranger->music;
    const struct part *all = parts->items;
    struct place *places = arena_array(arranger->scratch, parts->n, sizeof(*places));
    uint32_t *rank = arena_array(arranger->scratch, parts->n, sizeof(*rank));
    music->chords = arena_array(arranger->arena, parts->n, sizeof(*music->chords));
    music->n_chords = parts->n;
    if (places == NULL || rank == NULL || music->chords == NULL) {
        return LG_ETOOLARGE;
    }
    for (size_t i = 0; i < parts->n; i++) {
        places[i] =
            (struct place){all[i].chord.date, all[i].chord.staff, all[i].chord.voice, (uint32_t)i};
    }
    qsort(places, parts->n, sizeof(*places), compare_places);
    for (size_t i = 0; i < parts->n; i++) {
        rank[places[i].part] = (uint32_t)i;
        music->chords[i] = all[places[i].part].chord;
    }
    uint32_t first = 0;
    for (size_t v = 0; v < music->n_voices; v++) {
        struct arranged_voice *voice = &arranger->voices[v];
        voice->parts = rank + first;
        first += voice->event_parts[voice->model->n_events];
    }
    return 0;
}

static void link_voices(struct arranger *arranger) {
    struct music_chord *chords = arranger->music->chords;
    for (size_t v = 0; v < arranger->music->n_voices; v++) {
        const struct arranged_voice *voice = &arranger->voices[v];
        uint32_t n = voice->event_parts[voice->model->n_events];
        uint32_t *link = &arranger->music->voices[v].first_chord;
        *link = NOTATION_NONE;
        for (uint32_t i = 0; i < n; i++) {
            if (!chords[voice->parts[i]].is_side) {
                *link = voice->parts[i];
                link = &chords[voice->parts[i]].next_in_voice;
            }
        }
    }
}

static int make_heads(struct arranger *arranger, const struct list *parts) {
    const struct part *all = parts->items;
    size_t first = 0;
    for (size_t v = 0; v < arranger->music->n_voices; v++) {
        const struct arranged_voice *voice = &arranger->voices[v];
        uint32_t n = voice->event_parts[voice->model->n_events];
        struct heads_maker maker;
        int code = heads_begin(&maker, arranger, voice);
        for (uint32_t i = 0; i < n && code == 0; i++) {
            struct music_chord *chord = &arranger->music->chords[voice->parts[i]];
            code = heads_make(&maker, chord, all[first + i].notes, all[first + i].n_notes);
        }
        if (code != 0) {
            return code;
        }
        first += n;
    }
    return 0;
}

/* Chords of each staff, by date. */
static int list_staff_chords(struct arranger *arranger) {
    const struct music *music = arranger->music;
    for (size_t i = 0; i < music->n_chords; i++) {
        arranger->staves[music->chords[i].staff].n_chords++;
    }
    for (size_t s = 0; s < music->n_staves; s++) {
        struct arranged_staff *staff = &arranger->staves[s];
        staff->chords = arena_array(arranger->scratch, staff->n_chords, sizeof(uint32_t));
        if (staff->chords == NULL) {
            return LG_ETOOLARGE;
        }
        staff->n_chords = 0;
    }
    for (size_t i = 0; i < music->n_chords; i++) {
        struct arranged_staff *staff = &arranger->staves[music->chords[i].staff];
        staff->chords[staff->n_chords++] = (uint32_t)i;
    }
    return 0;
}

int arrange_chords(struct arranger *arranger) {
    struct list parts = {0};
    for (size_t v = 0; v < arranger->music->n_voices; v++) {
        int code = split_voice(arranger, &arranger->voices[v], &parts);
        if (code != 0) {
            return code;
        }
    }
    int code = parts.n > 0 ? order_parts(arranger, &parts) : 0;
    if (code != 0) {
        return code;
    }
    link_voices(arranger);
    code = parts.n > 0 ? make_heads(arranger, &parts) : 0;
    return code != 0 ? code : list_staff_chords(arranger);
}
