/* Sorted intervals of dates with rectangles: looking up, composing. */
#include "renderer/score/maps/segments.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "renderer/score/alloc.h"

/* Edges that are the same but for rounding. */
#define SAME_EDGE 1e-9

void segments_finish(struct segments *segments) {
    free(segments->items);
    free(segments->reach);
    *segments = (struct segments){0};
}

void segments_add(struct segments *segments, const struct segment *segment) {
    segments->items = alloc_grow(segments->items, segments->n_items, &segments->capacity,
                                 sizeof *segments->items);
    segments->items[segments->n_items++] = *segment;
}

/* Merge sort of the two halves: stable, where qsort is not. */
static void sort_range(struct segment *items, struct segment *room, size_t n) {
    if (n < 2) {
        return;
    }
    size_t half = n / 2;
    sort_range(items, room, half);
    sort_range(items + half, room, n - half);
    memcpy(room, items, half * sizeof *items);
    for (size_t left = 0, right = half, at = 0; left < half; at++) {
        bool is_right = right < n && rational_compare(items[right].begin, room[left].begin) < 0;
        items[at] = is_right ? items[right++] : room[left++];
    }
}

void segments_sort(struct segments *segments) {
    size_t n = segments->n_items;
    if (n == 0) {
        return;
    }
    bool is_sorted = true;
    for (size_t i = 1; i < n && is_sorted; i++) {
        is_sorted = rational_compare(segments->items[i - 1].begin, segments->items[i].begin) <= 0;
    }
    if (!is_sorted) {
        struct segment *room = alloc_resize(NULL, n, sizeof *room);
        sort_range(segments->items, room, n);
        free(room);
    }
    segments->reach = alloc_resize(segments->reach, n, sizeof *segments->reach);
    for (size_t i = 0; i < n; i++) {
        struct rational end = segments->items[i].end;
        bool is_further = i == 0 || rational_compare(end, segments->reach[i - 1]) > 0;
        segments->reach[i] = is_further ? end : segments->reach[i - 1];
    }
}

void segments_whole(struct segments *out, struct rational duration) {
    *out = (struct segments){0};
    if (duration.num <= 0) {
        return;
    }
    struct segment whole = {{0, 1}, duration, {-1, 1}, {-1, 1}};
    segments_add(out, &whole);
    segments_sort(out);
}

static bool contains(const struct segment *segment, struct rational date) {
    return rational_compare(segment->begin, date) <= 0 && rational_compare(date, segment->end) < 0;
}

/* Number of segments that begin at or before the date. */
static size_t count_begun(const struct segments *segments, struct rational date) {
    size_t low = 0, high = segments->n_items;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (rational_compare(segments->items[middle].begin, date) <= 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

bool segments_find(const struct segments *segments, struct rational date, size_t *segment_i) {
    bool is_found = false;
    for (size_t i = count_begun(segments, date); i > 0; i--) {
        if (rational_compare(segments->reach[i - 1], date) <= 0) {
            break; /* none before reaches the date */
        }
        if (contains(&segments->items[i - 1], date)) {
            *segment_i = i - 1;
            is_found = true;
        }
    }
    return is_found;
}

static bool is_inside(struct span_1d span, double value) {
    return fmin(span.from, span.to) <= value && value < fmax(span.from, span.to);
}

bool segments_find_point(const struct segments *segments, double x, double y, size_t *segment_i) {
    for (size_t i = 0; i < segments->n_items; i++) {
        if (is_inside(segments->items[i].x, x) && is_inside(segments->items[i].y, y)) {
            *segment_i = i;
            return true;
        }
    }
    return false;
}

/* a - b as a number: exact difference first, so that late dates lose nothing. */
static double difference(struct rational a, struct rational b) {
    struct rational exact;
    if (rational_add(a, (struct rational){-b.num, b.den}, &exact)) {
        return rational_to_double(exact);
    }
    return rational_to_double(a) - rational_to_double(b);
}

double segment_fraction(const struct segment *segment, struct rational date) {
    double length = difference(segment->end, segment->begin);
    return length > 0 ? difference(date, segment->begin) / length : 0;
}

static double along(struct span_1d span, double fraction) {
    return span.from + (span.to - span.from) * fraction;
}

double segment_x(const struct segment *segment, struct rational date) {
    return along(segment->x, segment_fraction(segment, date));
}

bool segment_date(const struct segment *segment, double x, struct rational *out) {
    double width = segment->x.to - segment->x.from;
    struct rational fraction, length, step;
    return rational_from_float(width != 0 ? (x - segment->x.from) / width : 0, &fraction) &&
           rational_add(segment->end, (struct rational){-segment->begin.num, segment->begin.den},
                        &length) &&
           rational_multiply(length, fraction, &step) && rational_add(segment->begin, step, out);
}

/* -- composing ------------------------------------------------------------------------ */

struct composition {
    struct segment_piece *pieces;
    size_t n_pieces, capacity;
};

static bool is_same(double a, double b) {
    return fabs(a - b) < SAME_EDGE;
}

/* The next piece goes on where the last ended, on the same line of the master. */
static bool joins(const struct segment_piece *last, const struct segment_piece *next) {
    return is_same(last->from_x.to, next->from_x.from) && is_same(last->to_x.to, next->to_x.from) &&
           is_same(last->to_y.from, next->to_y.from) && is_same(last->to_y.to, next->to_y.to);
}

static void add_piece(struct composition *all, size_t first_of_slave, bool is_merged,
                      const struct segment_piece *piece) {
    if (is_merged && all->n_pieces > first_of_slave &&
        joins(&all->pieces[all->n_pieces - 1], piece)) {
        struct segment_piece *last = &all->pieces[all->n_pieces - 1];
        last->from_x.to = piece->from_x.to;
        last->to_x.to = piece->to_x.to;
        return;
    }
    all->pieces = alloc_grow(all->pieces, all->n_pieces, &all->capacity, sizeof *all->pieces);
    all->pieces[all->n_pieces++] = *piece;
}

static struct rational later(struct rational a, struct rational b) {
    return rational_compare(a, b) >= 0 ? a : b;
}

static struct rational earlier(struct rational a, struct rational b) {
    return rational_compare(a, b) <= 0 ? a : b;
}

static struct span_1d cut(const struct segment *segment, struct rational begin,
                          struct rational end) {
    return (struct span_1d){segment_x(segment, begin), segment_x(segment, end)};
}

/* All master segments that share time with one slave segment. */
static void compose_one(struct composition *all, const struct segment *slave,
                        const struct segments *master, bool is_merged) {
    size_t first_of_slave = all->n_pieces;
    size_t master_i = count_begun(master, slave->begin);
    while (master_i > 0 && rational_compare(master->reach[master_i - 1], slave->begin) > 0) {
        master_i--;
    }
    for (; master_i < master->n_items && all->n_pieces < SEGMENT_PIECES_MAX; master_i++) {
        const struct segment *over = &master->items[master_i];
        if (rational_compare(over->begin, slave->end) >= 0) {
            break;
        }
        struct rational begin = later(slave->begin, over->begin);
        struct rational end = earlier(slave->end, over->end);
        if (rational_compare(begin, end) < 0) {
            struct segment_piece piece = {cut(slave, begin, end), slave->y, cut(over, begin, end),
                                          over->y};
            add_piece(all, first_of_slave, is_merged, &piece);
        }
    }
}

size_t segments_compose(const struct segments *slave, struct rational shift,
                        const struct segments *master, bool is_merged,
                        struct segment_piece **pieces) {
    struct composition all = {0};
    for (size_t i = 0; i < slave->n_items && all.n_pieces < SEGMENT_PIECES_MAX; i++) {
        struct segment moved = slave->items[i];
        if (rational_add(moved.begin, shift, &moved.begin) &&
            rational_add(moved.end, shift, &moved.end)) {
            compose_one(&all, &moved, master, is_merged);
        }
    }
    *pieces = all.pieces;
    return all.n_pieces;
}
