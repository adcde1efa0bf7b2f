/* A column of lines under construction: glyph runs, figures and images of a
 * document or of one table cell, in coordinates of their own. */
#ifndef LEGGIO_TYPES_HTML_FLOW_H
#define LEGGIO_TYPES_HTML_FLOW_H

#include <stdbool.h>
#include <stddef.h>

#include "renderer/types/text/html_style.h"
#include "renderer/types/text/rich_text.h"

/* Where the parts of one flow began: a line, a cell, … */
struct html_mark {
    size_t n_runs, n_decos, n_images;
};

struct html_line {
    struct html_mark from, to;
    double x, width;
    enum html_align align;
};

struct html_flow {
    struct text_runs runs;
    struct rich_deco *decos;
    size_t n_decos, decos_capacity;
    struct rich_image *images;
    size_t n_images, images_capacity;
    struct html_line *lines;
    size_t n_lines, lines_capacity;
    double y, width; /* so far */
    double margin;   /* wanted before the next line; none before the first */
    /* the line under construction */
    bool is_open, has_space;
    struct html_mark line_from;
    double left, pen_x, ascent, descent, height;
    enum html_align align;
    /* the font measured last */
    struct text_font measured;
    struct text_metrics metrics;
};

void html_flow_finish(struct html_flow *flow);
struct html_mark html_flow_mark(const struct html_flow *flow);
/* Move what came after `from`. */
void html_flow_move(struct html_flow *flow, struct html_mark from, struct html_mark to, double dx,
                    double dy);
const struct text_metrics *html_flow_metrics(struct html_flow *flow, const struct text_font *font);
/* Text of one style into the open line; blanks collapse unless preformatted. */
void html_flow_text(struct html_flow *flow, const char *text, const struct html_style *style);
/* Takes over the bitmap. */
void html_flow_image(struct html_flow *flow, struct draw_resource *bitmap, double width,
                     double height, const struct html_style *style);
void html_flow_deco(struct html_flow *flow, const struct rich_deco *deco);
/* End the line; is_forced makes an empty one too (br). */
void html_flow_break(struct html_flow *flow, const struct html_style *style, bool is_forced);
/* A block begins or ends: no line is open, at least this margin to the next. */
void html_flow_block(struct html_flow *flow, double margin);
/* Room for something that is no line (a table, a rule); returns its top. */
double html_flow_reserve(struct html_flow *flow, double width, double height);
/* Put lines where their alignment wants them in a column of this width. */
void html_flow_align(struct html_flow *flow, double width);
/* Move all parts of `from` to the end of `flow`, shifted; from is empty then. */
void html_flow_take(struct html_flow *flow, struct html_flow *from, double dx, double dy);

#endif
