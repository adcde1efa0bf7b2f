/* Debug marks over an object and its slaves; never picked. Segments of its anonymous map in turning
 * colours (measured in pictures 19, 31 and 36), with their dates when asked for. */
#include "renderer/types/debug_marks.h"

#include <stdio.h>
#include <string.h>

#include "renderer/score/maps/object_maps.h"
#include "renderer/types/shapes/shape.h"
#include "renderer/types/text/text_layout.h"

#define NAME_UNITS   14
#define DATE_UNITS   8
#define SEGMENTS_MAX 5000 /* drawn; the rest is too dense to be read */

static void draw_segment(size_t segment_i, const struct box *box, const struct placement *placement,
                         struct display_list *list) {
    static const struct item_color COLORS[2] = {{0, 0, 0.5, 90 / 255.0}, {0.5, 0, 0, 90 / 255.0}};
    shape_append_box(0, placement, list, box, COLORS[segment_i % 2]);
}

static void draw_words(const char *words, double units, struct item_color color, double x, double y,
                       const struct placement *placement, struct display_list *list) {
    const struct text_font font = {"Carlito", units, TEXT_NORMAL, TEXT_REGULAR};
    double box[4];
    struct draw_resource *text = text_layout_plain(&font, words, strlen(words), box);
    if (text == NULL) {
        return;
    }
    struct display_item item = {.kind = ITEM_GLYPHS, .resource = text, .fill = color};
    struct matrix there = matrix_translate(x, y < 0 ? placement->box.y - box[3] + y : y);
    struct matrix whole = matrix_multiply(&placement->to_device, &there);
    memcpy(item.matrix, whole.m, sizeof item.matrix);
    display_list_append(list, &item);
}

/* Above the segment and below it in turn, so that neighbours do not meet. */
static void draw_dates(size_t segment_i, const struct segment *segment, const struct box *box,
                       const struct placement *placement, struct display_list *list) {
    static const struct item_color INK = {0, 0, 0, 0.8};
    char words[100];
    snprintf(words, sizeof words, "[%lld/%lld,%lld/%lld[", (long long)segment->begin.num,
             (long long)segment->begin.den, (long long)segment->end.num,
             (long long)segment->end.den);
    double y = segment_i % 2 == 0 ? box->y - DATE_UNITS * 1.3 : box->y + box->height;
    struct placement moved = *placement;
    struct matrix down = matrix_translate(0, y);
    moved.to_device = matrix_multiply(&placement->to_device, &down);
    draw_words(words, DATE_UNITS, INK, box->x, 0, &moved, list);
}

static void draw_map(const struct object *object, const struct placement *placement,
                     struct display_list *list) {
    const struct segments *map = object_map_find(object, NULL);
    const struct box *whole = &placement->box;
    for (size_t i = 0; map != NULL && i < map->n_items && i < SEGMENTS_MAX; i++) {
        const struct segment *segment = &map->items[i];
        struct box box = {
            whole->x + (segment->x.from + 1) / 2 * whole->width,
            whole->y + (segment->y.from + 1) / 2 * whole->height,
            (segment->x.to - segment->x.from) / 2 * whole->width,
            (segment->y.to - segment->y.from) / 2 * whole->height,
        };
        draw_segment(i, &box, placement, list);
        if (object->debug_map > 1) {
            draw_dates(i, segment, &box, placement, list);
        }
    }
}

static void draw_name(const struct object *object, const struct placement *placement,
                      struct display_list *list) {
    static const struct item_color RED = {1, 0, 0, 1};
    draw_words(object->name, NAME_UNITS, RED, placement->box.x + 3, -8, placement, list);
}

void debug_marks_draw(const struct object *object, const struct placement *placement,
                      struct display_list *list) {
    if (object->debug_map > 0 && placement->box.width > 0 && placement->box.height > 0) {
        draw_map(object, placement, list);
    }
    if (object->debug_name != 0) {
        draw_name(object, placement, list);
    }
}
