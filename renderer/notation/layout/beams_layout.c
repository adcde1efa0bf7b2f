/* Beams (gmn.md 16.13 to 16.19): one line per group, its slope, the final stems, further levels,
 * stubs, feathers. A group over several staves is drawn staff by staff, and one over a line end
 * line by line: the distance of staves is not known here (docs/notation.md). */
#include <math.h>
#include <string.h>

#include "common/err.h"
#include "renderer/notation/layout/horizontal.h"

#define MEMBERS_MAX 512 /* longer groups are drawn in pieces */

struct run { /* members of one beam on one staff and line */
    const struct music_beam *beam;
    const struct music_beam_member *members[MEMBERS_MAX];
    struct placed_chord *chords[MEMBERS_MAX];
    double near[MEMBERS_MAX]; /* y of the head next to the beam, times direction */
    uint32_t n;
    struct placed_staff *staff;
    double scale;
    int direction; /* +1 stems up */
    int levels;
    double x0, y0, slope; /* outer edge's middle line: centre of the first beam */
};

static double y_at(const struct run *run, double x) {
    return run->y0 + run->slope * (x - run->x0);
}

static double least_length(const struct run *run, int levels) { /* to the outermost beam's centre */
    double length = levels <= 1 ? 2.75 : levels == 2 ? 3.1 : 3.1 + 0.75 * (levels - 2);
    return length * run->scale;
}

static double ideal_length(const struct run *run, int levels) {
    double length = levels <= 2 ? 3.25 : 3.25 + 0.75 * (levels - 2);
    return length * run->scale;
}

/* A pattern that repeats: the second half goes as the first. */
static bool repeats(const struct run *run) {
    if (run->n < 4 || run->n % 2 != 0) {
        return false;
    }
    for (uint32_t i = 0; i < run->n / 2; i++) {
        if (fabs(run->near[i] - run->near[i + run->n / 2]) > 1e-9) {
            return false;
        }
    }
    return true;
}

/* Rise from the first stem to the last, y downwards. */
static double wanted_rise(const struct run *run, double space) {
    double first = run->near[0], last = run->near[run->n - 1];
    double interval = (last - first) * -run->direction; /* near counts towards the beam */
    double width = run->chords[run->n - 1]->stem_x - run->x0;
    if (fabs(interval) < 1e-9 || width <= 0 || repeats(run)) {
        return 0;
    }
    double nearest_end = fmax(first, last);
    for (uint32_t i = 1; i + 1 < run->n; i++) {
        if (run->near[i] > nearest_end + 1e-9) {
            return 0; /* an inner note is nearer the beam than both ends */
        }
    }
    double steps = fabs(interval) / space * 2;
    double rise = steps < 1.5   ? 0.25
                  : steps < 2.5 ? 0.5
                  : steps < 3.5 ? 0.75
                  : steps < 5.5 ? 1
                                : RULE_BEAM_RISE_MAX;
    double share = fmin(1, fmax(0, (width - 5) / 7));
    double steepest =
        RULE_BEAM_SLOPE_SHORT + share * (RULE_BEAM_SLOPE_LONG - RULE_BEAM_SLOPE_SHORT);
    rise = fmin(rise * space, steepest * width);
    rise = floor(rise / (0.25 * space) + 1e-6) * 0.25 * space;
    return interval > 0 ? rise : -rise;
}

/* Nearest place for the beam's centre, at or beyond `y` away from the heads, where it sits on,
 * hangs from or straddles a line: no white wedge. */
static double on_line(double y, double space, int direction) {
    double quarters = y / (0.25 * space);
    double at = direction > 0 ? floor(quarters + 1e-6) : ceil(quarters - 1e-6);
    if (fmod(fmod(at, 4) + 4, 4) == 2) { /* the middle of a space */
        at -= direction;
    }
    return at * 0.25 * space;
}

static bool is_in_space_middle(double y, double space) {
    double rest = fmod(fmod(y / space, 1) + 1, 1);
    return fabs(rest - 0.5) < 0.01;
}

static void place_line(struct run *run, const struct music_staff *staff) {
    double space = staff->space, d = run->direction;
    double rise = wanted_rise(run, space);
    double width = run->chords[run->n - 1]->stem_x - run->x0;
    run->slope = width > 0 ? rise / width : 0;
    double wanted = INFINITY, least = INFINITY; /* the farther (times direction) wins */
    for (uint32_t i = 0; i < run->n; i++) {
        int levels = run->members[i]->levels;
        double on_slope = run->slope * (run->chords[i]->stem_x - run->x0);
        double head = -run->near[i] * d;
        double out_of_staff = fmax(0, (staff_middle(staff) - head) * d / space);
        double ideal = fmax(least_length(run, levels),
                            ideal_length(run, levels) -
                                0.25 * out_of_staff * run->scale * (run->beam->is_grace ? 0 : 1));
        least = fmin(least, (head - d * least_length(run, levels) - on_slope) * d);
        if (i == 0 || i + 1 == run->n) {
            wanted = fmin(wanted, (head - d * ideal - on_slope) * d);
        }
        if (!run->beam->is_grace) { /* reaches the middle line */
            least = fmin(least, (staff_middle(staff) - on_slope) * d);
        }
    }
    double y0 = fmin(wanted, least) * d;
    run->y0 = on_line(y0, space, run->direction);
    if (is_in_space_middle(run->y0 + rise, space)) { /* the other end floats */
        if (fabs(rise) > 0.26 * space) {
            rise -= copysign(0.25 * space, rise);
        } else { /* straddle and sit instead of hang and float */
            run->y0 = on_line(run->y0 - d * 0.25 * space, space, run->direction);
        }
        for (int i = 0; i < 4 && is_in_space_middle(run->y0 + rise, space); i++) {
            run->y0 = on_line(run->y0 - d * 0.25 * space, space, run->direction);
        }
        run->slope = width > 0 ? rise / width : 0;
        for (uint32_t i = 0; i < run->n; i++) { /* the flatter line still clears all heads */
            double head = -run->near[i] * d;
            double missing = (y_at(run, run->chords[i]->stem_x) - head) * d +
                             least_length(run, run->members[i]->levels);
            while (missing > 1e-6 && isfinite(missing)) {
                run->y0 -= d * space;
                missing -= space;
            }
        }
    }
    if (run->beam->tag == NULL) {
        return;
    }
    double raise_all = notation_tag_length(run->beam->tag, "dy", 0);
    double raise_first = raise_all + notation_tag_length(run->beam->tag, "dy1", 0);
    double raise_last = raise_all + notation_tag_length(run->beam->tag, "dy2", 0);
    run->y0 -= raise_first;
    run->slope -= width > 0 ? (raise_last - raise_first) / width : 0;
}

/* --- ink --- */

static bool segment_emit(struct horizontal *h, struct run *run, double left, double right,
                         double offset_left, double offset_right, uint32_t chord) {
    struct ink ink = {.shape = INK_POLYGON,
                      .role = ROLE_BEAM,
                      .chord = chord,
                      .n_points = 4,
                      .color = h->music->chords[chord].look.color};
    double half = RULE_BEAM / 2 * run->scale;
    double y = y_at(run, left) + offset_left, y2 = y_at(run, right) + offset_right;
    ink.points = arena_array(h->arena, 4, sizeof *ink.points);
    if (ink.points == NULL) {
        return false;
    }
    ink.points[0] = (struct ink_point){left, y - half};
    ink.points[1] = (struct ink_point){right, y2 - half};
    ink.points[2] = (struct ink_point){right, y2 + half};
    ink.points[3] = (struct ink_point){left, y + half};
    return ink_list_add(h->arena, &run->staff->ink, &ink);
}

static double stem_left(const struct run *run, uint32_t i) {
    return run->chords[i]->stem_x - RULE_STEM * run->scale / 2;
}

static double stem_right(const struct run *run, uint32_t i) {
    return run->chords[i]->stem_x + RULE_STEM * run->scale / 2;
}

/* Beams of one level: runs of neighbours that share it, stubs of those alone. */
static bool level_emit(struct horizontal *h, struct run *run, int level) {
    double offset = run->direction * level * RULE_BEAM_STEP * run->scale;
    bool is_done = true;
    for (uint32_t i = 0; i < run->n;) {
        uint32_t last = i;
        if (run->members[i]->levels <= level) {
            i++;
            continue;
        }
        while (last + 1 < run->n && run->members[last]->to_right > level &&
               run->members[last + 1]->to_left > level && run->members[last + 1]->levels > level) {
            last++;
        }
        uint32_t chord = run->chords[i]->chord;
        if (last > i) {
            is_done = segment_emit(h, run, stem_left(run, i), stem_right(run, last), offset, offset,
                                   chord) &&
                      is_done;
        } else if (run->n > 1) {
            double length = 1.1 * run->scale;
            bool is_left = run->members[i]->stub < 0   ? i > 0
                           : run->members[i]->stub > 0 ? i + 1 == run->n
                                                       : i > 0;
            double left = is_left ? stem_right(run, i) - length : stem_left(run, i);
            is_done = segment_emit(h, run, left, left + length, offset, offset, chord) && is_done;
        }
        i = last + 1;
    }
    return is_done;
}

static bool feathers_emit(struct horizontal *h, struct run *run) {
    int first = run->beam->feather_first, last = run->beam->feather_last;
    int n = first > last ? first : last;
    n = n < 1 ? 1 : n > 8 ? 8 : n;
    bool is_done = true;
    for (int k = 0; k < n; k++) {
        double share = n > 1 ? (double)k / (n - 1) : 0;
        double step = run->direction * RULE_BEAM_STEP * run->scale;
        double left = share * (first > 1 ? first - 1 : 0) * step,
               right = share * (last > 1 ? last - 1 : 0) * step;
        is_done = segment_emit(h, run, stem_left(run, 0), stem_right(run, run->n - 1), left, right,
                               run->chords[0]->chord) &&
                  is_done;
    }
    return is_done;
}

static bool stems_emit(struct horizontal *h, struct run *run) {
    bool is_done = true;
    for (uint32_t i = 0; i < run->n; i++) {
        struct placed_chord *placed = run->chords[i];
        const struct music_chord *chord = &h->music->chords[placed->chord];
        double y = y_at(run, placed->stem_x);
        placed->stem_tip = y - run->direction * RULE_BEAM / 2 * run->scale;
        struct ink ink = ink_line(ROLE_STEM, placed->stem_x, placed->stem_start, placed->stem_x, y,
                                  RULE_STEM * run->scale, chord->look.color);
        ink.chord = placed->chord;
        is_done =
            ink_list_add(h->arena, &run->staff->ink, &ink) &&
            tremolo_emit(h->arena, &run->staff->ink, chord, placed->chord, run->scale,
                         placed->stem_x, placed->stem_start, placed->stem_tip, run->direction) &&
            is_done;
    }
    return is_done;
}

/* A beam of one chord on this staff or line: its flag. */
static bool single_emit(struct horizontal *h, const struct run *run) {
    struct placed_chord *placed = run->chords[0];
    const struct chord_plan *plan = &h->chords[placed->chord];
    size_t first = run->staff->ink.n_items;
    double x = h->slots[plan->slot].x;
    h->ink = run->staff->ink;
    bool is_done = stem_emit(h, placed->chord);
    run->staff->ink = h->ink;
    for (size_t i = first; i < run->staff->ink.n_items; i++) {
        ink_move(&run->staff->ink.items[i], x, 0);
    }
    return is_done;
}

static bool run_layout(struct horizontal *h, struct run *run) {
    if (run->n == 0) {
        return true;
    }
    if (run->n == 1) {
        return single_emit(h, run);
    }
    const struct music_staff *staff = &h->music->staves[run->staff->staff];
    run->x0 = run->chords[0]->stem_x;
    run->levels = 0;
    for (uint32_t i = 0; i < run->n; i++) {
        const struct music_chord *chord = &h->music->chords[run->chords[i]->chord];
        double y =
            staff_y(staff, chord->heads[run->direction > 0 ? chord->n_heads - 1 : 0].position);
        run->near[i] = -y * run->direction;
        run->levels = run->members[i]->levels > run->levels ? run->members[i]->levels : run->levels;
    }
    place_line(run, staff);
    bool is_done = stems_emit(h, run);
    if (run->beam->is_feathered) {
        return feathers_emit(h, run) && is_done;
    }
    for (int level = 0; level < run->levels; level++) {
        is_done = level_emit(h, run, level) && is_done;
    }
    return is_done;
}

/* Stems of the other direction than the group's turn round. */
static void turn_stem(struct horizontal *h, struct placed_chord *placed, int direction) {
    struct chord_plan *plan = &h->chords[placed->chord];
    if (plan->stem == direction || plan->stem == 0) {
        return;
    }
    double x = placed->stem_x - plan->stem_dx;
    plan->stem = direction;
    stem_plan(h, placed->chord);
    placed->stem = direction;
    placed->stem_x = x + plan->stem_dx;
    placed->stem_start = plan->stem_start;
}

static bool beam_layout(struct horizontal *h, const struct placed_system *system,
                        const struct music_beam *beam) {
    struct run run = {.beam = beam};
    bool is_done = true;
    for (uint32_t i = 0; i < beam->n_members; i++) {
        uint32_t chord_i = beam->members[i].chord;
        const struct music_chord *chord = &h->music->chords[chord_i];
        uint32_t place = h->score->chord_place[chord_i];
        if (chord->measure < system->first_measure || chord->measure >= system->end_measure) {
            continue;
        }
        struct placed_chord *placed = &h->score->chords[place];
        const struct chord_plan *plan = &h->chords[chord_i];
        if (chord->kind != MUSIC_CHORD || !chord_is_shown(h, chord) || chord->n_heads == 0 ||
            placed->stem == 0) {
            continue; /* rests under the beam, hidden notes */
        }
        struct placed_staff *staff = &system->staves[chord->staff];
        if (run.n > 0 && (staff != run.staff || run.n == MEMBERS_MAX)) {
            is_done = run_layout(h, &run) && is_done;
            run.n = 0;
        }
        if (run.n == 0) {
            run.staff = staff;
            run.direction = placed->stem;
            run.scale = plan->scale;
        }
        turn_stem(h, placed, run.direction);
        run.members[run.n] = &beam->members[i];
        run.chords[run.n++] = placed;
    }
    return run_layout(h, &run) && is_done;
}

int beams_layout(struct horizontal *h, const struct placed_system *system) {
    bool is_done = true;
    for (uint32_t i = system->first_chord; i < system->end_chord && is_done; i++) {
        uint32_t chord_i = h->score->chords[i].chord, beam_i = h->music->chords[chord_i].beam;
        if (beam_i >= h->music->n_beams) {
            continue;
        }
        const struct music_beam *beam = &h->music->beams[beam_i];
        bool is_first = true; /* of the beam's members in this system */
        for (uint32_t k = 0; k < beam->n_members && beam->members[k].chord != chord_i; k++) {
            const struct music_chord *other = &h->music->chords[beam->members[k].chord];
            if (other->measure >= system->first_measure && other->measure < system->end_measure) {
                is_first = false;
                break;
            }
        }
        if (is_first) {
            is_done = beam_layout(h, system, beam);
        }
    }
    return is_done ? 0 : LG_ETOOLARGE;
}
