/* Dense frames. Exact colour reduction first (at most 256 colours: palette or
 * grey). These, and pictures with photographs, are filtered and go through
 * libdeflate; other colours through dense_deflate.c, unfiltered. */
#include "renderer/draw/png/dense_png.h"

#include <stdlib.h>
#include <string.h>

#include <libdeflate.h>

#include "common/log.h"
#include "renderer/draw/png/dense_deflate.h"
#include "renderer/draw/png/palette.h"
#include "renderer/draw/pixels.h"

/* libdeflate's near-optimal level 12 saves 10 % of the bytes and more, and is slow; pictures whose
 * raw bytes are many must do with a lower one. */
static const struct {
    size_t raw_bytes_max;
    int level;
} levels[] = {{8u << 20, 12}, {SIZE_MAX, 6}};

#define LEVEL_TRIAL 6

/* A row is as of a photograph when of a sample of its pixels one in SMOOTH_PART differs from the
 * one before by a small step; a picture has one when one row in PHOTOGRAPH_PART is. */
#define PHOTOGRAPH_PART 20
#define SMOOTH_PART     10
#define SMALL_STEP      8
#define SAMPLE_STEP     7

/* A page is nearly empty when so small a part of its bytes is left (of so many at most); small when
 * it has so few. */
#define EMPTY_PART      80
#define EMPTY_BYTES_MAX 5000000
#define SMALL_BYTES     400000

#define HEAD_ROOM 2048 /* signature, IHDR, PLTE, tRNS, IEND and chunk frames */

struct raw_picture {
    uint8_t *bytes; /* filtered rows */
    size_t size;
    uint8_t depth, color_type;
    bool is_for_pixels; /* whole bytes a pixel, for dense_deflate */
};

static uint8_t *put_u32(uint8_t *to, uint32_t value) {
    to[0] = (uint8_t)(value >> 24);
    to[1] = (uint8_t)(value >> 16);
    to[2] = (uint8_t)(value >> 8);
    to[3] = (uint8_t)value;
    return to + 4;
}

static uint8_t *close_chunk(uint8_t *chunk, const char *type, size_t len) {
    put_u32(chunk, (uint32_t)len);
    memcpy(chunk + 4, type, 4);
    return put_u32(chunk + 8 + len, libdeflate_crc32(0, chunk + 4, len + 4));
}

/* -- rows --------------------------------------------------------------- */

static int raw_from_palette(const struct palette *palette, const uint8_t *pixels, size_t stride,
                            uint32_t width, uint32_t height, struct raw_picture *raw) {
    raw->depth = palette_depth(palette);
    raw->color_type = palette->is_grey ? 0 : 3;
    size_t row_bytes = 1 + ((size_t)width * raw->depth + 7) / 8;
    raw->size = row_bytes * height;
    raw->bytes = calloc(raw->size + 16, 1);
    if (raw->bytes == NULL) {
        return -1;
    }
    for (uint32_t y = 0; y < height; y++) {
        palette_map_row(palette, pixels + y * stride, width, raw->depth,
                        raw->bytes + y * row_bytes + 1);
    }
    return 0;
}

static int raw_from_colors(const uint8_t *pixels, size_t stride, uint32_t width, uint32_t height,
                           bool has_alpha, struct raw_picture *raw) {
    size_t n_channels = has_alpha ? 4 : 3, row_bytes = 1 + (size_t)width * n_channels;
    raw->depth = 8;
    raw->color_type = has_alpha ? 6 : 2;
    raw->size = row_bytes * height;
    raw->bytes = malloc(raw->size + 16);
    if (raw->bytes == NULL) {
        return -1;
    }
    for (uint32_t y = 0; y < height; y++) {
        uint8_t *row = raw->bytes + y * row_bytes;
        row[0] = 0;
        if (has_alpha) {
            pixels_to_rgba(pixels + y * stride, row + 1, width);
        } else {
            pixels_to_rgb(pixels + y * stride, row + 1, width);
        }
    }
    return 0;
}

/* -- filters ------------------------------------------------------------ */

static uint8_t paeth(int a, int b, int c) {
    int pa = abs(b - c), pb = abs(a - c), pc = abs(a + b - 2 * c);
    return (uint8_t)(pa <= pb && pa <= pc ? a : pb <= pc ? b : c);
}

/* One row by filter 1 (sub), 2 (up) or 4 (paeth); above is NULL for the first row. */
static void filter_row(int type, const uint8_t *row, const uint8_t *above, size_t n, size_t bpp,
                       uint8_t *out) {
    for (size_t i = 0; i < n; i++) {
        int a = i >= bpp ? row[i - bpp] : 0, b = above != NULL ? above[i] : 0;
        int c = i >= bpp && above != NULL ? above[i - bpp] : 0;
        int guess = type == 1 ? a : type == 2 ? b : paeth(a, b, c);
        out[i] = (uint8_t)(row[i] - guess);
    }
}

/* Sum of the differences: what photographs want small. */
static size_t weight_of(const uint8_t *row, size_t n) {
    size_t sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += row[i] < 128 ? row[i] : 256u - row[i];
    }
    return sum;
}

/* Bytes that do not go on like the one before: what drawings want few of. */
static size_t breaks_of(const uint8_t *row, size_t n) {
    size_t sum = n > 0 && row[0] != 0;
    for (size_t i = 1; i < n; i++) {
        sum += row[i] != row[i - 1];
    }
    return sum;
}

typedef size_t (*cost_fn)(const uint8_t *row, size_t n);

/* Which filters a plan may take for a row (bit per type), and by what measure. */
static const struct plan {
    unsigned types;
    cost_fn cost;
} plans[] = {
    {1u | 1u << 1 | 1u << 2 | 1u << 4, weight_of},
    {1u | 1u << 1 | 1u << 2 | 1u << 4, breaks_of},
    {1u | 1u << 2, breaks_of},
};

#define PLANS (sizeof(plans) / sizeof(plans[0]))

/* The row at this byte, by the filter of the plan that costs least. out: raw->size + a row */
static void filter_row_by_plan(const struct raw_picture *raw, const struct plan *plan, size_t at,
                               size_t row_bytes, size_t bpp, uint8_t *out) {
    uint8_t *trial = out + raw->size;
    const uint8_t *row = raw->bytes + at + 1;
    const uint8_t *above = at > 0 ? row - row_bytes : NULL;
    size_t best = (plan->types & 1) != 0 ? plan->cost(row, row_bytes - 1) : SIZE_MAX;
    out[at] = 0;
    memcpy(out + at + 1, row, row_bytes - 1);
    for (int type = 1; type <= 4 && best > 0; type++) {
        if ((plan->types >> type & 1) == 0) {
            continue;
        }
        filter_row(type, row, above, row_bytes - 1, bpp, trial);
        size_t sum = plan->cost(trial, row_bytes - 1);
        if (sum < best) {
            best = sum;
            out[at] = (uint8_t)type;
            memcpy(out + at + 1, trial, row_bytes - 1);
        }
    }
}

static void filter_by_plan(const struct raw_picture *raw, const struct plan *plan, size_t row_bytes,
                           size_t bpp, uint8_t *out) {
    for (size_t at = 0; at < raw->size; at += row_bytes) {
        filter_row_by_plan(raw, plan, at, row_bytes, bpp, out);
    }
}

/* No plan is best everywhere: a quick trial decides. */
static void choose_filter(struct raw_picture *raw, uint32_t height, size_t bpp) {
    size_t row_bytes = raw->size / height, best = 0, best_plan = PLANS;
    uint8_t *filtered = malloc(raw->size + row_bytes);
    struct libdeflate_compressor *compressor = libdeflate_alloc_compressor(LEVEL_TRIAL);
    size_t bound = compressor != NULL ? libdeflate_zlib_compress_bound(compressor, raw->size) : 0;
    uint8_t *scratch = bound > 0 ? malloc(bound) : NULL;
    if (filtered != NULL && scratch != NULL) {
        best = libdeflate_zlib_compress(compressor, raw->bytes, raw->size, scratch, bound);
        for (size_t i = 0; i < PLANS; i++) {
            filter_by_plan(raw, &plans[i], row_bytes, bpp, filtered);
            size_t size = libdeflate_zlib_compress(compressor, filtered, raw->size, scratch, bound);
            if (size > 0 && size < best) {
                best = size;
                best_plan = i;
            }
        }
        if (best_plan < PLANS) {
            filter_by_plan(raw, &plans[best_plan], row_bytes, bpp, filtered);
            uint8_t *swap = raw->bytes;
            raw->bytes = filtered;
            filtered = swap;
        }
    }
    free(filtered);
    free(scratch);
    libdeflate_free_compressor(compressor);
}

/* Does a row go on in small steps, as those of photographs do? */
static bool is_smooth(const uint8_t *row, size_t n, size_t bpp) {
    size_t n_small = 0, n_samples = 0;
    for (size_t i = bpp; i < n; i += SAMPLE_STEP * bpp, n_samples++) {
        int step = abs(row[i] - row[i - bpp]);
        n_small += step > 0 && step <= SMALL_STEP;
    }
    return n_small * SMOOTH_PART > n_samples;
}

static bool has_photograph(const struct raw_picture *raw, uint32_t height, size_t bpp) {
    size_t row_bytes = raw->size / height, n_smooth = 0;
    for (size_t at = 0; at < raw->size; at += row_bytes) {
        const uint8_t *row = raw->bytes + at;
        bool is_new = at == 0 || memcmp(row, row - row_bytes, row_bytes) != 0;
        n_smooth += is_new && is_smooth(row + 1, row_bytes - 1, bpp);
    }
    return n_smooth * PHOTOGRAPH_PART > height;
}

/* -- the file ----------------------------------------------------------- */

static uint8_t *put_palette(uint8_t *at, const struct palette *palette) {
    for (size_t i = 0; i < palette->n; i++) {
        uint8_t *entry = at + 8 + 3 * i;
        entry[0] = (uint8_t)palette->rgba[i];
        entry[1] = (uint8_t)(palette->rgba[i] >> 8);
        entry[2] = (uint8_t)(palette->rgba[i] >> 16);
    }
    at = close_chunk(at, "PLTE", 3 * palette->n);
    if (palette->n_translucent > 0) {
        for (size_t i = 0; i < palette->n_translucent; i++) {
            at[8 + i] = (uint8_t)(palette->rgba[i] >> 24);
        }
        at = close_chunk(at, "tRNS", palette->n_translucent);
    }
    return at;
}

static int level_for(size_t raw_bytes) {
    size_t i = 0;
    while (raw_bytes > levels[i].raw_bytes_max) {
        i++;
    }
    return levels[i].level;
}

/* The zlib stream; 0 when out of memory. */
static size_t compress(struct libdeflate_compressor *compressor, const struct raw_picture *raw,
                       uint32_t width, uint32_t height, uint8_t *out, size_t room) {
    if (!raw->is_for_pixels) {
        return libdeflate_zlib_compress(compressor, raw->bytes, raw->size, out, room);
    }
    size_t row_bytes = raw->size / height, bpp = (row_bytes - 1) / width;
    size_t run = dense_deflate(raw->bytes, width, height, (unsigned)bpp, out + 2);
    if (run == 0) {
        return 0;
    }
    memcpy(out, (uint8_t[]){0x78, 0xda}, 2);
    put_u32(out + 2 + run, libdeflate_adler32(1, raw->bytes, raw->size));
    return run + 6;
}

static struct lg_bytes *write_png(const struct raw_picture *raw, const struct palette *palette,
                                  uint32_t width, uint32_t height) {
    static const uint8_t signature[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    struct lg_bytes *png = NULL;
    struct libdeflate_compressor *compressor = libdeflate_alloc_compressor(level_for(raw->size));
    size_t bound = compressor != NULL ? libdeflate_zlib_compress_bound(compressor, raw->size) : 0;
    if (bound > 0 && raw->is_for_pixels) {
        size_t bpp = (raw->size / height - 1) / width;
        bound = dense_deflate_bound(width, height, (unsigned)bpp) + 6;
    }
    uint8_t *file = bound > 0 ? malloc(bound + HEAD_ROOM) : NULL;
    if (file == NULL) {
        lg_log(LG_LOG_ERROR, "dense_png", "no_memory", "raw_bytes=%zu", raw->size);
        goto out;
    }
    memcpy(file, signature, 8);
    uint8_t *at = file + 8;
    put_u32(at + 8, width);
    put_u32(at + 12, height);
    memcpy(at + 16, (uint8_t[]){raw->depth, raw->color_type, 0, 0, 0}, 5);
    at = close_chunk(at, "IHDR", 13);
    if (raw->color_type == 3) {
        at = put_palette(at, palette);
    }
    size_t len = compress(compressor, raw, width, height, at + 8, bound);
    if (len > 0) {
        at = close_chunk(at, "IDAT", len);
        at = close_chunk(at, "IEND", 0);
        png = lg_bytes_copy(file, (size_t)(at - file));
    }
out:
    free(file);
    libdeflate_free_compressor(compressor);
    return png;
}

/* By libdeflate, whatever filter suits. */
static struct lg_bytes *encode_filtered(struct raw_picture *raw, const struct palette *palette,
                                        uint32_t width, uint32_t height, size_t bpp) {
    raw->is_for_pixels = false;
    choose_filter(raw, height, bpp);
    return write_png(raw, palette, width, height);
}

/* By dense_deflate; for a page that is small or nearly empty, which costs little time, both. */
static struct lg_bytes *encode_pixels(struct raw_picture *raw, const struct palette *palette,
                                      uint32_t width, uint32_t height, size_t bpp) {
    raw->is_for_pixels = true;
    struct lg_bytes *png = write_png(raw, palette, width, height);
    if (png != NULL && raw->size < EMPTY_BYTES_MAX &&
        (lg_bytes_size(png) < raw->size / EMPTY_PART || raw->size < SMALL_BYTES)) {
        struct lg_bytes *other = encode_filtered(raw, palette, width, height, bpp);
        if (other != NULL && lg_bytes_size(other) < lg_bytes_size(png)) {
            lg_bytes_unref(png);
            return other;
        }
        lg_bytes_unref(other);
    }
    return png;
}

struct lg_bytes *dense_png_encode(const uint8_t *pixels, size_t stride_bytes, uint32_t width_px,
                                  uint32_t height_px, bool has_alpha) {
    struct raw_picture raw = {0};
    struct palette palette;
    struct lg_bytes *png = NULL;
    size_t bpp = has_alpha ? 4 : 3;
    if ((uint64_t)width_px * height_px > DENSE_PIXELS_MAX || width_px == 0 || height_px == 0) {
        return NULL;
    }
    if (palette_collect(&palette, pixels, stride_bytes, width_px, height_px, has_alpha)) {
        if (raw_from_palette(&palette, pixels, stride_bytes, width_px, height_px, &raw) == 0) {
            png = encode_filtered(&raw, &palette, width_px, height_px, 1);
        }
    } else if (raw_from_colors(pixels, stride_bytes, width_px, height_px, has_alpha, &raw) == 0) {
        bool is_for_pixels = width_px <= DENSE_DEFLATE_WIDTH_MAX &&
                             (uint64_t)width_px * height_px <= DENSE_DEFLATE_PIXELS_MAX &&
                             !has_photograph(&raw, height_px, bpp);
        png = is_for_pixels ? encode_pixels(&raw, &palette, width_px, height_px, bpp)
                            : encode_filtered(&raw, &palette, width_px, height_px, bpp);
    }
    free(raw.bytes);
    return png;
}
