/* Brackets and figures of tuplets, on the beam's or stems' side (gmn.md 12; 16, 41). */
#include "renderer/notation/layout/vertical/vertical.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIGURE_SIZE 1.75 /* em, sp */
#define HOOK        0.7
#define OFF_NOTES   0.8 /* bracket to stems and heads */
#define SLOPE_MAX   0.25
#define CHORDS_MAX  1000 /* of a tuplet that are looked at */

struct tuplet {
    const struct vertical_staff *at;
    const struct vertical_piece *piece;
    int side;
    double left, right, y1, y2; /* of the bracket's line */
    struct ink figure;
    bool has_figure;
};

/* Chords of the tuplet's voice in this system: majority of stems. */
static int side_of(const struct vertical_staff *at, const struct vertical_piece *piece) {
    const struct music_span *span = piece->span;
    const struct music *music = at->vertical->music;
    const struct placed_chord *first = vertical_find(at->vertical, span->first_chord);
    if (span->side != 0) {
        return -span->side;
    }
    if (first != NULL && first->stem != 0 && vertical_is_cross_beamed(at->vertical, first)) {
        return first->stem; /* away from the beam between the staves */
    }
    int up = 0, down = 0;
    uint32_t chord = span->first_chord;
    for (uint32_t n = 0; chord < music->n_chords && n < CHORDS_MAX; n++) {
        const struct placed_chord *placed = vertical_find(at->vertical, chord);
        up += placed != NULL && placed->stem > 0;
        down += placed != NULL && placed->stem < 0;
        if (chord == span->last_chord) {
            break;
        }
        chord = music->chords[chord].next_in_voice;
    }
    return down > up ? 1 : -1;
}

static const char *figure_text(struct arena *arena, const struct music_span *span) {
    char text[40];
    if (span->against > 0) {
        snprintf(text, sizeof text, "%d:%d", span->number, span->against);
    } else {
        snprintf(text, sizeof text, "%d", span->number);
    }
    const char *copy = arena_text(arena, text, strlen(text));
    return copy != NULL ? copy : "";
}

bool tuplet_figure(const struct vertical_staff *at, const struct music_span *span,
                   struct ink *figure) {
    const struct notation_tag *tag = span->tag;
    double factor = tag != NULL ? notation_tag_number(tag, "textSize", 1) : 1;
    struct ink_font font = {.size = FIGURE_SIZE * fmin(fmax(factor, 0.2), 5),
                            .is_italic = true,
                            .is_bold = tag != NULL && notation_tag_bool(tag, "bold", false)};
    if (!span->has_number || span->number <= 0) {
        return false;
    }
    *figure = vertical_text(ROLE_TUPLET, &font, figure_text(at->vertical->arena, span), 0, 0);
    vertical_tint(figure, &span->look);
    ink_measure(figure);
    return true;
}

bool tuplet_spans_staves(const struct vertical_staff *at, const struct vertical_piece *piece) {
    const struct music *music = at->vertical->music;
    uint32_t chord = piece->span->first_chord;
    for (uint32_t n = 0; chord < music->n_chords && n < CHORDS_MAX; n++) {
        if (music->chords[chord].staff != at->staff->staff) {
            return true;
        }
        if (chord == piece->span->last_chord) {
            break;
        }
        chord = music->chords[chord].next_in_voice;
    }
    return false;
}

/* Outermost ink of a chord on the tuplet's side. */
static double chord_edge(const struct tuplet *tuplet, const struct placed_chord *chord) {
    double outer = tuplet->side < 0 ? chord->note_top : chord->note_bottom;
    if (chord->stem != 0 && (chord->stem > 0) == (tuplet->side < 0)) {
        outer = tuplet->side < 0 ? fmin(outer, chord->stem_tip) : fmax(outer, chord->stem_tip);
    }
    return outer;
}

/* The line follows first and last chord, is flattened, then moved off everything. */
static void place_line(struct tuplet *tuplet, const struct placed_chord *first,
                       const struct placed_chord *last) {
    const struct vertical_staff *at = tuplet->at;
    tuplet->left =
        first != NULL
            ? fmin(first->x, first->stem_x > 0 && first->stem != 0 ? first->stem_x : first->x)
            : tuplet->piece->left;
    tuplet->right = last != NULL ? last->center_x * 2 - last->x : tuplet->piece->right;
    if (last != NULL && last->stem > 0) {
        tuplet->right = fmax(tuplet->right, last->stem_x);
    }
    tuplet->right = fmax(tuplet->right, tuplet->left + 1.5);
    double length = tuplet->right - tuplet->left, slope = 0;
    if (first != NULL && last != NULL && first != last && first->staff_i == at->staff_i &&
        last->staff_i == at->staff_i) {
        slope = (chord_edge(tuplet, last) - chord_edge(tuplet, first)) / length;
        slope = fmin(fmax(slope, -SLOPE_MAX), SLOPE_MAX);
        /* never against the melody: stems that turn would tilt it so */
        double rise = last->note_top + last->note_bottom - first->note_top - first->note_bottom;
        slope = slope * rise > 0 ? slope : 0;
    }
    double base = tuplet->side < 0 ? INFINITY : -INFINITY;
    int n = (int)fmin(fmax(length / 0.5, 4), 200);
    for (int i = 0; i < n; i++) { /* the edge under each part of the line */
        double left = tuplet->left + length * i / n, right = tuplet->left + length * (i + 1) / n;
        double edge = vertical_edge(at, tuplet->side, left, right);
        double from_start = slope * ((left + right) / 2 - tuplet->left);
        base = tuplet->side < 0 ? fmin(base, edge - from_start) : fmax(base, edge - from_start);
    }
    tuplet->y1 = base + tuplet->side * OFF_NOTES;
    tuplet->y2 = tuplet->y1 + slope * length;
    const struct notation_tag *tag = tuplet->piece->span->tag;
    if (tag != NULL) {
        tuplet->y1 -= vertical_length(tag, "dy1", 0);
        tuplet->y2 -= vertical_length(tag, "dy2", 0);
    }
}

static void add_line(const struct tuplet *tuplet, double x1, double x2) {
    double slope = (tuplet->y2 - tuplet->y1) / (tuplet->right - tuplet->left);
    if (x2 - x1 < 0.2) {
        return;
    }
    struct ink ink = vertical_line(ROLE_TUPLET, x1, tuplet->y1 + slope * (x1 - tuplet->left), x2,
                                   tuplet->y1 + slope * (x2 - tuplet->left));
    vertical_tint(&ink, &tuplet->piece->span->look);
    vertical_add(tuplet->at, &ink);
}

static void add_hook(const struct tuplet *tuplet, double x, double y) {
    struct ink ink = vertical_line(ROLE_TUPLET, x, y + tuplet->side * VERTICAL_LINE / 2, x,
                                   y - tuplet->side * HOOK);
    vertical_tint(&ink, &tuplet->piece->span->look);
    vertical_add(tuplet->at, &ink);
}

static void add_bracket(struct tuplet *tuplet) {
    const struct music_span *span = tuplet->piece->span;
    double middle = (tuplet->left + tuplet->right) / 2;
    double half =
        tuplet->has_figure ? (tuplet->figure.box.right - tuplet->figure.box.left) / 2 + 0.35 : 0;
    bool is_whole = !span->has_left_hook && !span->has_right_hook;
    if (!tuplet->has_figure) {
        add_line(tuplet, tuplet->left, tuplet->right);
    } else {
        add_line(tuplet, tuplet->left, middle - half);
        add_line(tuplet, middle + half, tuplet->right);
    }
    if (tuplet->piece->begins_here && (span->has_left_hook || is_whole)) {
        add_hook(tuplet, tuplet->left + VERTICAL_LINE / 2, tuplet->y1);
    }
    if (tuplet->piece->ends_here && (span->has_right_hook || is_whole)) {
        add_hook(tuplet, tuplet->right - VERTICAL_LINE / 2, tuplet->y2);
    }
}

static void add_figure(struct tuplet *tuplet, bool has_bracket) {
    struct ink *figure = &tuplet->figure;
    double x = (tuplet->left + tuplet->right) / 2 - (figure->box.left + figure->box.right) / 2;
    double y = (tuplet->y1 + tuplet->y2) / 2 - (figure->box.top + figure->box.bottom) / 2;
    ink_move(figure, x, y);
    if (!has_bracket) { /* alone: close to the beam under it */
        double edge = vertical_edge(tuplet->at, tuplet->side, figure->box.left - 0.3,
                                    figure->box.right + 0.3);
        double near =
            tuplet->side < 0 ? edge - 0.35 - figure->box.bottom : edge + 0.35 - figure->box.top;
        ink_move(figure, 0, near);
    }
    vertical_add(tuplet->at, figure);
}

static void tuplet_layout(const struct vertical_staff *at, const struct vertical_piece *piece) {
    const struct placed_chord *chords = at->vertical->placed->chords;
    struct tuplet tuplet = {.at = at, .piece = piece, .side = side_of(at, piece)};
    bool has_bracket = piece->span->has_bracket;
    if (!has_bracket && tuplet_spans_staves(at, piece)) {
        return; /* cross_staff.c */
    }
    tuplet.has_figure = tuplet_figure(at, piece->span, &tuplet.figure);
    if (!tuplet.has_figure && !has_bracket) {
        return;
    }
    place_line(&tuplet, piece->first != NOTATION_NONE ? &chords[piece->first] : NULL,
               piece->last != NOTATION_NONE ? &chords[piece->last] : NULL);
    if (has_bracket) {
        add_bracket(&tuplet);
    }
    if (tuplet.has_figure) {
        add_figure(&tuplet, has_bracket);
    }
}

static int compare_length(const void *a, const void *b) {
    const struct vertical_piece *p = *(const struct vertical_piece *const *)a;
    const struct vertical_piece *q = *(const struct vertical_piece *const *)b;
    double left = p->right - p->left, right = q->right - q->left;
    if (left != right) {
        return left < right ? -1 : 1;
    }
    return p < q ? -1 : p > q;
}

/* Inner ones first: the outer bracket goes outside of them. */
void tuplets_layout(const struct vertical_staff *at) {
    const struct vertical_piece **tuplets =
        arena_array(at->vertical->arena, at->n_pieces + 1, sizeof(void *));
    uint32_t n = 0;
    for (uint32_t i = 0; tuplets != NULL && i < at->n_pieces; i++) {
        if (at->pieces[i].span->kind == MUSIC_TUPLET) {
            tuplets[n++] = &at->pieces[i];
        }
    }
    if (n > 1) {
        qsort(tuplets, n, sizeof *tuplets, compare_length);
    }
    for (uint32_t i = 0; i < n; i++) {
        tuplet_layout(at, tuplets[i]);
    }
}
