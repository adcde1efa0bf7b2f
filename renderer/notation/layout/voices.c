/* Voices that meet on one staff at one date (gmn.md 16.29, 16.32, 16.33): shared heads, heads
 * beside each other, rests out of the way. */
#include <math.h>

#include "renderer/notation/layout/horizontal.h"

static bool has_same_heads(const struct music_chord *a, const struct music_chord *b) {
    int kind_a = a->value >= MUSIC_VALUE_QUARTER ? MUSIC_VALUE_QUARTER : a->value;
    int kind_b = b->value >= MUSIC_VALUE_QUARTER ? MUSIC_VALUE_QUARTER : b->value;
    return kind_a == kind_b && a->n_dots == b->n_dots && a->is_cue == b->is_cue &&
           kind_a > MUSIC_VALUE_WHOLE;
}

static int lowest(const struct music_chord *chord) {
    return chord->heads[0].position;
}

static int highest(const struct music_chord *chord) {
    return chord->heads[chord->n_heads - 1].position;
}

/* Do two stacks of heads (both sorted) come nearer than a third; common positions in *n_shared. */
static bool heads_meet(const struct music_chord *a, const struct music_chord *b,
                       uint32_t *n_shared) {
    bool is_near = false;
    *n_shared = 0;
    for (uint32_t i = 0, j = 0; i < a->n_heads && j < b->n_heads;) {
        int distance = a->heads[i].position - b->heads[j].position;
        if (distance == 0 && a->heads[i].style == b->heads[j].style) {
            (*n_shared)++;
        } else if (distance >= -1 && distance <= 1) {
            is_near = true;
        }
        if (distance <= 0) {
            i++;
        } else {
            j++;
        }
    }
    return is_near;
}

static void shift_right_of(struct horizontal *h, uint32_t other, uint32_t mover, double gap) {
    const struct chord_plan *a = &h->chords[other];
    struct chord_plan *b = &h->chords[mover];
    b->dx = fmax(b->dx, a->dx + a->heads_right + gap * a->scale - b->heads_left);
}

/* An upper (stem up) and a lower (stem down) chord. */
static void separate_pair(struct horizontal *h, uint32_t upper, uint32_t lower) {
    const struct music_chord *u = &h->music->chords[upper], *l = &h->music->chords[lower];
    uint32_t n_shared = 0;
    bool is_near = heads_meet(u, l, &n_shared);
    if (lowest(u) > highest(l) + 1) {
        return;
    }
    if (n_shared > 0 && !is_near && has_same_heads(u, l) && lowest(u) >= highest(l)) {
        h->chords[lower].shares_heads = u->n_dots > 0 && l->n_heads == 1;
        return; /* unison: one head for both */
    }
    if (lowest(u) >= highest(l)) {
        /* a second, or a unison of different kinds: the lower voice stands right of it */
        shift_right_of(h, upper, lower, lowest(u) == highest(l) ? RULE_VOICE_GAP : 0);
        return;
    }
    shift_right_of(h, lower, upper, RULE_VOICE_GAP); /* crossing: the stems keep apart */
}

/* Chords with the same stem direction, or a third one: beside the others if heads or stems meet. */
static bool ranges_meet(const struct chord_plan *a, const struct music_chord *ca,
                        const struct chord_plan *b, const struct music_chord *cb) {
    int top_a = highest(ca) + (a->stem > 0 ? 5 : 1), bottom_a = lowest(ca) - (a->stem < 0 ? 5 : 1);
    int top_b = highest(cb) + (b->stem > 0 ? 5 : 1), bottom_b = lowest(cb) - (b->stem < 0 ? 5 : 1);
    uint32_t n_shared = 0;
    if (!heads_meet(ca, cb, &n_shared) && n_shared == ca->n_heads && n_shared == cb->n_heads &&
        has_same_heads(ca, cb)) {
        return false;
    }
    return bottom_a < top_b && bottom_b < top_a;
}

/* A rest goes out of the way of notes, by whole spaces, to its voice's side. */
static void clear_rest(struct horizontal *h, uint32_t rest_i, uint32_t note_i) {
    const struct music_chord *rest = &h->music->chords[rest_i], *note = &h->music->chords[note_i];
    struct chord_plan *plan = &h->chords[rest_i];
    const struct chord_plan *other = &h->chords[note_i];
    const struct music_staff *staff = &h->music->staves[rest->staff];
    int side = rest->voice_side != 0 ? rest->voice_side : rest->rest_position >= 0 ? 1 : -1;
    if (note->n_heads == 0) {
        return;
    }
    double top = staff_y(staff, highest(note)) - 0.5 * other->scale;
    double bottom = staff_y(staff, lowest(note)) + 0.5 * other->scale;
    if (other->stem != 0) {
        top = fmin(top, other->stem_tip);
        bottom = fmax(bottom, other->stem_tip);
    }
    struct ink_box box = music_glyph_box(rest_glyph(rest->value, false));
    double s = plan->scale,
           origin = rest->value == MUSIC_VALUE_WHOLE && staff->n_lines != 1 ? 2 : 0;
    for (int i = 0; i < 40; i++) {
        double y = staff_y(staff, plan->rest_position + origin);
        if (y + box.bottom * s + 0.2 * s <= top || y + box.top * s - 0.2 * s >= bottom) {
            break;
        }
        plan->rest_position += 2 * side;
    }
}

static void separate_notes(struct horizontal *h, const uint32_t *members, uint32_t n) {
    for (uint32_t j = 1; j < n && j < 16; j++) {
        const struct music_chord *b = &h->music->chords[members[j]];
        const struct chord_plan *plan_b = &h->chords[members[j]];
        for (uint32_t i = 0; i < j; i++) {
            const struct music_chord *a = &h->music->chords[members[i]];
            const struct chord_plan *plan_a = &h->chords[members[i]];
            if (plan_a->is_prefix || plan_b->is_prefix || a->kind != MUSIC_CHORD ||
                b->kind != MUSIC_CHORD || a->n_heads == 0 || b->n_heads == 0) {
                continue;
            }
            int side_a = plan_a->stem != 0 ? plan_a->stem : a->voice_side;
            int side_b = plan_b->stem != 0 ? plan_b->stem : b->voice_side;
            if (side_a > 0 && side_b < 0) {
                separate_pair(h, members[i], members[j]);
            } else if (side_a < 0 && side_b > 0) {
                separate_pair(h, members[j], members[i]);
            } else if (ranges_meet(plan_a, a, plan_b, b)) {
                shift_right_of(h, members[i], members[j], RULE_VOICE_GAP);
            }
        }
    }
}

void voices_separate(struct horizontal *h, const uint32_t *members, uint32_t n) {
    separate_notes(h, members, n);
    for (uint32_t i = 0; i < n && n <= 16; i++) {
        const struct music_chord *rest = &h->music->chords[members[i]];
        if (rest->kind != MUSIC_REST || rest->is_measure_rest) {
            continue;
        }
        for (uint32_t j = 0; j < n; j++) {
            if (h->music->chords[members[j]].kind == MUSIC_CHORD &&
                !h->chords[members[j]].is_prefix) {
                clear_rest(h, members[i], members[j]);
            }
        }
    }
}
