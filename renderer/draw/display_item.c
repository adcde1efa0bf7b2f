/* One item: where it may draw, and what it looks like as a number. */
#include <math.h>

#include <xxhash.h>

#include "renderer/draw/display_list_private.h"
#include "renderer/draw/projection.h"
#include "renderer/draw/resource.h"

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

/* Pixels that a clip may show. */
static struct rect_px clip_rect(const struct display_item *group, struct rect_px limit) {
    double device[4];
    if (!projection_map_box(group->matrix, group->clip, device)) {
        return limit;
    }
    double x0 = fmax(floor(device[0]), limit.x), y0 = fmax(floor(device[1]), limit.y);
    double x1 = fmin(ceil(device[2]), limit.x + limit.width);
    double y1 = fmin(ceil(device[3]), limit.y + limit.height);
    if (!(x0 < x1 && y0 < y1)) {
        return (struct rect_px){0, 0, 0, 0};
    }
    return (struct rect_px){(int)x0, (int)y0, (int)(x1 - x0), (int)(y1 - y0)};
}

struct rect_px display_effect_reach(const struct display_item *group, struct rect_px content) {
    if (content.width <= 0 || content.height <= 0) {
        return content;
    }
    if (group->effect == ITEM_EFFECT_CLIP) {
        return clip_rect(group, content);
    }
    struct rect_px grown = grow_rect(content, display_effect_margin(group));
    if (group->effect == ITEM_EFFECT_SHADOW) {
        grown.x += group->effect_dx;
        grown.y += group->effect_dy;
        return rect_px_unite(content, grown);
    }
    return grown;
}

struct rect_px display_effect_input_limit(const struct display_item *group, struct rect_px limit) {
    if (group->effect == ITEM_EFFECT_CLIP) {
        return clip_rect(group, limit);
    }
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

struct rect_px display_item_bounds(const struct display_item *item, struct rect_px limit) {
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

uint64_t display_item_hash(const struct display_item *item) {
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
