/* A list or parts of it on a surface: which cells, in which order, what is
 * drawn aside. Single items are in painter_item.c. */
#include "renderer/draw/painter.h"

#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "proto/limits.h"
#include "renderer/draw/display_list_private.h"
#include "renderer/draw/painter_private.h"
#include "renderer/draw/resource.h"

#define CELLS_X ((LIMIT_SIDE_PX + PAINTER_CELL_WIDTH_PX - 1) / PAINTER_CELL_WIDTH_PX)
#define CELLS_Y ((LIMIT_SIDE_PX + PAINTER_CELL_HEIGHT_PX - 1) / PAINTER_CELL_HEIGHT_PX)

/* Paths with more points than this that touch many cells are drawn aside once, as are svg and
 * warped items. */
#define HEAVY_POINTS 2000
#define HEAVY_CELLS  4

/* Cells to be painted, and their bounding range. */
struct cell_set {
    uint8_t is_in[CELLS_Y][CELLS_X];
    struct rect_px range; /* in cells */
    struct rect_px rect;  /* in pixels */
};

static struct rect_px cell_range(struct rect_px rect) {
    int x0 = rect.x / PAINTER_CELL_WIDTH_PX, y0 = rect.y / PAINTER_CELL_HEIGHT_PX;
    int x1 = (rect.x + rect.width - 1) / PAINTER_CELL_WIDTH_PX;
    int y1 = (rect.y + rect.height - 1) / PAINTER_CELL_HEIGHT_PX;
    return (struct rect_px){x0, y0, x1 - x0 + 1, y1 - y0 + 1};
}

static struct rect_px cell_rect(int cell_x, int cell_y) {
    return (struct rect_px){cell_x * PAINTER_CELL_WIDTH_PX, cell_y * PAINTER_CELL_HEIGHT_PX,
                            PAINTER_CELL_WIDTH_PX, PAINTER_CELL_HEIGHT_PX};
}

struct rect_px painter_cells_around(const struct display_list *list, struct rect_px rect) {
    struct rect_px picture = display_list_rect(list);
    rect = rect_px_intersect(rect, picture);
    if (rect.width <= 0) {
        return rect;
    }
    struct rect_px range = cell_range(rect);
    struct rect_px whole = {range.x * PAINTER_CELL_WIDTH_PX, range.y * PAINTER_CELL_HEIGHT_PX,
                            range.width * PAINTER_CELL_WIDTH_PX,
                            range.height * PAINTER_CELL_HEIGHT_PX};
    return rect_px_intersect(whole, picture);
}

static struct cell_set *create_cells(const struct display_list *list, const struct rect_px *rects,
                                     size_t n_rects) {
    struct cell_set *cells = calloc(1, sizeof(*cells));
    if (cells == NULL) {
        lg_log(LG_LOG_ERROR, "painter", "no_memory", NULL);
        return NULL;
    }
    for (size_t i = 0; i < n_rects; i++) {
        struct rect_px rect = rect_px_intersect(rects[i], display_list_rect(list));
        if (rect.width <= 0) {
            continue;
        }
        struct rect_px range = cell_range(rect);
        for (int y = range.y; y < range.y + range.height; y++) {
            memset(&cells->is_in[y][range.x], 1, (size_t)range.width);
        }
        cells->range = rect_px_unite(cells->range, range);
        cells->rect = rect_px_unite(cells->rect, painter_cells_around(list, rect));
    }
    return cells;
}

static void clip_to(cairo_t *cr, struct rect_px rect) {
    cairo_rectangle(cr, rect.x, rect.y, rect.width, rect.height);
    cairo_clip(cr);
}

static void clear_cells(cairo_t *cr, const struct cell_set *cells, struct item_color color) {
    cairo_save(cr);
    cairo_set_operator(cr, CAIRO_OPERATOR_SOURCE);
    cairo_set_source_rgba(cr, color.r, color.g, color.b, color.a);
    for (int y = cells->range.y; y < cells->range.y + cells->range.height; y++) {
        for (int x = cells->range.x; x < cells->range.x + cells->range.width; x++) {
            if (cells->is_in[y][x]) {
                struct rect_px rect = cell_rect(x, y);
                cairo_rectangle(cr, rect.x, rect.y, rect.width, rect.height);
            }
        }
    }
    cairo_fill(cr);
    cairo_restore(cr);
}

/* Something drawn aside goes on the picture pixel by pixel, so its clip may be anything. */
static void composite(cairo_t *cr, const struct cell_set *cells, cairo_surface_t *aside,
                      struct rect_px rect) {
    struct rect_px range = cell_range(rect_px_intersect(rect, cells->rect));
    cairo_set_source_surface(cr, aside, 0, 0);
    for (int y = range.y; y < range.y + range.height; y++) {
        for (int x = range.x; x < range.x + range.width; x++) {
            struct rect_px part = rect_px_intersect(cell_rect(x, y), rect);
            if (cells->is_in[y][x] && part.width > 0) {
                cairo_rectangle(cr, part.x, part.y, part.width, part.height);
            }
        }
    }
    cairo_fill(cr);
    cairo_set_source_rgba(cr, 0, 0, 0, 0);
}

static bool is_heavy(const struct display_item *item, struct rect_px range) {
    int n_cells = range.width * range.height;
    if (item->kind == ITEM_SVG || (n_cells > 1 && painter_needs_warp(item))) {
        return true;
    }
    return n_cells > HEAVY_CELLS && resource_n_points(item->resource) > HEAVY_POINTS;
}

static void paint_item(cairo_t *cr, const struct display_block *block, size_t item_i,
                       const struct cell_set *cells) {
    const struct display_item *item = &block->items[item_i];
    struct rect_px range = cell_range(item->bounds);
    if (is_heavy(item, range)) {
        cairo_surface_t *aside = painter_draw_aside(block, item_i, item_i, item->bounds);
        if (aside != NULL) {
            composite(cr, cells, aside, item->bounds);
            cairo_surface_destroy(aside);
        }
        return;
    }
    for (int y = range.y; y < range.y + range.height; y++) {
        for (int x = range.x; x < range.x + range.width; x++) {
            if (cells->is_in[y][x]) {
                cairo_save(cr);
                clip_to(cr, cell_rect(x, y));
                painter_draw_item(cr, item, false);
                cairo_restore(cr);
            }
        }
    }
}

static bool touches(const struct cell_set *cells, struct rect_px bounds) {
    if (rect_px_intersect(bounds, cells->rect).width <= 0) {
        return false;
    }
    struct rect_px range = cell_range(bounds);
    for (int y = range.y; y < range.y + range.height; y++) {
        for (int x = range.x; x < range.x + range.width; x++) {
            if (cells->is_in[y][x]) {
                return true;
            }
        }
    }
    return false;
}

static void paint_block(cairo_t *cr, const struct display_block *block,
                        const struct cell_set *cells) {
    for (size_t i = 0; i < block->n_items; i = block->marks[i].end_i + 1) {
        if (block->marks[i].bounds.width <= 0 || !touches(cells, block->marks[i].bounds)) {
            continue;
        }
        if (block->items[i].kind != ITEM_GROUP_BEGIN) {
            paint_item(cr, block, i, cells);
            continue;
        }
        struct rect_px rect;
        cairo_surface_t *aside = painter_draw_group(block, i, &rect);
        if (aside != NULL) {
            composite(cr, cells, aside, block->marks[i].bounds);
            cairo_surface_destroy(aside);
        }
    }
}

static void paint_items(cairo_t *cr, const struct display_list *list,
                        const struct cell_set *cells) {
    for (size_t i = 0; i < list->n_blocks; i++) {
        if (rect_px_intersect(list->blocks[i]->bounds, cells->rect).width > 0) {
            paint_block(cr, list->blocks[i], cells);
        }
    }
}

void painter_paint_rects(cairo_surface_t *surface, const struct display_list *list,
                         const struct rect_px *rects, size_t n_rects) {
    cairo_t *cr = cairo_create(surface);
    if (cairo_surface_get_type(surface) != CAIRO_SURFACE_TYPE_IMAGE) {
        painter_paint_vector(cr, list, true);
        cairo_destroy(cr);
        return;
    }
    struct cell_set *cells = create_cells(list, rects, n_rects);
    if (cells != NULL && cells->rect.width > 0) {
        clear_cells(cr, cells, list->background);
        paint_items(cr, list, cells);
    }
    if (cairo_status(cr) != CAIRO_STATUS_SUCCESS) {
        lg_log(LG_LOG_ERROR, "painter", "cairo", "status=%s",
               cairo_status_to_string(cairo_status(cr)));
    }
    free(cells);
    cairo_destroy(cr);
    cairo_surface_flush(surface);
}

void painter_paint(cairo_surface_t *surface, const struct display_list *list,
                   const struct rect_px *rect) {
    painter_paint_rects(surface, list, rect, 1);
}

/* -- drawn aside -------------------------------------------------------- */

cairo_surface_t *painter_draw_aside(const struct display_block *block, size_t first_i,
                                    size_t last_i, struct rect_px rect) {
    cairo_surface_t *surface =
        cairo_image_surface_create(CAIRO_FORMAT_ARGB32, rect.width, rect.height);
    if (cairo_surface_status(surface) != CAIRO_STATUS_SUCCESS) {
        lg_log(LG_LOG_ERROR, "painter", "no_memory", "width_px=%d height_px=%d", rect.width,
               rect.height);
        cairo_surface_destroy(surface);
        return NULL;
    }
    cairo_surface_set_device_offset(surface, -rect.x, -rect.y);
    cairo_t *cr = cairo_create(surface);
    for (size_t i = first_i; i <= last_i; i = block->marks[i].end_i + 1) {
        if (block->marks[i].bounds.width <= 0) {
            continue;
        }
        if (block->items[i].kind != ITEM_GROUP_BEGIN) {
            painter_draw_item(cr, &block->items[i], false);
            continue;
        }
        struct rect_px inner_rect;
        cairo_surface_t *inner = painter_draw_group(block, i, &inner_rect);
        if (inner != NULL) {
            cairo_set_source_surface(cr, inner, 0, 0);
            cairo_paint(cr);
            cairo_set_source_rgba(cr, 0, 0, 0, 0);
            cairo_surface_destroy(inner);
        }
    }
    cairo_destroy(cr);
    cairo_surface_flush(surface);
    return surface;
}

static void paint_vector_block(cairo_t *cr, const struct display_block *block) {
    for (size_t i = 0; i < block->n_items; i = block->marks[i].end_i + 1) {
        if (block->marks[i].bounds.width <= 0) {
            continue;
        }
        if (block->items[i].kind != ITEM_GROUP_BEGIN) {
            painter_draw_item(cr, &block->items[i], true);
            continue;
        }
        struct rect_px rect;
        cairo_surface_t *aside = painter_draw_group(block, i, &rect);
        if (aside != NULL) {
            cairo_set_source_surface(cr, aside, 0, 0);
            cairo_rectangle(cr, rect.x, rect.y, rect.width, rect.height);
            cairo_fill(cr);
            cairo_surface_destroy(aside);
        }
    }
}

void painter_paint_vector(cairo_t *cr, const struct display_list *list, bool has_background) {
    struct item_color color = list->background;
    if (has_background && color.a > 0) {
        cairo_save(cr);
        cairo_set_source_rgba(cr, color.r, color.g, color.b, color.a);
        cairo_rectangle(cr, 0, 0, list->width_px, list->height_px);
        cairo_fill(cr);
        cairo_restore(cr);
    }
    for (size_t i = 0; i < list->n_blocks; i++) {
        paint_vector_block(cr, list->blocks[i]);
    }
}
