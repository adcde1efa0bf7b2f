/* The voices of all parts into the model: entries by date, gaps filled, bars in every voice. */
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "renderer/notation/read/musicxml/mx.h"

/* A voice under way. */
struct emitter {
    struct mx *mx;
    struct model_builder *builder;
    int staff; /* of the score */
    bool is_in_grace, is_in_cue;
};

static bool emit_tag(struct emitter *emitter, const struct notation_tag *tag) {
    return model_builder_tag(emitter->builder, tag) || mx_full(emitter->mx);
}

static bool emit_staff(struct emitter *emitter, int staff) {
    if (staff < 0 || staff == emitter->staff) {
        return true;
    }
    struct notation_tag tag = mx_tag(TAG_STAFF, NULL);
    mx_param_number(emitter->mx, &tag, NULL, staff + 1, NOTATION_UNIT_NONE);
    emitter->staff = staff;
    return emit_tag(emitter, &tag);
}

static bool open_run(struct emitter *emitter, enum notation_tag_kind kind, bool *is_open) {
    struct notation_tag tag = mx_tag(kind, NULL);
    tag.has_range = true;
    *is_open = true;
    return emit_tag(emitter, &tag);
}

static bool close_run(struct emitter *emitter, bool *is_open) {
    if (!*is_open) {
        return true;
    }
    *is_open = false;
    return model_builder_close_range(emitter->builder) || mx_full(emitter->mx);
}

/* Grace notes lie inside cue notes, when both are open. */
static bool close_runs(struct emitter *emitter) {
    return close_run(emitter, &emitter->is_in_grace) && close_run(emitter, &emitter->is_in_cue);
}

/* Time without an event up to a date. */
static bool fill(struct emitter *emitter, struct rational date) {
    struct rational now = model_builder_date(emitter->builder);
    struct rational minus = {-now.num, now.den}, gap;
    if (rational_compare(date, now) <= 0 || !rational_add(date, minus, &gap)) {
        return true;
    }
    struct notation_event event = {.kind = NOTATION_EMPTY, .duration = gap, .written = gap};
    return close_runs(emitter) &&
           (model_builder_event(emitter->builder, &event) || mx_full(emitter->mx));
}

/* Members with their tags; pairs begin before the event. */
static bool emit_members(struct emitter *emitter, const struct mx_event *from,
                         struct notation_event *event) {
    struct mx *mx = emitter->mx;
    event->notes = arena_array(mx->arena, from->n_members, sizeof(*event->notes));
    event->n_notes = (uint32_t)from->n_members;
    for (size_t i = 0; i < from->n_members && event->notes != NULL; i++) {
        const struct mx_member *member = &from->members[i];
        struct notation_note *note = &event->notes[i];
        *note = member->note;
        note->tags = arena_array(mx->arena, member->tags.n + member->begins.n, sizeof(*note->tags));
        bool is_well = note->tags != NULL;
        for (size_t j = 0; j < member->begins.n && is_well; j++) {
            is_well = model_builder_pair_begin(emitter->builder, &member->begins.tags[j]);
            note->tags[note->n_tags++] = is_well ? model_builder_last_tag(emitter->builder) : 0;
        }
        for (size_t j = 0; j < member->tags.n && is_well; j++) {
            uint32_t index = model_builder_member_tag(emitter->builder, &member->tags.tags[j]);
            is_well = index != NOTATION_NONE;
            note->tags[note->n_tags++] = index;
        }
        if (!is_well) {
            return mx_full(mx);
        }
    }
    return event->notes != NULL || from->n_members == 0 || mx_full(mx);
}

/* An event that begins before the voice's last one has ended is shortened. */
static struct rational room_for(struct emitter *emitter, const struct mx_entry *entry) {
    struct rational now = model_builder_date(emitter->builder), end, minus = {-now.num, now.den};
    struct rational duration = entry->event->duration;
    if (rational_compare(entry->date, now) >= 0 || duration.num == 0 ||
        !rational_add(entry->date, duration, &end) || !rational_add(end, minus, &end)) {
        return duration;
    }
    model_builder_warn(emitter->builder, entry->tag.line, 1,
                       "notes of one voice overlap: this one is shortened");
    return end.num > 0 ? end : (struct rational){0, 1};
}

static bool emit_event(struct emitter *emitter, const struct mx_entry *entry) {
    struct mx *mx = emitter->mx;
    const struct mx_event *from = entry->event;
    struct rational duration = room_for(emitter, entry);
    bool is_whole = rational_compare(duration, from->duration) == 0;
    struct notation_event event = {
        .kind = from->kind,
        .duration = duration,
        .written = is_whole ? from->written : duration,
        .n_dots = is_whole ? from->n_dots : 0,
        .line = entry->tag.line,
        .column = 1,
    };
    bool is_well = (from->is_grace || close_run(emitter, &emitter->is_in_grace)) &&
                   (from->is_cue || !emitter->is_in_cue || close_runs(emitter)) &&
                   emit_staff(emitter, entry->staff);
    if (is_well && from->is_cue && !emitter->is_in_cue) {
        is_well = close_run(emitter, &emitter->is_in_grace) &&
                  open_run(emitter, TAG_CUE, &emitter->is_in_cue);
    }
    if (is_well && from->is_grace && !emitter->is_in_grace) {
        is_well = open_run(emitter, TAG_GRACE, &emitter->is_in_grace);
    }
    for (size_t i = 0; i < from->before.n && is_well; i++) {
        is_well = emit_tag(emitter, &from->before.tags[i]);
    }
    for (size_t i = 0; i < from->begins.n && is_well; i++) {
        is_well = model_builder_pair_begin(emitter->builder, &from->begins.tags[i]) || mx_full(mx);
    }
    for (size_t i = 0; i < from->wraps.n && is_well; i++) {
        struct notation_tag tag = from->wraps.tags[i];
        tag.has_range = true;
        is_well = emit_tag(emitter, &tag);
    }
    if (!is_well || (from->kind == NOTATION_CHORD && !emit_members(emitter, from, &event))) {
        return false;
    }
    for (uint32_t i = 0; i < event.n_notes && !is_whole; i++) {
        event.notes[i].duration = duration;
    }
    is_well = model_builder_event(emitter->builder, &event);
    for (size_t i = 0; i < from->wraps.n && is_well; i++) {
        is_well = model_builder_close_range(emitter->builder);
    }
    for (size_t i = 0; i < from->ends.n && is_well; i++) {
        const struct notation_tag *tag = &from->ends.tags[i];
        is_well = tag->is_pair ? model_builder_pair_end(emitter->builder, tag->kind, tag->id,
                                                        tag->line, tag->column)
                               : model_builder_tag(emitter->builder, tag);
    }
    return is_well || mx_full(mx);
}

static bool emit_entry(struct emitter *emitter, const struct mx_entry *entry) {
    struct notation_tag tag = entry->tag;
    if (!fill(emitter, entry->date)) {
        return false;
    }
    if (entry->what == MX_EVENT) {
        return emit_event(emitter, entry);
    }
    if (!close_run(emitter, &emitter->is_in_grace)) {
        return false;
    }
    bool is_well = true;
    switch (entry->what) {
    case MX_TAG:
        is_well = emit_staff(emitter, entry->staff) && emit_tag(emitter, &tag);
        break;
    case MX_PAIR_BEGIN:
        is_well = model_builder_pair_begin(emitter->builder, &tag);
        break;
    case MX_PAIR_END:
        is_well = model_builder_pair_end(emitter->builder, tag.kind, tag.id, tag.line, tag.column);
        break;
    case MX_RANGE_OPEN:
        tag.has_range = true;
        is_well = close_runs(emitter) && emit_tag(emitter, &tag);
        break;
    case MX_RANGE_CLOSE:
        is_well = close_runs(emitter) && model_builder_close_range(emitter->builder);
        break;
    case MX_EVENT:
        break;
    }
    return is_well || mx_full(emitter->mx);
}

static int compare_entries(const void *left, const void *right) {
    const struct mx_entry *a = left, *b = right;
    int order = rational_compare(a->date, b->date);
    if (order == 0 && a->rank != b->rank) {
        order = a->rank < b->rank ? -1 : 1;
    }
    return order != 0 ? order : a->sequence < b->sequence ? -1 : a->sequence > b->sequence;
}

/* -- bars --------------------------------------------------------------------------- */

static bool is_style(const char *style, const char *name) {
    return style != NULL && strcmp(style, name) == 0;
}

/* The bar between two measures, either NULL at the ends of the score; false: none is drawn. */
static bool bar_of_style(struct mx *mx, const struct mx_measure *before,
                         const struct mx_measure *after, struct notation_tag *tag) {
    const char *style = before != NULL && before->right != NULL ? before->right
                        : after != NULL                         ? after->left
                                                                : NULL;
    bool is_double = is_style(style, "light-light");
    bool is_end = is_style(style, "light-heavy") || is_style(style, "heavy-heavy");
    *tag = mx_tag(is_double ? TAG_DOUBLE_BAR : is_end ? TAG_END_BAR : TAG_BAR, NULL);
    if (is_style(style, "none")) {
        mx_param_text(mx, tag, "hidden", "true");
    } else if (style != NULL && tag->kind == TAG_BAR && !is_style(style, "regular")) {
        mx_param_text(mx, tag, "style", style);
    }
    return before != NULL && (after != NULL || style != NULL);
}

static void add_bar(struct mx *mx, struct mx_voice *voice, struct rational date,
                    const struct notation_tag *tag) {
    struct mx_entry entry = {
        .date = date,
        .rank = date.num > 0 ? MX_RANK_BAR : MX_RANK_DIRECTION, /* the first after the signatures */
        .what = MX_TAG,
        .staff = -1,
        .tag = *tag,
    };
    mx_add_entry(mx, voice, &entry);
}

static void add_bars(struct mx *mx, struct mx_voice *voice) {
    struct rational date = {0, 1};
    for (size_t i = 0; i <= mx->n_measures; i++) {
        const struct mx_measure *before = i > 0 ? &mx->measures[i - 1] : NULL;
        const struct mx_measure *after = i < mx->n_measures ? &mx->measures[i] : NULL;
        bool ends_repeat = before != NULL && before->has_repeat_end;
        bool begins_repeat = after != NULL && after->has_repeat_begin;
        struct notation_tag tag;
        if (after != NULL) {
            date = after->start;
        } else if (before != NULL) {
            rational_add(before->start, before->length, &date);
        }
        if (ends_repeat) {
            tag = mx_tag(TAG_REPEAT_END, NULL);
            add_bar(mx, voice, date, &tag);
        }
        if (begins_repeat) {
            tag = mx_tag(TAG_REPEAT_BEGIN, NULL);
            add_bar(mx, voice, date, &tag);
        }
        if (!ends_repeat && !begins_repeat && bar_of_style(mx, before, after, &tag)) {
            add_bar(mx, voice, date, &tag);
        }
    }
}

/* -- the head of the score ------------------------------------------------------------ */

static bool emit_text(struct emitter *emitter, enum notation_tag_kind kind, const char *text) {
    struct notation_tag tag = mx_tag(kind, NULL);
    if (text == NULL) {
        return true;
    }
    mx_param_text(emitter->mx, &tag, NULL, text);
    return emit_tag(emitter, &tag);
}

static const char *credit_title(struct mx *mx, const xmlNode *root) {
    for (const xmlNode *credit = mx_child(root, "credit"); credit != NULL;
         credit = mx_next(credit)) {
        const char *words = mx_child_text(mx, credit, "credit-words");
        if (words != NULL) {
            return words;
        }
    }
    return NULL;
}

static bool emit_titles(struct emitter *emitter, const xmlNode *root) {
    struct mx *mx = emitter->mx;
    const xmlNode *work = mx_child(root, "work"), *about = mx_child(root, "identification");
    const char *title = work != NULL ? mx_child_text(mx, work, "work-title") : NULL;
    const char *composer = NULL;
    title = title != NULL ? title : mx_child_text(mx, root, "movement-title");
    title = title != NULL ? title : credit_title(mx, root);
    for (const xmlNode *creator = about != NULL ? mx_child(about, "creator") : NULL;
         creator != NULL && composer == NULL; creator = mx_next(creator)) {
        composer = mx_attribute_is(creator, "type", "composer") ? mx_text(mx, creator) : NULL;
    }
    return emit_text(emitter, TAG_TITLE, title) && emit_text(emitter, TAG_COMPOSER, composer) &&
           emit_text(emitter, TAG_FOOTER,
                     about != NULL ? mx_child_text(mx, about, "rights") : NULL);
}

static bool emit_bracket(struct emitter *emitter, int id, int first, int last, const char *type) {
    struct mx *mx = emitter->mx;
    struct notation_tag tag = mx_tag(TAG_ACCOL, NULL);
    mx_param_number(mx, &tag, "id", id, NOTATION_UNIT_NONE);
    mx_param_text(mx, &tag, "range", mx_format(mx, "%d-%d", first + 1, last + 1));
    mx_param_text(mx, &tag, "type", type);
    return emit_tag(emitter, &tag);
}

static int last_staff(const struct mx_part *part) {
    return part->first_staff + part->n_staves - 1;
}

/* Brackets and braces, and the staves that bar lines join. */
static bool emit_groups(struct emitter *emitter) {
    struct mx *mx = emitter->mx;
    const char *bars = "";
    int id = 0;
    bool is_well = true;
    for (size_t i = 0; i < mx->n_groups && is_well; i++) {
        const struct mx_group *group = &mx->groups[i];
        int last = group->is_open ? (int)mx->n_parts - 1 : group->last_part;
        if (last < group->first_part || group->first_part >= (int)mx->n_parts) {
            continue;
        }
        int from = mx->parts[group->first_part].first_staff, to = last_staff(&mx->parts[last]);
        if (group->has_bars) {
            bars = mx_format(mx, "%s%s%d-%d", bars, bars[0] != '\0' ? ":" : "", from + 1, to + 1);
        }
        if (group->symbol != NULL && strcmp(group->symbol, "none") != 0) {
            bool is_brace = strcmp(group->symbol, "brace") == 0;
            is_well =
                emit_bracket(emitter, ++id, from, to, is_brace ? "curlyBrace" : "straightBrace");
        }
    }
    for (size_t i = 0; i < mx->n_parts && is_well; i++) {
        const struct mx_part *part = &mx->parts[i];
        if (part->n_staves > 1) {
            bars = mx_format(mx, "%s%s%d-%d", bars, bars[0] != '\0' ? ":" : "",
                             part->first_staff + 1, last_staff(part) + 1);
            is_well =
                emit_bracket(emitter, ++id, part->first_staff, last_staff(part), "curlyBrace");
        }
    }
    if (is_well && id == 0 && mx->n_staves > 1) { /* the engraver would brace all of them */
        is_well = emit_bracket(emitter, 1, 0, mx->n_staves - 1, "none");
    }
    if (is_well && bars[0] != '\0') {
        struct notation_tag tag = mx_tag(TAG_BAR_FORMAT, NULL);
        mx_param_text(mx, &tag, NULL, "system");
        mx_param_text(mx, &tag, "range", bars);
        is_well = emit_tag(emitter, &tag);
    }
    return is_well;
}

/* -- voices ----------------------------------------------------------------------------- */

static bool emit_voice(struct mx *mx, struct mx_part *part, struct mx_voice *voice, xmlNode *root,
                       bool is_first) {
    struct emitter emitter = {.mx = mx, .builder = mx->builder, .staff = -1};
    bool names_part = voice == &part->voices[0];
    struct rational end = {0, 1};
    if (mx->n_measures > 0) {
        const struct mx_measure *last = &mx->measures[mx->n_measures - 1];
        rational_add(last->start, last->length, &end);
    }
    add_bars(mx, voice);
    if (!model_builder_begin_voice(mx->builder)) {
        return mx_full(mx);
    }
    if (is_first && (!emit_titles(&emitter, root) || !emit_groups(&emitter))) {
        return false;
    }
    if (!emit_staff(&emitter, voice->home_staff)) {
        return false;
    }
    if (names_part && part->name != NULL) {
        struct notation_tag tag = mx_tag(TAG_INSTRUMENT, NULL);
        mx_param_text(mx, &tag, NULL, part->name);
        mx_param_text(mx, &tag, "autopos", "on");
        if (!emit_tag(&emitter, &tag)) {
            return false;
        }
    }
    if (voice->n_entries > 0) {
        qsort(voice->entries, voice->n_entries, sizeof(*voice->entries), compare_entries);
    }
    for (size_t i = 0; i < voice->n_entries; i++) {
        if (!emit_entry(&emitter, &voice->entries[i])) {
            return false;
        }
    }
    return fill(&emitter, end) && close_runs(&emitter) &&
           (model_builder_end_voice(mx->builder) || mx_full(mx));
}

bool mx_emit(struct mx *mx, xmlNode *root) {
    bool is_first = true;
    for (size_t i = 0; i < mx->n_parts; i++) {
        struct mx_part *part = &mx->parts[i];
        mx->part = part;
        for (size_t j = 0; j < part->n_voices; j++) {
            if (!emit_voice(mx, part, &part->voices[j], root, is_first)) {
                return false;
            }
            is_first = false;
        }
    }
    return true;
}
