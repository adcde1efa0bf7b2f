/* Intervals, exact in steps and semitones: instruments that transpose, copies of voices. Pure. */
#ifndef LEGGIO_NOTATION_TRANSPOSITION_H
#define LEGGIO_NOTATION_TRANSPOSITION_H

#include "renderer/notation/model.h"

struct notation_interval {
    int steps, semitones; /* upwards: a major third is 2, 4 */
};

static inline bool notation_interval_is_none(struct notation_interval up) {
    return up.steps == 0 && up.semitones == 0;
}
/* From what sounds up to what is written, less than an octave. `text` names what sounds where c is
 * written: "B&" is a major second. "C" is none, C# and C& are a semitone down and up. False when it
 * is no such name; *up is left alone. */
bool notation_interval_of_instrument(const char *text, struct notation_interval *up);
/* Sharps that a key gains; not bounded. */
int notation_interval_fifths(struct notation_interval up);
/* Tablature and rests stay. More than two accidentals become the next step's name. */
void notation_note_transpose(struct notation_note *note, struct notation_interval up);

#endif
