/* An engraving made ready for display lists: outlines and glyphs per piece of a
 * page, hashed once. Immutable and counted, any thread; objects with the same
 * score share one (score_cache.h). */
#ifndef LEGGIO_TYPES_SCORE_PICTURE_H
#define LEGGIO_TYPES_SCORE_PICTURE_H

#include "renderer/draw/display_list.h"
#include "renderer/notation/engraving.h"
#include "renderer/score/geometry.h"

#define SCORE_UNITS_PER_CM    80.0 /* score-language reference 7.4 */
#define SCORE_UNITS_PER_SPACE (SCORE_UNITS_PER_CM * NOTATION_CM_PER_SPACE)

/* A part of a page in one colour; coordinates in sp from the page's top left. */
struct score_piece {
    struct draw_resource *resource; /* owned */
    enum item_kind kind;            /* ITEM_PATH or ITEM_GLYPHS */
    struct music_color color;
};

struct score_image {            /* INK_IMAGE: who draws opens the file */
    const char *file;           /* in the engraving's arena */
    double x, y, width, height; /* sp */
};

struct score_page_picture {
    double width, height;       /* sp */
    struct score_piece *pieces; /* painting order */
    size_t n_pieces;
    struct score_image *images;
    size_t n_images;
    bool has_gaps; /* texts are missing: a font could not be opened */
};

struct score_picture {
    struct engraving *engraving; /* owned reference */
    struct score_page_picture *pages;
    size_t n_pages;
    atomic_int references;
};

struct score_row {
    double top, bottom;
}; /* a system, in the ink's coordinates */
/* Fill a zeroed page with the pieces of ink, by rows and every piece_width across (at most 64).
 * false: out of memory; finish it all the same. */
bool score_page_build(const struct ink *ink, size_t n_ink, const struct score_row *rows,
                      size_t n_rows, double piece_width, struct score_page_picture *page);
void score_page_finish(struct score_page_picture *page);
/* Append a page's pieces (not its images): black ink in the object's colour. matrix: ink
 * -> device. */
void score_page_append(const struct score_page_picture *page, const struct object *object,
                       const struct matrix *matrix, struct display_list *list);

/* Takes over one reference to the engraving, also on failure; NULL when out of memory. before: an
 * earlier picture (or NULL) whose pages serve again where their stamps are the same. */
struct score_picture *score_picture_give(struct engraving *engraving,
                                         const struct score_picture *before);
struct score_picture *score_picture_ref(struct score_picture *picture);
void score_picture_unref(struct score_picture *picture);
/* Does it lack texts, since a font could not be opened? Then it is not to be kept for others. */
bool score_picture_has_gaps(const struct score_picture *picture);
/* About how much memory it keeps. */
size_t score_picture_bytes(const struct score_picture *picture);

#endif
