/* Left ends of lines: clef and key again, a meter where it is new (gmn.md 10.12, 16.42),
 * and the signs between measures, as they look in the middle and at the end of a line. */
#include <math.h>

#include "common/err.h"
#include "renderer/notation/layout/horizontal.h"
#include "renderer/notation/music/signature_text.h"

void header_measure(const struct horizontal *h, const struct staff_state *states, uint32_t measure,
                    struct header *out) {
    const struct music *music = h->music;
    struct rational date = music->measures[measure].begin;
    double clef = 0, key = 0, meter = 0;
    for (size_t i = 0; i < music->n_staves; i++) {
        double space = music->staves[i].space;
        const struct staff_state *state = &states[i];
        if (state->clef != NULL && !state->clef->is_hidden) {
            clef =
                fmax(clef, clef_width(&state->clef->clef, false) * space * state->clef->look.size);
        }
        if (state->key != NULL && !state->key->is_hidden) {
            key = fmax(key, key_width(&state->key->key, false) * space);
        }
        if (state->meter != NULL && !state->meter->is_hidden &&
            rational_compare(state->meter->date, date) == 0) {
            meter = fmax(meter, meter_width(&state->meter->meter) * space);
        }
    }
    double x = RULE_CLEF_LEFT;
    *out = (struct header){.clef_x = x, .to_note = clef > 0 ? RULE_CLEF_TO_NOTE : RULE_CLEF_LEFT};
    x += clef;
    if (key > 0) {
        out->key_x = x + (clef > 0 ? RULE_CLEF_TO_KEY : 0);
        x = out->key_x + key;
        out->to_note = RULE_SIGN_TO_NOTE;
    }
    if (meter > 0) {
        out->meter_x = x + (key > 0 ? RULE_KEY_TO_METER : clef > 0 ? RULE_CLEF_TO_METER : 0);
        out->meter_width = meter;
        x = out->meter_x + meter;
        out->to_note = RULE_SIGN_TO_NOTE;
    }
    double bar = 0;
    for (size_t low = 0, high = music->n_bars; low < high;) { /* the first bar of this date */
        size_t middle = (low + high) / 2;
        if (rational_compare(music->bars[middle].date, date) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
        if (low == high) {
            for (; low < music->n_bars && rational_compare(music->bars[low].date, date) == 0;
                 low++) {
                bar = fmax(bar, bar_width(bar_at_line_start(bar_seen(&music->bars[low]))));
            }
            break;
        }
    }
    if (bar > 0) {
        out->has_bar = true;
        out->bar_x = x + (x > RULE_CLEF_LEFT ? RULE_BAR_TO_SIGN : -RULE_CLEF_LEFT);
        x = out->bar_x + bar;
        out->to_note = RULE_BAR_TO_NOTE;
    }
    out->limit = x;
}

int headers_measure(struct horizontal *h) {
    const struct music *music = h->music;
    h->headers = arena_array(h->arena, music->n_measures + 1, sizeof *h->headers);
    struct staff_state *states = arena_array(h->arena, music->n_staves + 1, sizeof *states);
    if (h->headers == NULL || states == NULL) {
        return LG_ETOOLARGE;
    }
    size_t next_mark = 0;
    for (uint32_t m = 0; m < music->n_measures; m++) {
        staff_states_advance(h, states, &next_mark, music->measures[m].begin);
        header_measure(h, states, m, &h->headers[m]);
    }
    return 0;
}

/* The key as it stands under the clef that is now in force: it may have been written
 * under another. */
static bool header_key_emit(struct horizontal *h, struct placed_staff *staff,
                            const struct staff_state *state, double x) {
    if (state->key == NULL || state->clef == NULL) {
        return key_emit(h, staff, state->key, x, false);
    }
    struct music_mark mark = *state->key;
    mark.key = signature_read_key(mark.tag, &state->clef->clef);
    signature_transpose_key(&mark.key, state->key->key.written, &state->clef->clef);
    return key_emit(h, staff, &mark, x, false);
}

bool header_emit(struct horizontal *h, struct placed_system *system,
                 const struct staff_state *states, const struct header *header) {
    struct rational date = h->music->measures[system->first_measure].begin;
    bool is_done = true;
    for (uint32_t i = 0; i < system->n_staves; i++) {
        struct placed_staff *staff = &system->staves[i];
        const struct staff_state *state = &states[i];
        if (staff->is_hidden || staff_is_hidden(&h->music->staves[i], system->begin)) {
            continue;
        }
        is_done = clef_emit(h, staff, state->clef, header->clef_x, false) && is_done;
        is_done = header_key_emit(h, staff, state, header->key_x) && is_done;
        if (state->meter != NULL && rational_compare(state->meter->date, date) == 0) {
            is_done =
                meter_emit(h, staff, state->meter, header->meter_x, header->meter_width) && is_done;
        }
    }
    return is_done;
}

/* --- gutters --- */

static bool marks_emit(struct horizontal *h, struct placed_system *system,
                       const struct gutter *gutter, double x, bool ends_line) {
    double shift = ends_line ? gutter->end_right - gutter->right : 0; /* a shorter bar */
    bool is_done = true;
    for (uint32_t i = gutter->first_mark; i < gutter->end_mark; i++) {
        const struct music_mark *mark = &h->music->marks[i];
        if (mark->staff >= system->n_staves || mark->is_hidden) {
            continue;
        }
        struct placed_staff *staff = &system->staves[mark->staff];
        const struct music_staff *of = &h->music->staves[mark->staff];
        if (staff->is_hidden || staff_is_hidden(of, gutter->date)) {
            continue;
        }
        if (mark->kind == MUSIC_MARK_CLEF) {
            double width = clef_width(&mark->clef, true) * of->space;
            double at = x - width - (gutter->bar_width > 0 ? RULE_CLEF_TO_BAR : 0);
            is_done = clef_emit(h, staff, mark, at, true) && is_done;
        } else if (mark->kind == MUSIC_MARK_KEY) {
            is_done =
                key_emit(h, staff, mark, x + gutter->key_x + shift - (ends_line ? 0.5 : 0), true) &&
                is_done;
        } else if (mark->kind == MUSIC_MARK_METER) {
            double width = meter_width(&mark->meter) * of->space;
            is_done = meter_emit(h, staff, mark,
                                 x + gutter->meter_x + shift - (ends_line ? 0.5 : 0), width) &&
                      is_done;
        }
    }
    return is_done;
}

/* A bar line belongs to the measure before it. */
static bool is_hidden_before(const struct music_staff *staff, struct rational date) {
    for (uint32_t i = 0; i < staff->n_hidden; i++) {
        if (rational_compare(staff->hidden[i].begin, date) < 0 &&
            rational_compare(date, staff->hidden[i].end) <= 0) {
            return true;
        }
    }
    return false;
}

static bool bars_emit(struct horizontal *h, struct placed_system *system,
                      const struct gutter *gutter, double x, bool ends_line) {
    struct placed_bar bar = {.measure = gutter->is_boundary ? gutter->measure - 1 : NOTATION_NONE,
                             .left = x,
                             .date = gutter->date,
                             .right = x};
    enum music_bar_kind kind = gutter_bar_kind(h, gutter);
    kind = ends_line ? bar_at_line_end(kind) : kind;
    bool is_done = true;
    for (uint32_t i = gutter->first_bar; i < gutter->end_bar; i++) {
        const struct music_bar *of = &h->music->bars[i];
        if (of->is_hidden || of->staff >= system->n_staves) {
            continue;
        }
        struct placed_staff *staff = &system->staves[of->staff];
        if (!staff->is_hidden && !is_hidden_before(&h->music->staves[of->staff], gutter->date)) {
            is_done = bar_emit(h, staff, kind, x, &bar) && is_done;
        }
        bar.kind = kind;
        bar.right = fmax(bar.right, x + bar_width(kind));
    }
    if (gutter->is_boundary || bar.right > bar.left) {
        system->bars[system->n_bars++] = bar;
    }
    return is_done;
}

bool gutters_emit(struct horizontal *h, struct placed_system *system, uint32_t first_slot,
                  uint32_t end_slot) {
    bool is_done = true;
    for (uint32_t i = first_slot; i < end_slot; i++) {
        const struct slot *slot = &h->slots[i];
        if (slot->kind != SLOT_GUTTER) {
            continue;
        }
        const struct gutter *gutter = &h->gutters[slot->gutter];
        bool ends_line = i + 1 == end_slot;
        if (ends_line && slot->measure == h->music->n_measures) {
            ends_line = gutter->bar_width > 0 && gutter->right > gutter->bar_width;
        }
        is_done = bars_emit(h, system, gutter, slot->x, ends_line) && is_done;
        is_done = marks_emit(h, system, gutter, slot->x, ends_line) && is_done;
    }
    return is_done;
}
