/* Strokes between two notes that alternate (\trem<pitch>): like beams, but free of the stems;
 * between whole notes, in the space between the heads. */
#include <math.h>

#include "common/err.h"
#include "renderer/notation/layout/horizontal.h"

#define FREE     0.55 /* from stem or head to the strokes */
#define STEEPEST 1.0  /* rise from stem to stem */
#define SLOPE    0.25
#define INSIDE   0.3 /* from the tip to the outer stroke */

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

static void stem_lengthen(struct placed_staff *staff, struct placed_chord *chord, double tip) {
    for (size_t i = chord->first_ink; i < chord->end_ink; i++) {
        struct ink *ink = &staff->ink.items[i];
        if (ink->role == ROLE_STEM) {
            ink->y2 = tip;
            ink_measure(ink);
        }
    }
    chord->stem_tip = tip;
}

/* How much longer the stem must be so that `room` lies between its tip and the heads. */
static double missing_room(const struct placed_chord *chord, double room) {
    return chord->stem > 0 ? chord->stem_tip + room - chord->note_top
                           : chord->note_bottom - (chord->stem_tip - room);
}

/* Strokes slope no more than a beam (16.14): of notes far apart the shorter stem grows. */
static void tips_align(struct placed_staff *staff, struct placed_chord *first,
                       struct placed_chord *last, int n_strokes) {
    double steep = fmin(STEEPEST * staff->space, SLOPE * fmax(last->stem_x - first->stem_x, 0));
    double rise = last->stem_tip - first->stem_tip;
    double wanted = fmin(fmax(rise, -steep), steep);
    if (fabs(rise - wanted) < 1e-6) {
        /* as they are */
    } else if ((rise > 0) == (first->stem > 0)) { /* the second tip lies further in */
        stem_lengthen(staff, last, first->stem_tip + wanted);
    } else {
        stem_lengthen(staff, first, last->stem_tip - wanted);
    }
    double room = (INSIDE + (n_strokes - 1) * RULE_BEAM_STEP + RULE_BEAM / 2 + 0.6) * staff->space;
    double missing = fmax(missing_room(first, room), missing_room(last, room));
    if (missing > 0) {
        stem_lengthen(staff, first, first->stem_tip - first->stem * missing);
        stem_lengthen(staff, last, last->stem_tip - last->stem * missing);
    }
}

static bool pair_emit(struct horizontal *h, const struct music_span *span) {
    struct placed_chord *first = &h->score->chords[h->score->chord_place[span->first_chord]];
    struct placed_chord *last = &h->score->chords[h->score->chord_place[span->last_chord]];
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
    double y = (first->note_top + first->note_bottom) / 2 - (n - 1) * 0.375 * s;
    double y2 = (last->note_top + last->note_bottom) / 2 - (n - 1) * 0.375 * s;
    if (has_stems) { /* from tip to tip, just inside */
        tips_align(staff, first, last, n);
        y = first->stem_tip + direction * INSIDE * s;
        y2 = last->stem_tip + direction * INSIDE * s;
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
