/* Beams: written ones with their sub-groups, automatic ones by beats, grace notes (gmn.md 10.7,
 * 16.12, 16.17, 16.18). Automatic beams keep to a bar, a beat and two staves that are neighbours;
 * written ones go wherever their notes go; those of grace notes keep to a staff. */
#include <stdlib.h>

#include "common/err.h"
#include "renderer/notation/music/arrange.h"
#include "renderer/notation/music/notes/beats.h"
#include "renderer/notation/music/dates.h"
#include "renderer/notation/music/notes/stems.h"
#include "renderer/notation/music/notes/values.h"

struct beam_walk {
    struct arranger *arranger;
    const struct arranged_voice *voice;
    const struct notation_tag **outer, **inner; /* written beams around each event */
    const struct notation_tag **states;
    struct list members;            /* uint32_t, of the group under way */
    const struct notation_tag *tag; /* of the group */
    uint32_t upper, lower;          /* staves of the group */
    struct beat beat;
};

/* The outermost written beam around each event. */
static int find_outer(struct beam_walk *walk) {
    const struct notation_voice *model = walk->voice->model;
    const struct notation_tag *outer = NULL;
    size_t depth = 0;
    if (walk->inner == NULL) {
        return 0;
    }
    walk->outer = arena_array(walk->arranger->scratch, model->n_events, sizeof(*walk->outer));
    if (walk->outer == NULL) {
        return LG_ETOOLARGE;
    }
    for (size_t i = 0; i < model->n_items; i++) {
        const struct notation_item *item = &model->items[i];
        if (item->kind == NOTATION_ITEM_EVENT) {
            walk->outer[item->index] = depth > 0 ? outer : NULL;
            continue;
        }
        const struct notation_tag *tag = &model->tags[item->index];
        if ((tag->kind != TAG_BEAM && tag->kind != TAG_FEATHERED_BEAM) || !tag->has_range) {
            continue;
        }
        if (item->kind == NOTATION_ITEM_TAG) {
            outer = depth == 0 ? tag : outer;
            depth++;
        } else if (depth > 0) {
            depth--;
        }
    }
    return 0;
}

static bool can_beam(const struct music_chord *chord) {
    return chord->value >= 3 && stems_has_stem(chord) && !chord->is_hidden &&
           !chord->is_tremolo_pair;
}

static const struct notation_tag *inner_of(const struct beam_walk *walk, uint32_t chord) {
    return arrange_state(walk->inner, walk->arranger->music->chords[chord].event);
}

/* How many beams join two neighbours. */
static int joined_levels(const struct beam_walk *walk, uint32_t left, uint32_t right) {
    const struct music_chord *a = &walk->arranger->music->chords[left];
    const struct music_chord *b = &walk->arranger->music->chords[right];
    int levels = a->value < b->value ? a->value - 2 : b->value - 2;
    if (walk->tag != NULL) {
        return inner_of(walk, left) != inner_of(walk, right) && levels > 1 ? 1 : levels;
    }
    if (levels >= 3 && !a->is_grace) { /* 32nds show their eighths */
        struct rational offset = date_subtract(b->date, walk->beat.begin);
        struct rational eighths = date_multiply(offset, (struct rational){8, 1});
        return eighths.den == 1 ? 1 : levels;
    }
    return levels;
}

/* A fractional beam points into its beat: to the note that completes its next longer value. */
static int8_t stub_side(const struct beam_walk *walk, const struct music_beam *beam, uint32_t i) {
    if (i == 0) {
        return 1;
    }
    if (i + 1 == beam->n_members) {
        return -1;
    }
    const struct music_beam_member *member = &beam->members[i];
    if (member->to_left != member->to_right) {
        return member->to_left > member->to_right ? -1 : 1;
    }
    const struct music_chord *chord = &walk->arranger->music->chords[member->chord];
    struct rational offset = date_subtract(chord->date, walk->beat.begin);
    struct rational unit = value_duration(chord->value - 1, 0);
    struct rational ratio = date_divide(value_written(offset), unit);
    return ratio.den == 1 ? 1 : -1;
}

static void set_levels(const struct beam_walk *walk, struct music_beam *beam) {
    for (uint32_t i = 0; i < beam->n_members; i++) {
        struct music_beam_member *member = &beam->members[i];
        int value = walk->arranger->music->chords[member->chord].value;
        member->levels = (uint8_t)(beam->is_feathered ? 1 : value - 2);
        if (i > 0) {
            int joined = beam->is_feathered
                             ? 1
                             : joined_levels(walk, beam->members[i - 1].chord, member->chord);
            beam->members[i - 1].to_right = member->to_left = (uint8_t)joined;
        }
    }
    for (uint32_t i = 0; i < beam->n_members; i++) {
        struct music_beam_member *member = &beam->members[i];
        if (member->levels > member->to_left && member->levels > member->to_right) {
            member->stub = stub_side(walk, beam, i);
        }
    }
}

/* \fBeam<"1/8,1/32">: beams at both ends; without it those of the outer notes. */
static void set_feather(const struct music *music, struct music_beam *beam) {
    const char *text = notation_tag_text(beam->tag, "durations", "");
    const char *comma = text;
    int value, n_dots;
    while (*comma != '\0' && *comma != ',') {
        comma++;
    }
    beam->is_feathered = true;
    beam->feather_first = 1;
    beam->feather_last = 3;
    if (value_parse(text, &value, &n_dots) && value >= 3) {
        beam->feather_first = value - 2;
    } else if (*text == '\0') {
        beam->feather_first = music->chords[beam->members[0].chord].value - 2;
        beam->feather_last = music->chords[beam->members[beam->n_members - 1].chord].value - 2;
    }
    if (*comma == ',' && value_parse(comma + 1, &value, &n_dots) && value >= 3) {
        beam->feather_last = value - 2;
    }
}

static int close_group(struct beam_walk *walk, bool is_grace) {
    struct music *music = walk->arranger->music;
    const uint32_t *chords = walk->members.items;
    size_t n = walk->members.n;
    walk->members.n = 0;
    if (n < 2) {
        return 0;
    }
    struct music_beam *beam =
        list_add(walk->arranger->scratch, &walk->arranger->beams, sizeof(*beam));
    if (beam == NULL) {
        return LG_ETOOLARGE;
    }
    beam->members = arena_array(walk->arranger->arena, n, sizeof(*beam->members));
    if (beam->members == NULL) {
        return LG_ETOOLARGE;
    }
    beam->n_members = (uint32_t)n;
    beam->is_grace = is_grace;
    beam->tag = is_grace ? NULL : walk->tag;
    beam->is_cross_staff = walk->upper != walk->lower;
    for (size_t i = 0; i < n; i++) {
        beam->members[i].chord = chords[i];
        music->chords[chords[i]].beam = (uint32_t)walk->arranger->beams.n - 1;
    }
    if (beam->tag != NULL && beam->tag->kind == TAG_FEATHERED_BEAM) {
        set_feather(music, beam);
    }
    set_levels(walk, beam);
    return 0;
}

static int add_member(struct beam_walk *walk, uint32_t chord) {
    uint32_t *place = list_add(walk->arranger->scratch, &walk->members, sizeof(*place));
    if (place == NULL) {
        return LG_ETOOLARGE;
    }
    *place = chord;
    uint32_t staff = walk->arranger->music->chords[chord].staff;
    bool is_first = walk->members.n == 1;
    walk->upper = is_first || staff < walk->upper ? staff : walk->upper;
    walk->lower = is_first || staff > walk->lower ? staff : walk->lower;
    return 0;
}

/* Would the group reach over no more than `n` staves with this one? */
static bool keeps_to_staves(const struct beam_walk *walk, uint32_t staff, uint32_t n) {
    uint32_t upper = staff < walk->upper ? staff : walk->upper;
    uint32_t lower = staff > walk->lower ? staff : walk->lower;
    return lower - upper < n;
}

static int walk_written(struct beam_walk *walk, uint32_t chord_i, const struct notation_tag *tag) {
    const struct music_chord *chord = &walk->arranger->music->chords[chord_i];
    bool is_note = chord->kind == MUSIC_CHORD;
    bool joins = walk->members.n > 0 && walk->tag == tag;
    int code = !joins || (is_note && !can_beam(chord)) ? close_group(walk, false) : 0;
    if (code != 0 || !is_note || !can_beam(chord)) {
        return code; /* rests inside do not break it */
    }
    walk->tag = tag;
    if (walk->members.n == 0) {
        walk->beat = beat_at(walk->voice, chord->date);
    }
    return add_member(walk, chord_i);
}

static int walk_automatic(struct beam_walk *walk, uint32_t chord_i) {
    const struct music_chord *chord = &walk->arranger->music->chords[chord_i];
    const struct notation_tag *state = arrange_state(walk->states, chord->event);
    enum notation_tag_kind mode = state != NULL ? state->kind : TAG_BEAMS_AUTO;
    if (chord->kind == MUSIC_REST && mode == TAG_BEAMS_FULL && !chord->is_measure_rest) {
        return 0;
    }
    if (!can_beam(chord) || mode == TAG_BEAMS_OFF || walk->arranger->notation->has_own_beams) {
        return close_group(walk, false);
    }
    struct beat beat = beat_at(walk->voice, chord->date);
    bool joins = walk->members.n > 0 && walk->tag == NULL &&
                 keeps_to_staves(walk, chord->staff, 2) && beat.bar == walk->beat.bar &&
                 date_equal(beat.begin, walk->beat.begin);
    if (!joins) {
        int code = close_group(walk, false);
        if (code != 0) {
            return code;
        }
        walk->tag = NULL;
        walk->beat = beat;
    }
    return add_member(walk, chord_i);
}

static int walk_voice(struct beam_walk *walk) {
    const struct music *music = walk->arranger->music;
    int code = 0;
    for (uint32_t i = music->voices[walk->voice->index].first_chord;
         i != NOTATION_NONE && code == 0; i = music->chords[i].next_in_voice) {
        if (music->chords[i].is_grace) {
            continue;
        }
        const struct notation_tag *tag = arrange_state(walk->outer, music->chords[i].event);
        code = tag != NULL ? walk_written(walk, i, tag) : walk_automatic(walk, i);
    }
    return code != 0 ? code : close_group(walk, false);
}

/* Runs of grace notes: a beam, or the slash of a single eighth. */
static int walk_graces(struct beam_walk *walk) {
    struct music *music = walk->arranger->music;
    uint32_t alone = NOTATION_NONE, n_run = 0;
    int code = 0;
    walk->tag = NULL;
    for (uint32_t i = music->voices[walk->voice->index].first_chord; code == 0;
         i = music->chords[i].next_in_voice) {
        bool is_end = i == NOTATION_NONE;
        if (!is_end && music->chords[i].is_grace) {
            n_run++;
            alone = i;
            if (!can_beam(&music->chords[i]) ||
                (walk->members.n > 0 && !keeps_to_staves(walk, music->chords[i].staff, 1))) {
                code = close_group(walk, true);
            }
            if (code == 0 && can_beam(&music->chords[i])) {
                walk->beat = (struct beat){.begin = music->chords[i].date};
                code = add_member(walk, i);
            }
            continue;
        }
        if (n_run == 1) {
            music->chords[alone].has_slash =
                music->chords[alone].value == 3 && stems_has_stem(&music->chords[alone]);
        }
        n_run = 0;
        code = close_group(walk, true);
        if (is_end) {
            break;
        }
    }
    return code;
}

int arrange_beams(struct arranger *arranger) {
    static const enum notation_tag_kind beams[] = {TAG_BEAM, TAG_FEATHERED_BEAM};
    static const enum notation_tag_kind states[] = {TAG_BEAMS_AUTO, TAG_BEAMS_FULL, TAG_BEAMS_OFF};
    struct music *music = arranger->music;
    for (size_t v = 0; v < music->n_voices; v++) {
        struct beam_walk walk = {.arranger = arranger, .voice = &arranger->voices[v]};
        int code = arrange_states(arranger, walk.voice, beams, 2, &walk.inner);
        code = code != 0 ? code : arrange_states(arranger, walk.voice, states, 3, &walk.states);
        code = code != 0 ? code : find_outer(&walk);
        code = code != 0 ? code : walk_voice(&walk);
        code = code != 0 || walk.voice->kinds[TAG_GRACE] == 0 ? code : walk_graces(&walk);
        if (code != 0) {
            return code;
        }
    }
    music->beams = list_keep(arranger->arena, &arranger->beams, sizeof(*music->beams));
    music->n_beams = arranger->beams.n;
    return music->n_beams > 0 && music->beams == NULL ? LG_ETOOLARGE : 0;
}
