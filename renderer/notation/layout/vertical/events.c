/* The systems and events of an engraving: what the maps are made of. First each system's own, from
 * the left end of its staff lines and the top lines of its staves; then, when the pages are known,
 * all of them in page coordinates. */
#include "renderer/notation/layout/vertical/vertical.h"

#include <math.h>

#include "renderer/notation/engraving.h"

/* x of each measure's begin: bar lines, or columns where there is none. */
static void collect_measures(struct vertical *vertical, const struct placed_system *placed,
                             struct vertical_facts *facts) {
    const struct music *music = vertical->music;
    uint32_t n = placed->end_measure - placed->first_measure, bar = 0, column = 0;
    facts->measures = arena_array(vertical->arena, (size_t)n + 1, sizeof *facts->measures);
    facts->music_left = placed->n_columns > 0 ? placed->columns[0].x : placed->music_x;
    double left = facts->music_left;
    for (uint32_t i = 0; facts->measures != NULL && i < n; i++) {
        uint32_t measure = placed->first_measure + i;
        struct rational begin = music->measures[measure].begin;
        while (bar < placed->n_bars && (placed->bars[bar].measure == NOTATION_NONE ||
                                        placed->bars[bar].measure + 1 < measure)) {
            bar++;
        }
        while (column < placed->n_columns &&
               rational_compare(placed->columns[column].date, begin) < 0) {
            column++;
        }
        if (i > 0 && bar < placed->n_bars && placed->bars[bar].measure + 1 == measure) {
            left = placed->bars[bar].left;
        } else if (i > 0 && column < placed->n_columns) {
            left = placed->columns[column].x;
        }
        facts->measures[i] = (struct engraved_measure){begin, music->measures[measure].end, left};
        facts->n_measures++;
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

static void collect_heads(struct vertical *vertical, const struct placed_chord *placed,
                          bool has_heads, struct engraved_event *event) {
    event->heads = arena_array(vertical->arena, event->n_heads, sizeof *event->heads);
    for (uint32_t i = 0; event->heads != NULL && i < event->n_heads; i++) {
        event->heads[i] =
            has_heads ? placed->heads[i]
                      : (struct ink_box){placed->x, placed->note_top,
                                         fmax(placed->right, placed->x), placed->note_bottom};
    }
}

static void collect_event(struct vertical *vertical, const struct placed_chord *placed,
                          struct vertical_facts *facts) {
    const struct music_chord *chord = vertical_music(vertical, placed);
    const struct notation *notation = vertical->music->notation;
    struct engraved_event *event = &facts->events[facts->n_events++];
    bool has_heads = chord->kind == MUSIC_CHORD && placed->heads != NULL && chord->n_heads > 0;
    *event = (struct engraved_event){
        .staff = placed->staff_i,
        .voice = chord->voice,
        .is_head = chord->kind == MUSIC_CHORD,
        .begin = chord->date,
        .end = chord->date,
        .left = left_of(vertical, placed, chord),
        .n_heads = has_heads ? chord->n_heads : 1,
    };
    (void)rational_add(chord->date, chord->duration, &event->end);
    event->written_end = event->end;
    event->is_slicing = !chord->is_grace && rational_compare(event->begin, event->end) < 0;
    if (chord->is_grace && chord->event != NOTATION_NONE && notation != NULL) {
        const struct notation_voice *voice = &notation->voices[chord->voice];
        (void)rational_add(event->begin, voice->events[chord->event].written, &event->written_end);
    }
    collect_heads(vertical, placed, has_heads, event);
    for (uint32_t i = 0; chord->kind == MUSIC_CHORD && !chord->is_hidden && i < chord->n_heads;
         i++) {
        facts->n_heads_drawn += chord->heads[i].style != MUSIC_HEAD_NONE;
    }
}

static void collect_date(const struct music_chord *chord, struct vertical_facts *facts) {
    bool sounds = chord->kind != MUSIC_SPACER && !chord->is_grace && chord->duration.num > 0;
    if (sounds && (facts->n_dates == 0 ||
                   rational_compare(facts->dates[facts->n_dates - 1], chord->date) != 0)) {
        facts->dates[facts->n_dates++] = chord->date;
    }
}

/* Room for all chords of each system. false: arena full. */
static bool reserve(struct vertical *vertical) {
    const struct placed_score *placed = vertical->placed;
    for (uint32_t i = 0; i < placed->n_chords; i++) {
        if (placed->chords[i].system < placed->n_systems) {
            vertical->systems[placed->chords[i].system].facts.n_events++;
        }
    }
    for (uint32_t i = 0; i < placed->n_systems; i++) {
        struct vertical_facts *facts = &vertical->systems[i].facts;
        facts->events = arena_array(vertical->arena, facts->n_events + 1, sizeof *facts->events);
        facts->dates = arena_array(vertical->arena, facts->n_events + 1, sizeof *facts->dates);
        facts->n_events = 0;
        if (facts->events == NULL || facts->dates == NULL) {
            return false;
        }
    }
    return true;
}

void facts_collect(struct vertical *vertical) {
    const struct placed_score *placed = vertical->placed;
    if (!reserve(vertical)) {
        return;
    }
    for (uint32_t i = 0; i < placed->n_systems; i++) {
        collect_measures(vertical, &placed->systems[i], &vertical->systems[i].facts);
    }
    for (uint32_t i = 0; i < placed->n_chords; i++) {
        const struct placed_chord *chord = &placed->chords[i];
        const struct music_chord *music = vertical_music(vertical, chord);
        if (chord->system >= placed->n_systems) {
            continue;
        }
        collect_date(music, &vertical->systems[chord->system].facts);
        if (music->kind != MUSIC_SPACER &&
            !placed->systems[chord->system].staves[chord->staff_i].is_hidden) {
            collect_event(vertical, chord, &vertical->systems[chord->system].facts);
        }
    }
}

/* -- into page coordinates ---------------------------------------------------------- */

static void place_staves(struct vertical *vertical, const struct placed_system *placed, double y,
                         struct engraved_system *to) {
    to->staves = arena_array(vertical->arena, placed->n_staves + 1, sizeof *to->staves);
    for (uint32_t k = 0; to->staves != NULL && k < placed->n_staves; k++) {
        const struct placed_staff *staff = &placed->staves[k];
        double half = vertical->music->staves[staff->staff].line_thickness * staff->space / 2;
        to->staves[k] = (struct engraved_staff){staff->staff, y + staff->y - half,
                                                y + staff->y + staff->height + half};
    }
}

static void place_events(struct vertical *vertical, const struct placed_system *placed,
                         const struct vertical_facts *facts, double system_y,
                         struct engraved_system *to) {
    to->events = arena_array(vertical->arena, facts->n_events + 1, sizeof *to->events);
    for (uint32_t i = 0; to->events != NULL && i < facts->n_events; i++) {
        struct engraved_event *event = &to->events[to->n_events++];
        double y = system_y + placed->staves[facts->events[i].staff].y;
        *event = facts->events[i];
        event->left = to->left + event->left;
        event->heads = arena_array(vertical->arena, event->n_heads, sizeof *event->heads);
        for (uint32_t k = 0; event->heads != NULL && k < event->n_heads; k++) {
            const struct ink_box *box = &facts->events[i].heads[k];
            event->heads[k] = (struct ink_box){box->left + to->left, box->top + y,
                                               box->right + to->left, box->bottom + y};
        }
    }
}

static void place_measures(struct vertical *vertical, const struct vertical_facts *facts,
                           struct engraved_system *to) {
    to->measures = arena_array(vertical->arena, facts->n_measures + 1, sizeof *to->measures);
    for (uint32_t i = 0; to->measures != NULL && i < facts->n_measures; i++) {
        to->measures[i] = facts->measures[i];
        to->measures[i].left = to->left + facts->measures[i].left;
        to->n_measures++;
    }
}

static void place_system(struct vertical *vertical, uint32_t system_i,
                         const struct engraved_page *page, struct engraved_system *to) {
    const struct placed_system *placed = &vertical->placed->systems[system_i];
    const struct vertical_system *system = &vertical->systems[system_i];
    const struct vertical_facts *facts = &system->facts;
    double x = page->margin_left + placed->indent;
    *to = (struct engraved_system){.page = system->page,
                                   .begin = placed->begin,
                                   .end = placed->end,
                                   .left = x,
                                   .right = x + placed->width,
                                   .music_left = x + facts->music_left,
                                   .top = system->y + system->top,
                                   .bottom = system->y + system->bottom,
                                   .n_staves = placed->n_staves,
                                   .n_heads_drawn = facts->n_heads_drawn,
                                   .dates = facts->dates,
                                   .n_dates = facts->n_dates};
    place_staves(vertical, placed, system->y, to);
    place_measures(vertical, facts, to);
    place_events(vertical, placed, facts, system->y, to);
}

void events_layout(struct vertical *vertical, const struct engraved_page *pages,
                   struct engraved_system *systems) {
    for (uint32_t i = 0; i < vertical->placed->n_systems; i++) {
        place_system(vertical, i, &pages[vertical->systems[i].page], &systems[i]);
    }
}
