/* Insides of the display list, for the other files of this folder. */
#ifndef LEGGIO_DRAW_DISPLAY_LIST_PRIVATE_H
#define LEGGIO_DRAW_DISPLAY_LIST_PRIVATE_H

#include <stdatomic.h>
#include <stdbool.h>

#include "renderer/draw/display_list.h"

#define DISPLAY_GROUP_DEPTH   8   /* groups in groups; deeper ones lose their effect */
#define DISPLAY_EFFECT_MAX_PX 256 /* blur radius */

/* What damage and painter need of every item, apart from the big struct so that a walk over
 * 100 000 items stays in the cache. */
struct display_mark {
    struct rect_px bounds;  /* as the item's */
    struct rect_px content; /* group begin: what it draws aside */
    uint64_t hash;          /* of the look; for a group begin of the whole group */
    size_t end_i;           /* group begin: its last item; others: itself */
};

struct display_group {
    size_t item_i;
    struct rect_px content;
    struct rect_px limit; /* what may be seen of its content */
};

/* Whole groups only; indexes (end_i) count within the block. */
struct display_block {
    atomic_int refs;
    struct display_item *items;
    struct display_mark *marks;
    size_t n_items, capacity;
    struct rect_px bounds; /* of all items */
};

struct display_list {
    atomic_int refs;
    uint32_t width_px, height_px;
    struct item_color background;
    struct display_block **blocks; /* owned references; none is empty */
    size_t *starts;                /* items before each block */
    size_t n_blocks, capacity;
    size_t n_items; /* of all blocks */
    bool is_open;   /* the last block is under construction */
    bool is_cut;
    bool is_short;
    struct display_group open[DISPLAY_GROUP_DEPTH]; /* while it is built; in the open block */
    size_t n_open, n_skipped;
};

struct rect_px display_list_rect(const struct display_list *list);

/* Local box of what an item draws, stroke and clip included; width or height < 0 when nothing. */
void display_item_ink(const struct display_item *item, double box[4]);
/* Device pixels that an item may touch, within limit; width 0 when none. */
struct rect_px display_item_bounds(const struct display_item *item, struct rect_px limit);
/* Equal hash = equal look. object_id and bounds stay out: they change no pixel by themselves. */
uint64_t display_item_hash(const struct display_item *item);
/* How far an effect reaches beyond its content. */
struct rect_px display_effect_reach(const struct display_item *group, struct rect_px content);
/* Of the device plane: what may be seen through an effect that is shown in limit. */
struct rect_px display_effect_input_limit(const struct display_item *group, struct rect_px limit);
/* Pixels that an effect spreads its content on each side (shadow: apart from its offset). */
int display_effect_margin(const struct display_item *group);

/* width 0 when empty */
struct rect_px rect_px_intersect(struct rect_px a, struct rect_px b);
struct rect_px rect_px_unite(struct rect_px a, struct rect_px b);

#endif
