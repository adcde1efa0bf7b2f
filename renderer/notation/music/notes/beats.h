/* Beats of a meter (gmn.md 10.7): which one a date is in. */
#ifndef LEGGIO_NOTATION_BEATS_H
#define LEGGIO_NOTATION_BEATS_H

#include "renderer/notation/music/arrange.h"

struct beat {
    size_t bar;            /* of the voice before it, SIZE_MAX in the first measure */
    struct rational begin; /* date where the beat begins */
};

/* Without meter: quarters from the last bar on. An upbeat counts from its end. */
struct beat beat_at(const struct arranged_voice *voice, struct rational date);
/* Begin of the beat around `offset` in a measure. */
struct rational beat_in_measure(const struct music_meter *meter, struct rational offset);

#endif
