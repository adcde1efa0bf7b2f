/* Equal texts in equal fonts have one layout. Score thread only. */
#ifndef LEGGIO_TYPES_TEXT_SHARED_H
#define LEGGIO_TYPES_TEXT_SHARED_H

#include "renderer/types/text/text_layout.h"

/* As text_layout_plain; short texts that were laid out lately are not laid out again. One
 * reference for the caller; NULL when there is nothing to see. */
struct draw_resource *text_shared_layout(const struct text_font *font, const char *text, size_t len,
                                         double box[4]);

#endif
