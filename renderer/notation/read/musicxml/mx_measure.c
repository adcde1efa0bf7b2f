/* The walk through one part: attributes, the cursor, voices, bar lines. */
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

/* -- attributes ------------------------------------------------------------------ */

/* A signature for one staff of the part, or with number 0 for all of them. */
static void pend_signature(struct mx *mx, const struct notation_tag *tag, int64_t number,
                           enum mx_rank rank) {
    struct mx_part *part = mx->part;
    for (int i = 0; i < part->n_staves; i++) {
        if (number == 0 || number == i + 1) {
            struct mx_entry entry = {
                .date = mx_date(mx),
                .rank = rank,
                .what = MX_TAG,
                .staff = part->first_staff + i,
                .tag = *tag,
            };
            mx_pend(mx, &entry, NULL);
        }
    }
}

static int64_t staff_number(struct mx *mx, const xmlNode *node) {
    return mx_integer(mx_attribute(mx, node, "number"), 0, 0, MX_STAVES_MAX);
}

static void read_clef(struct mx *mx, const xmlNode *node) {
    const char *sign = mx_child_text(mx, node, "sign"), *name = "none";
    int64_t octaves = mx_integer(mx_child_text(mx, node, "clef-octave-change"), 0, -2, 2);
    int64_t number = staff_number(mx, node);
    static const struct {
        const char *sign, *name;
        int line;
    } rows[] = {{"G", "g", 2}, {"F", "f", 4}, {"C", "c", 3}, {"percussion", "perc", 0}, {"TAB", "TAB", 0}};
    for (size_t i = 0; sign != NULL && i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strcmp(sign, rows[i].sign) == 0) {
            int64_t line = mx_integer(mx_child_text(mx, node, "line"), rows[i].line, 1, 5);
            static const char *const shifts[] = {"-15", "-8", "", "+8", "+15"};
            name = rows[i].line == 0 ? rows[i].name
                                     : mx_format(mx, "%s%d%s", rows[i].name, (int)line,
                                                 shifts[octaves + 2]);
        }
    }
    for (int i = 0; i < mx->part->n_staves; i++) {
        if (number == 0 || number == i + 1) {
            mx->part->is_tab[i] = strcmp(name, "TAB") == 0;
        }
    }
    struct notation_tag tag = mx_tag(TAG_CLEF, node);
    mx_param_text(mx, &tag, NULL, name);
    bool is_change = mx->measure > 0 && mx->part->position.num == 0;
    /* Without a number it is for the first staff. */
    pend_signature(mx, &tag, number == 0 ? 1 : number, is_change ? MX_RANK_CLEF : MX_RANK_SIGNATURE);
}

/* key-step and key-alter pairs as the value of `free`: "f#c[0.5]". */
static const char *free_key(struct mx *mx, const xmlNode *node) {
    const char *text = "";
    int n = 0;
    for (const xmlNode *step = mx_child(node, "key-step"); step != NULL && n < 16; step = mx_next(step), n++) {
        const char *name = mx_text(mx, step), *sign = "";
        xmlNode *alter = step->next;
        while (alter != NULL && !mx_is(alter, "key-alter") && !mx_is(alter, "key-step")) {
            alter = alter->next;
        }
        double value = alter != NULL && mx_is(alter, "key-alter") ? mx_number(mx_text(mx, alter), 0) : 0;
        int whole = (int)value;
        if (name == NULL || strchr("ABCDEFG", name[0]) == NULL) {
            continue;
        }
        if (value > whole || value < whole) {
            sign = mx_format(mx, "[%g]", value);
        } else {
            sign = whole >= 2 ? "##" : whole == 1 ? "#" : whole == -1 ? "&" : whole <= -2 ? "&&" : "";
        }
        text = mx_format(mx, "%s%c%s", text, name[0] - 'A' + 'a', sign);
    }
    return text;
}

static void read_key(struct mx *mx, const xmlNode *node) {
    struct notation_tag tag = mx_tag(TAG_KEY, node);
    const char *fifths = mx_child_text(mx, node, "fifths");
    if (fifths != NULL) {
        mx_param_number(mx, &tag, NULL, (double)mx_integer(fifths, 0, -7, 7), NOTATION_UNIT_NONE);
    } else if (mx_child(node, "key-step") != NULL) {
        mx_param_text(mx, &tag, "free", free_key(mx, node));
    } else {
        return;
    }
    if (mx_attribute_is(node, "print-object", "no")) {
        return;
    }
    pend_signature(mx, &tag, staff_number(mx, node), MX_RANK_SIGNATURE);
}

static void read_time(struct mx *mx, const xmlNode *node) {
    struct notation_tag tag = mx_tag(TAG_METER, node);
    const char *text = "";
    bool is_common = mx_attribute_is(node, "symbol", "common");
    bool is_cut = mx_attribute_is(node, "symbol", "cut");
    int n = 0;
    for (const xmlNode *beats = mx_child(node, "beats"); beats != NULL && n < 8; beats = mx_next(beats), n++) {
        const char *count = mx_text(mx, beats);
        const xmlNode *type = beats->next;
        while (type != NULL && !mx_is(type, "beat-type")) {
            type = type->next;
        }
        const char *unit = type != NULL ? mx_text(mx, type) : NULL;
        if (count != NULL && unit != NULL) {
            text = mx_format(mx, "%s%s%.20s/%.20s", text, text[0] != '\0' ? "+" : "", count, unit);
        }
    }
    if (text[0] == '\0' && mx_child(node, "senza-misura") == NULL) {
        return;
    }
    text = text[0] == '\0' ? "none" : is_common ? "C" : is_cut ? "C/" : text;
    mx_param_text(mx, &tag, NULL, text);
    mx_param_text(mx, &tag, "autoBarlines", "off");
    if (strchr(text, '+') != NULL) {
        mx_param_text(mx, &tag, "group", "on");
    }
    if (mx_attribute_is(node, "print-object", "no")) {
        mx_param_text(mx, &tag, "hidden", "true");
    }
    pend_signature(mx, &tag, staff_number(mx, node), MX_RANK_SIGNATURE);
}

static void read_staff_details(struct mx *mx, const xmlNode *node) {
    const char *lines = mx_child_text(mx, node, "staff-lines");
    double percent = mx_number(mx_child_text(mx, node, "staff-size"), 100);
    if (lines == NULL && percent >= 100) {
        return;
    }
    struct notation_tag tag = mx_tag(TAG_STAFF_FORMAT, node);
    int64_t n_lines = mx_integer(lines, 5, 0, 20), number = staff_number(mx, node);
    bool is_tab = n_lines == 6 && mx->part->is_tab[number > 0 ? number - 1 : 0];
    mx_param_text(mx, &tag, NULL, is_tab ? "TAB" : mx_format(mx, "%d-lines", (int)n_lines));
    if (percent > 10 && percent < 100) {
        mx_param_number(mx, &tag, "size", 3 * percent / 100, NOTATION_UNIT_PT);
    }
    pend_signature(mx, &tag, number == 0 ? 1 : number, MX_RANK_SIGNATURE);
}

static void read_multiple_rest(struct mx *mx, const xmlNode *node) {
    int64_t count = mx_integer(mx_child_text(mx, node, "multiple-rest"), 0, 0, 10000);
    size_t last = mx->measure + (size_t)count;
    if (count < 1 || last > mx->n_measures) {
        return;
    }
    struct mx_entry open = {
        .date = mx->measures[mx->measure].start,
        .rank = MX_RANK_BEGIN,
        .what = MX_RANGE_OPEN,
        .staff = -1,
        .tag = mx_tag(TAG_MEASURE_REST, node),
    };
    mx_param_number(mx, &open.tag, NULL, (double)count, NOTATION_UNIT_NONE);
    struct mx_entry close = open;
    close.what = MX_RANGE_CLOSE;
    close.rank = MX_RANK_END;
    rational_add(mx->measures[last - 1].start, mx->measures[last - 1].length, &close.date);
    for (int i = 0; i < mx->part->n_staves; i++) {
        open.staff = close.staff = mx->part->first_staff + i;
        mx_pend(mx, &open, NULL);
        mx_pend(mx, &close, NULL);
    }
}

static void read_attributes(struct mx *mx, const xmlNode *node) {
    struct mx_part *part = mx->part;
    part->divisions =
        mx_integer(mx_child_text(mx, node, "divisions"), part->divisions, 1, 1000000);
    for (xmlNode *child = mx_element(node->children); child != NULL;
         child = mx_element(child->next)) {
        if (mx_is(child, "key")) {
            read_key(mx, child);
        } else if (mx_is(child, "time")) {
            read_time(mx, child);
        } else if (mx_is(child, "clef")) {
            read_clef(mx, child);
        } else if (mx_is(child, "staff-details")) {
            read_staff_details(mx, child);
        } else if (mx_is(child, "measure-style") && mx_child(child, "multiple-rest") != NULL) {
            read_multiple_rest(mx, child);
        }
    }
}

/* -- bar lines ------------------------------------------------------------------- */

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
    if (is_middle) {
        struct mx_entry entry = {.date = mx_date(mx), .rank = MX_RANK_BAR, .what = MX_TAG,
                                 .staff = mx->part->first_staff, .tag = mx_tag(TAG_BAR, node)};
        if (style != NULL) {
            mx_param_text(mx, &entry.tag, "style", style);
        }
        mx_pend(mx, &entry, NULL);
    } else if (is_left) {
        measure->left = style != NULL ? style : measure->left;
        measure->has_repeat_begin |= repeat != NULL && mx_attribute_is(repeat, "direction", "forward");
    } else {
        measure->right = style != NULL ? style : measure->right;
        measure->has_repeat_end |= repeat != NULL && mx_attribute_is(repeat, "direction", "backward");
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
        read_attributes(mx, node);
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
