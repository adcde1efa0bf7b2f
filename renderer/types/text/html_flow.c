/* Lines of rich text: pieces side by side on one baseline, lines below each other. */
#include "renderer/types/text/html_flow.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "proto/limits.h"

#define FLOW_PARTS_MAX 65536

/* Room for one more in a growing array; false when there is none. */
static bool grow(void **items, size_t n_items, size_t *capacity, size_t item_size) {
    if (n_items < *capacity) {
        return true;
    }
    size_t wanted = *capacity > 0 ? 2 * *capacity : 8;
    void *more = wanted <= FLOW_PARTS_MAX ? realloc(*items, wanted * item_size) : NULL;
    if (more == NULL) {
        return false;
    }
    *items = more;
    *capacity = wanted;
    return true;
}

void html_flow_finish(struct html_flow *flow) {
    text_runs_finish(&flow->runs);
    for (size_t image_i = 0; image_i < flow->n_images; image_i++) {
        resource_unref(flow->images[image_i].bitmap);
    }
    free(flow->decos);
    free(flow->images);
    free(flow->lines);
    *flow = (struct html_flow){0};
}

struct html_mark html_flow_mark(const struct html_flow *flow) {
    return (struct html_mark){flow->runs.n_runs, flow->n_decos, flow->n_images};
}

static void move_run(struct glyph_run *run, double dx, double dy) {
    for (int glyph_i = 0; glyph_i < run->n_glyphs; glyph_i++) {
        run->glyphs[glyph_i].x += dx;
        run->glyphs[glyph_i].y += dy;
    }
}

void html_flow_move(struct html_flow *flow, struct html_mark from, struct html_mark to, double dx,
                    double dy) {
    for (size_t run_i = from.n_runs; run_i < to.n_runs; run_i++) {
        move_run(&flow->runs.runs[run_i], dx, dy);
    }
    for (size_t deco_i = from.n_decos; deco_i < to.n_decos; deco_i++) {
        flow->decos[deco_i].box.x += dx;
        flow->decos[deco_i].box.y += dy;
    }
    for (size_t image_i = from.n_images; image_i < to.n_images; image_i++) {
        flow->images[image_i].box.x += dx;
        flow->images[image_i].box.y += dy;
    }
}

const struct text_metrics *html_flow_metrics(struct html_flow *flow, const struct text_font *font) {
    if (memcmp(&flow->measured, font, sizeof *font) != 0) {
        flow->measured = *font;
        text_face_measure(font, &flow->metrics);
    }
    return &flow->metrics;
}

void html_flow_deco(struct html_flow *flow, const struct rich_deco *deco) {
    void *decos = flow->decos;
    if (grow(&decos, flow->n_decos, &flow->decos_capacity, sizeof *deco)) {
        flow->decos = decos;
        flow->decos[flow->n_decos++] = *deco;
    }
}

static void open_line(struct html_flow *flow, const struct html_style *style) {
    if (flow->is_open) {
        return;
    }
    flow->is_open = true;
    flow->has_space = false;
    flow->line_from = html_flow_mark(flow);
    flow->pen_x = flow->left;
    flow->ascent = flow->descent = flow->height = 0;
    flow->align = style->align;
}

static void extend_line(struct html_flow *flow, double ascent, double descent, double height) {
    flow->ascent = fmax(flow->ascent, ascent);
    flow->descent = fmax(flow->descent, descent);
    flow->height = fmax(flow->height, height);
}

static void underline(struct html_flow *flow, const struct html_style *style, double from,
                      double y) {
    double thickness = fmax(style->font.size / 16, 0.5);
    struct rich_deco deco = {.kind = RICH_DECO_BOX,
                             .box = {from, y, flow->pen_x - from, thickness},
                             .has_color = style->has_color,
                             .color = style->color};
    html_flow_deco(flow, &deco);
}

/* A piece without line ends, put on the open line as it is. */
static void put_piece(struct html_flow *flow, const char *text, size_t len,
                      const struct html_style *style) {
    open_line(flow, style);
    const struct text_metrics *metrics = html_flow_metrics(flow, &style->font);
    extend_line(flow, metrics->ascent - style->shift, metrics->descent + style->shift,
                metrics->line_height);
    size_t first = flow->runs.n_runs;
    double from = flow->pen_x;
    flow->pen_x += text_shape(&style->font, text, len, from, style->shift, &flow->runs);
    for (size_t run_i = first; style->has_color && run_i < flow->runs.n_runs; run_i++) {
        struct glyph_run *run = &flow->runs.runs[run_i];
        run->has_color = true;
        run->r = style->color.r;
        run->g = style->color.g;
        run->b = style->color.b;
        run->a = style->color.a;
    }
    if (style->is_underlined) {
        underline(flow, style, from, style->shift + style->font.size * 0.1);
    }
    if (style->is_struck) {
        underline(flow, style, from, style->shift - metrics->x_height * 0.55);
    }
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static void put_preformatted(struct html_flow *flow, const char *text,
                             const struct html_style *style) {
    while (*text != '\0') {
        size_t len = strcspn(text, "\n");
        if (len > 0) {
            put_piece(flow, text, len, style);
        }
        text += len;
        if (*text == '\n') {
            html_flow_break(flow, style, true);
            text++;
        }
    }
}

/* A blank that an earlier piece ended with: not of this style's underline. */
static void put_space(struct html_flow *flow, const struct html_style *style) {
    struct html_style plain = *style;
    plain.is_underlined = plain.is_struck = false;
    flow->has_space = false;
    put_piece(flow, " ", 1, &plain);
}

void html_flow_text(struct html_flow *flow, const char *text, const struct html_style *style) {
    if (style->is_preformatted) {
        put_preformatted(flow, text, style);
        return;
    }
    char *piece = malloc(strlen(text) + 2);
    size_t len = 0;
    if (piece == NULL) {
        return;
    }
    if (flow->has_space && flow->is_open && !is_blank(*text) && *text != '\0') {
        put_space(flow, style);
    }
    for (; *text != '\0'; text++) {
        if (is_blank(*text)) {
            flow->has_space = flow->is_open || len > 0;
            continue;
        }
        if (flow->has_space) {
            piece[len++] = ' ';
            flow->has_space = false;
        }
        piece[len++] = *text;
    }
    if (len > 0) {
        bool has_space = flow->has_space;
        put_piece(flow, piece, len, style);
        flow->has_space = has_space;
    }
    free(piece);
}

void html_flow_image(struct html_flow *flow, struct draw_resource *bitmap, double width,
                     double height, const struct html_style *style) {
    bool has_space = flow->has_space;
    open_line(flow, style);
    if (has_space && flow->pen_x > flow->left) {
        flow->pen_x += style->font.size / 4;
    }
    flow->has_space = false;
    void *images = flow->images;
    if (!grow(&images, flow->n_images, &flow->images_capacity, sizeof *flow->images)) {
        resource_unref(bitmap);
        return;
    }
    flow->images = images;
    flow->images[flow->n_images++] =
        (struct rich_image){bitmap, {flow->pen_x, -height, width, height}};
    flow->pen_x += width;
    extend_line(flow, height, 0, height);
}

static void close_line(struct html_flow *flow) {
    flow->is_open = false;
    flow->has_space = false;
    flow->y += flow->n_lines > 0 ? flow->margin : 0;
    flow->margin = 0;
    struct html_mark to = html_flow_mark(flow);
    html_flow_move(flow, flow->line_from, to, 0, flow->y + flow->ascent);
    flow->y += fmax(flow->height, flow->ascent + flow->descent);
    flow->width = fmax(flow->width, flow->pen_x);
    void *lines = flow->lines;
    if (grow(&lines, flow->n_lines, &flow->lines_capacity, sizeof *flow->lines)) {
        flow->lines = lines;
        flow->lines[flow->n_lines++] = (struct html_line){flow->line_from, to, flow->left,
                                                          flow->pen_x - flow->left, flow->align};
    }
}

void html_flow_break(struct html_flow *flow, const struct html_style *style, bool is_forced) {
    if (!flow->is_open && is_forced) {
        const struct text_metrics *metrics = html_flow_metrics(flow, &style->font);
        open_line(flow, style);
        extend_line(flow, metrics->ascent, metrics->descent, metrics->line_height);
    }
    if (flow->is_open) {
        close_line(flow);
    }
}

void html_flow_block(struct html_flow *flow, double margin) {
    if (flow->is_open) {
        close_line(flow);
    }
    flow->margin = fmax(flow->margin, margin);
}

double html_flow_reserve(struct html_flow *flow, double width, double height) {
    static const struct html_style PLAIN;
    html_flow_block(flow, 0);
    open_line(flow, &PLAIN);
    flow->pen_x += width;
    flow->height = height;
    close_line(flow);
    return flow->y - height;
}

void html_flow_align(struct html_flow *flow, double width) {
    for (size_t line_i = 0; line_i < flow->n_lines; line_i++) {
        const struct html_line *line = &flow->lines[line_i];
        double room = width - line->x - line->width;
        if (line->align != HTML_LEFT && room > 0) {
            html_flow_move(flow, line->from, line->to, line->align == HTML_CENTER ? room / 2 : room,
                           0);
        }
    }
}

static void take_runs(struct html_flow *flow, struct html_flow *from) {
    for (size_t run_i = 0; run_i < from->runs.n_runs; run_i++) {
        void *runs = flow->runs.runs;
        if (!grow(&runs, flow->runs.n_runs, &flow->runs.capacity, sizeof *flow->runs.runs)) {
            cairo_font_face_destroy(from->runs.runs[run_i].face);
            free(from->runs.runs[run_i].glyphs);
            continue;
        }
        flow->runs.runs = runs;
        flow->runs.runs[flow->runs.n_runs++] = from->runs.runs[run_i];
    }
    from->runs.n_runs = 0;
}

void html_flow_take(struct html_flow *flow, struct html_flow *from, double dx, double dy) {
    html_flow_move(from, (struct html_mark){0}, html_flow_mark(from), dx, dy);
    take_runs(flow, from);
    for (size_t deco_i = 0; deco_i < from->n_decos; deco_i++) {
        html_flow_deco(flow, &from->decos[deco_i]);
    }
    for (size_t image_i = 0; image_i < from->n_images; image_i++) {
        void *images = flow->images;
        if (!grow(&images, flow->n_images, &flow->images_capacity, sizeof *flow->images)) {
            resource_unref(from->images[image_i].bitmap);
            continue;
        }
        flow->images = images;
        flow->images[flow->n_images++] = from->images[image_i];
    }
    from->n_images = 0;
    html_flow_finish(from);
}
