/* The systems and events of an engraving in page coordinates: what the maps are made of. */
#include "renderer/notation/layout/vertical/vertical.h"

#include <math.h>

#include "renderer/notation/engraving.h"

/* Page x of each measure's begin: bar lines, or columns where there is none. */
static void fill_measures(struct vertical *vertical, const struct placed_system *placed,
                          struct engraved_system *to) {
    uint32_t n = placed->end_measure - placed->first_measure, bar = 0, column = 0;
    double *left = arena_array(vertical->arena, (size_t)n + 1, sizeof *left);
    to->measure_left = left;
    for (uint32_t i = 0; left != NULL && i < n; i++) {
        uint32_t measure = placed->first_measure + i;
        struct rational begin = vertical->music->measures[measure].begin;
        left[i] = i > 0 ? left[i - 1] : to->music_left;
        while (bar < placed->n_bars && (placed->bars[bar].measure == NOTATION_NONE ||
                                        placed->bars[bar].measure + 1 < measure)) {
            bar++;
        }
        while (column < placed->n_columns &&
               rational_compare(placed->columns[column].date, begin) < 0) {
            column++;
        }
        if (i > 0 && bar < placed->n_bars && placed->bars[bar].measure + 1 == measure) {
            left[i] = to->left + placed->bars[bar].left;
        } else if (i > 0 && column < placed->n_columns) {
            left[i] = to->left + placed->columns[column].x;
        }
    }
}

static void fill_system(struct vertical *vertical, uint32_t system_i, struct engraving *out) {
    const struct placed_system *placed = &vertical->placed->systems[system_i];
    const struct vertical_system *system = &vertical->systems[system_i];
    double x = out->pages[system->page].margin_left + placed->indent;
    struct engraved_system *to = &out->systems[system_i];
    *to = (struct engraved_system){
        .page = system->page,
        .first_measure = placed->first_measure,
        .end_measure = placed->end_measure,
        .begin = placed->begin,
        .end = placed->end,
        .left = x,
        .right = x + placed->width,
        .music_left = x + (placed->n_columns > 0 ? placed->columns[0].x : placed->music_x),
        .top = system->y + system->top,
        .bottom = system->y + system->bottom,
        .n_staves = placed->n_staves};
    fill_measures(vertical, placed, to);
    to->staves = arena_array(vertical->arena, placed->n_staves + 1, sizeof *to->staves);
    for (uint32_t k = 0; to->staves != NULL && k < placed->n_staves; k++) {
        const struct placed_staff *staff = &placed->staves[k];
        double half = vertical->music->staves[staff->staff].line_thickness * staff->space / 2;
        to->staves[k] = (struct engraved_staff){staff->staff, system->y + staff->y - half,
                                                system->y + staff->y + staff->height + half};
    }
}

/* Left edge for the maps: of the heads; a rest begins at the bar line before it (gmn.md 13, 4). */
static double left_of(const struct vertical *vertical, const struct placed_chord *placed,
                      const struct music_chord *chord) {
    const struct placed_system *system = &vertical->placed->systems[placed->system];
    if (chord->kind != MUSIC_REST) {
        return placed->x;
    }
    const struct music_measure *measure = chord->measure < vertical->music->n_measures
                                              ? &vertical->music->measures[chord->measure]
                                              : NULL;
    if (measure == NULL || rational_compare(measure->begin, chord->date) != 0) {
        return placed->x;
    }
    for (uint32_t i = 0; i < system->n_bars; i++) {
        if (rational_compare(system->bars[i].date, chord->date) == 0 &&
            system->bars[i].measure != NOTATION_NONE && system->bars[i].right <= placed->x) {
            return system->bars[i].left;
        }
    }
    return system->n_columns > 0 ? fmin(placed->x, system->columns[0].x) : placed->x;
}

static void fill_event(struct vertical *vertical, const struct placed_chord *placed,
                       struct engraving *out) {
    const struct music_chord *chord = vertical_music(vertical, placed);
    const struct vertical_system *system = &vertical->systems[placed->system];
    const struct placed_system *at = &vertical->placed->systems[placed->system];
    double x = out->systems[placed->system].left, y = system->y + at->staves[placed->staff_i].y;
    struct engraved_event *event = &out->events[out->n_events++];
    bool has_heads = chord->kind == MUSIC_CHORD && placed->heads != NULL && chord->n_heads > 0;
    *event = (struct engraved_event){.chord = placed->chord,
                                     .system = placed->system,
                                     .staff_i = placed->staff_i,
                                     .begin = chord->date,
                                     .end = chord->date,
                                     .left = x + left_of(vertical, placed, chord),
                                     .n_heads = has_heads ? chord->n_heads : 1};
    (void)rational_add(chord->date, chord->duration, &event->end);
    event->heads = arena_array(vertical->arena, event->n_heads, sizeof *event->heads);
    for (uint32_t i = 0; event->heads != NULL && i < event->n_heads; i++) {
        struct ink_box box = {placed->x, placed->note_top, fmax(placed->right, placed->x),
                              placed->note_bottom};
        box = has_heads ? placed->heads[i] : box;
        event->heads[i] =
            (struct ink_box){box.left + x, box.top + y, box.right + x, box.bottom + y};
    }
    for (uint32_t i = 0; chord->kind == MUSIC_CHORD && !chord->is_hidden && i < chord->n_heads;
         i++) {
        out->n_heads_drawn += chord->heads[i].style != MUSIC_HEAD_NONE;
    }
}

void events_layout(struct vertical *vertical, struct engraving *out) {
    const struct placed_score *placed = vertical->placed;
    out->systems = arena_array(vertical->arena, placed->n_systems + 1, sizeof *out->systems);
    out->events = arena_array(vertical->arena, placed->n_chords + 1, sizeof *out->events);
    if (out->systems == NULL || out->events == NULL || out->n_pages == 0) {
        return;
    }
    out->n_systems = placed->n_systems;
    for (uint32_t i = 0; i < placed->n_systems; i++) {
        fill_system(vertical, i, out);
    }
    for (uint32_t i = 0; i < placed->n_chords; i++) {
        const struct placed_chord *chord = &placed->chords[i];
        const struct music_chord *music = vertical_music(vertical, chord);
        if (music->kind == MUSIC_SPACER || chord->system >= placed->n_systems ||
            placed->systems[chord->system].staves[chord->staff_i].is_hidden) {
            continue;
        }
        fill_event(vertical, chord, out);
    }
}
