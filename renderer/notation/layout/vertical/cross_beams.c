/* Beams whose notes stand on several staves (keyboard music): between the staves, the notes over it
 * stems down, those under it stems up; or on one side of all (music/notes/stems.c chooses). Planned
 * before anything hangs on the staves, which keeps clear of the beam; moved when the signs have
 * pushed the staves further apart. */
#include "renderer/notation/layout/beam_run.h"
#include "renderer/notation/layout/engraving_rules.h"
#include "renderer/notation/layout/vertical/vertical.h"

#include <math.h>

#define INK_GAP    0.6 /* beam to staff lines and other ink */
#define SLICE      1.0 /* of the beam, where its neighbours are looked at */
#define SLICES_MAX 400
#define FAR        8.0 /* interval of notes on two staves, sp */

/* -- which beams -------------------------------------------------------------------- */

static void fill_run(const struct vertical *vertical, const struct cross_beam *cross,
                     struct beam_run *run) {
    beam_run_begin(run, vertical->music, cross->beam);
    for (uint32_t i = cross->first; i < cross->end; i++) {
        beam_run_add(run, vertical->placed, &cross->beam->members[i]);
    }
    beam_run_finish(run);
}

/* The staves beside the beam: with stems both ways the one over it and the next one under it. */
static void find_staves(const struct beam_run *run, struct cross_beam *cross) {
    cross->direction = run->direction;
    cross->upper = cross->lower = run->chords[0]->staff_i;
    for (uint32_t i = 0; i < run->n; i++) {
        uint32_t staff = run->chords[i]->staff_i;
        cross->upper = staff < cross->upper ? staff : cross->upper;
        cross->lower = staff > cross->lower ? staff : cross->lower;
    }
    for (uint32_t i = 0; i < run->n && run->direction == 0; i++) {
        uint32_t staff = run->chords[i]->staff_i;
        cross->lower = run->chords[i]->stem > 0 && staff < cross->lower ? staff : cross->lower;
    }
    cross->home = run->direction < 0 ? cross->lower : cross->upper;
}

/* Members [first, end[ of a beam, in pieces that fit into a run. */
static bool add_beam(struct vertical *vertical, struct vertical_system *system, size_t *capacity,
                     const struct music_beam *beam, uint32_t first, uint32_t end) {
    struct beam_run run;
    for (uint32_t from = first; from < end; from += BEAM_RUN_MAX) {
        uint32_t to = end - from > BEAM_RUN_MAX ? from + BEAM_RUN_MAX : end;
        struct cross_beam cross = {.beam = beam, .first = from, .end = to};
        fill_run(vertical, &cross, &run);
        if (run.n == 0) {
            continue;
        }
        find_staves(&run, &cross);
        if (!arena_grow(vertical->arena, (void **)&system->cross_beams, system->n_cross_beams,
                        capacity, sizeof *system->cross_beams)) {
            return false;
        }
        system->cross_beams[system->n_cross_beams++] = cross;
    }
    return true;
}

static bool find_beams(struct vertical *vertical, struct vertical_system *system,
                       const struct placed_system *placed) {
    const struct music *music = vertical->music;
    size_t capacity = 0;
    bool is_done = true;
    for (uint32_t i = placed->first_chord; i < placed->end_chord && music->n_beams > 0; i++) {
        uint32_t chord = vertical->placed->chords[i].chord, first, end;
        uint32_t beam_i = music->chords[chord].beam;
        if (beam_i >= music->n_beams || !music->beams[beam_i].is_cross_staff) {
            continue;
        }
        const struct music_beam *beam = &music->beams[beam_i];
        beam_members_in(music, beam, placed->first_measure, placed->end_measure, &first, &end);
        if (beam->members[first].chord == chord && beam_spans_staves(music, beam, first, end)) {
            is_done = add_beam(vertical, system, &capacity, beam, first, end) && is_done;
        }
    }
    return is_done;
}

/* -- where the line lies ------------------------------------------------------------- */

/* Towards the staff of the last note; between notes of one staff as on that staff; level where the
 * group goes to and fro. */
static double between_slope(const struct beam_run *run) {
    double width = beam_run_width(run);
    const struct placed_chord *first = run->chords[0], *last = run->chords[run->n - 1];
    uint32_t n_turns = 0;
    for (uint32_t i = 1; i < run->n; i++) {
        n_turns += run->chords[i]->stem != run->chords[i - 1]->stem;
    }
    if (width <= 0) {
        return 0;
    }
    if (first->stem != last->stem) {
        return n_turns > 1 ? 0
                           : last->stem * beam_rise(FAR * run->scale, width, run->scale) / width;
    }
    double interval = run->heads[run->n - 1] - run->heads[0];
    if (first->staff_i != last->staff_i || fabs(interval) < 1e-9) {
        return 0;
    }
    for (uint32_t i = 1; i + 1 < run->n; i++) { /* an inner note is nearer than both ends */
        double near = -first->stem * run->heads[i];
        if (run->chords[i]->staff_i == first->staff_i &&
            near > fmax(-first->stem * run->heads[0], -first->stem * run->heads[run->n - 1])) {
            return 0;
        }
    }
    return copysign(beam_rise(fabs(interval), width, run->scale), interval) / width;
}

/* How near to a staff the line may come, y in the staff at the first stem: under it (side +1) or
 * over it. All its stems are long enough, and there is room to all its ink. */
static double limit(const struct placed_staff *staff, uint32_t staff_i, const struct beam_run *run,
                    double slope, int side) {
    const double *further = side > 0 ? run->above : run->below;
    const struct skyline *outline = side > 0 ? &staff->below : &staff->above;
    double nearest = -INFINITY, most = 0; /* times side */
    for (uint32_t i = 0; i < run->n; i++) {
        const struct placed_chord *chord = run->chords[i];
        most = fmax(most, further[i]);
        if (chord->staff_i == staff_i && chord->stem == -side) {
            double head = run->heads[i] - slope * (chord->stem_x - run->x0);
            nearest = fmax(nearest, side * head + beam_least_length(run->scale, 1 + further[i]));
        }
    }
    double half = (RULE_BEAM / 2 + most * RULE_BEAM_STEP) * run->scale;
    double width = beam_run_width(run), n = fmin(fmax(ceil(width / SLICE), 1), SLICES_MAX);
    for (int i = 0; i < (int)n; i++) {
        double left = width * i / n, right = width * (i + 1) / n;
        double edge = side * skyline_extreme(outline, run->x0 + left - 0.2, run->x0 + right + 0.2);
        double falls = fmax(-side * slope * left, -side * slope * right);
        nearest = fmax(nearest, edge + INK_GAP + half + falls);
    }
    return side * nearest;
}

/* The line of a beam between two staves, y0 in the system. */
static void set_line(struct beam_run *run, double y0, double slope) {
    run->y0 = y0;
    run->slope = slope;
    beam_run_apply_tag(run);
}

static void plan_distance(const struct vertical *vertical, const struct placed_system *placed,
                          struct cross_beam *cross) {
    struct beam_run run;
    if (cross->direction != 0) {
        return;
    }
    fill_run(vertical, cross, &run);
    const struct placed_staff *upper = &placed->staves[cross->upper],
                              *lower = &placed->staves[cross->lower];
    cross->slope = between_slope(&run);
    cross->upper_y = limit(upper, cross->upper, &run, cross->slope, 1);
    cross->lower_y = limit(lower, cross->lower, &run, cross->slope, -1);
    cross->distance = cross->upper_y - cross->lower_y;
}

/* In the middle of the free room between the staves; or by the rules of the staff it lies at. */
static void plan_line(const struct vertical *vertical, const struct placed_system *placed,
                      struct cross_beam *cross, struct beam_run *run) {
    const struct placed_staff *upper = &placed->staves[cross->upper],
                              *lower = &placed->staves[cross->lower],
                              *home = &placed->staves[cross->home];
    fill_run(vertical, cross, run);
    if (cross->direction == 0) {
        double y0 = (cross->upper_y + upper->y + cross->lower_y + lower->y) / 2;
        cross->upper_y = y0 - upper->y;
        cross->lower_y = y0 - lower->y;
        set_line(run, y0, cross->slope);
        return;
    }
    for (uint32_t i = 0; i < run->n; i++) {
        run->heads[i] += placed->staves[run->chords[i]->staff_i].y - home->y;
    }
    beam_run_place(run, &vertical->music->staves[home->staff]);
    run->y0 += home->y;
    cross->slope = run->slope;
    cross->upper_y = run->y0 - upper->y;
    cross->lower_y = run->y0 - lower->y;
}

/* -- ink ---------------------------------------------------------------------------- */

static bool emit_stem(struct vertical *vertical, const struct placed_system *placed,
                      const struct beam_run *run, uint32_t i, size_t *index) {
    struct placed_chord *chord = run->chords[i];
    struct placed_staff *staff = &placed->staves[chord->staff_i];
    struct ink ink = vertical_line(ROLE_STEM, chord->stem_x, chord->stem_start, chord->stem_x,
                                   beam_run_reach(run, i) - staff->y);
    ink.thickness = RULE_STEM * run->scale;
    ink.color = vertical_music(vertical, chord)->look.color;
    ink.chord = chord->chord;
    chord->stem_tip = beam_run_tip(run, i) - staff->y;
    *index = staff->ink.n_items;
    return ink_list_add(vertical->arena, &staff->ink, &ink) &&
           beam_run_tremolo(run, i, chord->stem_start, chord->stem_tip, vertical->arena,
                            &staff->ink);
}

/* Slices of a beam between the staves, so that signs of both keep clear of it. */
static void reserve_between(struct vertical *vertical, struct placed_staff *upper,
                            struct placed_staff *lower, const struct beam_run *run) {
    double over = 0, under = 0, width = beam_run_width(run);
    for (uint32_t i = 0; i < run->n; i++) {
        over = fmax(over, run->above[i]);
        under = fmax(under, run->below[i]);
    }
    over = (RULE_BEAM / 2 + over * RULE_BEAM_STEP) * run->scale;
    under = (RULE_BEAM / 2 + under * RULE_BEAM_STEP) * run->scale;
    double n = fmin(fmax(ceil(width / SLICE), 1), SLICES_MAX);
    for (int i = 0; i < (int)n; i++) {
        double left = run->x0 + width * i / n, right = run->x0 + width * (i + 1) / n;
        double y1 = beam_run_y(run, left), y2 = beam_run_y(run, right);
        struct ink_box box = {left, fmin(y1, y2) - over, right, fmax(y1, y2) + under};
        struct ink_box of_upper = {left, box.top - upper->y, right, box.bottom - upper->y};
        struct ink_box of_lower = {left, box.top - lower->y, right, box.bottom - lower->y};
        (void)skyline_add(vertical->arena, &upper->crossed_below, &of_upper);
        (void)skyline_add(vertical->arena, &lower->crossed_above, &of_lower);
    }
}

/* A beam on one side of all is ink of its staff like any other. The stems that come from other
 * staves are only marked: signs at them go to the other side. */
static void reserve_beside(struct vertical *vertical, const struct placed_system *placed,
                           const struct cross_beam *cross, const struct beam_run *run) {
    struct placed_staff *home = &placed->staves[cross->home];
    for (size_t i = cross->first_ink; i < cross->end_ink; i++) {
        (void)skyline_add(vertical->arena, &home->above, &home->ink.items[i].box);
        (void)skyline_add(vertical->arena, &home->below, &home->ink.items[i].box);
    }
    for (uint32_t i = 0; i < run->n; i++) {
        const struct placed_chord *chord = run->chords[i];
        struct placed_staff *staff = &placed->staves[chord->staff_i];
        double left = chord->stem_x - 0.3, right = chord->stem_x + 0.3;
        struct ink_box mark = {left, -0.5, right, staff->height + 0.5};
        if (staff == home) {
            mark = (struct ink_box){left, chord->stem_tip, right, chord->stem_tip};
            (void)skyline_add(vertical->arena, &home->above, &mark);
            (void)skyline_add(vertical->arena, &home->below, &mark);
            continue;
        }
        (void)skyline_add(vertical->arena,
                          cross->direction > 0 ? &staff->crossed_above : &staff->crossed_below,
                          &mark);
    }
}

static void emit_beam(struct vertical *vertical, const struct placed_system *placed,
                      struct cross_beam *cross, struct beam_run *run) {
    struct placed_staff *home = &placed->staves[cross->home];
    cross->stems = arena_array(vertical->arena, run->n, sizeof *cross->stems);
    cross->n_stems = cross->stems != NULL ? run->n : 0;
    for (uint32_t i = 0; i < cross->n_stems; i++) {
        if (!emit_stem(vertical, placed, run, i, &cross->stems[i])) {
            cross->n_stems = i;
        }
    }
    cross->home_y = run->y0 - home->y;
    cross->first_ink = home->ink.n_items;
    run->y0 -= home->y;
    (void)beam_run_emit(run, vertical->arena, &home->ink);
    run->y0 += home->y;
    cross->end_ink = home->ink.n_items;
    if (cross->direction == 0) {
        reserve_between(vertical, &placed->staves[cross->upper], &placed->staves[cross->lower],
                        run);
    } else {
        reserve_beside(vertical, placed, cross, run);
    }
}

void cross_beams_plan(struct vertical *vertical, uint32_t system_i) {
    struct vertical_system *system = &vertical->systems[system_i];
    struct placed_system *placed = &vertical->placed->systems[system_i];
    struct beam_run run;
    if (!find_beams(vertical, system, placed) || system->n_cross_beams == 0) {
        return;
    }
    for (uint32_t i = 0; i < system->n_cross_beams; i++) {
        plan_distance(vertical, placed, &system->cross_beams[i]);
    }
    staves_place(vertical, system, placed);
    for (uint32_t i = 0; i < system->n_cross_beams; i++) {
        plan_line(vertical, placed, &system->cross_beams[i], &run);
        emit_beam(vertical, placed, &system->cross_beams[i], &run);
    }
}

/* -- when the staves have their places ------------------------------------------------- */

/* Again in the middle of what is free. Where signs of one staff lie in between, the beam stays
 * where they have kept clear of it. */
static double settled_y(const struct placed_system *placed, const struct cross_beam *cross,
                        const struct beam_run *run) {
    const struct placed_staff *upper = &placed->staves[cross->upper],
                              *lower = &placed->staves[cross->lower];
    double low = limit(upper, cross->upper, run, cross->slope, 1);
    double high = limit(lower, cross->lower, run, cross->slope, -1) + lower->y;
    if (low + upper->y <= high + 1e-9) {
        return (low + upper->y + high) / 2;
    }
    return low > cross->upper_y + 1e-9 ? cross->upper_y + upper->y : cross->lower_y + lower->y;
}

static void settle(const struct vertical *vertical, const struct placed_system *placed,
                   const struct cross_beam *cross) {
    struct beam_run run;
    struct placed_staff *home = &placed->staves[cross->home];
    fill_run(vertical, cross, &run);
    if (cross->direction == 0) {
        set_line(&run, settled_y(placed, cross, &run), cross->slope);
    } else {
        run.y0 = cross->home_y + home->y;
        run.slope = cross->slope;
    }
    for (uint32_t i = 0; i < cross->n_stems; i++) {
        struct placed_staff *staff = &placed->staves[run.chords[i]->staff_i];
        struct ink *stem = &staff->ink.items[cross->stems[i]];
        stem->y2 = beam_run_reach(&run, i) - staff->y;
        ink_measure(stem);
        run.chords[i]->stem_tip = beam_run_tip(&run, i) - staff->y;
    }
    for (size_t i = cross->first_ink; i < cross->end_ink; i++) {
        ink_move(&home->ink.items[i], 0, run.y0 - home->y - cross->home_y);
    }
}

void cross_beams_settle(struct vertical *vertical, uint32_t system_i) {
    const struct vertical_system *system = &vertical->systems[system_i];
    for (uint32_t i = 0; i < system->n_cross_beams; i++) {
        settle(vertical, &vertical->placed->systems[system_i], &system->cross_beams[i]);
    }
}
