/* The line of a beam, its further levels, stubs and feathers; see beam_run.h. */
#include "renderer/notation/layout/beam_run.h"

#include <math.h>
#include <stdlib.h>

#include "renderer/notation/layout/horizontal.h"

#define STUB_LENGTH 1.1

/* --- members --- */

static uint32_t first_from(const struct music *music, const struct music_beam *beam,
                           uint32_t measure) {
    uint32_t low = 0, high = beam->n_members;
    while (low < high) { /* members follow each other in time */
        uint32_t middle = low + (high - low) / 2;
        if (music->chords[beam->members[middle].chord].measure < measure) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

void beam_members_in(const struct music *music, const struct music_beam *beam,
                     uint32_t first_measure, uint32_t end_measure, uint32_t *first, uint32_t *end) {
    *first = first_from(music, beam, first_measure);
    *end = first_from(music, beam, end_measure);
}

static bool is_drawn(const struct music *music, const struct music_chord *chord) {
    return chord->kind == MUSIC_CHORD && chord->n_heads > 0 && chord->stem != 0 &&
           !chord->is_hidden && !staff_is_hidden(&music->staves[chord->staff], chord->date);
}

bool beam_spans_staves(const struct music *music, const struct music_beam *beam, uint32_t first,
                       uint32_t end) {
    uint32_t staff = NOTATION_NONE;
    for (uint32_t i = first; i < end && beam->is_cross_staff; i++) {
        const struct music_chord *chord = &music->chords[beam->members[i].chord];
        if (!is_drawn(music, chord)) {
            continue;
        }
        if (staff != NOTATION_NONE && chord->staff != staff) {
            return true;
        }
        staff = chord->staff;
    }
    return false;
}

void beam_run_begin(struct beam_run *run, const struct music *music,
                    const struct music_beam *beam) {
    run->music = music;
    run->beam = beam;
    run->n = 0;
    run->scale = 0;
    run->direction = 0;
    run->x0 = run->y0 = run->slope = 0;
}

void beam_run_add(struct beam_run *run, struct placed_score *score,
                  const struct music_beam_member *member) {
    const struct music_chord *chord = &run->music->chords[member->chord];
    struct placed_chord *placed = &score->chords[score->chord_place[member->chord]];
    if (run->n == BEAM_RUN_MAX || placed->stem == 0 || !is_drawn(run->music, chord)) {
        return;
    }
    const struct music_head *head = &chord->heads[placed->stem > 0 ? chord->n_heads - 1 : 0];
    run->scale = fmax(run->scale, chord_scale(run->music, chord));
    run->heads[run->n] = staff_y(&run->music->staves[chord->staff], head->position);
    run->members[run->n] = member;
    run->chords[run->n++] = placed;
}

/* --- geometry --- */

double beam_run_y(const struct beam_run *run, double x) {
    return run->y0 + run->slope * (x - run->x0);
}

double beam_run_width(const struct beam_run *run) {
    return run->n > 0 ? run->chords[run->n - 1]->stem_x - run->x0 : 0;
}

double beam_run_reach(const struct beam_run *run, uint32_t i) {
    double steps = run->chords[i]->stem > 0 ? -run->above[i] : run->below[i];
    return beam_run_y(run, run->chords[i]->stem_x) + steps * RULE_BEAM_STEP * run->scale;
}

double beam_run_tip(const struct beam_run *run, uint32_t i) {
    return beam_run_reach(run, i) - run->chords[i]->stem * RULE_BEAM / 2 * run->scale;
}

double beam_least_length(double scale, double levels) {
    double length = levels <= 1 ? 2.75 : levels <= 2 ? 3.1 : 3.1 + 0.75 * (levels - 2);
    return length * scale;
}

static double ideal_length(const struct beam_run *run, int levels) {
    double length = levels <= 2 ? 3.25 : 3.25 + 0.75 * (levels - 2);
    return length * run->scale;
}

/* Height of the head next to the beam, growing towards it. */
static double near(const struct beam_run *run, uint32_t i) {
    return -run->heads[i] * run->direction;
}

/* --- slope --- */

/* A pattern that repeats: the second half goes as the first. */
static bool repeats(const struct beam_run *run) {
    if (run->n < 4 || run->n % 2 != 0) {
        return false;
    }
    for (uint32_t i = 0; i < run->n / 2; i++) {
        if (fabs(near(run, i) - near(run, i + run->n / 2)) > 1e-9) {
            return false;
        }
    }
    return true;
}

double beam_rise(double interval, double width, double space) {
    double steps = interval / space * 2;
    double rise = steps < 1.5   ? 0.25
                  : steps < 2.5 ? 0.5
                  : steps < 3.5 ? 0.75
                  : steps < 5.5 ? 1
                                : RULE_BEAM_RISE_MAX;
    double share = fmin(1, fmax(0, (width - 5) / 7));
    double steepest =
        RULE_BEAM_SLOPE_SHORT + share * (RULE_BEAM_SLOPE_LONG - RULE_BEAM_SLOPE_SHORT);
    rise = fmin(rise * space, steepest * width);
    return floor(rise / (0.25 * space) + 1e-6) * 0.25 * space;
}

/* From the first stem to the last, y downwards. */
static double wanted_rise(const struct beam_run *run, double space) {
    double first = near(run, 0), last = near(run, run->n - 1);
    double interval = (last - first) * -run->direction; /* `near` counts towards the beam */
    double width = beam_run_width(run);
    if (fabs(interval) < 1e-9 || width <= 0 || repeats(run)) {
        return 0;
    }
    double nearest_end = fmax(first, last);
    for (uint32_t i = 1; i + 1 < run->n; i++) {
        if (near(run, i) > nearest_end + 1e-9) {
            return 0; /* an inner note is nearer the beam than both ends */
        }
    }
    return copysign(beam_rise(fabs(interval), width, space), interval);
}

/* --- place of the line --- */

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

/* Of all members' wishes the one farthest from the heads. */
static double wanted_y(const struct beam_run *run, const struct music_staff *staff) {
    double space = staff->space, d = run->direction;
    double wanted = INFINITY, least = INFINITY; /* times direction */
    for (uint32_t i = 0; i < run->n; i++) {
        int levels = run->members[i]->levels;
        double on_slope = run->slope * (run->chords[i]->stem_x - run->x0);
        double head = run->heads[i];
        double out_of_staff = fmax(0, (staff_middle(staff) - head) * d / space);
        double shorter = run->beam->is_grace ? 0 : 0.25 * out_of_staff * run->scale;
        double shortest = beam_least_length(run->scale, levels);
        double ideal = fmax(shortest, ideal_length(run, levels) - shorter);
        least = fmin(least, (head - d * shortest - on_slope) * d);
        if (i == 0 || i + 1 == run->n) {
            wanted = fmin(wanted, (head - d * ideal - on_slope) * d);
        }
        if (!run->beam->is_grace) { /* reaches the middle line */
            least = fmin(least, (staff_middle(staff) - on_slope) * d);
        }
    }
    return fmin(wanted, least) * d;
}

/* The other end floats in a space: flatter, or further out. */
static void lift_other_end(struct beam_run *run, double space, double rise) {
    double width = beam_run_width(run), d = run->direction;
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
        double missing = (beam_run_y(run, run->chords[i]->stem_x) - run->heads[i]) * d +
                         beam_least_length(run->scale, run->members[i]->levels);
        while (missing > 1e-6 && isfinite(missing)) {
            run->y0 -= d * space;
            missing -= space;
        }
    }
}

void beam_run_place(struct beam_run *run, const struct music_staff *staff) {
    double rise = wanted_rise(run, staff->space), width = beam_run_width(run);
    run->slope = width > 0 ? rise / width : 0;
    run->y0 = on_line(wanted_y(run, staff), staff->space, run->direction);
    if (is_in_space_middle(run->y0 + rise, staff->space)) {
        lift_other_end(run, staff->space, rise);
    }
    beam_run_apply_tag(run);
}

void beam_run_apply_tag(struct beam_run *run) {
    const struct notation_tag *tag = run->beam->tag;
    double width = beam_run_width(run);
    if (tag == NULL) {
        return;
    }
    double raise_all = notation_tag_length(tag, "dy", 0);
    double raise_first = raise_all + notation_tag_length(tag, "dy1", 0);
    double raise_last = raise_all + notation_tag_length(tag, "dy2", 0);
    run->y0 -= raise_first;
    run->slope -= width > 0 ? (raise_last - raise_first) / width : 0;
}

/* --- levels --- */

static double stem_left(const struct beam_run *run, uint32_t i) {
    return run->chords[i]->stem_x - RULE_STEM * run->scale / 2;
}

static double stem_right(const struct beam_run *run, uint32_t i) {
    return run->chords[i]->stem_x + RULE_STEM * run->scale / 2;
}

struct segment {
    double left, right;
    double steps_left, steps_right; /* under the first beam */
    uint32_t chord;
};

static bool segment_emit(const struct beam_run *run, const struct segment *segment,
                         struct arena *arena, struct ink_list *list) {
    struct ink ink = {.shape = INK_POLYGON,
                      .role = ROLE_BEAM,
                      .chord = segment->chord,
                      .n_points = 4,
                      .color = run->music->chords[segment->chord].look.color};
    double half = RULE_BEAM / 2 * run->scale, step = RULE_BEAM_STEP * run->scale;
    double y = beam_run_y(run, segment->left) + segment->steps_left * step,
           y2 = beam_run_y(run, segment->right) + segment->steps_right * step;
    ink.points = arena_array(arena, 4, sizeof *ink.points);
    if (ink.points == NULL) {
        return false;
    }
    ink.points[0] = (struct ink_point){segment->left, y - half};
    ink.points[1] = (struct ink_point){segment->right, y2 - half};
    ink.points[2] = (struct ink_point){segment->right, y2 + half};
    ink.points[3] = (struct ink_point){segment->left, y + half};
    return ink_list_add(arena, list, &ink);
}

/* On which side of the first beam further ones of members first .. last lie: towards the heads;
 * where stems go both ways, towards those of the whole group that are more. +1 under it. */
static int side_of(const struct beam_run *run, uint32_t first, uint32_t last) {
    int balance = 0, all = 0;
    for (uint32_t i = first; i <= last; i++) {
        balance += run->chords[i]->stem;
    }
    if (abs(balance) == (int)(last - first + 1)) {
        return balance > 0 ? 1 : -1;
    }
    for (uint32_t i = 0; i < run->n; i++) {
        all += run->chords[i]->stem;
    }
    return all >= 0 ? 1 : -1;
}

/* One beam over members first .. last that share a level, or a stub: outside of the beams that are
 * there. Counted in above and below; its segment. */
static struct segment add_segment(struct beam_run *run, int level, uint32_t first, uint32_t last) {
    struct segment segment = {stem_left(run, first), stem_right(run, last), 0, 0,
                              run->chords[first]->chord};
    if (level > 0) {
        bool is_below = run->direction != 0 ? run->direction > 0 : side_of(run, first, last) > 0;
        double *steps = is_below ? run->below : run->above;
        double step = steps[first] + 1;
        for (uint32_t i = first; i <= last; i++) {
            steps[i] = step;
        }
        segment.steps_left = segment.steps_right = is_below ? step : -step;
    }
    if (last == first) {
        const struct music_beam_member *member = run->members[first];
        bool is_left = member->stub < 0   ? first > 0
                       : member->stub > 0 ? first + 1 == run->n
                                          : first > 0;
        double length = STUB_LENGTH * run->scale;
        segment.left = is_left ? stem_right(run, first) - length : stem_left(run, first);
        segment.right = segment.left + length;
    }
    return segment;
}

static bool shares_level(const struct beam_run *run, uint32_t left, int level) {
    return left + 1 < run->n && run->members[left]->to_right > level &&
           run->members[left + 1]->to_left > level && run->members[left + 1]->levels > level;
}

/* All levels from the first on; list NULL: they are only counted. */
static bool walk_levels(struct beam_run *run, struct arena *arena, struct ink_list *list) {
    int levels = 0;
    bool is_done = true;
    for (uint32_t i = 0; i < run->n; i++) {
        run->above[i] = run->below[i] = 0;
        levels = run->members[i]->levels > levels ? run->members[i]->levels : levels;
    }
    for (int level = 0; level < levels && run->n > 1; level++) {
        for (uint32_t first = 0, last; first < run->n; first = last + 1) {
            last = first;
            if (run->members[first]->levels <= level) {
                continue;
            }
            while (shares_level(run, last, level)) {
                last++;
            }
            struct segment segment = add_segment(run, level, first, last);
            is_done = (list == NULL || segment_emit(run, &segment, arena, list)) && is_done;
        }
    }
    return is_done;
}

/* Lines from one stem to the other that fan out. */
static bool walk_feathers(struct beam_run *run, struct arena *arena, struct ink_list *list) {
    int first = run->beam->feather_first, last = run->beam->feather_last;
    int n = first > last ? first : last, side = side_of(run, 0, run->n - 1);
    double left = side * (first > 1 ? first - 1 : 0), right = side * (last > 1 ? last - 1 : 0);
    double width = beam_run_width(run);
    bool is_done = true;
    for (uint32_t i = 0; i < run->n; i++) {
        double share = width > 0 ? (run->chords[i]->stem_x - run->x0) / width : 0;
        double steps = left + share * (right - left);
        run->above[i] = fmax(-steps, 0);
        run->below[i] = fmax(steps, 0);
    }
    n = n < 1 ? 1 : n > 8 ? 8 : n;
    for (int k = 0; k < n && list != NULL; k++) {
        double share = n > 1 ? (double)k / (n - 1) : 0;
        struct segment segment = {stem_left(run, 0), stem_right(run, run->n - 1), share * left,
                                  share * right, run->chords[0]->chord};
        is_done = segment_emit(run, &segment, arena, list) && is_done;
    }
    return is_done;
}

bool beam_run_emit(struct beam_run *run, struct arena *arena, struct ink_list *list) {
    if (run->n < 2) {
        return true;
    }
    return run->beam->is_feathered ? walk_feathers(run, arena, list)
                                   : walk_levels(run, arena, list);
}

void beam_run_finish(struct beam_run *run) {
    int balance = 0;
    for (uint32_t i = 0; i < run->n; i++) {
        balance += run->chords[i]->stem;
    }
    run->direction = abs(balance) == (int)run->n ? (balance > 0) - (balance < 0) : 0;
    run->x0 = run->n > 0 ? run->chords[0]->stem_x : 0;
    if (run->n > 1 && run->beam->is_feathered) {
        (void)walk_feathers(run, NULL, NULL);
    } else {
        (void)walk_levels(run, NULL, NULL);
    }
}

bool beam_run_tremolo(const struct beam_run *run, uint32_t i, double start, double tip,
                      struct arena *arena, struct ink_list *list) {
    const struct placed_chord *placed = run->chords[i];
    return tremolo_emit(arena, list, &run->music->chords[placed->chord], placed->chord, run->scale,
                        placed->stem_x, start, tip, placed->stem);
}
