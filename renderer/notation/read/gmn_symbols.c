/* What the grammar of GMN has recognised, into the model: memory of octave, duration and dots,
 * chords, tags by their form (gmn.md 3 to 7). */
#include <string.h>

#include "common/err.h"
#include "renderer/notation/read/gmn_reader.h"

#define OCTAVE_MAX  12 /* beyond any instrument; more is clamped */
#define MEMBERS_MAX 1024

bool gmn_begin_voice(struct gmn_reader *reader, struct gmn_loc loc) {
    const struct voice_start *start = gmn_start(reader);
    reader->octave = start != NULL ? start->octave : 1;
    reader->base = start != NULL ? start->base : (struct rational){1, 4};
    reader->n_dots = start != NULL ? start->n_dots : 0;
    reader->is_in_voice = true;
    reader->is_after_event = false;
    bool is_well = start != NULL ? model_builder_begin_voice_at(reader->builder, start)
                                 : model_builder_begin_voice(reader->builder);
    return is_well || gmn_refuse_builder(reader, loc);
}

bool gmn_end_voice(struct gmn_reader *reader, struct gmn_loc loc) {
    reader->is_in_voice = false;
    gmn_note_gap(reader, loc);
    gmn_note_end(reader, loc);
    return model_builder_end_voice(reader->builder) || gmn_refuse_builder(reader, loc);
}

/* The duration with its dots; the memory is brought up to date. */
static bool resolve_duration(struct gmn_reader *reader, struct gmn_loc loc,
                             const struct gmn_duration *duration, struct rational *out) {
    static const struct rational factors[] = {{1, 1}, {3, 2}, {7, 4}, {15, 8}};
    if (duration->has_base) {
        reader->base = duration->base;
        reader->n_dots = duration->n_dots < 0 ? 0 : duration->n_dots;
    } else if (duration->n_dots >= 0) {
        reader->n_dots = duration->n_dots;
    }
    if (!rational_multiply(reader->base, factors[reader->n_dots], out)) {
        return gmn_refuse(reader, loc, LG_EBADREQUEST,
                          "this duration needs a fraction of more than 64 bits");
    }
    return true;
}

/* A note outside of chords is an event of its own. */
static bool add_event(struct gmn_reader *reader, struct gmn_loc loc, enum notation_event_kind kind,
                      struct notation_note *note, struct rational duration) {
    struct notation_event event = {
        .kind = kind,
        .duration = duration,
        .written = duration,
        .n_dots = reader->n_dots,
        .notes = note,
        .n_notes = note != NULL ? 1 : 0,
        .line = loc.line,
        .column = loc.col,
    };
    reader->is_after_event = true;
    return model_builder_event(reader->builder, &event) || gmn_refuse_builder(reader, loc);
}

static bool add_member(struct gmn_reader *reader, struct gmn_loc loc,
                       const struct notation_note *note) {
    void *members = reader->members;
    if (reader->n_members >= MEMBERS_MAX) {
        return gmn_refuse(reader, loc, LG_ETOOLARGE, "a chord of more than %d notes", MEMBERS_MAX);
    }
    if (!arena_grow(reader->arena, &members, reader->n_members, &reader->members_capacity,
                    sizeof(*reader->members))) {
        return gmn_refuse_builder(reader, loc);
    }
    reader->members = members;
    bool is_longest = true;
    for (size_t i = 0; i < reader->n_members && is_longest; i++) {
        is_longest = rational_compare(note->duration, reader->members[i].duration) > 0;
    }
    if (is_longest) {
        reader->written_dots = reader->n_dots;
    }
    reader->members[reader->n_members++] = *note;
    return true;
}

static bool add_note(struct gmn_reader *reader, struct gmn_loc loc, struct notation_note *note,
                     const struct gmn_duration *duration) {
    if (!resolve_duration(reader, loc, duration, &note->duration)) {
        return false;
    }
    if (reader->is_in_chord) {
        return add_member(reader, loc, note);
    }
    return add_event(reader, loc, NOTATION_CHORD, note, note->duration);
}

bool gmn_note(struct gmn_reader *reader, struct gmn_loc loc, struct gmn_name name, int alter,
              const int64_t *octave, const struct gmn_duration *duration) {
    gmn_note_gap(reader, loc);
    if (octave != NULL) {
        int64_t wanted = *octave;
        reader->octave = wanted > OCTAVE_MAX    ? OCTAVE_MAX
                         : wanted < -OCTAVE_MAX ? -OCTAVE_MAX
                                                : (int)wanted;
        if (reader->octave != wanted) {
            model_builder_warn(reader->builder, loc.line, loc.col,
                               "octave %lld is out of range (%d to %d)", (long long)wanted,
                               -OCTAVE_MAX, OCTAVE_MAX);
        }
    }
    struct notation_note note = {
        .step = name.step,
        .alter = name.alter + alter,
        .octave = reader->octave,
    };
    return add_note(reader, loc, &note, duration);
}

bool gmn_rest(struct gmn_reader *reader, struct gmn_loc loc, bool is_empty,
              const struct gmn_duration *duration) {
    gmn_note_gap(reader, loc);
    struct notation_note note = {.is_rest = true, .is_empty = is_empty, .octave = reader->octave};
    if (reader->is_in_chord) {
        return add_note(reader, loc, &note, duration);
    }
    return resolve_duration(reader, loc, duration, &note.duration) &&
           add_event(reader, loc, is_empty ? NOTATION_EMPTY : NOTATION_REST, NULL, note.duration);
}

bool gmn_tab_note(struct gmn_reader *reader, struct gmn_loc loc, struct gmn_tab tab,
                  const struct gmn_duration *duration) {
    gmn_note_gap(reader, loc);
    struct notation_note note = {
        .is_tab = true,
        .tab_string = tab.string,
        .text = tab.text,
        .octave = reader->octave,
    };
    return add_note(reader, loc, &note, duration);
}

bool gmn_begin_chord(struct gmn_reader *reader, struct gmn_loc loc) {
    gmn_note_gap(reader, loc);
    reader->is_after_event = true;
    reader->is_in_chord = true;
    reader->n_members = reader->n_member_tags = reader->n_ends = 0;
    reader->chord_loc = loc;
    return true;
}

/* Now that the member is whole: its tags into the model. */
bool gmn_end_member(struct gmn_reader *reader) {
    size_t n = reader->n_member_tags;
    reader->n_member_tags = 0;
    if (n == 0 || reader->n_members == 0) {
        return true;
    }
    struct notation_note *note = &reader->members[reader->n_members - 1];
    note->tags = arena_array(reader->arena, n, sizeof(*note->tags));
    if (note->tags == NULL) {
        return gmn_refuse_builder(reader, reader->chord_loc);
    }
    for (size_t i = 0; i < n; i++) {
        const struct notation_tag *tag = &reader->member_tags[i];
        struct gmn_loc loc = {.line = tag->line, .col = tag->column};
        bool is_well = tag->is_pair
                           ? model_builder_pair_begin(reader->builder, tag)
                           : model_builder_member_tag(reader->builder, tag) != NOTATION_NONE;
        if (!is_well) {
            return gmn_refuse_builder(reader, loc);
        }
        note->tags[i] = model_builder_last_tag(reader->builder);
    }
    note->n_tags = (uint32_t)n;
    return true;
}

/* The longest member decides; what is written for a grace chord too. */
static struct rational chord_duration(const struct gmn_reader *reader) {
    struct rational longest = {0, 1};
    for (size_t i = 0; i < reader->n_members; i++) {
        if (rational_compare(reader->members[i].duration, longest) > 0) {
            longest = reader->members[i].duration;
        }
    }
    return longest;
}

bool gmn_end_chord(struct gmn_reader *reader, struct gmn_loc loc) {
    reader->is_in_chord = false;
    struct rational duration = chord_duration(reader);
    const struct notation_note *first = &reader->members[0];
    bool is_lone_rest = reader->n_members == 1 && first->is_rest && first->n_tags == 0;
    struct notation_event event = {
        .kind = NOTATION_CHORD,
        .duration = duration,
        .written = duration,
        .n_dots = reader->written_dots,
        .notes = reader->members,
        .n_notes = (uint32_t)reader->n_members,
        .line = reader->chord_loc.line,
        .column = reader->chord_loc.col,
    };
    if (is_lone_rest) {
        event.kind = first->is_empty ? NOTATION_EMPTY : NOTATION_REST;
        event.notes = NULL;
        event.n_notes = 0;
    }
    if (!model_builder_event(reader->builder, &event)) {
        return gmn_refuse_builder(reader, reader->chord_loc);
    }
    for (size_t i = 0; i < reader->n_ends; i++) {
        const struct gmn_pair_end *end = &reader->ends[i];
        if (!model_builder_pair_end(reader->builder, end->kind, end->id, end->loc.line,
                                    end->loc.col)) {
            return gmn_refuse_builder(reader, loc);
        }
    }
    return true;
}

bool gmn_bar(struct gmn_reader *reader, struct gmn_loc loc) {
    gmn_note_gap(reader, loc);
    struct notation_tag tag = {
        .kind = TAG_BAR, .name = "|", .id = -1, .line = loc.line, .column = loc.col};
    return model_builder_tag(reader->builder, &tag) || gmn_refuse_builder(reader, loc);
}

bool gmn_add_param(struct gmn_reader *reader, struct gmn_loc loc,
                   const struct notation_param *param) {
    void *params = reader->params;
    if (!arena_grow(reader->arena, &params, reader->n_params, &reader->params_capacity,
                    sizeof(*reader->params))) {
        return gmn_refuse_builder(reader, loc);
    }
    reader->params = params;
    reader->params[reader->n_params++] = *param;
    return true;
}

/* The tag of a head; its parameters are borrowed from the reader, which forgets them. */
static struct notation_tag tag_of_head(struct gmn_reader *reader, const struct gmn_tag_head *head) {
    struct notation_tag tag = {
        .kind = head->kind,
        .name = head->name,
        .id = head->id,
        .n_params = (uint32_t)reader->n_params - head->first_param,
        .line = head->loc.line,
        .column = head->loc.col,
    };
    if (tag.n_params > 0) {
        tag.params = reader->params + head->first_param;
    }
    if (tag.kind == TAG_UNKNOWN) {
        model_builder_warn(reader->builder, tag.line, tag.column, "unknown tag \\%.60s", tag.name);
    }
    reader->n_params = head->first_param;
    return tag;
}

/* A tag of the member under way; its parameters are the reader's, so they are copied. */
static bool member_tag(struct gmn_reader *reader, const struct notation_tag *tag) {
    struct gmn_loc loc = {.line = tag->line, .col = tag->column};
    void *tags = reader->member_tags;
    if (!arena_grow(reader->arena, &tags, reader->n_member_tags, &reader->member_tags_capacity,
                    sizeof(*reader->member_tags))) {
        return gmn_refuse_builder(reader, loc);
    }
    reader->member_tags = tags;
    struct notation_tag *copy = &reader->member_tags[reader->n_member_tags];
    *copy = *tag;
    if (tag->n_params > 0) {
        copy->params = arena_array(reader->arena, tag->n_params, sizeof(*copy->params));
        if (copy->params == NULL) {
            return gmn_refuse_builder(reader, loc);
        }
        memcpy(copy->params, tag->params, tag->n_params * sizeof(*copy->params));
    }
    reader->n_member_tags++;
    return true;
}

/* In a chord a pair's begin stands before the chord and its end behind it. */
static bool pair_begin(struct gmn_reader *reader, struct notation_tag *tag) {
    struct gmn_loc loc = {.line = tag->line, .col = tag->column};
    tag->is_pair = true;
    if (reader->is_in_chord) {
        return member_tag(reader, tag);
    }
    return model_builder_pair_begin(reader->builder, tag) || gmn_refuse_builder(reader, loc);
}

static bool pair_end(struct gmn_reader *reader, const struct notation_tag *tag) {
    struct gmn_loc loc = {.line = tag->line, .col = tag->column};
    if (!reader->is_in_chord) {
        return model_builder_pair_end(reader->builder, tag->kind, tag->id, tag->line,
                                      tag->column) ||
               gmn_refuse_builder(reader, loc);
    }
    void *ends = reader->ends;
    if (!arena_grow(reader->arena, &ends, reader->n_ends, &reader->ends_capacity,
                    sizeof(*reader->ends))) {
        return gmn_refuse_builder(reader, loc);
    }
    reader->ends = ends;
    reader->ends[reader->n_ends++] =
        (struct gmn_pair_end){.kind = tag->kind, .id = tag->id, .loc = loc};
    return true;
}

bool gmn_tag(struct gmn_reader *reader, const struct gmn_tag_head *head) {
    gmn_note_gap(reader, head->loc);
    struct notation_tag tag = tag_of_head(reader, head);
    if (head->role == TAG_ROLE_BEGIN) {
        return pair_begin(reader, &tag);
    }
    if (head->role == TAG_ROLE_END) {
        return pair_end(reader, &tag);
    }
    enum tag_form form = notation_tag_form(tag.kind);
    if (form == FORM_R || form == FORM_RE) {
        model_builder_warn(reader->builder, tag.line, tag.column,
                           "\\%s needs notes in parentheses behind it", tag.name);
        return true;
    }
    if (reader->is_in_chord) {
        return member_tag(reader, &tag);
    }
    return model_builder_tag(reader->builder, &tag) || gmn_refuse_builder(reader, head->loc);
}

bool gmn_open_range(struct gmn_reader *reader, const struct gmn_tag_head *head) {
    if (reader->n_opens >= LIMIT_NOTATION_NESTING) {
        return gmn_refuse(reader, head->loc, LG_ETOOLARGE, "tags nested more than %d deep",
                          LIMIT_NOTATION_NESTING);
    }
    gmn_note_gap(reader, head->loc);
    enum gmn_open *open = &reader->opens[reader->n_opens++];
    struct notation_tag tag = tag_of_head(reader, head);
    *open = GMN_OPEN_NOTHING;
    if (head->role != TAG_ROLE_PLAIN) {
        bool is_begin = head->role == TAG_ROLE_BEGIN;
        model_builder_warn(reader->builder, tag.line, tag.column, "\\%s%s takes no range", tag.name,
                           is_begin ? "Begin" : "End");
        return is_begin ? pair_begin(reader, &tag) : pair_end(reader, &tag);
    }
    if (notation_tag_form(tag.kind) == FORM_P) {
        model_builder_warn(reader->builder, tag.line, tag.column, "\\%s takes no range", tag.name);
    }
    tag.has_range = notation_tag_form(tag.kind) != FORM_P;
    if (reader->is_in_chord) {
        return member_tag(reader, &tag);
    }
    *open = tag.has_range ? GMN_OPEN_RANGE : GMN_OPEN_NOTHING;
    return model_builder_tag(reader->builder, &tag) || gmn_refuse_builder(reader, head->loc);
}

bool gmn_close_range(struct gmn_reader *reader, struct gmn_loc loc) {
    enum gmn_open open = reader->opens[--reader->n_opens];
    return open != GMN_OPEN_RANGE || model_builder_close_range(reader->builder) ||
           gmn_refuse_builder(reader, loc);
}
