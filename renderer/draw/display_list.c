/* The list itself: blocks, groups, comparing. Bounds and hashes of items are in
 * display_item.c, damage is found in damage.c, drawing is in painter.c. */
#include "renderer/draw/display_list.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "common/err.h"
#include "common/log.h"
#include "proto/limits.h"
#include "renderer/draw/display_list_private.h"
#include "renderer/draw/projection.h"
#include "renderer/draw/resource.h"

static double clamp_unit(double value) {
    return value > 0 ? fmin(value, 1) : 0; /* NaN becomes 0 */
}

static struct item_color tame_color(struct item_color color) {
    return (struct item_color){clamp_unit(color.r), clamp_unit(color.g), clamp_unit(color.b),
                               clamp_unit(color.a)};
}

struct display_list *display_list_create(uint32_t width_px, uint32_t height_px,
                                         struct item_color background) {
    struct display_list *list = calloc(1, sizeof(*list));
    if (list == NULL) {
        lg_log(LG_LOG_ERROR, "display_list", "no_memory", NULL);
        return NULL;
    }
    atomic_init(&list->refs, 1);
    list->width_px = width_px > 0 ? width_px : 1;
    list->height_px = height_px > 0 ? height_px : 1;
    list->background = tame_color(background);
    return list;
}

struct display_list *display_list_ref(struct display_list *list) {
    if (list != NULL) {
        atomic_fetch_add_explicit(&list->refs, 1, memory_order_relaxed);
    }
    return list;
}

void display_list_unref(struct display_list *list) {
    if (list == NULL || atomic_fetch_sub_explicit(&list->refs, 1, memory_order_acq_rel) != 1) {
        return;
    }
    for (size_t i = 0; i < list->n_blocks; i++) {
        display_block_unref(list->blocks[i]);
    }
    free(list->blocks);
    free(list->starts);
    free(list);
}

size_t display_list_size(const struct display_list *list) {
    return list->n_items;
}

const struct display_item *display_list_item(const struct display_list *list, size_t item_i) {
    size_t low = 0, high = list->n_blocks;
    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        if (list->starts[middle] <= item_i) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return &list->blocks[low]->items[item_i - list->starts[low]];
}

bool display_list_is_short(const struct display_list *list) {
    return list->is_short;
}

bool display_list_is_cut(const struct display_list *list) {
    return list->is_cut;
}

uint32_t display_list_width(const struct display_list *list) {
    return list->width_px;
}

uint32_t display_list_height(const struct display_list *list) {
    return list->height_px;
}

struct item_color display_list_background(const struct display_list *list) {
    return list->background;
}

/* -- blocks --------------------------------------------------------------- */

static struct display_block *create_block(void) {
    struct display_block *block = calloc(1, sizeof(*block));
    if (block != NULL) {
        atomic_init(&block->refs, 1);
    }
    return block;
}

struct display_block *display_block_ref(struct display_block *block) {
    if (block != NULL) {
        atomic_fetch_add_explicit(&block->refs, 1, memory_order_relaxed);
    }
    return block;
}

void display_block_unref(struct display_block *block) {
    if (block == NULL || atomic_fetch_sub_explicit(&block->refs, 1, memory_order_acq_rel) != 1) {
        return;
    }
    for (size_t i = 0; i < block->n_items; i++) {
        resource_unref(block->items[i].resource);
    }
    free(block->items);
    free(block->marks);
    free(block);
}

static int resize_block(struct display_block *block, size_t capacity) {
    struct display_item *items = realloc(block->items, capacity * sizeof(*items));
    if (items == NULL) {
        return LG_ENOMEM;
    }
    block->items = items;
    struct display_mark *marks = realloc(block->marks, capacity * sizeof(*marks));
    if (marks == NULL) {
        return LG_ENOMEM;
    }
    block->marks = marks;
    block->capacity = capacity;
    return 0;
}

/* Room for one more item. */
static int reserve_in_block(struct display_block *block) {
    if (block->n_items < block->capacity) {
        return 0;
    }
    return resize_block(block, block->capacity > 0 ? block->capacity * 2 : 16);
}

/* Takes over the reference; on failure not. */
static int push_block(struct display_list *list, struct display_block *block) {
    if (list->n_blocks == list->capacity) {
        size_t capacity = list->capacity > 0 ? list->capacity * 2 : 8;
        struct display_block **blocks =
            realloc(list->blocks, capacity * sizeof(struct display_block *));
        if (blocks == NULL) {
            return LG_ENOMEM;
        }
        list->blocks = blocks;
        size_t *starts = realloc(list->starts, capacity * sizeof(*starts));
        if (starts == NULL) {
            return LG_ENOMEM;
        }
        list->starts = starts;
        list->capacity = capacity;
    }
    list->starts[list->n_blocks] = list->n_items;
    list->blocks[list->n_blocks++] = block;
    return 0;
}

/* -- appending ---------------------------------------------------------- */

static int clamp_int(int value, int low, int high) {
    return value < low ? low : value > high ? high : value;
}

static void tame_item(struct display_item *item) {
    item->fill = tame_color(item->fill);
    item->stroke = tame_color(item->stroke);
    item->effect_color = tame_color(item->effect_color);
    item->effect_strength = clamp_unit(item->effect_strength);
    item->effect_px = clamp_int(item->effect_px, 0, DISPLAY_EFFECT_MAX_PX);
    item->effect_dx = clamp_int(item->effect_dx, -LIMIT_SIDE_PX, LIMIT_SIDE_PX);
    item->effect_dy = clamp_int(item->effect_dy, -LIMIT_SIDE_PX, LIMIT_SIDE_PX);
    item->stroke_width = item->stroke_width > 0 ? fmin(item->stroke_width, 1e9) : 0;
    for (int i = 0; i < 4; i++) {
        item->clip[i] = isnan(item->clip[i]) ? 0 : fmin(fmax(item->clip[i], -1e9), 1e9);
    }
}

/* The block under construction. */
static struct display_block *open_block(const struct display_list *list) {
    return list->blocks[list->n_blocks - 1];
}

/* Room for one more item in a block under construction. */
static int reserve_item(struct display_list *list) {
    if (list->n_items >= LIMIT_DISPLAY_ITEMS) {
        list->is_cut = true;
        return LG_ETOOLARGE;
    }
    if (!list->is_open) {
        struct display_block *fresh = create_block();
        if (fresh == NULL || reserve_in_block(fresh) != 0 || push_block(list, fresh) != 0) {
            display_block_unref(fresh);
            return LG_ENOMEM;
        }
        list->is_open = true;
    }
    return reserve_in_block(open_block(list));
}

/* The bounds of a group follow its content; so do those of the groups around it. */
static void widen_open_groups(struct display_list *list, struct rect_px content) {
    struct display_block *block = open_block(list);
    for (size_t i = list->n_open; i > 0 && content.width > 0; i--) {
        struct display_group *open = &list->open[i - 1];
        struct display_item *group = &block->items[open->item_i];
        open->content = rect_px_unite(open->content, content);
        struct rect_px limit = i > 1 ? list->open[i - 2].limit : display_list_rect(list);
        group->bounds = rect_px_intersect(display_effect_reach(group, open->content), limit);
        block->marks[open->item_i].bounds = group->bounds;
        block->marks[open->item_i].content = open->content;
        block->bounds = rect_px_unite(block->bounds, group->bounds);
        content = group->bounds;
    }
}

static int push_item(struct display_list *list, const struct display_item *item) {
    int rc = reserve_item(list);
    if (rc != 0) {
        list->is_short = list->is_short || rc == LG_ENOMEM;
        return rc;
    }
    struct display_block *block = open_block(list);
    size_t item_i = block->n_items++;
    list->n_items++;
    block->items[item_i] = *item;
    block->marks[item_i] = (struct display_mark){
        .bounds = item->bounds,
        .hash = display_item_hash(item),
        .end_i = item_i,
    };
    for (size_t i = 0; i < list->n_open; i++) {
        struct display_mark *mark = &block->marks[list->open[i].item_i];
        mark->end_i = item_i;
        mark->hash = XXH3_64bits_withSeed(&block->marks[item_i].hash, 8, mark->hash);
    }
    block->bounds = rect_px_unite(block->bounds, item->bounds);
    return 0;
}

static int begin_group(struct display_list *list, struct display_item *item) {
    if (list->n_skipped > 0 || list->n_open == DISPLAY_GROUP_DEPTH) {
        list->n_skipped++; /* too deep: content without the effect */
        return 0;
    }
    struct rect_px limit =
        list->n_open > 0 ? list->open[list->n_open - 1].limit : display_list_rect(list);
    item->bounds = (struct rect_px){0, 0, 0, 0};
    int rc = push_item(list, item);
    if (rc != 0) {
        list->n_skipped++;
        return rc;
    }
    list->open[list->n_open++] = (struct display_group){
        .item_i = open_block(list)->n_items - 1,
        .limit = display_effect_input_limit(item, limit),
    };
    return 0;
}

static int end_group(struct display_list *list, struct display_item *item) {
    if (list->n_skipped > 0) {
        list->n_skipped--;
        return 0;
    }
    if (list->n_open == 0) {
        return 0;
    }
    item->bounds = (struct rect_px){0, 0, 0, 0};
    int rc = push_item(list, item);
    list->n_open--;
    return rc;
}

static int append_group(struct display_list *list, struct display_item *item) {
    resource_unref(item->resource);
    item->resource = NULL;
    if (item->effect != ITEM_EFFECT_CLIP || item->kind == ITEM_GROUP_END) {
        memset(item->matrix, 0, sizeof(item->matrix));
    }
    return item->kind == ITEM_GROUP_BEGIN ? begin_group(list, item) : end_group(list, item);
}

int display_list_append(struct display_list *list, const struct display_item *item) {
    struct display_item copy = *item;
    tame_item(&copy);
    if (copy.kind == ITEM_GROUP_BEGIN || copy.kind == ITEM_GROUP_END) {
        return append_group(list, &copy);
    }
    bool is_drawn = copy.resource != NULL && projection_is_usable(copy.matrix);
    if (is_drawn) {
        struct rect_px limit =
            list->n_open > 0 ? list->open[list->n_open - 1].limit : display_list_rect(list);
        projection_normalise(copy.matrix);
        copy.bounds = display_item_bounds(&copy, limit);
        is_drawn = copy.bounds.width > 0;
    }
    int rc = is_drawn ? push_item(list, &copy) : 0;
    if (!is_drawn || rc != 0) {
        resource_unref(copy.resource);
        return rc;
    }
    widen_open_groups(list, copy.bounds);
    return 0;
}

struct display_block *display_list_close_block(struct display_list *list) {
    if (!list->is_open || list->n_open > 0) {
        return NULL;
    }
    list->is_open = false;
    struct display_block *block = open_block(list);
    (void)resize_block(block, block->n_items); /* smaller; refused does no harm */
    return block;
}

int display_list_append_block(struct display_list *list, struct display_block *block) {
    if (list->n_open > 0 || block->n_items > LIMIT_DISPLAY_ITEMS - list->n_items) {
        return LG_ETOOLARGE;
    }
    display_list_close_block(list);
    int rc = push_block(list, block);
    if (rc == 0) {
        display_block_ref(block);
        list->n_items += block->n_items;
    }
    return rc;
}

/* -- comparing ------------------------------------------------------------ */

/* Where a walk over all items stands. */
struct cursor {
    size_t block_i, item_i;
};

static void skip(const struct display_list *list, struct cursor *at, size_t n) {
    at->item_i += n;
    if (at->item_i == list->blocks[at->block_i]->n_items) {
        *at = (struct cursor){at->block_i + 1, 0};
    }
}

bool display_list_equal(const struct display_list *a, const struct display_list *b) {
    if (a == b) {
        return true;
    }
    if (a->width_px != b->width_px || a->height_px != b->height_px || a->n_items != b->n_items ||
        memcmp(&a->background, &b->background, sizeof(a->background)) != 0) {
        return false;
    }
    struct cursor in_a = {0}, in_b = {0};
    while (in_a.block_i < a->n_blocks && in_b.block_i < b->n_blocks) {
        const struct display_block *block_a = a->blocks[in_a.block_i];
        const struct display_block *block_b = b->blocks[in_b.block_i];
        size_t n = 1;
        if (block_a == block_b && in_a.item_i == in_b.item_i) {
            n = block_a->n_items - in_a.item_i;
        } else if (block_a->marks[in_a.item_i].hash != block_b->marks[in_b.item_i].hash) {
            return false;
        }
        skip(a, &in_a, n);
        skip(b, &in_b, n);
    }
    return true;
}

struct rect_px display_list_rect(const struct display_list *list) {
    return (struct rect_px){0, 0, (int)list->width_px, (int)list->height_px};
}
