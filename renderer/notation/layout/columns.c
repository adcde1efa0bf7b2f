/* One column per date over all staves, gutters between measures, springs from the durations and
 * rods from the ink (gmn.md 11, 16.20 to 16.26). */
#include <math.h>
#include <string.h>

#include "common/err.h"
#include "renderer/notation/layout/horizontal.h"
#include "renderer/notation/text_metrics.h"

#define SOUNDING_MAX 32

/* What sounds: durations and their ends, both rising; entries that a shorter and longer
 * lasting one hides are not kept. */
struct sounding {
    double duration[SOUNDING_MAX], end[SOUNDING_MAX];
    size_t n;
};

static void sounding_add(struct sounding *s, double duration, double end) {
    size_t kept = 0, at = 0;
    for (size_t i = 0; i < s->n; i++) {
        if (s->duration[i] < duration && s->end[i] >= end) {
            return; /* hidden by a shorter one that lasts as long */
        }
        if (s->duration[i] >= duration && s->end[i] <= end) {
            continue;
        }
        s->duration[kept] = s->duration[i];
        s->end[kept++] = s->end[i];
    }
    s->n = kept;
    if (s->n == SOUNDING_MAX) {
        s->n--;
    }
    for (at = s->n; at > 0 && s->duration[at - 1] > duration; at--) {
        s->duration[at] = s->duration[at - 1];
        s->end[at] = s->end[at - 1];
    }
    s->duration[at] = duration;
    s->end[at] = end;
    s->n++;
}

/* Shortest duration that sounds after `date`; 0 when nothing does. */
static double sounding_shortest(struct sounding *s, double date) {
    size_t kept = 0;
    for (size_t i = 0; i < s->n; i++) {
        if (s->end[i] > date + 1e-9) {
            s->duration[kept] = s->duration[i];
            s->end[kept++] = s->end[i];
        }
    }
    s->n = kept;
    return s->n > 0 ? s->duration[0] : 0;
}

static double spring_length(const struct horizontal *h, double duration) {
    double force = 750, spring = 1.1;
    if (h->music->notation != NULL) {
        const struct notation_settings *settings = &h->music->notation->settings;
        force = settings->force > 0 ? settings->force : force;
        spring = settings->spring > 0 ? settings->spring : spring;
    }
    return fmax(0.5, force / 50 * log(fmax(1.0, spring * (1 + duration))));
}

/* Natural distance over `gap` while `shortest` is the shortest value that sounds. */
static double spring_over(const struct horizontal *h, double gap, double shortest) {
    if (shortest <= 0 || gap >= shortest - 1e-9) {
        return spring_length(h, gap);
    }
    return spring_length(h, shortest) * gap / shortest;
}

/* --- slots --- */

static struct slot *slot_add(struct horizontal *h, enum slot_kind kind, struct rational date,
                             uint32_t measure) {
    if (!arena_grow(h->arena, (void **)&h->slots, h->n_slots, &h->slots_capacity,
                    sizeof *h->slots)) {
        return NULL;
    }
    struct slot *slot = &h->slots[h->n_slots++];
    memset(slot, 0, sizeof *slot);
    slot->kind = kind;
    slot->date = date;
    slot->measure = measure;
    slot->gutter = NOTATION_NONE;
    slot->first_extent = slot->end_extent = (uint32_t)h->n_extents;
    return slot;
}

static void extent_add(struct horizontal *h, struct extent extent) {
    if (arena_grow(h->arena, (void **)&h->extents, h->n_extents, &h->extents_capacity,
                   sizeof *h->extents)) {
        h->extents[h->n_extents++] = extent;
    }
}

struct walk { /* through marks and bars by date */
    uint32_t mark, bar, text;
};

static bool gutter_add(struct horizontal *h, struct walk *walk, struct rational date,
                       uint32_t measure, bool is_boundary) {
    const struct music *music = h->music;
    struct gutter gutter = {.date = date,
                            .measure = measure,
                            .is_boundary = is_boundary,
                            .first_mark = walk->mark,
                            .first_bar = walk->bar};
    while (walk->mark < music->n_marks &&
           rational_compare(music->marks[walk->mark].date, date) <= 0) {
        walk->mark++;
    }
    while (walk->bar < music->n_bars && rational_compare(music->bars[walk->bar].date, date) <= 0) {
        walk->bar++;
    }
    gutter.end_mark = walk->mark;
    gutter.end_bar = walk->bar;
    gutter_measure(h, &gutter);
    if (!is_boundary && gutter.is_empty) {
        return true;
    }
    struct slot *slot = slot_add(h, SLOT_GUTTER, date, measure);
    if (slot == NULL || !arena_grow(h->arena, (void **)&h->gutters, h->n_gutters,
                                    &h->gutters_capacity, sizeof *h->gutters)) {
        return false;
    }
    slot->gutter = (uint32_t)h->n_gutters;
    h->gutters[h->n_gutters++] = gutter;
    if (is_boundary) {
        h->boundary_slot[measure] = (uint32_t)h->n_slots - 1;
    }
    return true;
}

/* Is there a signature or bar at this date, after those already passed? */
static bool has_signs(const struct horizontal *h, const struct walk *walk, struct rational date) {
    for (uint32_t i = walk->mark; i < h->music->n_marks; i++) {
        const struct music_mark *mark = &h->music->marks[i];
        if (rational_compare(mark->date, date) > 0) {
            break;
        }
        if (mark->kind <= MUSIC_MARK_METER) {
            return true;
        }
    }
    return walk->bar < h->music->n_bars &&
           rational_compare(h->music->bars[walk->bar].date, date) <= 0;
}

/* Of lyrics and texts: 12 pt unless the tag says otherwise. */
static struct ink_font font_of(const struct notation_tag *tag) {
    struct ink_font font = {.size = RULE_LYRIC_SIZE};
    if (tag != NULL) {
        font.family = notation_tag_text(tag, "font", NULL);
        font.size = fmin(fmax(notation_tag_length(tag, "fsize", font.size), 0.3), 40);
        const char *attributes = notation_tag_text(tag, "fattrib", "");
        font.is_bold = strchr(attributes, 'b') != NULL;
        font.is_italic = strchr(attributes, 'i') != NULL;
    }
    return font;
}

static void lyric_extents(struct horizontal *h, const struct music_chord *chord,
                          const struct chord_plan *plan) {
    double width = 0;
    bool has_hyphen = false;
    for (uint32_t i = 0; i < chord->n_syllables; i++) {
        const struct music_syllable *syllable = &chord->syllables[i];
        const struct ink_font font = font_of(syllable->tag);
        width = fmax(width, syllable->text != NULL ? text_width(&font, syllable->text) : 0);
        has_hyphen = has_hyphen || chord->syllables[i].has_hyphen;
    }
    if (width <= 0) {
        return;
    }
    double center = plan->dx + plan->head_width / 2;
    double hyphen = has_hyphen ? RULE_LYRIC_HYPHEN_GAP - RULE_LYRIC_GAP : 0;
    extent_add(h, (struct extent){.layer = (uint32_t)h->music->n_staves + chord->staff,
                                  .gap = RULE_LYRIC_GAP,
                                  .left = width / 2 - center,
                                  .right = width / 2 + center + hyphen});
}

/* Position-form texts of this date: they keep apart from each other. A breath takes room before
 * its note. */
static void text_extents(struct horizontal *h, struct walk *walk, struct rational date) {
    const struct music *music = h->music;
    for (;
         walk->text < music->n_marks && rational_compare(music->marks[walk->text].date, date) <= 0;
         walk->text++) {
        const struct music_mark *mark = &music->marks[walk->text];
        if (mark->kind == MUSIC_MARK_BREATH && mark->staff < music->n_staves) {
            extent_add(h, (struct extent){
                              .layer = mark->staff, .left = RULE_BREATH, .gap = RULE_HEAD_GAP});
        }
        if (mark->kind == MUSIC_MARK_TEXT && mark->text != NULL && !mark->is_hidden &&
            mark->staff < music->n_staves) {
            const struct ink_font font = font_of(mark->tag);
            extent_add(h, (struct extent){.layer = (uint32_t)(2 * music->n_staves) + mark->staff,
                                          .right = text_width(&font, mark->text),
                                          .gap = RULE_TEXT_GAP});
        }
    }
}

static void cell_extents(struct horizontal *h, const uint32_t *members, uint32_t n) {
    struct extent extent = {.layer = h->music->chords[members[0]].staff,
                            .left = -INFINITY,
                            .right = -INFINITY,
                            .gap = RULE_HEAD_GAP};
    for (uint32_t k = 0; k < n; k++) {
        const struct music_chord *chord = &h->music->chords[members[k]];
        const struct chord_plan *plan = &h->chords[members[k]];
        if (plan->head_width > 0 && !chord->is_hidden) {
            extent.left = fmax(extent.left, -plan->left);
            extent.right = fmax(extent.right, plan->right);
            for (uint32_t i = 0; i < chord->n_heads; i++) {
                if (chord->heads[i].tie_to_chord != NOTATION_NONE) {
                    extent.right = fmax(extent.right, plan->dx + plan->heads_right + RULE_TIE_ROOM);
                    break;
                }
            }
        }
        lyric_extents(h, chord, plan);
    }
    if (extent.right > -INFINITY) {
        extent_add(h, extent);
    }
}

static bool is_prefix(const struct horizontal *h, const struct music_chord *chord) {
    if (chord->is_grace) {
        return true;
    }
    if (chord->duration.num != 0 || chord->next_in_voice == NOTATION_NONE) {
        return false;
    }
    const struct music_chord *next = &h->music->chords[chord->next_in_voice];
    return next->measure == chord->measure && rational_compare(next->date, chord->date) == 0;
}

/* One column: its chords [first, end[ of the order, cell by cell. */
static bool column_add(struct horizontal *h, struct walk *walk, struct sounding *sounding,
                       uint32_t first, uint32_t end, double *shortest) {
    const struct music *music = h->music;
    const struct music_chord *any = &music->chords[h->order[first]];
    uint32_t slot_i = (uint32_t)h->n_slots;
    struct slot *slot = slot_add(h, SLOT_NOTES, any->date, any->measure);
    if (slot == NULL) {
        return false;
    }
    slot->first_chord = first;
    slot->end_chord = end;
    double date = rational_to_double(any->date);
    for (uint32_t k = first; k < end; k++) {
        const struct music_chord *chord = &music->chords[h->order[k]];
        struct chord_plan *plan = &h->chords[h->order[k]];
        plan->slot = slot_i;
        plan->is_prefix = is_prefix(h, chord);
        double duration = rational_to_double(chord->duration);
        if (!plan->is_prefix && duration > 0) {
            slot->has_events = true;
            sounding_add(sounding, duration, date + duration);
        }
        slot->fixed = fmax(slot->fixed, chord->space_before);
    }
    *shortest = sounding_shortest(sounding, date);
    for (uint32_t k = first; k < end;) {
        uint32_t to = k + 1;
        while (to < end && music->chords[h->order[to]].staff == music->chords[h->order[k]].staff) {
            to++;
        }
        cell_layout(h, h->order + k, to - k);
        cell_extents(h, h->order + k, to - k);
        k = to;
    }
    text_extents(h, walk, any->date);
    h->slots[slot_i].end_extent = (uint32_t)h->n_extents;
    return !arena_is_full(h->arena);
}

/* The springs, once the dates of all neighbours are known. */
static void springs_set(struct horizontal *h, const double *shortest) {
    for (size_t i = 0; i + 1 < h->n_slots; i++) {
        struct slot *slot = &h->slots[i];
        const struct slot *next = &h->slots[i + 1];
        if (slot->kind == SLOT_GUTTER) {
            continue;
        }
        double gap = rational_to_double(next->date) - rational_to_double(slot->date);
        slot->natural = gap > 0 ? spring_over(h, gap, shortest[i]) : 0;
        if (next->kind == SLOT_GUTTER) { /* without bar line the next note keeps its distance */
            const struct gutter *gutter = &h->gutters[next->gutter];
            if (gutter->bar_width <= 0 && !gutter->is_empty) {
                slot->natural = fmax(0.5, slot->natural - gutter->right - gutter->to_note);
            }
        }
    }
}

/* Chords by measure, dates stay in order inside (counting sort). */
static bool order_make(struct horizontal *h) {
    const struct music *music = h->music;
    size_t n_measures = music->n_measures;
    uint32_t *begin = arena_array(h->arena, n_measures + 2, sizeof *begin);
    h->order = arena_array(h->arena, music->n_chords + 1, sizeof *h->order);
    if (begin == NULL || h->order == NULL) {
        return false;
    }
    for (size_t i = 0; i < music->n_chords; i++) {
        uint32_t measure = music->chords[i].measure;
        begin[(measure < n_measures ? measure : n_measures - 1) + 1]++;
    }
    for (size_t m = 0; m < n_measures; m++) {
        begin[m + 1] += begin[m];
    }
    for (size_t i = 0; i < music->n_chords; i++) {
        uint32_t measure = music->chords[i].measure;
        h->order[begin[measure < n_measures ? measure : n_measures - 1]++] = (uint32_t)i;
    }
    return true;
}

static bool measure_add(struct horizontal *h, struct walk *walk, struct sounding *sounding,
                        uint32_t measure, uint32_t *next, double **shortest, size_t *capacity) {
    const struct music *music = h->music;
    while (*next < music->n_chords) {
        const struct music_chord *chord = &music->chords[h->order[*next]];
        uint32_t of =
            chord->measure < music->n_measures ? chord->measure : (uint32_t)music->n_measures - 1;
        if (of != measure) {
            break;
        }
        if (has_signs(h, walk, chord->date) && !gutter_add(h, walk, chord->date, measure, false)) {
            return false;
        }
        uint32_t end = *next + 1;
        while (end < music->n_chords && music->chords[h->order[end]].measure == chord->measure &&
               rational_compare(music->chords[h->order[end]].date, chord->date) == 0) {
            end++;
        }
        double value;
        if (!column_add(h, walk, sounding, *next, end, &value)) {
            return false;
        }
        while (*capacity < h->n_slots) {
            if (!arena_grow(h->arena, (void **)shortest, *capacity, capacity, sizeof **shortest)) {
                return false;
            }
        }
        (*shortest)[h->n_slots - 1] = value;
        *next = end;
    }
    return true;
}

int columns_build(struct horizontal *h) {
    const struct music *music = h->music;
    h->boundary_slot = arena_array(h->arena, music->n_measures + 1, sizeof *h->boundary_slot);
    h->n_layers = (uint32_t)(3 * music->n_staves);
    h->frontier = arena_array(h->arena, h->n_layers + 1, sizeof *h->frontier);
    if (h->boundary_slot == NULL || h->frontier == NULL || !order_make(h)) {
        return LG_ETOOLARGE;
    }
    struct walk walk = {0};
    struct sounding sounding = {.n = 0};
    double *shortest = NULL;
    size_t capacity = 0;
    uint32_t next = 0;
    for (uint32_t m = 0; m < music->n_measures; m++) {
        struct rational begin = music->measures[m].begin;
        if (m == 0) { /* the first signatures are the header's, a repeat's begin too */
            while (walk.mark < music->n_marks &&
                   rational_compare(music->marks[walk.mark].date, begin) <= 0) {
                walk.mark++;
            }
            while (walk.bar < music->n_bars &&
                   rational_compare(music->bars[walk.bar].date, begin) <= 0) {
                walk.bar++;
            }
            h->boundary_slot[0] = NOTATION_NONE;
        } else if (!gutter_add(h, &walk, begin, m, true)) {
            return LG_ETOOLARGE;
        }
        if (!measure_add(h, &walk, &sounding, m, &next, &shortest, &capacity)) {
            return LG_ETOOLARGE;
        }
    }
    if (music->n_measures > 0 && !gutter_add(h, &walk, music->measures[music->n_measures - 1].end,
                                             (uint32_t)music->n_measures, true)) {
        return LG_ETOOLARGE;
    }
    springs_set(h, shortest);
    return 0;
}
