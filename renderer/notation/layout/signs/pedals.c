/* Ped. and the star, and pedal lines: one baseline for all of a staff's system. */
#include "renderer/notation/layout/vertical/vertical.h"

#include <math.h>

#define BASELINE 3.0 /* under the bottom line: 7 of a five-line staff; gmn.md 12 */

static void add_mark(const struct vertical_staff *at, const struct music_mark *mark,
                     struct ink_list *list) {
    bool is_on = mark->kind == MUSIC_MARK_PEDAL_ON;
    double x = vertical_mark_x(at, mark) + mark->look.dx - (is_on ? 0 : 0.8);
    struct ink ink = vertical_glyph(ROLE_PEDAL, is_on ? GLYPH_PEDAL : GLYPH_PEDAL_STAR, x,
                                    -mark->look.dy, at->space);
    vertical_tint(&ink, &mark->look);
    ink_measure(&ink);
    if (list->n_items > 0) { /* a change: the star keeps off the next Ped. */
        struct ink *before = &list->items[list->n_items - 1];
        double over = before->box.right + 0.2 - ink.box.left;
        if (over > 0 && before->glyph == GLYPH_PEDAL_STAR) {
            ink_move(before, -fmin(over, 2.0), 0);
        } else if (over > 0) {
            ink_move(&ink, over, 0);
        }
    }
    vertical_push(at, list, &ink);
}

static void add_line(const struct vertical_staff *at, const struct vertical_piece *piece,
                     struct ink_list *list) {
    double left = piece->left - 0.6, right = piece->right;
    struct ink line = vertical_line(ROLE_PEDAL, left, 0, right, 0);
    vertical_tint(&line, &piece->span->look);
    vertical_push(at, list, &line);
    for (int end = 0; end < 2; end++) {
        if (end == 0 ? piece->begins_here : piece->ends_here) {
            double x = end == 0 ? left + VERTICAL_LINE / 2 : right - VERTICAL_LINE / 2;
            struct ink hook = vertical_line(ROLE_PEDAL, x, VERTICAL_LINE / 2, x, -0.9);
            vertical_tint(&hook, &piece->span->look);
            vertical_push(at, list, &hook);
        }
    }
}

void pedals_layout(const struct vertical_staff *at) {
    struct ink_list list = {0};
    for (uint32_t i = 0; i < at->n_marks; i++) {
        const struct music_mark *mark = &at->vertical->music->marks[at->marks[i]];
        if (mark->kind == MUSIC_MARK_PEDAL_ON || mark->kind == MUSIC_MARK_PEDAL_OFF) {
            add_mark(at, mark, &list);
        }
    }
    for (uint32_t i = 0; i < at->n_pieces; i++) {
        if (at->pieces[i].span->kind == MUSIC_PEDAL_LINE) {
            add_line(at, &at->pieces[i], &list);
        }
    }
    double y = at->staff->height + BASELINE;
    for (size_t i = 0; i < list.n_items; i++) {
        y = vertical_clear(at, 1, &list.items[i].box, y, VERTICAL_GAP);
    }
    for (size_t i = 0; i < list.n_items; i++) {
        ink_move(&list.items[i], 0, y);
    }
    vertical_add_all(at, &list);
}
