/* Lists for the tests of drawing: plain shapes, random ones, edits of them. */
#ifndef LEGGIO_TESTS_DRAW_FIXTURE_H
#define LEGGIO_TESTS_DRAW_FIXTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "renderer/draw/display_list.h"

#define FIXTURE_WHITE ((struct item_color){1, 1, 1, 1})
#define FIXTURE_RED   ((struct item_color){1, 0, 0, 1})

struct fixture_random {
    uint64_t state;
};
uint32_t fixture_random(struct fixture_random *random, uint32_t below);
double fixture_unit(struct fixture_random *random);

/* A box from 0,0, one unit = one pixel. */
struct draw_resource *fixture_rect(double width, double height);
struct draw_resource *fixture_text(const char *text, double size);
struct draw_resource *fixture_bitmap(int width, int height, uint32_t seed);
struct draw_resource *fixture_svg(void);

/* A filled box of these device pixels. */
struct display_item fixture_box(double x, double y, double width, double height,
                                struct item_color color);

/* The plan of a list, from which lists are made; edits change the plan. */
struct fixture_plan {
    uint32_t width, height;
    struct item_color background;
    uint32_t seeds[64]; /* each makes one unit: an item or a group of some */
    size_t n;
    bool has_projective;
};
void fixture_plan_init(struct fixture_plan *plan, struct fixture_random *random, uint32_t width,
                       uint32_t height, size_t n);
void fixture_plan_edit(struct fixture_plan *plan, struct fixture_random *random);
struct display_list *fixture_plan_list(const struct fixture_plan *plan);

/* ARGB32 of the list's size, painted whole. */
cairo_surface_t *fixture_paint(const struct display_list *list);
bool fixture_same_pixels(cairo_surface_t *a, cairo_surface_t *b);
uint32_t fixture_pixel(cairo_surface_t *surface, int x, int y);

/* Decode by libpng to RGBA, 4 bytes a pixel; free() it. NULL when libpng refuses it. */
uint8_t *fixture_decode(const uint8_t *png, size_t size, uint32_t *width, uint32_t *height);
/* Does a decoded PNG hold exactly the pixels of a surface (from x, y)? */
bool fixture_is_picture_of(const uint8_t *rgba, uint32_t width, uint32_t height,
                           cairo_surface_t *surface, int x, int y);

#endif
