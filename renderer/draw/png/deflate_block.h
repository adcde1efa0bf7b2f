/* Tokens → one deflate block (RFC 1951): dynamic Huffman codes, or stored when
 * that is shorter. Part of pixel_deflate.c. */
#ifndef LEGGIO_DRAW_DEFLATE_BLOCK_H
#define LEGGIO_DRAW_DEFLATE_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Three literals a token at most: no count of a block passes 16 bits. */
#define DEFLATE_TOKENS_MAX 20000

#define DEFLATE_LITERALS  286
#define DEFLATE_DISTANCES 30
#define DEFLATE_LITERAL   0x80000000u
#define DEFLATE_GREY      2

/* A token: DEFLATE_LITERAL | count (1, 3, or DEFLATE_GREY: the first thrice) << 24 | bytes (the
 * first lowest), or
 * (length - 3) << 16 | (distance - 1). */
struct deflate_block {
    uint32_t tokens[DEFLATE_TOKENS_MAX];
    size_t n_tokens;
    uint32_t n_literals[DEFLATE_LITERALS + 2]; /* how often, the end of the block included */
    uint32_t n_distances[DEFLATE_DISTANCES + 2];
};

struct bit_writer {
    uint8_t *at;
    uint64_t bits; /* not written yet, lowest first */
    unsigned n_bits;
};

/* Symbol of distance - 1. */
static inline unsigned deflate_distance_symbol(uint32_t distance_less_1) {
    if (distance_less_1 < 2) {
        return distance_less_1;
    }
    unsigned top = 31u - (unsigned)__builtin_clz(distance_less_1);
    return 2 * top + ((distance_less_1 >> (top - 1)) & 1);
}

void deflate_block_start(struct deflate_block *block);
/* May deflate_block_write want to store instead? Only then it looks at the raw bytes. */
bool deflate_block_is_dense(const struct deflate_block *block, size_t raw_bytes);
/* Append the block for these tokens; raw: the bytes they stand for. At most 2 raw_bytes + 1024
 * bytes are written. */
void deflate_block_write(struct deflate_block *block, struct bit_writer *to, const uint8_t *raw,
                         size_t raw_bytes);
/* Empty stored block, on a byte at the end: what deflate calls a full flush. */
void deflate_flush(struct bit_writer *to);

/* Symbol of a length of 3..258, by length - 3. */
extern const uint8_t deflate_length_symbols[256]; /* less 257 */

#endif
