/* Stem directions and lengths (gmn.md 10.8, 16.7, 16.8, 16.11, 16.12). */
#include <math.h>
#include <stdlib.h>

#include "common/err.h"
#include "renderer/notation/music/arrange.h"
#include "renderer/notation/music/look.h"
#include "renderer/notation/music/notes/stems.h"

/* Written directions, before anything else is decided. */
static void force(struct music_chord *chord, const struct notation_tag *tag) {
    if (tag == NULL || chord->kind != MUSIC_CHORD) {
        return;
    }
    chord->is_stem_forced = tag->kind != TAG_STEMS_AUTO;
    chord->stem = tag->kind == TAG_STEMS_UP ? 1 : tag->kind == TAG_STEMS_DOWN ? -1 : 0;
    double length = notation_tag_length(tag, "length", (double)NAN);
    if (length >= 0 && length <= 100) {
        chord->stem_length = length;
    }
    chord->look = look_color_of_tag(tag, chord->look);
}

int arrange_forced_stems(struct arranger *arranger) {
    static const enum notation_tag_kind kinds[] = {TAG_STEMS_UP, TAG_STEMS_DOWN, TAG_STEMS_AUTO,
                                                   TAG_STEMS_OFF};
    for (size_t v = 0; v < arranger->music->n_voices; v++) {
        const struct arranged_voice *voice = &arranger->voices[v];
        const struct notation_tag **states;
        int code = arrange_states(arranger, voice, kinds, 4, &states);
        if (code != 0) {
            return code;
        }
        for (size_t event = 0; states != NULL && event < voice->model->n_events; event++) {
            size_t n;
            const uint32_t *chords = arrange_event_chords(voice, event, &n);
            for (size_t i = 0; i < n; i++) {
                force(&arranger->music->chords[chords[i]], states[event]);
            }
        }
    }
    return 0;
}

bool stems_has_stem(const struct music_chord *chord) {
    if (chord->kind != MUSIC_CHORD || chord->value < MUSIC_VALUE_HALF || chord->n_heads == 0 ||
        (chord->is_stem_forced && chord->stem == 0)) {
        return false;
    }
    return chord->heads[0].tab_text == NULL;
}

/* The farthest note decides; positive: it lies above the middle line. 0: equal distances. */
static int farthest(const struct music_chord *chord) {
    int low = chord->heads[0].position, high = chord->heads[chord->n_heads - 1].position;
    return abs(high) == abs(low) ? (high == low ? high : 0) : abs(high) > abs(low) ? high : low;
}

static int natural_stem(const struct music_chord *chord) {
    return farthest(chord) >= 0 ? -1 : 1;
}

static int single_stem(const struct music_chord *chord) {
    if (chord->is_stem_forced) {
        return chord->stem;
    }
    if (chord->is_grace) {
        return chord->is_in_voices && chord->voice_side < 0 ? -1 : 1;
    }
    return chord->is_in_voices ? chord->voice_side : natural_stem(chord);
}

/* One direction for a beam: what is written, the voice, the majority, then the farthest note. */
static int beam_stem(const struct music *music, const struct music_beam *beam) {
    int balance = 0, outer = 0;
    for (uint32_t i = 0; i < beam->n_members; i++) {
        const struct music_chord *chord = &music->chords[beam->members[i].chord];
        if (chord->is_stem_forced || chord->is_grace || chord->is_in_voices) {
            return single_stem(chord);
        }
        int far = farthest(chord);
        balance += natural_stem(chord);
        if (abs(far) > abs(outer)) {
            outer = far;
        }
    }
    return balance != 0 ? (balance > 0 ? 1 : -1) : outer >= 0 ? -1 : 1;
}

/* What speaks against stems of a beam between staves: a written direction, or another voice on the
 * note's staff on that side. +1 its stem must go up, -1 down, 0 nothing. */
static int against_between(const struct music_chord *chord, int between, bool is_written) {
    int wanted = is_written ? (chord->is_stem_forced ? chord->stem : 0)
                            : (chord->is_in_voices ? chord->voice_side : 0);
    return wanted == -between ? wanted : 0;
}

/* One note in eight on another staff than all others, which turn away from it: the beam goes where
 * theirs would, on one side of all. */
static int lonely_side(const struct music *music, const struct music_beam *beam, uint32_t upper) {
    uint32_t n_upper = 0;
    int balance = 0;
    for (uint32_t i = 0; i < beam->n_members; i++) {
        n_upper += music->chords[beam->members[i].chord].staff == upper;
    }
    bool is_upper_more = n_upper * 2 > beam->n_members;
    uint32_t n_less = is_upper_more ? beam->n_members - n_upper : n_upper;
    if (n_less > beam->n_members / 8) {
        return 0;
    }
    for (uint32_t i = 0; i < beam->n_members; i++) {
        const struct music_chord *chord = &music->chords[beam->members[i].chord];
        balance += (chord->staff == upper) == is_upper_more ? natural_stem(chord) : 0;
    }
    int away = is_upper_more ? 1 : -1;
    return balance * away > 0 ? away : 0;
}

/* Members on several staves: the beam lies between them, under the upper one, or on one side. */
static void cross_staff_stems(struct music *music, const struct music_beam *beam) {
    uint32_t upper = NOTATION_NONE;
    int written = 0, n_up = 0, n_down = 0;
    for (uint32_t i = 0; i < beam->n_members; i++) {
        uint32_t staff = music->chords[beam->members[i].chord].staff;
        upper = staff < upper ? staff : upper;
    }
    for (uint32_t i = 0; i < beam->n_members; i++) {
        const struct music_chord *chord = &music->chords[beam->members[i].chord];
        int between = chord->staff == upper ? -1 : 1;
        int voice = against_between(chord, between, false);
        written = written != 0 ? written : against_between(chord, between, true);
        n_up += voice > 0;
        n_down += voice < 0;
    }
    int side = written != 0              ? written
               : n_up > 0 && n_down == 0 ? 1
               : n_down > 0 && n_up == 0 ? -1
               : n_up == 0               ? lonely_side(music, beam, upper)
                                         : 0;
    for (uint32_t i = 0; i < beam->n_members; i++) {
        struct music_chord *chord = &music->chords[beam->members[i].chord];
        chord->stem = side != 0 ? side : chord->staff == upper ? -1 : 1;
    }
}

/* The two notes of a tremolo turn one way: the farther one decides. */
static void join_pair(struct music *music, struct music_chord *first) {
    struct music_chord *second =
        first->next_in_voice != NOTATION_NONE ? &music->chords[first->next_in_voice] : NULL;
    if (second == NULL || !second->is_tremolo_pair || first->stem == 0 || second->n_heads == 0 ||
        first->is_stem_forced || first->is_in_voices) {
        return;
    }
    int near = farthest(first), far = farthest(second);
    first->stem = (abs(far) > abs(near) ? far : near) >= 0 ? -1 : 1;
    second->stem = second->stem != 0 ? first->stem : 0;
}

/* Members of unequal length: the higher ones up, the lower ones down. */
static void part_sides(struct arranger *arranger, const struct arranged_voice *voice,
                       size_t event) {
    struct music_chord *all = arranger->music->chords;
    size_t n;
    const uint32_t *chords = arrange_event_chords(voice, event, &n);
    if (n < 2) {
        return;
    }
    const struct music_chord *first = &all[chords[0]];
    int higher = 0;
    for (size_t i = 1; i < n; i++) {
        const struct music_chord *other = &all[chords[i]];
        if (!other->is_side || other->n_heads == 0 || first->n_heads == 0) {
            continue;
        }
        int middle = first->heads[0].position + first->heads[first->n_heads - 1].position;
        int other_middle = other->heads[0].position + other->heads[other->n_heads - 1].position;
        higher = middle >= other_middle ? 1 : -1;
        break;
    }
    for (size_t i = 0; higher != 0 && i < n; i++) {
        struct music_chord *chord = &all[chords[i]];
        if (!chord->is_stem_forced && stems_has_stem(chord)) {
            chord->stem = chord->is_side ? -higher : higher;
        }
    }
}

int arrange_stems(struct arranger *arranger) {
    struct music *music = arranger->music;
    for (size_t i = 0; i < music->n_chords; i++) {
        struct music_chord *chord = &music->chords[i];
        chord->stem = stems_has_stem(chord) ? single_stem(chord) : 0;
    }
    for (size_t v = 0; v < music->n_voices; v++) {
        for (size_t event = 0; event < arranger->voices[v].model->n_events; event++) {
            part_sides(arranger, &arranger->voices[v], event);
        }
    }
    for (size_t i = 0; i < music->n_chords; i++) {
        if (music->chords[i].is_tremolo_pair && !music->chords[i].is_continuation) {
            join_pair(music, &music->chords[i]);
        }
    }
    for (size_t b = 0; b < music->n_beams; b++) {
        const struct music_beam *beam = &music->beams[b];
        if (beam->is_cross_staff) {
            cross_staff_stems(music, beam);
            continue;
        }
        int stem = beam_stem(music, beam);
        for (uint32_t i = 0; i < beam->n_members; i++) {
            music->chords[beam->members[i].chord].stem = stem;
        }
    }
    return 0;
}
