/* Staccato, tenuto, accent, marcato and the like: the signs nearest to a head. On the
 * head's side (gmn.md 16, 38); inside the staff only dot and line, each in a space. */
#include "renderer/notation/layout/vertical/vertical.h"

#include <math.h>
#include <string.h>

#define OFF_HEAD 1.0 /* middle of the head to the middle of the first sign */
#define OFF_TIP  0.8 /* end of a stem to the middle of the first sign */

/* Where the next sign of a chord goes, on one side. */
struct sign_stack {
    const struct vertical_staff *at;
    const struct placed_chord *chord;
    int side;
    double y; /* middle of the outermost sign so far, or of the head; `edge` its outer ink */
    double edge;
    bool is_outside; /* a sign that must lie outside the staff was set */
    uint32_t n;
};

/* Order from the head. 0: not an articulation. */
static int order_of(enum notation_tag_kind kind) {
    switch (kind) {
    case TAG_STACCATO:
        return 1;
    case TAG_TENUTO:
        return 2;
    case TAG_ACCENT:
        return 3;
    case TAG_MARCATO:
        return 4;
    case TAG_HARMONIC:
        return 5;
    case TAG_PIZZICATO:
        return 6;
    default:
        return 0;
    }
}

static bool tag_type_is(const struct music_sign *sign, const char *type) {
    return sign->tag != NULL && strcmp(notation_tag_text(sign->tag, "type", ""), type) == 0;
}

static enum music_glyph glyph_of(const struct music_sign *sign, int side) {
    switch (sign->kind) {
    case TAG_STACCATO:
        if (tag_type_is(sign, "heavy")) {
            return side < 0 ? GLYPH_WEDGE_ABOVE : GLYPH_WEDGE_BELOW;
        }
        return GLYPH_STACCATO;
    case TAG_TENUTO:
        return GLYPH_TENUTO;
    case TAG_ACCENT:
        return GLYPH_ACCENT;
    case TAG_MARCATO:
        return side < 0 ? GLYPH_MARCATO_ABOVE : GLYPH_MARCATO_BELOW;
    case TAG_HARMONIC:
        return GLYPH_HARMONIC;
    default:
        if (tag_type_is(sign, "snap") || tag_type_is(sign, "bartok")) {
            return GLYPH_SNAP_PIZZICATO;
        }
        return GLYPH_STOPPED;
    }
}

/* -1 above, +1 below: opposite the stem; in voices outside; marcato above the staff. */
static int side_of(const struct music_chord *chord, const struct placed_chord *placed,
                   const struct music_sign *sign, bool is_cross_beamed) {
    if (sign->side != 0) {
        return -sign->side;
    }
    if (is_cross_beamed && placed->stem != 0) { /* the beam lies between the staves */
        return placed->stem;
    }
    if (chord->is_in_voices && chord->voice_side != 0) {
        return -chord->voice_side;
    }
    if (sign->kind == TAG_MARCATO || sign->kind == TAG_PIZZICATO || sign->kind == TAG_HARMONIC) {
        return -1;
    }
    if (placed->stem != 0) {
        return placed->stem > 0 ? 1 : -1;
    }
    int sum = 0;
    for (uint32_t i = 0; i < chord->n_heads; i++) {
        sum += chord->heads[i].position;
    }
    return sum < 0 ? 1 : -1;
}

static bool is_inside(const struct vertical_staff *at, double y) {
    return y > -0.3 * at->space && y < at->staff->height + 0.3 * at->space;
}

/* The nearest middle of a space at y or further out. */
static double into_space(const struct vertical_staff *at, int side, double y) {
    double place = y / at->space - 0.5;
    place = side < 0 ? floor(place + 0.1) : ceil(place - 0.1);
    return (place + 0.5) * at->space;
}

static void begin_stack(struct sign_stack *stack, const struct vertical_staff *at,
                        const struct placed_chord *chord, int side) {
    *stack = (struct sign_stack){.at = at, .chord = chord, .side = side};
    bool is_stem_side = chord->stem != 0 && (chord->stem > 0) == (side < 0);
    double half = at->space / 2;
    if (is_stem_side) {
        stack->edge = chord->stem_tip;
        stack->y = chord->stem_tip + side * (OFF_TIP - OFF_HEAD) * at->space;
    } else {
        uint32_t n = vertical_music(at->vertical, chord)->n_heads;
        const struct ink_box *head =
            chord->heads != NULL && n > 0 ? &chord->heads[side < 0 ? n - 1 : 0] : NULL;
        stack->edge = side < 0 ? chord->note_top : chord->note_bottom;
        stack->y = head != NULL ? (head->top + head->bottom) / 2 : stack->edge - side * half;
    }
}

/* Middle of a sign for a dot or line inside the staff; NAN when it must lie outside. */
static double y_inside(const struct sign_stack *stack, const struct music_sign *sign) {
    bool may =
        (sign->kind == TAG_STACCATO && !tag_type_is(sign, "heavy")) || sign->kind == TAG_TENUTO;
    if (!may || stack->is_outside) {
        return NAN;
    }
    double step = stack->n == 0 ? OFF_HEAD : 0.75;
    double y = stack->y + stack->side * step * stack->at->space;
    if (is_inside(stack->at, y)) {
        y = into_space(stack->at, stack->side, y);
    }
    return y;
}

/* Buzz: a flash; fingernail: a lying crescent. The font has neither. */
static bool drawn_sign(const struct vertical_staff *at, const struct music_sign *sign, double x,
                       struct ink *ink) {
    static const struct ink_point flash[] = {{-0.05, -0.8}, {0.5, -0.8},  {0.12, -0.18},
                                             {0.5, -0.18},  {-0.35, 0.8}, {-0.08, 0.06},
                                             {-0.45, 0.06}};
    static const struct ink_point crescent[] = {{-0.65, 0.3}, {-0.5, -0.7}, {0.5, -0.7},
                                                {0.65, 0.3},  {0.4, -0.25}, {-0.4, -0.25},
                                                {-0.65, 0.3}};
    bool is_buzz = tag_type_is(sign, "buzz");
    if (sign->kind != TAG_PIZZICATO || (!is_buzz && !tag_type_is(sign, "fingernail"))) {
        return false;
    }
    struct ink_point *points = arena_array(at->vertical->arena, 7, sizeof *points);
    for (int i = 0; points != NULL && i < 7; i++) {
        const struct ink_point *from = is_buzz ? &flash[i] : &crescent[i];
        points[i] = (struct ink_point){x + from->x * at->space, from->y * at->space};
    }
    *ink = (struct ink){.shape = is_buzz ? INK_POLYGON : INK_CURVE,
                        .role = ROLE_ARTICULATION,
                        .color = {0, 0, 0, 255},
                        .points = points,
                        .n_points = points != NULL ? 7 : 0,
                        .chord = NOTATION_NONE};
    return points != NULL;
}

/* The sign around y 0, centred over the head. */
static struct ink sign_ink(const struct sign_stack *stack, const struct music_sign *sign) {
    const struct music_chord *chord = vertical_music(stack->at->vertical, stack->chord);
    double size = stack->at->space * (chord->is_grace || chord->is_cue ? 0.7 : 1);
    enum music_glyph glyph = glyph_of(sign, stack->side);
    struct ink_box box = music_glyph_box(glyph);
    struct ink ink;
    if (!drawn_sign(stack->at, sign, stack->chord->center_x, &ink)) {
        ink = vertical_glyph(ROLE_ARTICULATION, glyph,
                             stack->chord->center_x - (box.left + box.right) / 2 * size, 0, size);
    }
    ink.chord = stack->chord->chord;
    vertical_tint(&ink, &chord->look);
    ink_measure(&ink);
    return ink;
}

static void add_sign(struct sign_stack *stack, const struct music_sign *sign) {
    const struct vertical_staff *at = stack->at;
    struct ink ink = sign_ink(stack, sign);
    double middle = (ink.box.top + ink.box.bottom) / 2, y = y_inside(stack, sign);
    if (isnan(y) || !is_inside(at, y)) {
        double gap = stack->n == 0 ? 0.35 : 0.2;
        double outside = vertical_clear(
            at, stack->side, &ink.box, isnan(y) ? stack->side * -1e9 : y - middle, gap * at->space);
        double beyond = stack->side < 0 ? stack->edge - gap * at->space - ink.box.bottom
                                        : stack->edge + gap * at->space - ink.box.top;
        y = (stack->side < 0 ? fmin(outside, beyond) : fmax(outside, beyond)) + middle;
        stack->is_outside = true;
    }
    ink_move(&ink, 0, y - middle);
    if (sign->tag != NULL) {
        ink_move(&ink, vertical_length(sign->tag, "dx", 0), -vertical_length(sign->tag, "dy", 0));
    }
    vertical_add(at, &ink);
    stack->y = y;
    stack->edge = stack->side < 0 ? ink.box.top : ink.box.bottom;
    stack->n++;
    struct vertical_chord *extent =
        &at->vertical->chords[stack->chord - at->vertical->placed->chords];
    extent->top = fmin(extent->top, ink.box.top);
    extent->bottom = fmax(extent->bottom, ink.box.bottom);
}

static void chord_articulations(const struct vertical_staff *at,
                                const struct placed_chord *placed) {
    const struct music_chord *chord = vertical_music(at->vertical, placed);
    bool is_cross_beamed = vertical_is_cross_beamed(at->vertical, placed);
    struct sign_stack stacks[2];
    begin_stack(&stacks[0], at, placed, -1);
    begin_stack(&stacks[1], at, placed, 1);
    for (int order = 1; order <= 6; order++) {
        for (uint32_t i = 0; i < chord->n_signs; i++) {
            if (order_of(chord->signs[i].kind) == order) {
                int side = side_of(chord, placed, &chord->signs[i], is_cross_beamed);
                add_sign(&stacks[side < 0 ? 0 : 1], &chord->signs[i]);
            }
        }
    }
}

void articulations_layout(const struct vertical_staff *at) {
    for (uint32_t i = 0; i < at->n_chords; i++) {
        const struct placed_chord *placed = &at->vertical->placed->chords[at->chords[i]];
        if (vertical_music(at->vertical, placed)->n_signs > 0) {
            chord_articulations(at, placed);
        }
    }
}
