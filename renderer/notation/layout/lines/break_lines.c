/* Where lines end (gmn.md 10.13, 11): the sum of all lines' deviations from their natural
 * spacing is least, by dynamic programming over all measures of the piece. In music that is being
 * written the first lines are settled when as many and more are known behind them: what comes later
 * does not move them again under the eyes of who plays. */
#include <math.h>

#include "common/err.h"
#include "renderer/notation/layout/horizontal.h"
#include "renderer/notation/text_metrics.h"

#define COST_OVERFULL 1e4
#define LINES_SETTLED 6 /* at a time, with no fewer known behind them; of live music */

/* Widest name, in the font that its tag gives (names.c draws it). */
static double names_width(const struct music *music, bool is_first) {
    double widest = 0;
    for (size_t i = 0; i < music->n_staves; i++) {
        const char *name =
            is_first ? music->staves[i].instrument : music->staves[i].instrument_short;
        struct ink_font font = {.size = RULE_NAME_SIZE};
        for (size_t k = 0; name != NULL && k < music->n_marks; k++) {
            const struct music_mark *mark = &music->marks[k];
            if (mark->kind == MUSIC_MARK_INSTRUMENT && mark->staff == i && mark->tag != NULL) {
                font.family = notation_tag_text(mark->tag, "font", NULL);
                font.size = fmin(fmax(notation_tag_length(mark->tag, "fsize", font.size), 0.3), 20);
                break;
            }
        }
        if (name != NULL) {
            widest = fmax(widest, text_width(&font, name));
        }
    }
    return widest;
}

void indents_measure(struct horizontal *h) {
    for (int i = 0; i < 2; i++) {
        double width = names_width(h->music, i == 0);
        if (width > 0) {
            width += RULE_NAME_GAP + (h->music->n_staves > 1 ? RULE_GROUP_ROOM : 0);
        }
        h->indents[i] = width + (i == 0 ? fmax(0, h->music->first_indent) : 0);
    }
}

double line_indent(const struct horizontal *h, bool is_first) {
    return h->indents[is_first ? 0 : 1];
}

double line_width_available(const struct horizontal *h, bool is_first) {
    const struct music_page_format *page = &h->music->page;
    double width =
        h->options != NULL && h->options->page_width > 0 ? h->options->page_width : page->width;
    return fmax(10, width - page->left - page->right - line_indent(h, is_first));
}

struct break_point {
    double cost;
    uint32_t from; /* measure where the line begins that ends here */
    uint32_t n_lines;
};

static uint32_t first_slot(const struct horizontal *h, uint32_t measure) {
    return h->boundary_slot[measure] == NOTATION_NONE ? 0 : h->boundary_slot[measure] + 1;
}

double line_length(const struct horizontal *h, const double *x, uint32_t from, uint32_t to) {
    const struct header *header = &h->headers[from];
    uint32_t first = first_slot(h, from), last = h->boundary_slot[to];
    double begin = first < h->n_slots ? x[first] : x[last];
    return header->limit + header->to_note + x[last] - begin +
           h->gutters[h->slots[last].gutter].end_right;
}

static double line_cost(double natural, double fixed, double available, bool is_last) {
    double force = (available - fixed) / fmax(1, natural - fixed);
    if (force < 1) {
        double squeezed = 1 / fmax(force, 0.05) - 1;
        return 4 * squeezed * squeezed;
    }
    if (is_last) { /* short is fine, a lonely measure is not nice */
        double missing = fmax(0, 0.5 - natural / available);
        return 2 * missing * missing;
    }
    return (force - 1) * (force - 1);
}

static bool breaks_by_itself(const struct music *music) {
    for (size_t i = 0; i < music->n_voices; i++) {
        if (!music->voices[i].auto_system_break) {
            return false;
        }
    }
    return true;
}

static bool is_forced(const struct music *music, uint32_t to) {
    return music->measures[to - 1].breaks_system_after || music->measures[to - 1].breaks_page_after;
}

struct window { /* lines that are not settled yet: from `begin` on */
    struct horizontal *h;
    struct break_point *points;
    bool is_free, is_live;
    uint32_t begin;
    uint32_t reach; /* the last measure looked at so far */
};

/* All lines that begin with measure `from`. */
static void lines_from(struct window *window, uint32_t from) {
    const struct horizontal *h = window->h;
    const struct music *music = h->music;
    struct break_point *points = window->points;
    uint32_t n = (uint32_t)music->n_measures;
    double available = line_width_available(h, from == 0 && music->before == NULL);
    double fixed = h->headers[from].limit + h->headers[from].to_note;
    bool has_line = false;
    for (uint32_t to = from + 1; to <= n; to++) {
        window->reach = to > window->reach ? to : window->reach;
        bool is_end = to == n || is_forced(music, to);
        if (!is_end && !(window->is_free && music->measures[to - 1].may_break_after)) {
            continue;
        }
        double natural = line_length(h, h->natural_x, from, to);
        bool is_overfull = line_length(h, h->least_x, from, to) > available + 1e-6;
        if (is_overfull && has_line) {
            break;
        }
        double cost = points[from].cost +
                      (is_overfull ? COST_OVERFULL : line_cost(natural, fixed, available, to == n));
        if (points[to].n_lines == 0 || cost < points[to].cost - 1e-12) {
            points[to] = (struct break_point){cost, from, points[from].n_lines + 1};
        }
        has_line = true;
        if (is_end || is_overfull) {
            break;
        }
    }
}

/* Of the places that lines were found to, from `from` on, the one with the best lines. */
static uint32_t best_from(const struct window *window, uint32_t from) {
    const struct break_point *points = window->points;
    uint32_t best = from;
    for (uint32_t at = from + 1; at <= window->reach; at++) {
        if (points[at].n_lines > 0 &&
            points[at].cost / points[at].n_lines < points[best].cost / points[best].n_lines) {
            best = at;
        }
    }
    return best;
}

/* The best lines from window->begin on, until so many are known that the first ones can be settled,
 * or to the end. Returns the end of the last of them. */
static uint32_t window_find(struct window *window) {
    uint32_t n = (uint32_t)window->h->music->n_measures;
    struct break_point *points = window->points;
    for (uint32_t i = window->begin; i <= window->reach; i++) {
        points[i] = (struct break_point){0};
    }
    window->reach = window->begin;
    for (uint32_t from = window->begin; from < n; from++) {
        if (window->is_live && points[from].n_lines >= 2 * LINES_SETTLED &&
            points[n].n_lines == 0) {
            return best_from(window, from);
        }
        if (from == window->begin || points[from].n_lines > 0) {
            lines_from(window, from);
        }
    }
    return n;
}

/* Ends of lines up to `last`, at most n_max of them. */
static void take_lines(const struct window *window, uint32_t last, uint32_t n_max, uint32_t *ends,
                       uint32_t *n_ends) {
    uint32_t n = window->points[last].n_lines;
    for (uint32_t at = last, i = n; i > 0; at = window->points[at].from) {
        if (--i < n_max) {
            ends[*n_ends + i] = at;
        }
    }
    *n_ends += n < n_max ? n : n_max;
}

static bool settle(struct horizontal *h, uint32_t n_ends, uint32_t reach) {
    if (!arena_grow(h->arena, (void **)&h->settled, h->n_settled, &h->settled_capacity,
                    sizeof *h->settled)) {
        return false;
    }
    h->settled[h->n_settled++] = (struct settled){n_ends, reach};
    return true;
}

static bool fits_one_line(const struct horizontal *h) {
    const struct music *music = h->music;
    uint32_t n = (uint32_t)music->n_measures;
    for (uint32_t to = 1; to < n; to++) {
        if (is_forced(music, to)) {
            return false;
        }
    }
    return music->before == NULL &&
           line_length(h, h->natural_x, 0, n) <= line_width_available(h, true);
}

int lines_break(struct horizontal *h, uint32_t **ends, uint32_t *n_lines) {
    const struct music *music = h->music;
    const struct layout_before *before = music->before != NULL ? h->options->before : NULL;
    uint32_t n = (uint32_t)music->n_measures, n_ends = 0;
    struct window window = {.h = h, .is_free = breaks_by_itself(music)};
    window.is_live = h->options != NULL && h->options->is_live;
    window.points = arena_array(h->arena, (size_t)n + 1, sizeof *window.points);
    *ends = h->ends = arena_array(h->arena, (size_t)n + 1, sizeof **ends);
    if (window.points == NULL || *ends == NULL) {
        return LG_ETOOLARGE;
    }
    for (; before != NULL && n_ends < before->n_ends && before->ends[n_ends] < n; n_ends++) {
        (*ends)[n_ends] = before->ends[n_ends];
    }
    if (fits_one_line(h)) { /* a single system keeps its natural width */
        (*ends)[0] = n;
        *n_lines = 1;
        return 0;
    }
    for (window.begin = n_ends > 0 ? (*ends)[n_ends - 1] : 0; window.begin < n;) {
        uint32_t last = window_find(&window);
        bool is_end = last == n;
        take_lines(&window, last, is_end ? n : LINES_SETTLED, *ends, &n_ends);
        if (!is_end && !settle(h, n_ends, window.reach)) {
            return LG_ETOOLARGE;
        }
        window.begin = (*ends)[n_ends - 1];
    }
    *n_lines = n_ends;
    return 0;
}
