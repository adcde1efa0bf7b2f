/* Picking walks the list backwards: what was painted last is asked first. */
#include "renderer/draw/pick.h"

#include <math.h>

#include "renderer/draw/display_list_private.h"
#include "renderer/draw/projection.h"
#include "renderer/draw/resource.h"

static bool is_in_box(const double box[4], double x, double y) {
    return x >= box[0] && y >= box[1] && x < box[0] + box[2] && y < box[1] + box[3];
}

/* Local point under the device point; false when it is behind the viewer. */
static bool to_local(const struct display_item *item, double x_px, double y_px, double local[2]) {
    double inverse[9], p[3], there[3];
    if (!projection_invert(item->matrix, inverse)) {
        return false;
    }
    projection_map(inverse, x_px, y_px, p);
    local[0] = p[0] / p[2];
    local[1] = p[1] / p[2];
    if (!isfinite(local[0]) || !isfinite(local[1])) {
        return false;
    }
    projection_map(item->matrix, local[0], local[1], there);
    return there[2] >= PROJECTION_W_MIN;
}

/* cairo tests in its fixed point numbers: the path is moved so that the point is the origin, and
 * scaled to pixels, so that the test is as exact as the drawing. */
static bool is_on_path(const struct display_item *item, const double local[2]) {
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_A8, 1, 1);
    cairo_t *cr = cairo_create(surface);
    double box[4], reach = 0;
    display_item_ink(item, box);
    for (int i = 0; i < 2; i++) {
        reach = fmax(reach, fabs(box[i] - local[i]) + box[i + 2]);
    }
    double scale = projection_scale_at(item->matrix, local[0], local[1]);
    scale = fmin(fmax(scale, 1e-9), 1e6 / fmax(reach, 1e-9));
    cairo_scale(cr, scale, scale);
    cairo_translate(cr, -local[0], -local[1]);
    cairo_append_path(cr, resource_path(item->resource));
    cairo_set_fill_rule(cr, item->is_even_odd ? CAIRO_FILL_RULE_EVEN_ODD : CAIRO_FILL_RULE_WINDING);
    bool is_hit = item->brush != ITEM_BRUSH_NONE && cairo_in_fill(cr, local[0], local[1]);
    if (!is_hit && item->stroke_width > 0) {
        cairo_set_line_width(cr, item->stroke_width);
        cairo_set_line_cap(cr, CAIRO_LINE_CAP_ROUND);
        cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
        is_hit = cairo_in_stroke(cr, local[0], local[1]);
    }
    cairo_destroy(cr);
    cairo_surface_destroy(surface);
    return is_hit;
}

static bool is_hit(const struct display_item *item, double x_px, double y_px) {
    double local[2], box[4];
    if (!to_local(item, x_px, y_px, local)) {
        return false;
    }
    if (item->has_clip && !is_in_box(item->clip, local[0], local[1])) {
        return false;
    }
    if (item->kind == ITEM_PATH) {
        return is_on_path(item, local);
    }
    resource_extents(item->resource, box);
    return is_in_box(box, local[0], local[1]);
}

static bool is_in_bounds(const struct rect_px *bounds, double x_px, double y_px) {
    return x_px >= bounds->x && y_px >= bounds->y && x_px < bounds->x + bounds->width &&
           y_px < bounds->y + bounds->height;
}

struct asking {
    bool (*is_wanted)(void *ctx, uint64_t object_id);
    void *ctx;
    uint64_t asked; /* the last one, not wanted */
};

/* Is the point inside the clips of all groups around the item? */
static bool is_in_clips(const struct display_block *block, size_t item_i, double x_px,
                        double y_px) {
    double local[2];
    for (size_t i = item_i; i-- > 0;) {
        const struct display_item *group = &block->items[i];
        if (group->kind == ITEM_GROUP_BEGIN && group->effect == ITEM_EFFECT_CLIP &&
            block->marks[i].end_i > item_i &&
            (!to_local(group, x_px, y_px, local) || !is_in_box(group->clip, local[0], local[1]))) {
            return false;
        }
    }
    return true;
}

static uint64_t pick_in_block(const struct display_block *block, double x_px, double y_px,
                              struct asking *asking) {
    for (size_t i = block->n_items; i-- > 0;) {
        const struct display_item *item = &block->items[i];
        if (item->kind == ITEM_GROUP_BEGIN || item->kind == ITEM_GROUP_END ||
            item->object_id == 0 || item->object_id == asking->asked ||
            !is_in_bounds(&block->marks[i].bounds, x_px, y_px)) {
            continue;
        }
        if (is_hit(item, x_px, y_px) && is_in_clips(block, i, x_px, y_px)) {
            asking->asked = item->object_id;
            if (asking->is_wanted(asking->ctx, item->object_id)) {
                return item->object_id;
            }
        }
    }
    return 0;
}

uint64_t pick_at(const struct display_list *list, double x_px, double y_px,
                 bool (*is_wanted)(void *ctx, uint64_t object_id), void *ctx) {
    struct asking asking = {is_wanted, ctx, 0};
    uint64_t found = 0;
    if (!isfinite(x_px) || !isfinite(y_px)) {
        return 0;
    }
    for (size_t i = list->n_blocks; i-- > 0 && found == 0;) {
        if (is_in_bounds(&list->blocks[i]->bounds, x_px, y_px)) {
            found = pick_in_block(list->blocks[i], x_px, y_px, &asking);
        }
    }
    return found;
}
