/* Tables of rich text. */
#ifndef LEGGIO_TYPES_HTML_TABLE_H
#define LEGGIO_TYPES_HTML_TABLE_H

#include "renderer/types/text/html_flow.h"

/* Lays out the content of one cell into an empty flow. */
typedef void (*html_cell_fn)(void *ctx, xmlNode *cell, const struct html_style *style,
                             struct html_flow *out);

/* Put a <table> into the flow at its left edge. base: the object's own font. */
void html_table(struct html_flow *flow, xmlNode *table, const struct text_font *base,
                const struct html_style *style, html_cell_fn lay_out_cell, void *ctx);

#endif
