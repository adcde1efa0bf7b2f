#include "draw_fixture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <png.h>

#include "renderer/draw/painter.h"
#include "renderer/draw/pixels.h"

uint32_t fixture_random(struct fixture_random *random, uint32_t below) {
    random->state = random->state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(random->state >> 33) % below;
}

double fixture_unit(struct fixture_random *random) {
    return fixture_random(random, 1000000) / 1e6;
}

struct draw_resource *fixture_rect(double width, double height) {
    cairo_path_data_t data[9];
    const double corners[4][2] = {{0, 0}, {width, 0}, {width, height}, {0, height}};
    memset(data, 0, sizeof(data));
    for (int i = 0; i < 4; i++) {
        data[2 * i].header.type = i == 0 ? CAIRO_PATH_MOVE_TO : CAIRO_PATH_LINE_TO;
        data[2 * i].header.length = 2;
        data[2 * i + 1].point.x = corners[i][0];
        data[2 * i + 1].point.y = corners[i][1];
    }
    data[8].header.type = CAIRO_PATH_CLOSE_PATH;
    data[8].header.length = 1;
    return resource_path_copy(data, 9);
}

static struct draw_resource *wild_path(struct fixture_random *random) {
    cairo_path_data_t data[64];
    int n = 0;
    memset(data, 0, sizeof(data));
    for (uint32_t i = 2 + fixture_random(random, 8); i > 0; i--) {
        uint32_t kind = n == 0 ? 0 : fixture_random(random, 10);
        data[n].header.type = kind == 0  ? CAIRO_PATH_MOVE_TO
                              : kind < 5 ? CAIRO_PATH_LINE_TO
                              : kind < 9 ? CAIRO_PATH_CURVE_TO
                                         : CAIRO_PATH_CLOSE_PATH;
        int points = kind == 0 || kind < 5 ? 1 : kind < 9 ? 3 : 0;
        data[n].header.length = points + 1;
        for (int j = 1; j <= points; j++) {
            data[n + j].point.x = fixture_unit(random) * 120 - 20;
            data[n + j].point.y = fixture_unit(random) * 120 - 20;
        }
        n += points + 1;
    }
    return resource_path_copy(data, n);
}

struct draw_resource *fixture_text(const char *text, double size) {
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_A8, 1, 1);
    cairo_t *cr = cairo_create(surface);
    cairo_select_font_face(cr, "Carlito", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(cr, size);
    cairo_glyph_t *glyphs = NULL;
    int n_glyphs = 0;
    cairo_text_extents_t extents;
    cairo_text_extents(cr, text, &extents);
    cairo_scaled_font_text_to_glyphs(cairo_get_scaled_font(cr), 0, 0, text, -1, &glyphs, &n_glyphs,
                                     NULL, NULL, NULL);
    struct glyph_run *run = calloc(1, sizeof(*run));
    run->face = cairo_font_face_reference(cairo_get_font_face(cr));
    run->size = size;
    cairo_matrix_init_identity(&run->shape);
    run->n_glyphs = n_glyphs;
    run->glyphs = malloc((size_t)n_glyphs * sizeof(*glyphs) + 1);
    memcpy(run->glyphs, glyphs, (size_t)n_glyphs * sizeof(*glyphs));
    cairo_glyph_free(glyphs);
    cairo_destroy(cr);
    cairo_surface_destroy(surface);
    const double box[4] = {0, -size, extents.x_advance, size * 1.25};
    return resource_give_glyphs(run, 1, box);
}

struct draw_resource *fixture_bitmap(int width, int height, uint32_t seed) {
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, width, height);
    uint8_t *pixels = cairo_image_surface_get_data(surface);
    size_t stride = (size_t)cairo_image_surface_get_stride(surface);
    for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
            seed = seed * 1664525u + 1013904223u;
            uint32_t pixel = 0xff000000u | (seed >> 8);
            if ((x / 8 + y / 8) % 5 == 0) {
                pixel = 0; /* holes */
            }
            memcpy(pixels + (size_t)y * stride + (size_t)x * 4, &pixel, 4);
        }
    }
    cairo_surface_mark_dirty(surface);
    return resource_give_bitmap(surface);
}

struct draw_resource *fixture_svg(void) {
    static const char text[] =
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 80 60'>"
        "<rect width='80' height='60' fill='#ccccee'/>"
        "<circle cx='30' cy='30' r='20' fill='#cc4444'/>"
        "<path d='M5 5 C 40 80 60 -40 75 55' stroke='#227744' fill='none' stroke-width='4'/></svg>";
    double width, height;
    return resource_svg(text, sizeof(text) - 1, NULL, &width, &height);
}

struct display_item fixture_box(double x, double y, double width, double height,
                                struct item_color color) {
    return (struct display_item){
        .kind = ITEM_PATH,
        .matrix = {1, 0, x, 0, 1, y, 0, 0, 1},
        .resource = fixture_rect(width, height),
        .fill = color,
        .brush = ITEM_BRUSH_SOLID,
    };
}

/* -- random lists ------------------------------------------------------- */

static struct item_color random_color(struct fixture_random *random) {
    return (struct item_color){fixture_unit(random), fixture_unit(random), fixture_unit(random),
                               fixture_random(random, 2) ? 1 : fixture_unit(random)};
}

static void random_matrix(const struct fixture_plan *plan, struct fixture_random *random,
                          double matrix[9]) {
    double angle = fixture_random(random, 3) == 0 ? 0 : fixture_unit(random) * 6.3;
    double x_scale = 0.2 + fixture_unit(random) * 2, y_scale = 0.2 + fixture_unit(random) * 2;
    double x = fixture_unit(random) * (plan->width + 100) - 50;
    double y = fixture_unit(random) * (plan->height + 100) - 50;
    double made[9] = {cos(angle) * x_scale,
                      -sin(angle) * y_scale,
                      x,
                      sin(angle) * x_scale,
                      cos(angle) * y_scale,
                      y,
                      0,
                      0,
                      1};
    if (plan->has_projective && fixture_random(random, 5) == 0) {
        made[6] = (fixture_unit(random) - 0.5) * 0.01;
        made[7] = (fixture_unit(random) - 0.5) * 0.01;
        for (int i = 0; i < 2; i++) { /* so that the local origin stays at x, y */
            made[i] += made[6 + i] * x;
            made[3 + i] += made[6 + i] * y;
        }
    }
    memcpy(matrix, made, sizeof(made));
}

static void append_random_item(const struct fixture_plan *plan, struct display_list *list,
                               struct fixture_random *random) {
    static const char *const words[] = {"Allegro ma non troppo", "gj", "Violin", "12/8"};
    struct display_item item = {.object_id = 1 + fixture_random(random, 1000)};
    uint32_t kind = fixture_random(random, 12);
    random_matrix(plan, random, item.matrix);
    item.fill = random_color(random);
    item.stroke = random_color(random);
    item.brush = (enum item_brush)fixture_random(random, 15);
    item.is_even_odd = fixture_random(random, 2);
    item.stroke_width = fixture_random(random, 2) ? fixture_unit(random) * 10 : 0;
    item.dash = (enum item_dash)fixture_random(random, 5);
    if (fixture_random(random, 6) == 0) {
        item.has_clip = true;
        item.clip[0] = fixture_unit(random) * 50;
        item.clip[1] = fixture_unit(random) * 50;
        item.clip[2] = fixture_unit(random) * 100;
        item.clip[3] = fixture_unit(random) * 100;
    }
    if (kind < 7) {
        item.kind = ITEM_PATH;
        item.resource = wild_path(random);
    } else if (kind < 9) {
        item.kind = ITEM_GLYPHS;
        item.resource =
            fixture_text(words[fixture_random(random, 4)], 10 + fixture_unit(random) * 30);
    } else if (kind < 11) {
        item.kind = ITEM_BITMAP;
        item.resource = fixture_bitmap(1 + (int)fixture_random(random, 80),
                                       1 + (int)fixture_random(random, 80), kind);
    } else {
        item.kind = ITEM_SVG;
        item.resource = fixture_svg();
    }
    display_list_append(list, &item);
}

static void append_unit(const struct fixture_plan *plan, struct display_list *list, uint32_t seed) {
    struct fixture_random random = {seed};
    if (fixture_random(&random, 5) != 0) {
        append_random_item(plan, list, &random);
        return;
    }
    struct display_item group = {.kind = ITEM_GROUP_BEGIN};
    group.effect = (enum item_effect)fixture_random(&random, 4);
    group.effect_px = (int)fixture_random(&random, 12);
    group.effect_dx = (int)fixture_random(&random, 60) - 30;
    group.effect_dy = (int)fixture_random(&random, 60) - 30;
    group.effect_strength = fixture_unit(&random);
    group.effect_color = random_color(&random);
    display_list_append(list, &group);
    for (uint32_t i = fixture_random(&random, 3); i > 0; i--) {
        append_random_item(plan, list, &random);
    }
    group.kind = ITEM_GROUP_END;
    display_list_append(list, &group);
}

void fixture_plan_init(struct fixture_plan *plan, struct fixture_random *random, uint32_t width,
                       uint32_t height, size_t n) {
    *plan = (struct fixture_plan){.width = width, .height = height, .background = FIXTURE_WHITE};
    plan->n = n;
    plan->has_projective = true;
    for (size_t i = 0; i < 64; i++) {
        plan->seeds[i] = fixture_random(random, 1u << 30);
    }
}

void fixture_plan_edit(struct fixture_plan *plan, struct fixture_random *random) {
    size_t at = fixture_random(random, (uint32_t)plan->n), to;
    uint32_t seed = plan->seeds[at];
    switch (fixture_random(random, 5)) {
    case 0: /* another one */
    case 1:
        plan->seeds[at] = fixture_random(random, 1u << 30);
        break;
    case 2: /* two change places */
        to = fixture_random(random, (uint32_t)plan->n);
        plan->seeds[at] = plan->seeds[to];
        plan->seeds[to] = seed;
        break;
    case 3:
        if (plan->n < 64) {
            memmove(plan->seeds + at + 1, plan->seeds + at, (plan->n - at) * sizeof(uint32_t));
            plan->seeds[at] = fixture_random(random, 1u << 30);
            plan->n++;
        }
        break;
    default:
        if (plan->n > 1) {
            memmove(plan->seeds + at, plan->seeds + at + 1, (plan->n - at - 1) * sizeof(uint32_t));
            plan->n--;
        }
        break;
    }
}

struct display_list *fixture_plan_list(const struct fixture_plan *plan) {
    struct display_list *list = display_list_create(plan->width, plan->height, plan->background);
    for (size_t i = 0; i < plan->n; i++) {
        append_unit(plan, list, plan->seeds[i]);
    }
    return list;
}

/* -- pixels ------------------------------------------------------------- */

cairo_surface_t *fixture_paint(const struct display_list *list) {
    struct rect_px whole = {0, 0, (int)display_list_width(list), (int)display_list_height(list)};
    cairo_surface_t *surface =
        cairo_image_surface_create(CAIRO_FORMAT_ARGB32, whole.width, whole.height);
    painter_paint(surface, list, &whole);
    return surface;
}

uint32_t fixture_pixel(cairo_surface_t *surface, int x, int y) {
    uint32_t pixel;
    memcpy(&pixel,
           cairo_image_surface_get_data(surface) +
               (size_t)y * (size_t)cairo_image_surface_get_stride(surface) + (size_t)x * 4,
           4);
    return pixel;
}

bool fixture_same_pixels(cairo_surface_t *a, cairo_surface_t *b) {
    int width = cairo_image_surface_get_width(a), height = cairo_image_surface_get_height(a);
    if (width != cairo_image_surface_get_width(b) || height != cairo_image_surface_get_height(b)) {
        return false;
    }
    for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
            if (fixture_pixel(a, x, y) != fixture_pixel(b, x, y)) {
                fprintf(stderr, "pixel %d,%d: %08x %08x\n", x, y, fixture_pixel(a, x, y),
                        fixture_pixel(b, x, y));
                return false;
            }
        }
    }
    return true;
}

uint8_t *fixture_decode(const uint8_t *png, size_t size, uint32_t *width, uint32_t *height) {
    png_image image = {.version = PNG_IMAGE_VERSION};
    if (!png_image_begin_read_from_memory(&image, png, size)) {
        return NULL;
    }
    image.format = PNG_FORMAT_RGBA;
    uint8_t *rgba = malloc(PNG_IMAGE_SIZE(image));
    if (!png_image_finish_read(&image, NULL, rgba, 0, NULL) || image.warning_or_error != 0) {
        fprintf(stderr, "libpng: %s\n", image.message);
        free(rgba);
        return NULL;
    }
    *width = image.width;
    *height = image.height;
    return rgba;
}

bool fixture_is_picture_of(const uint8_t *rgba, uint32_t width, uint32_t height,
                           cairo_surface_t *surface, int x, int y) {
    for (uint32_t row = 0; row < height; row++) {
        for (uint32_t column = 0; column < width; column++) {
            uint32_t want = pixels_straight(fixture_pixel(surface, x + (int)column, y + (int)row));
            const uint8_t *is = rgba + ((size_t)row * width + column) * 4;
            if (is[0] != (want & 255) || is[1] != ((want >> 8) & 255) ||
                is[2] != ((want >> 16) & 255) || is[3] != want >> 24) {
                fprintf(stderr, "decoded %u,%u differs\n", column, row);
                return false;
            }
        }
    }
    return true;
}
