/* Time and space related by segments (score-language reference 10.2): each half-open
 * interval of dates stands for a rectangle of an object. Space is in the object's
 * own coordinates: -1..1 on each axis over its box, y down. Values, no objects. */
#ifndef LEGGIO_SCORE_SEGMENTS_H
#define LEGGIO_SCORE_SEGMENTS_H

#include <stdbool.h>
#include <stddef.h>

#include "renderer/score/rational.h"

struct span_1d {
    double from, to; /* [from, to[ */
};

struct segment {
    struct rational begin, end; /* [begin, end[ */
    struct span_1d x, y;
};

/* Sorted by begin, in order of writing when equal; may overlap and have gaps. */
struct segments {
    struct segment *items;
    struct rational *reach; /* reach[i]: the largest end of items[0..i]; bounds the search */
    size_t n_items, capacity;
};

/* Zeroed memory is an empty, valid value. */
void segments_finish(struct segments *segments);
/* Append in any order; then segments_sort before anything is looked up. */
void segments_add(struct segments *segments, const struct segment *segment);
void segments_sort(struct segments *segments);

/* The whole object over [0, duration[. Nothing for a duration <= 0. */
void segments_whole(struct segments *out, struct rational duration);

/* Index of the first segment that contains the date (dates of the map itself); false: none.
 * shape  O(log n) without overlaps */
bool segments_find(const struct segments *segments, struct rational date, size_t *segment_i);
/* Index of the first segment that contains the point, in order of dates; false: none. */
bool segments_find_point(const struct segments *segments, double x, double y, size_t *segment_i);
/* Where in a segment a date lies, linearly: 0 at begin, 1 at end. */
double segment_fraction(const struct segment *segment, struct rational date);
double segment_x(const struct segment *segment, struct rational date);
/* The date at an abscissa of the segment, to 1/10000 of its length; false when it does not fit. */
bool segment_date(const struct segment *segment, double x, struct rational *out);

/* One piece of a slave that is stretched over its master. */
struct segment_piece {
    struct span_1d from_x, from_y; /* in the slave */
    struct span_1d to_x, to_y;     /* in the master */
};
#define SEGMENT_PIECES_MAX 20000

/* Slave segments over master segments of the same time, refined to their common cuts; slave dates
 * are moved by `shift` first. is_merged: adjacent master segments within one slave segment become
 * one (H stretch), when they follow each other in time and space.
 *
 * pieces   alloc'ed array for free(); at most SEGMENT_PIECES_MAX
 * returns  their number
 */
size_t segments_compose(const struct segments *slave, struct rational shift,
                        const struct segments *master, bool is_merged,
                        struct segment_piece **pieces);

#endif
