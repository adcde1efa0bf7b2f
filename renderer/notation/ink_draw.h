/* Ink with cairo: for files, and to look at. A scene shows its scores through
 * display items instead (renderer/types/notation). */
#ifndef LEGGIO_NOTATION_INK_DRAW_H
#define LEGGIO_NOTATION_INK_DRAW_H

#include <cairo.h>

#include "renderer/notation/engraving.h"

/* Draw pieces in page coordinates: user space of `cr` in sp, origin at the page's top left. The
 * source and the current path are changed. Files of INK_IMAGE are not opened: a frame stands for
 * them. Any thread, one a context. */
void ink_draw(cairo_t *cr, const struct ink *ink, size_t n_ink);
/* All of a page; no background. */
void ink_draw_page(cairo_t *cr, const struct engraved_page *page);

#endif
