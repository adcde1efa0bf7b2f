/* Places of columns and gutters on a line: springs at a force, never nearer than their ink allows
 * (gmn.md 11). What is known after a gutter is a small state, so that a line may be gone on with.
 */
#include <math.h>
#include <string.h>

#include "renderer/notation/layout/horizontal.h"

#define COLUMN_LEAST 0.6 /* two dates never at one place */

void columns_begin(const struct horizontal *h, double limit, double to_note,
                   struct columns_state *state) {
    double *frontier = state->frontier;
    *state = (struct columns_state){.wall = limit,
                                    .wall_to_note = to_note,
                                    .notes_right = limit,
                                    .x = limit + to_note,
                                    .column_x = -INFINITY,
                                    .is_after_wall = true,
                                    .frontier = frontier};
    for (uint32_t l = 0; l < h->n_layers; l++) {
        frontier[l] = l < h->music->n_staves ? limit : 0;
    }
}

bool columns_state_copy(struct arena *arena, const struct columns_state *from, uint32_t n_layers,
                        struct columns_state *to) {
    *to = *from;
    to->frontier = arena_array(arena, (size_t)n_layers + 1, sizeof *to->frontier);
    if (to->frontier != NULL) {
        memcpy(to->frontier, from->frontier, n_layers * sizeof *to->frontier);
    }
    return to->frontier != NULL;
}

static void gutter_place(const struct horizontal *h, struct columns_state *state,
                         const struct gutter *gutter, bool ends_line, double *at) {
    if (!gutter->is_empty) {
        bool has_room = gutter->bar_width > 0 && gutter->clef_left <= 0;
        *at = fmax(*at, state->notes_right + gutter->clef_left +
                            (has_room ? RULE_NOTE_TO_BAR : RULE_CLEF_CHANGE_GAP));
        state->wall = state->notes_right = *at + gutter->right;
        state->wall_to_note = gutter->to_note;
        state->is_after_wall = true;
    }
    for (uint32_t l = (uint32_t)h->music->n_staves; l < h->n_layers && ends_line; l++) {
        *at = fmax(*at, state->frontier[l] - gutter->end_right); /* words end with the line */
    }
}

static void notes_place(const struct horizontal *h, struct columns_state *state,
                        const struct slot *slot, double *place) {
    double at = *place;
    bool is_fixed = slot->fixed > 0 && !state->is_after_wall;
    if (is_fixed) {
        at = state->column_x + slot->fixed;
    } else if (state->is_after_wall) {
        at = fmax(at, state->wall + state->wall_to_note);
    } else {
        at = fmax(at, state->column_x + COLUMN_LEAST);
    }
    for (uint32_t e = slot->first_extent; e < slot->end_extent && !is_fixed; e++) {
        const struct extent *extent = &h->extents[e];
        at = fmax(at, state->frontier[extent->layer] + extent->gap + extent->left);
        if (state->is_after_wall && extent->layer < h->music->n_staves) {
            at = fmax(at, state->wall + RULE_BAR_TO_ACCIDENTAL + extent->left);
        }
    }
    for (uint32_t e = slot->first_extent; e < slot->end_extent; e++) {
        const struct extent *extent = &h->extents[e];
        double *frontier = &state->frontier[extent->layer];
        *frontier = fmax(*frontier, at + extent->right);
        if (extent->layer < h->music->n_staves) {
            state->notes_right = fmax(state->notes_right, at + extent->right);
        }
    }
    state->is_after_wall = false;
    state->column_x = *place = at;
}

double columns_go_on(const struct horizontal *h, struct columns_state *state, uint32_t first,
                     uint32_t stop, uint32_t end, double force, double *to) {
    for (uint32_t i = first; i < stop; i++) {
        const struct slot *slot = &h->slots[i];
        double at = i == first ? state->x : state->x + force * h->slots[i - 1].natural;
        if (slot->kind == SLOT_GUTTER) {
            gutter_place(h, state, &h->gutters[slot->gutter], i + 1 == end, &at);
        } else {
            notes_place(h, state, slot, &at);
        }
        state->x = at;
        if (to != NULL) {
            to[i] = at;
        }
    }
    return state->x;
}

double columns_place(struct horizontal *h, uint32_t first, uint32_t end, double limit,
                     double to_note, double force, double *to) {
    struct columns_state state = {.frontier = h->frontier};
    columns_begin(h, limit, to_note, &state);
    return columns_go_on(h, &state, first, end, end, force, to);
}
