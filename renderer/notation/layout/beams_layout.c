/* Beams of one staff (gmn.md 16.13 to 16.19): final stems, the beams, a flag for a member that is
 * alone on its line. Groups over several staves wait for the staves' distance
 * (vertical/cross_beams.c); one over a line end is drawn line by line. */
#include "common/err.h"
#include "renderer/notation/layout/beam_run.h"
#include "renderer/notation/layout/horizontal.h"

static bool stems_emit(struct horizontal *h, const struct beam_run *run, struct ink_list *list) {
    bool is_done = true;
    for (uint32_t i = 0; i < run->n; i++) {
        struct placed_chord *placed = run->chords[i];
        const struct music_chord *chord = &h->music->chords[placed->chord];
        placed->stem_tip = beam_run_tip(run, i);
        struct ink ink =
            ink_line(ROLE_STEM, placed->stem_x, placed->stem_start, placed->stem_x,
                     beam_run_reach(run, i), RULE_STEM * run->scale, chord->look.color);
        ink.chord = placed->chord;
        is_done = ink_list_add(h->arena, list, &ink) &&
                  beam_run_tremolo(run, i, placed->stem_start, placed->stem_tip, h->arena, list) &&
                  is_done;
    }
    return is_done;
}

/* A beam of one chord on this staff or line: its flag. */
static bool single_emit(struct horizontal *h, struct placed_staff *staff,
                        const struct placed_chord *placed) {
    const struct chord_plan *plan = &h->chords[placed->chord];
    size_t first = staff->ink.n_items;
    double x = h->slots[plan->slot].x;
    h->ink = staff->ink;
    bool is_done = stem_emit(h, placed->chord);
    staff->ink = h->ink;
    for (size_t i = first; i < staff->ink.n_items; i++) {
        ink_move(&staff->ink.items[i], x, 0);
    }
    return is_done;
}

static bool run_layout(struct horizontal *h, struct placed_staff *staff, struct beam_run *run) {
    if (run->n == 0) {
        return true;
    }
    if (run->n == 1) {
        return single_emit(h, staff, run->chords[0]);
    }
    beam_run_finish(run);
    beam_run_place(run, &h->music->staves[staff->staff]);
    return stems_emit(h, run, &staff->ink) && beam_run_emit(run, h->arena, &staff->ink);
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

/* Members [first, end[, all on one staff. */
static bool beam_layout(struct horizontal *h, const struct placed_system *system,
                        const struct music_beam *beam, uint32_t first, uint32_t end) {
    const struct music_chord *chord = &h->music->chords[beam->members[first].chord];
    struct placed_staff *staff = NULL;
    struct beam_run run;
    bool is_done = true;
    int direction = 0;
    beam_run_begin(&run, h->music, beam);
    for (uint32_t i = first; i < end; i++) {
        uint32_t chord_i = beam->members[i].chord;
        struct placed_chord *placed = &h->score->chords[h->score->chord_place[chord_i]];
        chord = &h->music->chords[chord_i];
        if (!chord_is_shown(h, chord) || placed->stem == 0) {
            continue;
        }
        if (run.n == BEAM_RUN_MAX) {
            is_done = run_layout(h, staff, &run) && is_done;
            beam_run_begin(&run, h->music, beam);
        }
        if (run.n == 0) {
            direction = placed->stem;
            staff = &system->staves[chord->staff];
        }
        turn_stem(h, placed, direction);
        beam_run_add(&run, h->score, &beam->members[i]);
    }
    return run_layout(h, staff, &run) && is_done;
}

int beams_layout(struct horizontal *h, const struct placed_system *system) {
    bool is_done = true;
    for (uint32_t i = system->first_chord; i < system->end_chord && is_done; i++) {
        uint32_t chord_i = h->score->chords[i].chord, beam_i = h->music->chords[chord_i].beam;
        uint32_t first, end; /* of the beam's members in this system */
        if (beam_i >= h->music->n_beams) {
            continue;
        }
        const struct music_beam *beam = &h->music->beams[beam_i];
        beam_members_in(h->music, beam, system->first_measure, system->end_measure, &first, &end);
        if (beam->members[first].chord == chord_i &&
            !beam_spans_staves(h->music, beam, first, end)) {
            is_done = beam_layout(h, system, beam, first, end);
        }
    }
    return is_done ? 0 : LG_ETOOLARGE;
}
