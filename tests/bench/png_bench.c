/* The strip encoder beside cairo's PNG writer, libpng, spng and ISA-L on pages
 * that look like scores. Prints one line per page and encoder, then the ratios that
 * the project promises; exits 1 when one of them is missed. */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cairo.h>
#include <isa-l/igzip_lib.h>
#include <png.h>
#include <spng.h>

#include "common/png_join.h"
#include "renderer/draw/png/dense_png.h"
#include "renderer/draw/pixels.h"
#include "renderer/draw/png/strips.h"

#define ROUNDS_MAX       51
#define CHANGE_WIDTH_PX  200
#define CHANGE_HEIGHT_PX 150

struct sink {
    uint8_t *data;
    size_t size, capacity;
};

struct page {
    cairo_surface_t *surface;
    const uint8_t *pixels;
    size_t stride;
    uint32_t width, height;
    struct strip_encoder *encoder;
    struct frame *frame;
    struct rect_px change;
    struct sink sink;
};

/* Returns the bytes made. */
typedef size_t (*encode_fn)(struct page *page);

static double now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now); /* others may use this machine too */
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* -- the page ------------------------------------------------------------- */

static void draw_staff(cairo_t *cr, double x, double y, double width, double gap) {
    cairo_set_source_rgb(cr, 0, 0, 0);
    cairo_set_line_width(cr, gap * 0.12);
    for (int i = 0; i < 5; i++) {
        cairo_move_to(cr, x, y + i * gap);
        cairo_line_to(cr, x + width, y + i * gap);
    }
    for (int i = 0; i <= 4; i++) {
        cairo_move_to(cr, x + width * i / 4, y);
        cairo_line_to(cr, x + width * i / 4, y + 4 * gap);
    }
    cairo_stroke(cr);
}

static void draw_note(cairo_t *cr, double x, double y, double gap, bool is_up) {
    cairo_save(cr);
    cairo_translate(cr, x, y);
    cairo_rotate(cr, -0.35);
    cairo_scale(cr, gap * 0.62, gap * 0.44);
    cairo_arc(cr, 0, 0, 1, 0, 2 * M_PI);
    cairo_restore(cr);
    cairo_fill(cr);
    double side = is_up ? gap * 0.55 : -gap * 0.55;
    cairo_set_line_width(cr, gap * 0.13);
    cairo_move_to(cr, x + side, y);
    cairo_line_to(cr, x + side, y + (is_up ? -3.5 : 3.5) * gap);
    cairo_stroke(cr);
}

static void draw_notes(cairo_t *cr, double x, double y, double width, double gap, uint32_t seed) {
    static const char *const words[] = {"p", "mf", "dolce", "cresc.", "rit.", "Allegro"};
    cairo_set_source_rgb(cr, 0, 0, 0);
    cairo_set_font_size(cr, gap * 1.6);
    for (double at = x + 4 * gap; at < x + width - 2 * gap; at += 3.2 * gap) {
        seed = seed * 1664525u + 1013904223u;
        int step = (int)((seed >> 20) % 9);
        draw_note(cr, at, y + step * gap / 2, gap, step > 4);
        if ((seed >> 12) % 9 == 0) {
            cairo_move_to(cr, at, y + 6.5 * gap);
            cairo_show_text(cr, words[(seed >> 8) % 6]);
        }
    }
}

static void draw_tints(cairo_t *cr, double width, double height) {
    cairo_set_source_rgba(cr, 0.2, 0.5, 0.9, 0.25);
    cairo_rectangle(cr, width * 0.2, height * 0.12, width * 0.22, height * 0.1);
    cairo_fill(cr);
    cairo_set_source_rgba(cr, 0.9, 0.6, 0.1, 0.35);
    cairo_arc(cr, width * 0.7, height * 0.6, height * 0.09, 0, 2 * M_PI);
    cairo_fill(cr);
    cairo_set_source_rgba(cr, 0.8, 0.1, 0.1, 0.8);
    cairo_rectangle(cr, width * 0.45, height * 0.3, 2, height * 0.16);
    cairo_fill(cr);
}

static void draw_page(cairo_t *cr, double width, double height) {
    double gap = fmax(6.3, height / 130), margin = width * 0.06;
    cairo_set_source_rgb(cr, 1, 1, 1);
    cairo_paint(cr);
    cairo_set_source_rgb(cr, 0, 0, 0);
    cairo_select_font_face(cr, "Carlito", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_BOLD);
    cairo_set_font_size(cr, height / 22);
    cairo_move_to(cr, width * 0.36, height * 0.07);
    cairo_show_text(cr, "Quartetto sull'aria");
    cairo_select_font_face(cr, "Carlito", CAIRO_FONT_SLANT_ITALIC, CAIRO_FONT_WEIGHT_NORMAL);
    uint32_t seed = 1;
    for (double y = height * 0.13; y < height * 0.94; y += 11 * gap) {
        draw_staff(cr, margin, y, width - 2 * margin, gap);
        draw_notes(cr, margin, y, width - 2 * margin, gap, seed++);
    }
    draw_tints(cr, width, height);
}

/* -- encoders ----------------------------------------------------------- */

static void put(struct sink *sink, const void *data, size_t size) {
    if (sink->size + size > sink->capacity) {
        sink->capacity = (sink->size + size) * 2;
        sink->data = realloc(sink->data, sink->capacity);
    }
    memcpy(sink->data + sink->size, data, size);
    sink->size += size;
}

static cairo_status_t on_cairo_data(void *closure, const unsigned char *data, unsigned length) {
    put(closure, data, length);
    return CAIRO_STATUS_SUCCESS;
}

static size_t by_cairo(struct page *page) {
    page->sink.size = 0;
    cairo_surface_write_to_png_stream(page->surface, on_cairo_data, &page->sink);
    return page->sink.size;
}

static void on_png_data(png_structp png, png_bytep data, size_t size) {
    put(png_get_io_ptr(png), data, size);
}

static void on_png_flush(png_structp png) {
    (void)png;
}

static size_t by_libpng_level(struct page *page, int level, int filters) {
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    uint8_t *row = malloc((size_t)page->width * 3 + 16);
    page->sink.size = 0;
    png_set_write_fn(png, &page->sink, on_png_data, on_png_flush);
    png_set_IHDR(png, info, page->width, page->height, 8, PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    if (level >= 0) {
        png_set_compression_level(png, level);
        png_set_filter(png, 0, filters);
    }
    png_write_info(png, info);
    for (uint32_t y = 0; y < page->height; y++) {
        pixels_to_rgb(page->pixels + y * page->stride, row, page->width);
        png_write_row(png, row);
    }
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    free(row);
    return page->sink.size;
}

static size_t by_libpng(struct page *page) {
    return by_libpng_level(page, -1, 0);
}

static size_t by_libpng_fast(struct page *page) {
    return by_libpng_level(page, 1, PNG_FILTER_NONE);
}

static size_t by_spng(struct page *page) {
    size_t size = 0, row = (size_t)page->width * 3;
    uint8_t *rgb = malloc(row * page->height + 16);
    for (uint32_t y = 0; y < page->height; y++) {
        pixels_to_rgb(page->pixels + y * page->stride, rgb + y * row, page->width);
    }
    spng_ctx *ctx = spng_ctx_new(SPNG_CTX_ENCODER);
    struct spng_ihdr ihdr = {.width = page->width,
                             .height = page->height,
                             .bit_depth = 8,
                             .color_type = SPNG_COLOR_TYPE_TRUECOLOR};
    int error = 0;
    spng_set_option(ctx, SPNG_ENCODE_TO_BUFFER, 1);
    spng_set_ihdr(ctx, &ihdr);
    if (spng_encode_image(ctx, rgb, row * page->height, SPNG_FMT_PNG, SPNG_ENCODE_FINALIZE) == 0) {
        free(spng_get_png_buffer(ctx, &size, &error));
    }
    spng_ctx_free(ctx);
    free(rgb);
    return size;
}

/* What the strip encoder has to beat: the same strips by ISA-L's level 1 (deflate and checksums
 * only, no file). */
static size_t by_isal(struct page *page) {
    static uint8_t level_buffer[ISAL_DEF_LVL1_EXTRA_LARGE];
    size_t row = 1 + (size_t)page->width * 3, size = 0;
    uint8_t *raw = malloc(row * FRAME_STRIP_ROWS + 16), *out = malloc(row * FRAME_STRIP_ROWS * 2);
    uint32_t adler = 1;
    for (uint32_t top = 0; top < page->height; top += FRAME_STRIP_ROWS) {
        uint32_t rows = png_strip_rows(page->height, top / FRAME_STRIP_ROWS);
        for (uint32_t y = 0; y < rows; y++) {
            raw[y * row] = 0;
            pixels_to_rgb(page->pixels + (top + y) * page->stride, raw + y * row + 1, page->width);
        }
        struct isal_zstream stream;
        isal_deflate_init(&stream);
        stream.level = 1;
        stream.level_buf = level_buffer;
        stream.level_buf_size = sizeof(level_buffer);
        stream.flush = FULL_FLUSH;
        stream.next_in = raw;
        stream.avail_in = (uint32_t)(rows * row);
        stream.next_out = out;
        stream.avail_out = (uint32_t)(row * FRAME_STRIP_ROWS * 2);
        isal_deflate(&stream);
        adler ^= isal_adler32(1, raw, rows * row);
        size += stream.total_out;
    }
    free(raw);
    free(out);
    return size + (adler == 0);
}

static void encode_strip(struct page *page, struct frame *frame, size_t strip_i) {
    struct frame_strip strip;
    if (strip_encode(page->encoder, page->pixels + strip_i * FRAME_STRIP_ROWS * page->stride,
                     page->stride, page->width, png_strip_rows(page->height, strip_i), STRIPS_RGB,
                     &strip) != 0) {
        abort();
    }
    frame_give_strip(frame, strip_i, strip);
}

/* Whole picture: every strip and the joined PNG. */
static size_t by_strips(struct page *page) {
    struct frame *frame = frame_create("bench", page->width, page->height, STRIPS_RGB);
    for (size_t i = 0; i < frame->n_strips; i++) {
        encode_strip(page, frame, i);
    }
    frame_seal(frame);
    frame_unref(page->frame);
    page->frame = frame;
    return lg_bytes_size(frame->png);
}

/* A change: the strips it touches and the whole PNG joined again. */
static size_t by_changed_strips(struct page *page) {
    struct frame *frame = frame_derive(page->frame);
    size_t last = (size_t)(page->change.y + page->change.height - 1) / FRAME_STRIP_ROWS;
    for (size_t i = (size_t)page->change.y / FRAME_STRIP_ROWS; i <= last; i++) {
        encode_strip(page, frame, i);
    }
    frame_seal(frame);
    frame_unref(page->frame);
    page->frame = frame;
    return lg_bytes_size(frame->png);
}

static size_t by_tile(struct page *page) {
    struct lg_bytes *png =
        tile_encode(page->encoder, page->pixels, page->stride, page->change, STRIPS_RGB);
    size_t size = lg_bytes_size(png);
    lg_bytes_unref(png);
    return size;
}

static size_t by_dense(struct page *page) {
    struct lg_bytes *png =
        dense_png_encode(page->pixels, page->stride, page->width, page->height, false);
    size_t size = lg_bytes_size(png);
    lg_bytes_unref(png);
    return size;
}

/* -- measuring ---------------------------------------------------------- */

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median_ms(struct page *page, encode_fn encode, int rounds, size_t *size) {
    double took[ROUNDS_MAX];
    *size = encode(page); /* warm */
    for (int i = 0; i < rounds; i++) {
        double start = now_ms();
        *size = encode(page);
        took[i] = now_ms() - start;
    }
    qsort(took, (size_t)rounds, sizeof(took[0]), by_value);
    return took[rounds / 2];
}

static bool promise(const char *what, double is, double want, bool is_at_least) {
    bool is_kept = is_at_least ? is >= want : is <= want;
    printf("    %-34s %7.2f  (%s %.2f)  %s\n", what, is, is_at_least ? ">=" : "<=", want,
           is_kept ? "ok" : "MISSED");
    return is_kept;
}

static bool bench_page(uint32_t width, uint32_t height) {
    static const struct {
        const char *name;
        encode_fn encode;
        int rounds;
    } encoders[] = {
        {"cairo", by_cairo, 9},
        {"libpng default", by_libpng, 9},
        {"libpng level 1, no filter", by_libpng_fast, 9},
        {"spng default", by_spng, 9},
        {"strips, whole page", by_strips, 51},
        {"strips, 200x150 change", by_changed_strips, 51},
        {"tile of the change", by_tile, 51},
        {"dense", by_dense, 9},
        {"ISA-L level 1, whole page", by_isal, 51},
    };
    struct page page = {.width = width, .height = height};
    page.surface = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, (int)width, (int)height);
    cairo_t *cr = cairo_create(page.surface);
    draw_page(cr, width, height);
    cairo_destroy(cr);
    cairo_surface_flush(page.surface);
    page.pixels = cairo_image_surface_get_data(page.surface);
    page.stride = (size_t)cairo_image_surface_get_stride(page.surface);
    page.encoder = strip_encoder_create();
    page.change =
        (struct rect_px){(int)width / 3, (int)height / 3, CHANGE_WIDTH_PX, CHANGE_HEIGHT_PX};
    double took[9];
    size_t size[9];
    printf("%ux%u\n", width, height);
    for (size_t i = 0; i < 9; i++) {
        took[i] = median_ms(&page, encoders[i].encode, encoders[i].rounds, &size[i]);
        printf("    %-28s %9.3f ms %9zu bytes  %7.1f x  %5.2f of cairo's bytes\n", encoders[i].name,
               took[i], size[i], took[0] / took[i], (double)size[i] / (double)size[0]);
    }
    bool is_kept = promise("whole page, times faster", took[0] / took[4], 12, true);
    is_kept &= promise("change, times faster", took[0] / took[5], 60, true);
    is_kept &= promise("bytes of the whole page", (double)size[4] / (double)size[0], 1, false);
    is_kept &= promise("bytes of the dense frame", (double)size[7] / (double)size[0], 0.75, false);
    frame_unref(page.frame);
    strip_encoder_destroy(page.encoder);
    cairo_surface_destroy(page.surface);
    free(page.sink.data);
    return is_kept;
}

int main(void) {
    bool is_kept = bench_page(540, 540);
    is_kept &= bench_page(1280, 720);
    is_kept &= bench_page(1920, 1080);
    return is_kept ? 0 : 1;
}
