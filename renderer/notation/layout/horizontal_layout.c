/* The horizontal half of the layout: columns with their notes, natural and least places on one
 * endless line, lines, everything at its place. Heights between staves are vertical.c. */
#include <stdio.h>
#include <string.h>

#include "common/err.h"
#include "renderer/notation/layout/horizontal.h"

static int plans_make(struct horizontal *h) {
    const struct music *music = h->music;
    h->chords = arena_array(h->arena, music->n_chords + 1, sizeof *h->chords);
    h->first_head = arena_array(h->arena, music->n_chords + 1, sizeof *h->first_head);
    if (h->chords == NULL || h->first_head == NULL) {
        return LG_ETOOLARGE;
    }
    uint32_t n_heads = 0;
    for (size_t i = 0; i < music->n_chords; i++) {
        h->first_head[i] = n_heads;
        n_heads += music->chords[i].n_heads;
    }
    h->heads = arena_array(h->arena, (size_t)n_heads + 1, sizeof *h->heads);
    return h->heads != NULL ? 0 : LG_ETOOLARGE;
}

static void endless_line(struct horizontal *h, double force, const struct columns_state *before,
                         double *x) {
    struct columns_state state = {.frontier = h->frontier};
    const struct header *header = &h->headers[0];
    columns_begin(h, header->limit, header->to_note, &state);
    if (before != NULL) {
        state = *before;
        state.frontier = h->frontier;
        memcpy(h->frontier, before->frontier, h->n_layers * sizeof *h->frontier);
    }
    uint32_t n = (uint32_t)h->n_slots;
    columns_go_on(h, &state, 0, n, n, force, x);
}

static int endless_lines(struct horizontal *h) {
    const struct layout_before *before = h->music->before != NULL ? h->options->before : NULL;
    h->natural_x = arena_array(h->arena, h->n_slots + 1, sizeof *h->natural_x);
    h->least_x = arena_array(h->arena, h->n_slots + 1, sizeof *h->least_x);
    if (h->natural_x == NULL || h->least_x == NULL) {
        return LG_ETOOLARGE;
    }
    endless_line(h, 1, before != NULL ? &before->natural : NULL, h->natural_x);
    endless_line(h, 0, before != NULL ? &before->least : NULL, h->least_x);
    return 0;
}

int horizontal_layout(struct arena *arena, const struct music *music,
                      const struct layout_options *options, struct placed_score **out) {
    char error[256];
    int result = music_font_load(error, sizeof error);
    if (result != 0) {
        return result;
    }
    struct horizontal h = {.arena = arena, .music = music, .options = options};
    h.score = arena_alloc(arena, sizeof *h.score);
    if (h.score == NULL) {
        return LG_ETOOLARGE;
    }
    h.score->music = music;
    h.score->chords = arena_array(arena, music->n_chords + 1, sizeof *h.score->chords);
    h.score->chord_place = arena_array(arena, music->n_chords + 1, sizeof *h.score->chord_place);
    if (h.score->chords == NULL || h.score->chord_place == NULL) {
        return LG_ETOOLARGE;
    }
    if (music->n_measures > 0) {
        uint32_t *ends = NULL, n_lines = 0;
        indents_measure(&h);
        result = plans_make(&h);
        result = result != 0 ? result : columns_build(&h);
        result = result != 0 ? result : headers_measure(&h);
        result = result != 0 ? result : endless_lines(&h);
        result = result != 0 ? result : lines_break(&h, &ends, &n_lines);
        if (result == 0 && options != NULL && options->next != NULL && !next_find(&h)) {
            result = LG_ETOOLARGE;
        }
        result = result != 0 ? result : lines_place(&h, ends, n_lines);
        result = result != 0 ? result : tremolo_pairs_layout(&h);
    }
    if (result == 0 && arena_is_full(arena)) {
        result = LG_ETOOLARGE;
    }
    if (result == 0) {
        *out = h.score;
    }
    return result;
}
