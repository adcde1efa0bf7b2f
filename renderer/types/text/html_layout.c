/* HTML to rich text: walks the tree that libxml2's HTML parser makes of anything.
 * Margins and indents are those of the reference picture 24. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libxml/HTMLparser.h>

#include "common/err.h"
#include "proto/limits.h"
#include "renderer/types/bitmap.h"
#include "renderer/types/text/html_flow.h"
#include "renderer/types/text/html_table.h"
#include "renderer/types/text/rich_text.h"

#define INDENT     40.0
#define IMAGES_MAX 64

struct layout {
    const struct object *object;
    const struct text_font *base;
    int depth;
    int n_images;
};

/* Blocks and the room they want above and below, units. */
static const struct {
    const char *name;
    double above, below, indent;
} BLOCKS[] = {
    {"p", 12, 12, 0},
    {"h1", 18, 12, 0},
    {"h2", 16, 12, 0},
    {"h3", 14, 12, 0},
    {"h4", 12, 12, 0},
    {"h5", 12, 4, 0},
    {"h6", 12, 4, 0},
    {"div", 0, 0, 0},
    {"center", 0, 0, 0},
    {"ul", 12, 12, INDENT},
    {"ol", 12, 12, INDENT},
    {"li", 0, 0, 0},
    {"blockquote", 12, 12, INDENT},
    {"pre", 12, 12, 0},
    {"dl", 8, 8, 0},
    {"dt", 0, 0, 0},
    {"dd", 0, 0, 30},
    {"address", 0, 0, 0},
    {"section", 0, 0, 0},
    {"article", 0, 0, 0},
    {"header", 0, 0, 0},
    {"footer", 0, 0, 0},
};

static void lay_out_children(struct layout *layout, xmlNode *parent, const struct html_style *style,
                             struct html_flow *flow);

static void lay_out_cell(void *ctx, xmlNode *cell, const struct html_style *style,
                         struct html_flow *out) {
    lay_out_children(ctx, cell, style, out);
    html_flow_block(out, 0);
}

static void lay_out_image(struct layout *layout, xmlNode *node, const struct html_style *style,
                          struct html_flow *flow) {
    xmlChar *source = xmlGetProp(node, (const xmlChar *)"src");
    struct draw_resource *bitmap = NULL;
    if (source != NULL && layout->object != NULL && layout->n_images++ < IMAGES_MAX &&
        bitmap_load(layout->object, (const char *)source, &bitmap) == LG_OK) {
        double natural[4];
        resource_extents(bitmap, natural);
        int asked_width = html_attribute_int(node, "width", 0);
        int asked_height = html_attribute_int(node, "height", 0);
        double width = natural[2], height = natural[3];
        if (asked_width > 0) {
            height = asked_height > 0 ? asked_height : height * asked_width / fmax(width, 1);
            width = asked_width;
        } else if (asked_height > 0) {
            width = width * asked_height / fmax(height, 1);
            height = asked_height;
        }
        html_flow_image(flow, bitmap, width, height, style);
    }
    xmlFree(source);
}

static int item_number(const xmlNode *item) {
    int number = 1;
    for (const xmlNode *node = item->prev; node != NULL; node = node->prev) {
        number += html_is(node, "li") ? 1 : 0;
    }
    return number;
}

/* The bullet stands left of the first line; its middle is a little above the x-height's. */
static void add_bullet(struct html_flow *flow, xmlNode *item, const struct html_style *style,
                       double y) {
    const struct text_metrics metrics = *html_flow_metrics(flow, &style->font);
    double size = metrics.line_height / 3;
    if (item->parent != NULL && html_is(item->parent, "ol")) {
        char number[16];
        snprintf(number, sizeof number, "%d.", item_number(item));
        size_t first = flow->runs.n_runs;
        double width = text_shape(&style->font, number, strlen(number), 0, 0, &flow->runs);
        for (size_t run_i = first; style->has_color && run_i < flow->runs.n_runs; run_i++) {
            struct glyph_run *run = &flow->runs.runs[run_i];
            run->has_color = true;
            run->r = style->color.r;
            run->g = style->color.g;
            run->b = style->color.b;
            run->a = style->color.a;
        }
        text_runs_move(&flow->runs, first, flow->left - width - size / 2, y + metrics.ascent);
        return;
    }
    static const enum rich_deco_kind KINDS[] = {RICH_DECO_DISK, RICH_DECO_CIRCLE, RICH_DECO_BOX};
    int depth = style->list_depth > 0 ? style->list_depth - 1 : 0;
    struct rich_deco deco = {
        .kind = KINDS[depth < 2 ? depth : 2],
        .box = {flow->left - size * 1.55, y + metrics.ascent * 0.62 - size / 2, size, size},
        .has_color = style->has_color,
        .color = style->color,
    };
    html_flow_deco(flow, &deco);
}

static void lay_out_item(struct layout *layout, xmlNode *item, const struct html_style *style,
                         struct html_flow *flow) {
    html_flow_block(flow, 0);
    /* The bullet belongs to no line: it must not move with a line that is centred. */
    double y = flow->y + (flow->n_lines > 0 ? flow->margin : 0);
    add_bullet(flow, item, style, y);
    size_t n_lines = flow->n_lines;
    lay_out_children(layout, item, style, flow);
    html_flow_break(flow, style, flow->n_lines == n_lines);
}

static void lay_out_rule(struct html_flow *flow) {
    html_flow_block(flow, 6);
    double left = flow->left;
    double top = html_flow_reserve(flow, 0, 2);
    struct rich_deco deco = {.kind = RICH_DECO_BOX,
                             .box = {left, top, -1, 1}, /* to the full width at the end */
                             .has_color = true,
                             .color = {0.5, 0.5, 0.5, 1}};
    html_flow_deco(flow, &deco);
    html_flow_block(flow, 6);
}

static bool lay_out_block(struct layout *layout, xmlNode *node, const struct html_style *style,
                          struct html_flow *flow) {
    for (size_t block_i = 0; block_i < sizeof BLOCKS / sizeof BLOCKS[0]; block_i++) {
        if (!html_is(node, BLOCKS[block_i].name)) {
            continue;
        }
        struct html_style own = *style;
        bool is_list = html_is(node, "ul") || html_is(node, "ol");
        bool is_nested = is_list && style->list_depth > 0;
        own.list_depth += is_list ? 1 : 0;
        double left = flow->left;
        html_flow_block(flow, is_nested ? 0 : BLOCKS[block_i].above);
        flow->left += BLOCKS[block_i].indent;
        if (html_is(node, "li")) {
            lay_out_item(layout, node, &own, flow);
        } else {
            lay_out_children(layout, node, &own, flow);
        }
        html_flow_block(flow, is_nested ? 0 : BLOCKS[block_i].below);
        flow->left = left;
        return true;
    }
    return false;
}

static void lay_out_element(struct layout *layout, xmlNode *node, const struct html_style *outer,
                            struct html_flow *flow) {
    struct html_style style = *outer;
    html_style_apply(node, layout->base, &style);
    if (html_is(node, "br")) {
        html_flow_break(flow, &style, true);
    } else if (html_is(node, "img")) {
        lay_out_image(layout, node, &style, flow);
    } else if (html_is(node, "hr")) {
        lay_out_rule(flow);
    } else if (html_is(node, "table")) {
        html_table(flow, node, layout->base, &style, lay_out_cell, layout);
    } else if (html_is(node, "head") || html_is(node, "script") || html_is(node, "style") ||
               html_is(node, "title")) {
        return;
    } else if (!lay_out_block(layout, node, &style, flow)) {
        lay_out_children(layout, node, &style, flow);
    }
}

static void lay_out_children(struct layout *layout, xmlNode *parent, const struct html_style *style,
                             struct html_flow *flow) {
    if (layout->depth >= LIMIT_HTML_DEPTH) {
        return;
    }
    layout->depth++;
    for (xmlNode *node = parent->children; node != NULL && flow->n_lines < LIMIT_TEXT_LINES;
         node = node->next) {
        if (node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE) {
            html_flow_text(flow, (const char *)node->content, style);
        } else if (node->type == XML_ELEMENT_NODE) {
            lay_out_element(layout, node, style, flow);
        }
    }
    layout->depth--;
}

/* Runs, figures and images change hands; rules get their length. */
static void give(struct html_flow *flow, struct rich_text *out) {
    for (size_t deco_i = 0; deco_i < flow->n_decos; deco_i++) {
        struct box *box = &flow->decos[deco_i].box;
        box->width = box->width < 0 ? fmax(flow->width - box->x, 0) : box->width;
    }
    out->decos = flow->decos;
    out->n_decos = flow->n_decos;
    out->images = flow->images;
    out->n_images = flow->n_images;
    out->box[2] = flow->width;
    out->box[3] = flow->y;
    flow->decos = NULL;
    flow->n_decos = 0;
    flow->images = NULL;
    flow->n_images = 0;
    out->runs = flow->runs;
    flow->runs = (struct text_runs){0};
}

void rich_text_layout(const struct object *object, const struct text_font *font, const char *html,
                      size_t len, struct rich_text *out) {
    *out = (struct rich_text){0};
    int n_bytes = (int)text_cut(html, len, LIMIT_TEXT_DRAWN_BYTES);
    if (n_bytes == 0) {
        return;
    }
    htmlDocPtr document = htmlReadMemory(html, n_bytes, NULL, "UTF-8",
                                         HTML_PARSE_RECOVER | HTML_PARSE_NONET |
                                             HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING);
    if (document == NULL) {
        return;
    }
    struct html_flow flow = {0};
    struct layout layout = {.object = object, .base = font};
    struct html_style style = {.font = *font};
    xmlNode *root = xmlDocGetRootElement(document);
    if (root != NULL) {
        lay_out_children(&layout, root, &style, &flow);
        html_flow_block(&flow, 0);
        html_flow_align(&flow, flow.width);
        give(&flow, out);
    }
    html_flow_finish(&flow);
    xmlFreeDoc(document);
}
