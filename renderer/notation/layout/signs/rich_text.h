/* One line of text with notes and signs in brackets: "Vivo [1/4.] = 92", "[coda] Coda". */
#ifndef LEGGIO_NOTATION_RICH_TEXT_H
#define LEGGIO_NOTATION_RICH_TEXT_H

#include "renderer/notation/layout/vertical/vertical.h"

enum rich_kind { RICH_TEXT, RICH_NOTE, RICH_CODA, RICH_SEGNO };
struct rich_part {
    enum rich_kind kind;
    const char *text;  /* RICH_TEXT: in the arena */
    int value, n_dots; /* RICH_NOTE: as music_chord.value */
};
#define RICH_PARTS_MAX 32

/* Cut a text; what is no known bracket stays text; a backslash escapes. Returns the number. */
uint32_t rich_parse(struct arena *arena, const char *text, struct rich_part *parts);
/* Append the ink of a line that starts at x on baseline y; returns the right end. With
 * is_bold_first the words before the first note are bold, the rest is not (metronome marks). */
double rich_append(struct arena *arena, struct ink_list *list, enum ink_role role,
                   const struct ink_font *font, const char *text, double x, double y,
                   bool is_bold_first);
/* Font of a tag: font, fsize, fattrib, size. */
struct ink_font rich_font(const struct notation_tag *tag, double size_pt, const char *attributes);

#endif
