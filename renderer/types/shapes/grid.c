/* grid: cells for maps; white and transparent unless the script says otherwise. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "proto/limits.h"
#include "renderer/score/maps/segments.h"
#include "renderer/types/shapes/grid.h"
#include "renderer/types/shapes/shape.h"
#include "renderer/types/type_list.h"

struct grid_data {
    struct shape_cache cache;
    int columns, rows;
    float border_x, border_y; /* fraction of a cell, on each side */
    bool is_top_bottom;
};

static int grid_create(struct object *object) {
    object->data = calloc(1, sizeof(struct grid_data));
    return object->data != NULL ? LG_OK : LG_ENOMEM;
}

static void grid_destroy(struct object *object) {
    struct grid_data *data = object->data;
    if (data != NULL) {
        shape_cache_clear(&data->cache);
        free(data);
        object->data = NULL;
    }
}

static void grid_defaults(struct attributes *attr) {
    attr->color = (struct color){255, 255, 255, 0, 0, 0, 100};
    attr->width = (struct dimension){1, UNIT_PLAIN};
    attr->height = (struct dimension){1, UNIT_PLAIN};
}

static int set_count(struct object *object, const struct param *params, size_t n_params,
                     int *count) {
    if (n_params != 1 || !param_is_number(&params[0]) || param_as_int(&params[0]) < 0 ||
        param_as_int(&params[0]) > LIMIT_GRID_CELLS) {
        return LG_EBADREQUEST;
    }
    *count = param_as_int(&params[0]);
    object_touch(object);
    return LG_OK;
}

static int grid_set(struct object *object, const struct param *params, size_t n_params) {
    struct grid_data *data = object->data;
    int columns, rows;
    if (n_params != 2 || set_count(object, &params[0], 1, &columns) != LG_OK ||
        set_count(object, &params[1], 1, &rows) != LG_OK) {
        return LG_EBADREQUEST;
    }
    data->columns = columns;
    data->rows = rows;
    return LG_OK;
}

size_t grid_cells(const struct object *object) {
    const struct grid_data *data = object->data;
    size_t n_cells = (size_t)data->columns * (size_t)data->rows;
    return n_cells <= LIMIT_GRID_CELLS ? n_cells : 0;
}

void grid_cell(const struct object *object, double frame_side, size_t cell_i, struct box *out) {
    const struct grid_data *data = object->data;
    double width, height;
    shape_nominal(object, frame_side, &width, &height);
    double cell_w = width / data->columns, cell_h = height / data->rows;
    size_t column = cell_i % (size_t)data->columns, row = cell_i / (size_t)data->columns;
    if (data->is_top_bottom) {
        column = cell_i / (size_t)data->rows;
        row = cell_i % (size_t)data->rows;
    }
    double border_x = fmin(fmax((double)data->border_x, 0), 0.5) * cell_w;
    double border_y = fmin(fmax((double)data->border_y, 0), 0.5) * cell_h;
    *out = (struct box){(double)column * cell_w + border_x, (double)row * cell_h + border_y,
                        cell_w - 2 * border_x, cell_h - 2 * border_y};
}

static void grid_draw(const struct object *object, const struct placement *placement,
                      struct display_list *list) {
    struct grid_data *data = object->data;
    double key[2];
    shape_nominal(object, placement->frame_side, &key[0], &key[1]);
    shape_append(
        object, placement, list,
        shape_path(&data->cache, object, placement->frame_side, key, 2, shape_build_nominal),
        false);
}

static int set_columns(struct object *object, const struct param *params, size_t n_params) {
    struct grid_data *data = object->data;
    return set_count(object, params, n_params, &data->columns);
}

static int set_rows(struct object *object, const struct param *params, size_t n_params) {
    struct grid_data *data = object->data;
    return set_count(object, params, n_params, &data->rows);
}

static int set_border(struct object *object, const struct param *params, size_t n_params,
                      float *border) {
    if (n_params != 1 || !param_is_number(&params[0])) {
        return LG_EBADREQUEST;
    }
    *border = param_as_float(&params[0]);
    object_touch(object);
    return LG_OK;
}

static int set_xborder(struct object *object, const struct param *params, size_t n_params) {
    struct grid_data *data = object->data;
    return set_border(object, params, n_params, &data->border_x);
}

static int set_yborder(struct object *object, const struct param *params, size_t n_params) {
    struct grid_data *data = object->data;
    return set_border(object, params, n_params, &data->border_y);
}

static int set_order(struct object *object, const struct param *params, size_t n_params) {
    struct grid_data *data = object->data;
    if (n_params != 1 || params[0].kind != PARAM_STRING) {
        return LG_EBADREQUEST;
    }
    bool is_top_bottom = strcmp(params[0].as.text, "topbottom") == 0;
    if (!is_top_bottom && strcmp(params[0].as.text, "leftright") != 0) {
        return LG_EBADREQUEST;
    }
    data->is_top_bottom = is_top_bottom;
    object_touch(object);
    return LG_OK;
}

static void get_columns(const struct object *object, struct message *out) {
    const struct grid_data *data = object->data;
    message_give_param(out, param_int(data->columns));
}

static void get_rows(const struct object *object, struct message *out) {
    const struct grid_data *data = object->data;
    message_give_param(out, param_int(data->rows));
}

static void get_cells(const struct object *object, struct message *out) {
    get_columns(object, out);
    get_rows(object, out);
}

static void get_xborder(const struct object *object, struct message *out) {
    const struct grid_data *data = object->data;
    message_give_param(out, param_float(data->border_x));
}

static void get_yborder(const struct object *object, struct message *out) {
    const struct grid_data *data = object->data;
    message_give_param(out, param_float(data->border_y));
}

static void get_order(const struct object *object, struct message *out) {
    const struct grid_data *data = object->data;
    message_give_param(out, param_string(data->is_top_bottom ? "topbottom" : "leftright"));
}

static const struct object_method METHODS[] = {
    {"columns", set_columns, get_columns}, {"rows", set_rows, get_rows},
    {"xborder", set_xborder, get_xborder}, {"yborder", set_yborder, get_yborder},
    {"order", set_order, get_order},
};

/* Without a map of its own: the cells in order, equal shares of the duration (10.2). */
static bool grid_compute_map(const struct object *object, const char *name, struct segments *out) {
    const struct grid_data *data = object->data;
    size_t n_cells = data->columns >= 2 && data->rows >= 2 ? grid_cells(object) : 0;
    double frame_side = geometry_frame_side(object), width, height;
    shape_nominal(object, frame_side, &width, &height);
    if (name[0] != '\0' || n_cells == 0 || !(width > 0 && height > 0)) {
        return false;
    }
    struct rational from = {0, 1};
    for (size_t cell_i = 0; cell_i < n_cells; cell_i++) {
        struct rational part = {(int64_t)cell_i + 1, (int64_t)n_cells}, to;
        if (!rational_multiply(object->attr.duration, part, &to)) {
            segments_finish(out);
            return false;
        }
        struct box cell;
        grid_cell(object, frame_side, cell_i, &cell);
        struct segment segment = {
            from,
            to,
            {2 * cell.x / width - 1, 2 * (cell.x + cell.width) / width - 1},
            {2 * cell.y / height - 1, 2 * (cell.y + cell.height) / height - 1},
        };
        segments_add(out, &segment);
        from = to;
    }
    segments_sort(out);
    return true;
}

const struct object_type TYPE_GRID = {
    .name = "grid",
    .sizing = SIZING_FREE,
    .takes_z_children = true,
    .methods = METHODS,
    .n_methods = sizeof METHODS / sizeof METHODS[0],
    .defaults = grid_defaults,
    .create = grid_create,
    .set = grid_set,
    .get_set = shape_get_size, /* as the original: the size, not the cells */
    .get_saved = get_cells,
    .box = shape_nominal_box,
    .draw = grid_draw,
    .compute_map = grid_compute_map,
    .destroy = grid_destroy,
};
