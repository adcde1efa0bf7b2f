/* Lines from head to head. Between staves: cross_staff.c. */
#include "renderer/notation/layout/vertical/vertical.h"

#include <math.h>

static void glissando_line(const struct vertical_staff *at, const struct vertical_piece *piece,
                           const struct ink_box *from, double right_of, const struct ink_box *to,
                           double left_of) {
    const struct notation_tag *tag = piece->span->tag;
    double y1 = (from->top + from->bottom) / 2, y2 = (to->top + to->bottom) / 2;
    double x1 = right_of + 0.35, x2 = left_of - 0.35;
    struct ink ink = vertical_line(ROLE_GLISSANDO, x1, y1, x2, y2);
    if (tag != NULL) {
        ink.x += vertical_length(tag, "dx1", 0);
        ink.y -= vertical_length(tag, "dy1", 0);
        ink.x2 += vertical_length(tag, "dx2", 0);
        ink.y2 -= vertical_length(tag, "dy2", 0);
        ink.thickness = fmin(fmax(vertical_length(tag, "thickness", 0.15), 0.05), 3);
    }
    if (ink.x2 < ink.x + 0.4) {
        return;
    }
    vertical_tint(&ink, &piece->span->look);
    vertical_add(at, &ink);
}

void glissandos_layout(const struct vertical_staff *at) {
    const struct placed_chord *chords = at->vertical->placed->chords;
    for (uint32_t i = 0; i < at->n_pieces; i++) {
        const struct vertical_piece *piece = &at->pieces[i];
        const struct placed_chord *first =
            piece->first != NOTATION_NONE ? &chords[piece->first] : NULL;
        const struct placed_chord *last =
            piece->last != NOTATION_NONE ? &chords[piece->last] : NULL;
        if (piece->span->kind != MUSIC_GLISSANDO || (first == NULL && last == NULL)) {
            continue;
        }
        if (first != NULL && last != NULL && first->staff_i != last->staff_i) {
            continue;
        }
        const struct placed_chord *some = first != NULL ? first : last;
        uint32_t n = vertical_music(at->vertical, some)->n_heads;
        if (last != NULL && vertical_music(at->vertical, last)->n_heads < n) {
            n = vertical_music(at->vertical, last)->n_heads;
        }
        for (uint32_t k = 0; k < n; k++) { /* head by head, lowest first */
            const struct ink_box *from = first != NULL ? &first->heads[k] : &last->heads[k];
            const struct ink_box *to = last != NULL ? &last->heads[k] : &first->heads[k];
            glissando_line(at, piece, from, first != NULL ? first->right : piece->left, to,
                           last != NULL ? last->left : piece->right);
        }
    }
}
