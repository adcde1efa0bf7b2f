/* Ties: flat arches from head to head (gmn.md 16, 34 and 37), split at system breaks. */
#include "renderer/notation/layout/signs/curve.h"

#include <math.h>

#define SIDE_GAP  0.15 /* tip to the side of the head */
#define OPEN_LEFT 2.2  /* length before the head, of a tie that comes from the last system */

/* -1 above: by the tag; voices outwards; chords: outer ties outwards; else opposite the stem. */
static int side_of(const struct music_chord *chord, const struct placed_chord *placed,
                   uint32_t head_i) {
    const struct music_head *head = &chord->heads[head_i];
    if (head->tie_side != 0) {
        return -head->tie_side;
    }
    if (chord->n_heads == 1 || chord->is_in_voices) {
        if (chord->is_in_voices && chord->voice_side != 0 && chord->n_heads == 1) {
            return -chord->voice_side;
        }
        if (chord->n_heads == 1) {
            return placed->stem != 0 ? placed->stem : head->position < 0 ? 1 : -1;
        }
    }
    if (head_i * 2 + 1 == chord->n_heads) { /* the middle one */
        return head->position < 0 ? 1 : -1;
    }
    return head_i * 2 + 1 > chord->n_heads ? -1 : 1;
}

static double head_y(const struct ink_box *head) {
    return (head->top + head->bottom) / 2;
}

/* Tip and apex off the lines: move the tip into its space, lift the apex over a line. */
static void off_lines(const struct vertical_staff *at, struct curve *tie) {
    double space = at->space, apex = tie->y1 + tie->side * tie->height;
    double line = round(apex / space) * space;
    if (line < -0.01 || line > at->staff->height + 0.01 || fabs(apex - line) > 0.22) {
        return;
    }
    double past = (line + tie->side * 0.24 - tie->y1) * tie->side;
    double before = (line - tie->side * 0.24 - tie->y1) * tie->side;
    tie->height = before >= 0.3 && past > 1.0 ? before : past;
}

static double height_for(double length) {
    return fmin(1.0, fmax(0.3, 1.1 * length / (length + 5)));
}

/* What the arch of a tie must clear: grace notes before its second head. */
#define OBSTACLES_MAX 16
struct obstacles {
    struct curve_point points[OBSTACLES_MAX];
    uint32_t n;
};

/* Grace notes of the staff between two places of its chords, on the side of the tie. */
static void find_obstacles(const struct vertical_staff *at, const struct placed_chord *target,
                           double x1, int side, struct obstacles *out) {
    const struct placed_chord *chords = at->vertical->placed->chords;
    out->n = 0;
    for (const struct placed_chord *chord = target;
         chord > chords && out->n + 2 <= OBSTACLES_MAX;) {
        chord--;
        if (chord->system != target->system || chord->x <= x1) {
            return;
        }
        if (chord->staff_i != target->staff_i || !vertical_music(at->vertical, chord)->is_grace) {
            continue;
        }
        bool has_stem = chord->stem != 0 && (chord->stem > 0) == (side < 0);
        double y = side > 0 ? chord->note_bottom : chord->note_top;
        y = has_stem ? chord->stem_tip : y;
        out->points[out->n++] = (struct curve_point){.x = chord->left, .y = y};
        out->points[out->n++] = (struct curve_point){.x = chord->center_x, .y = y};
    }
}

static void add_tie(const struct vertical_staff *at, double x1, double x2, double y, int side,
                    const struct music_head *head, uint32_t chord, struct obstacles *obstacles) {
    if (x2 - x1 < 0.6) {
        double middle = (x1 + x2) / 2; /* no room between the heads: over them */
        x1 = middle - 0.6;
        x2 = middle + 0.6;
        y += side * 0.35 * at->space;
    }
    double tip = y + side * 0.28 * at->space;
    struct curve tie = {x1, tip, x2, tip, side, height_for(x2 - x1), 0.25};
    off_lines(at, &tie);
    if (obstacles != NULL && obstacles->n > 0) {
        curve_fit(&tie, obstacles->points, obstacles->n, 0.3, 2.5);
    }
    struct ink ink;
    if (!curve_ink(at->vertical->arena, &tie, &ink)) {
        return;
    }
    ink.role = ROLE_TIE;
    ink.chord = chord;
    vertical_tint(&ink, &head->look);
    curve_add(at, &ink, &tie);
}

/* Right end of the music of a system, for ties that go on in the next. */
static double open_right(const struct vertical_staff *at, double x) {
    double end = at->system->width;
    if (at->system->n_bars > 0) {
        const struct placed_bar *bar = &at->system->bars[at->system->n_bars - 1];
        end = bar->left > x ? bar->left : end;
    }
    return fmax(end - 0.3, x + 1);
}

/* Left end of the tie: after the dots when they lie at its height. Dots of notes on lines stand in
 * the space above, of a lower voice below. */
static double start_x(const struct music_chord *chord, const struct placed_chord *placed,
                      uint32_t head_i, int side) {
    const struct ink_box *head = &placed->heads[head_i];
    bool is_on_line = chord->heads[head_i].position % 2 == 0;
    int dot_side = chord->is_in_voices && chord->voice_side < 0 ? 1 : -1;
    bool has_dot_there = chord->n_dots > 0 && (!is_on_line || dot_side == side);
    bool has_inner = chord->n_dots > 0 && chord->n_heads > 1;
    return (has_dot_there || has_inner ? fmax(placed->right, head->right) : head->right) + SIDE_GAP;
}

static void tie_head(const struct vertical_staff *at, const struct placed_chord *placed,
                     const struct music_chord *chord, uint32_t head_i) {
    const struct music_head *head = &chord->heads[head_i];
    const struct placed_chord *target = vertical_find(at->vertical, head->tie_to_chord);
    const struct ink_box *box = &placed->heads[head_i];
    int side = side_of(chord, placed, head_i);
    double x1 = start_x(chord, placed, head_i, side), y = head_y(box);
    if (target == NULL || target->system != placed->system) {
        add_tie(at, x1, open_right(at, x1), y, side, head, placed->chord, NULL);
    }
    if (target == NULL ||
        (target->staff_i != placed->staff_i && target->system == placed->system)) {
        return; /* between staves: cross_staff.c */
    }
    const struct music_chord *next = vertical_music(at->vertical, target);
    const struct vertical_staff *there =
        &at->vertical->systems[target->system].staves[target->staff_i];
    if (head->tie_to_head >= next->n_heads || target->heads == NULL) {
        return;
    }
    const struct ink_box *end = &target->heads[head->tie_to_head];
    if (there == at) {
        struct obstacles graces;
        find_obstacles(at, target, x1, 1, &graces);
        if (graces.n > 0 && head->tie_side == 0 && chord->n_heads == 1) {
            side = 1; /* under the grace notes, away from their stems */
        } else if (graces.n > 0) {
            find_obstacles(at, target, x1, side, &graces);
        }
        add_tie(at, x1, end->left - SIDE_GAP, y, side, head, placed->chord, &graces);
    } else {
        double left = fmax(end->left - SIDE_GAP - OPEN_LEFT,
                           fmin(vertical_continue_x(there->system), end->left - 1.2));
        add_tie(there, left, end->left - SIDE_GAP, head_y(end), side, head, target->chord, NULL);
    }
}

void ties_layout(const struct vertical_staff *at) {
    for (uint32_t i = 0; i < at->n_chords; i++) {
        const struct placed_chord *placed = &at->vertical->placed->chords[at->chords[i]];
        const struct music_chord *chord = vertical_music(at->vertical, placed);
        for (uint32_t k = 0; placed->heads != NULL && k < chord->n_heads; k++) {
            if (chord->heads[k].tie_to_chord != NOTATION_NONE) {
                tie_head(at, placed, chord, k);
            }
        }
    }
}
