/* Clefs, keys and meters in force: what any voice of a staff writes holds for the staff, a voice's
 * own meters drive its bars (gmn.md 6, 9, 10.1, 10.10). */
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "renderer/notation/music/arrange.h"
#include "renderer/notation/music/dates.h"
#include "renderer/notation/music/signature_text.h"

/* A signature tag of a staff, before the tags of all voices are put in order. */
struct found {
    struct rational date;
    const struct notation_tag *tag;
    uint32_t staff, voice, place;
};

static int compare_found(const void *a, const void *b) {
    const struct found *left = a, *right = b;
    if (left->staff != right->staff) {
        return left->staff < right->staff ? -1 : 1;
    }
    int order = rational_compare(left->date, right->date);
    if (order != 0) {
        return order;
    }
    return (left->place > right->place) - (left->place < right->place);
}

static bool is_signature(const struct notation_tag *tag) {
    struct notation_interval up;
    return tag->kind == TAG_CLEF || tag->kind == TAG_KEY || tag->kind == TAG_METER ||
           (tag->kind == TAG_INSTRUMENT &&
            notation_interval_of_instrument(notation_tag_text(tag, "transp", ""), &up));
}

static int find_tags(struct arranger *arranger, struct list *found) {
    uint32_t place = 0;
    for (size_t v = 0; v < arranger->music->n_voices; v++) {
        const struct arranged_voice *voice = &arranger->voices[v];
        for (size_t t = 0; t < voice->model->n_tags; t++) {
            const struct notation_tag *tag = &voice->model->tags[t];
            if (!is_signature(tag)) {
                continue;
            }
            struct found *item = list_add(arranger->scratch, found, sizeof(*item));
            if (item == NULL) {
                return LG_ETOOLARGE;
            }
            *item = (struct found){arrange_tag_date(voice, tag), tag, arrange_tag_staff(voice, tag),
                                   (uint32_t)v, place++};
        }
    }
    if (found->n > 1) {
        qsort(found->items, found->n, sizeof(struct found), compare_found);
    }
    return 0;
}

/* Signs of the old key on steps that the new one leaves alone (10.10). */
static void cancel_signs(struct music_key *key, const struct music_key *old) {
    for (int i = 0; i < old->n_signs; i++) {
        bool stays = false;
        for (int j = 0; j < key->n_signs; j++) {
            stays = stays || key->signs[j].step == old->signs[i].step;
        }
        if (!stays && key->n_naturals < 16) {
            key->naturals[key->n_naturals] = old->signs[i];
            key->naturals[key->n_naturals++].accidental = MUSIC_NATURAL;
        }
    }
}

/* The entry for a date: the last one when it has that date, or a new one. */
static void *entry_at(struct arranger *arranger, struct list *list, size_t size,
                      struct rational date) {
    if (list->n > 0) {
        unsigned char *last = (unsigned char *)list->items + (list->n - 1) * size;
        struct rational at;
        memcpy(&at, last, sizeof(at));
        if (date_equal(at, date)) {
            return last;
        }
    }
    return list_add(arranger->scratch, list, size);
}

static int add_clef(struct arranger *arranger, const struct found *found) {
    struct list *clefs = &arranger->staves[found->staff].clefs;
    struct clef_at *at = entry_at(arranger, clefs, sizeof(*at), found->date);
    if (at == NULL) {
        return LG_ETOOLARGE;
    }
    at->date = found->date;
    at->tag = found->tag;
    at->clef = signature_parse_clef(notation_tag_text(found->tag, "type", "treble"));
    return 0;
}

static int add_transposition(struct arranger *arranger, const struct found *found) {
    struct list *list = &arranger->staves[found->staff].transpositions;
    struct transposition_at *at = entry_at(arranger, list, sizeof(*at), found->date);
    if (at == NULL) {
        return LG_ETOOLARGE;
    }
    at->date = found->date;
    notation_interval_of_instrument(notation_tag_text(found->tag, "transp", ""), &at->up);
    return 0;
}

static struct notation_interval transposition_at(const struct arranger *arranger, uint32_t staff,
                                                 struct rational date) {
    const struct list *list = &arranger->staves[staff].transpositions;
    const struct transposition_at *all = list->items;
    size_t n = 0;
    while (n < list->n && !date_less(date, all[n].date)) {
        n++;
    }
    return n > 0 ? all[n - 1].up : (struct notation_interval){0, 0};
}

static int add_key(struct arranger *arranger, const struct found *found) {
    struct list *keys = &arranger->staves[found->staff].keys;
    const struct clef_at *clef = arrange_clef(arranger, found->staff, found->date);
    struct music_key key = signature_read_key(found->tag, &clef->clef);
    signature_transpose_key(&key, transposition_at(arranger, found->staff, found->date),
                            &clef->clef);
    struct key_at *at = entry_at(arranger, keys, sizeof(*at), found->date);
    if (at == NULL) {
        return LG_ETOOLARGE;
    }
    *at =
        (struct key_at){.date = found->date, .key = key, .tag = found->tag, .voice = found->voice};
    if (keys->n > 1 &&
        (found->tag == NULL || !notation_tag_bool(found->tag, "hideNaturals", false))) {
        /* heights of the clef that is now in force */
        struct music_key old = signature_read_key(at[-1].tag, &clef->clef);
        signature_transpose_key(&old, at[-1].key.written, &clef->clef);
        cancel_signs(&at->key, &old);
    }
    for (int i = 0; i < key.n_signs; i++) {
        at->quarters[key.signs[i].step] = (int8_t)accidental_quarters(key.signs[i].accidental);
    }
    return 0;
}

/* Where an instrument begins to transpose, the key is written anew; C major when there is none. */
static int add_key_of_instrument(struct arranger *arranger, const struct found *found) {
    const struct list *keys = &arranger->staves[found->staff].keys;
    const struct key_at *last =
        keys->n > 0 ? (const struct key_at *)keys->items + (keys->n - 1) : NULL;
    struct notation_interval before = {0, 0};
    struct notation_interval up = transposition_at(arranger, found->staff, found->date);
    if (last != NULL) {
        before = transposition_at(arranger, found->staff, last->date);
    }
    if ((last != NULL && date_equal(last->date, found->date)) ||
        (before.steps == up.steps && before.semitones == up.semitones)) {
        return 0;
    }
    struct found key = *found;
    key.tag = last != NULL ? last->tag : NULL;
    return add_key(arranger, &key);
}

static struct music_meter read_meter(const struct notation_tag *tag) {
    struct music_meter meter = signature_parse_meter(notation_tag_text(tag, "type", "4/4"));
    meter.has_auto_bars = notation_tag_bool(tag, "autoBarlines", true);
    meter.is_hidden = notation_tag_bool(tag, "hidden", false);
    return meter;
}

static int add_meter(struct arranger *arranger, const struct found *found) {
    struct list *meters = &arranger->staves[found->staff].meters;
    struct meter_at *at = entry_at(arranger, meters, sizeof(*at), found->date);
    if (at == NULL) {
        return LG_ETOOLARGE;
    }
    *at = (struct meter_at){.date = found->date,
                            .meter = read_meter(found->tag),
                            .tag = found->tag,
                            .voice = found->voice};
    return 0;
}

static int add_default_clef(struct arranger *arranger, uint32_t staff) {
    struct clef_at *at = list_add(arranger->scratch, &arranger->staves[staff].clefs, sizeof(*at));
    if (at == NULL) {
        return LG_ETOOLARGE;
    }
    bool is_tab = arranger->music->staves[staff].is_tab;
    at->date = (struct rational){0, 1};
    at->clef = signature_parse_clef(is_tab ? "TAB" : "treble");
    return 0;
}

static int fill_staves(struct arranger *arranger, const struct list *found) {
    const struct found *items = found->items;
    for (uint32_t staff = 0; staff < arranger->music->n_staves; staff++) {
        int code = add_default_clef(arranger, staff); /* one that is written at 0 takes its place */
        if (code != 0) {
            return code;
        }
    }
    for (size_t i = 0; i < found->n; i++) { /* first what the keys need */
        int code = items[i].tag->kind == TAG_CLEF         ? add_clef(arranger, &items[i])
                   : items[i].tag->kind == TAG_INSTRUMENT ? add_transposition(arranger, &items[i])
                                                          : 0;
        if (code != 0) {
            return code;
        }
    }
    for (size_t i = 0; i < found->n; i++) {
        int code = items[i].tag->kind == TAG_KEY     ? add_key(arranger, &items[i])
                   : items[i].tag->kind == TAG_METER ? add_meter(arranger, &items[i])
                   : items[i].tag->kind == TAG_INSTRUMENT
                       ? add_key_of_instrument(arranger, &items[i])
                       : 0;
        if (code != 0) {
            return code;
        }
    }
    return 0;
}

/* A voice's own meters; without any, those of its first staff. */
static int give_meters(struct arranger *arranger, struct arranged_voice *voice) {
    struct list own = {0};
    if (voice->kinds[TAG_METER] == 0) {
        if (voice->n_staves > 0) {
            const struct list *meters = &arranger->staves[voice->staves[0]].meters;
            voice->meters = meters->items;
            voice->n_meters = meters->n;
        }
        return 0;
    }
    for (size_t t = 0; t < voice->model->n_tags; t++) {
        const struct notation_tag *tag = &voice->model->tags[t];
        if (tag->kind != TAG_METER) {
            continue;
        }
        struct rational date = arrange_tag_date(voice, tag);
        struct meter_at *at = entry_at(arranger, &own, sizeof(*at), date);
        if (at == NULL) {
            return LG_ETOOLARGE;
        }
        *at = (struct meter_at){
            .date = date, .meter = read_meter(tag), .tag = tag, .voice = voice->index};
    }
    voice->meters = own.items;
    voice->n_meters = own.n;
    return 0;
}

int arrange_signatures(struct arranger *arranger) {
    struct list found = {0};
    int code = find_tags(arranger, &found);
    if (code == 0) {
        code = fill_staves(arranger, &found);
    }
    for (size_t v = 0; v < arranger->music->n_voices && code == 0; v++) {
        code = give_meters(arranger, &arranger->voices[v]);
    }
    return code;
}
