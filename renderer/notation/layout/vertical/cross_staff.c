/* Slurs, ties and glissandos from one staff to another, figures of tuplets at beams between staves:
 * drawn when the staves have their places. */
#include "renderer/notation/layout/engraving_rules.h"
#include "renderer/notation/layout/signs/curve.h"

#include <math.h>

#define CLEAR_GAP  0.35 /* slur to what it goes over */
#define HEIGHT_MAX 7.0
#define POINTS_MAX 300
#define FIGURE_GAP 0.35 /* of a tuplet, to its beam */

/* Where a slur meets a chord, y in the system. */
static struct ink_point end_at(const struct vertical *vertical, const struct placed_system *placed,
                               const struct placed_chord *chord, int side) {
    const struct vertical_chord *extent = &vertical->chords[chord - vertical->placed->chords];
    double y = side < 0 ? extent->top - 0.4 : extent->bottom + 0.4, x = chord->center_x;
    if (chord->stem != 0 && (chord->stem > 0) == (side < 0)) {
        y = side < 0 ? fmin(y, chord->stem_tip - 0.35) : fmax(y, chord->stem_tip + 0.35);
        x = chord->stem_x;
    }
    return (struct ink_point){x, y + placed->staves[chord->staff_i].y};
}

/* Heads, and stems on the slur's side, of what it goes over in its voice. */
static uint32_t collect(const struct vertical *vertical, const struct placed_system *placed,
                        const struct music_span *span, int side, struct curve_point *points) {
    const struct music *music = vertical->music;
    uint32_t n = 0;
    for (uint32_t i = span->first_chord; i < music->n_chords && n + 3 <= POINTS_MAX;
         i = music->chords[i].next_in_voice) {
        const struct placed_chord *chord = vertical_find(vertical, i);
        if (chord != NULL && music->chords[i].kind == MUSIC_CHORD) {
            double y = placed->staves[chord->staff_i].y;
            double head = side < 0 ? chord->note_top : chord->note_bottom;
            points[n++] = (struct curve_point){.x = chord->x, .y = y + head};
            points[n++] = (struct curve_point){.x = chord->right, .y = y + head};
            if (chord->stem != 0 && (chord->stem > 0) == (side < 0)) {
                points[n++] = (struct curve_point){.x = chord->stem_x, .y = y + chord->stem_tip};
            }
        }
        if (i == span->last_chord) {
            break;
        }
    }
    return n;
}

static void add_slur(struct vertical *vertical, struct vertical_system *system,
                     const struct placed_system *placed, const struct vertical_piece *piece) {
    struct curve_point points[POINTS_MAX];
    const struct placed_chord *first = &vertical->placed->chords[piece->first];
    const struct placed_chord *last = &vertical->placed->chords[piece->last];
    int side = piece->span->side != 0              ? -piece->span->side
               : first->stem < 0 || last->stem < 0 ? -1
                                                   : 1;
    struct ink_point from = end_at(vertical, placed, first, side),
                     to = end_at(vertical, placed, last, side);
    double length = to.x - from.x;
    if (length < 0.5) {
        return;
    }
    struct curve slur = {from.x, from.y, to.x, to.y, side, fmax(0.6, fmin(0.2 * length, 3)), 0.28};
    uint32_t n = collect(vertical, placed, piece->span, side, points);
    curve_fit(&slur, points, n, CLEAR_GAP, fmax(fmin(HEIGHT_MAX, 0.8 * length), slur.height));
    struct ink ink;
    if (curve_ink(vertical->arena, &slur, &ink)) {
        ink.role = ROLE_SLUR;
        vertical_tint(&ink, &piece->span->look);
        (void)ink_list_add(vertical->arena, &system->ink, &ink);
    }
}

static void add_glissando(struct vertical *vertical, struct vertical_system *system,
                          const struct placed_system *placed, const struct vertical_piece *piece) {
    const struct placed_chord *first = &vertical->placed->chords[piece->first];
    const struct placed_chord *last = &vertical->placed->chords[piece->last];
    double y1 = (first->note_top + first->note_bottom) / 2 + placed->staves[first->staff_i].y;
    double y2 = (last->note_top + last->note_bottom) / 2 + placed->staves[last->staff_i].y;
    struct ink ink = vertical_line(ROLE_GLISSANDO, first->right + 0.35, y1, last->left - 0.35, y2);
    if (ink.x2 > ink.x + 0.4) {
        vertical_tint(&ink, &piece->span->look);
        (void)ink_list_add(vertical->arena, &system->ink, &ink);
    }
}

/* From head to head, opposite the stem of the first. */
static void add_tie(struct vertical *vertical, struct vertical_system *system,
                    const struct placed_system *placed, const struct placed_chord *first,
                    uint32_t head_i) {
    const struct music_head *head = &vertical_music(vertical, first)->heads[head_i];
    const struct placed_chord *last = vertical_find(vertical, head->tie_to_chord);
    if (last == NULL || last->system != first->system || last->staff_i == first->staff_i ||
        last->heads == NULL || head->tie_to_head >= vertical_music(vertical, last)->n_heads ||
        placed->staves[last->staff_i].is_hidden) {
        return;
    }
    const struct ink_box *from = &first->heads[head_i], *to = &last->heads[head->tie_to_head];
    double y1 = (from->top + from->bottom) / 2 + placed->staves[first->staff_i].y;
    double y2 = (to->top + to->bottom) / 2 + placed->staves[last->staff_i].y;
    int side = head->tie_side != 0 ? -head->tie_side : first->stem < 0 ? -1 : 1;
    struct curve tie = {
        from->right + 0.15, y1 + 0.28 * side, to->left - 0.15, y2 + 0.28 * side, side, 0.8, 0.25};
    struct ink ink;
    if (tie.x2 - tie.x1 > 0.6 && curve_ink(vertical->arena, &tie, &ink)) {
        ink.role = ROLE_TIE;
        ink.chord = first->chord;
        vertical_tint(&ink, &head->look);
        (void)ink_list_add(vertical->arena, &system->ink, &ink);
    }
}

static void add_ties(struct vertical *vertical, struct vertical_system *system,
                     const struct placed_system *placed, const struct vertical_staff *at) {
    for (uint32_t i = 0; i < at->n_chords && !at->staff->is_hidden; i++) {
        const struct placed_chord *chord = &vertical->placed->chords[at->chords[i]];
        const struct music_chord *music = vertical_music(vertical, chord);
        for (uint32_t k = 0; chord->heads != NULL && k < music->n_heads; k++) {
            if (music->heads[k].tie_to_chord != NOTATION_NONE) {
                add_tie(vertical, system, placed, chord, k);
            }
        }
    }
}

/* The chord of the tuplet that is nearest to x. */
static const struct placed_chord *chord_near(const struct vertical *vertical,
                                             const struct music_span *span, double x) {
    const struct placed_chord *nearest = NULL;
    uint32_t chord = span->first_chord;
    for (uint32_t n = 0; chord < vertical->music->n_chords && n < POINTS_MAX; n++) {
        const struct placed_chord *placed = vertical_find(vertical, chord);
        bool is_nearer = placed != NULL && placed->stem != 0 &&
                         (nearest == NULL || fabs(placed->stem_x - x) < fabs(nearest->stem_x - x));
        nearest = is_nearer ? placed : nearest;
        chord = chord != span->last_chord ? vertical->music->chords[chord].next_in_voice
                                          : NOTATION_NONE;
    }
    return nearest;
}

/* The figure in the middle of the beam, where no stem stands. */
static void add_tuplet(struct vertical *vertical, struct vertical_system *system,
                       const struct placed_system *placed, const struct vertical_staff *at,
                       const struct vertical_piece *piece) {
    const struct placed_chord *first = vertical_find(vertical, piece->span->first_chord);
    const struct placed_chord *last = vertical_find(vertical, piece->span->last_chord);
    struct ink figure;
    if (first == NULL || last == NULL || !tuplet_figure(at, piece->span, &figure)) {
        return;
    }
    double x = (first->stem_x + last->stem_x) / 2;
    const struct placed_chord *nearest = chord_near(vertical, piece->span, x);
    if (nearest == NULL) {
        return;
    }
    double left = first->stem_tip + placed->staves[first->staff_i].y,
           right = last->stem_tip + placed->staves[last->staff_i].y;
    double levels = vertical_music(vertical, nearest)->value - MUSIC_VALUE_QUARTER;
    double thickness = RULE_BEAM + (levels - 1) * RULE_BEAM_STEP;
    int side = piece->span->side != 0 ? -piece->span->side : -nearest->stem;
    /* ends of stems are the far edges of the beam, on either side */
    left += (first->stem > 0) == (side > 0) ? side * thickness : 0;
    right += (last->stem > 0) == (side > 0) ? side * thickness : 0;
    double edge = (left + right) / 2 + side * FIGURE_GAP;
    ink_move(&figure, x - (figure.box.left + figure.box.right) / 2,
             side < 0 ? edge - figure.box.bottom : edge - figure.box.top);
    (void)ink_list_add(vertical->arena, &system->ink, &figure);
}

void cross_staff_layout(struct vertical *vertical, struct vertical_system *system) {
    const struct placed_system *placed = system->staves != NULL ? system->staves[0].system : NULL;
    for (uint32_t k = 0; placed != NULL && k < placed->n_staves; k++) {
        const struct vertical_staff *at = &system->staves[k];
        add_ties(vertical, system, placed, at);
        for (uint32_t i = 0; i < at->n_pieces; i++) {
            const struct vertical_piece *piece = &at->pieces[i];
            if (piece->span->kind == MUSIC_TUPLET && !piece->span->has_bracket &&
                !at->staff->is_hidden && tuplet_spans_staves(at, piece)) {
                add_tuplet(vertical, system, placed, at, piece);
                continue;
            }
            if (piece->first == NOTATION_NONE || piece->last == NOTATION_NONE) {
                continue;
            }
            uint32_t from = vertical->placed->chords[piece->first].staff_i;
            uint32_t to = vertical->placed->chords[piece->last].staff_i;
            bool is_hidden = placed->staves[from].is_hidden || placed->staves[to].is_hidden;
            if (is_hidden || (from == k && to == k)) {
                continue;
            }
            if (piece->span->kind == MUSIC_SLUR) {
                add_slur(vertical, system, placed, piece);
            } else if (piece->span->kind == MUSIC_GLISSANDO && from != to) {
                add_glissando(vertical, system, placed, piece);
            }
        }
    }
}
