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

static void grey_plain(const uint8_t *from, uint8_t *to, size_t n) {
    for (size_t i = 0; i < n; i++) {
        uint32_t pixel;
        memcpy(&pixel, from + 4 * i, 4);
        to[i] = (uint8_t)pixel;
    }
}

/* Bits in which red, green and blue of some pixel differ. */
static uint32_t colour_plain(const uint8_t *from, size_t n) {
    uint32_t colour = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t pixel;
        memcpy(&pixel, from + 4 * i, 4);
        colour |= (pixel ^ pixel >> 8) & 0xffff;
    }
    return colour;
}

#if defined(__x86_64__)
/* 32 pixels a step: their low bytes by two rounds of packing, which work in halves. */
__attribute__((target("avx2"))) static void grey_avx2(const uint8_t *from, uint8_t *to, size_t n) {
    const __m256i low = _mm256_set1_epi32(255);
    const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
    size_t i = 0;
    for (; i + 32 <= n; i += 32) {
        __m256i eight[4];
        for (size_t part = 0; part < 4; part++) {
            const uint8_t *at = from + 4 * i + 32 * part;
            eight[part] =
                _mm256_and_si256(_mm256_loadu_si256((const __m256i *)(const void *)at), low);
        }
        __m256i all = _mm256_packus_epi16(_mm256_packus_epi32(eight[0], eight[1]),
                                          _mm256_packus_epi32(eight[2], eight[3]));
        all = _mm256_permutevar8x32_epi32(all, order);
        _mm256_storeu_si256((__m256i *)(void *)(to + i), all);
    }
    grey_plain(from + 4 * i, to + i, n - i);
}

__attribute__((target("avx2"))) static uint32_t colour_avx2(const uint8_t *from, size_t n) {
    const __m256i mask = _mm256_set1_epi32(0xffff);
    __m256i colour = _mm256_setzero_si256();
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        __m256i eight = _mm256_loadu_si256((const __m256i *)(const void *)(from + 4 * i));
        colour = _mm256_or_si256(colour, _mm256_xor_si256(eight, _mm256_srli_epi32(eight, 8)));
    }
    uint32_t rest = colour_plain(from + 4 * i, n - i);
    return _mm256_testz_si256(colour, mask) != 0 ? rest : 1;
}
#endif

void pixels_to_grey(const uint8_t *from, uint8_t *to, size_t n) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2")) {
        grey_avx2(from, to, n);
        return;
    }
#endif
    grey_plain(from, to, n);
}

bool pixels_are_grey(const uint8_t *from, size_t n) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2")) {
        return colour_avx2(from, n) == 0;
    }
#endif
    return colour_plain(from, n) == 0;
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
