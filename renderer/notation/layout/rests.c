/* Rests (gmn.md 15, 16.23, 16.32): whole rests hang, half rests sit, both on a line. */
#include <math.h>
#include <stdio.h>

#include "renderer/notation/layout/horizontal.h"

#define MULTI_REST_WIDTH 6.0
#define MULTI_REST_MAX   9999

enum music_glyph rest_glyph(int value, bool is_outside) {
    if (value <= MUSIC_VALUE_BREVE) {
        return is_outside ? GLYPH_REST_BREVE_OUTSIDE : GLYPH_REST_BREVE;
    }
    if (value == MUSIC_VALUE_WHOLE) {
        return is_outside ? GLYPH_REST_WHOLE_OUTSIDE : GLYPH_REST_WHOLE;
    }
    if (value == MUSIC_VALUE_HALF) {
        return is_outside ? GLYPH_REST_HALF_OUTSIDE : GLYPH_REST_HALF;
    }
    return (enum music_glyph)(GLYPH_REST_QUARTER +
                              (value > MUSIC_VALUE_MAX ? MUSIC_VALUE_MAX : value) -
                              MUSIC_VALUE_QUARTER);
}

static int value_of(const struct music_chord *chord) {
    return chord->is_measure_rest && chord->value > MUSIC_VALUE_WHOLE ? MUSIC_VALUE_WHOLE
                                                                      : chord->value;
}

/* Height of the glyph's origin. */
static int origin_position(const struct music_chord *chord, const struct music_staff *staff,
                           int position) {
    int value = value_of(chord);
    if (value <= MUSIC_VALUE_HALF && staff->n_lines > 1 &&
        (position - (staff->n_lines - 1)) % 2 != 0) {
        position--; /* these stand on a line; staves of an even number of lines have none in the
                       middle */
    }
    return value == MUSIC_VALUE_WHOLE && staff->n_lines != 1 ? position + 2 : position;
}

void chord_plan_rest(struct horizontal *h, uint32_t chord_i) {
    const struct music_chord *chord = &h->music->chords[chord_i];
    struct chord_plan *plan = &h->chords[chord_i];
    plan->stem = 0;
    plan->rest_position = chord->rest_position;
    struct ink_box box = music_glyph_box(rest_glyph(value_of(chord), false));
    plan->head_width =
        chord->n_measures > 1 ? MULTI_REST_WIDTH * plan->scale : box.right * plan->scale;
    plan->heads_left = 0;
    plan->heads_right = plan->head_width;
}

static bool emit(struct horizontal *h, uint32_t chord_i, struct ink ink) {
    ink.chord = chord_i;
    return ink_list_add(h->arena, &h->ink, &ink);
}

/* A thick bar with ends, and the number of measures over the staff. */
static bool multi_rest_emit(struct horizontal *h, uint32_t chord_i) {
    const struct music_chord *chord = &h->music->chords[chord_i];
    const struct chord_plan *plan = &h->chords[chord_i];
    const struct music_staff *staff = &h->music->staves[chord->staff];
    double s = plan->scale, y = staff_y(staff, plan->rest_position), left = plan->dx;
    double right = left + plan->head_width;
    struct music_color color = chord->look.color;
    bool is_done =
        emit(h, chord_i, ink_rectangle(ROLE_REST, left, y - 0.4 * s, right, y + 0.4 * s, color)) &&
        emit(h, chord_i, ink_rectangle(ROLE_REST, left, y - s, left + 0.16 * s, y + s, color)) &&
        emit(h, chord_i, ink_rectangle(ROLE_REST, right - 0.16 * s, y - s, right, y + s, color));
    char digits[16];
    int count = chord->n_measures > MULTI_REST_MAX ? MULTI_REST_MAX : chord->n_measures;
    int n = snprintf(digits, sizeof digits, "%d", count);
    double width = 0;
    for (int i = 0; i < n; i++) {
        width += music_glyph_advance((enum music_glyph)(GLYPH_DIGIT_0 + digits[i] - '0')) * s;
    }
    double x = (left + right - width) / 2;
    for (int i = 0; i < n; i++) {
        enum music_glyph glyph = (enum music_glyph)(GLYPH_DIGIT_0 + digits[i] - '0');
        is_done = emit(h, chord_i, ink_glyph(ROLE_NUMBER, glyph, x, -0.7 * s, s, color)) && is_done;
        x += music_glyph_advance(glyph) * s;
    }
    return is_done;
}

bool rest_emit(struct horizontal *h, uint32_t chord_i) {
    const struct music_chord *chord = &h->music->chords[chord_i];
    const struct chord_plan *plan = &h->chords[chord_i];
    const struct music_staff *staff = &h->music->staves[chord->staff];
    if (chord->n_measures > 1) {
        return multi_rest_emit(h, chord_i);
    }
    int position = origin_position(chord, staff, plan->rest_position);
    int outer = staff->n_lines > 1 ? staff->n_lines - 1 : 4;
    bool is_outside = position > outer || position < -outer;
    struct ink ink = ink_glyph(ROLE_REST, rest_glyph(value_of(chord), is_outside),
                               plan->dx + chord->look.dx, staff_y(staff, position) - chord->look.dy,
                               plan->scale * chord->look.size, chord->look.color);
    bool is_done = emit(h, chord_i, ink);
    int dot_position = plan->rest_position + (plan->rest_position % 2 == 0 ? 1 : 0);
    for (int i = 0; i < chord->n_dots && !chord->is_measure_rest; i++) {
        double x =
            plan->dx + plan->head_width + (RULE_DOT_GAP * 0.8 + i * RULE_DOT_STEP) * plan->scale;
        is_done = emit(h, chord_i,
                       ink_glyph(ROLE_DOT, GLYPH_DOT, x, staff_y(staff, dot_position), plan->scale,
                                 chord->look.color)) &&
                  is_done;
    }
    return is_done;
}
