/* Ledger lines (gmn.md 16.4): as wide as the heads beyond them, a bit longer on both sides. */
#include <math.h>

#include "renderer/notation/layout/horizontal.h"

/* An accidental of this chord that a ledger at `position` would touch? */
static bool meets_accidental(const struct music_chord *chord, int position) {
    for (uint32_t i = 0; i < chord->n_heads; i++) {
        int distance = position - chord->heads[i].position;
        if (chord->heads[i].accidental != MUSIC_ACCIDENTAL_NONE && distance >= -3 &&
            distance <= 3) {
            return true;
        }
    }
    return false;
}

static bool side_emit(struct horizontal *h, uint32_t chord_i, int side, int outer_line) {
    const struct music_chord *chord = &h->music->chords[chord_i];
    const struct chord_plan *plan = &h->chords[chord_i];
    const struct head_plan *heads = &h->heads[h->first_head[chord_i]];
    const struct music_staff *staff = &h->music->staves[chord->staff];
    double left = INFINITY, right = -INFINITY;
    uint32_t n = chord->n_heads, k = 0;
    int farthest = n == 0 ? 0 : side * chord->heads[side > 0 ? n - 1 : 0].position;
    /* outermost line first, so that the width grows with the heads passed */
    for (int line = farthest - (farthest - outer_line) % 2; line > outer_line; line -= 2) {
        for (; k < n; k++) {
            uint32_t i = side > 0 ? n - 1 - k : k;
            if (side * chord->heads[i].position < line) {
                break;
            }
            left = fmin(left, heads[i].dx);
            right = fmax(right, heads[i].dx + heads[i].width);
        }
        double more = RULE_LEDGER_EXTENSION * plan->scale;
        double more_left =
            meets_accidental(chord, side * line) ? RULE_LEDGER_BY_ACCIDENTAL * plan->scale : more;
        double y = staff_y(staff, side * line);
        struct ink ink =
            ink_line(ROLE_LEDGER, plan->dx + left - more_left, y, plan->dx + right + more, y,
                     RULE_LEDGER * staff->space, chord->look.color);
        ink.chord = chord_i;
        if (!ink_list_add(h->arena, &h->ink, &ink)) {
            return false;
        }
    }
    return true;
}

bool ledgers_emit(struct horizontal *h, uint32_t chord_i) {
    const struct music_chord *chord = &h->music->chords[chord_i];
    const struct music_staff *staff = &h->music->staves[chord->staff];
    int outer_line = staff->n_lines - 1;
    if (staff->is_tab || staff->n_lines < 1 || chord->n_heads == 0) {
        return true;
    }
    return side_emit(h, chord_i, 1, outer_line) && side_emit(h, chord_i, -1, outer_line);
}
