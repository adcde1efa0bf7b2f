/* Layout that goes on where an earlier one is final (stream/): what must be known there. Plain
 * data; whoever lays out keeps it. The result equals the layout of the whole, to the last bit; where
 * what came later has moved the lines before, it is LAYOUT_MOVED instead. */
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

/* Lines that begin with one measure, however long; break_lines.c. */
struct line_way {
    double cost;               /* of the best lines before */
    double available;          /* width */
    double limit, to_note;     /* of the header at its left */
    double natural_x, least_x; /* where it begins on the endless lines */
    uint32_t reach;     /* measure that the last line was tried to end before */
    uint32_t first_end; /* that the first line ends before; NOTATION_NONE: there is none yet */
    bool has_line;      /* one ends already */
};

/* Before the first measure: the endless lines so far; the best lines to there, and all lines from
 * before it that may end behind it. */
struct layout_before {
    struct columns_state natural, least;
    double cost;
    struct line_way *ways;
    uint32_t n_ways;
};
#define LAYOUT_MOVED 1 /* the best lines of the whole are others than those before */

/* Where a later layout may go on. */
struct layout_next {
    struct arena *arena;         /* for what is found */
    uint32_t n_final;            /* the first measures, with all that stands in them */
    const bool *is_clean;        /* n_final + 1: nothing crosses the begin of this measure */
    uint32_t measure;            /* found: begins a line that is likely to stay; 0: none */
    struct layout_before before; /* found */
};

/* columns_place.c: a copy with a frontier of its own, of 3 layers a staff. false: arena full. */
bool columns_state_copy(struct arena *arena, const struct columns_state *from, uint32_t n_layers,
                        struct columns_state *to);

#endif
