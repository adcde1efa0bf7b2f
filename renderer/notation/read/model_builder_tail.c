/* Voices that go on where earlier text ended (gmn.h), and where they could go on. */
#include "renderer/notation/read/gmn.h"
#include "renderer/notation/read/model_builder_private.h"

void model_builder_count(struct model_builder *builder, uint32_t n_notes, uint32_t n_tags) {
    builder->n_notes = n_notes;
    builder->n_tags = n_tags;
}

uint32_t model_builder_n_notes(const struct model_builder *builder) {
    return builder->n_notes;
}

uint32_t model_builder_n_tags(const struct model_builder *builder) {
    return builder->n_tags;
}

bool model_builder_is_between(const struct model_builder *builder) {
    const struct notation_voice *voice = builder->voice;
    if (builder->n_ranges > 0 || builder->n_pairs > 0 || builder->code != 0) {
        return false;
    }
    for (size_t i = voice->n_items; i-- > 0;) {
        if (voice->items[i].kind == NOTATION_ITEM_EVENT) {
            return true;
        }
        if (voice->items[i].kind != NOTATION_ITEM_TAG_END) {
            return false;
        }
    }
    return false;
}

/* A state of earlier text: as it was, at its date. */
static bool add_state(struct model_builder *builder, const struct voice_state *state) {
    struct notation_tag *copy = model_builder_add_tag(builder, &state->tag);
    if (copy == NULL) {
        return false;
    }
    copy->default_unit = state->tag.default_unit;
    model_builder_apply(builder, copy);
    builder->date = state->date;
    return model_builder_add_item(builder, NOTATION_ITEM_TAG, builder->voice->n_tags - 1);
}

bool model_builder_begin_voice_at(struct model_builder *builder, const struct voice_start *start) {
    if (!model_builder_begin_voice(builder)) {
        return false;
    }
    size_t n_warnings = builder->notation->n_warnings;
    for (size_t i = 0; i < start->n_states; i++) {
        if (!add_state(builder, &start->states[i])) {
            return false;
        }
        builder->n_tags--; /* counted when it was read */
    }
    builder->notation->n_warnings = n_warnings; /* they were told then */
    builder->date = start->date;
    return true;
}
