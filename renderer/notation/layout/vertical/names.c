/* Names of the instruments: the horizontal half has made room for them and put them left
 * of the staves; here they move off braces and brackets and take their tag's look. */
#include "renderer/notation/layout/vertical/vertical.h"

#include <math.h>

#define NAME_GAP 0.7 /* to the brace or bracket */

/* The mark that set the name. */
static const struct music_mark *mark_of(const struct vertical_staff *at) {
    for (uint32_t i = 0; i < at->n_marks; i++) {
        const struct music_mark *mark = &at->vertical->music->marks[at->marks[i]];
        if (mark->kind == MUSIC_MARK_INSTRUMENT) {
            return mark;
        }
    }
    return NULL;
}

void names_layout(struct vertical_system *system, const struct placed_system *placed, double group_left) {
    for (uint32_t k = 0; k < placed->n_staves; k++) {
        struct vertical_staff *at = &system->staves[k];
        for (size_t i = 0; i < at->staff->ink.n_items; i++) {
            struct ink *ink = &at->staff->ink.items[i];
            if (ink->role != ROLE_INSTRUMENT || ink->box.right > 0) {
                continue;
            }
            const struct music_mark *mark = mark_of(at);
            ink_move(ink, fmin(group_left - NAME_GAP - ink->box.right, 0), 0);
            if (mark != NULL) {
                vertical_tint(ink, &mark->look);
                ink_move(ink, mark->look.dx, -mark->look.dy);
            }
        }
    }
}
