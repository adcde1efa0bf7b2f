/* One pass over a voice's items. Ranges that are cut by the window begin or end
 * with it; states that were set before it are set again at its start. */
#include "renderer/notation/score_op_copy.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "renderer/notation/transposition.h"

enum { TAG_IS_UNSEEN, TAG_IS_WAITING, TAG_IS_OPEN };

struct copying {
    struct model_builder *builder;
    const struct notation_voice *voice;
    const struct voice_copy *how;
    uint8_t *tags;             /* state of each range */
    uint32_t *newest;          /* per kind: newest state tag before the window, + 1 */
    size_t chord_at, timed_at; /* next in `pitches`, in `rhythm` */
    bool has_begun;
};

struct voice_copy voice_copy_all(void) {
    return (struct voice_copy){
        .from = {0, 1}, .to = {0, 1}, .end_event = SIZE_MAX, .ratio = {1, 1}};
}

int voice_copy_semitones(const struct notation_note *note) {
    static const int CLASSES[7] = {0, 2, 4, 5, 7, 9, 11};
    return 12 * (note->octave + 4) + CLASSES[(note->step % 7 + 7) % 7] + note->alter;
}

bool voice_copy_pad(struct model_builder *builder, struct rational duration) {
    struct notation_event event = {
        .kind = NOTATION_EMPTY, .duration = duration, .written = duration};
    return duration.num <= 0 || model_builder_event(builder, &event);
}

/* -- tags --------------------------------------------------------------------------- */

/* Position tags whose effect lasts: they are set again when the window begins after them. */
static bool is_state(const struct notation_tag *tag) {
    switch (tag->kind) {
    case TAG_METER:
    case TAG_CLEF:
    case TAG_KEY:
    case TAG_BAR_FORMAT:
    case TAG_STAFF:
    case TAG_STAFF_FORMAT:
    case TAG_STAFF_OFF:
    case TAG_STAFF_ON:
    case TAG_ACCOL:
    case TAG_SYSTEM_FORMAT:
    case TAG_PAGE_FORMAT:
    case TAG_SET:
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
    case TAG_ALTER:
    case TAG_OCTAVA:
    case TAG_INSTRUMENT:
        return !tag->has_range && !tag->is_pair;
    default:
        return false;
    }
}

/* Fifths of a transposition: how many sharps the key gains. */
static int fifths_of(int steps, int semitones) {
    int fifths = notation_interval_fifths((struct notation_interval){steps, semitones});
    while (fifths > 6) {
        fifths -= 12;
    }
    while (fifths < -6) {
        fifths += 12;
    }
    return fifths;
}

static bool open_tag(struct copying *copying, uint32_t index) {
    struct notation_tag tag = copying->voice->tags[index];
    struct notation_param param;
    int fifths = fifths_of(copying->how->steps, copying->how->semitones);
    if (tag.kind == TAG_KEY && fifths != 0 && tag.n_params > 0 &&
        tag.params[0].kind == NOTATION_PARAM_INTEGER) {
        param = tag.params[0];
        param.number += fifths;
        param.number += param.number > 7 ? -12 : param.number < -7 ? 12 : 0;
        tag.params = &param;
        tag.n_params = 1;
    }
    tag.is_automatic = true; /* its parameters were checked when it was read */
    bool is_range = tag.has_range;
    copying->tags[index] = is_range ? TAG_IS_OPEN : copying->tags[index];
    return is_range && tag.is_pair ? model_builder_pair_begin(copying->builder, &tag)
                                   : model_builder_tag(copying->builder, &tag);
}

/* The window begins: what lasts from before it. */
static bool begin(struct copying *copying) {
    bool is_good = true;
    copying->has_begun = true;
    for (uint32_t i = 0; is_good && i < copying->voice->n_tags; i++) {
        const struct notation_tag *tag = &copying->voice->tags[i];
        if (copying->tags[i] == TAG_IS_WAITING ||
            (is_state(tag) && copying->newest[tag->kind] == i + 1)) {
            is_good = open_tag(copying, i);
        }
    }
    return is_good;
}

static bool close_tag(struct copying *copying, uint32_t index) {
    const struct notation_tag *tag = &copying->voice->tags[index];
    bool was_open = copying->tags[index] == TAG_IS_OPEN;
    copying->tags[index] = TAG_IS_UNSEEN;
    if (!was_open) {
        return true;
    }
    return tag->is_pair ? model_builder_pair_end(copying->builder, tag->kind, tag->id, 0, 0)
                        : model_builder_close_range(copying->builder);
}

/* -- events --------------------------------------------------------------------------- */

/* The next chord (or event that takes time) of another voice, which starts again at its end; *at
 * moves on. NULL: it has none. */
static const struct notation_event *next_of(const struct notation_voice *from, size_t *at,
                                            bool is_chord) {
    for (size_t tries = 0; tries < from->n_events; tries++) {
        const struct notation_event *event = &from->events[(*at)++ % from->n_events];
        if (is_chord ? event->kind == NOTATION_CHORD : event->duration.num > 0) {
            return event;
        }
    }
    return NULL;
}

/* The copy lasts as long as asked; its members too, when they did. */
static void set_duration(struct notation_event *event, struct rational duration) {
    for (uint32_t i = 0; i < event->n_notes; i++) {
        struct notation_note *note = &event->notes[i];
        if (rational_compare(note->duration, event->duration) == 0 ||
            rational_compare(note->duration, duration) > 0) {
            note->duration = duration;
        }
    }
    event->duration = event->written = duration;
    event->n_dots = 0;
}

/* Tags of members go with their notes. */
static bool copy_member_tags(struct copying *copying, struct notation_note *note,
                             const struct notation_voice *voice) {
    if (note->n_tags == 0) {
        return true;
    }
    uint32_t *tags = arena_array(model_builder_arena(copying->builder), note->n_tags, sizeof *tags);
    for (uint32_t i = 0; tags != NULL && i < note->n_tags; i++) {
        struct notation_tag tag = voice->tags[note->tags[i]];
        tag.is_automatic = true;
        tags[i] = model_builder_member_tag(copying->builder, &tag);
        if (tags[i] == NOTATION_NONE) {
            return false;
        }
    }
    note->tags = tags;
    return tags != NULL;
}

static bool put_event(struct copying *copying, struct notation_event *event,
                      const struct notation_event *from) {
    const struct voice_copy *how = copying->how;
    const struct notation_event *notes_of = from;
    const struct notation_voice *voice = copying->voice;
    if (how->pitches != NULL && from->kind == NOTATION_CHORD) {
        const struct notation_event *other = next_of(how->pitches, &copying->chord_at, true);
        notes_of = other != NULL ? other : from;
        voice = other != NULL ? how->pitches : voice;
    }
    struct notation_note *notes = calloc(notes_of->n_notes + 1, sizeof *notes);
    bool is_good = notes != NULL;
    if (is_good && notes_of->n_notes > 0) {
        memcpy(notes, notes_of->notes, notes_of->n_notes * sizeof *notes);
    }
    event->notes = notes;
    event->n_notes = notes_of->n_notes;
    for (uint32_t i = 0; is_good && i < event->n_notes; i++) {
        if (notes_of != from) {
            notes[i].duration = from->duration;
        }
        notes[i].detune = 0; /* its tag gives it again */
        notation_note_transpose(&notes[i], (struct notation_interval){how->steps, how->semitones});
        is_good = copy_member_tags(copying, &notes[i], voice);
    }
    struct rational duration = event->duration;
    const struct notation_event *timed = how->rhythm != NULL && from->duration.num > 0
                                             ? next_of(how->rhythm, &copying->timed_at, false)
                                             : NULL;
    if (timed != NULL) {
        duration = timed->duration;
    }
    is_good = is_good && rational_multiply(duration, how->ratio, &duration);
    event->duration = from->duration;
    if (is_good && rational_compare(duration, from->duration) != 0 && !from->is_grace) {
        set_duration(event, duration);
    }
    is_good = is_good && model_builder_event(copying->builder, event);
    free(notes);
    return is_good;
}

/* The part of an event that lies in the window. */
static bool take_event(struct copying *copying, size_t event_i) {
    const struct voice_copy *how = copying->how;
    const struct notation_event *from = &copying->voice->events[event_i];
    struct notation_event event = *from;
    struct rational end, begin_date = from->date;
    if (event_i < how->first_event || event_i >= how->end_event ||
        !rational_add(from->date, from->duration, &end)) {
        return true;
    }
    if (rational_compare(begin_date, how->from) < 0) {
        begin_date = how->from;
    }
    if (how->has_to && rational_compare(end, how->to) > 0) {
        end = how->to;
    }
    int order = rational_compare(begin_date, end);
    bool is_moment = from->duration.num == 0 && rational_compare(from->date, how->from) >= 0 &&
                     (!how->has_to || rational_compare(from->date, how->to) < 0);
    if (order >= 0 && !is_moment) {
        return true;
    }
    if (!is_moment &&
        !rational_add(end, (struct rational){-begin_date.num, begin_date.den}, &event.duration)) {
        return false;
    }
    return (copying->has_begun || begin(copying)) && put_event(copying, &event, from);
}

static bool is_past(const struct copying *copying, const struct notation_item *item) {
    return copying->how->has_to && rational_compare(item->date, copying->how->to) >= 0;
}

/* Does the window begin with what follows this item? */
static bool is_before(const struct copying *copying, const struct notation_item *item,
                      size_t next_event) {
    return rational_compare(item->date, copying->how->from) < 0 ||
           next_event < copying->how->first_event;
}

bool voice_copy_append(struct model_builder *builder, const struct notation_voice *voice,
                       const struct voice_copy *how) {
    struct copying copying = {.builder = builder, .voice = voice, .how = how};
    copying.tags = calloc(voice->n_tags + 1, sizeof *copying.tags);
    copying.newest = calloc(TAG_COUNT, sizeof *copying.newest);
    bool is_good = copying.tags != NULL && copying.newest != NULL;
    size_t next_event = 0;
    for (size_t item_i = 0; is_good && item_i < voice->n_items; item_i++) {
        const struct notation_item *item = &voice->items[item_i];
        if (item->kind == NOTATION_ITEM_EVENT) {
            is_good = take_event(&copying, item->index);
            next_event = item->index + 1;
        } else if (item->kind == NOTATION_ITEM_TAG_END) {
            is_good = close_tag(&copying, item->index);
        } else if (!copying.has_begun && is_before(&copying, item, next_event)) {
            const struct notation_tag *tag = &voice->tags[item->index];
            copying.tags[item->index] = tag->has_range ? TAG_IS_WAITING : TAG_IS_UNSEEN;
            copying.newest[tag->kind] = is_state(tag) ? item->index + 1 : copying.newest[tag->kind];
        } else if (!is_past(&copying, item) && next_event < how->end_event) {
            is_good = (copying.has_begun || begin(&copying)) && open_tag(&copying, item->index);
        }
    }
    free(copying.tags);
    free(copying.newest);
    return is_good;
}
