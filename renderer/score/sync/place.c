/* The placement formulas, in the order of the reference's section 10.4. */
#include "renderer/score/sync/place.h"

#include <math.h>
#include <stdlib.h>

#include "renderer/score/alloc.h"

#define PI 3.14159265358979323846

static struct rational negative(struct rational a) {
    return (struct rational){-a.num, a.den};
}

/* A found place in a map. */
struct place_in_map {
    const struct segment *segment;
    double x; /* abscissa of the date */
};

/* The date as the map counts it: date - shift. false also when it does not fit. */
static bool find(const struct segments *map, struct rational date, struct rational shift,
                 struct place_in_map *out) {
    size_t segment_i;
    struct rational own;
    if (map == NULL || !rational_add(date, negative(shift), &own) ||
        !segments_find(map, own, &segment_i)) {
        return false;
    }
    out->segment = &map->items[segment_i];
    out->x = segment_x(out->segment, own);
    return true;
}

static double middle(struct span_1d span) {
    return (span.from + span.to) / 2;
}

static double scaled_width(const struct sync_slave *slave, const struct sync_master *master) {
    return 2 * slave->width * slave->scale / master->width;
}

static double scaled_height(const struct sync_slave *slave, const struct sync_master *master) {
    return 2 * slave->height * slave->scale / master->height;
}

/* Point 6, without dy: where the slave's origin line lies beside a master segment. */
static double aligned_y(enum sync_align align, struct span_1d y, double height) {
    switch (align) {
    case SYNC_TOP:
        return y.from - height / 2;
    case SYNC_BOTTOM:
        return y.to + height / 2;
    case SYNC_OVER:
    case SYNC_FRAME:
        break;
    }
    return middle(y);
}

bool sync_place(const struct sync_mode *mode, const struct sync_slave *slave,
                const struct sync_master *master, struct sync_box *out) {
    static const struct rational ZERO = {0, 1};
    struct rational master_shift = mode->is_absolute ? ZERO : master->date;
    double width = scaled_width(slave, master);
    struct place_in_map in_master, in_slave = {NULL, 0};
    double x;
    if (find(master->map, slave->date, master_shift, &in_master)) {
        x = in_master.x;
        if (find(slave->map, slave->date, slave->date, &in_slave)) {
            x -= width * (1 + in_slave.x) / 2;
        }
    } else if (find(slave->map, master->date, slave->date, &in_slave) &&
               find(master->map, master->date, master_shift, &in_master)) {
        x = in_master.x - width / 2 * (in_slave.x - slave->xorigin);
    } else {
        return false;
    }
    struct span_1d over = in_master.segment->y;
    double height = mode->is_vertical ? over.to - over.from : scaled_height(slave, master);
    double y = aligned_y(mode->align, over, height) + slave->dy;
    if (in_slave.segment != NULL) {
        y -= middle(in_slave.segment->y) * height / 2;
    }
    out->left = x - (1 + slave->xorigin) * width / 2;
    out->top = y - (1 + slave->yorigin) * height / 2;
    out->width = width;
    out->height = height;
    return true;
}

bool sync_frame_fraction(const struct sync_mode *mode, const struct sync_slave *slave,
                         const struct sync_master *master, double *fraction) {
    struct rational date = slave->date;
    if (!mode->is_absolute && !rational_add(date, negative(master->date), &date)) {
        return false;
    }
    if (date.num < 0 || master->duration.num <= 0 || rational_compare(date, master->duration) > 0) {
        return false;
    }
    *fraction = rational_to_double(date) / rational_to_double(master->duration);
    return true;
}

void sync_frame_place(const struct sync_slave *slave, const struct sync_master *master, double x,
                      double y, struct sync_box *out) {
    out->width = scaled_width(slave, master);
    out->height = scaled_height(slave, master);
    out->left = x - out->width / 2;
    out->top = y + 2 * slave->dy - out->height / 2; /* dy in master heights */
}

static struct sync_box box_of(struct span_1d x, struct span_1d y) {
    return (struct sync_box){x.from, y.from, x.to - x.from, y.to - y.from};
}

size_t sync_stretch_pieces(const struct sync_mode *mode, const struct sync_slave *slave,
                           const struct sync_master *master, struct sync_piece **pieces) {
    *pieces = NULL;
    if (slave->map == NULL || master->map == NULL) {
        return 0;
    }
    struct segment_piece *parts;
    size_t n_parts = segments_compose(slave->map, slave->date, master->map,
                                      mode->stretch == SYNC_STRETCH_H_MERGED, &parts);
    struct sync_piece *out = n_parts > 0 ? alloc_resize(NULL, n_parts, sizeof *out) : NULL;
    for (size_t i = 0; i < n_parts; i++) {
        const struct segment_piece *part = &parts[i];
        double share = (part->from_y.to - part->from_y.from) / 2;
        double height = mode->is_vertical ? part->to_y.to - part->to_y.from
                                          : scaled_height(slave, master) * share;
        double y = aligned_y(mode->align, part->to_y, height) + slave->dy;
        out[i].from = box_of(part->from_x, part->from_y);
        out[i].to = box_of(part->to_x, (struct span_1d){0, height});
        out[i].to.top = y - (1 + slave->yorigin) * height / 2;
    }
    free(parts);
    *pieces = out;
    return n_parts;
}

/* -- outlines --------------------------------------------------------------------------- */

void sync_outline_points(const double *points, size_t n_points, bool is_closed, double fraction,
                         double *x, double *y) {
    size_t n_edges = is_closed ? n_points : n_points - 1;
    double length = 0;
    for (size_t i = 0; i < n_edges; i++) {
        const double *a = &points[2 * i], *b = &points[2 * ((i + 1) % n_points)];
        length += hypot(b[0] - a[0], b[1] - a[1]);
    }
    double left = length * fraction;
    *x = points[0];
    *y = points[1];
    for (size_t i = 0; i < n_edges; i++) {
        const double *a = &points[2 * i], *b = &points[2 * ((i + 1) % n_points)];
        double edge = hypot(b[0] - a[0], b[1] - a[1]);
        double part = edge > 0 ? fmin(left / edge, 1) : 1;
        *x = a[0] + (b[0] - a[0]) * part;
        *y = a[1] + (b[1] - a[1]) * part;
        if (left <= edge) {
            return;
        }
        left -= edge;
    }
}

void sync_outline_rect(double width, double height, double fraction, double *x, double *y) {
    const double corners[] = {0, 0, width, 0, width, height, 0, height};
    sync_outline_points(corners, 4, true, fraction, x, y);
}

void sync_outline_ellipse(double fraction, double *x, double *y) {
    *x = -cos(2 * PI * fraction);
    *y = -sin(2 * PI * fraction);
}
