/* Conversions of pixels. The SSSE3 one is chosen at run time. */
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
/* Four pixels a step; each store writes 16 bytes of which 12 count, so the last ones go plain. */
__attribute__((target("ssse3"))) static void rgb_ssse3(const uint8_t *from, uint8_t *to, size_t n) {
    const __m128i order =
        _mm_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1);
    size_t i = 0;
    for (; i + 4 <= n; i += 4) {
        __m128i four = _mm_loadu_si128((const __m128i *)(const void *)(from + 4 * i));
        _mm_storeu_si128((__m128i *)(void *)(to + 3 * i), _mm_shuffle_epi8(four, order));
    }
    rgb_plain(from + 4 * i, to + 3 * i, n - i);
}
#endif

void pixels_to_rgb(const uint8_t *from, uint8_t *to, size_t n) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("ssse3")) {
        rgb_ssse3(from, to, n);
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
