/* Several voices on a staff: who is the upper one in each measure, and where rests go so that they
 * meet no note (gmn.md 16.11, 16.32, 16.33). */
#include <stdlib.h>

#include "common/err.h"
#include "renderer/notation/music/arrange.h"
#include "renderer/notation/music/dates.h"

#define REST_SHIFT     4 /* half spaces: two spaces away */
#define REST_CLEARANCE 4 /* from the middle of a rest to the next head */

struct slot { /* a voice in a measure of a staff */
    uint32_t voice;
    int forced; /* sum of forced stem directions */
    int side;
    uint32_t last; /* its latest chord so far */
};

struct measure_walk {
    struct arranger *arranger;
    struct slot *slots; /* one a voice is enough */
    size_t n_slots;
    uint32_t *slot_of; /* of a voice, valid where stamps match */
    uint32_t *stamps, stamp;
};

static int compare_slots(const void *a, const void *b) {
    const struct slot *left = a, *right = b;
    return (left->voice > right->voice) - (left->voice < right->voice);
}

static bool is_seen(const struct music_chord *chord) {
    return chord->kind != MUSIC_SPACER && !chord->is_hidden && !chord->is_grace;
}

static void collect_slots(struct measure_walk *walk, const uint32_t *chords, size_t n) {
    walk->n_slots = 0;
    walk->stamp++;
    for (size_t i = 0; i < n; i++) {
        const struct music_chord *chord = &walk->arranger->music->chords[chords[i]];
        if (!is_seen(chord)) {
            continue;
        }
        if (walk->stamps[chord->voice] != walk->stamp) {
            walk->stamps[chord->voice] = walk->stamp;
            walk->slot_of[chord->voice] = (uint32_t)walk->n_slots;
            walk->slots[walk->n_slots++] = (struct slot){chord->voice, 0, 0, NOTATION_NONE};
        }
        struct slot *slot = &walk->slots[walk->slot_of[chord->voice]];
        slot->forced += chord->is_stem_forced ? chord->stem : 0;
    }
    qsort(walk->slots, walk->n_slots, sizeof(*walk->slots), compare_slots);
    for (size_t i = 0; i < walk->n_slots; i++) {
        walk->slot_of[walk->slots[i].voice] = (uint32_t)i;
    }
}

/* Upper voices up: in order of writing, unless stems are forced. */
static void choose_sides(struct measure_walk *walk) {
    struct slot *slots = walk->slots;
    int forced = 0;
    for (size_t i = 0; i < walk->n_slots; i++) {
        slots[i].side = slots[i].forced > 0 ? 1 : slots[i].forced < 0 ? -1 : 0;
        forced += slots[i].side;
    }
    for (size_t i = 0; i < walk->n_slots; i++) {
        if (slots[i].side != 0) {
            continue;
        }
        slots[i].side = walk->n_slots == 2 && forced != 0 ? -forced : i % 2 == 0 ? 1 : -1;
    }
}

static struct rational end_of(const struct music_chord *chord) {
    return date_add(chord->date, chord->duration);
}

/* How far a rest must go out because of another voice's chord. */
static int clear_position(const struct music_chord *other, int side) {
    if (other->kind != MUSIC_CHORD || other->n_heads == 0) {
        return 0;
    }
    int outer = side > 0 ? other->heads[other->n_heads - 1].position : -other->heads[0].position;
    int wanted = outer + REST_CLEARANCE;
    return wanted + (wanted % 2 != 0 ? 1 : 0);
}

/* A rest at the same time and of the same length in the other voice: one is enough. */
static bool is_twin(const struct music_chord *rest, const struct music_chord *other) {
    return other->kind == MUSIC_REST && !other->is_hidden && date_equal(other->date, rest->date) &&
           date_equal(other->duration, rest->duration) && other->value == rest->value &&
           other->n_dots == rest->n_dots;
}

static void place_rest(struct measure_walk *walk, const uint32_t *chords, size_t n, size_t i) {
    struct music_chord *all = walk->arranger->music->chords;
    struct music_chord *rest = &all[chords[i]];
    struct rational end = end_of(rest);
    int distance = REST_SHIFT;
    for (size_t s = 0; s < walk->n_slots; s++) {
        const struct slot *slot = &walk->slots[s];
        if (slot->voice == rest->voice || slot->last == NOTATION_NONE) {
            continue;
        }
        struct music_chord *other = &all[slot->last];
        if (walk->n_slots == 2 && is_twin(rest, other)) {
            other->rest_position = 0;
            rest->is_hidden = true;
            return;
        }
        if (date_less(rest->date, end_of(other))) {
            int wanted = clear_position(other, rest->voice_side);
            distance = wanted > distance ? wanted : distance;
        }
    }
    for (size_t j = i + 1; j < n && date_less(all[chords[j]].date, end); j++) {
        if (all[chords[j]].voice != rest->voice && is_seen(&all[chords[j]])) {
            int wanted = clear_position(&all[chords[j]], rest->voice_side);
            distance = wanted > distance ? wanted : distance;
        }
    }
    rest->rest_position = rest->n_measures > 0 ? 0 : rest->voice_side * distance;
}

static void arrange_measure(struct measure_walk *walk, const uint32_t *chords, size_t n) {
    struct music_chord *all = walk->arranger->music->chords;
    collect_slots(walk, chords, n);
    if (walk->n_slots < 2) {
        return;
    }
    choose_sides(walk);
    for (size_t i = 0; i < n; i++) {
        struct music_chord *chord = &all[chords[i]];
        if (walk->stamps[chord->voice] != walk->stamp) {
            continue;
        }
        struct slot *slot = &walk->slots[walk->slot_of[chord->voice]];
        chord->is_in_voices = true;
        chord->voice_side = slot->side;
        if (!is_seen(chord) || chord->is_side) {
            continue;
        }
        if (chord->kind == MUSIC_REST) {
            place_rest(walk, chords, n, i);
        }
        slot->last = chords[i];
    }
}

int arrange_voices(struct arranger *arranger) {
    const struct music *music = arranger->music;
    struct measure_walk walk = {.arranger = arranger};
    walk.slots = arena_array(arranger->scratch, music->n_voices, sizeof(*walk.slots));
    walk.slot_of = arena_array(arranger->scratch, music->n_voices, sizeof(uint32_t));
    walk.stamps = arena_array(arranger->scratch, music->n_voices, sizeof(uint32_t));
    if (walk.slots == NULL || walk.slot_of == NULL || walk.stamps == NULL) {
        return LG_ETOOLARGE;
    }
    for (size_t s = 0; s < music->n_staves; s++) {
        const struct arranged_staff *staff = &arranger->staves[s];
        for (size_t first = 0, end; music->staves[s].n_voices > 1 && first < staff->n_chords;
             first = end) {
            uint32_t measure = music->chords[staff->chords[first]].measure;
            end = first + 1;
            while (end < staff->n_chords && music->chords[staff->chords[end]].measure == measure) {
                end++;
            }
            arrange_measure(&walk, staff->chords + first, end - first);
        }
    }
    return 0;
}
