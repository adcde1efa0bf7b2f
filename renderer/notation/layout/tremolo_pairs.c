/* Strokes between two notes that alternate (\trem<pitch>): like beams, but free of the stems;
 * between whole notes, in the space between the heads. */
#include <math.h>

#include "common/err.h"
#include "renderer/notation/layout/horizontal.h"

#define FREE 0.55 /* from stem or head to the strokes */

static int stroke_count(const struct music_span *span) {
    const char *style = span->tag != NULL ? notation_tag_text(span->tag, "style", "///") : "///";
    int n = 0;
    while (n < 5 && style[n] == '/') {
        n++;
    }
    return n == 0 ? 3 : n;
}

static bool stroke_emit(struct horizontal *h, struct placed_staff *staff, uint32_t chord,
                        const struct ink_point *a, const struct ink_point *b) {
    struct ink ink = {.shape = INK_POLYGON,
                      .role = ROLE_TREMOLO,
                      .chord = chord,
                      .n_points = 4,
                      .color = h->music->chords[chord].look.color};
    double half = RULE_BEAM / 2 * staff->space;
    ink.points = arena_array(h->arena, 4, sizeof *ink.points);
    if (ink.points == NULL) {
        return false;
    }
    ink.points[0] = (struct ink_point){a->x, a->y - half};
    ink.points[1] = (struct ink_point){b->x, b->y - half};
    ink.points[2] = (struct ink_point){b->x, b->y + half};
    ink.points[3] = (struct ink_point){a->x, a->y + half};
    return ink_list_add(h->arena, &staff->ink, &ink);
}

static bool pair_emit(struct horizontal *h, const struct music_span *span) {
    const struct placed_chord *first = &h->score->chords[h->score->chord_place[span->first_chord]];
    const struct placed_chord *last = &h->score->chords[h->score->chord_place[span->last_chord]];
    if (first->system != last->system || first->staff_i != last->staff_i || first == last ||
        !chord_is_shown(h, &h->music->chords[first->chord])) {
        return true;
    }
    struct placed_staff *staff = &h->score->systems[first->system].staves[first->staff_i];
    double s = staff->space;
    bool has_stems = first->stem != 0 && first->stem == last->stem;
    int n = stroke_count(span), direction = has_stems ? first->stem : -1;
    double left = has_stems ? first->stem_x : first->right,
           right = has_stems ? last->stem_x : last->left;
    double y = has_stems ? first->stem_tip
                         : (first->note_top + first->note_bottom) / 2 - (n - 1) * 0.375 * s;
    double y2 =
        has_stems ? last->stem_tip : (last->note_top + last->note_bottom) / 2 - (n - 1) * 0.375 * s;
    if (has_stems) { /* from tip to tip, just inside */
        y += direction * 0.3 * s;
        y2 += direction * 0.3 * s;
    } else {
        double middle = (y + y2) / 2;
        y = middle + 0.2 * s;
        y2 = middle - 0.2 * s;
    }
    bool is_done = true;
    for (int i = 0; i < n; i++) {
        double offset = (has_stems ? direction : 1) * i * RULE_BEAM_STEP * s;
        struct ink_point a = {left + FREE * s, y + offset}, b = {right - FREE * s, y2 + offset};
        is_done = (b.x <= a.x || stroke_emit(h, staff, first->chord, &a, &b)) && is_done;
    }
    return is_done;
}

int tremolo_pairs_layout(struct horizontal *h) {
    bool is_done = true;
    for (size_t i = 0; i < h->music->n_spans && is_done; i++) {
        const struct music_span *span = &h->music->spans[i];
        if (span->kind == MUSIC_TREMOLO_PAIR && span->first_chord < h->music->n_chords &&
            span->last_chord < h->music->n_chords) {
            is_done = pair_emit(h, span);
        }
    }
    return is_done ? 0 : LG_ETOOLARGE;
}
