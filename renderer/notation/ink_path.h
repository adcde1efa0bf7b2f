/* Ink as outlines: one closed path per colour, in page coordinates (sp), so that
 * a page is filled in a few strokes of the brush instead of one a piece. Texts
 * and images are not paths: ink_draw.h, or who draws them otherwise. Pure
 * functions, any thread. */
#ifndef LEGGIO_NOTATION_INK_PATH_H
#define LEGGIO_NOTATION_INK_PATH_H

#include <cairo.h>

#include "renderer/notation/ink.h"

/* Dashes of one line; longer ones are drawn solid. */
#define INK_DASHES_MAX 2000

/* All pieces of one colour. Every outline runs the same way round, so that pieces that overlap
 * join under the winding rule. */
struct ink_layer {
    struct music_color color;
    cairo_path_data_t *data; /* owned */
    int num_data, capacity;
};

struct ink_layers {
    struct ink_layer *layers; /* in order of first use */
    size_t n_layers, capacity;
    bool is_full; /* out of memory: some piece is missing */
};

/* Append the outlines of pieces; texts and images are left out. */
void ink_layers_add(struct ink_layers *layers, const struct ink *ink, size_t n_ink);
void ink_layers_finish(struct ink_layers *layers);
/* Empty the layers but keep their room for more. */
void ink_layers_reset(struct ink_layers *layers);

bool music_color_is_black(struct music_color color);

#endif
