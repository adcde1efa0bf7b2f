/* All chords of one date on one staff: their own shapes, then what they do to each other, then
 * what stands before them (arpeggio, grace notes). Their ink comes when lines are placed. */
#include <math.h>
#include <string.h>

#include "renderer/notation/layout/horizontal.h"

double chord_scale(const struct music *music, const struct music_chord *chord) {
    double space = music->staves[chord->staff].space;
    return space * (chord->is_grace ? RULE_GRACE_SCALE : chord->is_cue ? RULE_CUE_SCALE : 1);
}

static void plan_one(struct horizontal *h, uint32_t chord_i) {
    const struct music_chord *chord = &h->music->chords[chord_i];
    struct chord_plan *plan = &h->chords[chord_i];
    plan->scale = chord_scale(h->music, chord);
    if (chord->kind == MUSIC_CHORD) {
        chord_plan_heads(h, chord_i);
    } else if (chord->kind == MUSIC_REST) {
        chord_plan_rest(h, chord_i);
    }
}

/* Ink right of the heads: flags; rests' dots; brackets around heads on both sides. */
static void measure_sides(struct horizontal *h, uint32_t chord_i) {
    const struct music_chord *chord = &h->music->chords[chord_i];
    struct chord_plan *plan = &h->chords[chord_i];
    plan->left = fmin(plan->left, plan->dx + plan->heads_left);
    plan->right = fmax(plan->right, plan->dx + plan->heads_right);
    int flags = chord->value - MUSIC_VALUE_QUARTER;
    if (chord->kind == MUSIC_CHORD && chord->beam == NOTATION_NONE && plan->stem != 0 &&
        flags > 0) {
        enum music_glyph first = plan->stem > 0 ? GLYPH_FLAG_UP_8 : GLYPH_FLAG_DOWN_8;
        struct ink_box box =
            music_glyph_box((enum music_glyph)((int)first + (flags > 6 ? 6 : flags) - 1));
        plan->right = fmax(plan->right, plan->dx + plan->stem_dx + box.right * plan->scale);
    }
    if (chord->kind == MUSIC_REST && chord->n_dots > 0) {
        plan->right += (0.4 + chord->n_dots * RULE_DOT_STEP) * plan->scale;
    }
    const struct music_staff *staff = &h->music->staves[chord->staff];
    for (uint32_t i = 0; i < chord->n_heads; i++) {
        const struct music_head *head = &chord->heads[i];
        const struct head_plan *place = &h->heads[h->first_head[chord_i] + i];
        double more = head->bracket != MUSIC_BRACKET_NONE ? 0.7 * plan->scale : 0;
        if (!staff->is_tab &&
            (head->position > staff->n_lines || head->position < -staff->n_lines)) {
            more = fmax(more, 0.3 * plan->scale); /* ledger lines of neighbours do not join */
        }
        plan->left = fmin(plan->left, plan->dx + place->dx - more);
        plan->right = fmax(plan->right, plan->dx + place->dx + place->width + more);
    }
    if (chord_tremolo_strokes(chord) > 0) {
        double x = plan->dx + (plan->stem == 0 ? plan->head_width / 2 : plan->stem_dx);
        plan->left = fmin(plan->left, x - 0.6 * plan->scale);
        plan->right = fmax(plan->right, x + 0.6 * plan->scale);
    }
}

static const struct music_sign *arpeggio_of(const struct music_chord *chord) {
    for (uint32_t i = 0; i < chord->n_signs; i++) {
        if (chord->signs[i].kind == TAG_ARPEGGIO) {
            return &chord->signs[i];
        }
    }
    return NULL;
}

/* The wavy line stands left of all accidentals. */
static void arpeggio_plan(struct horizontal *h, uint32_t chord_i, double *left) {
    const struct music_chord *chord = &h->music->chords[chord_i];
    struct chord_plan *plan = &h->chords[chord_i];
    if (arpeggio_of(chord) != NULL && chord->n_heads > 0) {
        *left -= (0.3 + 0.8) * plan->scale;
        plan->arpeggio_x = *left;
        plan->left = fmin(plan->left, *left);
    }
}

/* As high as the chord; an arrow when it has a direction. */
static bool arpeggio_emit(struct horizontal *h, uint32_t chord_i) {
    const struct music_chord *chord = &h->music->chords[chord_i];
    const struct music_sign *sign = arpeggio_of(chord);
    const struct chord_plan *plan = &h->chords[chord_i];
    if (sign == NULL || chord->n_heads == 0) {
        return true;
    }
    const struct music_staff *staff = &h->music->staves[chord->staff];
    double s = plan->scale, x = plan->arpeggio_x;
    double bottom = staff_y(staff, chord->heads[0].position) + 0.5 * s;
    double top = staff_y(staff, chord->heads[chord->n_heads - 1].position) - 0.5 * s;
    int n = (int)ceil((bottom - top) / s - 0.01);
    n = n < 2 ? 2 : n > 200 ? 200 : n;
    bool is_done = true;
    for (int i = 0; i < n; i++) {
        struct ink ink =
            ink_glyph(ROLE_ARPEGGIO, GLYPH_ARPEGGIO, x, bottom - i * s, s, chord->look.color);
        ink.chord = chord_i;
        is_done = ink_list_add(h->arena, &h->ink, &ink) && is_done;
    }
    const char *direction = sign->tag != NULL ? notation_tag_text(sign->tag, "direction", "") : "";
    bool is_up = strcmp(direction, "up") == 0;
    if (is_up || strcmp(direction, "down") == 0) {
        struct ink ink =
            ink_glyph(ROLE_ARPEGGIO, is_up ? GLYPH_ARPEGGIO_ARROW_UP : GLYPH_ARPEGGIO_ARROW_DOWN, x,
                      is_up ? bottom - n * s : bottom, s, chord->look.color);
        ink.chord = chord_i;
        is_done = ink_list_add(h->arena, &h->ink, &ink) && is_done;
    }
    return is_done;
}

bool chord_is_shown(const struct horizontal *h, const struct music_chord *chord) {
    return chord->kind != MUSIC_SPACER && !chord->is_hidden &&
           !staff_is_hidden(&h->music->staves[chord->staff], chord->date);
}

bool chord_emit(struct horizontal *h, uint32_t chord_i) {
    const struct music_chord *chord = &h->music->chords[chord_i];
    if (!chord_is_shown(h, chord)) {
        return true;
    }
    return chord->kind == MUSIC_REST ? rest_emit(h, chord_i)
                                     : note_emit(h, chord_i) && arpeggio_emit(h, chord_i);
}

/* Grace notes, right to left, each voice's own row before the notes. */
static void prefixes_layout(struct horizontal *h, const uint32_t *members, uint32_t n,
                            double left) {
    double at = left;
    uint32_t voice = NOTATION_NONE;
    for (uint32_t k = n; k-- > 0;) {
        const struct music_chord *chord = &h->music->chords[members[k]];
        struct chord_plan *plan = &h->chords[members[k]];
        if (!plan->is_prefix) {
            continue;
        }
        if (chord->voice != voice) {
            at = left;
            voice = chord->voice;
        }
        plan_one(h, members[k]);
        plan->left = plan->right = 0;
        plan->is_prefix = false; /* alone in its cell for a moment */
        accidentals_stack(h, &members[k], 1);
        dots_place(h, &members[k], 1);
        measure_sides(h, members[k]);
        plan->is_prefix = true;
        double dx = at - RULE_GRACE_GAP * plan->scale / RULE_GRACE_SCALE - plan->right;
        for (uint32_t i = 0; i < chord->n_heads; i++) {
            h->heads[h->first_head[members[k]] + i].accidental_x += dx;
        }
        plan->dx += dx;
        plan->dot_x += dx;
        plan->left += dx;
        plan->right += dx;
        double left_end = plan->left;
        arpeggio_plan(h, members[k], &left_end);
        at = plan->left;
    }
}

void cell_layout(struct horizontal *h, const uint32_t *members, uint32_t n) {
    bool has_prefix = false;
    for (uint32_t k = 0; k < n; k++) {
        if (h->chords[members[k]].is_prefix) {
            has_prefix = true;
        } else {
            plan_one(h, members[k]);
        }
    }
    voices_separate(h, members, n);
    accidentals_stack(h, members, n);
    dots_place(h, members, n);
    double left = 0;
    for (uint32_t k = 0; k < n; k++) {
        if (!h->chords[members[k]].is_prefix) {
            measure_sides(h, members[k]);
            left = fmin(left, h->chords[members[k]].left);
        }
    }
    for (uint32_t k = 0; k < n; k++) {
        if (!h->chords[members[k]].is_prefix) {
            arpeggio_plan(h, members[k], &left);
        }
    }
    if (has_prefix) {
        prefixes_layout(h, members, n, left);
    }
}
