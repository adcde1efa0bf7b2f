/* Pages that look like scores, from what INScore shows at 540 pixels to large print. */
#include "tests/bench/png_pages.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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

static void draw_title(cairo_t *cr, double width, double height) {
    cairo_set_source_rgb(cr, 0, 0, 0);
    cairo_select_font_face(cr, "Carlito", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_BOLD);
    cairo_set_font_size(cr, height / 22);
    cairo_move_to(cr, width * 0.36, height * 0.07);
    cairo_show_text(cr, "Quartetto sull'aria");
    cairo_select_font_face(cr, "Carlito", CAIRO_FONT_SLANT_ITALIC, CAIRO_FONT_WEIGHT_NORMAL);
}

static void draw_engraved(cairo_t *cr, double width, double height, double gap) {
    double margin = width * 0.06;
    uint32_t seed = 1;
    draw_title(cr, width, height);
    for (double y = height * 0.13; y < height * 0.94; y += 11 * gap) {
        draw_staff(cr, margin, y, width - 2 * margin, gap);
        draw_notes(cr, margin, y, width - 2 * margin, gap, seed++);
    }
    draw_tints(cr, width, height);
}

static void draw_small(cairo_t *cr, double width, double height) {
    draw_engraved(cr, width, height, 4);
}

static void draw_fractional(cairo_t *cr, double width, double height) {
    draw_engraved(cr, width, height, fmax(6.3, height / 130));
}

static void draw_medium(cairo_t *cr, double width, double height) {
    draw_engraved(cr, width, height, 7);
}

static void draw_large(cairo_t *cr, double width, double height) {
    draw_engraved(cr, width, height, 12);
}

/* Notes and nothing else: all greys. */
static void draw_plain(cairo_t *cr, double width, double height) {
    double margin = width * 0.06;
    draw_title(cr, width, height);
    for (double y = height * 0.13; y < height * 0.94; y += 55) {
        draw_staff(cr, margin, y, width - 2 * margin, 5);
        draw_notes(cr, margin, y, width - 2 * margin, 5, (uint32_t)y);
    }
}

/* The same on a coloured ground, as screens in dark rooms show it. */
static void draw_on_cream(cairo_t *cr, double width, double height) {
    cairo_set_source_rgb(cr, 0.98, 0.95, 0.86);
    cairo_paint(cr);
    draw_plain(cr, width, height);
}

/* A picture as a camera makes it: shades, edges and some grain. */
static cairo_surface_t *photograph(int width, int height) {
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height);
    uint8_t *pixels = cairo_image_surface_get_data(surface);
    size_t stride = (size_t)cairo_image_surface_get_stride(surface);
    uint32_t seed = 7;
    for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
            double wave = sin(x * 0.03) * cos(y * 0.041) + sin((x + y) * 0.011);
            uint8_t *pixel = pixels + (size_t)y * stride + (size_t)x * 4;
            for (int i = 0; i < 3; i++) {
                seed = seed * 1664525u + 1013904223u;
                double edge = (x / 40 + y / 30) % 3 * 20;
                pixel[i] = (uint8_t)(110 + 40 * wave + edge + 10 * i + (seed >> 24) % 5);
            }
        }
    }
    cairo_surface_mark_dirty(surface);
    return surface;
}

static void draw_words(cairo_t *cr, double width, double height) {
    static const char *const lines[] = {
        "Solo: wait for the conductor's sign, then repeat the figure ad libitum.",
        "Each player chooses one of the seven gestures and stays with it.",
        "Dynamics follow the light: when it fades, so does the sound.",
        "Breathe between the phrases; no two players breathe together.",
    };
    cairo_set_source_rgb(cr, 0.13, 0.15, 0.17);
    cairo_select_font_face(cr, "Carlito", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(cr, height / 40);
    int i = 0;
    for (double y = height * 0.14; y < height * 0.5; y += height / 30) {
        cairo_move_to(cr, width * 0.05, y);
        cairo_show_text(cr, lines[i++ % 4]);
    }
}

static void draw_shapes(cairo_t *cr, double width, double height) {
    cairo_surface_t *photo = photograph((int)(width * 0.3), (int)(height * 0.3));
    cairo_set_source_surface(cr, photo, (int)(width * 0.64), (int)(height * 0.55));
    cairo_paint(cr);
    cairo_surface_destroy(photo);
    for (int i = 0; i < 12; i++) {
        cairo_set_source_rgba(cr, i % 3 * 0.4, i % 4 * 0.3, 0.9 - i * 0.07, 0.3 + i % 5 * 0.1);
        cairo_arc(cr, width * (0.1 + i * 0.045), height * (0.65 + i % 4 * 0.06), height * 0.07, 0,
                  2 * M_PI);
        cairo_fill(cr);
    }
    cairo_pattern_t *shade = cairo_pattern_create_linear(width * 0.7, 0, width, 0);
    cairo_pattern_add_color_stop_rgb(shade, 0, 0.9, 0.95, 1);
    cairo_pattern_add_color_stop_rgb(shade, 1, 0.3, 0.4, 0.8);
    cairo_set_source(cr, shade);
    cairo_rectangle(cr, width * 0.7, height * 0.12, width * 0.25, height * 0.3);
    cairo_fill(cr);
    cairo_pattern_destroy(shade);
}

/* Words, translucent shapes, a shade and a picture on a coloured ground. */
static void draw_mixed(cairo_t *cr, double width, double height) {
    cairo_set_source_rgb(cr, 0.98, 0.97, 0.94);
    cairo_paint(cr);
    draw_title(cr, width, height);
    draw_words(cr, width, height);
    draw_shapes(cr, width, height);
    draw_tints(cr, width, height);
}

/* A photograph over the whole page, some words on it. */
static void draw_photograph(cairo_t *cr, double width, double height) {
    cairo_surface_t *photo = photograph((int)width, (int)height);
    cairo_set_source_surface(cr, photo, 0, 0);
    cairo_paint(cr);
    cairo_surface_destroy(photo);
    draw_title(cr, width, height);
}

const struct bench_kind bench_kinds[BENCH_KINDS] = {
    {"staff space 4 px", draw_small},
    {"5 px, black on white", draw_plain},
    {"5 px, black on cream", draw_on_cream},
    {"6.3 px or height/130", draw_fractional},
    {"7 px", draw_medium},
    {"12 px", draw_large},
    {"words, shades, photograph", draw_mixed},
    {"photograph alone", draw_photograph},
};
