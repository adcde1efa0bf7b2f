/* Fills a notation model front to back: dates, places, open ranges and pairs. The meaning of tags
 * is the business of music/, except what changes time or pitch: \grace, \cue, \alter, \units. */
#include "renderer/notation/read/model_builder_private.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "proto/limits.h"
#include "renderer/notation/tags.h"
#include "renderer/notation/transposition.h"

struct model_builder *model_builder_create(size_t limit_bytes) {
    struct arena *arena = arena_create(limit_bytes);
    struct model_builder *builder = calloc(1, sizeof(*builder));
    struct notation *notation = arena != NULL ? arena_alloc(arena, sizeof(*notation)) : NULL;
    if (builder == NULL || notation == NULL) {
        arena_destroy(arena);
        free(builder);
        return NULL;
    }
    notation->arena = arena;
    notation->duration = (struct rational){0, 1};
    notation->settings = (struct notation_settings){
        .system_distance = 75,
        .system_distribution = 1,
        .system_distribution_limit = 0.25,
        .force = 750,
        .spring = 1.1,
        .neighborhood_spacing = 0,
        .optimal_page_fill = 1,
        .resize_page = 1,
        .check_lyrics = 0,
    };
    builder->notation = notation;
    return builder;
}

void model_builder_destroy(struct model_builder *builder) {
    if (builder != NULL) {
        notation_destroy(builder->notation);
        free(builder);
    }
}

static bool __attribute__((format(printf, 3, 4)))
refuse(struct model_builder *builder, int code, const char *format, ...) {
    if (builder->code == 0) {
        va_list args;
        va_start(args, format);
        vsnprintf(builder->failure, sizeof(builder->failure), format, args);
        va_end(args);
        builder->code = code;
    }
    return false;
}

static bool refuse_full(struct model_builder *builder) {
    return refuse(builder, LG_ETOOLARGE, "the piece needs more memory than %u MiB",
                  LIMIT_NOTATION_MEMORY_BYTES >> 20);
}

const char *model_builder_failure(const struct model_builder *builder, int *code) {
    *code = builder->code;
    return builder->code != 0 ? builder->failure : NULL;
}

struct notation *model_builder_finish(struct model_builder *builder) {
    struct notation *notation = builder->notation;
    if (builder->code != 0 || arena_is_full(notation->arena)) {
        refuse_full(builder);
        return NULL;
    }
    free(builder);
    return notation;
}

struct arena *model_builder_arena(struct model_builder *builder) {
    return builder->notation->arena;
}

struct notation *model_builder_notation(struct model_builder *builder) {
    return builder->notation;
}

struct rational model_builder_date(const struct model_builder *builder) {
    return builder->date;
}

void model_builder_warn(struct model_builder *builder, int line, int column, const char *format,
                        ...) {
    struct notation *notation = builder->notation;
    if (notation->n_warnings < NOTATION_WARNINGS_MAX) {
        struct notation_message *message = &notation->warnings[notation->n_warnings];
        va_list args;
        va_start(args, format);
        vsnprintf(message->text, sizeof(message->text), format, args);
        va_end(args);
        message->line = line;
        message->column = column;
    }
    notation->n_warnings++;
}

bool model_builder_begin_voice(struct model_builder *builder) {
    struct notation *notation = builder->notation;
    if (builder->code != 0) {
        return false;
    }
    if (notation->n_voices >= LIMIT_NOTATION_VOICES) {
        return refuse(builder, LG_ETOOLARGE, "more than %d voices", LIMIT_NOTATION_VOICES);
    }
    void *voices = notation->voices;
    if (!arena_grow(notation->arena, &voices, notation->n_voices, &notation->voices_capacity,
                    sizeof(*notation->voices))) {
        return refuse_full(builder);
    }
    notation->voices = voices;
    builder->voice = &notation->voices[notation->n_voices++];
    *builder->voice = (struct notation_voice){.duration = {0, 1}};
    builder->date = (struct rational){0, 1};
    builder->n_ranges = builder->n_pairs = builder->n_graces = builder->n_cues = 0;
    builder->detune = 0;
    builder->unit = NOTATION_UNIT_NONE;
    return true;
}

bool model_builder_add_item(struct model_builder *builder, enum notation_item_kind kind,
                            size_t index) {
    struct notation_voice *voice = builder->voice;
    void *items = voice->items;
    if (!arena_grow(builder->notation->arena, &items, voice->n_items, &voice->items_capacity,
                    sizeof(*voice->items))) {
        return refuse_full(builder);
    }
    voice->items = items;
    voice->items[voice->n_items++] = (struct notation_item){
        .kind = kind,
        .index = (uint32_t)index,
        .date = builder->date,
    };
    return true;
}

static enum notation_unit unit_of_name(const char *name) {
    static const struct {
        const char *name;
        enum notation_unit unit;
    } units[] = {{"hs", NOTATION_UNIT_HS}, {"cm", NOTATION_UNIT_CM}, {"mm", NOTATION_UNIT_MM},
                 {"in", NOTATION_UNIT_IN}, {"m", NOTATION_UNIT_M},   {"pt", NOTATION_UNIT_PT},
                 {"pc", NOTATION_UNIT_PC}, {"rl", NOTATION_UNIT_RL}};
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (strcmp(name, units[i].name) == 0) {
            return units[i].unit;
        }
    }
    return NOTATION_UNIT_HS;
}

/* transp of \instr is a name; anything else changes nothing. */
static void check_transposition(struct model_builder *builder, const struct notation_tag *tag) {
    struct notation_interval up;
    const struct notation_param *param =
        tag->kind == TAG_INSTRUMENT ? notation_tag_param(tag, "transp") : NULL;
    const char *text = param != NULL ? notation_tag_text(tag, "transp", "?") : "";
    if (*text != '\0' && !notation_interval_of_instrument(text, &up)) {
        model_builder_warn(builder, tag->line, tag->column,
                           "\\%s: transp is %.40s, expected what sounds as c, such as \"B&\"",
                           tag->name, param->kind == NOTATION_PARAM_STRING ? text : "a number");
    }
}

/* Names that the tag does not know, and required ones that are missing (gmn.md 7). */
static void check_params(struct model_builder *builder, const struct notation_tag *tag) {
    char name[64];
    bool is_required;
    for (uint32_t i = 0; i < tag->n_params; i++) {
        if (tag->params[i].name != NULL && !notation_tag_knows(tag->kind, tag->params[i].name)) {
            model_builder_warn(builder, tag->line, tag->column, "\\%s has no parameter %.40s",
                               tag->name, tag->params[i].name);
        }
    }
    for (uint32_t i = 0; notation_tag_place_name(tag->kind, i, name, sizeof(name), &is_required);
         i++) {
        if (is_required && notation_tag_param(tag, name) == NULL) {
            model_builder_warn(builder, tag->line, tag->column, "\\%s needs a parameter %s",
                               tag->name, name);
        }
    }
    check_transposition(builder, tag);
}

/* Append to the voice's tags, with copied parameters and its place. */
struct notation_tag *model_builder_add_tag(struct model_builder *builder,
                                           const struct notation_tag *tag) {
    struct notation_voice *voice = builder->voice;
    struct arena *arena = builder->notation->arena;
    if (builder->code != 0) {
        return NULL;
    }
    if (builder->n_tags >= LIMIT_NOTATION_TAGS) {
        refuse(builder, LG_ETOOLARGE, "more than %d tags", LIMIT_NOTATION_TAGS);
        return NULL;
    }
    void *tags = voice->tags;
    struct notation_param *params = NULL;
    if (!arena_grow(arena, &tags, voice->n_tags, &voice->tags_capacity, sizeof(*voice->tags))) {
        refuse_full(builder);
        return NULL;
    }
    voice->tags = tags;
    if (tag->n_params > 0) {
        params = arena_array(arena, tag->n_params, sizeof(*params));
        if (params == NULL) {
            refuse_full(builder);
            return NULL;
        }
        memcpy(params, tag->params, tag->n_params * sizeof(*params));
    }
    builder->n_tags++;
    struct notation_tag *copy = &voice->tags[voice->n_tags++];
    *copy = *tag;
    copy->params = params;
    copy->default_unit = builder->unit;
    copy->first = copy->end = (uint32_t)voice->n_items;
    copy->first_event = copy->end_event = (uint32_t)voice->n_events;
    if (!tag->is_automatic) {
        check_params(builder, copy);
    }
    return copy;
}

/* States of the voice that change time or pitch. */
void model_builder_apply(struct model_builder *builder, const struct notation_tag *tag) {
    if (tag->kind == TAG_UNITS) {
        builder->unit = unit_of_name(notation_tag_text(tag, "type", "cm"));
    } else if (tag->kind == TAG_ALTER) {
        builder->detune = notation_tag_number(tag, "detune", 0);
    } else if (tag->kind == TAG_GRACE && tag->has_range) {
        builder->n_graces++;
    } else if (tag->kind == TAG_CUE && tag->has_range) {
        builder->n_cues++;
    }
}

static bool add_open(struct model_builder *builder, struct open_range *open, uint32_t *n_open,
                     const struct notation_tag *tag) {
    double outer_detune = builder->detune;
    if (*n_open >= LIMIT_NOTATION_NESTING) {
        return refuse(builder, LG_ETOOLARGE, "more than %d open tags inside each other",
                      LIMIT_NOTATION_NESTING);
    }
    struct notation_tag *copy = model_builder_add_tag(builder, tag);
    if (copy == NULL) {
        return false;
    }
    copy->has_range = true;
    open[(*n_open)++] = (struct open_range){
        .tag = (uint32_t)builder->voice->n_tags - 1,
        .outer_detune = outer_detune,
    };
    model_builder_apply(builder, copy);
    return model_builder_add_item(builder, NOTATION_ITEM_TAG, builder->voice->n_tags - 1);
}

static bool close_open(struct model_builder *builder, const struct open_range *open) {
    struct notation_voice *voice = builder->voice;
    struct notation_tag *tag = &voice->tags[open->tag];
    tag->end = (uint32_t)voice->n_items;
    tag->end_event = (uint32_t)voice->n_events;
    if (tag->kind == TAG_ALTER) {
        builder->detune = open->outer_detune;
    } else if (tag->kind == TAG_GRACE) {
        builder->n_graces--;
    } else if (tag->kind == TAG_CUE) {
        builder->n_cues--;
    }
    return model_builder_add_item(builder, NOTATION_ITEM_TAG_END, open->tag);
}

bool model_builder_tag(struct model_builder *builder, const struct notation_tag *tag) {
    if (tag->has_range) {
        return add_open(builder, builder->ranges, &builder->n_ranges, tag);
    }
    struct notation_tag *copy = model_builder_add_tag(builder, tag);
    if (copy == NULL) {
        return false;
    }
    model_builder_apply(builder, copy);
    return model_builder_add_item(builder, NOTATION_ITEM_TAG, builder->voice->n_tags - 1);
}

bool model_builder_close_range(struct model_builder *builder) {
    if (builder->code != 0 || builder->n_ranges == 0) {
        return builder->code == 0;
    }
    struct open_range open = builder->ranges[--builder->n_ranges];
    return close_open(builder, &open);
}

bool model_builder_pair_begin(struct model_builder *builder, const struct notation_tag *tag) {
    struct notation_tag pair = *tag;
    pair.is_pair = true;
    return add_open(builder, builder->pairs, &builder->n_pairs, &pair);
}

bool model_builder_pair_end(struct model_builder *builder, enum notation_tag_kind kind, int64_t id,
                            int line, int column) {
    if (builder->code != 0) {
        return false;
    }
    for (uint32_t i = builder->n_pairs; i-- > 0;) {
        struct open_range open = builder->pairs[i];
        const struct notation_tag *tag = &builder->voice->tags[open.tag];
        if (tag->kind == kind && tag->id == id) {
            memmove(&builder->pairs[i], &builder->pairs[i + 1],
                    (builder->n_pairs - i - 1) * sizeof(open));
            builder->n_pairs--;
            return close_open(builder, &open);
        }
    }
    model_builder_warn(builder, line, column, "\\%sEnd without \\%sBegin", notation_tag_name(kind),
                       notation_tag_name(kind));
    return true;
}

uint32_t model_builder_member_tag(struct model_builder *builder, const struct notation_tag *tag) {
    struct notation_tag *copy = model_builder_add_tag(builder, tag);
    if (copy == NULL) {
        return NOTATION_NONE;
    }
    copy->is_member = true;
    return model_builder_last_tag(builder);
}

uint32_t model_builder_last_tag(const struct model_builder *builder) {
    return (uint32_t)builder->voice->n_tags - 1;
}

/* Copy the notes into the event: its number, what ranges say, and the place of members' tags. */
static bool add_notes(struct model_builder *builder, struct notation_event *event) {
    struct notation_voice *voice = builder->voice;
    struct notation_note *notes =
        arena_array(builder->notation->arena, event->n_notes, sizeof(*notes));
    if (notes == NULL) {
        return refuse_full(builder);
    }
    memcpy(notes, event->notes, event->n_notes * sizeof(*notes));
    event->notes = notes;
    for (uint32_t i = 0; i < event->n_notes; i++) {
        struct notation_note *note = &notes[i];
        note->event = (uint32_t)voice->n_events;
        note->detune += builder->detune;
        if (event->is_grace) {
            note->duration = (struct rational){0, 1};
        }
        for (uint32_t j = 0; j < note->n_tags; j++) {
            struct notation_tag *tag = &voice->tags[note->tags[j]];
            tag->is_member = true;
            if (!tag->is_pair) {
                tag->first = tag->end = event->item;
                tag->first_event = note->event;
                tag->end_event = note->event + 1;
            }
            if (tag->kind == TAG_ALTER) {
                note->detune = notation_tag_number(tag, "detune", 0);
            }
        }
    }
    return true;
}

static bool advance(struct model_builder *builder, struct rational duration) {
    struct rational limit = {LIMIT_NOTATION_WHOLE_NOTES, 1}, date;
    if (!rational_add(builder->date, duration, &date)) {
        return refuse(builder, LG_EBADREQUEST,
                      "the date after this note needs a fraction of more than 64 bits");
    }
    if (rational_compare(date, limit) > 0) {
        return refuse(builder, LG_ETOOLARGE, "a voice of more than %d whole notes",
                      LIMIT_NOTATION_WHOLE_NOTES);
    }
    builder->date = date;
    return true;
}

bool model_builder_event(struct model_builder *builder, const struct notation_event *event) {
    struct notation_voice *voice = builder->voice;
    uint32_t n_notes = event->n_notes > 0 ? event->n_notes : 1;
    if (builder->code != 0) {
        return false;
    }
    if (n_notes > LIMIT_NOTATION_NOTES - builder->n_notes) {
        return refuse(builder, LG_ETOOLARGE, "more than %d notes and rests", LIMIT_NOTATION_NOTES);
    }
    void *events = voice->events;
    if (!arena_grow(builder->notation->arena, &events, voice->n_events, &voice->events_capacity,
                    sizeof(*voice->events))) {
        return refuse_full(builder);
    }
    voice->events = events;
    struct notation_event *copy = &voice->events[voice->n_events];
    *copy = *event;
    copy->date = builder->date;
    copy->item = (uint32_t)voice->n_items;
    copy->is_grace = event->is_grace || builder->n_graces > 0;
    copy->is_cue = event->is_cue || builder->n_cues > 0;
    if (copy->is_grace) {
        copy->duration = (struct rational){0, 1};
    }
    if (copy->n_notes > 0 && !add_notes(builder, copy)) {
        return false;
    }
    builder->n_notes += n_notes;
    voice->n_events++;
    return model_builder_add_item(builder, NOTATION_ITEM_EVENT, voice->n_events - 1) &&
           advance(builder, copy->duration);
}

bool model_builder_end_voice(struct model_builder *builder) {
    struct notation *notation = builder->notation;
    if (builder->code != 0) {
        return false;
    }
    while (builder->n_pairs > 0) {
        struct open_range open = builder->pairs[--builder->n_pairs];
        const struct notation_tag *tag = &builder->voice->tags[open.tag];
        model_builder_warn(builder, tag->line, tag->column, "\\%sBegin without \\%sEnd", tag->name,
                           tag->name);
        if (!close_open(builder, &open)) {
            return false;
        }
    }
    while (builder->n_ranges > 0) {
        if (!model_builder_close_range(builder)) {
            return false;
        }
    }
    builder->voice->duration = builder->date;
    if (rational_compare(builder->date, notation->duration) > 0) {
        notation->duration = builder->date;
    }
    builder->voice = NULL;
    return true;
}
