/* What is known where a stream goes on: what each voice of the text remembers, the tags in force,
 * the music before. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "renderer/notation/music/dates.h"
#include "renderer/notation/stream/stream_private.h"

enum reach {
    REACH_HERE,   /* this place, or the range of the tag */
    REACH_ON,     /* what follows in the voice: replayed where the music goes on */
    REACH_WHOLE,  /* the piece: before the first note only */
    REACH_AROUND, /* earlier music too */
};

static enum reach reach_of(enum notation_tag_kind kind) {
    switch (kind) {
    case TAG_CLEF:
    case TAG_KEY:
    case TAG_METER:
    case TAG_UNITS:
    case TAG_STEMS_UP:
    case TAG_STEMS_DOWN:
    case TAG_STEMS_AUTO:
    case TAG_STEMS_OFF:
    case TAG_BEAMS_AUTO:
    case TAG_BEAMS_FULL:
    case TAG_BEAMS_OFF:
    case TAG_NOTE_FORMAT:
    case TAG_REST_FORMAT:
    case TAG_DOT_FORMAT:
    case TAG_HEADS_REVERSE:
    case TAG_HEADS_CENTER:
    case TAG_HEADS_LEFT:
    case TAG_HEADS_RIGHT:
    case TAG_HEADS_NORMAL:
    case TAG_ALTER:
    case TAG_OCTAVA:
        return REACH_ON;
    case TAG_BAR_FORMAT:
    case TAG_STAFF:
    case TAG_STAFF_FORMAT:
    case TAG_STAFF_OFF:
    case TAG_STAFF_ON:
    case TAG_ACCOL:
    case TAG_SYSTEM_FORMAT:
    case TAG_PAGE_FORMAT:
    case TAG_SET:
    case TAG_INSTRUMENT:
    case TAG_TITLE:
    case TAG_COMPOSER:
    case TAG_FOOTER:
        return REACH_WHOLE;
    case TAG_REPEAT_BEGIN:
    case TAG_REPEAT_END:
    case TAG_VOLTA:
        return REACH_AROUND;
    default:
        return kind >= TAG_CODA && kind <= TAG_FINE ? REACH_AROUND : REACH_HERE;
    }
}

/* One of them ends the others: what a position form replaces. */
static enum notation_tag_kind family_of(enum notation_tag_kind kind) {
    if (kind >= TAG_STEMS_UP && kind <= TAG_STEMS_OFF) {
        return TAG_STEMS_UP;
    }
    if (kind >= TAG_BEAMS_AUTO && kind <= TAG_BEAMS_OFF && kind != TAG_FEATHERED_BEAM) {
        return TAG_BEAMS_AUTO;
    }
    return kind >= TAG_HEADS_REVERSE && kind <= TAG_HEADS_NORMAL ? TAG_HEADS_REVERSE : kind;
}

/* Before the first note of the piece. */
static bool is_header(const struct notation_voice *voice, const struct notation_tag *tag) {
    return tag->first_event == 0 && !tag->has_range && tag->first < voice->n_items &&
           voice->items[tag->first].date.num == 0;
}

bool stream_is_plain(const struct notation *notation) {
    for (size_t v = 0; v < notation->n_voices; v++) {
        const struct notation_voice *voice = &notation->voices[v];
        for (size_t t = 0; t < voice->n_tags; t++) {
            const struct notation_tag *tag = &voice->tags[t];
            enum reach reach = reach_of(tag->kind);
            if (tag->kind == TAG_METER && notation_tag_param(tag, "autoMeasuresNum") != NULL) {
                reach = REACH_WHOLE;
            }
            if (reach == REACH_AROUND || (reach == REACH_WHOLE && !is_header(voice, tag))) {
                return false;
            }
        }
    }
    return true;
}

/* -- the tags in force ------------------------------------------------------------------ */

#define FAMILIES TAG_COUNT

struct states {
    const struct notation_voice *voice;
    uint32_t *last;  /* tag of each family, NOTATION_NONE */
    uint32_t *depth; /* ranges of each family that are open */
};

/* Position forms inside a range of their family end with it. */
static void find_last(struct states *states, uint32_t n_items) {
    const struct notation_voice *voice = states->voice;
    for (uint32_t i = 0; i < n_items; i++) {
        const struct notation_item *item = &voice->items[i];
        if (item->kind == NOTATION_ITEM_EVENT) {
            continue;
        }
        const struct notation_tag *tag = &voice->tags[item->index];
        enum notation_tag_kind family = family_of(tag->kind);
        if (tag->has_range) {
            states->depth[family] += item->kind == NOTATION_ITEM_TAG ? 1 : UINT32_MAX; /* - 1 */
        } else if (reach_of(tag->kind) == REACH_ON && states->depth[family] == 0) {
            states->last[family] = item->index;
        }
    }
}

/* Tags of the header in their order, then what came later; in the stream's arena. */
static bool keep_states(struct arena *arena, const struct notation_voice *voice, uint32_t n_items,
                        struct voice_start *start) {
    uint32_t last[FAMILIES], depth[FAMILIES];
    struct states states = {voice, last, depth};
    struct voice_state *kept = NULL;
    size_t capacity = 0;
    memset(last, 0xff, sizeof last);
    memset(depth, 0, sizeof depth);
    find_last(&states, n_items);
    start->n_states = 0;
    for (uint32_t i = 0; i < n_items; i++) {
        const struct notation_item *item = &voice->items[i];
        if (item->kind != NOTATION_ITEM_TAG) {
            continue;
        }
        const struct notation_tag *tag = &voice->tags[item->index];
        enum reach reach = reach_of(tag->kind);
        bool is_kept = (reach == REACH_ON || reach == REACH_WHOLE) && is_header(voice, tag);
        if (!is_kept && last[family_of(tag->kind)] != item->index) {
            continue;
        }
        if (!arena_grow(arena, (void **)&kept, start->n_states, &capacity, sizeof *kept) ||
            !stream_keep_tag(arena, tag, &kept[start->n_states].tag)) {
            return false;
        }
        kept[start->n_states++].date = item->date;
    }
    start->states = kept;
    return true;
}

/* -- the base ---------------------------------------------------------------------------- */

static bool make_voice(const struct stream_run *run, uint32_t v, struct stream_base *base,
                       struct rational date) {
    struct arena *arena = run->stream->kept;
    const struct notation_voice *voice = &run->notation->voices[v];
    const struct voice_gap *gap;
    size_t origin = v < run->n_origins ? run->origins[v] : 0;
    size_t end = v < run->tail.n_ends ? run->tail.ends[v] : SIZE_MAX;
    if (!stream_gap_at(run, v, date, &gap)) {
        return false;
    }
    base->ends[v] = end != SIZE_MAX ? end + origin : SIZE_MAX;
    if (gap != NULL) {
        base->starts[v] = gap->start;
        base->offsets[v] = gap->offset + origin;
        return keep_states(arena, voice, gap->n_items, &base->starts[v]);
    }
    /* It ended before: nothing of it is left but what it says about its staff. */
    base->starts[v] = (struct voice_start){.date = voice->duration, .base = {1, 4}, .octave = 1};
    base->offsets[v] = base->ends[v];
    return keep_states(arena, voice, (uint32_t)voice->n_items, &base->starts[v]);
}

static bool is_steady(const struct music_before *before) {
    for (size_t v = 0; v < before->n_voices; v++) {
        if (!before->voices[v].is_steady) {
            return false;
        }
    }
    return true;
}

/* Notes and tags of all voices before the base: of the last one, which is read last, so far. */
static void count(const struct stream_run *run, struct rational date, struct stream_base *base) {
    const struct voice_gap *gap;
    uint32_t last = (uint32_t)run->notation->n_voices - 1;
    base->n_notes = base->n_tags = 0;
    if (stream_gap_at(run, last, date, &gap) && gap != NULL) {
        base->n_notes = gap->n_notes;
        base->n_tags = gap->n_tags;
    }
}

const struct stream_base *stream_base_make(const struct stream_run *run, uint32_t measure) {
    struct arena *arena = run->stream->kept;
    const struct music *music = run->music;
    const struct music_measure *last = &music->measures[measure - 1];
    size_t n = run->notation->n_voices;
    struct rational date = music->measures[measure].begin;
    struct stream_base *base = arena_alloc(arena, sizeof *base);
    if (base == NULL) {
        return NULL;
    }
    base->n_voices = n;
    base->starts = arena_array(arena, n, sizeof *base->starts);
    base->offsets = arena_array(arena, n, sizeof *base->offsets);
    base->ends = arena_array(arena, n, sizeof *base->ends);
    if (base->starts == NULL || base->offsets == NULL || base->ends == NULL ||
        music_before_make(run->notation, music->before, date, arena, &base->music) != LG_OK ||
        !is_steady(&base->music)) {
        return NULL;
    }
    base->music.ends_with_bar = last->ends_with_bar;
    base->music.breaks_page = last->breaks_page_after;
    for (uint32_t v = 0; v < n; v++) {
        if (!make_voice(run, v, base, date)) {
            return NULL;
        }
    }
    count(run, date, base);
    uint32_t n_layers = (uint32_t)(3 * music->n_staves), n_ends = run->next.before.n_ends;
    base->layout.n_ends = n_ends;
    base->layout.ends = arena_array(arena, n_ends + (size_t)1, sizeof *base->layout.ends);
    if (base->layout.ends == NULL) {
        return NULL;
    }
    memcpy(base->layout.ends, run->next.before.ends, n_ends * sizeof *base->layout.ends);
    if (!columns_state_copy(arena, &run->next.before.natural, n_layers, &base->layout.natural) ||
        !columns_state_copy(arena, &run->next.before.least, n_layers, &base->layout.least)) {
        return NULL;
    }
    return base;
}
