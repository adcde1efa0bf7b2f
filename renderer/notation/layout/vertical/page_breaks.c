/* Which systems share a page: dynamic programming over all of them, fewest pages first,
 * then evenly full ones; the space that is left is spread (gmn.md 11; 16, 47). */
#include "renderer/notation/layout/vertical/vertical.h"

#include <math.h>

#define LINES_GAP           7.3 /* bottom line of a system to the top line of the next, at least */
#define CLEF_ABOVE 1.25 /* a plain staff with its clef: 435 units on a page */
#define CLEF_BELOW          1.567
#define PAGE_COST           10.0
#define SYSTEMS_ON_PAGE_MAX 400

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

struct breaks {
    struct vertical *vertical;
    const double *distances; /* distances[i]: system i to i + 1 */
    double *costs;           /* of all systems before this one */
    uint32_t *from;          /* first system of the last page */
    double first_height, height;
};

/* Cost of a page that holds first .. end - 1 and is `used` high. */
static double page_cost(const struct breaks *breaks, uint32_t first, uint32_t end, double used) {
    double height = first == 0 ? breaks->first_height : breaks->height;
    bool is_last = end == breaks->vertical->placed->n_systems;
    if (is_last || breaks->vertical->placed->systems[end].starts_page) {
        return PAGE_COST;
    }
    double spare = fmax(height - used, 0) / height;
    return PAGE_COST + spare * spare;
}

static void find_breaks(struct breaks *breaks) {
    const struct vertical *vertical = breaks->vertical;
    uint32_t n = vertical->placed->n_systems;
    breaks->costs[0] = 0;
    for (uint32_t end = 1; end <= n; end++) {
        breaks->costs[end] = INFINITY;
        breaks->from[end] = end - 1;
        double inner = 0;
        for (uint32_t first = end; first-- > 0 && end - first <= SYSTEMS_ON_PAGE_MAX;) {
            double used =
                inner - top_of(&vertical->systems[first]) + bottom_of(&vertical->systems[end - 1]);
            double height = first == 0 ? breaks->first_height : breaks->height;
            if (used > height && end - first > 1) {
                if (first > 0 || breaks->first_height >= breaks->height) {
                    break;
                }
            } else {
                double cost = breaks->costs[first] + page_cost(breaks, first, end, used);
                if (cost < breaks->costs[end]) {
                    breaks->costs[end] = cost;
                    breaks->from[end] = first;
                }
            }
            if (vertical->placed->systems[first].starts_page) {
                break;
            }
            inner += first > 0 ? breaks->distances[first - 1] : 0;
        }
    }
}

/* y of the systems first .. end - 1 from the top margin; full pages are spread. */
static void place_page(const struct breaks *breaks, uint32_t first, uint32_t end, uint32_t page) {
    struct vertical *vertical = breaks->vertical;
    double y = -top_of(&vertical->systems[first]), more = 0;
    double height = first == 0 ? breaks->first_height : breaks->height;
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
    double *costs = arena_array(vertical->arena, n + 1, sizeof *costs);
    uint32_t *from = arena_array(vertical->arena, n + 1, sizeof *from);
    uint32_t *ends = arena_array(vertical->arena, n + 1, sizeof *ends);
    if (n == 0 || distances == NULL || costs == NULL || from == NULL || ends == NULL) {
        return 0;
    }
    for (uint32_t i = 0; i + 1 < n; i++) {
        distances[i] = distance_of(vertical, i);
    }
    struct breaks breaks = {.vertical = vertical,
                            .distances = distances,
                            .costs = costs,
                            .from = from,
                            .first_height = fmax(page_height - first_page_top, 1),
                            .height = fmax(page_height, 1)};
    find_breaks(&breaks);
    uint32_t n_pages = 0;
    for (uint32_t end = n; end > 0; end = from[end]) {
        ends[n_pages++] = end;
    }
    for (uint32_t i = 0; i < n_pages; i++) {
        uint32_t end = ends[n_pages - 1 - i];
        place_page(&breaks, from[end], end, i);
    }
    return n_pages;
}
