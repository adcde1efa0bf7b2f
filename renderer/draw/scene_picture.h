/* The picture of one scene on the draw thread: pixels, the list they show, the
 * newest frame. No threads, no time: draw_thread.c decides when. */
#ifndef LEGGIO_DRAW_SCENE_PICTURE_H
#define LEGGIO_DRAW_SCENE_PICTURE_H

#include <stdbool.h>

#include "common/frame.h"
#include "renderer/draw/damage.h"
#include "renderer/draw/draw_thread.h"
#include "renderer/draw/png/strips.h"

/* What all scenes of one thread share. */
struct picture_workshop {
    struct strip_encoder *encoder;
    uint8_t *before; /* pixels before painting, at the same offsets as in the picture */
    size_t before_capacity;
};

bool picture_workshop_init(struct picture_workshop *shop);
void picture_workshop_finish(struct picture_workshop *shop);

struct scene_picture {
    char scene[64];
    uint64_t epoch;
    cairo_surface_t *surface;  /* ARGB32, what list shows; NULL before the first */
    struct display_list *list; /* owned reference */
    struct frame *frame;       /* newest, sealed, owned reference; NULL before the first */
    uint64_t base_version;     /* what tiles and changed strips refer to; 0 = nothing */
    uint64_t *strip_hashes;
    bool is_strip_grey[LIMIT_STRIPS];
    uint64_t known_version,
        known_hash;   /* the first picture is this version again when its pixels are; 0 = none */
    unsigned n_tries; /* paintings in a row that were short of something */
    unsigned n_grey_changes; /* so many in a row, all grey, while strips are RGB */
    struct picture_tile tiles[LIMIT_TILES];
    size_t n_tiles;
    uint32_t changed_strips[LIMIT_STRIPS];
    size_t n_changed_strips;
};

void scene_picture_finish(struct scene_picture *picture);

/* Show this list.
 *
 * list       takes over one reference
 * version    of the new frame, if there is one
 * changed    set to true when pixels changed: frame, tiles and changed strips are those of the
 *            new version; false: all as before
 * returns    0; LG_ENOMEM, LG_ETOOLARGE: the old picture stays
 */
int scene_picture_show(struct scene_picture *picture, struct picture_workshop *shop,
                       struct display_list *list, uint64_t version, bool *changed);

/* The newest frame with this dense encoding of its version: one reference for the caller, and
 * picture->frame replaced by it. Takes over png (NULL is fine). NULL when the version is another by
 * now, when png is not smaller than the joined one, or out of memory. */
struct frame *scene_picture_adopt_dense(struct scene_picture *picture, uint64_t version,
                                        struct lg_bytes *png);

#endif
