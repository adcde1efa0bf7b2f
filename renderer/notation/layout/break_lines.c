/* Where lines end (gmn.md 10.13, 11): the sum of all lines' deviations from their natural
 * spacing is least, by dynamic programming over the measures. */
#include <math.h>

#include "common/err.h"
#include "renderer/notation/layout/horizontal.h"
#include "renderer/notation/text_metrics.h"

#define COST_OVERFULL 1e4

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

/* Width of a line of measures [from, to[. */
static double line_length(const struct horizontal *h, const double *x, uint32_t from, uint32_t to) {
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

/* All lines that begin with measure `from`. */
static void lines_from(const struct horizontal *h, uint32_t from, struct break_point *points,
                       bool is_free) {
    const struct music *music = h->music;
    uint32_t n = (uint32_t)music->n_measures;
    double available = line_width_available(h, from == 0);
    double fixed = h->headers[from].limit + h->headers[from].to_note;
    bool has_line = false;
    for (uint32_t to = from + 1; to <= n; to++) {
        bool is_end = to == n || is_forced(music, to);
        if (!is_end && !(is_free && music->measures[to - 1].may_break_after)) {
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

int lines_break(struct horizontal *h, uint32_t **ends, uint32_t *n_lines) {
    const struct music *music = h->music;
    uint32_t n = (uint32_t)music->n_measures;
    bool is_free = breaks_by_itself(music);
    struct break_point *points = arena_array(h->arena, (size_t)n + 1, sizeof *points);
    if (points == NULL) {
        return LG_ETOOLARGE;
    }
    bool has_forced = false;
    for (uint32_t to = 1; to < n; to++) {
        has_forced = has_forced || is_forced(music, to);
    }
    if (!has_forced && line_length(h, h->natural_x, 0, n) <= line_width_available(h, true)) {
        points[n] = (struct break_point){0, 0, 1}; /* a single system keeps its natural width */
    } else {
        for (uint32_t from = 0; from < n; from++) {
            if (from == 0 || points[from].n_lines > 0) {
                lines_from(h, from, points, is_free);
            }
        }
    }
    *n_lines = points[n].n_lines;
    *ends = arena_array(h->arena, (size_t)*n_lines + 1, sizeof **ends);
    if (*ends == NULL) {
        return LG_ETOOLARGE;
    }
    for (uint32_t at = n, i = *n_lines; i > 0; at = points[at].from) {
        (*ends)[--i] = at;
    }
    return 0;
}
