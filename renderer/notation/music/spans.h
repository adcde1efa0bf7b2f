/* What goes from one chord to another. */
#ifndef LEGGIO_NOTATION_SPANS_H
#define LEGGIO_NOTATION_SPANS_H

#include "renderer/notation/music/arrange.h"

/* A new span of the voice in arranger->spans; with a tag: its chords, dates, staff and look. NULL:
 * arena full. Valid until the next one is added. */
struct music_span *spans_add(struct arranger *arranger, enum music_span_kind kind,
                             const struct arranged_voice *voice, const struct notation_tag *tag);

#endif
