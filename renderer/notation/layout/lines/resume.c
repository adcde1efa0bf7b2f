/* From which measure on a later layout of more music may start: one that begins a line which is
 * unlikely to move again. */
#include <string.h>

#include "renderer/notation/layout/horizontal.h"

#define LINES_BEHIND 8 /* known behind the place where a later layout starts */

static bool state_at(struct horizontal *h, const struct columns_state *before, double force,
                     uint32_t measure, struct columns_state *out) {
    struct columns_state state = {.frontier = h->frontier};
    const struct header *header = &h->headers[0];
    columns_begin(h, header->limit, header->to_note, &state);
    if (before != NULL) {
        state = *before;
        state.frontier = h->frontier;
        memcpy(h->frontier, before->frontier, h->n_layers * sizeof *h->frontier);
    }
    columns_go_on(h, &state, 0, h->boundary_slot[measure] + 1, (uint32_t)h->n_slots, force, NULL);
    return columns_state_copy(h->options->next->arena, &state, h->n_layers, out);
}

bool next_find(struct horizontal *h) {
    struct layout_next *next = h->options->next;
    const struct layout_before *before = h->music->before != NULL ? h->options->before : NULL;
    uint32_t n_known = 0, measure = 0;
    next->measure = 0;
    while (n_known < h->n_ends && h->ends[n_known] <= next->n_final) {
        n_known++;
    }
    for (uint32_t i = n_known; i > LINES_BEHIND && measure == 0; i--) {
        uint32_t end = h->ends[i - 1 - LINES_BEHIND];
        measure = next->is_clean[end] ? end : 0;
    }
    next->measure = measure;
    return measure == 0 ||
           (ways_keep(h, measure, &next->before) &&
            state_at(h, before != NULL ? &before->natural : NULL, 1, measure,
                     &next->before.natural) &&
            state_at(h, before != NULL ? &before->least : NULL, 0, measure, &next->before.least));
}
