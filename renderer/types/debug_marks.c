/* Debug marks over an object; never picked. The segments are those of the default
 * map: the whole object, or the cells of a grid; a placeholder has none. Colours
 * measured in pictures 19 and 36. */
#include "renderer/types/debug_marks.h"

#include <string.h>

#include "renderer/types/grid.h"
#include "renderer/types/shape.h"
#include "renderer/types/text/text_layout.h"
#include "renderer/types/type_list.h"

#define NAME_UNITS 14

static void draw_segment(size_t segment_i, const struct box *box,
                         const struct placement *placement, struct display_list *list) {
    static const struct item_color COLORS[2] = {{0, 0, 0.5, 90 / 255.0}, {0.5, 0, 0, 90 / 255.0}};
    shape_append_box(0, placement, list, box, COLORS[segment_i % 2]);
}

static void draw_map(const struct object *object, const struct placement *placement,
                     struct display_list *list) {
    size_t n_cells = object->type == &TYPE_GRID ? grid_cells(object) : 0;
    if (n_cells == 0 && placeholder_find(object->type->name) == NULL) {
        draw_segment(0, &placement->box, placement, list);
    }
    for (size_t cell_i = 0; cell_i < n_cells; cell_i++) {
        struct box cell;
        grid_cell(object, placement->frame_side, cell_i, &cell);
        draw_segment(cell_i, &cell, placement, list);
    }
}

static void draw_name(const struct object *object, const struct placement *placement,
                      struct display_list *list) {
    const struct text_font font = {"Carlito", NAME_UNITS, TEXT_NORMAL, TEXT_REGULAR};
    double box[4];
    struct draw_resource *name =
        text_layout_plain(&font, object->name, strlen(object->name), box);
    if (name == NULL) {
        return;
    }
    struct display_item item = {.kind = ITEM_GLYPHS, .resource = name, .fill = {1, 0, 0, 1}};
    struct matrix above =
        matrix_translate(placement->box.x + 3, placement->box.y - box[3] - 8);
    struct matrix whole = matrix_multiply(&placement->to_device, &above);
    memcpy(item.matrix, whole.m, sizeof item.matrix);
    display_list_append(list, &item);
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
