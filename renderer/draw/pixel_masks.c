/* Comparison of rows, four or eight pixels at once on x86-64. */
#include "renderer/draw/pixel_masks.h"

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

static uint64_t plain(const uint8_t *a, const uint8_t *b, size_t n) {
    uint64_t bits = 0;
    for (size_t i = 0; i < n; i++) {
        bits |= (uint64_t)(memcmp(a + 4 * i, b + 4 * i, 4) != 0) << i;
    }
    return bits;
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) static void by_avx2(const uint8_t *a, const uint8_t *b,
                                                    size_t n_words, uint64_t *mask) {
    for (size_t word = 0; word < n_words; word++) {
        uint64_t equal = 0;
        for (unsigned i = 0; i < 64; i += 8, a += 32, b += 32) {
            __m256i x = _mm256_loadu_si256((const __m256i *)(const void *)a);
            __m256i y = _mm256_loadu_si256((const __m256i *)(const void *)b);
            __m256i same = _mm256_cmpeq_epi32(x, y);
            equal |= (uint64_t)(uint8_t)_mm256_movemask_ps(_mm256_castsi256_ps(same)) << i;
        }
        mask[word] = ~equal;
    }
}

static inline unsigned four_differ(const uint8_t *a, const uint8_t *b) {
    __m128i x = _mm_loadu_si128((const __m128i *)(const void *)a);
    __m128i y = _mm_loadu_si128((const __m128i *)(const void *)b);
    return 15u ^ (unsigned)_mm_movemask_ps(_mm_castsi128_ps(_mm_cmpeq_epi32(x, y)));
}

/* n < 64 */
static uint64_t part(const uint8_t *a, const uint8_t *b, size_t n) {
    uint64_t bits = 0;
    size_t i = 0;
    for (; i + 4 <= n; i += 4) {
        bits |= (uint64_t)four_differ(a + 4 * i, b + 4 * i) << i;
    }
    return i < n ? bits | plain(a + 4 * i, b + 4 * i, n - i) << i : bits;
}

static void whole_words(const uint8_t *a, const uint8_t *b, size_t n_words, uint64_t *mask) {
    if (__builtin_cpu_supports("avx2")) {
        by_avx2(a, b, n_words, mask);
        return;
    }
    for (size_t word = 0; word < n_words; word++, a += 256, b += 256) {
        mask[word] = part(a, b, 32) | part(a + 128, b + 128, 32) << 32;
    }
}
#else
static uint64_t part(const uint8_t *a, const uint8_t *b, size_t n) {
    return plain(a, b, n);
}

static void whole_words(const uint8_t *a, const uint8_t *b, size_t n_words, uint64_t *mask) {
    for (size_t word = 0; word < n_words; word++) {
        mask[word] = plain(a + 256 * word, b + 256 * word, 64);
    }
}
#endif

void pixel_masks_difference(const uint8_t *a, const uint8_t *b, size_t n, uint64_t *mask) {
    size_t n_words = n / 64, rest = n % 64;
    whole_words(a, b, n_words, mask);
    uint64_t bits = rest > 0 ? part(a + 256 * n_words, b + 256 * n_words, rest) : 0;
    mask[n_words] = bits | ~(uint64_t)0 << rest;
    mask[n_words + 1] = ~(uint64_t)0;
}
