/* Pieces of ink, and how they find a free place above or below a staff. */
#include "renderer/notation/layout/vertical/vertical.h"

#include <math.h>

static const struct music_color BLACK = {0, 0, 0, 255};

struct ink vertical_glyph(enum ink_role role, enum music_glyph glyph, double x, double y,
                          double size) {
    return (struct ink){.shape = INK_GLYPH,
                        .role = role,
                        .color = BLACK,
                        .glyph = (uint16_t)glyph,
                        .x = x,
                        .y = y,
                        .size = size,
                        .chord = NOTATION_NONE};
}

struct ink vertical_line(enum ink_role role, double x, double y, double x2, double y2) {
    return (struct ink){.shape = INK_LINE,
                        .role = role,
                        .color = BLACK,
                        .x = x,
                        .y = y,
                        .x2 = x2,
                        .y2 = y2,
                        .thickness = VERTICAL_LINE,
                        .chord = NOTATION_NONE};
}

struct ink vertical_text(enum ink_role role, const struct ink_font *font, const char *text,
                         double x, double y) {
    return (struct ink){.shape = INK_TEXT,
                        .role = role,
                        .color = BLACK,
                        .font = *font,
                        .text = text,
                        .x = x,
                        .y = y,
                        .chord = NOTATION_NONE};
}

void vertical_tint(struct ink *ink, const struct music_look *look) {
    if (look->color.a != 0) {
        ink->color = look->color;
    }
}

void vertical_add(const struct vertical_staff *at, const struct ink *ink) {
    struct arena *arena = at->vertical->arena;
    struct placed_staff *staff = at->staff;
    if (!ink_list_add(arena, &staff->ink, ink)) {
        return;
    }
    const struct ink_box *box = &staff->ink.items[staff->ink.n_items - 1].box;
    (void)skyline_add(arena, &staff->above, box);
    (void)skyline_add(arena, &staff->below, box);
}

void vertical_add_all(const struct vertical_staff *at, const struct ink_list *list) {
    for (size_t i = 0; i < list->n_items; i++) {
        vertical_add(at, &list->items[i]);
    }
}

void vertical_push(const struct vertical_staff *at, struct ink_list *list, const struct ink *ink) {
    (void)ink_list_add(at->vertical->arena, list, ink);
}

double vertical_edge(const struct vertical_staff *at, int side, double left, double right) {
    const struct placed_staff *staff = at->staff;
    return side < 0 ? fmin(skyline_extreme(&staff->above, left, right),
                           skyline_extreme(&staff->crossed_above, left, right))
                    : fmax(skyline_extreme(&staff->below, left, right),
                           skyline_extreme(&staff->crossed_below, left, right));
}

bool vertical_is_crossed(const struct vertical_staff *at, int side, double left, double right) {
    const struct skyline *crossed =
        side < 0 ? &at->staff->crossed_above : &at->staff->crossed_below;
    return skyline_extreme(crossed, left, right) != crossed->rest_y;
}

int vertical_free_side(const struct vertical_staff *at, int side, double left, double right) {
    return vertical_is_crossed(at, side, left, right) &&
                   !vertical_is_crossed(at, -side, left, right)
               ? -side
               : side;
}

double vertical_clear(const struct vertical_staff *at, int side, const struct ink_box *box,
                      double default_y, double gap) {
    double edge = vertical_edge(at, side, box->left - 0.15, box->right + 0.15);
    return side < 0 ? fmin(default_y, edge - gap - box->bottom)
                    : fmax(default_y, edge + gap - box->top);
}

struct ink_box vertical_box(const struct ink_list *list) {
    struct ink_box box = ink_box_empty();
    for (size_t i = 0; i < list->n_items; i++) {
        box = ink_box_join(box, list->items[i].box);
    }
    return box;
}

double vertical_place(const struct vertical_staff *at, struct ink_list *list, int side,
                      double default_y, double gap) {
    if (list->n_items == 0) {
        return default_y;
    }
    struct ink_box box = vertical_box(list);
    double y = vertical_clear(at, side, &box, default_y, gap);
    for (size_t i = 0; i < list->n_items; i++) {
        ink_move(&list->items[i], 0, y);
    }
    vertical_add_all(at, list);
    return y;
}

double vertical_length(const struct notation_tag *tag, const char *name, double fallback) {
    double length = notation_tag_length(tag, name, fallback);
    return fmin(fmax(length, -VERTICAL_LENGTH_MAX), VERTICAL_LENGTH_MAX);
}

double vertical_bottom(const struct vertical_staff *at) {
    return at->staff->height;
}
