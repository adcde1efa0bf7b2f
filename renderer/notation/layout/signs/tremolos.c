/* Strokes between two notes that share a written duration (gmn.md 9 tremolo). Strokes on
 * one stem are the horizontal half's. */
#include "renderer/notation/layout/vertical/vertical.h"

#include <math.h>

#define STROKE    0.5
#define STEP      0.75
#define OFF_STEM  0.6
#define SLOPE_MAX 0.2

/* Where the outermost stroke meets a chord: the stem's end, or beside a head without stem. */
static struct ink_point stroke_end(const struct placed_chord *chord, int stem, bool is_left) {
    if (chord->stem != 0) {
        return (struct ink_point){chord->stem_x + (is_left ? OFF_STEM : -OFF_STEM), chord->stem_tip};
    }
    double middle = (chord->note_top + chord->note_bottom) / 2;
    return (struct ink_point){is_left ? chord->right + 0.4 : chord->left - 0.4, middle - stem * 1.0};
}

static void add_strokes(const struct vertical_staff *at, const struct vertical_piece *piece,
                        const struct placed_chord *first, const struct placed_chord *last) {
    int stem = first->stem != 0 ? first->stem : last->stem != 0 ? last->stem : 1;
    struct ink_point a = stroke_end(first, stem, true), b = stroke_end(last, stem, false);
    double length = b.x - a.x, size = at->space;
    if (length < 0.5) {
        return;
    }
    double slope = fmin(fmax((b.y - a.y) / length, -SLOPE_MAX), SLOPE_MAX), middle = (a.y + b.y) / 2;
    if (first->stem != 0 && last->stem != 0 && first->stem == last->stem) { /* inside both tips */
        double low = slope * length / 2;
        middle = stem > 0 ? fmax(a.y + low, b.y - low) : fmin(a.y + low, b.y - low);
    }
    int n = piece->span->number > 0 && piece->span->number <= 6 ? piece->span->number : 3;
    for (int i = 0; i < n; i++) {
        double y = middle + stem * (i * STEP + 0.35) * size, rise = slope * length / 2, half = STROKE / 2 * size;
        struct ink_point *points = arena_array(at->vertical->arena, 4, sizeof *points);
        if (points == NULL) {
            return;
        }
        points[0] = (struct ink_point){a.x, y - rise - half};
        points[1] = (struct ink_point){b.x, y + rise - half};
        points[2] = (struct ink_point){b.x, y + rise + half};
        points[3] = (struct ink_point){a.x, y - rise + half};
        struct ink ink = {.shape = INK_POLYGON, .role = ROLE_TREMOLO, .color = {0, 0, 0, 255}, .points = points,
                          .n_points = 4, .chord = piece->span->first_chord};
        vertical_tint(&ink, &piece->span->look);
        vertical_add(at, &ink);
    }
}

void tremolos_layout(const struct vertical_staff *at) {
    const struct placed_chord *chords = at->vertical->placed->chords;
    for (uint32_t i = 0; i < at->n_pieces; i++) {
        const struct vertical_piece *piece = &at->pieces[i];
        if (piece->span->kind == MUSIC_TREMOLO_PAIR && piece->first != NOTATION_NONE &&
            piece->last != NOTATION_NONE && chords[piece->first].staff_i == chords[piece->last].staff_i) {
            add_strokes(at, piece, &chords[piece->first], &chords[piece->last]);
        }
    }
}
