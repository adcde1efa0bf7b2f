/* Tables: columns as wide as their widest cell, rows as high as their highest.
 * Border, spacing and padding as in picture 24; colspan is known, rowspan is not. */
#include "renderer/types/text/html_table.h"

#include <math.h>
#include <stdlib.h>

#define COLUMNS_MAX 256
#define CELLS_MAX   4096

struct cell {
    struct html_flow flow;
    int row, column, span;
    double wanted_width;
    bool has_background;
    struct item_color background;
};

struct table {
    struct cell *cells;
    size_t n_cells, capacity;
    int n_rows, n_columns;
    double border, spacing, padding;
    double widths[COLUMNS_MAX]; /* content only */
    const struct text_font *base;
    html_cell_fn lay_out_cell;
    void *ctx;
};

static bool read_background(xmlNode *node, struct item_color *out) {
    xmlChar *color = xmlGetProp(node, (const xmlChar *)"bgcolor");
    bool has_color = color != NULL && html_color((const char *)color, out);
    xmlFree(color);
    return has_color;
}

static void add_cell(struct table *table, xmlNode *row, xmlNode *node, int column,
                     const struct html_style *style) {
    if (table->n_cells == table->capacity) {
        size_t capacity = table->capacity > 0 ? 2 * table->capacity : 16;
        struct cell *cells =
            capacity <= CELLS_MAX ? realloc(table->cells, capacity * sizeof *cells) : NULL;
        if (cells == NULL) {
            return;
        }
        table->cells = cells;
        table->capacity = capacity;
    }
    struct cell *cell = &table->cells[table->n_cells++];
    *cell = (struct cell){.row = table->n_rows, .column = column};
    int span = html_attribute_int(node, "colspan", 1);
    cell->span = span < 1 ? 1 : (span > COLUMNS_MAX - column ? COLUMNS_MAX - column : span);
    cell->has_background =
        read_background(node, &cell->background) || read_background(row, &cell->background);
    struct html_style own = *style;
    html_style_apply(node, table->base, &own);
    table->lay_out_cell(table->ctx, node, &own, &cell->flow);
    cell->wanted_width = fmax(ceil(cell->flow.width - 1e-6), html_attribute_int(node, "width", 0));
}

static void read_row(struct table *table, xmlNode *row, const struct html_style *style) {
    int column = 0;
    struct html_style own = *style;
    html_style_apply(row, table->base, &own);
    for (xmlNode *node = row->children; node != NULL; node = node->next) {
        if ((html_is(node, "td") || html_is(node, "th")) && column < COLUMNS_MAX) {
            size_t n_before = table->n_cells;
            add_cell(table, row, node, column, &own);
            column += table->n_cells > n_before ? table->cells[n_before].span : 1;
        }
    }
    table->n_columns = column > table->n_columns ? column : table->n_columns;
    table->n_rows++;
}

static void read_rows(struct table *table, xmlNode *parent, const struct html_style *style,
                      int depth) {
    for (xmlNode *node = parent->children; node != NULL && depth < 3; node = node->next) {
        if (html_is(node, "tr")) {
            read_row(table, node, style);
        } else if (html_is(node, "tbody") || html_is(node, "thead") || html_is(node, "tfoot")) {
            read_rows(table, node, style, depth + 1);
        }
    }
}

static double cell_border(const struct table *table) {
    return table->border > 0 ? 1 : 0;
}

/* From content to content of neighbouring columns, or of a cell to its outside. */
static double around(const struct table *table) {
    return 2 * (table->padding + cell_border(table));
}

static double span_width(const struct table *table, const struct cell *cell) {
    double width = 0;
    for (int i = 0; i < cell->span; i++) {
        width += table->widths[cell->column + i];
    }
    return width + (cell->span - 1) * (around(table) + table->spacing);
}

static void find_widths(struct table *table) {
    for (size_t cell_i = 0; cell_i < table->n_cells; cell_i++) {
        const struct cell *cell = &table->cells[cell_i];
        if (cell->span == 1) {
            table->widths[cell->column] = fmax(table->widths[cell->column], cell->wanted_width);
        }
    }
    for (size_t cell_i = 0; cell_i < table->n_cells; cell_i++) {
        const struct cell *cell = &table->cells[cell_i];
        double missing = cell->wanted_width - span_width(table, cell);
        if (missing > 0) {
            table->widths[cell->column + cell->span - 1] += missing;
        }
    }
}

static void add_box(struct html_flow *flow, double x, double y, double width, double height,
                    double gray) {
    struct rich_deco deco = {.kind = RICH_DECO_BOX,
                             .box = {x, y, width, height},
                             .has_color = true,
                             .color = {gray, gray, gray, 1}};
    html_flow_deco(flow, &deco);
}

/* Two sides in one grey, two in the other: raised (outer frame) or sunk (cells). */
static void add_frame(struct html_flow *flow, const struct box *box, double thickness,
                      bool is_raised) {
    const double light = 0.82, dark = 0.5;
    double first = is_raised ? light : dark, second = is_raised ? dark : light;
    add_box(flow, box->x, box->y, box->width, thickness, first);
    add_box(flow, box->x, box->y, thickness, box->height, first);
    add_box(flow, box->x, box->y + box->height - thickness, box->width, thickness, second);
    add_box(flow, box->x + box->width - thickness, box->y, thickness, box->height, second);
}

static double column_x(const struct table *table, int column) {
    double x = table->border + table->spacing;
    for (int i = 0; i < column; i++) {
        x += table->widths[i] + around(table) + table->spacing;
    }
    return x;
}

static void place_cell(struct html_flow *flow, struct table *table, struct cell *cell, double x,
                       double y, double height) {
    double width = span_width(table, cell);
    struct box outside = {x, y, width + around(table), height};
    if (cell->has_background) {
        struct rich_deco deco = {
            .kind = RICH_DECO_BOX, .box = outside, .has_color = true, .color = cell->background};
        html_flow_deco(flow, &deco);
    }
    if (table->border > 0) {
        add_frame(flow, &outside, 1, false);
    }
    html_flow_align(&cell->flow, width);
    html_flow_take(flow, &cell->flow, x + around(table) / 2, y + around(table) / 2);
}

static double row_height(const struct table *table, int row) {
    double height = 0;
    for (size_t cell_i = 0; cell_i < table->n_cells; cell_i++) {
        if (table->cells[cell_i].row == row) {
            height = fmax(height, table->cells[cell_i].flow.y);
        }
    }
    return height + around(table);
}

static void place(struct html_flow *flow, struct table *table, double left, xmlNode *node) {
    double width = column_x(table, table->n_columns) + table->border;
    double height = table->border * 2 + table->spacing;
    for (int row = 0; row < table->n_rows; row++) {
        height += row_height(table, row) + table->spacing;
    }
    double top = html_flow_reserve(flow, width, height);
    struct rich_deco background = {.kind = RICH_DECO_BOX, .box = {left, top, width, height}};
    if (read_background(node, &background.color)) {
        background.has_color = true;
        html_flow_deco(flow, &background);
    }
    if (table->border > 0) {
        add_frame(flow, &background.box, table->border, true);
    }
    double y = top + table->border + table->spacing;
    size_t cell_i = 0;
    for (int row = 0; row < table->n_rows; row++) {
        double row_h = row_height(table, row);
        for (; cell_i < table->n_cells && table->cells[cell_i].row == row; cell_i++) {
            struct cell *cell = &table->cells[cell_i];
            place_cell(flow, table, cell, left + column_x(table, cell->column), y, row_h);
        }
        y += row_h + table->spacing;
    }
}

void html_table(struct html_flow *flow, xmlNode *node, const struct text_font *base,
                const struct html_style *style, html_cell_fn lay_out_cell, void *ctx) {
    struct table *table = calloc(1, sizeof *table);
    if (table == NULL) {
        return;
    }
    table->border = html_attribute_int(node, "border", 0);
    table->spacing = html_attribute_int(node, "cellspacing", 2);
    table->padding = html_attribute_int(node, "cellpadding", 0);
    table->base = base;
    table->lay_out_cell = lay_out_cell;
    table->ctx = ctx;
    html_flow_block(flow, 0);
    read_rows(table, node, style, 0);
    if (table->n_columns > 0) {
        find_widths(table);
        place(flow, table, flow->left, node);
    }
    for (size_t cell_i = 0; cell_i < table->n_cells; cell_i++) {
        html_flow_finish(&table->cells[cell_i].flow);
    }
    free(table->cells);
    free(table);
}
