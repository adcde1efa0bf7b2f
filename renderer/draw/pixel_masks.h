/* Where neighbouring pixels differ, a bit a pixel. Part of pixel_deflate.c. */
#ifndef LEGGIO_DRAW_PIXEL_MASKS_H
#define LEGGIO_DRAW_PIXEL_MASKS_H

#include <stddef.h>
#include <stdint.h>

/* Words for n pixels, and one more that ends every run. */
#define PIXEL_MASK_WORDS(n) ((n) / 64 + 2)

/* Bit i: pixel i of a differs from pixel i of b. Bits from n on are set. Pixels are words of 4
 * bytes; both may be read up to n only. */
void pixel_masks_difference(const uint8_t *a, const uint8_t *b, size_t n, uint64_t *mask);

/* Pixels from i on before the next set bit. */
static inline size_t pixel_masks_run(const uint64_t *mask, size_t i) {
    size_t word = i / 64;
    uint64_t bits = mask[word] >> (i % 64);
    if (bits != 0) {
        return (size_t)__builtin_ctzll(bits);
    }
    size_t run = 64 - i % 64;
    while (mask[++word] == 0) {
        run += 64;
    }
    return run + (size_t)__builtin_ctzll(mask[word]);
}

#endif
