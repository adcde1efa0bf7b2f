/* Slurs (gmn.md 16, 35 to 37): from outside the heads or stem ends, arched over everything
 * between them; shorter ones first, so that longer ones clear them. */
#include "renderer/notation/layout/signs/curve.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define END_GAP    0.5  /* tip to the head */
#define TIP_GAP    0.35 /* tip to the end of a stem */
#define CLEAR_GAP  0.35 /* to the ink under the arch */
#define POINTS_MAX 600  /* obstacles of one slur */
#define HEIGHT_MAX 4.0
#define MOVE_MAX   1.2 /* of an end by its tag, outwards */
#define OPEN_RISE  1.2 /* of an end at a system break over the other one, at most */

/* Above if any stem is down (gmn.md 16, 35); in voices outwards. */
static int find_side(const struct vertical_staff *at, const struct vertical_piece *piece) {
    const struct music_span *span = piece->span;
    if (span->side != 0) {
        return -span->side;
    }
    if (span->tag != NULL && notation_tag_param(span->tag, "h") != NULL) {
        return vertical_length(span->tag, "h", 1) < 0 ? 1 : -1;
    }
    const struct music *music = at->vertical->music;
    const struct music_chord *first =
        span->first_chord < music->n_chords ? &music->chords[span->first_chord] : NULL;
    if (first != NULL && first->is_in_voices && first->voice_side != 0) {
        return -first->voice_side;
    }
    uint32_t chord = span->first_chord;
    for (uint32_t n = 0; chord < music->n_chords && n < 10000; n++) {
        const struct placed_chord *placed = vertical_find(at->vertical, chord);
        if (placed != NULL && placed->staff_i != at->staff_i) {
            placed = NULL; /* on another staff: its stem goes away from this one */
        }
        if (placed != NULL && placed->stem < 0 && !music->chords[chord].is_grace) {
            return -1;
        }
        if (placed != NULL && placed->stem == 0 && music->chords[chord].n_heads > 0 &&
            music->chords[chord].heads[0].position >= 0) {
            return -1;
        }
        if (chord == span->last_chord) {
            break;
        }
        chord = music->chords[chord].next_in_voice;
    }
    return 1;
}

/* The same on all lines: a long slur is looked through once. */
static int side_of(const struct vertical_staff *at, const struct vertical_piece *piece) {
    struct vertical *vertical = at->vertical;
    size_t span = (size_t)(piece->span - vertical->music->spans);
    if (vertical->slur_sides == NULL) {
        vertical->slur_sides =
            arena_array(vertical->arena, vertical->music->n_spans, sizeof *vertical->slur_sides);
    }
    if (vertical->slur_sides == NULL) {
        return -1; /* arena full */
    }
    if (vertical->slur_sides[span] == 0) {
        vertical->slur_sides[span] = (int8_t)find_side(at, piece);
    }
    return vertical->slur_sides[span];
}

static bool is_obstacle(const struct ink *ink) {
    switch (ink->role) {
    case ROLE_HEAD:
    case ROLE_STEM:
    case ROLE_FLAG:
    case ROLE_BEAM:
    case ROLE_ACCIDENTAL:
    case ROLE_REST:
    case ROLE_ARTICULATION:
    case ROLE_TIE:
    case ROLE_SLUR:
    case ROLE_DOT:
    case ROLE_ARPEGGIO:
    case ROLE_TREMOLO:
    case ROLE_CLUSTER:
    case ROLE_CLEF:
    case ROLE_TAB:
    case ROLE_TEXT:
        return true;
    default:
        return false;
    }
}

/* Middle of a closed curve of ours, at five places. */
static uint32_t curve_points(const struct ink *ink, struct curve_point *points) {
    uint32_t n = 0;
    for (int i = 0; i <= 4 && ink->n_points >= 4; i++) {
        double t = i / 4.0, u = 1 - t;
        const struct ink_point *p = ink->points;
        points[n++] = (struct curve_point){.x = u * u * u * p[0].x + 3 * u * u * t * p[1].x +
                                                3 * u * t * t * p[2].x + t * t * t * p[3].x,
                                           .y = u * u * u * p[0].y + 3 * u * u * t * p[1].y +
                                                3 * u * t * t * p[2].y + t * t * t * p[3].y};
    }
    return n;
}

/* Outer corners of what lies between the ends. */
static uint32_t collect(const struct vertical_staff *at, const struct curve *slur,
                        struct curve_point *points) {
    uint32_t n = 0;
    for (size_t i = 0; i < at->staff->ink.n_items && n + 12 < POINTS_MAX; i++) {
        const struct ink *ink = &at->staff->ink.items[i];
        if (!is_obstacle(ink) || ink->box.right < slur->x1 + 0.1 ||
            ink->box.left > slur->x2 - 0.1) {
            continue;
        }
        double y = slur->side < 0 ? ink->box.top : ink->box.bottom;
        if (ink->shape == INK_CURVE) {
            n += curve_points(ink, points + n);
        } else if (ink->shape == INK_POLYGON && ink->n_points <= 8) {
            for (uint32_t k = 0; k < ink->n_points; k++) {
                points[n++] = (struct curve_point){.x = ink->points[k].x, .y = ink->points[k].y};
            }
        } else {
            points[n++] = (struct curve_point){.x = ink->box.left, .y = y};
            points[n++] = (struct curve_point){.x = ink->box.right, .y = y};
            points[n++] = (struct curve_point){.x = (ink->box.left + ink->box.right) / 2, .y = y};
        }
    }
    return n;
}

static bool is_stem_side(const struct placed_chord *chord, int side) {
    return chord->stem != 0 && (chord->stem > 0) == (side < 0);
}

/* Where a slur meets a chord: outside the head, or at the stem's end. From a grace note it goes
 * to the head in any case (`is_at_head`). */
static struct ink_point end_at(const struct vertical_staff *at, const struct placed_chord *chord,
                               int side, bool is_left, bool is_at_head) {
    const struct vertical_chord *extent =
        &at->vertical->chords[chord - at->vertical->placed->chords];
    struct ink_point end = {chord->center_x, 0};
    double outer = side < 0 ? extent->top : extent->bottom;
    bool has_sign = side < 0 ? extent->top < chord->note_top : extent->bottom > chord->note_bottom;
    end.y = outer + side * (has_sign ? 0.25 : END_GAP - 0.1);
    if (is_stem_side(chord, side) && is_at_head) { /* beside the head, off its stem */
        end.x = is_left ? chord->right + 0.1 : chord->x - 0.15;
        end.y = side < 0 ? chord->note_top + 0.2 : chord->note_bottom - 0.2;
    } else if (is_stem_side(chord, side)) {
        double tip = chord->stem_tip + side * TIP_GAP;
        end.x = chord->stem_x + (is_left ? 0.25 : -0.1);
        end.y = side < 0 ? fmin(end.y, tip) : fmax(end.y, tip);
        const struct music_chord *music = vertical_music(at->vertical, chord);
        bool has_flag = music->beam == NOTATION_NONE && music->value > MUSIC_VALUE_QUARTER;
        if (has_flag && is_left && side > 0) {
            end.x = chord->stem_x;
        }
    }
    /* not on a staff line */
    double line = round(end.y / at->space) * at->space;
    if (line > -0.01 && line < at->staff->height + 0.01 && fabs(end.y - line) < 0.12) {
        end.y = line + side * 0.16;
    }
    return end;
}

/* An end that its tag moves up or down stays between `inner` and some way further out: the
 * numbers were found with other default places. */
static double moved_end(double y, double up, int side) {
    double outwards = fmin(fmax(-side * up, -0.15), MOVE_MAX);
    return y + side * outwards;
}

/* Explicit dx1 dy1 dx2 dy2: up and right of the default ends of gmn.md 8. */
static void apply_tag(const struct vertical_staff *at, const struct vertical_piece *piece,
                      struct curve *slur) {
    const struct notation_tag *tag = piece->span->tag;
    const struct placed_chord *first = vertical_find(at->vertical, piece->span->first_chord);
    if (tag == NULL || (first != NULL && vertical_music(at->vertical, first)->is_grace)) {
        return; /* grace notes: there is little room, and one good place */
    }
    double usual = slur->side < 0 ? 0.5 : -0.5;
    if (piece->begins_here) {
        slur->x1 += fmin(fmax(vertical_length(tag, "dx1", 1.0) - 1.0, -0.4), 0.4);
        slur->y1 = moved_end(slur->y1, vertical_length(tag, "dy1", usual) - usual, slur->side);
    }
    if (piece->ends_here) {
        slur->x2 += fmin(fmax(vertical_length(tag, "dx2", -1.0) + 1.0, -0.4), 0.4);
        slur->y2 = moved_end(slur->y2, vertical_length(tag, "dy2", usual) - usual, slur->side);
    }
    if (slur->x2 < slur->x1 + 0.8) {
        slur->x2 = slur->x1 + 0.8;
    }
    if (notation_tag_param(tag, "h") != NULL) {
        slur->height = fmax(slur->height, fmin(fabs(vertical_length(tag, "h", 1.0)), 6));
    }
}

static double natural_height(double length) {
    return fmax(0.45, fmin(0.25 * length, 1.6 * length / (length + 8) + 0.35));
}

static bool ends_of(const struct vertical_staff *at, const struct vertical_piece *piece, int side,
                    struct curve *slur) {
    const struct placed_chord *chords = at->vertical->placed->chords;
    const struct placed_chord *first = piece->first != NOTATION_NONE ? &chords[piece->first] : NULL;
    const struct placed_chord *last = piece->last != NOTATION_NONE ? &chords[piece->last] : NULL;
    if ((first != NULL && first->staff_i != at->staff_i) ||
        (last != NULL && last->staff_i != at->staff_i)) {
        return false; /* cross_staff.c */
    }
    bool is_grace = first != NULL && vertical_music(at->vertical, first)->is_grace;
    struct ink_point left = {vertical_continue_x(at->system), 0};
    struct ink_point right = {at->system->width - 0.2, 0};
    if (first != NULL) {
        left = end_at(at, first, side, true, is_grace);
    }
    if (last != NULL) {
        right = end_at(at, last, side, false, is_grace);
    }
    left.x = first == NULL ? fmin(left.x, right.x - 1.5) : left.x;
    right.x = last == NULL ? fmax(right.x, left.x + 1.5) : right.x;
    double outside = side < 0 ? -1.2 : at->staff->height + 1.2;
    double rise =
        side * fmin(OPEN_RISE, 0.12 * (right.x - left.x)); /* an open end lies further out */
    if (first == NULL) {
        left.y = last != NULL ? right.y + rise : outside;
    }
    if (last == NULL) {
        right.y = first != NULL ? left.y + rise : outside;
    }
    *slur = (struct curve){left.x, left.y, right.x, right.y, side, 0, 0.28};
    return right.x > left.x + 0.2;
}

static void slur_layout(const struct vertical_staff *at, const struct vertical_piece *piece,
                        struct curve_point *points) {
    struct curve slur;
    int side = side_of(at, piece);
    if (!ends_of(at, piece, side, &slur)) {
        return;
    }
    double length = slur.x2 - slur.x1;
    slur.height = natural_height(length);
    slur.reach = length > 12 ? 0.22 : 0.28;
    apply_tag(at, piece, &slur);
    uint32_t n = collect(at, &slur, points);
    curve_fit(&slur, points, n, CLEAR_GAP,
              fmax(fmin(HEIGHT_MAX, 0.32 * length + 0.4), slur.height));
    struct ink ink;
    if (!curve_ink(at->vertical->arena, &slur, &ink)) {
        return;
    }
    ink.role = ROLE_SLUR;
    vertical_tint(&ink, &piece->span->look);
    curve_add(at, &ink, &slur);
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

void slurs_layout(const struct vertical_staff *at) {
    struct arena *arena = at->vertical->arena;
    uint32_t n = 0;
    for (uint32_t i = 0; i < at->n_pieces; i++) {
        n += at->pieces[i].span->kind == MUSIC_SLUR;
    }
    if (n == 0) {
        return;
    }
    const struct vertical_piece **slurs = arena_array(arena, n, sizeof(void *));
    struct curve_point *points = arena_array(arena, POINTS_MAX, sizeof *points);
    if (slurs == NULL || points == NULL) {
        return;
    }
    n = 0;
    for (uint32_t i = 0; i < at->n_pieces; i++) {
        if (at->pieces[i].span->kind == MUSIC_SLUR) {
            slurs[n++] = &at->pieces[i];
        }
    }
    qsort(slurs, n, sizeof *slurs, compare_length);
    for (uint32_t i = 0; i < n; i++) {
        slur_layout(at, slurs[i], points);
    }
}
