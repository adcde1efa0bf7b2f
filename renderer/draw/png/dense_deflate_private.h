/* What dense_deflate.c (blocks, costs) and dense_cut.c (matches, the cheapest cut) share. */
#ifndef LEGGIO_DRAW_DENSE_DEFLATE_PRIVATE_H
#define LEGGIO_DRAW_DENSE_DEFLATE_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "renderer/draw/png/deflate_block.h"

#define DENSE_WINDOW_BYTES 32768
#define DENSE_BLOCK_ROWS   128
#define DENSE_FOUND_MAX    (1u << 19) /* matches kept for a block */
#define DENSE_HASH_BITS    15
#define DENSE_REPEATED     UINT32_MAX /* instead of a distance: a row of zeros */
#define DENSE_BIT          16         /* costs are in sixteenths of a bit */

struct dense_counts {
    uint32_t literals[DEFLATE_LITERALS];
    uint32_t distances[DEFLATE_DISTANCES];
};

struct dense_costs {
    uint32_t literal[256];
    uint32_t length[256]; /* by length - 3, extra bits included */
    uint32_t distance[DEFLATE_DISTANCES];
};

/* A match at some pixel. */
struct dense_found {
    uint16_t pixels;
    uint16_t before;   /* so many pixels before it match too */
    uint16_t distance; /* bytes - 1 */
};

/* The cheapest way to a byte of the block: from which one, and by what. */
struct dense_node {
    uint32_t cost;
    uint32_t from;
    uint32_t distance; /* bytes; 0 = a literal */
};

struct dense_deflate {
    const uint8_t *raw;
    uint32_t width, height;
    unsigned bpp;
    size_t row_bytes;
    uint32_t *words;   /* all pixels */
    bool *is_repeated; /* by row: filter up and zeros */
    uint32_t *base;    /* by row: the last one of its filter, UINT32_MAX = none */
    uint32_t heads[1u << DENSE_HASH_BITS]; /* last pixel where these two begin, + 1 */
    uint32_t *before;                      /* by pixel: the one before of the same hash, + 1 */
    uint32_t ones[1u << DENSE_HASH_BITS];  /* last pixel like this, + 1 */
    struct dense_found *found;
    size_t n_found;
    uint32_t *first_found; /* by pixel of the block's rows; one more ends each row */
    uint32_t block_row, block_rows;
    struct dense_node *nodes; /* of the block, and one more */
    uint64_t *above, *left;
    struct dense_costs costs;
    struct dense_counts counts;
    bool is_counting; /* tokens are counted and not kept */
    struct deflate_block block;
    struct bit_writer to;
    size_t block_start;
};

/* Of a match of so many bytes the piece that goes first: the rest is none, or long enough. */
static inline size_t dense_match_part(size_t length) {
    size_t part = length < 258 ? length : 258;
    return length - part == 1 || length - part == 2 ? part - 3 : part;
}

void dense_costs_of(const struct dense_counts *counts, struct dense_costs *costs);
void dense_put_literals(struct dense_deflate *d, size_t at, size_t n);
void dense_put_match(struct dense_deflate *d, size_t at, size_t length, size_t distance);

/* A new block: matches found before are not needed any more. */
void dense_forget(struct dense_deflate *d, uint32_t row);
/* Find the matches of a row; rows in rising order. Returns the pixels looked at. */
size_t dense_find_row(struct dense_deflate *d, uint32_t y);
/* Put the cheapest tokens for the block's rows. */
void dense_cut_block(struct dense_deflate *d);

#endif
