/* Which systems share a page: dynamic programming over all of them, fewest pages first,
 * then evenly full ones; the space that is left is spread (gmn.md 11; 16, 47). */
#include "renderer/notation/layout/vertical/vertical.h"

#include <math.h>

#define LINES_GAP           7.3  /* bottom line of a system to the top line of the next, at least */
#define CLEF_ABOVE          1.25 /* a plain staff with its clef: 435 units on a page */
#define CLEF_BELOW          1.567
#define PAGE_COST           10.0
#define SYSTEMS_ON_PAGE_MAX 400
#define PAGES_SETTLED       1 /* of live music */

/* Upper and lower end of a system on a page, from its first top line. */
static double top_of(const struct vertical_system *system) {
    return fmin(system->music_top, -CLEF_ABOVE);
}
static double bottom_of(const struct vertical_system *system) {
    return fmax(system->music_bottom, system->last_y + CLEF_BELOW);
}

static double gap_of(const struct vertical *vertical) {
    double setting = vertical->music->notation != NULL
                         ? vertical->music->notation->settings.system_distance / 50
                         : 0;
    return setting > 0 && setting < 100 ? setting : SYSTEM_DISTANCE;
}

/* Top line to top line of two neighbours. */
static double distance_of(const struct vertical *vertical, uint32_t upper) {
    const struct vertical_system *a = &vertical->systems[upper], *b = a + 1;
    return fmax(skyline_distance(&a->below, &b->above, gap_of(vertical)), a->last_y + LINES_GAP);
}

struct page_point { /* the best pages of all systems before this one, from the settled ones on */
    double cost;
    uint32_t from; /* first system of the last page */
    uint32_t n_pages;
};

struct breaks {
    struct vertical *vertical;
    const double *distances; /* distances[i]: system i to i + 1 */
    struct page_point *points;
    uint32_t *ends; /* of pages */
    uint32_t n_ends;
    double first_height, height;
};

static bool is_first_page(const struct breaks *breaks, uint32_t first) {
    return first + breaks->vertical->first_system == 0;
}

static double height_of(const struct breaks *breaks, uint32_t first) {
    return is_first_page(breaks, first) ? breaks->first_height : breaks->height;
}

/* Cost of a page that holds first .. end - 1 and is `used` high. */
static double page_cost(const struct breaks *breaks, uint32_t first, uint32_t end, double used) {
    double height = height_of(breaks, first);
    bool is_last = end == breaks->vertical->placed->n_systems;
    if (is_last || breaks->vertical->placed->systems[end].starts_page) {
        return PAGE_COST;
    }
    double spare = fmax(height - used, 0) / height;
    return PAGE_COST + spare * spare;
}

/* The best last page of the systems before `end`. */
static void find_page(struct breaks *breaks, uint32_t begin, uint32_t end) {
    const struct vertical *vertical = breaks->vertical;
    double inner = 0;
    breaks->points[end] = (struct page_point){INFINITY, end - 1, 0};
    for (uint32_t first = end; first-- > begin && end - first <= SYSTEMS_ON_PAGE_MAX;) {
        double used =
            inner - top_of(&vertical->systems[first]) + bottom_of(&vertical->systems[end - 1]);
        double height = height_of(breaks, first);
        if (used > height && end - first > 1) {
            if (!is_first_page(breaks, first) || breaks->first_height >= breaks->height) {
                break;
            }
        } else {
            double cost = breaks->points[first].cost + page_cost(breaks, first, end, used);
            if (cost < breaks->points[end].cost) {
                breaks->points[end] =
                    (struct page_point){cost, first, breaks->points[first].n_pages + 1};
            }
        }
        if (vertical->placed->systems[first].starts_page) {
            break;
        }
        inner += first > 0 ? breaks->distances[first - 1] : 0;
    }
}

/* Ends of pages up to `last`, at most n_max of them. */
static void take_pages(struct breaks *breaks, uint32_t last, uint32_t n_max) {
    uint32_t n = breaks->points[last].n_pages;
    for (uint32_t at = last, i = n; i > 0; at = breaks->points[at].from) {
        if (--i < n_max) {
            breaks->ends[breaks->n_ends + i] = at;
        }
    }
    breaks->n_ends += n < n_max ? n : n_max;
}

/* The best pages of the whole piece; those of music that is being written are settled, full, when
 * as many are known behind them. */
static void find_breaks(struct breaks *breaks) {
    struct vertical *vertical = breaks->vertical;
    uint32_t n = vertical->placed->n_systems, begin = 0;
    breaks->points[0] = (struct page_point){0};
    for (uint32_t end = 1; end <= n; end++) {
        find_page(breaks, begin, end);
        if (vertical->options->is_live && breaks->points[end].n_pages > 2 * PAGES_SETTLED) {
            take_pages(breaks, end - 1, PAGES_SETTLED);
            begin = breaks->ends[breaks->n_ends - 1];
            breaks->points[begin] = (struct page_point){0};
            if (end <= vertical->n_kept) {
                vertical->n_final = begin;
            }
            end = begin; /* again from there */
        }
    }
    take_pages(breaks, n, n);
}

/* y of the systems first .. end - 1 from the top margin; full pages are spread. */
static void place_page(const struct breaks *breaks, uint32_t first, uint32_t end, uint32_t page) {
    struct vertical *vertical = breaks->vertical;
    double y = -top_of(&vertical->systems[first]), more = 0;
    double height = height_of(breaks, first);
    double used = y + bottom_of(&vertical->systems[end - 1]);
    for (uint32_t i = first; i + 1 < end; i++) {
        used += breaks->distances[i];
    }
    const struct notation *notation = vertical->music->notation;
    double mode = notation != NULL ? notation->settings.system_distribution : 1;
    double limit = notation != NULL && notation->settings.system_distribution_limit > 0
                       ? notation->settings.system_distribution_limit
                       : 0.25;
    bool is_last = end == vertical->placed->n_systems,
         spreads = !is_last && height - used <= limit * height;
    if (end - first > 1 && height > used && mode < 2.5 && (mode > 1.5 || spreads)) {
        more = (height - used) / (end - first - 1);
    }
    for (uint32_t i = first; i < end; i++) {
        vertical->systems[i].page = page;
        vertical->systems[i].y = y;
        y += i + 1 < end ? breaks->distances[i] + more : 0;
    }
}

uint32_t page_breaks_layout(struct vertical *vertical, double first_page_top, double page_height) {
    uint32_t n = vertical->placed->n_systems;
    double *distances = arena_array(vertical->arena, n + 1, sizeof *distances);
    struct breaks breaks = {.vertical = vertical,
                            .distances = distances,
                            .points = arena_array(vertical->arena, n + 1, sizeof *breaks.points),
                            .ends = arena_array(vertical->arena, n + 1, sizeof *breaks.ends),
                            .first_height = fmax(page_height - first_page_top, 1),
                            .height = fmax(page_height, 1)};
    if (n == 0 || distances == NULL || breaks.points == NULL || breaks.ends == NULL) {
        return 0;
    }
    for (uint32_t i = 0; i + 1 < n; i++) {
        distances[i] = distance_of(vertical, i);
    }
    find_breaks(&breaks);
    for (uint32_t i = 0; i < breaks.n_ends; i++) {
        place_page(&breaks, i > 0 ? breaks.ends[i - 1] : 0, breaks.ends[i], i);
    }
    return breaks.n_ends;
}
