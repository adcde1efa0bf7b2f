/* Dots of all chords of one date on a staff: in spaces, one column, none twice (gmn.md 16.31). */
#include <math.h>

#include "renderer/notation/layout/horizontal.h"

#define TAKEN_MAX 64

struct taken {
    int positions[TAKEN_MAX];
    uint32_t n;
};

static bool is_taken(const struct taken *taken, int position) {
    for (uint32_t i = 0; i < taken->n; i++) {
        if (taken->positions[i] == position) {
            return true;
        }
    }
    return false;
}

/* The nearest free space: above first, for the lower voice below first. */
static int free_space(const struct taken *taken, int position, int side) {
    bool is_in_space = position % 2 != 0;
    for (int distance = is_in_space ? 0 : 1; distance <= 5; distance += 2) {
        if (!is_taken(taken, position + side * distance)) {
            return position + side * distance;
        }
        if (!is_taken(taken, position - side * distance)) {
            return position - side * distance;
        }
    }
    return HEAD_NO_DOT; /* a cluster: there are dots enough */
}

static void place_chord(struct horizontal *h, uint32_t chord_i, struct taken *taken, double right) {
    const struct music_chord *chord = &h->music->chords[chord_i];
    struct chord_plan *plan = &h->chords[chord_i];
    struct head_plan *heads = &h->heads[h->first_head[chord_i]];
    int side = chord->voice_side < 0 ? -1 : 1;
    int top = -HEAD_NO_DOT, bottom = HEAD_NO_DOT;
    for (uint32_t k = 0; k < chord->n_heads; k++) {
        uint32_t i = side > 0 ? chord->n_heads - 1 - k : k;
        int position = free_space(taken, chord->heads[i].position, side);
        heads[i].dot_position = position;
        if (position != HEAD_NO_DOT) {
            top = position > top ? position : top;
            bottom = position < bottom ? position : bottom;
            if (taken->n < TAKEN_MAX) {
                taken->positions[taken->n++] = position;
            }
        }
    }
    plan->dot_x = right + RULE_DOT_GAP * plan->scale;
    const struct music_staff *staff = &h->music->staves[chord->staff];
    if (plan->stem > 0 && chord->beam == NOTATION_NONE && chord->value > MUSIC_VALUE_QUARTER) {
        int flags = chord->value - MUSIC_VALUE_QUARTER;
        struct ink_box flag =
            music_glyph_box((enum music_glyph)(GLYPH_FLAG_UP_8 + (flags > 6 ? 6 : flags) - 1));
        if (staff_y(staff, top) - 0.3 * plan->scale < plan->stem_tip + flag.bottom * plan->scale) {
            plan->dot_x =
                fmax(plan->dot_x, plan->dx + plan->stem_dx + (flag.right + 0.2) * plan->scale);
        }
    }
    double end = plan->dot_x + ((chord->n_dots - 1) * RULE_DOT_STEP + 0.45) * plan->scale;
    plan->right = fmax(plan->right, end);
}

void dots_place(struct horizontal *h, const uint32_t *members, uint32_t n) {
    double right = -INFINITY;
    bool has_dots = false;
    for (uint32_t k = 0; k < n; k++) {
        const struct music_chord *chord = &h->music->chords[members[k]];
        const struct chord_plan *plan = &h->chords[members[k]];
        if (chord->kind == MUSIC_CHORD && !plan->is_prefix) {
            right = fmax(right, plan->dx + plan->heads_right);
            has_dots = has_dots || chord->n_dots > 0;
        }
    }
    struct taken taken = {.n = 0};
    for (uint32_t k = 0; k < n && has_dots; k++) {
        const struct music_chord *chord = &h->music->chords[members[k]];
        const struct chord_plan *plan = &h->chords[members[k]];
        if (chord->kind != MUSIC_CHORD || chord->n_dots == 0 || plan->shares_heads) {
            continue;
        }
        if (plan->is_prefix) {
            struct taken own = {.n = 0};
            place_chord(h, members[k], &own, plan->dx + plan->heads_right);
        } else {
            place_chord(h, members[k], &taken, right);
        }
    }
}
