/* Staff lines: from end to end, where the staff is shown; a tablature's leave room for figures. */
#include <math.h>

#include "renderer/notation/layout/horizontal.h"

/* x where a date begins in the system: behind its bar line, else before its column. */
static double x_of(const struct placed_system *system, struct rational date) {
    if (rational_compare(date, system->begin) <= 0) {
        return 0;
    }
    for (uint32_t i = 0; i < system->n_bars; i++) {
        if (system->bars[i].right > system->bars[i].left &&
            rational_compare(system->bars[i].date, date) == 0) {
            return system->bars[i].right;
        }
    }
    for (uint32_t i = 0; i < system->n_columns; i++) {
        if (rational_compare(system->columns[i].date, date) >= 0) {
            return system->columns[i].x - RULE_HEAD_GAP;
        }
    }
    return system->width;
}

static bool line_emit(struct horizontal *h, struct placed_staff *staff, double left, double right,
                      double y) {
    const struct music_staff *of = &h->music->staves[staff->staff];
    struct ink ink =
        ink_line(ROLE_STAFF_LINE, left, y, right, y, of->line_thickness * of->space, of->color);
    return right <= left || ink_list_add(h->arena, &staff->ink, &ink);
}

/* The line in pieces between the figures that stand on it. */
static bool tab_line_emit(struct horizontal *h, struct placed_staff *staff, double left,
                          double right, double y) {
    size_t n = staff->ink.n_items;
    bool is_done = true;
    for (size_t i = 0; i < n; i++) {
        const struct ink_box box = staff->ink.items[i].box;
        if (staff->ink.items[i].role != ROLE_TAB || box.top > y || box.bottom < y ||
            box.right < left || box.left > right) {
            continue;
        }
        is_done = line_emit(h, staff, left, box.left - 0.15, y) && is_done;
        left = fmax(left, box.right + 0.15);
    }
    return line_emit(h, staff, left, right, y) && is_done;
}

static bool lines_between(struct horizontal *h, struct placed_staff *staff, double left,
                          double right) {
    const struct music_staff *of = &h->music->staves[staff->staff];
    bool is_done = true;
    for (int i = 0; i < of->n_lines; i++) {
        double y = i * of->space;
        is_done = (of->is_tab ? tab_line_emit(h, staff, left, right, y)
                              : line_emit(h, staff, left, right, y)) &&
                  is_done;
    }
    return is_done;
}

bool staff_lines_emit(struct horizontal *h, const struct placed_system *system,
                      struct placed_staff *staff) {
    const struct music_staff *of = &h->music->staves[staff->staff];
    double left = 0;
    bool is_done = true;
    if (staff->is_hidden) {
        return true;
    }
    for (uint32_t i = 0; i < of->n_hidden; i++) {
        if (rational_compare(of->hidden[i].end, system->begin) <= 0 ||
            rational_compare(of->hidden[i].begin, system->end) >= 0) {
            continue;
        }
        is_done = lines_between(h, staff, left, x_of(system, of->hidden[i].begin)) && is_done;
        left = fmax(left, x_of(system, of->hidden[i].end));
    }
    return lines_between(h, staff, left, system->width) && is_done;
}
