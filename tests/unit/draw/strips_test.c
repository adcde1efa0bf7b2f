/* Strips joined, tiles and dense frames decode to the pixels they were made of. */
#include <stdlib.h>
#include <string.h>

#include "cmocka_head.h"
#include "common/png_join.h"
#include "draw_fixture.h"
#include "renderer/draw/png/dense_png.h"
#include "renderer/draw/png/strips.h"

static cairo_surface_t *noise(int width, int height, uint32_t seed, uint32_t n_colors,
                              bool has_alpha) {
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, width, height);
    struct fixture_random random = {seed};
    uint8_t *pixels = cairo_image_surface_get_data(surface);
    size_t stride = (size_t)cairo_image_surface_get_stride(surface);
    for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
            uint32_t color = fixture_random(&random, n_colors) * 2654435761u;
            uint32_t a = has_alpha ? color >> 24 : 255, pixel = a << 24;
            for (unsigned shift = 0; shift < 24; shift += 8) {
                pixel |= (((color >> shift) & 255) * a / 255) << shift;
            }
            memcpy(pixels + (size_t)y * stride + (size_t)x * 4, &pixel, 4);
        }
    }
    return surface;
}

static struct lg_bytes *join(cairo_surface_t *surface, uint8_t color_type) {
    uint32_t width = (uint32_t)cairo_image_surface_get_width(surface);
    uint32_t height = (uint32_t)cairo_image_surface_get_height(surface);
    size_t stride = (size_t)cairo_image_surface_get_stride(surface);
    struct strip_encoder *encoder = strip_encoder_create();
    struct frame *frame = frame_create("scene", width, height, color_type);
    for (size_t i = 0; i < frame->n_strips; i++) {
        struct frame_strip strip;
        assert_int_equal(strip_encode(encoder,
                                      cairo_image_surface_get_data(surface) + i * 64 * stride,
                                      stride, width, png_strip_rows(height, i), color_type, &strip),
                         0);
        frame_give_strip(frame, i, strip);
    }
    assert_int_equal(frame_seal(frame), 0);
    struct lg_bytes *png = lg_bytes_ref(frame->png);
    frame_unref(frame);
    strip_encoder_destroy(encoder);
    return png;
}

/* Takes over png. */
static void assert_shows(struct lg_bytes *png, cairo_surface_t *surface, struct rect_px rect) {
    uint32_t width, height;
    assert_non_null(png);
    uint8_t *rgba = fixture_decode(lg_bytes_data(png), lg_bytes_size(png), &width, &height);
    assert_non_null(rgba);
    assert_int_equal(width, rect.width);
    assert_int_equal(height, rect.height);
    assert_true(fixture_is_picture_of(rgba, width, height, surface, rect.x, rect.y));
    free(rgba);
    lg_bytes_unref(png);
}

static struct rect_px whole(cairo_surface_t *surface) {
    return (struct rect_px){0, 0, cairo_image_surface_get_width(surface),
                            cairo_image_surface_get_height(surface)};
}

static const int sizes[][2] = {{1, 1},     {3, 64},    {5, 65},   {257, 130}, {640, 300},
                               {1, 200},   {2, 3},     {63, 9},   {64, 9},    {65, 70},
                               {4100, 70}, {12000, 5}, {16384, 4}};
static const uint32_t colors[] = {1, 2, 3, 4, 9, 16, 17, 255, 256, 257, 100000};

static void test_strips__joined_decode_to_the_pixels(void **state) {
    (void)state;
    for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
        for (size_t c = 0; c < sizeof(colors) / sizeof(colors[0]); c++) {
            cairo_surface_t *opaque = noise(sizes[s][0], sizes[s][1], 1, colors[c], false);
            assert_shows(join(opaque, STRIPS_RGB), opaque, whole(opaque));
            assert_shows(join(opaque, STRIPS_RGBA), opaque, whole(opaque));
            cairo_surface_destroy(opaque);
            cairo_surface_t *translucent = noise(sizes[s][0], sizes[s][1], 2, colors[c], true);
            assert_shows(join(translucent, STRIPS_RGBA), translucent, whole(translucent));
            cairo_surface_destroy(translucent);
        }
    }
}

static void test_strips__random_pictures_decode_to_the_pixels(void **state) {
    (void)state;
    struct fixture_random random = {4};
    for (int i = 0; i < 20; i++) {
        struct fixture_plan plan;
        fixture_plan_init(&plan, &random, 100 + fixture_random(&random, 900),
                          50 + fixture_random(&random, 400), 20);
        struct display_list *list = fixture_plan_list(&plan);
        cairo_surface_t *surface = fixture_paint(list);
        assert_shows(join(surface, STRIPS_RGB), surface, whole(surface));
        display_list_unref(list);
        cairo_surface_destroy(surface);
    }
}

/* Long equal runs across rows, repeated rows, and rows that come back after others. */
static void test_strips__repeating_rows_decode_to_the_pixels(void **state) {
    (void)state;
    struct fixture_random random = {6};
    for (int i = 0; i < 300; i++) {
        int width = 1 + (int)fixture_random(&random, 400),
            height = 1 + (int)fixture_random(&random, 130);
        cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, width, height);
        cairo_t *cr = cairo_create(surface);
        cairo_set_source_rgb(cr, 1, 1, 1);
        cairo_paint(cr);
        for (uint32_t j = fixture_random(&random, 12); j > 0; j--) {
            cairo_set_source_rgb(cr, fixture_unit(&random), fixture_random(&random, 2), 0);
            cairo_rectangle(cr, fixture_random(&random, 400), fixture_random(&random, 130),
                            1 + fixture_random(&random, 300), 1 + fixture_random(&random, 40));
            cairo_fill(cr);
        }
        cairo_destroy(cr);
        cairo_surface_flush(surface);
        assert_shows(join(surface, i % 2 == 0 ? STRIPS_RGB : STRIPS_RGBA), surface, whole(surface));
        cairo_surface_destroy(surface);
    }
}

static void set_pixel(cairo_surface_t *surface, int x, int y, uint32_t pixel) {
    memcpy(cairo_image_surface_get_data(surface) +
               (size_t)y * (size_t)cairo_image_surface_get_stride(surface) + (size_t)x * 4,
           &pixel, 4);
}

static void test_strips__greys_take_a_byte_a_pixel_and_decode_to_it(void **state) {
    (void)state;
    struct fixture_random random = {8};
    for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
        cairo_surface_t *surface =
            cairo_image_surface_create(CAIRO_FORMAT_ARGB32, sizes[s][0], sizes[s][1]);
        for (int i = 0; i < sizes[s][0] * sizes[s][1]; i++) {
            uint32_t grey = fixture_random(&random, 256) * 0x010101u;
            set_pixel(surface, i % sizes[s][0], i / sizes[s][0], 0xff000000u | grey);
        }
        struct lg_bytes *png = join(surface, STRIPS_GREY);
        assert_int_equal(lg_bytes_data(png)[25], 0); /* colour type of IHDR */
        assert_shows(png, surface, whole(surface));
        cairo_surface_destroy(surface);
    }
}

/* Staves and words as in scores: single pixels, margins and long runs that come back. */
static void test_strips__pages_of_ink_decode_to_the_pixels(void **state) {
    (void)state;
    struct fixture_random random = {10};
    static const int widths[] = {120, 700, 1100, 1700};
    for (int i = 0; i < 16; i++) {
        cairo_surface_t *surface =
            cairo_image_surface_create(CAIRO_FORMAT_ARGB32, widths[i % 4], 150);
        cairo_t *cr = cairo_create(surface);
        bool is_grey = i / 4 % 2 == 0;
        cairo_set_source_rgb(cr, 1, 1, 1);
        cairo_paint(cr);
        cairo_set_source_rgb(cr, 0, 0, is_grey ? 0 : 0.4);
        for (int line = 0; line < 10; line++) {
            cairo_rectangle(cr, 20, 10 + line * 5 + line / 5 * 40, widths[i % 4] - 40, 0.7);
        }
        cairo_fill(cr);
        for (int word = 0; word < 30; word++) {
            cairo_set_font_size(cr, 6 + fixture_random(&random, 12));
            cairo_move_to(cr, fixture_random(&random, 1700), fixture_random(&random, 150));
            cairo_show_text(cr, word % 2 == 0 ? "dolce" : "||||");
        }
        cairo_destroy(cr);
        cairo_surface_flush(surface);
        assert_shows(join(surface, STRIPS_RGB), surface, whole(surface));
        if (is_grey) {
            assert_shows(join(surface, STRIPS_GREY), surface, whole(surface));
        }
        cairo_surface_destroy(surface);
    }
}

/* Each row is the one above, a little lighter; across, small steps without a pattern. Nothing but
 * the difference of rows is short. */
static void test_strips__rows_of_photographs_are_filtered(void **state) {
    (void)state;
    struct fixture_random random = {11};
    static const uint8_t types[] = {STRIPS_GREY, STRIPS_RGB};
    for (size_t t = 0; t < 2; t++) {
        cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, 1000, 64);
        for (int x = 0, level = 60; x < 1000; x++) {
            level += (int)fixture_random(&random, 7) - 3;
            level = level < 20 ? 20 : level > 150 ? 150 : level;
            for (int y = 0; y < 64; y++) {
                set_pixel(surface, x, y, 0xff000000u | (uint32_t)(level + y) * 0x010101u);
            }
        }
        struct lg_bytes *png = join(surface, types[t]);
        assert_true(lg_bytes_size(png) < 64 * 1000 / 20);
        assert_shows(png, surface, whole(surface));
        cairo_surface_destroy(surface);
    }
}

static void test_strips__noise_is_hardly_larger_than_itself(void **state) {
    (void)state;
    cairo_surface_t *surface = noise(1000, 640, 5, 1u << 30, false);
    struct lg_bytes *png = join(surface, STRIPS_RGB);
    assert_true(lg_bytes_size(png) < 640 * (1 + 3 * 1000) / 100 * 101);
    lg_bytes_unref(png);
    cairo_surface_destroy(surface);
}

static void test_strips__tile_shows_its_rectangle(void **state) {
    (void)state;
    struct fixture_random random = {3};
    cairo_surface_t *surface = noise(500, 300, 3, 40, true);
    struct strip_encoder *encoder = strip_encoder_create();
    for (int i = 0; i < 100; i++) {
        struct rect_px rect = {(int)fixture_random(&random, 400), (int)fixture_random(&random, 200),
                               1 + (int)fixture_random(&random, 100),
                               1 + (int)fixture_random(&random, 100)};
        struct lg_bytes *png =
            tile_encode(encoder, cairo_image_surface_get_data(surface),
                        (size_t)cairo_image_surface_get_stride(surface), rect, STRIPS_RGBA);
        assert_shows(png, surface, rect);
    }
    strip_encoder_destroy(encoder);
    cairo_surface_destroy(surface);
}

static struct lg_bytes *dense(cairo_surface_t *surface, bool has_alpha) {
    return dense_png_encode(cairo_image_surface_get_data(surface),
                            (size_t)cairo_image_surface_get_stride(surface),
                            (uint32_t)cairo_image_surface_get_width(surface),
                            (uint32_t)cairo_image_surface_get_height(surface), has_alpha);
}

static void test_dense_png__decodes_to_the_pixels(void **state) {
    (void)state;
    for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
        for (size_t c = 0; c < sizeof(colors) / sizeof(colors[0]); c++) {
            cairo_surface_t *opaque = noise(sizes[s][0], sizes[s][1], 1, colors[c], false);
            assert_shows(dense(opaque, false), opaque, whole(opaque));
            cairo_surface_destroy(opaque);
            cairo_surface_t *translucent = noise(sizes[s][0], sizes[s][1], 2, colors[c], true);
            assert_shows(dense(translucent, true), translucent, whole(translucent));
            cairo_surface_destroy(translucent);
        }
    }
}

/* Ink of three colours over tints: too many for a palette. */
static void test_dense_png__pages_of_coloured_ink_decode_to_the_pixels(void **state) {
    (void)state;
    struct fixture_random random = {12};
    for (int i = 0; i < 8; i++) {
        int width = 300 + 250 * i, height = 40 + 60 * i;
        cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, width, height);
        cairo_t *cr = cairo_create(surface);
        cairo_set_source_rgba(cr, 1, 1, 1, i % 2 == 0 ? 1 : 0.5);
        cairo_paint(cr);
        for (int word = 0; word < 60; word++) {
            cairo_set_source_rgba(cr, word % 3 * 0.4, 0, word % 2 * 0.3, word % 5 * 0.2 + 0.2);
            cairo_set_font_size(cr, 6 + fixture_random(&random, 30));
            cairo_move_to(cr, fixture_random(&random, (uint32_t)width),
                          fixture_random(&random, (uint32_t)height));
            cairo_show_text(cr, word % 4 == 0 ? "||||||" : "dolce, poco a poco");
            cairo_rectangle(cr, fixture_random(&random, (uint32_t)width), word % 7 * 20, 90, 1.3);
            cairo_fill(cr);
        }
        cairo_destroy(cr);
        cairo_surface_flush(surface);
        struct lg_bytes *joined = join(surface, i % 2 == 0 ? STRIPS_RGB : STRIPS_RGBA);
        struct lg_bytes *png = dense(surface, i % 2 != 0);
        assert_true(lg_bytes_data(png)[25] == (i % 2 == 0 ? 2 : 6)); /* colour type of IHDR */
        assert_true(lg_bytes_size(png) < lg_bytes_size(joined));
        assert_shows(joined, surface, whole(surface));
        assert_shows(png, surface, whole(surface));
        cairo_surface_destroy(surface);
    }
}

static void test_dense_png__grey_page_takes_a_byte_a_pixel_at_most(void **state) {
    (void)state;
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, 256, 4);
    for (int y = 0; y < 4; y++) {
        for (int x = 0; x < 256; x++) {
            uint32_t pixel = 0xff000000u | (uint32_t)x * 0x010101u;
            memcpy(cairo_image_surface_get_data(surface) +
                       (size_t)y * (size_t)cairo_image_surface_get_stride(surface) + (size_t)x * 4,
                   &pixel, 4);
        }
    }
    struct lg_bytes *png = dense(surface, false);
    assert_int_equal(lg_bytes_data(png)[25], 0); /* colour type grey */
    assert_shows(png, surface, whole(surface));
    cairo_surface_destroy(surface);
}

static void test_dense_png__too_large_is_refused(void **state) {
    (void)state;
    uint32_t pixel = 0;
    assert_null(dense_png_encode((const uint8_t *)&pixel, 4, 16384, 4096, false));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_strips__joined_decode_to_the_pixels),
        cmocka_unit_test(test_strips__random_pictures_decode_to_the_pixels),
        cmocka_unit_test(test_strips__repeating_rows_decode_to_the_pixels),
        cmocka_unit_test(test_strips__greys_take_a_byte_a_pixel_and_decode_to_it),
        cmocka_unit_test(test_strips__pages_of_ink_decode_to_the_pixels),
        cmocka_unit_test(test_strips__rows_of_photographs_are_filtered),
        cmocka_unit_test(test_strips__noise_is_hardly_larger_than_itself),
        cmocka_unit_test(test_strips__tile_shows_its_rectangle),
        cmocka_unit_test(test_dense_png__decodes_to_the_pixels),
        cmocka_unit_test(test_dense_png__pages_of_coloured_ink_decode_to_the_pixels),
        cmocka_unit_test(test_dense_png__grey_page_takes_a_byte_a_pixel_at_most),
        cmocka_unit_test(test_dense_png__too_large_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
