/* Notes as a piano roll shows them: pitch and time, nothing else; from a notation
 * model or a standard MIDI file. Plain data, any thread. */
#ifndef LEGGIO_NOTATION_PIANOROLL_H
#define LEGGIO_NOTATION_PIANOROLL_H

#include "renderer/notation/model.h"

#define PIANOROLL_NOTES_MAX  200000 /* further ones are left out */
#define PIANOROLL_BARS_MAX   20000
#define PIANOROLL_VOICES_MAX 1024

struct pianoroll_note {
    uint32_t voice;             /* from 0 */
    double pitch;               /* MIDI number, with detune */
    struct rational begin, end; /* whole notes */
};

struct pianoroll {
    struct pianoroll_note *notes; /* by voice, then as written */
    size_t n_notes, notes_capacity;
    uint32_t n_voices;
    struct rational *bars; /* dates of measures after the first */
    size_t n_bars, bars_capacity;
    struct rational duration;
};

/* Notes of a model; bars by the meters and bar lines of its first voice. LG_OK or LG_ENOMEM. */
int pianoroll_from_notation(const struct notation *notation, struct pianoroll *out);
/* Notes of a standard MIDI file (formats 0, 1, 2); each track and channel is a voice.
 *
 * error    filled on refusal
 * returns  0; LG_EBADREQUEST: no MIDI file, or cut short; LG_ENOMEM
 * shape    linear
 */
int pianoroll_from_midi(const void *bytes, size_t len, struct pianoroll *out,
                        struct notation_message *error);
void pianoroll_finish(struct pianoroll *roll);

/* For the makers: append; false when full or out of memory. */
bool pianoroll_add_note(struct pianoroll *roll, const struct pianoroll_note *note);
bool pianoroll_add_bar(struct pianoroll *roll, struct rational date);

#endif
