/* Conversions of pixels. The AVX2 one is chosen at run time. */
#include "renderer/draw/pixels.h"

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

static void rgb_plain(const uint8_t *from, uint8_t *to, size_t n) {
    for (size_t i = 0; i < n; i++) {
        uint32_t pixel;
        memcpy(&pixel, from + 4 * i, 4);
        to[3 * i] = (uint8_t)(pixel >> 16);
        to[3 * i + 1] = (uint8_t)(pixel >> 8);
        to[3 * i + 2] = (uint8_t)pixel;
    }
}

#if defined(__x86_64__)
/* Eight pixels a step, of whose 32 stored bytes 24 count: the last ones go plain. */
__attribute__((target("avx2"))) static void rgb_avx2(const uint8_t *from, uint8_t *to, size_t n) {
    const __m256i order = _mm256_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1,
                                           2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1);
    const __m256i close = _mm256_setr_epi32(0, 1, 2, 4, 5, 6, 3, 7);
    size_t i = 0;
    for (; i + 12 <= n; i += 8) {
        __m256i eight = _mm256_loadu_si256((const __m256i *)(const void *)(from + 4 * i));
        eight = _mm256_permutevar8x32_epi32(_mm256_shuffle_epi8(eight, order), close);
        _mm256_storeu_si256((__m256i *)(void *)(to + 3 * i), eight);
    }
    rgb_plain(from + 4 * i, to + 3 * i, n - i);
}
#endif

void pixels_to_rgb(const uint8_t *from, uint8_t *to, size_t n) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2")) {
        rgb_avx2(from, to, n);
        return;
    }
#endif
    rgb_plain(from, to, n);
}

uint32_t pixels_straight(uint32_t argb) {
    uint32_t a = argb >> 24, r = (argb >> 16) & 255, g = (argb >> 8) & 255, b = argb & 255;
    if (a == 0) {
        return 0;
    }
    if (a < 255) { /* rounded as cairo's own PNG writer does */
        r = (r * 255 + a / 2) / a;
        g = (g * 255 + a / 2) / a;
        b = (b * 255 + a / 2) / a;
    }
    return r | (g << 8) | (b << 16) | (a << 24);
}

void pixels_to_rgba(const uint8_t *from, uint8_t *to, size_t n) {
    uint32_t last_in = 0, last_out = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t pixel;
        memcpy(&pixel, from + 4 * i, 4);
        if (pixel != last_in) { /* neighbours are mostly equal */
            last_in = pixel;
            last_out = pixels_straight(pixel);
        }
        uint8_t bytes[4] = {(uint8_t)last_out, (uint8_t)(last_out >> 8), (uint8_t)(last_out >> 16),
                            (uint8_t)(last_out >> 24)};
        memcpy(to + 4 * i, bytes, 4);
    }
}
