/* Brackets of endings; all of a staff's system at one height (gmn.md 12). */
#include "renderer/notation/layout/vertical/vertical.h"

#include <math.h>

#define LINE_Y    (-3.0)
#define HOOK      1.5
#define TEXT_SIZE 1.7 /* em */

/* Right edge of the bar line at or before x; x when there is none near. */
static double bar_near(const struct vertical_staff *at, double x, bool is_left) {
    for (uint32_t i = 0; i < at->system->n_bars; i++) {
        const struct placed_bar *bar = &at->system->bars[i];
        if (is_left && bar->right <= x + 0.01 && bar->right > x - 6) {
            double next = i + 1 < at->system->n_bars ? at->system->bars[i + 1].right : INFINITY;
            if (!(next <= x + 0.01)) {
                return bar->right - 0.08;
            }
        }
    }
    return x - (is_left ? 0.6 : 0);
}

/* The first bar line at `end` or later: before the thick line, clear of the bracket
 * that follows. */
static double bar_at(const struct vertical_staff *at, struct rational end, double fallback) {
    for (uint32_t i = 0; i < at->system->n_bars; i++) {
        const struct placed_bar *bar = &at->system->bars[i];
        if (rational_compare(bar->date, end) >= 0) {
            return bar->n_lines > 1 ? bar->lines[0].left + bar->lines[0].thickness + 0.1
                                    : bar->right;
        }
    }
    return fallback;
}

static void add_bracket(const struct vertical_staff *at, const struct vertical_piece *piece,
                        struct ink_list *list) {
    const struct music_span *span = piece->span;
    const struct placed_chord *chords = at->vertical->placed->chords;
    double left = piece->first != NOTATION_NONE ? chords[piece->first].left : piece->left;
    left = piece->begins_here ? bar_near(at, left, true) : vertical_continue_x(at->system);
    double right = piece->ends_here ? bar_at(at, span->end, at->system->width) : at->system->width;
    if (right < left + 2) {
        right = left + 2;
    }
    right -= 0.1;
    struct ink line = vertical_line(ROLE_VOLTA, left, 0, right, 0);
    vertical_tint(&line, &span->look);
    vertical_push(at, list, &line);
    if (piece->begins_here && span->has_left_hook) {
        struct ink hook = vertical_line(ROLE_VOLTA, left + VERTICAL_LINE / 2, -VERTICAL_LINE / 2,
                                        left + VERTICAL_LINE / 2, HOOK);
        vertical_tint(&hook, &span->look);
        vertical_push(at, list, &hook);
    }
    if (piece->ends_here && span->has_right_hook) {
        struct ink hook = vertical_line(ROLE_VOLTA, right - VERTICAL_LINE / 2, -VERTICAL_LINE / 2,
                                        right - VERTICAL_LINE / 2, HOOK);
        vertical_tint(&hook, &span->look);
        vertical_push(at, list, &hook);
    }
    if (piece->begins_here && span->text != NULL && span->text[0] != '\0') {
        struct ink_font font = {.size = TEXT_SIZE};
        struct ink text = vertical_text(ROLE_VOLTA, &font, span->text, left + 0.5, HOOK - 0.05);
        vertical_tint(&text, &span->look);
        vertical_push(at, list, &text);
    }
}

void voltas_layout(const struct vertical_staff *at) {
    struct ink_list list = {0};
    for (uint32_t i = 0; i < at->n_pieces; i++) {
        if (at->pieces[i].span->kind == MUSIC_VOLTA) {
            add_bracket(at, &at->pieces[i], &list);
        }
    }
    double y = LINE_Y;
    for (size_t i = 0; i < list.n_items; i++) {
        y = vertical_clear(at, -1, &list.items[i].box, y, 0.4);
    }
    for (size_t i = 0; i < list.n_items; i++) {
        ink_move(&list.items[i], 0, y);
    }
    vertical_add_all(at, &list);
}
