/* Accidentals of all chords of one date on a staff, in columns left of the heads (gmn.md 16.27):
 * topmost first, then the lowest, and so on inwards, each as far right as it finds room. */
#include <math.h>

#include "renderer/notation/layout/horizontal.h"
#include "renderer/notation/text_metrics.h"

#define COMPARED_MAX 48 /* accidentals that are looked at for room */

struct sign {
    uint32_t chord, head;
    struct ink_box box; /* from its origin, parentheses included */
    double y;
    double x;
    double scale;
};

static struct ink_box sign_box(const struct music_head *head, double scale) {
    enum music_glyph glyph;
    struct ink_box box = {0, -1.2, 1, 0.4};
    if (accidental_glyph(head->accidental, &glyph)) {
        box = music_glyph_box(glyph);
    } else if (head->accidental_text != NULL) {
        const struct ink_font font = {.size = 1.8, .is_italic = true};
        box.right = text_width(&font, head->accidental_text);
    }
    if (head->is_accidental_bracketed) {
        box.left -= 0.65;
        box.right += 0.65;
    }
    scale *= head->accidental_look.size;
    return (struct ink_box){box.left * scale, box.top * scale, box.right * scale,
                            box.bottom * scale};
}

static bool is_near(const struct sign *a, double top, double bottom) {
    double less = RULE_ACCIDENTAL_OVERLAP * a->scale;
    return a->y + a->box.top + less < bottom && top < a->y + a->box.bottom - less;
}

/* Right limit that the heads of the cell leave. */
static double limit_of_heads(const struct horizontal *h, const uint32_t *members, uint32_t n,
                             const struct sign *sign) {
    double limit = INFINITY;
    for (uint32_t k = 0; k < n; k++) {
        const struct chord_plan *plan = &h->chords[members[k]];
        const struct music_chord *chord = &h->music->chords[members[k]];
        if (plan->is_prefix || chord->kind != MUSIC_CHORD) {
            continue;
        }
        double bracket = chord->n_heads > 0 && chord->heads[0].bracket != MUSIC_BRACKET_NONE
                             ? 0.7 * plan->scale
                             : 0;
        limit = fmin(limit, plan->dx - bracket);
        for (uint32_t i = 0; i < chord->n_heads && n * chord->n_heads < 4096; i++) {
            double x = plan->dx + h->heads[h->first_head[members[k]] + i].dx - bracket;
            double y = staff_y(&h->music->staves[chord->staff], chord->heads[i].position);
            if (x < limit && sign->y + sign->box.top < y + 0.5 * plan->scale &&
                y - 0.5 * plan->scale < sign->y + sign->box.bottom) {
                limit = x;
            }
        }
    }
    return limit;
}

static void place(const struct horizontal *h, const uint32_t *members, uint32_t n,
                  struct sign **placed, uint32_t n_placed, struct sign *sign) {
    double gap = RULE_ACCIDENTAL_GAP * sign->scale;
    double right = limit_of_heads(h, members, n, sign) - gap;
    uint32_t from = n_placed > COMPARED_MAX ? n_placed - COMPARED_MAX : 0;
    for (bool has_moved = true; has_moved;) {
        has_moved = false;
        for (uint32_t i = from; i < n_placed; i++) {
            const struct sign *other = placed[i];
            double less = RULE_ACCIDENTAL_OVERLAP * other->scale;
            bool is_beside = is_near(sign, other->y + other->box.top + less,
                                     other->y + other->box.bottom - less);
            double left = right - (sign->box.right - sign->box.left);
            if (is_beside && right > other->x + other->box.left - gap + 1e-9 &&
                left < other->x + other->box.right + gap - 1e-9) {
                right = other->x + other->box.left - gap;
                has_moved = true;
            }
        }
    }
    sign->x = right - sign->box.right;
}

void accidentals_stack(struct horizontal *h, const uint32_t *members, uint32_t n) {
    uint32_t n_signs = 0;
    for (uint32_t k = 0; k < n; k++) {
        const struct music_chord *chord = &h->music->chords[members[k]];
        for (uint32_t i = 0; i < chord->n_heads && !h->chords[members[k]].is_prefix; i++) {
            n_signs += chord->heads[i].accidental != MUSIC_ACCIDENTAL_NONE;
        }
    }
    struct sign few[16], *few_placed[16];
    struct sign *signs = n_signs <= 16 ? few : arena_array(h->arena, n_signs, sizeof *signs);
    struct sign **placed =
        n_signs <= 16 ? few_placed : arena_array(h->arena, n_signs, sizeof(struct sign *));
    if (n_signs == 0 || signs == NULL || placed == NULL) {
        return;
    }
    uint32_t at = 0;
    for (uint32_t k = 0; k < n; k++) {
        const struct music_chord *chord = &h->music->chords[members[k]];
        const struct chord_plan *plan = &h->chords[members[k]];
        for (uint32_t i = 0; i < chord->n_heads && !plan->is_prefix; i++) {
            const struct music_head *head = &chord->heads[i];
            if (head->accidental == MUSIC_ACCIDENTAL_NONE) {
                continue;
            }
            struct sign sign = {.chord = members[k],
                                .head = i,
                                .box = sign_box(head, plan->scale),
                                .y = staff_y(&h->music->staves[chord->staff], head->position),
                                .scale = plan->scale};
            uint32_t to = at++;
            for (; to > 0 && signs[to - 1].y > sign.y; to--) { /* nearly sorted already */
                signs[to] = signs[to - 1];
            }
            signs[to] = sign;
        }
    }
    for (uint32_t i = 0; i < n_signs; i++) {
        struct sign *sign = &signs[i % 2 == 0 ? i / 2 : n_signs - 1 - i / 2];
        place(h, members, n, placed, i, sign);
        placed[i] = sign;
        struct head_plan *head = &h->heads[h->first_head[sign->chord] + sign->head];
        head->accidental_x = sign->x;
        head->accidental_left = sign->x + sign->box.left;
        struct chord_plan *plan = &h->chords[sign->chord];
        plan->left = fmin(plan->left, head->accidental_left);
    }
}
