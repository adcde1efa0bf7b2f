/* Heads of chords: height under clef and octava, shape, look (gmn.md 5, 9, 10.11). */
#ifndef LEGGIO_NOTATION_HEADS_H
#define LEGGIO_NOTATION_HEADS_H

#include "renderer/notation/music/arrange.h"

/* Order of notes from low to high: written height, then alteration. */
int heads_compare(const struct notation_note *left, const struct notation_note *right);

/* States of a voice that shape its heads. */
struct heads_maker {
    struct arranger *arranger;
    const struct arranged_voice *voice;
    const struct notation_tag **formats, **rests, **dots, **sides, **octaves, **clusters;
};
int heads_begin(struct heads_maker *maker, struct arranger *arranger,
                const struct arranged_voice *voice);
/* Fill chord->heads from its members (lowest first), rest looks, hiding. */
int heads_make(struct heads_maker *maker, struct music_chord *chord,
               const struct notation_note **notes, uint32_t n_notes);

/* "(x)", "diamond" ... of \noteFormat. */
void heads_parse_style(const char *text, enum music_head_style *style, enum music_bracket *bracket);

#endif
