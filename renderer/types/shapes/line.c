/* line: from the origin to a point, with arrow heads. Stroke only; its colour is
 * the pen's (score-language reference 9, 9.1).
 *
 * Local coordinates begin at the corner of the line's own box, without pen. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "renderer/score/attributes/color.h"
#include "renderer/score/score.h"
#include "renderer/types/shapes/shape.h"
#include "renderer/types/type_list.h"

#define ARROW_UNITS 12.0

enum arrow { ARROW_NONE, ARROW_TRIANGLE, ARROW_DIAMOND, ARROW_DISK };
static const char *const ARROW_WORDS[] = {"none", "triangle", "diamond", "disk"};

struct line_data {
    struct shape_cache cache, heads;
    float x, y; /* relative units */
    enum arrow left, right;
};

struct line_ends {
    double x1, y1, x2, y2;
};

static int line_create(struct object *object) {
    object->data = calloc(1, sizeof(struct line_data));
    return object->data != NULL ? LG_OK : LG_ENOMEM;
}

static void line_destroy(struct object *object) {
    struct line_data *data = object->data;
    if (data != NULL) {
        shape_cache_clear(&data->cache);
        shape_cache_clear(&data->heads);
        free(data);
        object->data = NULL;
    }
}

static void line_defaults(struct attributes *attr) {
    attr->pen_width = 1;
}

static bool two_numbers(const struct param *params, double *a, double *b) {
    if (!param_is_number(&params[0]) || !param_is_number(&params[1])) {
        return false;
    }
    *a = (double)param_as_float(&params[0]);
    *b = (double)param_as_float(&params[1]);
    return isfinite(*a) && isfinite(*b);
}

static int line_set(struct object *object, const struct param *params, size_t n_params) {
    struct line_data *data = object->data;
    double a, b;
    if (n_params == 3 && params[0].kind == PARAM_STRING && two_numbers(params + 1, &a, &b)) {
        if (strcmp(params[0].as.text, "wa") == 0) {
            double angle = b * M_PI / 180;
            data->x = (float)(a * cos(angle));
            data->y = (float)(a * sin(angle));
            return LG_OK;
        }
        if (strcmp(params[0].as.text, "xy") == 0) {
            data->x = (float)a;
            data->y = (float)b;
            return LG_OK;
        }
        return LG_EBADREQUEST;
    }
    if (n_params == 2 && params[0].kind == PARAM_FLOAT && params[1].kind == PARAM_FLOAT &&
        two_numbers(params, &a, &b)) {
        score_error(object->score, "deprecated line format: use 'xy' or 'wa'");
        data->x = (float)a;
        data->y = (float)b;
        return LG_OK;
    }
    return LG_EBADREQUEST;
}

static void line_get_set(const struct object *object, struct message *out) {
    const struct line_data *data = object->data;
    message_give_param(out, param_string("xy"));
    message_give_param(out, param_float(data->x));
    message_give_param(out, param_float(data->y));
}

static void line_anchor(const struct object *object, double frame_side, double *width,
                        double *height) {
    const struct line_data *data = object->data;
    *width = fabs((double)data->x) * frame_side / 2;
    *height = fabs((double)data->y) * frame_side / 2;
}

static void line_box(const struct object *object, double frame_side, struct box *out) {
    *out = (struct box){0, 0, 0, 0};
    line_anchor(object, frame_side, &out->width, &out->height);
    shape_grow_by_pen(object, out);
}

static struct line_ends find_ends(const struct object *object, double frame_side) {
    const struct line_data *data = object->data;
    double dx = (double)data->x * frame_side / 2, dy = (double)data->y * frame_side / 2;
    double x1 = fmax(-dx, 0), y1 = fmax(-dy, 0);
    return (struct line_ends){x1, y1, x1 + dx, y1 + dy};
}

static void build_line(cairo_t *cr, const struct object *object, double frame_side) {
    struct line_ends ends = find_ends(object, frame_side);
    cairo_move_to(cr, ends.x1, ends.y1);
    cairo_line_to(cr, ends.x2, ends.y2);
}

/* A head that ends where the line does; angle: where it looks. Proportions as in picture 11. */
static void add_head(cairo_t *cr, enum arrow arrow, double x, double y, double angle) {
    const double half = ARROW_UNITS / 2;
    cairo_save(cr);
    cairo_translate(cr, x, y);
    cairo_rotate(cr, angle);
    cairo_new_sub_path(cr);
    if (arrow == ARROW_TRIANGLE) {
        cairo_move_to(cr, 0, 0);
        cairo_line_to(cr, -ARROW_UNITS * 0.87, -half);
        cairo_line_to(cr, -ARROW_UNITS * 0.62, 0);
        cairo_line_to(cr, -ARROW_UNITS * 0.87, half);
    } else if (arrow == ARROW_DIAMOND) {
        const double wide = half * 1.2;
        cairo_move_to(cr, -2 * wide, 0);
        cairo_line_to(cr, -wide, -wide);
        cairo_line_to(cr, 0, 0);
        cairo_line_to(cr, -wide, wide);
    } else {
        cairo_arc(cr, -half, 0, half, 0, 2 * M_PI);
    }
    cairo_close_path(cr);
    cairo_restore(cr);
}

static void build_heads(cairo_t *cr, const struct object *object, double frame_side) {
    const struct line_data *data = object->data;
    struct line_ends ends = find_ends(object, frame_side);
    double angle = atan2(ends.y2 - ends.y1, ends.x2 - ends.x1);
    if (data->left != ARROW_NONE) {
        add_head(cr, data->left, ends.x1, ends.y1, angle + M_PI);
    }
    if (data->right != ARROW_NONE) {
        add_head(cr, data->right, ends.x2, ends.y2, angle);
    }
}

static void line_draw(const struct object *object, const struct placement *placement,
                      struct display_list *list) {
    struct line_data *data = object->data;
    const double key[] = {placement->frame_side, (double)data->x, (double)data->y,
                          (double)data->left, (double)data->right};
    struct display_item item;
    shape_item(object, placement, &item);
    item.brush = ITEM_BRUSH_NONE;
    item.stroke = item.fill;
    struct draw_resource *path =
        shape_path(&data->cache, object, placement->frame_side, key, 3, build_line);
    if (path != NULL) {
        item.resource = resource_ref(path);
        display_list_append(list, &item);
    }
    if (data->left == ARROW_NONE && data->right == ARROW_NONE) {
        return;
    }
    path = shape_path(&data->heads, object, placement->frame_side, key, 5, build_heads);
    if (path != NULL) {
        item.resource = resource_ref(path);
        item.brush = ITEM_BRUSH_SOLID;
        item.dash = ITEM_DASH_SOLID;
        display_list_append(list, &item);
    }
}

static bool arrow_from_param(const struct param *param, enum arrow *out) {
    for (size_t word_i = 0; word_i < sizeof ARROW_WORDS / sizeof ARROW_WORDS[0]; word_i++) {
        if (param->kind == PARAM_STRING && strcmp(param->as.text, ARROW_WORDS[word_i]) == 0) {
            *out = (enum arrow)word_i;
            return true;
        }
    }
    return false;
}

static int set_arrows(struct object *object, const struct param *params, size_t n_params) {
    struct line_data *data = object->data;
    enum arrow left, right;
    if (n_params != 2 || !arrow_from_param(&params[0], &left) ||
        !arrow_from_param(&params[1], &right)) {
        return LG_EBADREQUEST;
    }
    data->left = left;
    data->right = right;
    object_touch(object);
    return LG_OK;
}

static void get_arrows(const struct object *object, struct message *out) {
    const struct line_data *data = object->data;
    message_give_param(out, param_string(ARROW_WORDS[data->left]));
    message_give_param(out, param_string(ARROW_WORDS[data->right]));
}

/* A line has one colour: the pen's words mean `color`, too. */
static int set_pen_color(struct object *object, const struct param *params, size_t n_params) {
    int code = color_from_params(&object->attr.color, COLOR_RGB, false, params, n_params);
    if (code == LG_OK) {
        object_touch(object);
    }
    return code;
}

static void get_pen_color(const struct object *object, struct message *out) {
    const struct color *color = &object->attr.color;
    message_give_param(out, param_int(color->r));
    message_give_param(out, param_int(color->g));
    message_give_param(out, param_int(color->b));
    message_give_param(out, param_int(color->a));
}

static int change_pen_alpha(struct object *object, const struct param *params, size_t n_params,
                            bool is_delta) {
    if (n_params != 1) {
        return LG_EBADREQUEST;
    }
    int code = color_part_from_param(&object->attr.color, COLOR_ALPHA, is_delta, params);
    if (code == LG_OK) {
        object_touch(object);
    }
    return code;
}

static int set_pen_alpha(struct object *object, const struct param *params, size_t n_params) {
    return change_pen_alpha(object, params, n_params, false);
}

static int add_pen_alpha(struct object *object, const struct param *params, size_t n_params) {
    return change_pen_alpha(object, params, n_params, true);
}

static void get_pen_alpha(const struct object *object, struct message *out) {
    message_give_param(out, param_int(object->attr.color.a));
}

static const struct object_method METHODS[] = {
    {"arrows", set_arrows, get_arrows},
    {"penColor", set_pen_color, get_pen_color},
    {"penAlpha", set_pen_alpha, get_pen_alpha},
    {"pendAlpha", add_pen_alpha, NULL},
};

static void line_outline(const struct object *object, double frame_side, double fraction, double *x,
                         double *y) {
    shape_outline(object, frame_side, build_line, false, fraction, x, y);
}

const struct object_type TYPE_LINE = {
    .name = "line",
    .sizing = SIZING_ZERO,
    .takes_z_children = true,
    .methods = METHODS,
    .n_methods = sizeof METHODS / sizeof METHODS[0],
    .defaults = line_defaults,
    .create = line_create,
    .set = line_set,
    .get_set = line_get_set,
    .box = line_box,
    .anchor = line_anchor,
    .draw = line_draw,
    .outline = line_outline,
    .destroy = line_destroy,
};
