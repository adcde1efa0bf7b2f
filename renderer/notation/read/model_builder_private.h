/* What the files of the model builder share. */
#ifndef LEGGIO_NOTATION_MODEL_BUILDER_PRIVATE_H
#define LEGGIO_NOTATION_MODEL_BUILDER_PRIVATE_H

#include "proto/limits.h"
#include "renderer/notation/read/model_builder.h"

struct open_range {
    uint32_t tag;
    double outer_detune; /* that returns at the end of an \alter */
};

struct model_builder {
    struct notation *notation;
    struct notation_voice *voice; /* under way; NULL between voices */
    struct rational date;
    struct open_range ranges[LIMIT_NOTATION_NESTING], pairs[LIMIT_NOTATION_NESTING];
    uint32_t n_ranges, n_pairs, n_graces, n_cues;
    double detune;
    enum notation_unit unit;
    uint32_t n_notes, n_tags; /* of all voices */
    int code;
    char failure[128];
};

/* At the current date. false: refused. */
bool model_builder_add_item(struct model_builder *builder, enum notation_item_kind kind,
                            size_t index);
/* Append to the voice's tags, with copied parameters and its place; NULL: refused. */
struct notation_tag *model_builder_add_tag(struct model_builder *builder,
                                           const struct notation_tag *tag);
/* States of the voice that change time or pitch. */
void model_builder_apply(struct model_builder *builder, const struct notation_tag *tag);

#endif
