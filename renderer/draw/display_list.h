/* The display list: z-ordered drawing items with everything a painter needs and
 * nothing of the score. Built on the score thread, given to the draw thread,
 * immutable from then on. Items stand in blocks; a list shares the blocks of an
 * earlier one where nothing has changed, so that one change among 100 000
 * objects costs one block, in building, comparing and painting.
 *
 * Two lists that are equal draw the same pixels; their difference is the damage. */
#ifndef LEGGIO_DRAW_DISPLAY_LIST_H
#define LEGGIO_DRAW_DISPLAY_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cairo.h>

struct rect_px {
    int x, y, width, height;
};

/* -- resources: immutable, counted, any thread ------------------------- */
enum resource_kind { RESOURCE_PATH, RESOURCE_GLYPHS, RESOURCE_BITMAP, RESOURCE_SVG };

/* One run of glyphs of one face, positions in local units (baseline). */
struct glyph_run {
    cairo_font_face_t *face; /* owned reference */
    double size;             /* units per em */
    /* Font matrix for synthesised slant; identity otherwise (size not included). */
    cairo_matrix_t shape;
    bool has_color; /* own colour (html), else the item's */
    double r, g, b, a;
    cairo_glyph_t *glyphs; /* owned, in local units */
    int n_glyphs;
};

struct draw_resource; /* opaque */
struct draw_resource *resource_ref(struct draw_resource *resource);
void resource_unref(struct draw_resource *resource);
enum resource_kind resource_kind(const struct draw_resource *resource);
/* Hash of the content: equal hash and kind = equal resource. */
uint64_t resource_hash(const struct draw_resource *resource);
/* Local extents, x y width height (paths: without stroke). */
void resource_extents(const struct draw_resource *resource, double box[4]);

/* A path in local units; takes a copy of the cairo path of `cr`'s current path. */
struct draw_resource *resource_path_from_cairo(cairo_t *cr);
/* The same from data (copied); exact doubles, where cairo's own path is rounded to 1/256 unit. */
struct draw_resource *resource_path_copy(const cairo_path_data_t *data, int num_data);
/* Takes over the array and what its runs own. box: logical extents x y w h. */
struct draw_resource *resource_give_glyphs(struct glyph_run *runs, size_t n_runs,
                                           const double box[4]);
/* Takes over an ARGB32 image surface; one pixel = one local unit. */
struct draw_resource *resource_give_bitmap(cairo_surface_t *surface);
/* SVG text, drawn into a box width x height units at 0,0. NULL when librsvg refuses it;
 * *natural_width/_height: viewBox (or document) size. */
struct draw_resource *resource_svg(const char *data, size_t len, const char *base_dir,
                                   double *natural_width, double *natural_height);

/* -- items -------------------------------------------------------------- */
enum item_kind {
    ITEM_PATH,        /* fill and/or stroke of a path */
    ITEM_GLYPHS,      /* fill colour */
    ITEM_BITMAP,      /* opacity = fill.a */
    ITEM_SVG,         /* opacity = fill.a */
    ITEM_GROUP_BEGIN, /* what follows until the matching end is drawn aside, then the effect */
    ITEM_GROUP_END,
};

struct item_color {
    double r, g, b, a; /* 0..1, not premultiplied */
};

/* As enum brush_style / pen_style of the score, kept apart on purpose. */
enum item_brush {
    ITEM_BRUSH_NONE,
    ITEM_BRUSH_SOLID,
    ITEM_BRUSH_DENSE1,
    ITEM_BRUSH_DENSE2,
    ITEM_BRUSH_DENSE3,
    ITEM_BRUSH_DENSE4,
    ITEM_BRUSH_DENSE5,
    ITEM_BRUSH_DENSE6,
    ITEM_BRUSH_DENSE7,
    ITEM_BRUSH_HOR,
    ITEM_BRUSH_VER,
    ITEM_BRUSH_CROSS,
    ITEM_BRUSH_BDIAG,
    ITEM_BRUSH_FDIAG,
    ITEM_BRUSH_DIAG_CROSS,
};
enum item_dash {
    ITEM_DASH_SOLID,
    ITEM_DASH_DASH,
    ITEM_DASH_DOT,
    ITEM_DASH_DASH_DOT,
    ITEM_DASH_DASH_DOT_DOT
};

enum item_effect {
    ITEM_EFFECT_NONE,
    ITEM_EFFECT_BLUR,
    ITEM_EFFECT_COLORIZE,
    ITEM_EFFECT_SHADOW,
    ITEM_EFFECT_CLIP, /* only what lies in `clip` (under `matrix`) is seen, edges without
                         antialiasing */
};

struct display_item {
    enum item_kind kind;
    uint64_t object_id; /* who is hit here; 0 = nobody (never picked) */
    double matrix[9];   /* local units -> device pixels, row-major, projective (score/geometry.h) */
    struct draw_resource *resource; /* owned reference; NULL for groups */
    struct item_color fill;
    enum item_brush brush;
    bool is_even_odd;
    double stroke_width; /* local units; 0 = no stroke */
    struct item_color stroke;
    enum item_dash dash;
    bool has_clip;
    double clip[4]; /* local box */
    /* group begin */
    enum item_effect effect;
    int effect_px;            /* blur radius */
    int effect_dx, effect_dy; /* shadow */
    double effect_strength;   /* colorize */
    struct item_color effect_color;
    /* filled by display_list_append: device bounds of everything it may touch, clipped to the
     * picture */
    struct rect_px bounds;
};

struct display_list;
struct display_block; /* items that were appended together; counted, immutable once closed */

/* An empty list for a picture; background is what clears it. One reference. */
struct display_list *display_list_create(uint32_t width_px, uint32_t height_px,
                                         struct item_color background);
/* Append a copy of the item; takes over the resource reference; computes bounds. Items that
 * touch no pixel are dropped (but kept for groups). 0, LG_ETOOLARGE (LIMIT_DISPLAY_ITEMS) or
 * LG_ENOMEM. */
int display_list_append(struct display_list *list, const struct display_item *item);
/* End the block under construction; what is appended from here on is another one. The block,
 * borrowed from the list; NULL when it has no items, or when a group is open (it goes on then). */
struct display_block *display_list_close_block(struct display_list *list);
/* Append a closed block of another list of the same width and height; takes a reference of its
 * own. 0; LG_ETOOLARGE when it does not fit as a whole (then nothing is appended). */
int display_list_append_block(struct display_list *list, struct display_block *block);
struct display_block *display_block_ref(struct display_block *block);
void display_block_unref(struct display_block *block);
/* Was anything refused for LIMIT_DISPLAY_ITEMS? */
bool display_list_is_cut(const struct display_list *list);
/* Is anything missing for want of memory? Then it must not be shown. */
bool display_list_is_short(const struct display_list *list);
struct display_list *display_list_ref(struct display_list *list);
void display_list_unref(struct display_list *list);
size_t display_list_size(const struct display_list *list);
const struct display_item *display_list_item(const struct display_list *list, size_t item_i);
uint32_t display_list_width(const struct display_list *list);
uint32_t display_list_height(const struct display_list *list);
struct item_color display_list_background(const struct display_list *list);
bool display_list_equal(const struct display_list *a, const struct display_list *b);

#endif
