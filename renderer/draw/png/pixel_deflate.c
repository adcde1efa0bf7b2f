/* Rows of pixels → tokens: repeated rows, the choice of filters, checksums. Rows
 * are searched as 32 bit words, a pixel each, in pixel_search.c, mostly unfiltered
 * and beside the last such row; those of photographs are filtered.
 * Codes and bits: deflate_block.c. */
#include "renderer/draw/png/pixel_deflate.h"

#include <stdlib.h>
#include <string.h>

#include <libdeflate.h>

#include "common/log.h"
#include "renderer/draw/pixel_masks.h"
#include "renderer/draw/pixels.h"
#include "renderer/draw/png/pixel_deflate_private.h"

/* A row is as of a photograph when so many of its pixels differ from the one before by a small
 * step, and from the one above: one in SMOOTH_PART, by a sample of them. */
#define SMOOTH_PART 8
#define SMALL_STEP  8
#define SAMPLE_STEP 7
#define ADLER_PRIME 65521u

struct pixel_deflate *pixel_deflate_create(void) {
    struct pixel_deflate *d = calloc(1, sizeof(*d));
    if (d == NULL) {
        lg_log(LG_LOG_ERROR, "pixel_deflate", "no_memory", NULL);
    }
    return d;
}

void pixel_deflate_destroy(struct pixel_deflate *d) {
    if (d != NULL) {
        free(d->filtered);
        free(d->raw);
        free(d->above);
        free(d->left);
        free(d->out);
        free(d);
    }
}

/* -- rows --------------------------------------------------------------- */

static const uint8_t *pixel_row(const struct pixel_deflate *d, size_t y) {
    return d->rows.pixels + y * d->rows.stride_bytes;
}

/* Raw bytes of a row that is not repeated. */
static void fill_row(struct pixel_deflate *d, size_t y, uint8_t filter) {
    uint8_t *row = d->raw + y * d->row_bytes;
    row[0] = filter;
    if (d->rows.bytes_per_pixel == 1) {
        pixels_to_grey(d->words[y], row + 1, d->rows.width_px);
    } else if (d->rows.bytes_per_pixel == 3) {
        pixels_to_rgb(d->words[y], row + 1, d->rows.width_px);
    } else {
        pixels_to_rgba(d->words[y], row + 1, d->rows.width_px);
    }
    d->is_filled |= (uint64_t)1 << y;
}

/* Sums of a row appended to the running ones, as zlib's adler32_combine does. */
static uint32_t add_adler(uint32_t adler, uint32_t row_adler, size_t row_bytes) {
    uint32_t a = adler & 0xffff, b = adler >> 16;
    uint32_t length = (uint32_t)(row_bytes % ADLER_PRIME);
    uint32_t row_a = row_adler & 0xffff, row_b = row_adler >> 16;
    b = (uint32_t)((b + row_b + (uint64_t)length * (a + ADLER_PRIME - 1)) % ADLER_PRIME);
    a = (a + row_a + ADLER_PRIME - 1) % ADLER_PRIME;
    return b << 16 | a;
}

/* -- filters ------------------------------------------------------------ */

/* Byte by byte a - b, where mask has ones. */
static void subtract(const uint32_t *a, const uint32_t *b, size_t n, uint32_t mask, uint32_t *out) {
    const uint32_t high = 0x80808080u;
    for (size_t i = 0; i < n; i++) {
        out[i] = (((a[i] | high) - (b[i] & ~high)) ^ ((a[i] ^ ~b[i]) & high)) & mask;
    }
}

static void find_differences(struct pixel_deflate *d, const uint8_t *words) {
    size_t width = d->rows.width_px;
    /* Bit i of the comparison is about word i + 1; word 0 has nobody to its left. */
    pixel_masks_difference(words + 4, words, width - 1, d->left);
    for (size_t i = PIXEL_MASK_WORDS(width - 1); i-- > 1;) {
        d->left[i] = d->left[i] << 1 | d->left[i - 1] >> 63;
    }
    d->left[0] = d->left[0] << 1 | 1;
    d->n_edges = 0;
    for (size_t i = 0; i < width / 64; i++) {
        d->n_edges += (size_t)__builtin_popcountll(d->left[i]);
    }
}

/* Does the row look like one of a photograph? Neither edges nor shades from left to right do. */
static bool is_photograph(const struct pixel_deflate *d, const uint8_t *row) {
    size_t width = d->rows.width_px, n = 0;
    if (d->n_edges * SMOOTH_PART < width) {
        return false;
    }
    const uint8_t *above = row - d->rows.stride_bytes;
    for (size_t x = 1; x < width; x += SAMPLE_STEP) {
        int step = abs(row[4 * x + 1] - row[4 * x - 3]);
        n += step > 0 && step <= SMALL_STEP && row[4 * x + 1] != above[4 * x + 1];
    }
    return n * SAMPLE_STEP * SMOOTH_PART >= width;
}

/* Words and masks of a row that does not repeat the one above. Returns the filter. */
static uint8_t choose_filter(struct pixel_deflate *d, size_t y) {
    size_t width = d->rows.width_px;
    const uint8_t *pixels = pixel_row(d, y);
    d->words[y] = pixels;
    find_differences(d, pixels);
    if (y == 0 || d->rows.bytes_per_pixel == 4) {
        return FILTER_NONE;
    }
    d->is_photograph = is_photograph(d, pixels);
    if (!d->is_photograph) {
        return FILTER_NONE;
    }
    const uint32_t *row = (const uint32_t *)(const void *)pixels;
    const uint32_t *above = (const uint32_t *)(const void *)(pixels - d->rows.stride_bytes);
    uint32_t *filtered = d->filtered + y * width;
    subtract(row, above, width, 0x00ffffff, filtered);
    d->words[y] = (const uint8_t *)filtered;
    find_differences(d, d->words[y]);
    return FILTER_UP;
}

static size_t base_distance(struct pixel_deflate *d, size_t y) {
    size_t distance = (y - d->base) * d->row_bytes;
    if (distance == 0 || distance > WINDOW_BYTES) {
        return 0;
    }
    pixel_masks_difference(d->words[y], d->words[d->base], d->rows.width_px, d->above);
    return distance;
}

static void encode_row(struct pixel_deflate *d, size_t y) {
    d->is_photograph = false;
    uint8_t filter = choose_filter(d, y);
    size_t distance = filter == FILTER_NONE ? base_distance(d, y) : 0;
    fill_row(d, y, filter);
    pixel_search_row(d, y, distance);
    if (filter == FILTER_NONE) {
        d->base = y;
    }
}

static uint32_t encode_rows(struct pixel_deflate *d) {
    uint32_t adler = 1, b = (uint32_t)((1 + FILTER_UP) * d->row_bytes % ADLER_PRIME);
    uint32_t repeated_adler = b << 16 | (1 + FILTER_UP);
    for (size_t y = 0; y < d->rows.rows; y++) {
        const uint8_t *pixels = pixel_row(d, y);
        if (y > 0 && memcmp(pixels, pixels - d->rows.stride_bytes, d->rows.width_px * 4) == 0) {
            pixel_search_repeated_row(d, y);
            adler = add_adler(adler, repeated_adler, d->row_bytes);
        } else {
            encode_row(d, y);
            uint32_t row_adler = libdeflate_adler32(1, d->raw + y * d->row_bytes, d->row_bytes);
            adler = add_adler(adler, row_adler, d->row_bytes);
        }
    }
    return adler;
}

/* -- the run ------------------------------------------------------------ */

static bool grow(void *buffer, size_t *capacity, size_t needed, size_t unit) {
    void **pointer = buffer;
    if (needed <= *capacity) {
        return true;
    }
    free(*pointer);
    *pointer = malloc(needed * unit);
    *capacity = *pointer != NULL ? needed : 0;
    return *pointer != NULL;
}

static bool grow_all(struct pixel_deflate *d, size_t around) {
    size_t raw_bytes = d->row_bytes * d->rows.rows;
    size_t width = d->rows.width_px, capacity = d->mask_capacity;
    size_t n_words = PIXEL_MASK_WORDS(width);
    /* A literal takes 15 bits at most, a match 48 for at least 3 bytes; a block other than the last
     * has at least DEFLATE_TOKENS_MAX bytes. */
    size_t out_bytes = 2 * raw_bytes + (raw_bytes / DEFLATE_TOKENS_MAX + 2) * 1024;
    return grow(&d->raw, &d->raw_capacity, raw_bytes + 16, 1) &&
           grow(&d->out, &d->out_capacity, out_bytes + around, 1) &&
           grow(&d->filtered, &d->filtered_capacity, width * d->rows.rows + 1, 4) &&
           grow(&d->above, &capacity, n_words, sizeof(uint64_t)) &&
           grow(&d->left, &d->mask_capacity, n_words, sizeof(uint64_t));
}

size_t pixel_deflate_run(struct pixel_deflate *d, const struct pixel_rows *rows, size_t head_bytes,
                         size_t tail_bytes, uint8_t **out, uint32_t *adler) {
    d->rows = *rows;
    d->row_bytes = 1 + rows->width_px * rows->bytes_per_pixel;
    if (!grow_all(d, head_bytes + tail_bytes)) {
        lg_log(LG_LOG_ERROR, "pixel_deflate", "no_memory", "row_bytes=%zu", d->row_bytes);
        return 0;
    }
    d->is_filled = 0;
    d->block_start = 0;
    d->base = 0;
    d->to = (struct bit_writer){.at = d->out + head_bytes};
    pixel_search_begin(d);
    deflate_block_start(&d->block);
    *adler = encode_rows(d);
    pixel_search_close_block(d, d->row_bytes * rows->rows);
    deflate_flush(&d->to);
    *out = d->out;
    return (size_t)(d->to.at - d->out) - head_bytes;
}
