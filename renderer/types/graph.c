/* graph, fastgraph, radialgraph: pictures of a signal (score-language reference 12).
 *
 * Components by groups of six: y, thickness, hue, saturation, brightness, alpha, each -1..1; a
 * missing one counts as 0. Neighbours of one colour make one path. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/err.h"
#include "proto/limits.h"
#include "renderer/score/attributes/color.h"
#include "renderer/score/signals/signal.h"
#include "renderer/types/shapes/shape.h"
#include "renderer/types/type_list.h"

#define GROUP_COMPONENTS 6
/* More samples than any picture has pixels: every n-th is drawn. */
#define DRAWN_SAMPLES_MAX 16384

enum graph_style { GRAPH_BAND, GRAPH_BARS, GRAPH_RADIAL };

struct graph_data {
    char *signal;
};

/* One drawn sample in box units: position on the axis, edges of the band, colour. */
struct sample {
    double y, low, high; /* -1..1 */
    struct item_color color;
};

struct plot {
    const struct object *object;
    const struct placement *placement;
    struct display_list *list;
    enum graph_style style;
    double width, height;
    struct sample *samples;
    size_t n_samples;
    size_t first_place; /* radial: place in the ring of the first sample */
};

static int graph_create(struct object *object) {
    object->data = calloc(1, sizeof(struct graph_data));
    return object->data != NULL ? LG_OK : LG_ENOMEM;
}

static void graph_destroy(struct object *object) {
    struct graph_data *data = object->data;
    if (data != NULL) {
        free(data->signal);
        free(data);
        object->data = NULL;
    }
}

static void graph_defaults(struct attributes *attr) {
    attr->width = (struct dimension){1, UNIT_PLAIN};
    attr->height = (struct dimension){1, UNIT_PLAIN};
}

static int graph_set(struct object *object, const struct param *params, size_t n_params) {
    struct graph_data *data = object->data;
    if (n_params != 1 || params[0].kind != PARAM_STRING ||
        signal_find(object->parent, params[0].as.text) == NULL) {
        return LG_EBADREQUEST;
    }
    char *name = strdup(params[0].as.text);
    if (name == NULL) {
        return LG_ENOMEM;
    }
    free(data->signal);
    data->signal = name;
    return LG_OK;
}

static void graph_get_set(const struct object *object, struct message *out) {
    const struct graph_data *data = object->data;
    message_give_param(out, param_string(data->signal != NULL ? data->signal : ""));
}

static const struct object *signal_of(const struct object *object) {
    const struct graph_data *data = object->data;
    return data->signal != NULL ? signal_find(object->parent, data->signal) : NULL;
}

static size_t count_groups(const struct object *signal) {
    return (signal_dimension(signal) + GROUP_COMPONENTS - 1) / GROUP_COMPONENTS;
}

static void get_dimension(const struct object *object, struct message *out) {
    const struct object *signal = signal_of(object);
    message_give_param(out, param_int(signal != NULL ? (int32_t)count_groups(signal) : 0));
}

static void graph_extent(const struct object *object, double *width, double *height) {
    const struct object *signal = signal_of(object);
    *width = signal != NULL ? (double)signal_size(signal) : 0;
    *height = 0;
}

/* -- samples ------------------------------------------------------------------------------ */

static double share(float value) {
    return fmin(fmax(((double)value + 1) / 2, 0), 1);
}

static struct item_color sample_color(const float values[GROUP_COMPONENTS]) {
    struct color color = {0};
    double hue = fmod((double)values[2] * 180, 360);
    color_set_hsb(&color, (int)lround(hue < 0 ? hue + 360 : hue),
                  (int)lround(share(values[3]) * 100), (int)lround(share(values[4]) * 100), 255);
    struct item_color out = shape_color(&color);
    out.a = share(values[5]);
    return out;
}

static struct sample read_sample(const struct object *signal, size_t group_i, size_t frame_i) {
    float values[GROUP_COMPONENTS];
    for (size_t i = 0; i < GROUP_COMPONENTS; i++) {
        values[i] = signal_value(signal, group_i * GROUP_COMPONENTS + i, frame_i);
    }
    double y = (double)values[0], half = fabs((double)values[1]) / 2;
    return (struct sample){y, y - half, y + half, sample_color(values)};
}

static bool is_same_color(const struct item_color *a, const struct item_color *b) {
    return a->r == b->r && a->g == b->g && a->b == b->b && a->a == b->a;
}

/* -- paths -------------------------------------------------------------------------------- */

static double to_y(const struct plot *plot, double value) {
    return (1 - value) / 2 * plot->height;
}

static double band_x(const struct plot *plot, size_t i) {
    return plot->n_samples > 1 ? plot->width * (double)i / (double)(plot->n_samples - 1) : 0;
}

/* A point of the band's edge. */
static void edge_point(const struct plot *plot, size_t i, double value, double *x, double *y) {
    if (plot->style == GRAPH_BAND) {
        *x = band_x(plot, i);
        *y = to_y(plot, value);
        return;
    }
    /* Measured in picture 32: clockwise from half a step before three o'clock, turning with the
     * ring. */
    double step = plot->n_samples > 1 ? 2 * M_PI / (double)(plot->n_samples - 1) : 0;
    double angle = ((double)(plot->first_place + i) - 0.5) * step;
    double low = plot->samples[i].low,
           y_here = plot->samples[i].y; /* all of the band lies outside */
    double radius = fmax((y_here + 1 + value - low) / 2, 0);
    *x = plot->width / 2 * (1 + radius * cos(angle));
    *y = plot->height / 2 * (1 + radius * sin(angle));
}

/* Samples first..last, the upper edge there and the lower edge back. */
static void add_band(cairo_t *cr, const struct plot *plot, size_t first, size_t last) {
    double x, y;
    for (size_t i = first; i <= last; i++) {
        edge_point(plot, i, plot->samples[i].high, &x, &y);
        cairo_line_to(cr, x, y);
    }
    for (size_t i = last + 1; i-- > first;) {
        edge_point(plot, i, plot->samples[i].low, &x, &y);
        cairo_line_to(cr, x, y);
    }
    cairo_close_path(cr);
}

/* One sample alone is a step over the whole width. */
static void add_step(cairo_t *cr, const struct plot *plot) {
    double top = to_y(plot, plot->samples[0].high), bottom = to_y(plot, plot->samples[0].low);
    cairo_rectangle(cr, 0, top, plot->width, bottom - top);
}

static void add_bars(cairo_t *cr, const struct plot *plot, size_t first, size_t last) {
    double width = plot->width / (double)plot->n_samples;
    for (size_t i = first; i <= last; i++) {
        double top = to_y(plot, plot->samples[i].high);
        cairo_rectangle(cr, ((double)i - 0.5) * width, top, width,
                        to_y(plot, plot->samples[i].low) - top);
    }
}

/* Samples of one colour, clipped to the box; the pen follows the edges in the same colour. */
static void append_run(const struct plot *plot, size_t first, size_t last) {
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_A8, 1, 1);
    cairo_t *cr = cairo_create(surface);
    size_t end = last + 1 < plot->n_samples ? last + 1 : last; /* up to where the next begins */
    if (plot->style == GRAPH_BARS) {
        add_bars(cr, plot, first, last);
    } else if (plot->style == GRAPH_BAND && plot->n_samples == 1) {
        add_step(cr, plot);
    } else if (end > first) {
        add_band(cr, plot, first, end);
    }
    struct display_item item;
    shape_item(plot->object, plot->placement, &item);
    item.fill = plot->samples[first].color;
    item.stroke = plot->samples[first].color;
    item.brush = ITEM_BRUSH_SOLID;
    item.has_clip = true;
    item.clip[2] = plot->width;
    item.clip[3] = plot->height;
    item.resource = resource_path_from_cairo(cr);
    if (item.resource != NULL) {
        display_list_append(plot->list, &item);
    }
    cairo_destroy(cr);
    cairo_surface_destroy(surface);
}

static void append_runs(const struct plot *plot) {
    size_t first = 0;
    for (size_t i = 1; i <= plot->n_samples; i++) {
        if (i == plot->n_samples ||
            !is_same_color(&plot->samples[i].color, &plot->samples[first].color)) {
            append_run(plot, first, i - 1);
            first = i;
        }
    }
}

static void draw_group(struct plot *plot, const struct object *signal, size_t group_i,
                       size_t stride) {
    for (size_t i = 0; i < plot->n_samples; i++) {
        plot->samples[i] = read_sample(signal, group_i, i * stride);
    }
    append_runs(plot);
}

static void graph_draw(const struct object *object, const struct placement *placement,
                       struct display_list *list, enum graph_style style) {
    const struct object *signal = signal_of(object);
    size_t size = signal != NULL ? signal_size(signal) : 0;
    struct plot plot = {.object = object, .placement = placement, .list = list, .style = style};
    shape_nominal(object, placement->frame_side, &plot.width, &plot.height);
    if (size > 0 && plot.width > 0 && plot.height > 0) {
        size_t stride = (size + DRAWN_SAMPLES_MAX - 1) / DRAWN_SAMPLES_MAX;
        plot.n_samples = (size + stride - 1) / stride;
        plot.first_place = (signal_last_written(signal) + 1) % size / stride;
        plot.first_place += plot.first_place > 0 ? plot.n_samples - 2 : 0; /* the last ends there */
        plot.samples = calloc(plot.n_samples, sizeof *plot.samples);
        for (size_t i = 0; plot.samples != NULL && i < count_groups(signal); i++) {
            draw_group(&plot, signal, i, stride);
        }
        free(plot.samples);
    }
    shape_append_pen_box(object, placement, list, 1);
}

static void band_draw(const struct object *object, const struct placement *placement,
                      struct display_list *list) {
    graph_draw(object, placement, list, GRAPH_BAND);
}

static void bars_draw(const struct object *object, const struct placement *placement,
                      struct display_list *list) {
    graph_draw(object, placement, list, GRAPH_BARS);
}

static void radial_draw(const struct object *object, const struct placement *placement,
                        struct display_list *list) {
    graph_draw(object, placement, list, GRAPH_RADIAL);
}

static const struct object_method METHODS[] = {{"dimension", NULL, get_dimension}};

#define GRAPH_TYPE(NAME, DRAW)                                                                     \
    {                                                                                              \
        .name = NAME, .sizing = SIZING_FREE, .takes_z_children = true, .methods = METHODS,         \
        .n_methods = 1, .defaults = graph_defaults, .create = graph_create, .set = graph_set,      \
        .get_set = graph_get_set, .box = shape_nominal_box, .draw = DRAW,                          \
        .destroy = graph_destroy, .shows_signals = true, .map_space = MAP_SPACE_FRAMES,            \
        .map_extent = graph_extent,                                                                \
    }

const struct object_type TYPE_GRAPH = GRAPH_TYPE("graph", band_draw);
const struct object_type TYPE_FASTGRAPH = GRAPH_TYPE("fastgraph", bars_draw);
const struct object_type TYPE_RADIALGRAPH = GRAPH_TYPE("radialgraph", radial_draw);
