/* Look-ups that several passes need; the passes are in files of their own. */
#include "renderer/notation/music/arrange.h"

#include <string.h>

#include "common/err.h"
#include "renderer/notation/music/dates.h"

void *list_add(struct arena *arena, struct list *list, size_t size_bytes) {
    if (!arena_grow(arena, &list->items, list->n, &list->capacity, size_bytes)) {
        return NULL;
    }
    void *item = (unsigned char *)list->items + list->n++ * size_bytes;
    memset(item, 0, size_bytes);
    return item;
}

void *list_keep(struct arena *arena, const struct list *list, size_t size_bytes) {
    if (list->n == 0) {
        return NULL;
    }
    void *copy = arena_array(arena, list->n, size_bytes);
    if (copy != NULL) {
        memcpy(copy, list->items, list->n * size_bytes);
    }
    return copy;
}

struct open_state {
    uint32_t tag;
    const struct notation_tag *outer;
};

static bool has_kind(const enum notation_tag_kind *kinds, size_t n_kinds,
                     enum notation_tag_kind kind) {
    for (size_t i = 0; i < n_kinds; i++) {
        if (kinds[i] == kind) {
            return true;
        }
    }
    return false;
}

/* Restore what held before the range `tag`; open ranges of one set may overlap as pairs. */
static const struct notation_tag *close_state(struct list *open, uint32_t tag,
                                              const struct notation_tag *current) {
    struct open_state *states = open->items;
    for (size_t i = open->n; i-- > 0;) {
        if (states[i].tag == tag) {
            const struct notation_tag *outer = states[i].outer;
            if (i + 1 < open->n) { /* one that opened later goes on */
                states[i + 1].outer = outer;
                outer = current;
            }
            memmove(&states[i], &states[i + 1], (open->n - i - 1) * sizeof(states[0]));
            open->n--;
            return outer;
        }
    }
    return current;
}

int arrange_states(struct arranger *arranger, const struct arranged_voice *voice,
                   const enum notation_tag_kind *kinds, size_t n_kinds,
                   const struct notation_tag ***out) {
    const struct notation_voice *model = voice->model;
    const struct notation_tag *current = NULL, **states = NULL;
    struct list open = {0};
    uint32_t n_tags = 0;
    for (size_t i = 0; i < n_kinds; i++) {
        n_tags += voice->kinds[kinds[i]];
    }
    *out = NULL;
    if (n_tags == 0 || model->n_events == 0) {
        return 0;
    }
    states = arena_array(arranger->scratch, model->n_events, sizeof(*states));
    if (states == NULL) {
        return LG_ETOOLARGE;
    }
    for (size_t i = 0; i < model->n_items; i++) {
        const struct notation_item *item = &model->items[i];
        if (item->kind == NOTATION_ITEM_EVENT) {
            states[item->index] = current;
            continue;
        }
        const struct notation_tag *tag = &model->tags[item->index];
        if (!has_kind(kinds, n_kinds, tag->kind)) {
            continue;
        }
        if (item->kind == NOTATION_ITEM_TAG_END) {
            current = close_state(&open, item->index, current);
            continue;
        }
        if (tag->has_range) {
            struct open_state *state = list_add(arranger->scratch, &open, sizeof(*state));
            if (state == NULL) {
                return LG_ETOOLARGE;
            }
            *state = (struct open_state){item->index, current};
        }
        current = tag;
    }
    *out = states;
    return 0;
}

const uint32_t *arrange_event_chords(const struct arranged_voice *voice, size_t event, size_t *n) {
    *n = voice->event_parts[event + 1] - voice->event_parts[event];
    return voice->parts + voice->event_parts[event];
}

uint32_t arrange_first_chord(const struct arranged_voice *voice, size_t first, size_t end) {
    for (size_t event = first; event < end && event < voice->model->n_events; event++) {
        size_t n;
        const uint32_t *chords = arrange_event_chords(voice, event, &n);
        if (n > 0) {
            return chords[0];
        }
    }
    return NOTATION_NONE;
}

uint32_t arrange_last_chord(const struct arranger *arranger, const struct arranged_voice *voice,
                            size_t first, size_t end) {
    const struct music_chord *all = arranger->music->chords;
    for (size_t event = end < voice->model->n_events ? end : voice->model->n_events;
         event-- > first;) {
        size_t n;
        const uint32_t *chords = arrange_event_chords(voice, event, &n);
        if (n > 0) {
            size_t last = 0;
            while (last + 1 < n && all[chords[last + 1]].is_continuation) {
                last++;
            }
            return chords[last];
        }
    }
    return NOTATION_NONE;
}

uint32_t arrange_chord_at(const struct arranger *arranger, const struct arranged_voice *voice,
                          size_t event, struct rational date) {
    if (event >= voice->model->n_events) {
        return NOTATION_NONE;
    }
    uint32_t chord = arrange_first_chord(voice, event, event + 1);
    if (chord == NOTATION_NONE || !date_equal(arranger->music->chords[chord].date, date)) {
        return NOTATION_NONE;
    }
    return chord;
}

struct rational arrange_tag_date(const struct arranged_voice *voice,
                                 const struct notation_tag *tag) {
    const struct notation_voice *model = voice->model;
    if (tag->first < model->n_items) {
        return model->items[tag->first].date;
    }
    return model->duration;
}

struct rational arrange_tag_end(const struct arranged_voice *voice,
                                const struct notation_tag *tag) {
    const struct notation_voice *model = voice->model;
    if (!tag->has_range || tag->end_event <= tag->first_event) {
        return arrange_tag_date(voice, tag);
    }
    const struct notation_event *last = &model->events[tag->end_event - 1];
    return date_add(last->date, last->duration);
}

uint32_t arrange_tag_staff(const struct arranged_voice *voice, const struct notation_tag *tag) {
    if (tag->first < voice->model->n_items) {
        return voice->item_staff[tag->first];
    }
    return voice->n_staves > 0 ? voice->staves[voice->n_staves - 1] : 0;
}

/* Number of entries at or before date; `date` is the first member of each entry. */
static size_t count_until(const void *items, size_t n, size_t size, struct rational date) {
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        struct rational at;
        memcpy(&at, (const unsigned char *)items + middle * size, sizeof(at));
        if (date_less(date, at)) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

const struct clef_at *arrange_clef(const struct arranger *arranger, uint32_t staff,
                                   struct rational date) {
    const struct list *clefs = &arranger->staves[staff].clefs;
    size_t n = count_until(clefs->items, clefs->n, sizeof(struct clef_at), date);
    return n > 0 ? (const struct clef_at *)clefs->items + (n - 1) : NULL;
}

const struct key_at *arrange_key(const struct arranger *arranger, uint32_t staff,
                                 struct rational date) {
    const struct list *keys = &arranger->staves[staff].keys;
    size_t n = count_until(keys->items, keys->n, sizeof(struct key_at), date);
    return n > 0 ? (const struct key_at *)keys->items + (n - 1) : NULL;
}

struct notation_interval arrange_written(const struct arranger *arranger, uint32_t staff,
                                         struct rational date) {
    const struct key_at *key = arrange_key(arranger, staff, date); /* there is one from \instr on */
    return key != NULL ? key->key.written : (struct notation_interval){0, 0};
}

const struct meter_at *arrange_meter(const struct arranged_voice *voice, struct rational date) {
    size_t n = count_until(voice->meters, voice->n_meters, sizeof(struct meter_at), date);
    return n > 0 ? &voice->meters[n - 1] : NULL;
}

size_t arrange_bar_before(const struct arranged_voice *voice, struct rational date) {
    size_t n = count_until(voice->bars.items, voice->bars.n, sizeof(struct arranged_bar), date);
    return n > 0 ? n - 1 : SIZE_MAX;
}
