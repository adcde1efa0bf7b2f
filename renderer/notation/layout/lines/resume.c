/* From which measure on a later layout of more music may start: one that begins a settled line. */
#include <string.h>

#include "renderer/notation/layout/horizontal.h"

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

/* Settled lines between the begin and the lines that are still open. */
static bool keep_ends(const struct horizontal *h, uint32_t begin, uint32_t n_settled) {
    struct layout_next *next = h->options->next;
    struct layout_before *before = &next->before;
    before->ends = arena_array(next->arena, (size_t)n_settled + 1, sizeof *before->ends);
    before->n_ends = 0;
    for (uint32_t i = 0; before->ends != NULL && i < n_settled; i++) {
        if (h->ends[i] > begin) {
            before->ends[before->n_ends++] = h->ends[i] - begin;
        }
    }
    return before->ends != NULL;
}

bool next_find(struct horizontal *h) {
    struct layout_next *next = h->options->next;
    const struct layout_before *before = h->music->before != NULL ? h->options->before : NULL;
    uint32_t n_settled = before != NULL ? before->n_ends : 0, measure = 0;
    next->measure = 0;
    for (size_t i = 0; i < h->n_settled && h->settled[i].reach <= next->n_final; i++) {
        n_settled = h->settled[i].n_lines;
    }
    for (uint32_t i = n_settled; i > 0 && measure == 0; i--) {
        uint32_t end = h->ends[i - 1];
        measure = end <= next->n_final && next->is_clean[end] ? end : 0;
    }
    if (measure == 0) {
        return true;
    }
    next->measure = measure;
    return keep_ends(h, measure, n_settled) &&
           state_at(h, before != NULL ? &before->natural : NULL, 1, measure,
                    &next->before.natural) &&
           state_at(h, before != NULL ? &before->least : NULL, 0, measure, &next->before.least);
}
