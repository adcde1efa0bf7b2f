/* Bar lines of all kinds (gmn.md 16.3, 16.43) and the gutters they stand in. */
#include <math.h>

#include "renderer/notation/layout/horizontal.h"

enum piece { PIECE_END, PIECE_THIN, PIECE_THICK, PIECE_DOTS, PIECE_DASHED, PIECE_DOTTED };

static const enum piece PIECES[][6] = {
    [MUSIC_BAR_NONE] = {PIECE_END},
    [MUSIC_BAR_SINGLE] = {PIECE_THIN},
    [MUSIC_BAR_DOUBLE] = {PIECE_THIN, PIECE_THIN},
    [MUSIC_BAR_FINAL] = {PIECE_THIN, PIECE_THICK},
    [MUSIC_BAR_REPEAT_BEGIN] = {PIECE_THICK, PIECE_THIN, PIECE_DOTS},
    [MUSIC_BAR_REPEAT_END] = {PIECE_DOTS, PIECE_THIN, PIECE_THICK},
    [MUSIC_BAR_REPEAT_BOTH] = {PIECE_DOTS, PIECE_THIN, PIECE_THICK, PIECE_THIN, PIECE_DOTS},
    [MUSIC_BAR_DASHED] = {PIECE_DASHED},
    [MUSIC_BAR_DOTTED] = {PIECE_DOTTED},
    [MUSIC_BAR_HEAVY_LIGHT] = {PIECE_THICK, PIECE_THIN},
};

static double piece_width(enum piece piece) {
    switch (piece) {
    case PIECE_THICK:
        return RULE_THICK_BAR;
    case PIECE_DOTS:
        return 0.45;
    case PIECE_THIN:
    case PIECE_DASHED:
    case PIECE_DOTTED:
        return RULE_THIN_BAR;
    case PIECE_END:
        break;
    }
    return 0;
}

static double gap_between(enum piece a, enum piece b) {
    return a == PIECE_DOTS || b == PIECE_DOTS ? RULE_REPEAT_DOT_GAP : RULE_BAR_GAP;
}

double bar_width(enum music_bar_kind kind) {
    const enum piece *pieces = PIECES[kind];
    double width = 0;
    for (int i = 0; pieces[i] != PIECE_END; i++) {
        width += piece_width(pieces[i]) + (i > 0 ? gap_between(pieces[i - 1], pieces[i]) : 0);
    }
    return width;
}

enum music_bar_kind bar_seen(const struct music_bar *bar) {
    return bar->is_hidden ? MUSIC_BAR_NONE : bar->is_plain ? MUSIC_BAR_SINGLE : bar->kind;
}

enum music_bar_kind bar_at_line_end(enum music_bar_kind kind) {
    return kind == MUSIC_BAR_REPEAT_BEGIN || kind == MUSIC_BAR_HEAVY_LIGHT ? MUSIC_BAR_SINGLE
           : kind == MUSIC_BAR_REPEAT_BOTH                                 ? MUSIC_BAR_REPEAT_END
                                                                           : kind;
}

enum music_bar_kind bar_at_line_start(enum music_bar_kind kind) {
    return kind == MUSIC_BAR_REPEAT_BEGIN || kind == MUSIC_BAR_REPEAT_BOTH ? MUSIC_BAR_REPEAT_BEGIN
                                                                           : MUSIC_BAR_NONE;
}

static bool dots_emit(struct horizontal *h, struct placed_staff *staff, double x) {
    const struct music_staff *of = &h->music->staves[staff->staff];
    for (int side = -1; side <= 1; side += 2) {
        struct ink dot =
            ink_glyph(ROLE_REPEAT_DOT, GLYPH_DOT, x, staff_y(of, side), of->space, INK_BLACK);
        if (!ink_list_add(h->arena, &staff->ink, &dot)) {
            return false;
        }
    }
    return true;
}

bool bar_emit(struct horizontal *h, struct placed_staff *staff, enum music_bar_kind kind, double x,
              struct placed_bar *out) {
    const struct music_staff *of = &h->music->staves[staff->staff];
    const enum piece *pieces = PIECES[kind];
    double middle = staff_middle(of), reach = of->n_lines > 1
                                                  ? middle + of->line_thickness * of->space / 2
                                                  : (of->n_lines == 1 ? 1 : 2) * of->space;
    uint32_t n_lines = 0;
    bool is_done = true;
    for (int i = 0; pieces[i] != PIECE_END; i++) {
        double width = piece_width(pieces[i]);
        x += i > 0 ? gap_between(pieces[i - 1], pieces[i]) : 0;
        if (pieces[i] == PIECE_DOTS) {
            is_done = dots_emit(h, staff, x) && is_done;
        } else {
            struct ink ink =
                ink_rectangle(ROLE_BAR, x, middle - reach, x + width, middle + reach, INK_BLACK);
            if (pieces[i] == PIECE_DASHED || pieces[i] == PIECE_DOTTED) {
                ink = ink_line(ROLE_BAR, x + width / 2, middle - reach, x + width / 2,
                               middle + reach, width, INK_BLACK);
                ink.dash = pieces[i] == PIECE_DASHED ? RULE_BAR_DASH : RULE_THIN_BAR;
                ink.gap = pieces[i] == PIECE_DASHED ? RULE_BAR_DASH_GAP : RULE_BAR_DASH_GAP + 0.1;
            }
            is_done = ink_list_add(h->arena, &staff->ink, &ink) && is_done;
            if (n_lines < 3) {
                out->lines[n_lines].left = x;
                out->lines[n_lines++].thickness = width;
            }
        }
        x += width;
    }
    out->n_lines = n_lines > out->n_lines ? n_lines : out->n_lines;
    return is_done;
}

enum music_bar_kind gutter_bar_kind(const struct horizontal *h, const struct gutter *gutter) {
    static const int RANKS[] = {
        [MUSIC_BAR_SINGLE] = 1,       [MUSIC_BAR_DASHED] = 2,      [MUSIC_BAR_DOTTED] = 2,
        [MUSIC_BAR_DOUBLE] = 3,       [MUSIC_BAR_HEAVY_LIGHT] = 4, [MUSIC_BAR_FINAL] = 5,
        [MUSIC_BAR_REPEAT_BEGIN] = 6, [MUSIC_BAR_REPEAT_END] = 6,  [MUSIC_BAR_REPEAT_BOTH] = 7,
    };
    enum music_bar_kind strongest = MUSIC_BAR_NONE;
    for (uint32_t i = gutter->first_bar; i < gutter->end_bar; i++) {
        enum music_bar_kind kind = bar_seen(&h->music->bars[i]);
        bool is_both = (kind == MUSIC_BAR_REPEAT_BEGIN && strongest == MUSIC_BAR_REPEAT_END) ||
                       (kind == MUSIC_BAR_REPEAT_END && strongest == MUSIC_BAR_REPEAT_BEGIN);
        if (is_both) {
            strongest = MUSIC_BAR_REPEAT_BOTH;
        } else if (RANKS[kind] > RANKS[strongest]) {
            strongest = kind;
        }
    }
    return strongest;
}

void gutter_measure(const struct horizontal *h, struct gutter *gutter) {
    enum music_bar_kind kind = gutter_bar_kind(h, gutter);
    double clef = 0, key = 0, meter = 0;
    double bar = bar_width(kind), bar_end = bar_width(bar_at_line_end(kind));
    for (uint32_t i = gutter->first_mark; i < gutter->end_mark; i++) {
        const struct music_mark *mark = &h->music->marks[i];
        if (mark->is_hidden || mark->staff >= h->music->n_staves) {
            continue;
        }
        double space = h->music->staves[mark->staff].space;
        if (mark->kind == MUSIC_MARK_CLEF) {
            clef = fmax(clef, clef_width(&mark->clef, true) * space);
        } else if (mark->kind == MUSIC_MARK_KEY) {
            key = fmax(key, key_width(&mark->key, true) * space);
        } else if (mark->kind == MUSIC_MARK_METER) {
            meter = fmax(meter, meter_width(&mark->meter) * space);
        }
    }
    gutter->bar_width = bar;
    gutter->clef_left = clef > 0 ? clef + (bar > 0 ? RULE_CLEF_TO_BAR : 0) : 0;
    double x = bar;
    double end = bar_end;
    if (key > 0) {
        gutter->key_x = x + RULE_BAR_TO_SIGN;
        end += RULE_BAR_TO_SIGN + key;
        x = gutter->key_x + key;
    }
    if (meter > 0) {
        gutter->meter_x = x + RULE_BAR_TO_SIGN;
        end += RULE_BAR_TO_SIGN + meter;
        x = gutter->meter_x + meter;
    }
    gutter->right = x;
    gutter->end_right = key > 0 || meter > 0 ? end + 0.5 : end;
    gutter->is_empty = x <= 0 && gutter->clef_left <= 0;
    gutter->to_note = gutter->is_empty       ? 0
                      : key > 0 || meter > 0 ? RULE_SIGN_TO_NOTE - 0.4
                      : bar <= 0             ? RULE_CLEF_CHANGE_GAP + 0.3
                                             : RULE_BAR_TO_NOTE;
}
