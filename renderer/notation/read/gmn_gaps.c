/* Places between symbols where a later reading may go on, for texts that grow (stream/). */
#include "renderer/notation/read/gmn_reader.h"

void gmn_note_gap(struct gmn_reader *reader, struct gmn_loc loc) {
    struct gmn_tail *tail = reader->tail;
    if (tail == NULL || !reader->is_after_event || reader->is_in_chord || reader->n_opens > 0 ||
        loc.is_inserted || !model_builder_is_between(reader->builder)) {
        return;
    }
    void *gaps = tail->gaps;
    reader->is_after_event = false;
    if (!arena_grow(reader->arena, &gaps, tail->n_gaps, &reader->gaps_capacity,
                    sizeof(*tail->gaps))) {
        return; /* full: the builder will say so */
    }
    const struct notation *notation = model_builder_notation(reader->builder);
    tail->gaps = gaps;
    tail->gaps[tail->n_gaps++] = (struct voice_gap){
        .voice = (uint32_t)notation->n_voices - 1,
        .offset = loc.offset,
        .start = {.date = model_builder_date(reader->builder),
                  .base = reader->base,
                  .octave = reader->octave,
                  .n_dots = reader->n_dots},
        .n_items = (uint32_t)notation->voices[notation->n_voices - 1].n_items,
        .n_notes = model_builder_n_notes(reader->builder),
        .n_tags = model_builder_n_tags(reader->builder),
    };
}

void gmn_note_end(struct gmn_reader *reader, struct gmn_loc loc) {
    struct gmn_tail *tail = reader->tail;
    void *ends = tail != NULL ? tail->ends : NULL;
    reader->is_after_event = false;
    if (tail == NULL || !arena_grow(reader->arena, &ends, tail->n_ends,
                                    &reader->voice_ends_capacity, sizeof(*tail->ends))) {
        return;
    }
    tail->ends = ends;
    tail->ends[tail->n_ends++] = reader->lexer.is_at_end ? SIZE_MAX : loc.offset;
}

const struct voice_start *gmn_start(struct gmn_reader *reader) {
    struct gmn_tail *tail = reader->tail;
    size_t voice = model_builder_notation(reader->builder)->n_voices;
    if (tail == NULL || tail->starts == NULL) {
        return NULL;
    }
    tail->is_other = tail->is_other || voice >= tail->n_starts;
    return voice < tail->n_starts ? &tail->starts[voice] : NULL;
}
