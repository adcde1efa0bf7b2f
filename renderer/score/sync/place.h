/* Where a slave stands on its master (score-language reference 10.4). Pure
 * arithmetic on boxes, dates and maps; no objects.
 *
 * Master coordinates: -1..1 on each axis over the master's box, y down; slave
 * coordinates the same over the slave's box. */
#ifndef LEGGIO_SCORE_SYNC_PLACE_H
#define LEGGIO_SCORE_SYNC_PLACE_H

#include "renderer/score/maps/segments.h"

enum sync_align { SYNC_OVER, SYNC_TOP, SYNC_BOTTOM, SYNC_FRAME };
enum sync_stretch { SYNC_STRETCH_NONE, SYNC_STRETCH_H, SYNC_STRETCH_H_MERGED /* H */ };

struct sync_mode {
    enum sync_align align;
    enum sync_stretch stretch;
    bool is_vertical; /* v, hv, Hv */
    bool is_absolute;
};

struct sync_slave {
    double width, height; /* units of its box, both > 0 */
    double scale;
    double xorigin, yorigin;
    double dy;
    struct rational date;
    const struct segments *map; /* its anonymous or named map, own dates; NULL = none */
};

struct sync_master {
    double width, height; /* units of its box, both > 0 */
    struct rational date, duration;
    const struct segments *map; /* NULL = none */
};

/* A slave's box in master coordinates. */
struct sync_box {
    double left, top, width, height;
};

/* Without horizontal stretch, not syncFrame. false: out of sight at this date. */
bool sync_place(const struct sync_mode *mode, const struct sync_slave *slave,
                const struct sync_master *master, struct sync_box *out);

/* syncFrame: how far along the master's outline, 0 <= fraction <= 1; false: outside
 * its duration. */
bool sync_frame_fraction(const struct sync_mode *mode, const struct sync_slave *slave,
                         const struct sync_master *master, double *fraction);
/* The slave's box with its centre at a point of the outline (master coordinates). */
void sync_frame_place(const struct sync_slave *slave, const struct sync_master *master, double x,
                      double y, struct sync_box *out);

/* One piece of a stretched slave: this part of it is drawn into that part of the master. */
struct sync_piece {
    struct sync_box from; /* slave coordinates */
    struct sync_box to;   /* master coordinates */
};
/* With horizontal stretch. *pieces for free(); 0 = out of sight. */
size_t sync_stretch_pieces(const struct sync_mode *mode, const struct sync_slave *slave,
                           const struct sync_master *master, struct sync_piece **pieces);

/* Clockwise from the top left corner at constant speed; units of the box, fraction 0..1. */
void sync_outline_rect(double width, double height, double fraction, double *x, double *y);
/* Clockwise from the left-most point, by angle. */
void sync_outline_ellipse(double fraction, double *x, double *y);
/* Along the points (x0 y0 x1 y1 ...), closed when is_closed; at constant speed. Same units out. */
void sync_outline_points(const double *points, size_t n_points, bool is_closed, double fraction,
                         double *x, double *y);

#endif
