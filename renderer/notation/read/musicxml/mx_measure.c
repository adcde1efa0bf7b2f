/* The walk through one part: the cursor, voices, bar lines, pairs that wait for their end. */
#include <string.h>

#include "common/err.h"
#include "proto/limits.h"
#include "renderer/notation/read/musicxml/mx.h"

bool mx_duration(struct mx *mx, const xmlNode *node, int64_t divisions, struct rational *out) {
    const char *text = mx_child_text(mx, node, "duration");
    struct rational duration, quarters = {1, 4 * divisions};
    double number = mx_number(text, -1);
    return number >= 0 && rational_from_float(number, &duration) &&
           rational_multiply(duration, quarters, out);
}

struct rational mx_date(const struct mx *mx) {
    struct rational date = mx->measures[mx->measure].start;
    rational_add(date, mx->part->position, &date);
    return date;
}

void mx_add_entry(struct mx *mx, struct mx_voice *voice, const struct mx_entry *entry) {
    void *entries = voice->entries;
    if (arena_grow(mx->arena, &entries, voice->n_entries, &voice->entries_capacity,
                   sizeof(*voice->entries))) {
        voice->entries = entries;
        voice->entries[voice->n_entries] = *entry;
        voice->entries[voice->n_entries++].sequence = mx->sequence++;
    }
}

void mx_pend(struct mx *mx, const struct mx_entry *entry, const char *voice) {
    struct mx_part *part = mx->part;
    void *pending = part->pending;
    if (arena_grow(mx->arena, &pending, part->n_pending, &part->pending_capacity,
                   sizeof(*part->pending))) {
        part->pending = pending;
        part->pending[part->n_pending++] = (struct mx_pending){.entry = *entry, .voice = voice};
    }
}

struct mx_voice *mx_voice_named(struct mx *mx, const char *name, int staff) {
    struct mx_part *part = mx->part;
    for (size_t i = 0; i < part->n_voices; i++) {
        if (strcmp(part->voices[i].name, name) == 0) {
            return &part->voices[i];
        }
    }
    if (part->n_voices >= MX_VOICES_MAX) {
        mx_refuse(mx, NULL, LG_ETOOLARGE, "part %.40s has more than %d voices", part->id,
                  MX_VOICES_MAX);
        return NULL;
    }
    struct mx_voice *voice = &part->voices[part->n_voices++];
    *voice = (struct mx_voice){.name = name, .home_staff = staff, .stem = 2};
    return voice;
}

int64_t mx_span_begin(struct mx *mx, enum notation_tag_kind kind, int key, const char *voice,
                      int staff) {
    struct mx_part *part = mx->part;
    if (part->n_spans == MX_SPANS_MAX) { /* the oldest will hardly be closed any more */
        memmove(part->spans, part->spans + 1, (MX_SPANS_MAX - 1) * sizeof(part->spans[0]));
        part->n_spans--;
    }
    part->spans[part->n_spans++] = (struct mx_span){
        .kind = kind, .key = key, .id = ++mx->next_id, .voice = voice, .staff = staff};
    return mx->next_id;
}

bool mx_span_end(struct mx *mx, enum notation_tag_kind kind, int key, const char *voice,
                 struct mx_span *out) {
    struct mx_part *part = mx->part;
    size_t found = part->n_spans;
    bool is_same_voice = false;
    for (size_t i = part->n_spans; i-- > 0 && !is_same_voice;) {
        const struct mx_span *span = &part->spans[i];
        if (span->kind == kind && span->key == key) {
            is_same_voice = voice != NULL && span->voice != NULL && strcmp(span->voice, voice) == 0;
            found = is_same_voice || found == part->n_spans ? i : found;
        }
    }
    if (found == part->n_spans) {
        return false;
    }
    *out = part->spans[found];
    memmove(&part->spans[found], &part->spans[found + 1],
            (part->n_spans - found - 1) * sizeof(part->spans[0]));
    part->n_spans--;
    return true;
}

/* -- bar lines ------------------------------------------------------------------- */

/* The bracket that began with this id has no hook at its end. */
static void open_ending(struct mx *mx, int64_t id) {
    for (size_t i = mx->part->n_pending; i-- > 0;) {
        struct mx_entry *entry = &mx->part->pending[i].entry;
        if (entry->what == MX_PAIR_BEGIN && entry->tag.id == id && entry->tag.n_params == 2) {
            entry->tag.params[1].text = "|-";
            return;
        }
    }
}

static void read_ending(struct mx *mx, const xmlNode *node, bool is_right) {
    struct mx_entry entry = {
        .date = mx->measures[mx->measure].start,
        .rank = MX_RANK_BEGIN,
        .what = MX_PAIR_BEGIN,
        .staff = mx->part->first_staff,
        .tag = mx_tag(TAG_VOLTA, node),
    };
    if (mx->part != &mx->parts[0]) {
        return; /* one bracket over the system */
    }
    if (is_right) {
        rational_add(entry.date, mx->measures[mx->measure].length, &entry.date);
    }
    if (mx_attribute_is(node, "type", "start")) {
        const char *number = mx_attribute(mx, node, "number"), *text = mx_text(mx, node);
        mx_param_text(mx, &entry.tag, NULL,
                      text != NULL     ? text
                      : number != NULL ? mx_format(mx, "%.40s.", number)
                                       : "1.");
        mx_param_text(mx, &entry.tag, NULL, "|-|");
        entry.tag.id = mx_span_begin(mx, TAG_VOLTA, 0, NULL, mx->part->first_staff);
    } else {
        struct mx_span span;
        if (!mx_span_end(mx, TAG_VOLTA, 0, NULL, &span)) {
            return;
        }
        entry.tag.id = span.id;
        entry.what = MX_PAIR_END;
        entry.rank = MX_RANK_END;
        if (mx_attribute_is(node, "type", "discontinue")) {
            open_ending(mx, span.id);
        }
    }
    mx_pend(mx, &entry, NULL);
}

static void read_barline(struct mx *mx, xmlNode *node) {
    struct mx_measure *measure = &mx->measures[mx->measure];
    bool is_left = mx_attribute_is(node, "location", "left");
    bool is_middle = mx_attribute_is(node, "location", "middle");
    const char *style = mx_child_text(mx, node, "bar-style");
    xmlNode *repeat = mx_child(node, "repeat"), *ending = mx_child(node, "ending");
    if (ending != NULL) {
        read_ending(mx, ending, !is_left);
    }
    if (mx_child(node, "fermata") != NULL) {
        struct mx_entry entry = {.date = mx_date(mx),
                                 .rank = MX_RANK_END,
                                 .what = MX_TAG,
                                 .staff = mx->part->first_staff,
                                 .tag = mx_tag(TAG_FERMATA, node)};
        mx_pend(mx, &entry, NULL);
    }
    if (is_middle) {
        struct mx_entry entry = {.date = mx_date(mx),
                                 .rank = MX_RANK_BAR,
                                 .what = MX_TAG,
                                 .staff = mx->part->first_staff,
                                 .tag = mx_tag(TAG_BAR, node)};
        if (style != NULL) {
            mx_param_text(mx, &entry.tag, "style", style);
        }
        mx_pend(mx, &entry, NULL);
    } else if (is_left) {
        measure->left = style != NULL ? style : measure->left;
        measure->has_repeat_begin |=
            repeat != NULL && mx_attribute_is(repeat, "direction", "forward");
    } else {
        measure->right = style != NULL ? style : measure->right;
        measure->has_repeat_end |=
            repeat != NULL && mx_attribute_is(repeat, "direction", "backward");
    }
}

/* -- measures -------------------------------------------------------------------- */

static bool read_element(struct mx *mx, xmlNode *node) {
    struct mx_part *part = mx->part;
    struct rational duration;
    if (mx_is(node, "note")) {
        return mx_read_note(mx, node);
    }
    if (mx_is(node, "attributes")) {
        mx_read_attributes(mx, node);
    } else if (mx_is(node, "backup") || mx_is(node, "forward")) {
        bool is_back = mx_is(node, "backup");
        if (mx_duration(mx, node, part->divisions, &duration)) {
            duration.num = is_back ? -duration.num : duration.num;
            rational_add(part->position, duration, &part->position);
        }
        if (part->position.num < 0) { /* by rounding */
            part->position = (struct rational){0, 1};
        }
        part->last = NULL;
    } else if (mx_is(node, "direction")) {
        mx_read_direction(mx, node);
    } else if (mx_is(node, "harmony")) {
        mx_read_harmony(mx, node);
    } else if (mx_is(node, "sound")) {
        mx_read_sound(mx, node);
    } else if (mx_is(node, "barline")) {
        read_barline(mx, node);
    }
    return true;
}

/* Staves that no voice is at home on get one without notes, so that they are drawn. */
static void add_empty_staves(struct mx *mx) {
    struct mx_part *part = mx->part;
    for (int i = 0; i < part->n_staves; i++) {
        bool is_used = false;
        for (size_t j = 0; j < part->n_voices; j++) {
            is_used = is_used || part->voices[j].home_staff == part->first_staff + i;
        }
        if (!is_used) {
            mx_voice_named(mx, mx_format(mx, "staff %d", i + 1), part->first_staff + i);
        }
    }
}

static struct mx_voice *voice_of_pending(struct mx_part *part, const struct mx_pending *pending) {
    for (size_t i = 0; pending->voice != NULL && i < part->n_voices; i++) {
        if (strcmp(part->voices[i].name, pending->voice) == 0) {
            return &part->voices[i];
        }
    }
    for (size_t i = 0; i < part->n_voices; i++) {
        if (part->voices[i].home_staff == pending->entry.staff) {
            return &part->voices[i];
        }
    }
    return &part->voices[0];
}

bool mx_read_part(struct mx *mx, struct mx_part *part) {
    mx->part = part;
    part->divisions = 1;
    for (mx->measure = 0; mx->measure < mx->n_measures; mx->measure++) {
        part->position = (struct rational){0, 1};
        part->last = NULL;
        if (part->contents[mx->measure] == NULL) {
            continue;
        }
        for (xmlNode *node = mx_element(part->contents[mx->measure]->children); node != NULL;
             node = mx_element(node->next)) {
            if (!read_element(mx, node)) {
                return false;
            }
        }
    }
    add_empty_staves(mx);
    if (mx->code != 0 || part->n_voices == 0) {
        return mx->code == 0;
    }
    for (size_t i = 0; i < part->n_pending; i++) {
        struct mx_voice *voice = voice_of_pending(part, &part->pending[i]);
        struct mx_entry entry = part->pending[i].entry;
        bool is_signature = entry.rank == MX_RANK_SIGNATURE || entry.rank == MX_RANK_CLEF;
        entry.staff = is_signature ? entry.staff : -1;
        mx_add_entry(mx, voice, &entry);
    }
    return !arena_is_full(mx->arena) || mx_full(mx);
}
