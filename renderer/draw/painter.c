/* A list or parts of it on a surface: which cells, in which order, what is
 * drawn aside. Single items are in painter_item.c. */
#include "renderer/draw/painter.h"

#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "common/log.h"
#include "proto/limits.h"
#include "renderer/draw/display_list_private.h"
#include "renderer/draw/painter_private.h"
#include "renderer/draw/resource.h"

#define CELLS_X ((LIMIT_SIDE_PX + PAINTER_CELL_WIDTH_PX - 1) / PAINTER_CELL_WIDTH_PX)
#define CELLS_Y ((LIMIT_SIDE_PX + PAINTER_CELL_HEIGHT_PX - 1) / PAINTER_CELL_HEIGHT_PX)

#define CELL_BYTES ((size_t)PAINTER_CELL_WIDTH_PX * PAINTER_CELL_HEIGHT_PX * 4)

/* Paths with more points than this that touch many cells are drawn aside once, as are svg and
 * warped items. */
#define HEAVY_POINTS 2000
#define HEAVY_CELLS  4

/* Cells to be painted, and their bounding range. An item is always drawn cell by cell, as its
 * pixels depend on where it is cut; but only what touches a wanted rectangle is drawn, and what was
 * drawn beside them is put back. */
struct cell_set {
    uint8_t is_in[CELLS_Y][CELLS_X];
    struct rect_px range;   /* in cells */
    struct rect_px rect;    /* in pixels */
    struct rect_px *wanted; /* owned; inside the picture */
    size_t n_wanted;
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

static void destroy_cells(struct cell_set *cells) {
    if (cells != NULL) {
        free(cells->wanted);
        free(cells);
    }
}

static struct cell_set *create_cells(const struct display_list *list, const struct rect_px *rects,
                                     size_t n_rects) {
    struct cell_set *cells = calloc(1, sizeof(*cells));
    if (cells != NULL) {
        cells->wanted = calloc(n_rects + 1, sizeof(*cells->wanted));
    }
    if (cells == NULL || cells->wanted == NULL) {
        lg_log(LG_LOG_ERROR, "painter", "no_memory", NULL);
        destroy_cells(cells);
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
        cells->wanted[cells->n_wanted++] = rect;
    }
    return cells;
}

static void clip_to(cairo_t *cr, struct rect_px rect) {
    cairo_rectangle(cr, rect.x, rect.y, rect.width, rect.height);
    cairo_clip(cr);
}

static void clear_wanted(cairo_t *cr, const struct cell_set *cells, struct item_color color) {
    cairo_save(cr);
    cairo_set_operator(cr, CAIRO_OPERATOR_SOURCE);
    cairo_set_source_rgba(cr, color.r, color.g, color.b, color.a);
    for (size_t i = 0; i < cells->n_wanted; i++) { /* one by one: they may overlap */
        const struct rect_px *rect = &cells->wanted[i];
        cairo_rectangle(cr, rect->x, rect->y, rect->width, rect->height);
        cairo_fill(cr);
    }
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
    if (range.width == 1 && range.height == 1) { /* nothing to cut */
        if (cells->is_in[range.y][range.x]) {
            painter_draw_item(cr, item, false);
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
    for (size_t i = 0; i < cells->n_wanted; i++) {
        if (rect_px_intersect(bounds, cells->wanted[i]).width > 0) {
            return true;
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
        if (touches(cells, list->blocks[i]->bounds)) {
            paint_block(cr, list->blocks[i], cells);
        }
    }
}

/* -- what was drawn beside the wanted ------------------------------------- */

static bool is_wanted_whole(const struct cell_set *cells, struct rect_px rect) {
    for (size_t i = 0; i < cells->n_wanted; i++) {
        struct rect_px both = rect_px_intersect(rect, cells->wanted[i]);
        if (both.width == rect.width && both.height == rect.height) {
            return true;
        }
    }
    return false;
}

/* The next cell that is wanted in part, from *at on; *at counts cells of the range. */
static bool next_partial(const struct cell_set *cells, int *at, struct rect_px *rect) {
    int n_cells = cells->range.width * cells->range.height;
    while (*at < n_cells) {
        int x = cells->range.x + *at % cells->range.width;
        int y = cells->range.y + *at / cells->range.width;
        (*at)++;
        *rect = rect_px_intersect(cell_rect(x, y), cells->rect);
        if (cells->is_in[y][x] && !is_wanted_whole(cells, *rect)) {
            return true;
        }
    }
    return false;
}

/* Part of a cell, from the picture into its copy, whose rows are as long as the cell's. */
static void copy_out(const uint8_t *pixels, size_t stride, struct rect_px cell, struct rect_px part,
                     uint8_t *copy) {
    size_t row_bytes = (size_t)cell.width * 4;
    copy += (size_t)(part.y - cell.y) * row_bytes + (size_t)(part.x - cell.x) * 4;
    pixels += (size_t)part.y * stride + (size_t)part.x * 4;
    for (int y = 0; y < part.height; y++, copy += row_bytes, pixels += stride) {
        memcpy(copy, pixels, (size_t)part.width * 4);
    }
}

static void copy_back(const uint8_t *copy, struct rect_px cell, uint8_t *pixels, size_t stride) {
    size_t row_bytes = (size_t)cell.width * 4;
    pixels += (size_t)cell.y * stride + (size_t)cell.x * 4;
    for (int y = 0; y < cell.height; y++, copy += row_bytes, pixels += stride) {
        memcpy(pixels, copy, row_bytes);
    }
}

/* Copies of the cells that are wanted in part, CELL_BYTES each; NULL when there are none. */
static uint8_t *keep_cells(cairo_surface_t *surface, const struct cell_set *cells,
                           bool *is_failed) {
    size_t stride = (size_t)cairo_image_surface_get_stride(surface), n_cells = 0;
    struct rect_px cell;
    for (int at = 0; next_partial(cells, &at, &cell);) {
        n_cells++;
    }
    uint8_t *kept = n_cells > 0 ? malloc(n_cells * CELL_BYTES) : NULL;
    *is_failed = n_cells > 0 && kept == NULL;
    if (kept == NULL) {
        return NULL;
    }
    cairo_surface_flush(surface);
    const uint8_t *pixels = cairo_image_surface_get_data(surface);
    uint8_t *copy = kept;
    for (int at = 0; next_partial(cells, &at, &cell); copy += CELL_BYTES) {
        copy_out(pixels, stride, cell, cell, copy);
    }
    return kept;
}

/* Of the copies what was wanted becomes as it is now, then they are the picture. */
static void put_back(cairo_surface_t *surface, const struct cell_set *cells, uint8_t *kept) {
    size_t stride = (size_t)cairo_image_surface_get_stride(surface);
    struct rect_px cell;
    cairo_surface_flush(surface);
    uint8_t *pixels = cairo_image_surface_get_data(surface);
    for (int at = 0; next_partial(cells, &at, &cell); kept += CELL_BYTES) {
        for (size_t i = 0; i < cells->n_wanted; i++) {
            struct rect_px part = rect_px_intersect(cells->wanted[i], cell);
            if (part.width > 0) {
                copy_out(pixels, stride, cell, part, kept);
            }
        }
        copy_back(kept, cell, pixels, stride);
    }
    cairo_surface_mark_dirty(surface);
}

static void want_whole_cells(const struct display_list *list, struct cell_set *cells) {
    for (size_t i = 0; i < cells->n_wanted; i++) {
        cells->wanted[i] = painter_cells_around(list, cells->wanted[i]);
    }
}

/* The reason why a context drew nothing any more, logged. */
static int status_of(cairo_t *cr) {
    cairo_status_t status = cairo_status(cr);
    if (status == CAIRO_STATUS_SUCCESS) {
        return LG_OK;
    }
    lg_log(LG_LOG_ERROR, "painter", "cairo", "status=%s", cairo_status_to_string(status));
    return LG_EINTERNAL;
}

int painter_paint_rects(cairo_surface_t *surface, const struct display_list *list,
                        const struct rect_px *rects, size_t n_rects) {
    cairo_t *cr = cairo_create(surface);
    if (cairo_surface_get_type(surface) != CAIRO_SURFACE_TYPE_IMAGE) {
        painter_paint_vector(cr, list, true);
        cairo_destroy(cr);
        return LG_OK;
    }
    struct cell_set *cells = create_cells(list, rects, n_rects);
    if (cells != NULL && cells->rect.width > 0) {
        bool is_failed = false;
        uint8_t *kept = keep_cells(surface, cells, &is_failed);
        if (is_failed) {
            want_whole_cells(list, cells);
        }
        clear_wanted(cr, cells, list->background);
        paint_items(cr, list, cells);
        if (kept != NULL) {
            put_back(surface, cells, kept);
        }
        free(kept);
    }
    int code = cells != NULL ? status_of(cr) : LG_ENOMEM;
    destroy_cells(cells);
    cairo_destroy(cr);
    cairo_surface_flush(surface);
    return code;
}

int painter_paint(cairo_surface_t *surface, const struct display_list *list,
                  const struct rect_px *rect) {
    return painter_paint_rects(surface, list, rect, 1);
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
