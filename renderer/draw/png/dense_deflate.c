/* Blocks of rows are cut (dense_cut.c) several times, each with the costs that the time before
 * came to. */
#include "renderer/draw/png/dense_deflate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "renderer/draw/pixel_masks.h"
#include "renderer/draw/png/dense_deflate_private.h"

/* A block takes rows until so many of their pixels differ from the one before. */
#define BLOCK_PIXELS 30000
#define PASSES       2
#define FILTER_UP    2

/* -- costs -------------------------------------------------------------- */

static uint32_t cost_of(uint32_t count, double total) {
    /* What is not used yet costs about as much as what was used once in a while. */
    double share = count > 0 ? count : 0.4;
    double bits = log2(total / share);
    return (uint32_t)(DENSE_BIT * (bits < 1 ? 1 : bits > 15 ? 15 : bits));
}

void dense_costs_of(const struct dense_counts *counts, struct dense_costs *costs) {
    double literals = 1, distances = 1;
    for (size_t i = 0; i < DEFLATE_LITERALS; i++) {
        literals += counts->literals[i];
    }
    for (size_t i = 0; i < DEFLATE_DISTANCES; i++) {
        distances += counts->distances[i];
    }
    for (size_t i = 0; i < 256; i++) {
        unsigned symbol = deflate_length_symbols[i];
        unsigned extra = symbol < 8 || symbol == 28 ? 0 : symbol / 4 - 1;
        costs->literal[i] = cost_of(counts->literals[i], literals);
        costs->length[i] = cost_of(counts->literals[257 + symbol], literals) + extra * DENSE_BIT;
    }
    for (unsigned i = 0; i < DEFLATE_DISTANCES; i++) {
        unsigned extra = i < 4 ? 0 : i / 2 - 1;
        costs->distance[i] = cost_of(counts->distances[i], distances) + extra * DENSE_BIT;
    }
}

/* Before anything is known: about what score pages have. */
static void start_costs(struct dense_deflate *d) {
    struct dense_counts counts;
    memset(&counts, 0, sizeof(counts));
    for (size_t i = 0; i < 256; i++) {
        counts.literals[i] = 4;
    }
    for (size_t i = 257; i < DEFLATE_LITERALS; i++) {
        counts.literals[i] = 40;
    }
    for (size_t i = 0; i < DEFLATE_DISTANCES; i++) {
        counts.distances[i] = 10;
    }
    dense_costs_of(&counts, &d->costs);
}

/* -- tokens ------------------------------------------------------------- */

static void close_block(struct dense_deflate *d, size_t at) {
    deflate_block_write(&d->block, &d->to, d->raw + d->block_start, at - d->block_start);
    deflate_block_start(&d->block);
    d->block_start = at;
}

static uint32_t *next_token(struct dense_deflate *d, size_t at) {
    if (d->block.n_tokens == DEFLATE_TOKENS_MAX) {
        close_block(d, at);
    }
    return &d->block.tokens[d->block.n_tokens++];
}

void dense_put_literals(struct dense_deflate *d, size_t at, size_t n) {
    for (size_t i = 0; i < n; i++) {
        uint8_t byte = d->raw[at + i];
        d->counts.literals[byte]++;
        if (d->is_counting) {
            continue;
        }
        *next_token(d, at + i) = DEFLATE_LITERAL | 1u << 24 | byte;
        d->block.n_literals[byte]++;
    }
}

void dense_put_match(struct dense_deflate *d, size_t at, size_t length, size_t distance) {
    while (length > 0) {
        size_t part = dense_match_part(length);
        unsigned symbol = deflate_distance_symbol((uint32_t)distance - 1);
        unsigned length_symbol = deflate_length_symbols[part - 3];
        d->counts.literals[257 + length_symbol]++;
        d->counts.distances[symbol]++;
        if (!d->is_counting) {
            *next_token(d, at) = (uint32_t)((part - 3) << 16 | (distance - 1));
            d->block.n_literals[257 + length_symbol]++;
            d->block.n_distances[symbol]++;
        }
        at += part;
        length -= part;
    }
}

/* -- rows --------------------------------------------------------------- */

/* Rows that make a block. */
static void gather_rows(struct dense_deflate *d, uint32_t from) {
    size_t n_pixels = 0;
    uint32_t y = from;
    dense_forget(d, from);
    while (y < d->height && y - from < DENSE_BLOCK_ROWS && n_pixels < BLOCK_PIXELS) {
        if (!d->is_repeated[y]) {
            n_pixels += dense_find_row(d, y);
        }
        y++;
    }
    d->block_rows = y - from;
}

static void encode(struct dense_deflate *d) {
    for (uint32_t from = 0; from < d->height; from += d->block_rows) {
        gather_rows(d, from);
        for (int pass = 0; pass < PASSES; pass++) {
            d->is_counting = pass + 1 < PASSES;
            memset(&d->counts, 0, sizeof(d->counts));
            dense_cut_block(d);
            dense_costs_of(&d->counts, &d->costs);
        }
        close_block(d, (size_t)(from + d->block_rows) * d->row_bytes);
    }
}

static bool is_zero(const uint8_t *bytes, size_t n) {
    return bytes[0] == 0 && memcmp(bytes, bytes + 1, n - 1) == 0;
}

/* Rows as words, which of them are all zeros, and the nearest row before of the same filter. */
static void read_rows(struct dense_deflate *d) {
    uint32_t base[256];
    memset(base, 0xff, sizeof(base));
    for (uint32_t y = 0; y < d->height; y++) {
        const uint8_t *row = d->raw + (size_t)y * d->row_bytes;
        uint32_t *words = d->words + (size_t)y * d->width;
        d->is_repeated[y] =
            row[0] == FILTER_UP && d->row_bytes >= 5 && is_zero(row + 1, d->row_bytes - 1);
        for (size_t x = 0; x < d->width; x++) {
            const uint8_t *pixel = row + 1 + x * d->bpp;
            words[x] = pixel[0];
            for (unsigned i = 1; i < d->bpp; i++) {
                words[x] |= (uint32_t)pixel[i] << (8 * i);
            }
        }
        d->base[y] = base[row[0]];
        if (!d->is_repeated[y]) {
            base[row[0]] = y;
        }
    }
}

/* -- the run ------------------------------------------------------------ */

static void destroy(struct dense_deflate *d) {
    if (d != NULL) {
        free(d->words);
        free(d->is_repeated);
        free(d->base);
        free(d->before);
        free(d->found);
        free(d->first_found);
        free(d->nodes);
        free(d->above);
        free(d->left);
        free(d);
    }
}

static struct dense_deflate *create(const uint8_t *raw, uint32_t width, uint32_t height,
                                    unsigned bpp) {
    struct dense_deflate *d = calloc(1, sizeof(*d));
    size_t n = (size_t)width * height;
    if (d == NULL) {
        return NULL;
    }
    d->raw = raw;
    d->width = width;
    d->height = height;
    d->bpp = bpp;
    d->row_bytes = 1 + (size_t)width * bpp;
    d->words = malloc(n * sizeof(*d->words));
    d->is_repeated = malloc(height * sizeof(*d->is_repeated));
    d->base = malloc(height * sizeof(*d->base));
    d->before = malloc(n * sizeof(*d->before));
    d->found = malloc(DENSE_FOUND_MAX * sizeof(*d->found));
    d->first_found = malloc((size_t)DENSE_BLOCK_ROWS * (width + 1) * sizeof(*d->first_found));
    d->nodes = malloc((DENSE_BLOCK_ROWS * d->row_bytes + 1) * sizeof(*d->nodes));
    d->above = malloc(PIXEL_MASK_WORDS(width) * sizeof(*d->above));
    d->left = malloc(PIXEL_MASK_WORDS(width) * sizeof(*d->left));
    if (d->words == NULL || d->is_repeated == NULL || d->base == NULL || d->before == NULL ||
        d->found == NULL || d->first_found == NULL || d->nodes == NULL || d->above == NULL ||
        d->left == NULL) {
        destroy(d);
        return NULL;
    }
    return d;
}

size_t dense_deflate_bound(uint32_t width_px, uint32_t height_px, unsigned bpp) {
    /* A block holds DEFLATE_TOKENS_MAX bytes at least, or DENSE_BLOCK_ROWS, or is the last. */
    size_t raw_bytes = (1 + (size_t)width_px * bpp) * height_px;
    return 2 * raw_bytes + (raw_bytes / BLOCK_PIXELS + height_px / DENSE_BLOCK_ROWS + 3) * 1024;
}

size_t dense_deflate(const uint8_t *raw, uint32_t width_px, uint32_t height_px, unsigned bpp,
                     uint8_t *out) {
    struct dense_deflate *d = create(raw, width_px, height_px, bpp);
    if (d == NULL) {
        lg_log(LG_LOG_ERROR, "dense_deflate", "no_memory", "width_px=%u height_px=%u", width_px,
               height_px);
        return 0;
    }
    d->to = (struct bit_writer){.at = out};
    deflate_block_start(&d->block);
    read_rows(d);
    start_costs(d);
    encode(d);
    deflate_flush(&d->to);
    memcpy(d->to.at, (uint8_t[]){0x03, 0x00}, 2); /* empty final block */
    size_t size = (size_t)(d->to.at - out) + 2;
    destroy(d);
    return size;
}
