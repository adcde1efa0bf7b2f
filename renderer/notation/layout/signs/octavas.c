/* 8va and 15ma with their dashed lines (gmn.md 12). */
#include "renderer/notation/layout/vertical/vertical.h"

#include <math.h>
#include <stdlib.h>

#define FIGURE_SIZE 2.0 /* em */
#define BASELINE    (-1.0)
#define HOOK        0.9

static void octava_layout(const struct vertical_staff *at, const struct vertical_piece *piece) {
    const struct music_span *span = piece->span;
    const struct placed_chord *chords = at->vertical->placed->chords;
    int side = span->number < 0 ? 1 : -1;
    struct ink_font font = {.size = FIGURE_SIZE, .is_italic = true};
    static const char *const above[] = {"8va", "15ma", "22ma", "29ma"};
    static const char *const below[] = {"8vb", "15mb", "22mb", "29mb"};
    int octaves = abs(span->number) <= 4 ? abs(span->number) : 4;
    const char *text = span->number > 0 ? above[octaves - 1] : below[octaves - 1];
    struct ink_list list = {0};
    double left = piece->left, right = piece->right;
    if (piece->first != NOTATION_NONE) {
        left = fmin(chords[piece->first].x, chords[piece->first].left);
    }
    if (piece->last != NOTATION_NONE) {
        right = chords[piece->last].right + 0.2;
    }
    struct ink figure = vertical_text(ROLE_OCTAVA, &font, text, left, 0);
    vertical_tint(&figure, &span->look);
    ink_measure(&figure);
    vertical_push(at, &list, &figure);
    double line_y = side < 0 ? figure.box.top + 0.15 : -0.15;
    double start = figure.box.right + 0.4;
    if (right > start + 0.5) {
        struct ink line = vertical_line(ROLE_OCTAVA, start, line_y, right, line_y);
        line.dash = 0.7;
        line.gap = 0.5;
        vertical_tint(&line, &span->look);
        vertical_push(at, &list, &line);
        if (piece->ends_here) {
            struct ink hook = vertical_line(ROLE_OCTAVA, right, line_y + side * VERTICAL_LINE / 2,
                                            right, line_y - side * HOOK);
            vertical_tint(&hook, &span->look);
            vertical_push(at, &list, &hook);
        }
    }
    double y = side < 0 ? BASELINE : at->staff->height + 1.0 - figure.box.top;
    vertical_place(at, &list, side, y - span->look.dy, 0.4);
}

void octavas_layout(const struct vertical_staff *at) {
    for (uint32_t i = 0; i < at->n_pieces; i++) {
        if (at->pieces[i].span->kind == MUSIC_OCTAVA && at->pieces[i].span->number != 0) {
            octava_layout(at, &at->pieces[i]);
        }
    }
}
