/* The search for matches in a row of words, a pixel each. Rows that repeat the
 * row above are not searched: filter up makes them zeros, and runs of zeros need
 * no distance. */
#include <string.h>

#include "renderer/draw/pixel_masks.h"
#include "renderer/draw/png/pixel_deflate_private.h"

#define MATCH_MIN 3
#define MATCH_MAX 258
/* A match of so many pixels is taken without looking at other places. */
#define LONG_PX 4
/* A match with the row above that is longer gives way to a run: of the pieces of 258 bytes that it
 * takes, each costs the distance of a row, and in a run next to nothing. */
#define RUN_BYTES 240
/* Places inside a match up to so long are remembered too; on wide rows, of which few are within
 * reach of a match, more, if the row is not full of edges (one pixel in EDGES_PART). On very wide
 * ones places are found by four pixels too. */
#define REMEMBER_PX      4
#define REMEMBER_MORE_PX 100
#define WIDE_PX          1000
#define VERY_WIDE_PX     1600
#define EDGES_PART       6

static void fill_repeated_row(struct pixel_deflate *d, size_t y) {
    uint8_t *row = d->raw + y * d->row_bytes;
    memset(row, 0, d->row_bytes);
    row[0] = FILTER_UP;
    d->is_filled |= (uint64_t)1 << y;
}

/* -- tokens ------------------------------------------------------------- */

void pixel_search_close_block(struct pixel_deflate *d, size_t at) {
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
        pixel_search_close_block(d, at);
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

void pixel_search_repeated_row(struct pixel_deflate *d, size_t y) {
    size_t at = y * d->row_bytes;
    memcpy(d->raw + at, (uint8_t[]){FILTER_UP, 0, 0, 0}, 4); /* what the literals read */
    make_room(d, at, 1);
    put_literals(d, at, 1);
    put_byte_run(d, at + 1, d->row_bytes - 1);
}

/* -- places ------------------------------------------------------------- */

struct candidate {
    size_t pixels, distance;
    size_t worth; /* bits that it saves, about */
};

/* What a byte costs as a literal and what a distance costs are about these on score pages. */
static inline size_t worth_of(size_t pixels, unsigned bpp, size_t distance) {
    return pixels * bpp * 5 + 16 - deflate_distance_symbol((uint32_t)distance - 1) / 2;
}

static inline uint32_t load_one(const uint8_t *pixel) {
    uint32_t one;
    memcpy(&one, pixel, 4);
    return one;
}

static inline uint64_t load_two(const uint8_t *pixels) {
    uint64_t two;
    memcpy(&two, pixels, 8);
    return two;
}

static inline uint32_t *one_of(struct pixel_deflate *d, uint32_t pixel) {
    return &d->ones[(pixel * 0x9e3779b1u) >> (32 - ONE_BITS)];
}

static inline uint32_t *two_of(struct pixel_deflate *d, uint64_t two) {
    return &d->twos[(two * 0x9e3779b97f4a7c15u) >> (64 - HASH_BITS)];
}

static inline uint32_t *four_of(struct pixel_deflate *d, uint64_t two, uint64_t next) {
    return &d->fours[((two ^ (next << 7 | next >> 57)) * 0x9e3779b97f4a7c15u) >> (64 - HASH_BITS)];
}

static inline uint32_t mark_of(size_t x, size_t y) {
    return (uint32_t)(y << 16 | x) + 1;
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

static inline struct candidate measure(const struct pixel_deflate *d, const uint8_t *here, size_t x,
                                       size_t y, uint32_t last, unsigned bpp) {
    const struct candidate none = {0, 0, 0};
    if (last == 0) {
        return none;
    }
    size_t last_x = (last - 1) & 0xffff, last_y = (last - 1) >> 16;
    size_t distance = (y - last_y) * d->row_bytes + x * bpp - last_x * bpp;
    const uint8_t *there = d->words[last_y] + 4 * last_x;
    if (load_two(there) != load_two(here) || distance > WINDOW_BYTES) {
        return none;
    }
    size_t limit = d->rows.width_px - (x > last_x ? x : last_x);
    size_t pixels = 2 + equal_pixels(here + 8, there + 8, limit - 2);
    if (pixels * bpp < MATCH_MIN) {
        return none;
    }
    return (struct candidate){pixels, distance, worth_of(pixels, bpp, distance)};
}

/* The last place in the window where the next two pixels stood, or four. */
static inline struct candidate find_place(struct pixel_deflate *d, const uint8_t *here, size_t x,
                                          size_t y, unsigned bpp) {
    uint64_t two = load_two(here);
    uint32_t *place = two_of(d, two), last = *place, mark = mark_of(x, y);
    *place = mark;
    struct candidate best = measure(d, here, x, y, last, bpp);
    if (d->rows.width_px >= VERY_WIDE_PX && x + 4 <= d->rows.width_px) {
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

/* Places inside a match where something begins. */
static inline void remember_inside(struct pixel_deflate *d, const uint8_t *row, size_t x, size_t y,
                                   size_t n, unsigned bpp) {
    size_t width = d->rows.width_px, end = x + n < width ? x + n : width - 1;
    for (size_t i = x + 1; (i += pixel_masks_run(d->left, i)) < end; i++) {
        uint32_t mark = mark_of(i, y);
        *two_of(d, load_two(row + 4 * i)) = mark;
        if (bpp > 1) { /* a grey pixel is a literal anyway */
            *one_of(d, load_one(row + 4 * i)) = mark;
        }
    }
}

static size_t remember_px(const struct pixel_deflate *d, size_t n_edges) {
    size_t width = d->rows.width_px;
    bool is_more = width >= VERY_WIDE_PX || (width >= WIDE_PX && n_edges * EDGES_PART < width);
    return d->is_photograph ? 0 : is_more ? REMEMBER_MORE_PX : REMEMBER_PX;
}

/* Are its three bytes one? */
static inline bool is_grey(const uint8_t *pixel, unsigned bpp) {
    uint32_t argb = load_one(pixel);
    return bpp == 3 && ((argb ^ argb >> 8) & 0xffff) == 0;
}

/* -- the search --------------------------------------------------------- */

/* A pixel that stood within reach as a match of its own costs less than its three bytes. */
static inline void put_pixel(struct pixel_deflate *d, size_t at, const uint8_t *row, size_t x,
                             size_t y, unsigned bpp) {
    make_room(d, at, 2);
    if (bpp == 1) {
        put_literals(d, at, 1);
        return;
    }
    uint32_t pixel = load_one(row + 4 * x), *place = one_of(d, pixel), last = *place;
    *place = mark_of(x, y);
    if (last != 0 && !d->is_photograph) {
        size_t last_x = (last - 1) & 0xffff, last_y = (last - 1) >> 16;
        size_t distance = (y - last_y) * d->row_bytes + x * bpp - last_x * bpp;
        if (distance <= WINDOW_BYTES && load_one(d->words[last_y] + 4 * last_x) == pixel) {
            put_match(d, bpp, distance);
            return;
        }
    }
    put_literals(d, at, 3);
    if (bpp == 4) {
        put_literals(d, at + 3, 1);
    }
}

/* The filter byte, with the margin if that is as in the base row. Returns pixels done. */
static inline size_t put_row_start(struct pixel_deflate *d, size_t at, size_t base_distance,
                                   unsigned bpp) {
    size_t margin = base_distance > 0 ? pixel_masks_run(d->above, 0) : 0;
    if (margin * bpp + 1 >= MATCH_MIN && margin < RUN_BYTES / bpp) {
        put_long_match(d, at, 1 + margin * bpp, base_distance);
        return margin;
    }
    make_room(d, at, 1);
    put_literals(d, at, 1);
    return 0;
}

static inline void search(struct pixel_deflate *d, size_t y, size_t base_distance, unsigned bpp) {
    size_t width = d->rows.width_px, remembered = remember_px(d, d->n_edges);
    const uint8_t *row = d->words[y];
    size_t x = put_row_start(d, y * d->row_bytes, base_distance, bpp);
    for (size_t at = y * d->row_bytes + 1 + x * bpp; x < width;) {
        size_t above = base_distance > 0 ? pixel_masks_run(d->above, x) : 0;
        size_t left = pixel_masks_run(d->left, x);
        struct candidate best = {0, 0, 0};
        if (above >= RUN_BYTES / bpp && left == 0 &&
            pixel_masks_run(d->left, x + 1) >= RUN_BYTES / bpp) {
            if (is_grey(row + 4 * x, bpp)) {
                left = 1 + pixel_masks_run(d->left, x + 1);
                put_byte_run(d, at, left * bpp);
                at += left * bpp;
                x += left;
                continue;
            }
            put_pixel(d, at, row, x++, y, bpp); /* what the run is of */
            at += bpp;
            left = pixel_masks_run(d->left, x);
        }
        if (above >= RUN_BYTES / bpp && left >= RUN_BYTES / bpp) {
            above = 0;
        }
        if (above < LONG_PX && left < LONG_PX && width - x >= 2 && !d->is_photograph) {
            best = find_place(d, row + 4 * x, x, y, bpp);
        }
        if (left * bpp >= MATCH_MIN && worth_of(left, bpp, bpp) > best.worth) {
            best = (struct candidate){left, bpp, worth_of(left, bpp, bpp)};
        }
        if (above * bpp >= MATCH_MIN && worth_of(above, bpp, base_distance) > best.worth) {
            best = (struct candidate){above, base_distance, 0};
        }
        if (best.distance == bpp && is_grey(row + 4 * x, bpp)) {
            best.distance = 1; /* a byte like any of them: one code less */
        }
        if (best.pixels > 0) {
            put_long_match(d, at, best.pixels * bpp, best.distance);
        } else if (is_grey(row + 4 * x, bpp) && pixel_masks_run(d->left, x + 1) > 0) {
            best.pixels = 1 + pixel_masks_run(d->left, x + 1);
            put_byte_run(d, at, best.pixels * bpp); /* one byte begins it */
        } else {
            put_pixel(d, at, row, x, y, bpp);
            best.pixels = 1;
        }
        if (best.pixels > 1 && best.pixels <= remembered) {
            remember_inside(d, row, x, y, best.pixels, bpp);
        }
        at += best.pixels * bpp;
        x += best.pixels;
    }
}

void pixel_search_begin(struct pixel_deflate *d) {
    memset(d->twos, 0, sizeof(d->twos));
    if (d->rows.width_px >= VERY_WIDE_PX) {
        memset(d->fours, 0, sizeof(d->fours));
    }
    if (d->rows.bytes_per_pixel > 1) {
        memset(d->ones, 0, sizeof(d->ones));
    }
}

void pixel_search_row(struct pixel_deflate *d, size_t y, size_t base_distance) {
    if (d->rows.bytes_per_pixel == 1) { /* three copies, each with its constant */
        search(d, y, base_distance, 1);
    } else if (d->rows.bytes_per_pixel == 3) {
        search(d, y, base_distance, 3);
    } else {
        search(d, y, base_distance, 4);
    }
}
