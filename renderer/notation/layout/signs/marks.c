/* Rehearsal marks in their enclosures, jumps, measure numbers, instruments in mid-piece. */
#include "renderer/notation/layout/signs/rich_text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define MARK_PT   14.0
#define MARK_Y    (-2.2)
#define JUMP_PT   11.0
#define JUMP_Y    (-1.2)
#define NUMBER_PT 8.0
#define FRAME     0.45 /* text to its enclosure */

/* Middle of the bar line that a date stands at; the event's left edge when there is none. */
static double bar_x(const struct vertical_staff *at, const struct music_mark *mark, bool *is_bar) {
    const struct placed_system *system = at->system;
    double x = vertical_mark_x(at, mark);
    *is_bar = false;
    if (rational_compare(mark->date, system->begin) <= 0) {
        return 0;
    }
    for (uint32_t i = 0; i < system->n_bars; i++) {
        if (rational_compare(system->bars[i].date, mark->date) == 0) {
            *is_bar = true;
            return (system->bars[i].left + system->bars[i].right) / 2;
        }
    }
    return x;
}

static void push_outline(const struct vertical_staff *at, struct ink_list *list,
                         const struct ink_point *points, int n, bool is_closed) {
    for (int i = 0; i + 1 < n + is_closed; i++) {
        const struct ink_point *a = &points[i], *b = &points[(i + 1) % n];
        struct ink ink = vertical_line(ROLE_MARK, a->x, a->y, b->x, b->y);
        ink.is_round = true;
        vertical_push(at, list, &ink);
    }
}

/* A closed ellipse of four cubics, as a thin ring: outer path, then the inner one back. */
static void push_oval(const struct vertical_staff *at, struct ink_list *list, struct ink_box box) {
    const double k = 0.5522847498, half = VERTICAL_LINE / 2;
    struct ink_point *points = arena_array(at->vertical->arena, 28, sizeof *points);
    double cx = (box.left + box.right) / 2, cy = (box.top + box.bottom) / 2;
    uint32_t n = 0;
    if (points == NULL) {
        return;
    }
    for (int ring = 0; ring < 2; ring++) {
        double rx = (box.right - box.left) / 2 + (ring == 0 ? half : -half);
        double ry = (box.bottom - box.top) / 2 + (ring == 0 ? half : -half);
        int turn = ring == 0 ? 1 : -1;
        double dx = 1, dy = 0; /* direction from the middle */
        struct ink_point start = {cx + rx, cy};
        if (ring == 1) { /* a straight way to the inner ring */
            points[n] = points[n - 1];
            points[n + 1] = start;
            n += 2;
        }
        points[n++] = start;
        for (int quarter = 0; quarter < 4; quarter++) {
            double ex = -dy * turn, ey = dx * turn; /* the next direction */
            points[n++] = (struct ink_point){cx + rx * (dx + k * ex), cy + ry * (dy + k * ey)};
            points[n++] = (struct ink_point){cx + rx * (ex + k * dx), cy + ry * (ey + k * dy)};
            points[n++] = (struct ink_point){cx + rx * ex, cy + ry * ey};
            dx = ex;
            dy = ey;
        }
    }
    struct ink ink = {.shape = INK_CURVE,
                      .role = ROLE_MARK,
                      .color = {0, 0, 0, 255},
                      .points = points,
                      .n_points = n,
                      .chord = NOTATION_NONE};
    vertical_push(at, list, &ink);
}

static void enclose(const struct vertical_staff *at, struct ink_list *list, const char *enclosure) {
    struct ink_box box = vertical_box(list);
    double cx = (box.left + box.right) / 2, cy = (box.top + box.bottom) / 2;
    double half_w = (box.right - box.left) / 2 + FRAME, half_h = (box.bottom - box.top) / 2 + FRAME;
    if (strcmp(enclosure, "square") == 0) {
        half_w = half_h = fmax(half_w, half_h);
    }
    struct ink_point corners[4] = {{cx - half_w, cy - half_h},
                                   {cx + half_w, cy - half_h},
                                   {cx + half_w, cy + half_h},
                                   {cx - half_w, cy + half_h}};
    if (strcmp(enclosure, "square") == 0 || strcmp(enclosure, "rectangle") == 0) {
        push_outline(at, list, corners, 4, true);
    } else if (strcmp(enclosure, "bracket") == 0) {
        for (int side = -1; side <= 1; side += 2) {
            struct ink_point bracket[4] = {{cx + side * (half_w - 0.4), cy - half_h},
                                           {cx + side * half_w, cy - half_h},
                                           {cx + side * half_w, cy + half_h},
                                           {cx + side * (half_w - 0.4), cy + half_h}};
            push_outline(at, list, bracket, 4, false);
        }
    } else if (strcmp(enclosure, "triangle") == 0) {
        struct ink_point triangle[3] = {{cx, cy - half_h * 2.2},
                                        {cx + half_w + half_h * 0.9, cy + half_h},
                                        {cx - half_w - half_h * 0.9, cy + half_h}};
        push_outline(at, list, triangle, 3, true);
    } else if (strcmp(enclosure, "diamond") == 0) {
        struct ink_point diamond[4] = {{cx, cy - half_h * 1.8},
                                       {cx + half_w * 1.8, cy},
                                       {cx, cy + half_h * 1.8},
                                       {cx - half_w * 1.8, cy}};
        push_outline(at, list, diamond, 4, true);
    } else if (strcmp(enclosure, "circle") == 0) {
        double radius = hypot(half_w, half_h) - 0.2;
        push_oval(at, list, (struct ink_box){cx - radius, cy - radius, cx + radius, cy + radius});
    } else if (strcmp(enclosure, "oval") == 0) {
        push_oval(at, list,
                  (struct ink_box){cx - half_w * 1.3, cy - half_h * 1.2, cx + half_w * 1.3,
                                   cy + half_h * 1.2});
    }
}

static void place_list(const struct vertical_staff *at, struct ink_list *list,
                       const struct music_look *look, double y, double gap) {
    for (size_t i = 0; i < list->n_items; i++) {
        ink_move(&list->items[i], look->dx, 0);
        vertical_tint(&list->items[i], look);
    }
    struct ink_box box = list->n_items > 0 ? vertical_box(list) : (struct ink_box){0, 0, 0, 0};
    vertical_place(at, list, -1, y - fmax(box.bottom, 0) - look->dy, gap);
}

static void rehearsal_layout(const struct vertical_staff *at, const struct music_mark *mark) {
    struct ink_font font = rich_font(mark->tag, MARK_PT, "b");
    const char *enclosure =
        mark->tag != NULL ? notation_tag_text(mark->tag, "enclosure", "none") : "none";
    bool is_bar;
    double x = bar_x(at, mark, &is_bar);
    struct ink text = vertical_text(ROLE_MARK, &font, mark->text != NULL ? mark->text : "", 0, 0);
    struct ink_list list = {0};
    ink_measure(&text);
    double middle = (text.box.left + text.box.right) / 2;
    ink_move(&text, is_bar ? x - middle : x + fmax(-text.box.left, 0), 0);
    vertical_push(at, &list, &text);
    enclose(at, &list, enclosure);
    place_list(at, &list, &mark->look, MARK_Y, 0.5);
}

/* Signs stand over the bar line, words (D.C., Fine) end at it. */
static void jump_layout(const struct vertical_staff *at, const struct music_mark *mark) {
    struct ink_font font = rich_font(mark->tag, JUMP_PT, "b");
    bool is_bar,
        begins = mark->tag != NULL && (mark->tag->kind == TAG_CODA || mark->tag->kind == TAG_SEGNO);
    double x = bar_x(at, mark, &is_bar);
    struct ink_list list = {0};
    const char *text = mark->text != NULL ? mark->text : "";
    rich_append(at->vertical->arena, &list, ROLE_JUMP, &font, text, 0, 0, false);
    if (list.n_items == 0) {
        return;
    }
    if (strcmp(text, "[coda]") == 0 || strcmp(text, "[segno]") == 0) { /* the sign alone: large */
        struct ink *ink = &list.items[0];
        ink->size = at->space;
        ink_measure(ink);
    }
    struct ink_box box = vertical_box(&list);
    double from = begins || !is_bar ? (text[0] == '[' && begins && is_bar
                                           ? fmin(1.0, (box.right - box.left) / 2) + box.left
                                           : box.left)
                                    : box.right;
    if (rational_compare(mark->date, at->system->end) >= 0) {
        x = at->system->width;
        from = box.right;
    }
    for (size_t i = 0; i < list.n_items; i++) {
        ink_move(&list.items[i], x - from, -box.bottom * (text[0] == '['));
    }
    box = vertical_box(&list);
    for (size_t i = 0; i < list.n_items && box.right > at->system->width;
         i++) { /* not past the end */
        ink_move(&list.items[i], fmax(at->system->width - box.right, -box.left), 0);
    }
    place_list(at, &list, &mark->look, JUMP_Y, 0.4);
}

static void instrument_layout(const struct vertical_staff *at, const struct music_mark *mark) {
    if (mark->text == NULL ||
        rational_compare(mark->date, at->vertical->placed->systems[0].begin) <= 0) {
        return; /* names.c */
    }
    struct ink_font font = rich_font(mark->tag, 11, "");
    struct ink_list list = {0};
    struct ink text =
        vertical_text(ROLE_INSTRUMENT, &font, mark->text, vertical_mark_x(at, mark), 0);
    vertical_push(at, &list, &text);
    place_list(at, &list, &mark->look, -1.5, 0.4);
}

/* numDx and numDy of the bar line that a number stands at. */
static struct ink_point number_offset(const struct music *music, struct rational date) {
    size_t low = 0, high = music->n_bars;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (rational_compare(music->bars[middle].date, date) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    for (; low < music->n_bars && rational_compare(music->bars[low].date, date) == 0; low++) {
        const struct notation_tag *tag = music->bars[low].tag;
        if (tag != NULL && music->bars[low].shows_number) {
            return (struct ink_point){vertical_length(tag, "numDx", 0),
                                      -vertical_length(tag, "numDy", 0)};
        }
    }
    return (struct ink_point){0, 0};
}

static void number_at(const struct vertical_staff *at, int number, double x, struct rational date) {
    char digits[16];
    struct ink_point offset = number_offset(at->vertical->music, date);
    struct ink_font font = {.size = NUMBER_PT * PT};
    snprintf(digits, sizeof digits, "%d", number);
    const char *text = arena_text(at->vertical->arena, digits, strlen(digits));
    if (text == NULL) {
        return;
    }
    struct ink_list list = {0};
    struct ink ink = vertical_text(ROLE_NUMBER, &font, text, x + offset.x, 0);
    vertical_push(at, &list, &ink);
    vertical_place(at, &list, -1, -0.7 + offset.y, 0.3);
}

/* Over the clef of each system but the first, and over the bar lines that ask for it. */
void numbers_layout(const struct vertical_staff *at) {
    const struct music *music = at->vertical->music;
    const struct vertical_system *system = &at->vertical->systems[at->system_i];
    for (uint32_t k = 0; k < at->staff_i; k++) { /* only on the uppermost staff */
        if (!system->staves[k].staff->is_hidden) {
            return;
        }
    }
    for (uint32_t i = at->system->first_measure;
         i < at->system->end_measure && i < music->n_measures; i++) {
        const struct music_measure *measure = &music->measures[i];
        bool is_first = i == at->system->first_measure;
        bool is_start = is_first && (i > 0 ? music->measures[i - 1].ends_with_bar
                                           : music->before != NULL && music->before->ends_with_bar);
        bool is_very_first = i == 0 && music->before == NULL;
        if (measure->number <= 0 || (!measure->shows_number && !is_start) || is_very_first) {
            continue;
        }
        double x = 0;
        for (uint32_t k = 0; !is_first && k < at->system->n_bars; k++) {
            if (at->system->bars[k].measure + 1 == i) {
                x = at->system->bars[k].left;
            }
        }
        number_at(at, measure->number, x, measure->begin);
    }
}

void marks_layout(const struct vertical_staff *at) {
    for (uint32_t i = 0; i < at->n_marks; i++) {
        const struct music_mark *mark = &at->vertical->music->marks[at->marks[i]];
        switch (mark->kind) {
        case MUSIC_MARK_JUMP:
            jump_layout(at, mark);
            break;
        case MUSIC_MARK_INSTRUMENT:
            instrument_layout(at, mark);
            break;
        default:
            break;
        }
    }
    for (uint32_t i = 0; i < at->n_marks; i++) {
        const struct music_mark *mark = &at->vertical->music->marks[at->marks[i]];
        if (mark->kind == MUSIC_MARK_REHEARSAL) {
            rehearsal_layout(at, mark);
        }
    }
}
