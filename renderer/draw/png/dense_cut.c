/* Matches by chains of pixels that begin alike; the cheapest cut of a row by going
 * through its pixels from the left, each knowing the cheapest way to it. */
#include <string.h>

#include "renderer/draw/pixel_masks.h"
#include "renderer/draw/png/dense_deflate_private.h"

#define CHAIN_MAX  64 /* places looked at for a pixel */
#define BEFORE_MAX 84 /* pixels before it that a match is followed back */
#define ROW_SHIFT  13 /* a place: row << 13 | column, + 1 */
#define START      UINT32_MAX
#define MATCH_MIN  3
#define LONG_BYTES 258 /* a match can be */
/* Of a match all lengths are tried that are so near to its shortest and to its longest. */
#define NEAR_PX 10

/* -- matches ------------------------------------------------------------ */

static uint32_t hash_of(uint64_t pixels) {
    return (uint32_t)((pixels * 0x9e3779b97f4a7c15u) >> (64 - DENSE_HASH_BITS));
}

void dense_forget(struct dense_deflate *d, uint32_t row) {
    d->n_found = 0;
    d->block_row = row;
}

static void mark_edges(struct dense_deflate *d, uint32_t y) {
    const uint8_t *row = (const uint8_t *)(d->words + (size_t)y * d->width);
    pixel_masks_difference(row + 4, row, d->width - 1, d->left);
    for (size_t i = PIXEL_MASK_WORDS(d->width - 1); i-- > 1;) {
        d->left[i] = d->left[i] << 1 | d->left[i - 1] >> 63;
    }
    d->left[0] = d->left[0] << 1 | 1;
}

/* Bytes from a place to a pixel; 0 when it is out of reach. */
static size_t distance_to(const struct dense_deflate *d, uint32_t place, uint32_t x, uint32_t y) {
    uint32_t place_y = (place - 1) >> ROW_SHIFT, place_x = (place - 1) & ((1u << ROW_SHIFT) - 1);
    size_t distance = (y - place_y) * d->row_bytes + (size_t)x * d->bpp - (size_t)place_x * d->bpp;
    return distance <= DENSE_WINDOW_BYTES ? distance : 0;
}

static uint32_t equal_pixels(const uint32_t *a, const uint32_t *b, uint32_t limit) {
    uint32_t n = 0;
    while (n < limit && a[n] == b[n]) {
        n++;
    }
    return n;
}

static void add_found(struct dense_deflate *d, uint32_t pixels, uint32_t before, size_t distance) {
    if (d->n_found < DENSE_FOUND_MAX && (pixels + before) * d->bpp >= 3) {
        d->found[d->n_found++] =
            (struct dense_found){(uint16_t)pixels, (uint16_t)before, (uint16_t)(distance - 1)};
    }
}

/* The nearest places of each length, nearer ones first. */
static void find_at(struct dense_deflate *d, const uint32_t *row, uint32_t x, uint32_t y) {
    uint32_t mark = (y << ROW_SHIFT | x) + 1, best = 0;
    uint32_t *one = &d->ones[hash_of(row[x])];
    size_t distance = *one != 0 ? distance_to(d, *one, x, y) : 0;
    if (distance > 0) {
        uint32_t place = *one - 1;
        const uint32_t *there = d->words + (size_t)(place >> ROW_SHIFT) * d->width;
        if (there[place & ((1u << ROW_SHIFT) - 1)] == row[x]) {
            add_found(d, 1, 0, distance);
            best = 1;
        }
    }
    *one = mark;
    if (x + 1 >= d->width) {
        return;
    }
    uint32_t *head = &d->heads[hash_of((uint64_t)row[x] << 32 | row[x + 1])];
    uint32_t place = *head;
    for (unsigned i = 0; i < CHAIN_MAX && place != 0; i++) {
        uint32_t place_y = (place - 1) >> ROW_SHIFT,
                 place_x = (place - 1) & ((1u << ROW_SHIFT) - 1);
        const uint32_t *there = d->words + (size_t)place_y * d->width + place_x;
        distance = distance_to(d, place, x, y);
        if (distance == 0) {
            break;
        }
        uint32_t limit = d->width - (x > place_x ? x : place_x);
        if (best < limit && there[best] == row[x + best]) {
            uint32_t pixels = equal_pixels(row + x, there, limit);
            if (pixels > best) {
                uint32_t before = 0, most = x < place_x ? x : place_x;
                most = most < BEFORE_MAX ? most : BEFORE_MAX;
                while (before < most && there[-1 - (int)before] == row[x - 1 - before]) {
                    before++;
                }
                add_found(d, pixels, before, distance);
                best = pixels;
            }
        }
        place = d->before[(size_t)place_y * d->width + place_x];
    }
    d->before[(size_t)y * d->width + x] = *head;
    *head = mark;
}

size_t dense_find_row(struct dense_deflate *d, uint32_t y) {
    size_t n_edges = 0;
    const uint32_t *row = d->words + (size_t)y * d->width;
    uint32_t *first = d->first_found + (size_t)(y - d->block_row) * (d->width + 1);
    mark_edges(d, y);
    for (uint32_t x = 0; x < d->width; x++) {
        first[x] = (uint32_t)d->n_found;
        if ((d->left[x / 64] >> (x % 64) & 1) != 0) { /* else a run goes on: nothing is nearer */
            find_at(d, row, x, y);
            n_edges++;
        }
    }
    first[d->width] = (uint32_t)d->n_found;
    return n_edges;
}

/* -- the cheapest cut --------------------------------------------------- */

static inline void reach(struct dense_deflate *d, uint32_t from, uint32_t to, uint32_t cost,
                         uint32_t distance) {
    if (cost < d->nodes[to].cost) {
        d->nodes[to] = (struct dense_node){cost, from, distance};
    }
}

/* A match at a node: of all its bytes, or of fewer that end with a pixel. first: bytes to the end
 * of the first pixel. */
static void reach_by_match(struct dense_deflate *d, uint32_t from, uint32_t first, uint32_t bytes,
                           uint32_t distance) {
    uint32_t bpp = d->bpp, most = bytes < LONG_BYTES ? bytes : LONG_BYTES;
    uint32_t cost = d->nodes[from].cost + d->costs.distance[deflate_distance_symbol(distance - 1)];
    if (most < MATCH_MIN) {
        return;
    }
    reach(d, from, from + most, cost + d->costs.length[most - 3], distance);
    if (bytes > LONG_BYTES) { /* the rest goes on from there */
        return;
    }
    for (uint32_t n = first; n < most; n += bpp) {
        if (n == first + NEAR_PX * bpp && most > n + NEAR_PX * bpp) {
            n = first + (most - first) / bpp * bpp - NEAR_PX * bpp;
        }
        if (n >= MATCH_MIN) {
            reach(d, from, from + n, cost + d->costs.length[n - 3], distance);
        }
    }
}

/* Matches that begin before a pixel, where a run was under way, and go on like the one found
 * at it. */
static void reach_from_before(struct dense_deflate *d, uint32_t at,
                              const struct dense_found *found) {
    uint32_t distance = found->distance + 1u, bytes = found->pixels * d->bpp;
    uint32_t distance_cost = d->costs.distance[deflate_distance_symbol(distance - 1)];
    for (uint32_t n = d->bpp; n <= found->before * d->bpp && bytes + n <= LONG_BYTES; n += d->bpp) {
        uint32_t cost = d->nodes[at - n].cost;
        if (cost < UINT32_MAX && bytes + n >= MATCH_MIN) {
            reach(d, at - n, at + bytes, cost + distance_cost + d->costs.length[bytes + n - 3],
                  distance);
        }
    }
}

/* Pixels from x on to where a run begins that is longer than a match can be. */
static uint32_t pixels_to_long_run(const struct dense_deflate *d, uint32_t x, uint32_t limit) {
    uint32_t at = x;
    while (at - x < limit) {
        size_t run = pixel_masks_run(d->left, at);
        if (run * d->bpp > LONG_BYTES) {
            return at - x;
        }
        at += (uint32_t)run + 1;
    }
    return 0;
}

/* How many bytes a match with the base row goes on for in the row below. */
static uint32_t bytes_below(const struct dense_deflate *d, uint32_t y) {
    uint32_t base = d->base[y];
    if (y + 1 >= d->block_row + d->block_rows || d->is_repeated[y + 1] ||
        d->raw[(base + 1) * d->row_bytes] != d->raw[(y + 1) * d->row_bytes]) {
        return 0;
    }
    return 1 + d->bpp * equal_pixels(d->words + (size_t)(y + 1) * d->width,
                                     d->words + (size_t)(base + 1) * d->width, d->width);
}

/* A row under way. */
struct row_ways {
    const uint8_t *raw;     /* its bytes */
    const uint32_t *first;  /* matches found, by pixel */
    uint32_t node;          /* of its first byte */
    uint32_t base_distance; /* 0 = none within reach */
    uint32_t below;         /* bytes_below */
};

static void reach_by_base(struct dense_deflate *d, const struct row_ways *row, uint32_t byte,
                          uint32_t x, uint32_t first) {
    uint32_t pixels = (uint32_t)pixel_masks_run(d->above, x), bpp = d->bpp;
    if (pixels == 0) {
        return;
    }
    uint32_t bytes = (pixels - 1) * bpp + first;
    uint32_t below = x + pixels == d->width ? row->below : 0;
    reach_by_match(d, row->node + byte, first, bytes + below, row->base_distance);
    uint32_t to_run = bytes > LONG_BYTES && first == bpp ? pixels_to_long_run(d, x, pixels) : 0;
    if (to_run > 0) {
        reach_by_match(d, row->node + byte, first, to_run * bpp, row->base_distance);
    }
}

static bool is_of_one_byte(const uint8_t *pixel, unsigned bpp) {
    return bpp == 1 ||
           (pixel[0] == pixel[1] && pixel[1] == pixel[2] && (bpp == 3 || pixel[2] == pixel[3]));
}

/* All ways on from a byte of the pixel x; first: bytes to its end. */
static void find_ways_at(struct dense_deflate *d, const struct row_ways *row, uint32_t byte,
                         uint32_t x, uint32_t first) {
    uint32_t node = row->node + byte, bpp = d->bpp;
    reach(d, node, node + 1, d->nodes[node].cost + d->costs.literal[row->raw[byte]], 0);
    if (first == bpp) {
        for (uint32_t i = row->first[x]; i < row->first[x + 1]; i++) {
            reach_by_match(d, node, bpp, d->found[i].pixels * bpp, d->found[i].distance + 1u);
            reach_from_before(d, node, &d->found[i]);
        }
    }
    bool is_plain = is_of_one_byte(row->raw + byte + first - bpp, bpp);
    if (is_plain && row->raw[byte] == row->raw[byte - 1]) {
        uint32_t run = (uint32_t)pixel_masks_run(d->left, x + 1);
        reach_by_match(d, node, first, first + run * bpp, 1);
    } else if (first == bpp) {
        reach_by_match(d, node, bpp, (uint32_t)pixel_masks_run(d->left, x) * bpp, bpp);
    }
    if (row->base_distance > 0 && (first == bpp || d->nodes[node].distance != 0)) {
        reach_by_base(d, row, byte, x, first);
    }
}

static void find_ways(struct dense_deflate *d, uint32_t y) {
    uint32_t base = d->base[y];
    size_t distance = base != UINT32_MAX ? (y - base) * d->row_bytes : 0;
    struct row_ways row = {
        .raw = d->raw + (size_t)y * d->row_bytes,
        .first = d->first_found + (size_t)(y - d->block_row) * (d->width + 1),
        .node = (uint32_t)((y - d->block_row) * d->row_bytes),
        .base_distance = distance <= DENSE_WINDOW_BYTES ? (uint32_t)distance : 0,
    };
    mark_edges(d, y);
    if (d->nodes[row.node].cost < UINT32_MAX) {
        reach(d, row.node, row.node + 1, d->nodes[row.node].cost + d->costs.literal[row.raw[0]], 0);
    }
    if (row.base_distance > 0) {
        pixel_masks_difference((const uint8_t *)(d->words + (size_t)y * d->width),
                               (const uint8_t *)(d->words + (size_t)base * d->width), d->width,
                               d->above);
        row.below = bytes_below(d, y);
        if (d->nodes[row.node].cost < UINT32_MAX) {
            uint32_t margin = (uint32_t)pixel_masks_run(d->above, 0) * d->bpp;
            reach_by_match(d, row.node, 1, 1 + margin, row.base_distance);
        }
    }
    for (uint32_t x = 0, byte = 1; x < d->width; x++) {
        for (uint32_t first = d->bpp; first > 0; first--, byte++) {
            if (d->nodes[row.node + byte].cost < UINT32_MAX) {
                find_ways_at(d, &row, byte, x, first);
            }
        }
    }
}

/* The way to the end, from its start: `from` becomes the next node. */
static void turn_way(struct dense_deflate *d, uint32_t end) {
    uint32_t next = START, at = end;
    while (at != START) {
        uint32_t from = d->nodes[at].from;
        d->nodes[at].from = next;
        next = at;
        at = from;
    }
}

void dense_cut_block(struct dense_deflate *d) {
    uint32_t end = (uint32_t)(d->block_rows * d->row_bytes);
    size_t start = d->block_row * d->row_bytes;
    for (uint32_t i = 0; i <= end; i++) {
        d->nodes[i].cost = UINT32_MAX;
    }
    d->nodes[0] = (struct dense_node){0, START, 0};
    for (uint32_t y = d->block_row; y < d->block_row + d->block_rows; y++) {
        uint32_t node = (uint32_t)((y - d->block_row) * d->row_bytes);
        if (d->is_repeated[y]) {
            reach(d, node, node + (uint32_t)d->row_bytes, d->nodes[node].cost, DENSE_REPEATED);
        } else {
            find_ways(d, y);
        }
    }
    turn_way(d, end);
    for (uint32_t at = 0, next = d->nodes[0].from; next != START; next = d->nodes[next].from) {
        uint32_t distance = d->nodes[next].distance, bytes = next - at;
        if (distance == DENSE_REPEATED) {
            dense_put_literals(d, start + at, 2);
            dense_put_match(d, start + at + 2, bytes - 2, 1);
        } else if (distance == 0) {
            dense_put_literals(d, start + at, bytes);
        } else {
            dense_put_match(d, start + at, bytes, distance);
        }
        at = next;
    }
}
