/* A scene as a display list. One walk: place, leave out what cannot be seen, let
 * the type append its items, children around it by z. */
#include "renderer/types/draw_scene.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "proto/limits.h"
#include "renderer/score/draw_order.h"
#include "renderer/score/sync/place_object.h"
#include "renderer/types/debug_marks.h"
#include "renderer/types/shapes/shape.h"

struct walk {
    struct display_list *list;
    double width, height; /* of the picture, px */
    int depth;
};

/* Device bounds of a local box; false when a corner is behind the eye. */
static bool device_bounds(const struct matrix *to_device, const struct box *box, double out[4]) {
    const double xs[4] = {box->x, box->x + box->width, box->x + box->width, box->x};
    const double ys[4] = {box->y, box->y, box->y + box->height, box->y + box->height};
    out[0] = out[1] = INFINITY;
    out[2] = out[3] = -INFINITY;
    for (int corner_i = 0; corner_i < 4; corner_i++) {
        const double *m = to_device->m;
        double w = m[6] * xs[corner_i] + m[7] * ys[corner_i] + m[8];
        if (!(w > 1e-6)) {
            return false;
        }
        double x = (m[0] * xs[corner_i] + m[1] * ys[corner_i] + m[2]) / w;
        double y = (m[3] * xs[corner_i] + m[4] * ys[corner_i] + m[5]) / w;
        out[0] = fmin(out[0], x);
        out[1] = fmin(out[1], y);
        out[2] = fmax(out[2], x);
        out[3] = fmax(out[3], y);
    }
    return true;
}

/* Off the picture by a margin that covers pens, arrow heads and debug names. Only for objects
 * that own nothing and have no effect. */
static bool is_off_picture(const struct walk *walk, const struct object *object,
                           const struct placement *placement) {
    struct box box = placement->box;
    double margin = 32 + 2 * fmax((double)object->attr.pen_width, 0);
    double bounds[4];
    box.x -= margin;
    box.y -= margin;
    box.width += 2 * margin;
    box.height += 2 * margin;
    return device_bounds(&placement->to_device, &box, bounds) &&
           (bounds[2] < 0 || bounds[3] < 0 || bounds[0] > walk->width || bounds[1] > walk->height);
}

static void begin_effect(const struct walk *walk, const struct object *object,
                         const struct placement *placement) {
    const struct effect *effect = &object->attr.effect;
    struct display_item item = {.kind = ITEM_GROUP_BEGIN};
    memcpy(item.matrix, placement->to_device.m, sizeof item.matrix);
    item.effect_color = (struct item_color){effect->r / 255.0, effect->g / 255.0, effect->b / 255.0,
                                            effect->a / 255.0};
    item.effect_px = effect->blur_px;
    item.effect_strength = (double)effect->strength;
    item.effect_dx = effect->dx_px;
    item.effect_dy = effect->dy_px;
    if (effect->kind == EFFECT_BLUR) {
        item.effect = ITEM_EFFECT_BLUR;
    } else if (effect->kind == EFFECT_COLORIZE) {
        item.effect = ITEM_EFFECT_COLORIZE;
        item.effect_color.a = 1;
    } else {
        item.effect = ITEM_EFFECT_SHADOW;
    }
    display_list_append(walk->list, &item);
}

static void end_effect(const struct walk *walk) {
    const struct display_item item = {.kind = ITEM_GROUP_END};
    display_list_append(walk->list, &item);
}

static void draw_own(const struct walk *walk, const struct object *object,
                     const struct placement *placement) {
    if (object->type->draw != NULL) {
        object->type->draw(object, placement, walk->list);
    }
}

static void draw_marks(const struct walk *walk, const struct object *object,
                       const struct placement *placement) {
    if (object->debug_map > 0 || object->debug_name != 0) {
        debug_marks_draw(object, placement, walk->list);
    }
}

static void draw_children(struct walk *walk, struct object *const *children, size_t n_children,
                          const struct placement *parent);
static void draw_slaves(struct walk *walk, const struct object *master,
                        const struct placement *placement, bool is_below);

/* Object and what it owns, children with z < 0 first (7.6). */
static void draw_object(struct walk *walk, const struct object *object,
                        const struct placement *placement) {
    struct object **children = NULL;
    size_t n_children = object->n_children > 0 ? object_children_by_z(object, &children) : 0;
    size_t n_below = 0;
    bool has_effect = object->attr.effect.kind != EFFECT_NONE;
    while (n_below < n_children && children[n_below]->attr.z < 0) {
        n_below++;
    }
    if (has_effect) {
        begin_effect(walk, object, placement);
    }
    draw_children(walk, children, n_below, placement);
    draw_slaves(walk, object, placement, true);
    draw_own(walk, object, placement);
    if (n_children > n_below) {
        draw_children(walk, children + n_below, n_children - n_below, placement);
    }
    draw_slaves(walk, object, placement, false);
    draw_marks(walk, object, placement);
    if (has_effect) {
        end_effect(walk);
    }
    free(children);
}

static bool owns_objects(const struct object *object) {
    for (size_t child_i = 0; child_i < object->n_children; child_i++) {
        if (!object->children[child_i]->type->is_node) {
            return true;
        }
    }
    return false;
}

static void draw_child(struct walk *walk, const struct object *child,
                       const struct placement *parent) {
    bool is_slave = child->n_masters > 0; /* its masters draw it */
    if (child->type->is_node || child->is_deleted || !child->attr.show || is_slave) {
        return;
    }
    struct placement placement;
    geometry_place(child, parent, &placement);
    if (child->n_slaves > 0 || child->attr.effect.kind != EFFECT_NONE || owns_objects(child) ||
        !is_off_picture(walk, child, &placement)) {
        draw_object(walk, child, &placement);
    }
}

static void draw_children(struct walk *walk, struct object *const *children, size_t n_children,
                          const struct placement *parent) {
    if (walk->depth >= LIMIT_DRAWN_DEPTH) {
        return;
    }
    walk->depth++;
    for (size_t child_i = 0; child_i < n_children; child_i++) {
        draw_child(walk, children[child_i], parent);
    }
    walk->depth--;
}

/* -- slaves (10.4) ---------------------------------------------------------- */

static void draw_pieces(struct walk *walk, const struct sync_relation *relation,
                        const struct placement *master) {
    struct sync_drawn_piece *pieces;
    size_t n_pieces = sync_place_pieces(relation, master, &pieces);
    for (size_t i = 0; i < n_pieces; i++) {
        const struct box *clip = &pieces[i].clip;
        struct display_item group = {
            .kind = ITEM_GROUP_BEGIN,
            .effect = ITEM_EFFECT_CLIP,
            .has_clip = true,
            .clip = {clip->x, clip->y, clip->width, clip->height},
        };
        memcpy(group.matrix, pieces[i].placement.to_device.m, sizeof group.matrix);
        display_list_append(walk->list, &group);
        draw_object(walk, relation->slave, &pieces[i].placement);
        end_effect(walk);
    }
    free(pieces);
}

/* Horizontally stretched: cut and warped over the master's segments. */
static bool is_in_pieces(const struct sync_relation *relation) {
    return relation->mode.stretch != SYNC_STRETCH_NONE && relation->mode.align != SYNC_FRAME;
}

static void draw_slave(struct walk *walk, const struct sync_relation *relation,
                       const struct placement *master) {
    struct placement placement;
    if (is_in_pieces(relation)) {
        draw_pieces(walk, relation, master);
    } else if (sync_place_object(relation, master, &placement)) {
        draw_object(walk, relation->slave, &placement);
    }
}

static int compare_slaves(const void *left, const void *right) {
    const struct sync_relation *const *a = left, *const *b = right;
    float za = (*a)->slave->attr.z, zb = (*b)->slave->attr.z;
    if (za != zb) {
        return za < zb ? -1 : 1;
    }
    uint64_t first = (*a)->slave->created, second = (*b)->slave->created;
    return first < second ? -1 : (first > second ? 1 : 0);
}

/* As children by z: below the master's own picture when z < 0. */
static void draw_slaves(struct walk *walk, const struct object *master,
                        const struct placement *placement, bool is_below) {
    if (master->n_slaves == 0 || walk->depth >= LIMIT_DRAWN_DEPTH) {
        return;
    }
    const struct sync_relation **relations = calloc(master->n_slaves, sizeof *relations);
    const struct sync_relation *relation;
    size_t n = 0, at = 0;
    while (relations != NULL && (relation = sync_next_as_master(master, &at)) != NULL) {
        if (relation->slave->attr.show && (relation->slave->attr.z < 0) == is_below) {
            relations[n++] = relation;
        }
    }
    if (n > 1) {
        qsort(relations, n, sizeof *relations, compare_slaves);
    }
    walk->depth++;
    for (size_t i = 0; i < n; i++) {
        draw_slave(walk, relations[i], placement);
    }
    walk->depth--;
    free(relations);
}

/* The empty list of a scene. */
static struct walk begin_scene(const struct object *scene, struct placement *placement) {
    double screen_px = score_screen_px(scene->score);
    uint32_t width, height;
    geometry_scene_size_px(scene, screen_px, &width, &height);
    geometry_place_scene(scene, screen_px, placement);
    struct item_color background = shape_color(&scene->attr.color);
    background.a = 1; /* the alpha of a scene is its window's (6) */
    return (struct walk){display_list_create(width, height, background), width, height, 0};
}

struct display_list *draw_scene(const struct object *scene) {
    struct placement placement;
    struct walk walk = begin_scene(scene, &placement);
    if (walk.list == NULL || !placement.is_visible) {
        return walk.list;
    }
    struct object **children = NULL;
    size_t n_children = object_children_by_z(scene, &children);
    draw_children(&walk, children, n_children, &placement);
    free(children);
    return walk.list;
}

/* -- a scene again and again ---------------------------------------------- */

/* What a shelf looked like; block NULL = nothing. */
struct drawn_shelf {
    uint64_t revision;
    struct display_block *block; /* owned reference */
};

struct scene_drawing {
    uint64_t scene_id, scene_revision; /* of the scene itself: its size, zoom, colour */
    struct drawn_shelf *shelves;       /* in order */
    size_t n_shelves;
};

struct scene_drawing *scene_drawing_create(void) {
    return calloc(1, sizeof(struct scene_drawing));
}

static void drop_shelves(struct scene_drawing *drawing) {
    for (size_t i = 0; i < drawing->n_shelves; i++) {
        display_block_unref(drawing->shelves[i].block);
    }
    free(drawing->shelves);
    drawing->shelves = NULL;
    drawing->n_shelves = 0;
}

void scene_drawing_destroy(struct scene_drawing *drawing) {
    if (drawing != NULL) {
        drop_shelves(drawing);
        free(drawing);
    }
}

/* Shelves keep their order among each other, so that the search goes on where it ended. */
static const struct drawn_shelf *find_drawn(const struct scene_drawing *drawing, uint64_t revision,
                                            size_t *from) {
    for (size_t i = *from; i < drawing->n_shelves; i++) {
        if (drawing->shelves[i].revision == revision) {
            *from = i + 1;
            return &drawing->shelves[i];
        }
    }
    return NULL;
}

static struct display_block *draw_shelf(struct walk *walk, const struct shelf *shelf,
                                        const struct placement *parent) {
    walk->depth++;
    for (size_t i = 0; i < shelf->n_objects; i++) {
        draw_child(walk, shelf->places[i].object, parent);
    }
    walk->depth--;
    return display_list_close_block(walk->list);
}

/* All shelves, those that have not changed since `before` as they were. */
static void draw_shelves(struct walk *walk, const struct draw_order *order,
                         const struct placement *parent, const struct scene_drawing *before,
                         struct scene_drawing *after) {
    size_t from = 0;
    uint64_t newest = 0; /* what is newer need not be looked for */
    for (size_t i = 0; i < before->n_shelves; i++) {
        newest = before->shelves[i].revision > newest ? before->shelves[i].revision : newest;
    }
    for (size_t i = 0; i < order->n_shelves; i++) {
        const struct shelf *shelf = order->shelves[i];
        const struct drawn_shelf *drawn =
            shelf->revision <= newest ? find_drawn(before, shelf->revision, &from) : NULL;
        struct display_block *block;
        if (drawn != NULL && drawn->block == NULL) {
            block = NULL;
        } else if (drawn != NULL && display_list_append_block(walk->list, drawn->block) == 0) {
            block = drawn->block;
        } else {
            block = draw_shelf(walk, shelf, parent);
        }
        if (after->shelves != NULL && !display_list_is_cut(walk->list)) {
            after->shelves[after->n_shelves++] =
                (struct drawn_shelf){shelf->revision, display_block_ref(block)};
        }
    }
}

struct display_list *scene_drawing_update(struct scene_drawing *drawing, struct object *scene) {
    struct placement placement;
    struct walk walk = begin_scene(scene, &placement);
    if (walk.list == NULL) {
        return NULL;
    }
    if (drawing->scene_id != scene->id || drawing->scene_revision != scene->revision) {
        drop_shelves(drawing);
    }
    struct scene_drawing after = {.scene_id = scene->id, .scene_revision = scene->revision};
    const struct draw_order *order = draw_order_of(scene);
    if (placement.is_visible) {
        after.shelves = calloc(order->n_shelves + 1, sizeof *after.shelves);
        draw_shelves(&walk, order, &placement, drawing, &after);
    }
    drop_shelves(drawing);
    *drawing = after;
    return walk.list;
}

/* -- one object alone ----------------------------------------------------- */

static void unite(double bounds[4], const double more[4]) {
    bounds[0] = fmin(bounds[0], more[0]);
    bounds[1] = fmin(bounds[1], more[1]);
    bounds[2] = fmax(bounds[2], more[2]);
    bounds[3] = fmax(bounds[3], more[3]);
}

/* Bounds of the children and theirs, in the coordinates of placement->to_device. */
static void add_children_bounds(const struct object *object, const struct placement *placement,
                                int depth, double bounds[4]) {
    for (size_t child_i = 0; child_i < object->n_children && depth < LIMIT_DRAWN_DEPTH; child_i++) {
        const struct object *child = object->children[child_i];
        if (child->type->is_node || child->is_deleted || !child->attr.show ||
            child->n_masters > 0) {
            continue;
        }
        struct placement place;
        double more[4];
        geometry_place(child, placement, &place);
        if (device_bounds(&place.to_device, &place.box, more)) {
            unite(bounds, more);
        }
        add_children_bounds(child, &place, depth + 1, bounds);
    }
}

/* exportAll shows the slaves too (13). */
static void add_slaves_bounds(const struct object *object, const struct placement *placement,
                              double bounds[4]) {
    const struct sync_relation *relation;
    size_t at = 0;
    while ((relation = sync_next_as_master(object, &at)) != NULL) {
        struct placement place;
        double more[4];
        if (!relation->slave->attr.show) {
            continue;
        }
        if (is_in_pieces(relation)) {
            struct sync_drawn_piece *pieces = NULL;
            size_t n_pieces = sync_place_pieces(relation, placement, &pieces);
            for (size_t i = 0; i < n_pieces; i++) {
                if (device_bounds(&pieces[i].placement.to_device, &pieces[i].clip, more)) {
                    unite(bounds, more);
                }
            }
            free(pieces);
        } else if (sync_place_object(relation, placement, &place) &&
                   device_bounds(&place.to_device, &place.box, more)) {
            unite(bounds, more);
        }
    }
}

/* User size against natural size (ratio of 7.5) times scale. */
static double alone_scale(const struct object *object, const struct placement *placement) {
    double width, height, ratio = 1;
    enum object_sizing sizing = object->type->sizing;
    if (sizing == SIZING_FREE || sizing == SIZING_PROPORTIONAL) {
        geometry_size(object, &width, &height);
        double asked = width * placement->frame_side / 2;
        if (asked > 0 && placement->box.width > 0) {
            ratio = asked / placement->box.width;
        }
    }
    double scale = ratio * fabs((double)object->attr.scale);
    return isfinite(scale) && scale > 0 ? scale : 1;
}

struct display_list *draw_object_alone(const struct object *object, bool has_children,
                                       bool is_transparent) {
    if (object->is_scene) {
        return draw_scene(object);
    }
    struct placement placement;
    geometry_place_from_scene(object, score_screen_px(object->score), &placement);
    double scale = alone_scale(object, &placement);
    placement.to_device = matrix_scale(scale, scale);
    placement.is_visible = true;
    double bounds[4];
    device_bounds(&placement.to_device, &placement.box, bounds);
    if (has_children) {
        add_children_bounds(object, &placement, 0, bounds);
        add_slaves_bounds(object, &placement, bounds);
    }
    /* Sizes come from single precision: 0.6 of 400 is 240.00001. */
    double width = ceil(bounds[2] - bounds[0] - 1e-3), height = ceil(bounds[3] - bounds[1] - 1e-3);
    width = fmax(width, 1);
    height = fmax(height, 1);
    if (width > LIMIT_SIDE_PX || height > LIMIT_SIDE_PX || width * height > LIMIT_PIXELS) {
        lg_log(LG_LOG_WARN, "draw", "object_too_large", "width=%.0f height=%.0f", width, height);
        return NULL;
    }
    struct matrix to_corner = matrix_translate(-bounds[0], -bounds[1]);
    placement.to_device = matrix_multiply(&to_corner, &placement.to_device);
    struct item_color background = {1, 1, 1, is_transparent ? 0 : 1};
    struct walk walk = {display_list_create((uint32_t)width, (uint32_t)height, background), width,
                        height, 0};
    if (walk.list == NULL) {
        return NULL;
    }
    if (has_children) {
        draw_object(&walk, object, &placement);
    } else {
        draw_own(&walk, object, &placement);
        draw_marks(&walk, object, &placement);
    }
    return walk.list;
}
