/* Each line at the force that fills it (gmn.md 11), then everything at its final place. */
#include <math.h>
#include <string.h>

#include "common/err.h"
#include "renderer/notation/layout/horizontal.h"

#define FORCE_MAX 64.0

static double end_at(struct horizontal *h, const struct placed_system *system, uint32_t first,
                     uint32_t end, double force, double *x) {
    const struct header *header = &h->headers[system->first_measure];
    return columns_place(h, first, end, header->limit, header->to_note, force, x);
}

/* Force at which the last slot stands at `target`: false position, the lesser end kept honest. */
static double force_for(struct horizontal *h, const struct placed_system *system, uint32_t first,
                        uint32_t end, double target, double *x) {
    double low = 0, low_x = end_at(h, system, first, end, 0, x);
    if (low_x >= target) {
        return 0;
    }
    double high = 1, high_x = end_at(h, system, first, end, 1, x);
    while (high_x < target && high < FORCE_MAX) {
        low = high;
        low_x = high_x;
        high *= 2;
        high_x = end_at(h, system, first, end, high, x);
    }
    for (int i = 0; i < 40 && high_x - low_x > 1e-7; i++) {
        double share = (target - low_x) / (high_x - low_x);
        double force = low + (high - low) * (i % 3 == 2 ? 0.5 : share);
        double at = end_at(h, system, first, end, force, x);
        if (fabs(at - target) < 1e-7) {
            return force;
        }
        if (at < target) {
            low = force;
            low_x = at;
        } else {
            high = force;
            high_x = at;
        }
    }
    return high;
}

static bool stretches(const struct music *music, bool is_first, bool is_last) {
    for (size_t i = 0; i < music->n_voices; i++) {
        if ((is_first && music->voices[i].auto_stretch_first_line) ||
            (is_last && music->voices[i].auto_stretch_last_line)) {
            return true;
        }
    }
    return false;
}

/* Places of the slots of one line; the system's width. */
static void line_solve(struct horizontal *h, struct placed_system *system, uint32_t first,
                       uint32_t end, bool is_only, double *x) {
    const struct gutter *last = &h->gutters[h->slots[end - 1].gutter];
    bool is_first = system->first_measure == 0 && h->music->before == NULL;
    double available = line_width_available(h, is_first);
    double natural = end_at(h, system, first, end, 1, x) + last->end_right;
    double force = 1;
    bool keeps_natural = is_only && !stretches(h->music, true, true) && natural <= available;
    if (!keeps_natural) {
        force = force_for(h, system, first, end, available - last->end_right, x);
        if (system->is_last && !is_only && !stretches(h->music, false, true)) {
            force = fmin(force, RULE_LAST_LINE_STRETCH);
        }
    }
    system->natural_width = natural;
    system->width = end_at(h, system, first, end, force, x) + last->end_right;
    if (fabs(system->width - available) < 1e-5) {
        system->width = available;
    }
    for (uint32_t i = first; i < end; i++) {
        h->slots[i].x = x[i];
    }
}

/* --- one system's content --- */

/* Does a measure of this staff end here? Bars of one staff alone count for it. */
static bool is_wall(const struct horizontal *h, const struct slot *slot, uint32_t staff) {
    if (slot->kind != SLOT_GUTTER) {
        return false;
    }
    const struct gutter *gutter = &h->gutters[slot->gutter];
    for (uint32_t i = gutter->first_bar; i < gutter->end_bar && !gutter->is_boundary; i++) {
        if (h->music->bars[i].staff == staff) {
            return true;
        }
    }
    return gutter->is_boundary;
}

/* A full-measure rest stands in the middle between the walls of its measure (16.23). */
static double centering(const struct horizontal *h, const struct placed_system *system,
                        uint32_t slot_i, const struct chord_plan *plan, uint32_t staff,
                        double limit) {
    double left = limit, right = system->width;
    for (uint32_t i = slot_i; i-- > 0 && h->slots[i].measure + 1 > system->first_measure;) {
        const struct slot *slot = &h->slots[i];
        if (is_wall(h, slot, staff)) {
            if (!h->gutters[slot->gutter].is_boundary || slot->measure > system->first_measure) {
                left = slot->x + h->gutters[slot->gutter].right;
            }
            break;
        }
    }
    for (uint32_t i = slot_i + 1; i < h->n_slots; i++) {
        const struct slot *slot = &h->slots[i];
        if (is_wall(h, slot, staff)) {
            right = slot->x - h->gutters[slot->gutter].clef_left;
            break;
        }
    }
    return (left + right) / 2 - (h->slots[slot_i].x + plan->dx + plan->head_width / 2);
}

static void boxes_default(const struct horizontal *h, struct placed_chord *placed,
                          const struct music_chord *chord, const struct chord_plan *plan) {
    const struct music_staff *staff = &h->music->staves[chord->staff];
    const struct head_plan *heads = &h->heads[h->first_head[placed->chord]];
    for (uint32_t i = 0; i < chord->n_heads; i++) {
        double left = placed->x + heads[i].dx, y = staff_y(staff, chord->heads[i].position);
        placed->heads[i] = (struct ink_box){left, y - 0.545 * plan->scale, left + heads[i].width,
                                            y + 0.545 * plan->scale};
    }
}

/* The chord's ink to its staff, moved to its place. */
static bool chord_place(struct horizontal *h, struct placed_system *system, uint32_t chord_i,
                        double limit, struct placed_chord *placed) {
    const struct music_chord *chord = &h->music->chords[chord_i];
    const struct chord_plan *plan = &h->chords[chord_i];
    struct placed_staff *staff = &system->staves[chord->staff];
    double x = h->slots[plan->slot].x;
    if (chord->kind == MUSIC_REST && chord->is_measure_rest) {
        x += centering(h, system, plan->slot, plan, chord->staff, limit);
    }
    *placed = (struct placed_chord){.chord = chord_i,
                                    .system = (uint32_t)(system - h->score->systems),
                                    .staff_i = chord->staff,
                                    .x = x + plan->dx,
                                    .left = x + plan->left,
                                    .right = x + plan->right,
                                    .stem = plan->stem,
                                    .center_x = x + plan->dx + plan->head_width / 2,
                                    .stem_x = x + plan->dx + plan->stem_dx,
                                    .stem_start = plan->stem_start,
                                    .stem_tip = plan->stem_tip};
    uint32_t n_boxes = chord->n_heads > 0 ? chord->n_heads : 1;
    placed->heads = arena_array(h->arena, n_boxes, sizeof *placed->heads);
    if (placed->heads == NULL) {
        return false;
    }
    double middle = staff_y(&h->music->staves[chord->staff], plan->rest_position);
    placed->heads[0] = (struct ink_box){placed->x, middle, placed->x + plan->head_width, middle};
    boxes_default(h, placed, chord, plan);
    size_t first_ink = staff->ink.n_items;
    h->ink = staff->ink;
    bool is_done = chord_emit(h, chord_i);
    staff->ink = h->ink;
    placed->first_ink = first_ink;
    placed->end_ink = staff->ink.n_items;
    bool has_rest = false;
    for (size_t i = first_ink; i < staff->ink.n_items; i++) {
        struct ink *ink = &staff->ink.items[i];
        ink_move(ink, x, 0);
        if ((ink->role == ROLE_HEAD || ink->role == ROLE_TAB) && ink->head < chord->n_heads) {
            placed->heads[ink->head] = ink->box;
        } else if (ink->role == ROLE_REST && chord->kind == MUSIC_REST) {
            placed->heads[0] = has_rest ? ink_box_join(placed->heads[0], ink->box) : ink->box;
            has_rest = true;
        }
    }
    struct ink_box all = ink_box_empty();
    for (uint32_t i = 0; i < n_boxes; i++) {
        all = ink_box_join(all, placed->heads[i]);
    }
    placed->note_top = all.top;
    placed->note_bottom = all.bottom;
    return is_done;
}

/* Room for the ink of each staff, so that lists rarely grow. */
static int inks_reserve(struct horizontal *h, struct placed_system *system, uint32_t first,
                        uint32_t end) {
    for (uint32_t i = 0; i < system->n_staves; i++) {
        system->staves[i].ink.capacity = (size_t)h->music->staves[i].n_lines + 12;
    }
    for (uint32_t i = first; i < end; i++) {
        const struct slot *slot = &h->slots[i];
        for (uint32_t k = slot->first_chord; k < slot->end_chord; k++) {
            const struct music_chord *chord = &h->music->chords[h->order[k]];
            system->staves[chord->staff].ink.capacity += chord->n_heads + (size_t)3;
        }
        if (slot->kind == SLOT_GUTTER) {
            const struct gutter *gutter = &h->gutters[slot->gutter];
            for (uint32_t k = gutter->first_bar; k < gutter->end_bar; k++) {
                system->staves[h->music->bars[k].staff].ink.capacity += 2;
            }
        }
    }
    for (uint32_t i = 0; i < system->n_staves; i++) {
        struct ink_list *list = &system->staves[i].ink;
        list->items = arena_array(h->arena, list->capacity, sizeof *list->items);
        if (list->items == NULL) {
            list->capacity = 0;
            return LG_ETOOLARGE;
        }
    }
    return 0;
}

static int systems_start(struct horizontal *h, struct placed_system *system, uint32_t first,
                         uint32_t end) {
    const struct music *music = h->music;
    system->n_staves = (uint32_t)music->n_staves;
    system->staves = arena_array(h->arena, system->n_staves + (size_t)1, sizeof *system->staves);
    system->columns = arena_array(h->arena, end - first + (size_t)1, sizeof *system->columns);
    system->bars = arena_array(h->arena, end - first + (size_t)2, sizeof *system->bars);
    if (system->staves == NULL || system->columns == NULL || system->bars == NULL) {
        return LG_ETOOLARGE;
    }
    for (uint32_t i = 0; i < system->n_staves; i++) {
        const struct music_staff *of = &music->staves[i];
        struct placed_staff *staff = &system->staves[i];
        *staff = (struct placed_staff){.staff = i, .space = of->space, .height = staff_height(of)};
        for (uint32_t k = 0; k < of->n_hidden; k++) {
            staff->is_hidden =
                staff->is_hidden || (rational_compare(of->hidden[k].begin, system->begin) <= 0 &&
                                     rational_compare(of->hidden[k].end, system->end) >= 0);
        }
    }
    for (uint32_t i = first; i < end; i++) {
        if (h->slots[i].kind == SLOT_NOTES && h->slots[i].has_events) {
            system->columns[system->n_columns++] =
                (struct placed_column){h->slots[i].date, h->slots[i].x};
        }
    }
    return 0;
}

/* A repeat that begins at the left of the line: on all staves, whichever of them says so. */
static bool start_bars_emit(struct horizontal *h, struct placed_system *system,
                            const struct header *header) {
    struct placed_bar bar = {.measure = NOTATION_NONE,
                             .left = header->bar_x,
                             .right = header->bar_x + bar_width(MUSIC_BAR_REPEAT_BEGIN),
                             .date = system->begin,
                             .kind = MUSIC_BAR_REPEAT_BEGIN};
    bool is_done = true;
    for (uint32_t i = 0; i < system->n_staves && header->has_bar; i++) {
        struct placed_staff *staff = &system->staves[i];
        if (!staff->is_hidden && !staff_is_hidden(&h->music->staves[i], system->begin)) {
            is_done = bar_emit(h, staff, MUSIC_BAR_REPEAT_BEGIN, header->bar_x, &bar) && is_done;
        }
    }
    if (header->has_bar) {
        system->bars[system->n_bars++] = bar;
    }
    return is_done;
}

static int line_fill(struct horizontal *h, struct placed_system *system, uint32_t first,
                     uint32_t end, const struct staff_state *states) {
    const struct header *header = &h->headers[system->first_measure];
    struct placed_score *score = h->score;
    int result = systems_start(h, system, first, end);
    result = result != 0 ? result : inks_reserve(h, system, first, end);
    if (result != 0) {
        return result;
    }
    bool is_done = header_emit(h, system, states, header) && start_bars_emit(h, system, header) &&
                   gutters_emit(h, system, first, end);
    for (uint32_t i = 0; i < system->n_staves; i++) {
        if (!h->music->staves[i].is_tab) {
            is_done = staff_lines_emit(h, system, &system->staves[i]) && is_done;
        }
    }
    system->first_chord = score->n_chords;
    for (uint32_t i = first; i < end && is_done; i++) {
        for (uint32_t k = h->slots[i].first_chord; k < h->slots[i].end_chord && is_done; k++) {
            score->chord_place[h->order[k]] = score->n_chords;
            is_done = chord_place(h, system, h->order[k], header->limit,
                                  &score->chords[score->n_chords++]);
        }
    }
    system->end_chord = score->n_chords;
    for (uint32_t i = 0; i < system->n_staves; i++) {
        if (h->music->staves[i].is_tab) {
            is_done = staff_lines_emit(h, system, &system->staves[i]) && is_done;
        }
    }
    return is_done ? beams_layout(h, system) : LG_ETOOLARGE;
}

int lines_place(struct horizontal *h, const uint32_t *ends, uint32_t n_lines) {
    const struct music *music = h->music;
    struct placed_score *score = h->score;
    score->systems = arena_array(h->arena, (size_t)n_lines + 1, sizeof *score->systems);
    struct staff_state *states = arena_array(h->arena, music->n_staves + 1, sizeof *states);
    if (score->systems == NULL || states == NULL) {
        return LG_ETOOLARGE;
    }
    size_t next_mark = 0;
    uint32_t from = 0;
    for (uint32_t i = 0; i < n_lines; i++) {
        struct placed_system *system = &score->systems[score->n_systems++];
        *system = (struct placed_system){
            .first_measure = from,
            .end_measure = ends[i],
            .begin = music->measures[from].begin,
            .end = music->measures[ends[i] - 1].end,
            .indent = line_indent(h, i == 0 && music->before == NULL),
            .is_last = i + 1 == n_lines,
            .starts_page = i > 0 ? music->measures[from - 1].breaks_page_after
                                 : music->before != NULL && music->before->breaks_page,
        };
        uint32_t first = h->boundary_slot[from] == NOTATION_NONE ? 0 : h->boundary_slot[from] + 1;
        uint32_t end = h->boundary_slot[ends[i]] + 1;
        line_solve(h, system, first, end, n_lines == 1 && music->before == NULL, h->natural_x);
        system->music_x = h->headers[from].limit;
        staff_states_advance(h, states, &next_mark, system->begin);
        int result = line_fill(h, system, first, end, states);
        if (result != 0) {
            return result;
        }
        from = ends[i];
    }
    return 0;
}
