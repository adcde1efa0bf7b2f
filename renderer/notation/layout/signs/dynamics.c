/* Dynamic marks and hairpins: what follows each other closely shares one baseline, below
 * the staff, above it where lyrics are sung (gmn.md 12; 16, 39). */
#include "renderer/notation/layout/vertical/vertical.h"

#include <math.h>
#include <string.h>

#define BASELINE_BELOW 2.0 /* under the bottom line: 6 of a five-line staff */
#define BASELINE_ABOVE (-1.0)
#define AXIS           0.55 /* of hairpins, above the letters' baseline */
#define GROUP_GAP      5.0  /* items nearer than this stand on one line */
#define LETTER_GAP     0.5  /* hairpin to letters */
#define MARK_GAP       0.5  /* letters to letters */
#define SHIFT_MAX      2.0
#define BAR_GAP        0.3
#define TEXT_PT        10.0

/* A mark or a hairpin with its ink around baseline 0. */
struct dynamic {
    double left, right;
    struct ink_list list;
    struct ink_box box;
    const struct vertical_piece *hairpin; /* NULL: a mark */
    double raise;                         /* explicit dy */
    bool is_apart;                        /* not on the passage's line */
};

static bool letter_glyph(char letter, enum music_glyph *glyph) {
    static const struct {
        char letter;
        enum music_glyph glyph;
    } letters[] = {
        {'p', GLYPH_DYNAMIC_P}, {'m', GLYPH_DYNAMIC_M}, {'f', GLYPH_DYNAMIC_F},
        {'r', GLYPH_DYNAMIC_R}, {'s', GLYPH_DYNAMIC_S}, {'z', GLYPH_DYNAMIC_Z},
        {'n', GLYPH_DYNAMIC_N},
    };
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++) {
        if (letters[i].letter == letter) {
            *glyph = letters[i].glyph;
            return true;
        }
    }
    return false;
}

/* Only letters of dynamics, and a known mark: "sf", not "simm". */
static bool is_mark(const char *text) {
    static const char *const marks[] = {
        "ppppp", "pppp", "ppp",  "pp",  "p",    "mp", "mf",  "f",  "ff", "fff", "ffff", "fffff",
        "sf",    "sfz",  "sffz", "sfp", "sfpp", "rf", "rfz", "fz", "fp", "ffp", "n",    "pf"};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        if (strcmp(text, marks[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* Appends glyphs or text at x; returns the new x. */
static double append_text(const struct vertical_staff *at, struct dynamic *dynamic,
                          const struct music_mark *mark, const char *text, double x) {
    struct ink_font font = {.size = TEXT_PT * PT, .is_italic = true};
    if (mark->tag != NULL) {
        font.family = notation_tag_text(mark->tag, "font", NULL);
        font.size = vertical_length(mark->tag, "fsize", font.size);
        const char *attributes = notation_tag_text(mark->tag, "fattrib", "i");
        font.is_italic = strchr(attributes, 'i') != NULL;
        font.is_bold = strchr(attributes, 'b') != NULL;
    }
    font.size *= mark->look.size > 0 ? mark->look.size : 1;
    struct ink ink = vertical_text(ROLE_DYNAMIC, &font, text, x, 0);
    vertical_tint(&ink, &mark->look);
    vertical_push(at, &dynamic->list, &ink);
    return x + text_width(&font, text);
}

static double append_letters(const struct vertical_staff *at, struct dynamic *dynamic,
                             const struct music_mark *mark, const char *text, double x) {
    double size = at->space * (mark->look.size > 0 ? mark->look.size : 1);
    for (const char *c = text; *c != '\0'; c++) {
        enum music_glyph glyph;
        if (letter_glyph(*c, &glyph)) {
            struct ink ink = vertical_glyph(ROLE_DYNAMIC, glyph, x, 0, size);
            ink.chord = mark->chord;
            vertical_tint(&ink, &mark->look);
            vertical_push(at, &dynamic->list, &ink);
            x += music_glyph_advance(glyph) * size;
        }
    }
    return x;
}

static void shift(struct dynamic *dynamic, double dx) {
    for (size_t i = 0; i < dynamic->list.n_items; i++) {
        ink_move(&dynamic->list.items[i], dx, 0);
    }
}

static void finish(struct dynamic *dynamic) {
    dynamic->box = vertical_box(&dynamic->list);
    dynamic->left = dynamic->box.left;
    dynamic->right = dynamic->box.right;
}

/* A short mark steps aside where a bar line runs through the gap between staves. */
static void avoid_bars(const struct vertical_staff *at, struct dynamic *dynamic) {
    if (!vertical_is_joined(at)) {
        return;
    }
    for (uint32_t i = 0; i < at->system->n_bars; i++) {
        const struct placed_bar *bar = &at->system->bars[i];
        double to_right = bar->right + BAR_GAP - dynamic->left,
               to_left = bar->left - BAR_GAP - dynamic->right;
        if (to_right > 0 && to_left < 0) {
            double by = to_right < -to_left ? to_right : to_left;
            if (fabs(by) <= SHIFT_MAX) {
                shift(dynamic, by);
                finish(dynamic);
            }
            return;
        }
    }
}

/* "before mf after", the mark itself centred under the head. */
static bool make_mark(const struct vertical_staff *at, const struct music_mark *mark,
                      struct dynamic *dynamic) {
    const char *text = mark->text != NULL  ? mark->text
                       : mark->tag != NULL ? notation_tag_text(mark->tag, "type", "")
                                           : "";
    const char *before = mark->tag != NULL ? notation_tag_text(mark->tag, "before", "") : "";
    const char *after = mark->tag != NULL ? notation_tag_text(mark->tag, "after", "") : "";
    *dynamic = (struct dynamic){.raise = mark->look.dy};
    double x = 0;
    if (before[0] != '\0') {
        x = append_text(at, dynamic, mark, before, x) + 0.5;
    }
    double begin = x;
    x = is_mark(text) ? append_letters(at, dynamic, mark, text, x)
                      : append_text(at, dynamic, mark, text, x);
    double middle = is_mark(text) ? (begin + x) / 2 : begin + 0.65;
    if (after[0] != '\0') {
        append_text(at, dynamic, mark, after, x + 0.5);
    }
    if (dynamic->list.n_items == 0) {
        return false;
    }
    shift(dynamic, vertical_mark_center(at, mark) - middle + mark->look.dx);
    finish(dynamic);
    if (dynamic->left < 0) { /* at the system's start a long text does not leave it */
        shift(dynamic, -dynamic->left);
        finish(dynamic);
    }
    avoid_bars(at, dynamic);
    return true;
}

/* Right end over a single note: as long as it lasts, up to the bar line. */
static double end_of_note(const struct vertical_staff *at, const struct music_span *span,
                          double left) {
    double right = vertical_date_x(at->system, span->end) - 0.8;
    for (uint32_t i = 0; i < at->system->n_bars; i++) {
        const struct placed_bar *bar = &at->system->bars[i];
        if (bar->left > left && bar->left - 0.4 < right) {
            right = bar->left - 0.4;
        }
    }
    return fmax(right, left + 1.5);
}

/* Ends of a hairpin before its neighbours are known. */
static void make_hairpin(const struct vertical_staff *at, const struct vertical_piece *piece,
                         struct dynamic *dynamic) {
    const struct notation_tag *tag = piece->span->tag;
    *dynamic = (struct dynamic){.hairpin = piece,
                                .left = piece->left,
                                .right = piece->right,
                                .raise = piece->span->look.dy};
    if (!piece->begins_here) {
        dynamic->left = piece->left;
    }
    if (!piece->ends_here) {
        dynamic->right = piece->right - 0.5;
    }
    if (piece->begins_here && piece->ends_here && piece->first == piece->last) {
        dynamic->right = end_of_note(at, piece->span, dynamic->left);
    }
    if (tag != NULL) {
        dynamic->left += piece->begins_here ? vertical_length(tag, "dx1", 0) : 0;
        dynamic->right += piece->ends_here ? vertical_length(tag, "dx2", 0) : 0;
    }
    dynamic->box = (struct ink_box){dynamic->left, -AXIS - 0.8, dynamic->right, -AXIS + 0.8};
}

/* Two lines; at a system break the open end stays partly open. */
static void draw_hairpin(const struct vertical_staff *at, struct dynamic *dynamic) {
    const struct vertical_piece *piece = dynamic->hairpin;
    const struct notation_tag *tag = piece->span->tag;
    bool opens = piece->span->kind == MUSIC_CRESCENDO;
    double opening = 1.5 * at->space, thickness = VERTICAL_LINE;
    if (tag != NULL) {
        opening = fmin(fmax(fabs(vertical_length(tag, "deltaY", opening)), 0.3), 10);
        thickness = fmin(fmax(fabs(vertical_length(tag, "thickness", 0.08)) * 2, 0.05), 1);
    }
    double left = opens ? 0 : opening / 2, right = opens ? opening / 2 : 0;
    if (!piece->begins_here && opens) {
        left = opening / 5;
    }
    if (!piece->ends_here && !opens) {
        right = opening / 5;
    }
    for (int side = -1; side <= 1; side += 2) {
        struct ink ink = vertical_line(ROLE_HAIRPIN, dynamic->left, -AXIS + side * left,
                                       dynamic->right, -AXIS + side * right);
        ink.thickness = thickness;
        ink.is_round = true;
        vertical_tint(&ink, &piece->span->look);
        vertical_push(at, &dynamic->list, &ink);
    }
    dynamic->box = vertical_box(&dynamic->list);
}

/* By left edge, marks first: insertion, as they come nearly sorted. */
static void sort_dynamics(struct dynamic *dynamics, uint32_t n) {
    for (uint32_t i = 1; i < n; i++) {
        struct dynamic moved = dynamics[i];
        uint32_t k = i;
        for (; k > 0 && dynamics[k - 1].left > moved.left + 0.001; k--) {
            dynamics[k] = dynamics[k - 1];
        }
        dynamics[k] = moved;
    }
}

/* Two marks that follow at once: the second moves on a little; what does not fit then stands on a
 * line of its own (is_apart). */
static void spread_marks(struct dynamic *dynamics, uint32_t n) {
    struct dynamic *last = NULL;
    for (uint32_t i = 0; i < n; i++) {
        if (dynamics[i].hairpin != NULL || dynamics[i].is_apart) {
            continue;
        }
        double over = last != NULL ? last->right + MARK_GAP - dynamics[i].left : 0;
        if (over > 0 && over <= SHIFT_MAX) {
            shift(&dynamics[i], over);
            finish(&dynamics[i]);
        } else if (over > 0) {
            dynamics[i].is_apart = true;
            continue;
        }
        last = &dynamics[i];
    }
}

/* Hairpins leave room for the letters at both ends (gmn.md 16, 39). */
static void trim_hairpins(struct dynamic *dynamics, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        struct dynamic *hairpin = &dynamics[i];
        if (hairpin->hairpin == NULL) {
            continue;
        }
        double left = hairpin->left, right = hairpin->right;
        for (uint32_t k = i > 8 ? i - 8 : 0; k < n && k < i + 24; k++) {
            const struct dynamic *other = &dynamics[k];
            if (k == i) {
                continue;
            }
            if (other->hairpin != NULL) { /* one ends where the next begins */
                if (other->left > hairpin->left && other->left - 0.3 < right) {
                    right = fmin(right, other->left - 0.3);
                }
                continue;
            }
            double middle = (other->left + other->right) / 2;
            if (middle < hairpin->left + 0.5 && other->right + LETTER_GAP > left &&
                other->left < hairpin->left + 0.5) {
                left = fmax(left, other->right + LETTER_GAP);
            } else if (other->left < right + LETTER_GAP && other->left > left) {
                right = fmin(right, other->left - LETTER_GAP);
            }
        }
        if (right - left < 1.2) { /* too short to read: as much as there is */
            right = fmax(right, left + 1.2);
        }
        hairpin->left = left;
        hairpin->right = right;
    }
}

static int side_of_staff(const struct vertical_staff *at) {
    for (uint32_t i = 0; i < at->n_chords; i++) {
        const struct placed_chord *placed = &at->vertical->placed->chords[at->chords[i]];
        if (vertical_music(at->vertical, placed)->n_syllables > 0) {
            return -1;
        }
    }
    return 1;
}

/* To the passage's baseline; with a dy of its own to that height off the usual one. */
static void move_to(const struct vertical_staff *at, struct dynamic *dynamic, int side, double y) {
    if (dynamic->raise != 0) {
        y = at->staff->height + BASELINE_BELOW - dynamic->raise;
        side = y + (dynamic->box.top + dynamic->box.bottom) / 2 < at->staff->height / 2 ? -1 : 1;
    }
    double own = vertical_clear(at, side, &dynamic->box, y, VERTICAL_GAP);
    for (size_t k = 0; k < dynamic->list.n_items; k++) {
        ink_move(&dynamic->list.items[k], 0, own);
    }
}

/* One baseline for dynamics[first .. end[; those apart go outside of it. */
static void place_group(const struct vertical_staff *at, struct dynamic *dynamics, uint32_t first,
                        uint32_t end, int side) {
    double right = dynamics[first].right;
    for (uint32_t i = first; i < end; i++) {
        right = fmax(right, dynamics[i].right);
    }
    side = vertical_free_side(at, side, dynamics[first].left, right);
    double y = side > 0 ? at->staff->height + BASELINE_BELOW : BASELINE_ABOVE;
    for (uint32_t i = first; i < end; i++) {
        y = dynamics[i].is_apart ? y : vertical_clear(at, side, &dynamics[i].box, y, VERTICAL_GAP);
    }
    for (uint32_t i = first; i < end; i++) {
        if (!dynamics[i].is_apart) {
            move_to(at, &dynamics[i], side, y);
        }
    }
    for (uint32_t i = first; i < end; i++) {
        if (!dynamics[i].is_apart) {
            vertical_add_all(at, &dynamics[i].list);
        }
    }
    for (uint32_t i = first; i < end; i++) {
        if (dynamics[i].is_apart) {
            move_to(at, &dynamics[i], side, y);
            vertical_add_all(at, &dynamics[i].list);
        }
    }
}

void dynamics_layout(const struct vertical_staff *at) {
    const struct music *music = at->vertical->music;
    struct dynamic *dynamics =
        arena_array(at->vertical->arena, at->n_marks + at->n_pieces + 1, sizeof *dynamics);
    uint32_t n = 0;
    for (uint32_t i = 0; dynamics != NULL && i < at->n_marks; i++) {
        const struct music_mark *mark = &music->marks[at->marks[i]];
        n += mark->kind == MUSIC_MARK_DYNAMIC && make_mark(at, mark, &dynamics[n]);
    }
    for (uint32_t i = 0; dynamics != NULL && i < at->n_pieces; i++) {
        enum music_span_kind kind = at->pieces[i].span->kind;
        if (kind == MUSIC_CRESCENDO || kind == MUSIC_DIMINUENDO) {
            make_hairpin(at, &at->pieces[i], &dynamics[n++]);
        }
    }
    if (n == 0) {
        return;
    }
    for (uint32_t i = 0; i < n; i++) {
        dynamics[i].is_apart = dynamics[i].raise != 0;
    }
    sort_dynamics(dynamics, n);
    spread_marks(dynamics, n);
    trim_hairpins(dynamics, n);
    for (uint32_t i = 0; i < n; i++) {
        if (dynamics[i].hairpin != NULL) {
            draw_hairpin(at, &dynamics[i]);
        }
    }
    int side = side_of_staff(at);
    for (uint32_t first = 0, end; first < n; first = end) {
        double right = dynamics[first].right;
        for (end = first + 1; end < n && dynamics[end].left < right + GROUP_GAP; end++) {
            right = fmax(right, dynamics[end].right);
        }
        place_group(at, dynamics, first, end, side);
    }
}
