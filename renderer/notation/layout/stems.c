/* Stems, flags and tremolo strokes of chords without beam (gmn.md 16.6 to 16.12). */
#include <math.h>
#include <string.h>

#include "renderer/notation/layout/horizontal.h"

static int flag_count(const struct music_chord *chord) {
    return chord->value > MUSIC_VALUE_QUARTER ? chord->value - MUSIC_VALUE_QUARTER : 0;
}

double stem_default_length(const struct music_chord *chord, const struct music_staff *staff,
                           double scale, int stem) {
    if (!isnan(chord->stem_length) && chord->stem_length > 0) {
        return chord->stem_length * scale;
    }
    int flags = flag_count(chord);
    double length = chord->is_grace ? RULE_GRACE_STEM : RULE_STEM_LENGTH;
    double more = flags > 2 ? (flags - 2) * RULE_STEM_PER_FLAG : 0;
    int outer =
        chord->n_heads == 0 ? 0 : chord->heads[stem > 0 ? chord->n_heads - 1 : 0].position * stem;
    if (!chord->is_grace && outer > 0) { /* points out of the staff */
        double shortest = flags > 0 ? RULE_STEM_SHORTEST_FLAGGED : RULE_STEM_SHORTEST;
        length = fmax(shortest, length - 0.25 * outer);
    }
    if (chord->is_grace) {
        return (length + more * scale) * staff->space;
    }
    length = (length + more) * scale;
    double to_middle =
        -outer / 2.0 * staff->space; /* beyond a ledger line: as far as the middle line */
    return fmax(length, to_middle);
}

void stem_plan(struct horizontal *h, uint32_t chord_i) {
    const struct music_chord *chord = &h->music->chords[chord_i];
    struct chord_plan *plan = &h->chords[chord_i];
    const struct music_staff *staff = &h->music->staves[chord->staff];
    if (chord->n_heads == 0) {
        return;
    }
    bool is_up = plan->stem >= 0;
    const struct music_head *from = &chord->heads[is_up ? 0 : chord->n_heads - 1];
    const struct music_head *to = &chord->heads[is_up ? chord->n_heads - 1 : 0];
    struct ink_point at = head_attach(from, chord->value, plan->scale, is_up);
    double half = RULE_STEM * plan->scale / 2;
    plan->stem_dx = is_up ? at.x - half : at.x + half;
    if (is_up && from->style == MUSIC_HEAD_NONE) {
        plan->stem_dx = plan->head_width - half;
    }
    double dx = h->heads[h->first_head[chord_i] + (is_up ? 0 : chord->n_heads - 1)].dx;
    if (from->side == MUSIC_SIDE_CENTER) {
        at.y = 0; /* under or over the head's middle */
    } else if (dx != 0) {
        at = head_attach(from, chord->value, plan->scale, !is_up); /* joins its other side */
    }
    plan->stem_start = staff_y(staff, from->position) + at.y;
    plan->stem_tip = plan->stem_start;
    if (plan->stem != 0) {
        double length = stem_default_length(chord, staff, plan->scale, plan->stem);
        int strokes = chord_tremolo_strokes(chord);
        length += strokes > 1 ? (strokes - 1) * 0.4 * plan->scale : 0;
        plan->stem_tip = staff_y(staff, to->position) - plan->stem * length;
    }
}

int chord_tremolo_strokes(const struct music_chord *chord) {
    for (uint32_t i = 0; i < chord->n_signs; i++) {
        if (chord->signs[i].kind == TAG_TREMOLO) {
            const struct notation_tag *tag = chord->signs[i].tag;
            size_t n = tag != NULL ? strspn(notation_tag_text(tag, "style", "///"), "/") : 0;
            return n == 0 ? 3 : n > 5 ? 5 : (int)n;
        }
    }
    return 0;
}

bool tremolo_emit(struct arena *arena, struct ink_list *list, const struct music_chord *chord,
                  uint32_t chord_i, double scale, double stem_x, double start, double tip,
                  int stem) {
    int strokes = chord_tremolo_strokes(chord);
    int flags = flag_count(chord);
    double step = 0.75 * scale, half_width = 0.6 * scale, half = 0.22 * scale, rise = 0.25 * scale;
    /* from the tip, behind the flags or beams; without stem above the head */
    double first = stem == 0 ? start - (1.2 + strokes * 0.75) * scale
                             : tip + stem * (0.8 + (flags > 0 ? 0.3 + 0.75 * flags : 0)) * scale;
    double least = start - stem * (0.9 + 0.75 * (strokes - 1)) * scale;
    if (stem > 0) {
        first = fmin(first, least);
    } else if (stem < 0) {
        first = fmax(first, least);
    }
    for (int i = 0; i < strokes; i++) {
        double y = first + (stem < 0 ? -1 : 1) * i * step;
        struct ink ink = {.shape = INK_POLYGON,
                          .role = ROLE_TREMOLO,
                          .color = chord->look.color,
                          .chord = chord_i,
                          .n_points = 4};
        ink.points = arena_array(arena, 4, sizeof *ink.points);
        if (ink.points == NULL) {
            return false;
        }
        ink.points[0] = (struct ink_point){stem_x - half_width, y + rise - half};
        ink.points[1] = (struct ink_point){stem_x + half_width, y - rise - half};
        ink.points[2] = (struct ink_point){stem_x + half_width, y - rise + half};
        ink.points[3] = (struct ink_point){stem_x - half_width, y + rise + half};
        if (!ink_list_add(arena, list, &ink)) {
            return false;
        }
    }
    return true;
}

static bool flag_emit(struct horizontal *h, uint32_t chord_i) {
    const struct music_chord *chord = &h->music->chords[chord_i];
    struct chord_plan *plan = &h->chords[chord_i];
    int flags = flag_count(chord);
    if (flags == 0) {
        return true;
    }
    flags = flags > 6 ? 6 : flags;
    bool is_up = plan->stem > 0;
    enum music_glyph glyph =
        (enum music_glyph)((is_up ? GLYPH_FLAG_UP_8 : GLYPH_FLAG_DOWN_8) + flags - 1);
    struct ink ink = ink_glyph(ROLE_FLAG, glyph, plan->dx + plan->stem_dx, plan->stem_tip,
                               plan->scale, chord->look.color);
    ink.chord = chord_i;
    bool is_done = ink_list_add(h->arena, &h->ink, &ink);
    if (chord->has_slash) {
        ink.glyph = (uint16_t)(is_up ? GLYPH_FLAG_UP_GRACE : GLYPH_FLAG_DOWN_GRACE);
        is_done = ink_list_add(h->arena, &h->ink, &ink) && is_done;
    }
    return is_done;
}

bool stem_emit(struct horizontal *h, uint32_t chord_i) {
    const struct music_chord *chord = &h->music->chords[chord_i];
    struct chord_plan *plan = &h->chords[chord_i];
    if (chord->n_heads == 0) {
        return true;
    }
    bool is_done = true;
    double x = plan->dx + (plan->stem == 0 ? plan->head_width / 2 : plan->stem_dx);
    if (plan->stem != 0) {
        struct ink ink = ink_line(ROLE_STEM, x, plan->stem_start, x, plan->stem_tip,
                                  RULE_STEM * plan->scale, chord->look.color);
        ink.chord = chord_i;
        is_done = ink_list_add(h->arena, &h->ink, &ink) && flag_emit(h, chord_i);
    }
    if (chord_tremolo_strokes(chord) > 0) {
        const struct music_staff *staff = &h->music->staves[chord->staff];
        double start = plan->stem == 0 ? staff_y(staff, chord->heads[chord->n_heads - 1].position)
                                       : plan->stem_start;
        is_done = tremolo_emit(h->arena, &h->ink, chord, chord_i, plan->scale, x, start,
                               plan->stem_tip, plan->stem) &&
                  is_done;
    }
    return is_done;
}
