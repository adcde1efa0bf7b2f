/* The search for matches, row by row on 32 bit words, a pixel each. Rows that
 * repeat the row above are neither converted nor searched: filter up makes them
 * zeros, and runs of zeros need no distance. Other rows are mostly unfiltered and
 * matched with the last such row; those of photographs are filtered.
 * Codes and bits: deflate_block.c. */
#include "renderer/draw/png/pixel_deflate.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <libdeflate.h>

#include "common/log.h"
#include "renderer/draw/png/deflate_block.h"
#include "renderer/draw/pixel_masks.h"
#include "renderer/draw/pixels.h"

#define WINDOW_BYTES 32768
#define MATCH_MAX    258
#define HASH_BITS    12
/* A match of so many pixels is taken without looking at other places. */
#define LONG_PX 6
/* Pixels inside a match that is not longer are remembered too. */
#define REMEMBER_PX 8
/* A row is as of a photograph when one in so many pixels differs from the one before, by less than
 * this on the average. */
#define RESTLESS_PART 8
#define SMOOTH_WEIGHT 24
#define SAMPLE_STEP   7
#define ADLER_PRIME   65521u

/* PNG filter types (PNG 1.2, 6) */
#define FILTER_NONE 0
#define FILTER_UP   2

struct pixel_deflate {
    struct deflate_block block;
    uint32_t places[1u << HASH_BITS]; /* where two pixels stood last: row << 16 | column, + 1 */
    uint32_t fours[1u << HASH_BITS];  /* the same of four pixels */
    struct pixel_rows rows;
    size_t row_bytes;
    const uint8_t *words[PIXEL_DEFLATE_ROWS_MAX]; /* rows: pixels, or differences to them */
    uint32_t *filtered;                           /* rows with a filter */
    size_t filtered_capacity;
    uint8_t *raw; /* rows as in the PNG; those of is_filled only */
    size_t raw_capacity;
    uint64_t is_filled;
    size_t base;            /* the last row without filter: what the masks of above are about */
    uint64_t *above, *left; /* masks of the row under way */
    size_t mask_capacity;   /* words of each */
    uint8_t *out;
    size_t out_capacity;
    struct bit_writer to;
    size_t block_start; /* raw byte where the open block begins */
};

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
    if (d->rows.bytes_per_pixel == 3) {
        pixels_to_rgb(d->words[y], row + 1, d->rows.width_px);
    } else {
        pixels_to_rgba(d->words[y], row + 1, d->rows.width_px);
    }
    d->is_filled |= (uint64_t)1 << y;
}

static void fill_repeated_row(struct pixel_deflate *d, size_t y) {
    uint8_t *row = d->raw + y * d->row_bytes;
    memset(row, 0, d->row_bytes);
    row[0] = FILTER_UP;
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

/* -- tokens ------------------------------------------------------------- */

static void close_block(struct pixel_deflate *d, size_t at) {
    for (size_t y = d->block_start / d->row_bytes; y * d->row_bytes < at; y++) {
        if (deflate_block_is_dense(&d->block, at - d->block_start) &&
            (d->is_filled >> y & 1) == 0) {
            fill_repeated_row(d, y);
        }
    }
    deflate_block_write(&d->block, &d->to, d->raw + d->block_start, at - d->block_start);
    deflate_block_start(&d->block);
    d->block_start = at;
}

static inline void make_room(struct pixel_deflate *d, size_t at, size_t n) {
    if (d->block.n_tokens + n > DEFLATE_TOKENS_MAX) {
        close_block(d, at);
    }
}

/* n: 1 or 3 bytes of raw */
static inline void put_literals(struct pixel_deflate *d, size_t at, unsigned n) {
    const uint8_t *bytes = d->raw + at;
    uint32_t token = DEFLATE_LITERAL | n << 24 | bytes[0];
    if (n == 3 && bytes[0] == bytes[1] && bytes[1] == bytes[2]) { /* counted once, not thrice */
        d->block.n_literals[bytes[0]] += 3;
        token = DEFLATE_LITERAL | DEFLATE_GREY << 24 | bytes[0];
    } else {
        d->block.n_literals[bytes[0]]++;
        if (n == 3) {
            token |= (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16;
            d->block.n_literals[bytes[1]]++;
            d->block.n_literals[bytes[2]]++;
        }
    }
    d->block.tokens[d->block.n_tokens++] = token;
}

static inline void put_match(struct pixel_deflate *d, size_t length, size_t distance) {
    d->block.tokens[d->block.n_tokens++] = (uint32_t)((length - 3) << 16 | (distance - 1));
    d->block.n_literals[257 + deflate_length_symbols[length - 3]]++;
    d->block.n_distances[deflate_distance_symbol((uint32_t)distance - 1)]++;
}

/* Any length >= 3, in pieces. */
static void put_long_match(struct pixel_deflate *d, size_t at, size_t length, size_t distance) {
    while (length > 0) {
        size_t part = length < MATCH_MAX ? length : MATCH_MAX;
        if (length - part == 1 || length - part == 2) {
            part -= 3; /* the rest must be 3 at least */
        }
        make_room(d, at, 1);
        put_match(d, part, distance);
        at += part;
        length -= part;
    }
}

/* n zeros, or any other byte */
static inline void put_byte_run(struct pixel_deflate *d, size_t at, size_t n) {
    make_room(d, at, 1);
    put_literals(d, at, 1);
    if (n > 3) {
        put_long_match(d, at + 1, n - 1, 1);
        return;
    }
    for (size_t i = 1; i < n; i++) {
        make_room(d, at + i, 1);
        put_literals(d, at + i, 1);
    }
}

/* -- the search --------------------------------------------------------- */

struct candidate {
    size_t pixels, distance;
    size_t worth; /* bits that it saves, about */
};

/* What a byte costs as a literal and what a distance costs are about these on score pages. */
static inline size_t worth_of(size_t pixels, unsigned bpp, size_t distance) {
    return pixels * bpp * 5 + 16 - deflate_distance_symbol((uint32_t)distance - 1) / 2;
}

static inline uint64_t load_two(const uint8_t *pixels) {
    uint64_t two;
    memcpy(&two, pixels, 8);
    return two;
}

static inline uint32_t *place_of(struct pixel_deflate *d, uint64_t two) {
    return &d->places[(two * 0x9e3779b97f4a7c15u) >> (64 - HASH_BITS)];
}

/* Equal pixels at two places, at most limit. */
static inline size_t equal_pixels(const uint8_t *a, const uint8_t *b, size_t limit) {
    size_t n = 0;
    while (n + 2 <= limit && load_two(a + 4 * n) == load_two(b + 4 * n)) {
        n += 2;
    }
    if (n < limit && memcmp(a + 4 * n, b + 4 * n, 4) == 0) {
        n++;
    }
    return n;
}

static inline uint32_t *four_of(struct pixel_deflate *d, uint64_t two, uint64_t next) {
    return &d->fours[((two ^ (next << 7 | next >> 57)) * 0x9e3779b97f4a7c15u) >> (64 - HASH_BITS)];
}

static inline struct candidate measure(const struct pixel_deflate *d, const uint8_t *here, size_t x,
                                       size_t y, uint32_t last, unsigned bpp) {
    if (last == 0) {
        return (struct candidate){0, 0, 0};
    }
    size_t last_x = (last - 1) & 0xffff, last_y = (last - 1) >> 16;
    size_t distance = (y - last_y) * d->row_bytes + x * bpp - last_x * bpp;
    const uint8_t *there = d->words[last_y] + 4 * last_x;
    if (load_two(there) != load_two(here) || distance > WINDOW_BYTES) {
        return (struct candidate){0, 0, 0};
    }
    size_t limit = d->rows.width_px - (x > last_x ? x : last_x);
    size_t pixels = 2 + equal_pixels(here + 8, there + 8, limit - 2);
    return (struct candidate){pixels, distance, worth_of(pixels, bpp, distance)};
}

/* The last place in the window where the next four or two pixels stood. */
static inline struct candidate find_place(struct pixel_deflate *d, const uint8_t *here, size_t x,
                                          size_t y, unsigned bpp) {
    uint64_t two = load_two(here);
    uint32_t *place = place_of(d, two), last = *place, mark = (uint32_t)(y << 16 | x) + 1;
    *place = mark;
    struct candidate best = measure(d, here, x, y, last, bpp);
    if (x + 4 <= d->rows.width_px) {
        uint32_t *four = four_of(d, two, load_two(here + 8)), last_four = *four;
        *four = mark;
        if (last_four != last) {
            struct candidate other = measure(d, here, x, y, last_four, bpp);
            if (other.worth > best.worth) {
                best = other;
            }
        }
    }
    return best;
}

static inline void remember_inside(struct pixel_deflate *d, const uint8_t *row, size_t x, size_t y,
                                   size_t n) {
    size_t end = x + n < d->rows.width_px ? x + n : d->rows.width_px - 1;
    for (size_t i = x + 1; i < end; i++) {
        *place_of(d, load_two(row + 4 * i)) = (uint32_t)(y << 16 | i) + 1;
    }
}

static inline void put_pixel(struct pixel_deflate *d, size_t at, unsigned bpp) {
    make_room(d, at, 2);
    put_literals(d, at, 3);
    if (bpp == 4) {
        put_literals(d, at + 3, 1);
    }
}

/* base_distance: raw bytes from the base row, 0 when it is out of reach. */
static inline void search_row(struct pixel_deflate *d, size_t y, size_t base_distance,
                              unsigned bpp) {
    size_t width = d->rows.width_px, at = y * d->row_bytes;
    const uint8_t *row = d->words[y];
    make_room(d, at, 1);
    put_literals(d, at++, 1); /* the filter */
    for (size_t x = 0; x < width;) {
        size_t above = base_distance > 0 ? pixel_masks_run(d->above, x) : 0;
        size_t left = pixel_masks_run(d->left, x);
        struct candidate best = {0, 0, 0};
        if (above < LONG_PX && left < LONG_PX && width - x >= 2) {
            best = find_place(d, row + 4 * x, x, y, bpp);
        }
        if (left > 0 && worth_of(left, bpp, bpp) > best.worth) {
            best = (struct candidate){left, bpp, worth_of(left, bpp, bpp)};
        }
        if (above > 0 && worth_of(above, bpp, base_distance) > best.worth) {
            best = (struct candidate){above, base_distance, 0};
        }
        if (best.pixels > 0) {
            put_long_match(d, at, best.pixels * bpp, best.distance);
        } else {
            put_pixel(d, at, bpp);
            best.pixels = 1;
        }
        if (best.pixels > 1 && best.pixels <= REMEMBER_PX) {
            remember_inside(d, row, x, y, best.pixels);
        }
        at += best.pixels * bpp;
        x += best.pixels;
    }
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
}

/* Is the row as of a photograph? Many pixels differ from the one before, but not by much; a sample
 * of them tells. */
static bool is_photograph(const struct pixel_deflate *d, const uint8_t *row) {
    size_t width = d->rows.width_px, n = 0, weight = 0;
    for (size_t i = 0; i < width / 64; i++) {
        n += (size_t)__builtin_popcountll(d->left[i]);
    }
    if (n * RESTLESS_PART < width) {
        return false;
    }
    n = 0;
    for (size_t x = 1; x < width; x += SAMPLE_STEP) {
        int difference = abs(row[4 * x + 1] - row[4 * x - 3]);
        n += difference > 0;
        weight += (size_t)difference;
    }
    return weight < n * SMOOTH_WEIGHT;
}

/* Words and masks of a row that does not repeat the one above. Returns the filter. */
static uint8_t choose_filter(struct pixel_deflate *d, size_t y) {
    size_t width = d->rows.width_px;
    const uint8_t *pixels = pixel_row(d, y);
    d->words[y] = pixels;
    find_differences(d, pixels);
    if (y == 0 || d->rows.bytes_per_pixel == 4 || !is_photograph(d, pixels)) {
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
    uint8_t filter = choose_filter(d, y);
    size_t distance = filter == FILTER_NONE ? base_distance(d, y) : 0;
    fill_row(d, y, filter);
    if (d->rows.bytes_per_pixel == 3) { /* two copies, each with its constant */
        search_row(d, y, distance, 3);
    } else {
        search_row(d, y, distance, 4);
    }
    if (filter == FILTER_NONE) {
        d->base = y;
    }
}

static void encode_repeated_row(struct pixel_deflate *d, size_t y) {
    size_t at = y * d->row_bytes;
    memcpy(d->raw + at, (uint8_t[]){FILTER_UP, 0, 0, 0}, 4); /* what the literals read */
    make_room(d, at, 1);
    put_literals(d, at, 1);
    put_byte_run(d, at + 1, d->row_bytes - 1);
}

static uint32_t encode_rows(struct pixel_deflate *d) {
    uint32_t adler = 1, b = (uint32_t)((1 + FILTER_UP) * d->row_bytes % ADLER_PRIME);
    uint32_t repeated_adler = b << 16 | (1 + FILTER_UP);
    for (size_t y = 0; y < d->rows.rows; y++) {
        const uint8_t *pixels = pixel_row(d, y);
        if (y > 0 && memcmp(pixels, pixels - d->rows.stride_bytes, d->rows.width_px * 4) == 0) {
            encode_repeated_row(d, y);
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
    memset(d->places, 0, sizeof(d->places));
    memset(d->fours, 0, sizeof(d->fours));
    deflate_block_start(&d->block);
    *adler = encode_rows(d);
    close_block(d, d->row_bytes * rows->rows);
    deflate_flush(&d->to);
    *out = d->out;
    return (size_t)(d->to.at - d->out) - head_bytes;
}
