/* Layout that goes on where an earlier one is final (stream/): what must be known there. Plain
 * data; whoever lays out keeps it. The result equals the layout of the whole, to the last bit. */
#ifndef LEGGIO_NOTATION_RESUME_H
#define LEGGIO_NOTATION_RESUME_H

#include <stdint.h>

#include "renderer/notation/arena.h"

/* After a slot of a line, columns_place.c. */
struct columns_state {
    double wall, wall_to_note, notes_right; /* the last signs, how near the next head comes */
    double x, column_x;                     /* of the slot, of the notes before */
    bool is_after_wall;
    double *frontier; /* per layer: right end of its ink */
};

/* Before the first measure: the endless lines so far; then the lines that are settled already. */
struct layout_before {
    struct columns_state natural, least;
    uint32_t *ends; /* measures, counted from here */
    uint32_t n_ends;
};

/* Where a later layout may go on. */
struct layout_next {
    struct arena *arena;         /* for what is found */
    uint32_t n_final;            /* the first measures, with all that stands in them */
    const bool *is_clean;        /* n_final + 1: nothing crosses the begin of this measure */
    uint32_t measure;            /* found: begins a line in every later layout; 0: none */
    struct layout_before before; /* found */
};

/* columns_place.c: a copy with a frontier of its own, of 3 layers a staff. false: arena full. */
bool columns_state_copy(struct arena *arena, const struct columns_state *from, uint32_t n_layers,
                        struct columns_state *to);

#endif
