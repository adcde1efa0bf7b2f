/* The second note of a tremolo between two: \tremolo<pitch="e2"> or "{c,e}" (gmn.md 9). */
#ifndef LEGGIO_NOTATION_TREMOLO_H
#define LEGGIO_NOTATION_TREMOLO_H

#include "renderer/notation/music/arrange.h"

bool tremolo_has_pitch(const struct notation_tag *tag);
/* Notes of the tag, lowest first, in the arena; what is not written is that of `first` (its
 * octave). At most TREMOLO_NOTES_MAX. */
int tremolo_read_pitch(struct arranger *arranger, const struct notation_tag *tag,
                       const struct notation_note *first, const struct notation_note ***notes,
                       uint32_t *n_notes);

#define TREMOLO_NOTES_MAX 16

#endif
