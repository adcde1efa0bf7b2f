/* Names of the instruments: left of the first system's staves where the line is indented
 * for them, else above the staff's left end; short names on the systems that follow. */
#include "renderer/notation/layout/vertical/vertical.h"

#include <math.h>

#define NAME_PT 12.0

/* Look and font of the name: of the mark that set it. */
static const struct music_mark *mark_of(const struct vertical_staff *at) {
    for (uint32_t i = 0; i < at->n_marks; i++) {
        const struct music_mark *mark = &at->vertical->music->marks[at->marks[i]];
        if (mark->kind == MUSIC_MARK_INSTRUMENT) {
            return mark;
        }
    }
    return NULL;
}

void names_layout(struct vertical *vertical, struct vertical_system *system, uint32_t system_i,
                  double group_left) {
    const struct placed_system *placed = &vertical->placed->systems[system_i];
    for (uint32_t k = 0; k < placed->n_staves; k++) {
        struct vertical_staff *at = &system->staves[k];
        const char *name = system_i == 0 ? at->music->instrument : at->music->instrument_short;
        if (at->staff->is_hidden || name == NULL || name[0] == '\0') {
            continue;
        }
        const struct music_mark *mark = mark_of(at);
        struct ink_font font = {.size = NAME_PT * PT};
        if (mark != NULL && mark->tag != NULL) {
            font.family = notation_tag_text(mark->tag, "font", NULL);
            font.size = fmin(fmax(notation_tag_length(mark->tag, "fsize", font.size), 0.3), 20);
        }
        struct text_extents extents;
        text_measure(&font, name, &extents);
        double width = extents.ink.right - extents.ink.left;
        if (placed->indent + group_left >= width + 0.6) {
            double middle = at->staff->y + at->staff->height / 2;
            struct ink ink = vertical_text(ROLE_INSTRUMENT, &font, name,
                                           group_left - 0.6 - extents.ink.right, middle + 0.33 * font.size);
            if (mark != NULL) {
                vertical_tint(&ink, &mark->look);
                ink_move(&ink, mark->look.dx, -mark->look.dy);
            }
            (void)ink_list_add(vertical->arena, &system->ink, &ink);
        }
    }
}
