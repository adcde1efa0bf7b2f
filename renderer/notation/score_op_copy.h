/* Copying a voice into a model under construction: a window of it, stretched,
 * transposed, with other pitches or another rhythm. For score_ops.c. */
#ifndef LEGGIO_NOTATION_SCORE_OP_COPY_H
#define LEGGIO_NOTATION_SCORE_OP_COPY_H

#include "renderer/notation/read/model_builder.h"

struct voice_copy {
    struct rational from, to; /* dates of the source; to only with has_to */
    bool has_to;
    size_t first_event, end_event;                 /* counted from 0 */
    struct rational ratio;                         /* of durations */
    int steps, semitones;                          /* diatonic and chromatic transposition */
    const struct notation_voice *pitches, *rhythm; /* of another voice, repeated; NULL: own */
};

/* Everything as it is. */
struct voice_copy voice_copy_all(void);
/* Append to the voice under way. Signatures and other states from before the window come first.
 * false: the builder refused. */
bool voice_copy_append(struct model_builder *builder, const struct notation_voice *voice,
                       const struct voice_copy *how);
/* Append invisible time. */
bool voice_copy_pad(struct model_builder *builder, struct rational duration);
/* MIDI number of a note as written. */
int voice_copy_semitones(const struct notation_note *note);

#endif
