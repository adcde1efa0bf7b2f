/* Slurs, ties and glissandos from one staff to another: drawn when the staves have their places. */
#include "renderer/notation/layout/signs/curve.h"

#include <math.h>

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

static void add_slur(struct vertical *vertical, struct vertical_system *system,
                     const struct placed_system *placed, const struct vertical_piece *piece) {
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
    struct curve tie = {from->right + 0.15, y1 + 0.28 * side, to->left - 0.15, y2 + 0.28 * side,
                        side, 0.8, 0.25};
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

void cross_staff_layout(struct vertical *vertical, struct vertical_system *system) {
    const struct placed_system *placed = system->staves != NULL ? system->staves[0].system : NULL;
    for (uint32_t k = 0; placed != NULL && k < placed->n_staves; k++) {
        const struct vertical_staff *at = &system->staves[k];
        add_ties(vertical, system, placed, at);
        for (uint32_t i = 0; i < at->n_pieces; i++) {
            const struct vertical_piece *piece = &at->pieces[i];
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
