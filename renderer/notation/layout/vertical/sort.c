/* Chords, marks and spans to the systems and staves they stand on: linear passes. */
#include <math.h>
#include <string.h>

#include "renderer/notation/layout/vertical/vertical.h"

#define SETTINGS_MAX 256 /* of one score; more are not heard */

const struct placed_chord *vertical_find(const struct vertical *vertical, uint32_t chord) {
    if (chord == NOTATION_NONE || chord >= vertical->music->n_chords) {
        return NULL;
    }
    uint32_t place = vertical->placed->chord_place[chord];
    return place < vertical->placed->n_chords ? &vertical->placed->chords[place] : NULL;
}

const struct music_chord *vertical_music(const struct vertical *vertical,
                                         const struct placed_chord *placed) {
    return &vertical->music->chords[placed->chord];
}

bool vertical_is_cross_beamed(const struct vertical *vertical, const struct placed_chord *placed) {
    uint32_t beam = vertical_music(vertical, placed)->beam;
    return beam < vertical->music->n_beams && vertical->music->beams[beam].is_cross_staff;
}

double vertical_date_x(const struct placed_system *system, struct rational date) {
    uint32_t low = 0, high = system->n_columns;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (rational_compare(system->columns[middle].date, date) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low < system->n_columns) {
        return system->columns[low].x;
    }
    return system->n_bars > 0 ? system->bars[system->n_bars - 1].left : system->width;
}

double vertical_continue_x(const struct placed_system *system) {
    double x = system->music_x + 0.4;
    if (system->n_columns > 0) {
        x = fmin(x, system->columns[0].x - 1.2);
    }
    return fmax(x, 0);
}

double vertical_mark_x(const struct vertical_staff *at, const struct music_mark *mark) {
    const struct placed_chord *chord = vertical_find(at->vertical, mark->chord);
    if (chord != NULL && chord->system == at->system_i) {
        return chord->x;
    }
    return vertical_date_x(at->system, mark->date);
}

double vertical_mark_center(const struct vertical_staff *at, const struct music_mark *mark) {
    const struct placed_chord *chord = vertical_find(at->vertical, mark->chord);
    if (chord != NULL && chord->system == at->system_i) {
        return chord->center_x;
    }
    return vertical_date_x(at->system, mark->date) + 0.6;
}

/* The last system that begins at the date or before it. */
static uint32_t system_of(const struct vertical *vertical, struct rational date) {
    const struct placed_score *placed = vertical->placed;
    uint32_t low = 0, high = placed->n_systems;
    while (high - low > 1) {
        uint32_t middle = (low + high) / 2;
        if (rational_compare(placed->systems[middle].begin, date) <= 0) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

static struct vertical_staff *staff_at(struct vertical *vertical, uint32_t system_i,
                                       uint32_t staff_i) {
    if (system_i >= vertical->placed->n_systems ||
        staff_i >= vertical->placed->systems[system_i].n_staves) {
        return NULL;
    }
    return &vertical->systems[system_i].staves[staff_i];
}

static bool make_staves(struct vertical *vertical) {
    struct placed_score *placed = vertical->placed;
    for (uint32_t i = 0; i < placed->n_systems; i++) {
        struct placed_system *system = &placed->systems[i];
        struct vertical_staff *staves =
            arena_array(vertical->arena, system->n_staves, sizeof *staves);
        vertical->systems[i].staves = staves;
        if (staves == NULL) {
            return false;
        }
        for (uint32_t k = 0; k < system->n_staves; k++) {
            struct placed_staff *staff = &system->staves[k];
            staves[k] = (struct vertical_staff){.vertical = vertical,
                                                .system = system,
                                                .staff = staff,
                                                .system_i = i,
                                                .staff_i = k,
                                                .music = &vertical->music->staves[staff->staff],
                                                .space = staff->space > 0 ? staff->space : 1};
        }
    }
    return true;
}

static bool sort_chords(struct vertical *vertical) {
    struct placed_score *placed = vertical->placed;
    for (int pass = 0; pass < 2; pass++) { /* count, then fill */
        for (uint32_t i = 0; i < placed->n_chords; i++) {
            const struct placed_chord *chord = &placed->chords[i];
            struct vertical_staff *at = staff_at(vertical, chord->system, chord->staff_i);
            if (at != NULL && pass == 0) {
                at->n_chords++;
            } else if (at != NULL) {
                at->chords[at->n_chords++] = i;
            }
        }
        for (uint32_t i = 0; pass == 0 && i < placed->n_systems; i++) {
            for (uint32_t k = 0; k < placed->systems[i].n_staves; k++) {
                struct vertical_staff *at = &vertical->systems[i].staves[k];
                at->chords = arena_array(vertical->arena, at->n_chords + 1, sizeof *at->chords);
                if (at->chords == NULL) {
                    return false;
                }
                at->n_chords = 0;
            }
        }
    }
    return true;
}

/* Fine, D.C., D.S. and the leap to the coda close what they follow: the line before the break. */
static bool closes_line(const struct vertical *vertical, const struct music_mark *mark,
                        uint32_t system_i) {
    return mark->kind == MUSIC_MARK_JUMP && mark->tag != NULL && mark->tag->kind != TAG_CODA &&
           mark->tag->kind != TAG_SEGNO && system_i > 0 &&
           rational_compare(mark->date, vertical->placed->systems[system_i].begin) == 0;
}

static struct vertical_staff *staff_of_mark(struct vertical *vertical,
                                            const struct music_mark *mark) {
    const struct placed_chord *chord = vertical_find(vertical, mark->chord);
    uint32_t system_i = chord != NULL ? chord->system : system_of(vertical, mark->date);
    system_i -= closes_line(vertical, mark, system_i);
    return staff_at(vertical, system_i, mark->staff);
}

static bool is_signature(const struct music_mark *mark) {
    return mark->kind == MUSIC_MARK_CLEF || mark->kind == MUSIC_MARK_KEY ||
           mark->kind == MUSIC_MARK_METER;
}

static bool sort_marks(struct vertical *vertical) {
    const struct music *music = vertical->music;
    for (int pass = 0; pass < 2; pass++) {
        for (uint32_t i = 0; i < music->n_marks; i++) {
            const struct music_mark *mark = &music->marks[i];
            bool is_before =
                music->before != NULL && rational_compare(mark->date, music->before->date) < 0;
            struct vertical_staff *at = is_signature(mark) || mark->is_hidden || is_before
                                            ? NULL
                                            : staff_of_mark(vertical, mark);
            if (at != NULL && pass == 0) {
                at->n_marks++;
            } else if (at != NULL) {
                at->marks[at->n_marks++] = i;
            }
        }
        for (uint32_t i = 0; pass == 0 && i < vertical->placed->n_systems; i++) {
            for (uint32_t k = 0; k < vertical->placed->systems[i].n_staves; k++) {
                struct vertical_staff *at = &vertical->systems[i].staves[k];
                at->marks = arena_array(vertical->arena, at->n_marks + 1, sizeof *at->marks);
                if (at->marks == NULL) {
                    return false;
                }
                at->n_marks = 0;
            }
        }
    }
    return true;
}

/* Ends of a piece where no chord of its own stands: the system's. */
static void find_ends(const struct vertical *vertical, const struct vertical_staff *at,
                      struct vertical_piece *piece) {
    const struct music_span *span = piece->span;
    const struct placed_chord *first = vertical_find(vertical, span->first_chord);
    const struct placed_chord *last = vertical_find(vertical, span->last_chord);
    const struct placed_chord *chords = vertical->placed->chords;
    piece->first = piece->last = NOTATION_NONE;
    piece->left = vertical_continue_x(at->system);
    piece->right = at->system->width;
    if (piece->begins_here) {
        bool is_here = first != NULL && first->system == at->system_i;
        piece->first = is_here ? (uint32_t)(first - chords) : NOTATION_NONE;
        piece->left = is_here ? first->center_x : vertical_date_x(at->system, span->begin);
    }
    if (piece->ends_here) {
        bool is_here = last != NULL && last->system == at->system_i;
        piece->last = is_here ? (uint32_t)(last - chords) : NOTATION_NONE;
        piece->right = is_here ? last->center_x : vertical_date_x(at->system, span->end);
    }
}

/* Systems that a span touches. */
static void span_systems(const struct vertical *vertical, const struct music_span *span,
                         uint32_t *first_system, uint32_t *last_system) {
    const struct placed_chord *first = vertical_find(vertical, span->first_chord);
    const struct placed_chord *last = vertical_find(vertical, span->last_chord);
    *first_system = first != NULL ? first->system : system_of(vertical, span->begin);
    *last_system = last != NULL ? last->system : system_of(vertical, span->end);
    if (last == NULL && *last_system > *first_system &&
        rational_compare(vertical->placed->systems[*last_system].begin, span->end) == 0) {
        (*last_system)--; /* ends where that system begins */
    }
    if (*last_system < *first_system) {
        *last_system = *first_system;
    }
}

static bool sort_spans(struct vertical *vertical) {
    const struct music *music = vertical->music;
    for (int pass = 0; pass < 2; pass++) {
        for (uint32_t i = 0; i < music->n_spans; i++) {
            const struct music_span *span = &music->spans[i];
            uint32_t first, last;
            span_systems(vertical, span, &first, &last);
            for (uint32_t k = first; k <= last && k < vertical->placed->n_systems; k++) {
                struct vertical_staff *at = staff_at(vertical, k, span->staff);
                if (at != NULL && pass == 1) {
                    struct vertical_piece *piece = &at->pieces[at->n_pieces];
                    *piece = (struct vertical_piece){
                        .span = span, .begins_here = k == first, .ends_here = k == last};
                    find_ends(vertical, at, piece);
                }
                if (at != NULL) {
                    at->n_pieces++;
                }
            }
        }
        for (uint32_t i = 0; pass == 0 && i < vertical->placed->n_systems; i++) {
            for (uint32_t k = 0; k < vertical->placed->systems[i].n_staves; k++) {
                struct vertical_staff *at = &vertical->systems[i].staves[k];
                at->pieces = arena_array(vertical->arena, at->n_pieces + 1, sizeof *at->pieces);
                if (at->pieces == NULL) {
                    return false;
                }
                at->n_pieces = 0;
            }
        }
    }
    return true;
}

/* Where fingerings go from which event on; few, so that searching them is cheap. */
static bool collect_settings(struct vertical *vertical) {
    const struct notation *notation = vertical->music->notation;
    size_t capacity = 0;
    for (uint32_t v = 0;
         notation != NULL && vertical->music->fingering_position != NULL && v < notation->n_voices;
         v++) {
        const struct notation_voice *voice = &notation->voices[v];
        for (size_t i = 0; i < voice->n_tags; i++) {
            const char *text = voice->tags[i].kind == TAG_SET
                                   ? notation_tag_text(&voice->tags[i], "fingeringPos", NULL)
                                   : NULL;
            if (text == NULL || vertical->n_fingerings >= SETTINGS_MAX) {
                continue;
            }
            if (!arena_grow(vertical->arena, (void **)&vertical->fingerings, vertical->n_fingerings,
                            &capacity, sizeof *vertical->fingerings)) {
                return false;
            }
            vertical->fingerings[vertical->n_fingerings++] = (struct vertical_setting){
                v, voice->tags[i].first_event, strcmp(text, "below") == 0 ? 1 : -1};
        }
    }
    return true;
}

bool vertical_sort(struct vertical *vertical) {
    const struct placed_score *placed = vertical->placed;
    vertical->systems =
        arena_array(vertical->arena, placed->n_systems + 1, sizeof *vertical->systems);
    vertical->chords = arena_array(vertical->arena, placed->n_chords + 1, sizeof *vertical->chords);
    if (vertical->systems == NULL || vertical->chords == NULL || !make_staves(vertical)) {
        return false;
    }
    for (uint32_t i = 0; i < placed->n_chords; i++) {
        vertical->chords[i] =
            (struct vertical_chord){placed->chords[i].note_top, placed->chords[i].note_bottom};
    }
    return collect_settings(vertical) && sort_chords(vertical) && sort_marks(vertical) &&
           sort_spans(vertical);
}
