/* Rich text: a subset of HTML laid out without wrapping (score-language reference
 * 9): paragraphs, headings, inline styles, lists, tables, images. Plain text is
 * the case of glyph runs alone. Score thread only. */
#ifndef LEGGIO_TYPES_RICH_TEXT_H
#define LEGGIO_TYPES_RICH_TEXT_H

#include <stddef.h>

#include "renderer/draw/display_list.h"
#include "renderer/score/geometry.h"
#include "renderer/types/text/text_layout.h"

enum rich_deco_kind { RICH_DECO_BOX, RICH_DECO_DISK, RICH_DECO_CIRCLE };

/* A filled figure beside the glyphs: underline, bullet, border, background. */
struct rich_deco {
    enum rich_deco_kind kind;
    struct box box;
    bool has_color; /* else the object's */
    struct item_color color;
};

struct rich_image {
    struct draw_resource *bitmap; /* owned */
    struct box box;
};

struct rich_text {
    struct text_runs runs;        /* until first drawn: outlines are costly */
    struct draw_resource *glyphs; /* owned; from then on; NULL = none */
    struct rich_deco *decos;      /* owned; drawn below the glyphs */
    size_t n_decos;
    struct rich_image *images; /* owned */
    size_t n_images;
    double box[4]; /* 0 0 width height */
};

/* Lay out HTML. object: for files that images name; NULL = no images. Out is filled, empty when
 * nothing is seen. */
void rich_text_layout(const struct object *object, const struct text_font *font, const char *html,
                      size_t len, struct rich_text *out);
void rich_text_draw(struct rich_text *rich, const struct object *object,
                    const struct placement *placement, struct display_list *list);
void rich_text_finish(struct rich_text *rich);

#endif
