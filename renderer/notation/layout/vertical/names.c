/* Names of the instruments, left of the staves and of what joins them; the horizontal half
 * has made room (break_lines.c). Short names on the systems that follow. */
#include "renderer/notation/layout/vertical/vertical.h"

#include <math.h>

#define NAME_PT  12.0
#define NAME_GAP 0.7 /* to the brace or bracket */

/* The mark that set the name of a staff: its look and font. */
static const struct music_mark *mark_of(const struct vertical *vertical, uint32_t staff) {
    for (size_t i = 0; i < vertical->music->n_marks; i++) {
        const struct music_mark *mark = &vertical->music->marks[i];
        if (mark->kind == MUSIC_MARK_INSTRUMENT && mark->staff == staff) {
            return mark;
        }
    }
    return NULL;
}

static void add_name(struct vertical *vertical, struct vertical_system *system,
                     const struct placed_staff *staff, const char *name, double group_left) {
    const struct music_mark *mark = mark_of(vertical, staff->staff);
    struct ink_font font = {.size = NAME_PT * PT};
    if (mark != NULL && mark->tag != NULL) {
        font.family = notation_tag_text(mark->tag, "font", NULL);
        font.size = fmin(fmax(vertical_length(mark->tag, "fsize", font.size), 0.3), 20);
    }
    struct text_extents extents;
    text_measure(&font, name, &extents);
    struct ink ink =
        vertical_text(ROLE_INSTRUMENT, &font, name, group_left - NAME_GAP - extents.ink.right,
                      staff->y + staff->height / 2 + 0.33 * font.size);
    if (mark != NULL) {
        vertical_tint(&ink, &mark->look);
        ink_move(&ink, mark->look.dx, -mark->look.dy);
    }
    (void)ink_list_add(vertical->arena, &system->ink, &ink);
}

void names_layout(struct vertical *vertical, struct vertical_system *system, uint32_t system_i,
                  double group_left) {
    const struct placed_system *placed = &vertical->placed->systems[system_i];
    for (uint32_t k = 0; k < placed->n_staves; k++) {
        const struct placed_staff *staff = &placed->staves[k];
        const struct music_staff *music = &vertical->music->staves[staff->staff];
        bool is_first = system_i + vertical->first_system == 0;
        const char *name = is_first ? music->instrument : music->instrument_short;
        if (!staff->is_hidden && name != NULL && name[0] != '\0') {
            add_name(vertical, system, staff, name, group_left);
        }
    }
}
