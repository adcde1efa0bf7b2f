/* Intervals; see transposition.h. */
#include "renderer/notation/transposition.h"

#include <ctype.h>
#include <string.h>

#define ALTER_MAX 2 /* accidentals written at most */

static const int CLASSES[7] = {0, 2, 4, 5, 7, 9, 11};

bool notation_interval_of_instrument(const char *text, struct notation_interval *up) {
    static const char steps[] = "cdefgab";
    char letter = (char)tolower((unsigned char)text[0]);
    const char *place = letter == 'h' ? steps + 6 : letter != '\0' ? strchr(steps, letter) : NULL;
    if (place == NULL) {
        return false;
    }
    const char *signs = text + 1;
    size_t n = strspn(signs, signs[0] == '&' ? "&" : "#");
    if (signs[n] != '\0' || n > ALTER_MAX) {
        return false;
    }
    int step = (int)(place - steps), alter = signs[0] == '&' ? -(int)n : (int)n;
    *up = step == 0 ? (struct notation_interval){0, -alter}
                    : (struct notation_interval){7 - step, 12 - CLASSES[step] - alter};
    return true;
}

int notation_interval_fifths(struct notation_interval up) {
    return 7 * up.semitones - 12 * up.steps; /* c-d: 14 - 12 = 2; c-f: 35 - 36 = -1 */
}

void notation_note_transpose(struct notation_note *note, struct notation_interval up) {
    if (note->is_rest || note->is_tab || notation_interval_is_none(up)) {
        return;
    }
    int pitch = 12 * note->octave + CLASSES[(note->step % 7 + 7) % 7] + note->alter + up.semitones;
    int place = note->step + 7 * note->octave + up.steps;
    for (int tries = 0; tries < 3; tries++) {
        int octave = place >= 0 ? place / 7 : -((6 - place) / 7);
        note->octave = octave;
        note->step = place - 7 * octave;
        note->alter = pitch - 12 * octave - CLASSES[note->step];
        if (note->alter >= -ALTER_MAX && note->alter <= ALTER_MAX) {
            return;
        }
        place += note->alter > 0 ? 1 : -1;
    }
}
