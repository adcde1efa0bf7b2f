/* Clefs, keys, meters: widths and ink, at the start of a line and in the middle of it. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "renderer/notation/layout/horizontal.h"

#define PARTS_MAX 8
#define SIGNS_MAX 16

static bool clef_glyph(const struct music_clef *clef, bool is_change, enum music_glyph *glyph) {
    static const enum music_glyph GLYPHS[][2] = {
        [MUSIC_CLEF_G] = {GLYPH_CLEF_G, GLYPH_CLEF_G_CHANGE},
        [MUSIC_CLEF_GG] = {GLYPH_CLEF_GG, GLYPH_CLEF_GG_CHANGE},
        [MUSIC_CLEF_F] = {GLYPH_CLEF_F, GLYPH_CLEF_F_CHANGE},
        [MUSIC_CLEF_C] = {GLYPH_CLEF_C, GLYPH_CLEF_C_CHANGE},
        [MUSIC_CLEF_PERCUSSION] = {GLYPH_CLEF_PERCUSSION, GLYPH_CLEF_PERCUSSION_CHANGE},
        [MUSIC_CLEF_TAB] = {GLYPH_CLEF_TAB, GLYPH_CLEF_TAB_CHANGE},
    };
    if (clef->sign == MUSIC_CLEF_NONE) {
        return false;
    }
    *glyph = GLYPHS[clef->sign][is_change ? 1 : 0];
    return true;
}

double clef_width(const struct music_clef *clef, bool is_change) {
    enum music_glyph glyph;
    return clef_glyph(clef, is_change, &glyph) ? music_glyph_box(glyph).right : 0;
}

/* The small 8 or 15 over or under a clef. */
static bool clef_figure_emit(struct horizontal *h, struct placed_staff *staff,
                             const struct music_mark *mark, double x, double y,
                             enum music_glyph clef, double size) {
    bool is_above = mark->clef.octaves > 0, is_double = abs(mark->clef.octaves) > 1;
    struct ink_box box = music_glyph_box(clef);
    double s = size * 0.6;
    double eight = music_glyph_advance(GLYPH_DIGIT_8) * s,
           one = music_glyph_advance(GLYPH_DIGIT_1) * s;
    double width = is_double ? one + music_glyph_advance(GLYPH_DIGIT_5) * s : eight;
    double at = x + (box.left + box.right) / 2 * size - width / 2;
    double base = is_above ? y + box.top * size - 0.1 * s : y + box.bottom * size + 2.1 * s;
    struct ink figure = ink_glyph(ROLE_CLEF, is_double ? GLYPH_DIGIT_1 : GLYPH_DIGIT_8, at, base, s,
                                  mark->look.color);
    bool is_done = ink_list_add(h->arena, &staff->ink, &figure);
    if (is_double) {
        figure = ink_glyph(ROLE_CLEF, GLYPH_DIGIT_5, at + one, base, s, mark->look.color);
        is_done = ink_list_add(h->arena, &staff->ink, &figure) && is_done;
    }
    return is_done;
}

bool clef_emit(struct horizontal *h, struct placed_staff *staff, const struct music_mark *mark,
               double x, bool is_change) {
    const struct music_staff *of = &h->music->staves[staff->staff];
    enum music_glyph glyph;
    if (mark == NULL || mark->is_hidden || !clef_glyph(&mark->clef, is_change, &glyph)) {
        return true;
    }
    bool is_on_line = mark->clef.sign != MUSIC_CLEF_PERCUSSION && mark->clef.sign != MUSIC_CLEF_TAB;
    double y = is_on_line ? staff_y(of, 2 * mark->clef.line - 6) : staff_middle(of);
    double size = of->space * mark->look.size;
    y -= mark->look.dy;
    x += mark->look.dx;
    struct ink ink = ink_glyph(ROLE_CLEF, glyph, x, y, size, mark->look.color);
    bool is_done = ink_list_add(h->arena, &staff->ink, &ink);
    if (mark->clef.octaves != 0 && is_on_line) {
        is_done = clef_figure_emit(h, staff, mark, x, y, glyph, size) && is_done;
    }
    return is_done;
}

/* --- key --- */

static enum music_glyph sign_glyph(enum music_accidental accidental) {
    enum music_glyph glyph = GLYPH_NATURAL;
    accidental_glyph(accidental, &glyph);
    return glyph;
}

static double signs_width(const struct music_key_sign *signs, int n) {
    double width = 0;
    for (int i = 0; i < n && i < SIGNS_MAX; i++) {
        width += music_glyph_box(sign_glyph(signs[i].accidental)).right + RULE_KEY_SIGN_GAP;
    }
    return width;
}

double key_width(const struct music_key *key, bool has_naturals) {
    double naturals = has_naturals ? signs_width(key->naturals, key->n_naturals) : 0;
    double signs = signs_width(key->signs, key->n_signs);
    return naturals + signs + (naturals > 0 && signs > 0 ? 0.4 : 0);
}

static bool signs_emit(struct horizontal *h, struct placed_staff *staff,
                       const struct music_mark *mark, const struct music_key_sign *signs, int n,
                       double x) {
    const struct music_staff *of = &h->music->staves[staff->staff];
    for (int i = 0; i < n && i < SIGNS_MAX; i++) {
        enum music_glyph glyph = sign_glyph(signs[i].accidental);
        struct ink ink = ink_glyph(ROLE_KEY, glyph, x, staff_y(of, signs[i].position), of->space,
                                   mark->look.color);
        if (!ink_list_add(h->arena, &staff->ink, &ink)) {
            return false;
        }
        x += (music_glyph_box(glyph).right + RULE_KEY_SIGN_GAP) * of->space;
    }
    return true;
}

bool key_emit(struct horizontal *h, struct placed_staff *staff, const struct music_mark *mark,
              double x, bool has_naturals) {
    if (mark == NULL || mark->is_hidden) {
        return true;
    }
    const struct music_key *key = &mark->key;
    double space = h->music->staves[staff->staff].space;
    double naturals = has_naturals ? signs_width(key->naturals, key->n_naturals) * space : 0;
    return (!has_naturals || signs_emit(h, staff, mark, key->naturals, key->n_naturals, x)) &&
           signs_emit(h, staff, mark, key->signs, key->n_signs,
                      x + naturals + (naturals > 0 ? 0.4 : 0));
}

/* --- meter --- */

static double digits_width(int number) {
    char digits[16];
    int n = snprintf(digits, sizeof digits, "%d", number < 0 ? 0 : number);
    double width = 0;
    for (int i = 0; i < n; i++) {
        width += music_glyph_advance((enum music_glyph)(GLYPH_DIGIT_0 + digits[i] - '0'));
    }
    return width;
}

#define PLUS_ROOM 1.4 /* the + of a sum with its gaps */

static int part_count(const struct music_meter *meter) {
    return meter->n_parts > PARTS_MAX ? PARTS_MAX : meter->n_parts;
}

double meter_width(const struct music_meter *meter) {
    if (meter->look == MUSIC_METER_NONE || meter->is_hidden) {
        return 0;
    }
    if (meter->look != MUSIC_METER_NUMBERS) {
        return music_glyph_box(GLYPH_METER_COMMON).right;
    }
    double upper = 0;
    int n = part_count(meter);
    for (int i = 0; i < n; i++) {
        double width = digits_width(meter->parts[i].num);
        if (meter->is_sum_of_fractions) {
            width = fmax(width, digits_width(meter->parts[i].den));
        }
        upper += width + (i > 0 ? PLUS_ROOM : 0);
    }
    return meter->is_sum_of_fractions || n == 0 ? upper
                                                : fmax(upper, digits_width(meter->parts[0].den));
}

static bool digits_emit(struct horizontal *h, struct placed_staff *staff,
                        const struct music_mark *mark, int number, double center, double y) {
    char digits[16];
    double space = h->music->staves[staff->staff].space;
    double x = center - digits_width(number) * space / 2;
    int n = snprintf(digits, sizeof digits, "%d", number < 0 ? 0 : number);
    bool is_done = true;
    for (int i = 0; i < n; i++) {
        enum music_glyph glyph = (enum music_glyph)(GLYPH_DIGIT_0 + digits[i] - '0');
        struct ink ink = ink_glyph(ROLE_METER, glyph, x, y, space, mark->look.color);
        is_done = ink_list_add(h->arena, &staff->ink, &ink) && is_done;
        x += music_glyph_advance(glyph) * space;
    }
    return is_done;
}

/* Upper figures with + between them, lower figure (or figures) under them. */
static bool fraction_emit(struct horizontal *h, struct placed_staff *staff,
                          const struct music_mark *mark, double x) {
    const struct music_meter *meter = &mark->meter;
    const struct music_staff *of = &h->music->staves[staff->staff];
    double s = of->space, upper = staff_middle(of), lower = upper + 2 * s;
    double width = meter_width(meter) * s, at = x, total = 0;
    int n = part_count(meter);
    bool is_done = true;
    for (int i = 0; i < n; i++) {
        total += digits_width(meter->parts[i].num) * s + (i > 0 ? PLUS_ROOM * s : 0);
    }
    if (!meter->is_sum_of_fractions) {
        at += (width - total) / 2;
    }
    for (int i = 0; i < n; i++) {
        if (i > 0) {
            double y = meter->is_sum_of_fractions ? upper + s : upper;
            struct ink plus =
                ink_glyph(ROLE_METER, GLYPH_PLUS, at + 0.2 * s, y, s, mark->look.color);
            is_done = ink_list_add(h->arena, &staff->ink, &plus) && is_done;
            at += PLUS_ROOM * s;
        }
        double part = digits_width(meter->parts[i].num) * s;
        if (meter->is_sum_of_fractions) {
            part = fmax(part, digits_width(meter->parts[i].den) * s);
            is_done =
                digits_emit(h, staff, mark, meter->parts[i].den, at + part / 2, lower) && is_done;
        }
        is_done = digits_emit(h, staff, mark, meter->parts[i].num, at + part / 2, upper) && is_done;
        at += part;
    }
    if (!meter->is_sum_of_fractions && n > 0) {
        is_done = digits_emit(h, staff, mark, meter->parts[0].den, x + width / 2, lower) && is_done;
    }
    return is_done;
}

bool meter_emit(struct horizontal *h, struct placed_staff *staff, const struct music_mark *mark,
                double x, double width) {
    if (mark == NULL || mark->is_hidden || mark->meter.is_hidden ||
        mark->meter.look == MUSIC_METER_NONE) {
        return true;
    }
    const struct music_staff *of = &h->music->staves[staff->staff];
    x += (width - meter_width(&mark->meter) * of->space) / 2;
    if (mark->meter.look == MUSIC_METER_NUMBERS) {
        return fraction_emit(h, staff, mark, x);
    }
    enum music_glyph glyph =
        mark->meter.look == MUSIC_METER_COMMON ? GLYPH_METER_COMMON : GLYPH_METER_CUT;
    struct ink ink = ink_glyph(ROLE_METER, glyph, x, staff_middle(of), of->space, mark->look.color);
    return ink_list_add(h->arena, &staff->ink, &ink);
}

void staff_states_advance(const struct horizontal *h, struct staff_state *states, size_t *next_mark,
                          struct rational date) {
    const struct music *music = h->music;
    for (;
         *next_mark < music->n_marks && rational_compare(music->marks[*next_mark].date, date) <= 0;
         (*next_mark)++) {
        const struct music_mark *mark = &music->marks[*next_mark];
        if (mark->staff >= music->n_staves) {
            continue;
        }
        struct staff_state *state = &states[mark->staff];
        if (mark->kind == MUSIC_MARK_CLEF) {
            state->clef = mark;
        } else if (mark->kind == MUSIC_MARK_KEY) {
            state->key = mark;
        } else if (mark->kind == MUSIC_MARK_METER) {
            state->meter = mark;
        }
    }
}
