/* The list itself: items, their bounds and hashes. Damage is found in
 * damage.c, drawing in painter.c. */
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
    for (size_t i = 0; i < list->n_items; i++) {
        resource_unref(list->items[i].resource);
    }
    free(list->items);
    free(list->marks);
    free(list);
}

size_t display_list_size(const struct display_list *list) {
    return list->n_items;
}

const struct display_item *display_list_item(const struct display_list *list, size_t item_i) {
    return &list->items[item_i];
}

const struct display_mark *display_list_mark(const struct display_list *list, size_t item_i) {
    return &list->marks[item_i];
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

/* -- bounds ------------------------------------------------------------- */

struct rect_px rect_px_intersect(struct rect_px a, struct rect_px b) {
    int x0 = a.x > b.x ? a.x : b.x, y0 = a.y > b.y ? a.y : b.y;
    int x1 = a.x + a.width < b.x + b.width ? a.x + a.width : b.x + b.width;
    int y1 = a.y + a.height < b.y + b.height ? a.y + a.height : b.y + b.height;
    if (x1 <= x0 || y1 <= y0) {
        return (struct rect_px){0, 0, 0, 0};
    }
    return (struct rect_px){x0, y0, x1 - x0, y1 - y0};
}

struct rect_px rect_px_unite(struct rect_px a, struct rect_px b) {
    if (a.width <= 0 || a.height <= 0) {
        return b;
    }
    if (b.width <= 0 || b.height <= 0) {
        return a;
    }
    int x0 = a.x < b.x ? a.x : b.x, y0 = a.y < b.y ? a.y : b.y;
    int x1 = a.x + a.width > b.x + b.width ? a.x + a.width : b.x + b.width;
    int y1 = a.y + a.height > b.y + b.height ? a.y + a.height : b.y + b.height;
    return (struct rect_px){x0, y0, x1 - x0, y1 - y0};
}

static struct rect_px grow_rect(struct rect_px rect, int by) {
    return (struct rect_px){rect.x - by, rect.y - by, rect.width + 2 * by, rect.height + 2 * by};
}

/* How far an effect reaches beyond its content. */
static struct rect_px effect_reach(const struct display_item *group, struct rect_px content) {
    if (content.width <= 0 || content.height <= 0) {
        return content;
    }
    struct rect_px grown = grow_rect(content, display_effect_margin(group));
    if (group->effect == ITEM_EFFECT_SHADOW) {
        grown.x += group->effect_dx;
        grown.y += group->effect_dy;
        return rect_px_unite(content, grown);
    }
    return grown;
}

/* Of the device plane: what may be seen through an effect that is shown in limit. */
static struct rect_px effect_input_limit(const struct display_item *group, struct rect_px limit) {
    struct rect_px grown = grow_rect(limit, display_effect_margin(group));
    if (group->effect == ITEM_EFFECT_SHADOW) {
        grown.x -= group->effect_dx;
        grown.y -= group->effect_dy;
        return rect_px_unite(limit, grown);
    }
    return grown;
}

int display_effect_margin(const struct display_item *group) {
    if (group->effect == ITEM_EFFECT_BLUR) {
        return 3 * group->effect_px + 3; /* painter_effects.c: three boxes of up to 2 r + 1 */
    }
    if (group->effect == ITEM_EFFECT_SHADOW) {
        return group->effect_px + 3;
    }
    return 0;
}

void display_item_ink(const struct display_item *item, double box[4]) {
    resource_ink(item->resource, box);
    if (item->kind == ITEM_PATH && item->stroke_width > 0 && item->stroke.a > 0) {
        double half = item->stroke_width / 2;
        box[0] -= half;
        box[1] -= half;
        box[2] += 2 * half;
        box[3] += 2 * half;
    }
    if (item->has_clip) {
        double x0 = fmax(box[0], item->clip[0]), y0 = fmax(box[1], item->clip[1]);
        double x1 = fmin(box[0] + box[2], item->clip[0] + item->clip[2]);
        double y1 = fmin(box[1] + box[3], item->clip[1] + item->clip[3]);
        box[0] = x0;
        box[1] = y0;
        box[2] = x1 - x0;
        box[3] = y1 - y0;
    }
}

static struct rect_px item_bounds(const struct display_item *item, struct rect_px limit) {
    double box[4], device[4];
    display_item_ink(item, box);
    if (box[2] < 0 || box[3] < 0 || !projection_map_box(item->matrix, box, device)) {
        return (struct rect_px){0, 0, 0, 0};
    }
    /* One pixel for antialiasing on each side; clamped before the cast. */
    double x0 = fmax(floor(device[0]) - 1, limit.x), y0 = fmax(floor(device[1]) - 1, limit.y);
    double x1 = fmin(ceil(device[2]) + 1, limit.x + limit.width);
    double y1 = fmin(ceil(device[3]) + 1, limit.y + limit.height);
    if (!(x0 < x1 && y0 < y1)) {
        return (struct rect_px){0, 0, 0, 0};
    }
    return (struct rect_px){(int)x0, (int)y0, (int)(x1 - x0), (int)(y1 - y0)};
}

/* -- hashes --------------------------------------------------------------- */

/* object_id and bounds stay out: they change no pixel by themselves. */
static uint64_t item_hash(const struct display_item *item) {
    double look[] = {
        (double)item->kind,
        item->fill.r,
        item->fill.g,
        item->fill.b,
        item->fill.a,
        (double)item->brush,
        item->is_even_odd ? 1 : 0,
        item->stroke_width,
        item->stroke.r,
        item->stroke.g,
        item->stroke.b,
        item->stroke.a,
        (double)item->dash,
        item->has_clip ? 1 : 0,
        item->has_clip ? item->clip[0] : 0,
        item->has_clip ? item->clip[1] : 0,
        item->has_clip ? item->clip[2] : 0,
        item->has_clip ? item->clip[3] : 0,
        (double)item->effect,
        (double)item->effect_px,
        (double)item->effect_dx,
        (double)item->effect_dy,
        item->effect_strength,
        item->effect_color.r,
        item->effect_color.g,
        item->effect_color.b,
        item->effect_color.a,
    };
    uint64_t seed = 0;
    if (item->resource != NULL) {
        seed = resource_hash(item->resource) + (uint64_t)resource_kind(item->resource);
    }
    seed = XXH3_64bits_withSeed(look, sizeof(look), seed);
    return XXH3_64bits_withSeed(item->matrix, sizeof(item->matrix), seed);
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

static int reserve_item(struct display_list *list) {
    if (list->n_items >= LIMIT_DISPLAY_ITEMS) {
        return LG_ETOOLARGE;
    }
    if (list->n_items < list->capacity) {
        return 0;
    }
    size_t capacity = list->capacity > 0 ? list->capacity * 2 : 64;
    struct display_item *items = realloc(list->items, capacity * sizeof(*items));
    if (items == NULL) {
        return LG_ENOMEM;
    }
    list->items = items;
    struct display_mark *marks = realloc(list->marks, capacity * sizeof(*marks));
    if (marks == NULL) {
        return LG_ENOMEM;
    }
    list->marks = marks;
    list->capacity = capacity;
    return 0;
}

/* The bounds of a group follow its content; so do those of the groups around it. */
static void widen_open_groups(struct display_list *list, struct rect_px content) {
    for (size_t i = list->n_open; i > 0 && content.width > 0; i--) {
        struct display_group *open = &list->open[i - 1];
        struct display_item *group = &list->items[open->item_i];
        open->content = rect_px_unite(open->content, content);
        struct rect_px limit = i > 1 ? list->open[i - 2].limit : display_list_rect(list);
        group->bounds = rect_px_intersect(effect_reach(group, open->content), limit);
        list->marks[open->item_i].bounds = group->bounds;
        list->marks[open->item_i].content = open->content;
        content = group->bounds;
    }
}

static void push_item(struct display_list *list, const struct display_item *item) {
    size_t item_i = list->n_items++;
    list->items[item_i] = *item;
    list->marks[item_i] = (struct display_mark){
        .bounds = item->bounds,
        .hash = item_hash(item),
        .end_i = item_i,
    };
    for (size_t i = 0; i < list->n_open; i++) {
        struct display_mark *mark = &list->marks[list->open[i].item_i];
        mark->end_i = item_i;
        mark->hash = XXH3_64bits_withSeed(&list->marks[item_i].hash, 8, mark->hash);
    }
}

static int begin_group(struct display_list *list, struct display_item *item) {
    if (list->n_skipped > 0 || list->n_open == DISPLAY_GROUP_DEPTH) {
        list->n_skipped++; /* too deep: content without the effect */
        return 0;
    }
    struct rect_px limit =
        list->n_open > 0 ? list->open[list->n_open - 1].limit : display_list_rect(list);
    item->bounds = (struct rect_px){0, 0, 0, 0};
    push_item(list, item);
    list->open[list->n_open++] = (struct display_group){
        .item_i = list->n_items - 1,
        .limit = effect_input_limit(item, limit),
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
    push_item(list, item);
    list->n_open--;
    return 0;
}

int display_list_append(struct display_list *list, const struct display_item *item) {
    struct display_item copy = *item;
    bool is_group = item->kind == ITEM_GROUP_BEGIN || item->kind == ITEM_GROUP_END;
    int rc = reserve_item(list);
    if (rc != 0) {
        resource_unref(copy.resource);
        return rc;
    }
    tame_item(&copy);
    if (is_group) {
        resource_unref(copy.resource);
        copy.resource = NULL;
        memset(copy.matrix, 0, sizeof(copy.matrix));
        return copy.kind == ITEM_GROUP_BEGIN ? begin_group(list, &copy) : end_group(list, &copy);
    }
    bool is_drawn = copy.resource != NULL && projection_is_usable(copy.matrix);
    if (is_drawn) {
        struct rect_px limit =
            list->n_open > 0 ? list->open[list->n_open - 1].limit : display_list_rect(list);
        projection_normalise(copy.matrix);
        copy.bounds = item_bounds(&copy, limit);
        is_drawn = copy.bounds.width > 0;
    }
    if (!is_drawn) {
        resource_unref(copy.resource);
        return 0;
    }
    push_item(list, &copy);
    widen_open_groups(list, copy.bounds);
    return 0;
}

bool display_list_equal(const struct display_list *a, const struct display_list *b) {
    if (a == b) {
        return true;
    }
    if (a->width_px != b->width_px || a->height_px != b->height_px || a->n_items != b->n_items ||
        memcmp(&a->background, &b->background, sizeof(a->background)) != 0) {
        return false;
    }
    for (size_t i = 0; i < a->n_items; i++) {
        if (a->marks[i].hash != b->marks[i].hash) {
            return false;
        }
    }
    return true;
}

struct rect_px display_list_rect(const struct display_list *list) {
    return (struct rect_px){0, 0, (int)list->width_px, (int)list->height_px};
}
