/* What the shape types (rect, ellipse, arc, polygon …) share: sizes from the
 * attributes, brush and pen on an item, a cached path. */
#ifndef LEGGIO_TYPES_SHAPE_H
#define LEGGIO_TYPES_SHAPE_H

#include <stdbool.h>
#include <stddef.h>

#include <cairo.h>

#include "renderer/draw/display_list.h"
#include "renderer/score/geometry.h"
#include "renderer/score/object.h"

#define SHAPE_KEY_MAX 8

/* A path and what it was built from; lives in the type's data. */
struct shape_cache {
    struct draw_resource *path; /* owned; NULL = not built yet */
    double key[SHAPE_KEY_MAX];
};

/* Adds the outline to the current path of `cr`, in local units. */
typedef void (*shape_build_fn)(cairo_t *cr, const struct object *object, double frame_side);

/* The path for this key, built when the key differs from last time. Borrowed; NULL when cairo
 * cannot. n_key at most SHAPE_KEY_MAX. */
struct draw_resource *shape_path(struct shape_cache *cache, const struct object *object,
                                 double frame_side, const double *key, size_t n_key,
                                 shape_build_fn build);
void shape_cache_clear(struct shape_cache *cache);

/* Nominal width and height in local units, both >= 0 (7.4). */
void shape_nominal(const struct object *object, double frame_side, double *width, double *height);
/* Grows a box by half the pen on each side. */
void shape_grow_by_pen(const struct object *object, struct box *box);
/* vtable `box` of the types whose outline is the nominal box. */
void shape_nominal_box(const struct object *object, double frame_side, struct box *out);

/* Build function of a plain nominal box. */
void shape_build_nominal(cairo_t *cr, const struct object *object, double frame_side);

/* vtable `outline` from what a build function draws: constant speed along the flattened path, from
 * its first point or back from its last one. */
void shape_outline(const struct object *object, double frame_side, shape_build_fn build,
                   bool is_backwards, double fraction, double *x, double *y);

struct item_color shape_color(const struct color *color);
/* An item with matrix, owner, brush and pen of the object; kind ITEM_PATH, no resource. */
void shape_item(const struct object *object, const struct placement *placement,
                struct display_item *item);
/* Append a path (borrowed) with the object's brush and pen. */
void shape_append(const struct object *object, const struct placement *placement,
                  struct display_list *list, struct draw_resource *path, bool is_even_odd);
/* The frame that a pen draws around texts, images and so on (8.3); nothing without a pen.
 * opacity: of the object as a whole (bitmaps). */
void shape_append_pen_box(const struct object *object, const struct placement *placement,
                          struct display_list *list, double opacity);
/* A filled box without pen; object_id 0 = never picked. */
void shape_append_box(uint64_t object_id, const struct placement *placement,
                      struct display_list *list, const struct box *box, struct item_color fill);

/* A parameter as width or height: a number, or "0.5sw". */
bool shape_dimension(const struct param *param, struct dimension *out);
/* The same back: float, or "0.5sw". */
void shape_put_dimension(struct message *out, struct dimension dimension);
/* `set rect w h` and its like: exactly two dimensions into the width and height attributes. */
int shape_set_size(struct object *object, const struct param *params, size_t n_params);
void shape_get_size(const struct object *object, struct message *out);
/* A yes/no parameter of a type's message: one number. */
int shape_bool(const struct param *params, size_t n_params, bool *out);

#endif
