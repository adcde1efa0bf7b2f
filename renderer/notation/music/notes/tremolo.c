/* The second note of a tremolo; see tremolo.h. */
#include "renderer/notation/music/notes/tremolo.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "renderer/notation/music/notes/heads.h"

bool tremolo_has_pitch(const struct notation_tag *tag) {
    return *notation_tag_text(tag, "pitch", "") != '\0';
}

static int compare(const void *a, const void *b) {
    return heads_compare(*(const struct notation_note *const *)a,
                         *(const struct notation_note *const *)b);
}

/* One of `c d e f g a b h`, accidentals, octave; behind it, or NULL when there is no note. */
static const char *read_note(const char *text, struct notation_note *note) {
    const char *steps = "cdefgab";
    const char *place = *text == 'h' ? steps + 6 : *text != '\0' ? strchr(steps, *text) : NULL;
    if (place == NULL) {
        return NULL;
    }
    note->step = (int)(place - steps);
    note->alter = 0;
    note->detune = 0;
    for (text++; *text == '#' || *text == '&'; text++) {
        note->alter += *text == '#' ? 1 : -1;
    }
    if (isdigit((unsigned char)*text) || *text == '-') {
        char *end;
        long octave = strtol(text, &end, 10);
        note->octave = octave > -10 && octave < 10 ? (int)octave : note->octave;
        text = end > text ? end : text + 1;
    }
    return text;
}

int tremolo_read_pitch(struct arranger *arranger, const struct notation_tag *tag,
                       const struct notation_note *first, const struct notation_note ***notes,
                       uint32_t *n_notes) {
    struct notation_note *all = arena_array(arranger->arena, TREMOLO_NOTES_MAX, sizeof(*all));
    const struct notation_note **order =
        arena_array(arranger->arena, TREMOLO_NOTES_MAX, sizeof(const void *));
    if (all == NULL || order == NULL) {
        return LG_ETOOLARGE;
    }
    const char *text = notation_tag_text(tag, "pitch", "");
    struct notation_note note = *first;
    uint32_t n = 0;
    note.n_tags = 0;
    note.tags = NULL;
    while (*text != '\0' && n < TREMOLO_NOTES_MAX) {
        const char *rest = read_note(text, &note);
        if (rest != NULL) {
            all[n] = note;
            order[n] = &all[n];
            n++;
        }
        text = rest != NULL ? rest : text + 1;
    }
    if (n == 0) {
        order[n++] = first;
    }
    qsort(order, n, sizeof(const void *), compare);
    *notes = order;
    *n_notes = n;
    return 0;
}
