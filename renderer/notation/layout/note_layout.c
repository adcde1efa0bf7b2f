/* One chord: which glyphs, how wide, and its ink relative to the column. Heads on both sides of
 * the stem are chords.c, the cell around it (other voices, accidentals, dots) cells.c. */
#include <math.h>
#include <string.h>

#include "renderer/notation/layout/horizontal.h"
#include "renderer/notation/text_metrics.h"

double staff_middle(const struct music_staff *staff) {
    return staff->n_lines > 1 ? (staff->n_lines - 1) / 2.0 * staff->space : 0;
}

double staff_height(const struct music_staff *staff) {
    return 2 * staff_middle(staff);
}

double staff_y(const struct music_staff *staff, double position) {
    return staff_middle(staff) - position / 2 * staff->space;
}

bool staff_is_hidden(const struct music_staff *staff, struct rational date) {
    for (uint32_t i = 0; i < staff->n_hidden; i++) {
        if (rational_compare(staff->hidden[i].begin, date) <= 0 &&
            rational_compare(date, staff->hidden[i].end) < 0) {
            return true;
        }
    }
    return false;
}

struct ink ink_glyph(enum ink_role role, enum music_glyph glyph, double x, double y, double size,
                     struct music_color color) {
    return (struct ink){.shape = INK_GLYPH,
                        .role = role,
                        .glyph = (uint16_t)glyph,
                        .x = x,
                        .y = y,
                        .size = size,
                        .color = color,
                        .chord = NOTATION_NONE};
}

struct ink ink_rectangle(enum ink_role role, double left, double top, double right, double bottom,
                         struct music_color color) {
    return (struct ink){.shape = INK_BOX,
                        .role = role,
                        .x = left,
                        .y = top,
                        .x2 = right,
                        .y2 = bottom,
                        .color = color,
                        .chord = NOTATION_NONE};
}

struct ink ink_line(enum ink_role role, double x, double y, double x2, double y2, double thickness,
                    struct music_color color) {
    return (struct ink){.shape = INK_LINE,
                        .role = role,
                        .x = x,
                        .y = y,
                        .x2 = x2,
                        .y2 = y2,
                        .thickness = thickness,
                        .color = color,
                        .chord = NOTATION_NONE};
}

bool head_glyph(const struct music_head *head, int value, enum music_glyph *glyph) {
    static const enum music_glyph GLYPHS[][3] = {
        /* whole, half, black */
        [MUSIC_HEAD_STANDARD] = {GLYPH_HEAD_WHOLE, GLYPH_HEAD_HALF, GLYPH_HEAD_BLACK},
        [MUSIC_HEAD_X] = {GLYPH_HEAD_X_WHOLE, GLYPH_HEAD_X_HALF, GLYPH_HEAD_X_BLACK},
        [MUSIC_HEAD_DIAMOND] = {GLYPH_HEAD_DIAMOND_WHOLE, GLYPH_HEAD_DIAMOND_HALF,
                                GLYPH_HEAD_DIAMOND_BLACK},
        [MUSIC_HEAD_SQUARE] = {GLYPH_HEAD_SQUARE_WHOLE, GLYPH_HEAD_SQUARE_HALF,
                               GLYPH_HEAD_SQUARE_BLACK},
        [MUSIC_HEAD_TRIANGLE] = {GLYPH_HEAD_TRIANGLE_WHOLE, GLYPH_HEAD_TRIANGLE_HALF,
                                 GLYPH_HEAD_TRIANGLE_BLACK},
        [MUSIC_HEAD_SLASH] = {GLYPH_HEAD_SLASH_WHOLE, GLYPH_HEAD_SLASH_HALF,
                              GLYPH_HEAD_SLASH_BLACK},
        [MUSIC_HEAD_CIRCLE_X] = {GLYPH_HEAD_CIRCLE_X, GLYPH_HEAD_CIRCLE_X, GLYPH_HEAD_CIRCLE_X},
    };
    if (head->style == MUSIC_HEAD_ROUND || head->style == MUSIC_HEAD_REVERSED_TRIANGLE ||
        head->style == MUSIC_HEAD_NONE || head->tab_text != NULL) {
        return false;
    }
    if (value <= MUSIC_VALUE_BREVE && head->style == MUSIC_HEAD_STANDARD) {
        *glyph = GLYPH_HEAD_BREVE;
        return true;
    }
    *glyph = GLYPHS[head->style][value <= MUSIC_VALUE_WHOLE  ? 0
                                 : value == MUSIC_VALUE_HALF ? 1
                                                             : 2];
    return true;
}

static const struct ink_font TAB_FONT = {.family = "sans", .size = 1.3};

double head_width(const struct music_head *head, int value, double scale) {
    enum music_glyph glyph;
    if (head->tab_text != NULL) {
        return text_width(&TAB_FONT, head->tab_text) * scale;
    }
    if (head_glyph(head, value, &glyph)) {
        return music_glyph_box(glyph).right * scale * head->look.size;
    }
    return (head->style == MUSIC_HEAD_REVERSED_TRIANGLE ? 1.3
            : head->style == MUSIC_HEAD_ROUND           ? 1.1
                                                        : 1.304) *
           scale * head->look.size;
}

struct ink_point head_attach(const struct music_head *head, int value, double scale, bool is_up) {
    enum music_glyph glyph;
    struct ink_point at = {is_up ? 1.304 : 0, 0};
    if (head->style == MUSIC_HEAD_ROUND) {
        at.x = is_up ? 1.1 : 0;
    } else if (head->style == MUSIC_HEAD_REVERSED_TRIANGLE) {
        at = (struct ink_point){is_up ? 1.3 : 0, -0.45};
    } else if (head_glyph(head, value, &glyph)) {
        at = music_glyph_attach(glyph, is_up);
    }
    at.x *= scale * head->look.size;
    at.y *= scale * head->look.size;
    return at;
}

bool accidental_glyph(enum music_accidental accidental, enum music_glyph *glyph) {
    static const enum music_glyph GLYPHS[] = {
        [MUSIC_DOUBLE_FLAT] = GLYPH_DOUBLE_FLAT,
        [MUSIC_FLAT_AND_HALF] = GLYPH_FLAT_AND_HALF,
        [MUSIC_FLAT] = GLYPH_FLAT,
        [MUSIC_HALF_FLAT] = GLYPH_HALF_FLAT,
        [MUSIC_NATURAL] = GLYPH_NATURAL,
        [MUSIC_HALF_SHARP] = GLYPH_HALF_SHARP,
        [MUSIC_SHARP] = GLYPH_SHARP,
        [MUSIC_SHARP_AND_HALF] = GLYPH_SHARP_AND_HALF,
        [MUSIC_DOUBLE_SHARP] = GLYPH_DOUBLE_SHARP,
    };
    if (accidental == MUSIC_ACCIDENTAL_NONE || accidental == MUSIC_ACCIDENTAL_TEXT) {
        return false;
    }
    *glyph = GLYPHS[accidental];
    return true;
}

void chord_plan_heads(struct horizontal *h, uint32_t chord_i) {
    const struct music_chord *chord = &h->music->chords[chord_i];
    struct chord_plan *plan = &h->chords[chord_i];
    struct head_plan *heads = &h->heads[h->first_head[chord_i]];
    plan->stem = chord->value <= MUSIC_VALUE_WHOLE ? 0 : chord->stem;
    plan->head_width = 0;
    for (uint32_t i = 0; i < chord->n_heads; i++) {
        heads[i] =
            (struct head_plan){.width = head_width(&chord->heads[i], chord->value, plan->scale),
                               .dot_position = HEAD_NO_DOT};
        plan->head_width = fmax(plan->head_width, heads[i].width);
    }
    chord_place_seconds(chord, heads, plan->head_width,
                        plan->stem == 0 ? 0 : RULE_STEM * plan->scale);
    plan->heads_left = 0;
    plan->heads_right = 0;
    for (uint32_t i = 0; i < chord->n_heads; i++) {
        plan->heads_left = fmin(plan->heads_left, heads[i].dx);
        plan->heads_right = fmax(plan->heads_right, heads[i].dx + heads[i].width);
    }
    stem_plan(h, chord_i);
}

/* --- ink --- */

static bool emit(struct horizontal *h, uint32_t chord_i, struct ink ink) {
    ink.chord = chord_i;
    return ink_list_add(h->arena, &h->ink, &ink);
}

static bool polygon_emit(struct horizontal *h, uint32_t chord_i, struct ink ink,
                         const struct ink_point *points, uint32_t n) {
    ink.shape = INK_POLYGON;
    ink.points = arena_array(h->arena, n, sizeof *points);
    ink.n_points = n;
    if (ink.points == NULL) {
        return false;
    }
    memcpy(ink.points, points, n * sizeof *points);
    return emit(h, chord_i, ink);
}

/* Heads that the font does not have: disks, rings, triangles on their point. */
static bool drawn_head_emit(struct horizontal *h, uint32_t chord_i, const struct music_head *head,
                            double x, double y, double scale, uint32_t head_i) {
    bool is_filled = h->music->chords[chord_i].value >= MUSIC_VALUE_QUARTER;
    struct ink ink = {.role = ROLE_HEAD, .color = head->look.color, .head = head_i, .x = x, .y = y};
    if (head->style == MUSIC_HEAD_ROUND) {
        ink.shape = INK_CIRCLE;
        ink.x = x + 0.55 * scale;
        ink.thickness = is_filled ? 0 : 0.18 * scale;
        ink.x2 = is_filled ? 0.55 * scale : 0.46 * scale;
        return emit(h, chord_i, ink);
    }
    struct ink_point p[3] = {{x, y - 0.5 * scale},
                             {x + 1.3 * scale, y - 0.5 * scale},
                             {x + 0.65 * scale, y + 0.5 * scale}};
    if (is_filled) {
        return polygon_emit(h, chord_i, ink, p, 3);
    }
    bool is_done = true;
    for (int i = 0; i < 3; i++) {
        const struct ink_point *a = &p[i], *b = &p[(i + 1) % 3];
        struct ink line = ink_line(i == 0 ? ROLE_HEAD : ROLE_BRACKET, a->x, a->y, b->x, b->y,
                                   0.16 * scale, head->look.color);
        line.is_round = true;
        line.head = head_i;
        is_done = emit(h, chord_i, line) && is_done;
    }
    return is_done;
}

static bool bracket_emit(struct horizontal *h, uint32_t chord_i, const struct music_head *head,
                         double left, double right, double y, double s) {
    struct music_color color = head->look.color;
    bool is_done = true;
    if (head->bracket == MUSIC_BRACKET_ROUND) {
        return emit(h, chord_i,
                    ink_glyph(ROLE_BRACKET, GLYPH_PAREN_LEFT, left - 0.1 * s, y, s, color)) &&
               emit(h, chord_i,
                    ink_glyph(ROLE_BRACKET, GLYPH_PAREN_RIGHT, right + 0.1 * s, y, s, color));
    }
    for (int side = -1; side <= 1; side += 2) {
        double near_x = side < 0 ? left - 0.2 * s : right + 0.2 * s,
               far_x = near_x + side * 0.35 * s;
        struct ink_point p[4] = {{near_x, y - 0.7 * s},
                                 {far_x, y - 0.7 * s},
                                 {far_x, y + 0.7 * s},
                                 {near_x, y + 0.7 * s}};
        int n = 4;
        if (head->bracket == MUSIC_BRACKET_ANGLE) {
            p[1] = (struct ink_point){far_x, y};
            p[2] = p[3];
            n = 3;
        }
        for (int i = 0; i + 1 < n; i++) {
            struct ink line =
                ink_line(ROLE_BRACKET, p[i].x, p[i].y, p[i + 1].x, p[i + 1].y, 0.13 * s, color);
            line.is_round = true;
            is_done = emit(h, chord_i, line) && is_done;
        }
    }
    return is_done;
}

static bool head_emit(struct horizontal *h, uint32_t chord_i, uint32_t head_i) {
    const struct music_chord *chord = &h->music->chords[chord_i];
    const struct music_head *head = &chord->heads[head_i];
    const struct chord_plan *plan = &h->chords[chord_i];
    const struct head_plan *place = &h->heads[h->first_head[chord_i] + head_i];
    const struct music_staff *staff = &h->music->staves[chord->staff];
    double scale = plan->scale * head->look.size;
    double x = plan->dx + place->dx + head->look.dx;
    double y = staff_y(staff, head->position) - head->look.dy;
    enum music_glyph glyph;
    bool is_done = true;
    if (head->tab_text != NULL) {
        struct ink text = {.shape = INK_TEXT,
                           .role = ROLE_TAB,
                           .color = head->look.color,
                           .font = TAB_FONT,
                           .text = head->tab_text,
                           .x = x,
                           .y = y + 0.46 * plan->scale,
                           .head = head_i};
        text.font.size *= plan->scale;
        is_done = emit(h, chord_i, text);
    } else if (head_glyph(head, chord->value, &glyph)) {
        struct ink ink = ink_glyph(ROLE_HEAD, glyph, x, y, scale, head->look.color);
        ink.head = head_i;
        is_done = emit(h, chord_i, ink);
    } else if (head->style != MUSIC_HEAD_NONE) {
        is_done = drawn_head_emit(h, chord_i, head, x, y, scale, head_i);
    }
    if (head->bracket != MUSIC_BRACKET_NONE) {
        is_done = bracket_emit(h, chord_i, head, x, x + place->width, y, plan->scale) && is_done;
    }
    return is_done;
}

static const struct ink_font ACCIDENTAL_FONT = {.size = 1.8, .is_italic = true};

static bool accidental_emit(struct horizontal *h, uint32_t chord_i, uint32_t head_i) {
    const struct music_chord *chord = &h->music->chords[chord_i];
    const struct music_head *head = &chord->heads[head_i];
    const struct chord_plan *plan = &h->chords[chord_i];
    const struct head_plan *place = &h->heads[h->first_head[chord_i] + head_i];
    const struct music_look *look = &head->accidental_look;
    double y = staff_y(&h->music->staves[chord->staff], head->position) - look->dy;
    double x = place->accidental_x + look->dx, scale = plan->scale * look->size;
    enum music_glyph glyph;
    if (!accidental_glyph(head->accidental, &glyph)) {
        struct ink text = {.shape = INK_TEXT,
                           .role = ROLE_ACCIDENTAL,
                           .color = look->color,
                           .x = x,
                           .y = y + 0.6 * scale,
                           .font = ACCIDENTAL_FONT,
                           .head = head_i,
                           .text = head->accidental_text != NULL ? head->accidental_text : ""};
        text.font.size *= scale;
        return emit(h, chord_i, text);
    }
    struct ink ink = ink_glyph(ROLE_ACCIDENTAL, glyph, x, y, scale, look->color);
    ink.head = head_i;
    bool is_done = emit(h, chord_i, ink);
    if (head->is_accidental_bracketed) {
        struct ink_box box = music_glyph_box(glyph);
        struct ink left = ink_glyph(ROLE_ACCIDENTAL, GLYPH_PAREN_LEFT,
                                    x + (box.left - 0.05) * scale, y, scale, look->color);
        struct ink right = ink_glyph(ROLE_ACCIDENTAL, GLYPH_PAREN_RIGHT,
                                     x + (box.right + 0.05) * scale, y, scale, look->color);
        left.head = right.head = head_i;
        is_done = emit(h, chord_i, left) && emit(h, chord_i, right) && is_done;
    }
    return is_done;
}

static bool dots_emit(struct horizontal *h, uint32_t chord_i, uint32_t head_i) {
    const struct music_chord *chord = &h->music->chords[chord_i];
    const struct chord_plan *plan = &h->chords[chord_i];
    const struct head_plan *place = &h->heads[h->first_head[chord_i] + head_i];
    const struct music_look *look = &chord->heads[head_i].dot_look;
    if (place->dot_position == HEAD_NO_DOT) {
        return true;
    }
    double y = staff_y(&h->music->staves[chord->staff], place->dot_position) - look->dy;
    for (int i = 0; i < chord->n_dots; i++) {
        struct ink dot =
            ink_glyph(ROLE_DOT, GLYPH_DOT, plan->dot_x + look->dx + i * RULE_DOT_STEP * plan->scale,
                      y, plan->scale * look->size, look->color);
        dot.head = head_i;
        if (!emit(h, chord_i, dot)) {
            return false;
        }
    }
    return true;
}

/* A filled (or, from half notes on, hollow) block from the lowest to the highest head. */
static bool cluster_emit(struct horizontal *h, uint32_t chord_i) {
    const struct music_chord *chord = &h->music->chords[chord_i];
    const struct chord_plan *plan = &h->chords[chord_i];
    const struct music_staff *staff = &h->music->staves[chord->staff];
    double top = staff_y(staff, chord->heads[chord->n_heads - 1].position) - 0.5 * plan->scale;
    double bottom = staff_y(staff, chord->heads[0].position) + 0.5 * plan->scale;
    double left = plan->dx, right = plan->dx + plan->head_width, t = 0.18 * plan->scale;
    struct music_color color = chord->heads[0].look.color;
    if (chord->value >= MUSIC_VALUE_QUARTER) {
        return emit(h, chord_i, ink_rectangle(ROLE_CLUSTER, left, top, right, bottom, color));
    }
    return emit(h, chord_i, ink_rectangle(ROLE_CLUSTER, left, top, right, top + t, color)) &&
           emit(h, chord_i, ink_rectangle(ROLE_CLUSTER, left, bottom - t, right, bottom, color)) &&
           emit(h, chord_i, ink_rectangle(ROLE_CLUSTER, left, top, left + t, bottom, color)) &&
           emit(h, chord_i, ink_rectangle(ROLE_CLUSTER, right - t, top, right, bottom, color));
}

bool note_emit(struct horizontal *h, uint32_t chord_i) {
    const struct music_chord *chord = &h->music->chords[chord_i];
    bool is_done = ledgers_emit(h, chord_i);
    if (chord->is_cluster && chord->n_heads > 1) {
        is_done = cluster_emit(h, chord_i) && is_done;
    }
    for (uint32_t i = 0; i < chord->n_heads; i++) {
        if (!(chord->is_cluster && chord->n_heads > 1)) {
            is_done = head_emit(h, chord_i, i) && is_done;
        }
        if (chord->heads[i].accidental != MUSIC_ACCIDENTAL_NONE) {
            is_done = accidental_emit(h, chord_i, i) && is_done;
        }
        is_done = dots_emit(h, chord_i, i) && is_done;
    }
    if (chord->beam == NOTATION_NONE) {
        is_done = stem_emit(h, chord_i) && is_done;
    }
    return is_done;
}
