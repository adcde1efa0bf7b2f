/* What pixel_deflate.c (rows, filters, checksums) and pixel_search.c (matches, tokens) share. */
#ifndef LEGGIO_DRAW_PIXEL_DEFLATE_PRIVATE_H
#define LEGGIO_DRAW_PIXEL_DEFLATE_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "renderer/draw/png/deflate_block.h"
#include "renderer/draw/png/pixel_deflate.h"

#define WINDOW_BYTES 32768
#define HASH_BITS    12
#define ONE_BITS     11

/* PNG filter types (PNG 1.2, 6) */
#define FILTER_NONE 0
#define FILTER_UP   2

/* Places are row << 16 | column, + 1; 0 = none. */
struct pixel_deflate {
    struct deflate_block block;
    uint32_t twos[1u << HASH_BITS];  /* where two pixels stood last */
    uint32_t fours[1u << HASH_BITS]; /* the same of four pixels */
    uint32_t ones[1u << ONE_BITS];   /* and of one */
    struct pixel_rows rows;
    size_t row_bytes;
    const uint8_t *words[PIXEL_DEFLATE_ROWS_MAX]; /* rows: pixels, or differences to them */
    uint32_t *filtered;                           /* rows with a filter */
    size_t filtered_capacity;
    uint8_t *raw; /* rows as in the PNG; those of is_filled only */
    size_t raw_capacity;
    uint64_t is_filled;
    bool is_photograph;     /* the row under way */
    size_t base;            /* the last row without filter: what the masks of above are about */
    uint64_t *above, *left; /* masks of the row under way */
    size_t mask_capacity;   /* words of each */
    size_t n_edges;         /* bits of left, about */
    uint8_t *out;
    size_t out_capacity;
    struct bit_writer to;
    size_t block_start; /* raw byte where the open block begins */
};

/* Before the first row: no place is known. */
void pixel_search_begin(struct pixel_deflate *d);
/* Matches and literals of a row of words.
 *
 * base_distance  raw bytes from the base row, 0 when it is out of reach
 */
void pixel_search_row(struct pixel_deflate *d, size_t y, size_t base_distance);
/* The row as filter up and zeros. */
void pixel_search_repeated_row(struct pixel_deflate *d, size_t y);
/* Write the open block; at: the first raw byte after it. */
void pixel_search_close_block(struct pixel_deflate *d, size_t at);

#endif
