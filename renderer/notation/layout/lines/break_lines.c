/* Where lines end (gmn.md 10.13, 11): the sum of all lines' deviations from their natural
 * spacing is least, by dynamic programming over the measures of the whole piece. Music that goes on
 * after earlier one (resume.h) knows the lines that begin there and reach into it; when one of
 * those is the best, the earlier lines were not. */
#include <math.h>

#include "common/err.h"
#include "renderer/notation/layout/horizontal.h"
#include "renderer/notation/text_metrics.h"

#define COST_OVERFULL 1e4
#define COST_EQUAL    1e-9 /* of sums that differ by their rounding only */

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

/* Of a line that ends before measure `to`: x natural_x or least_x, begin: where it begins there. */
static double way_length(const struct horizontal *h, const struct line_way *way, uint32_t to,
                         const double *x, double begin) {
    uint32_t last = h->boundary_slot[to];
    return way->limit + way->to_note + x[last] - begin +
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

/* Lines that begin with measure `from`. */
static struct line_way way_from(const struct horizontal *h, uint32_t from) {
    const struct header *header = &h->headers[from];
    bool is_first = from == 0 && h->music->before == NULL;
    size_t slot = h->boundary_slot[from] == NOTATION_NONE ? 0 : h->boundary_slot[from] + (size_t)1;
    slot = slot < h->n_slots ? slot : h->n_slots - 1;
    return (struct line_way){.cost = h->points[from].cost,
                             .available = line_width_available(h, is_first),
                             .limit = header->limit,
                             .to_note = header->to_note,
                             .natural_x = h->natural_x[slot],
                             .least_x = h->least_x[slot],
                             .first_end = NOTATION_NONE};
}

/* The line that ends before measure `to`, if one may end there: kept when it is the best way to
 * there. false: none ends later. */
static bool try_line(struct horizontal *h, struct line_way *way, uint32_t from, uint32_t to) {
    const struct music *music = h->music;
    bool is_last = to == music->n_measures, is_end = is_last || is_forced(music, to);
    if (!is_end && !(h->breaks_itself && music->measures[to - 1].may_break_after)) {
        return true;
    }
    double natural = way_length(h, way, to, h->natural_x, way->natural_x);
    bool is_overfull = way_length(h, way, to, h->least_x, way->least_x) > way->available + 1e-6;
    if (is_overfull && way->has_line) {
        return false;
    }
    double fixed = way->limit + way->to_note;
    double cost = way->cost + (is_overfull ? COST_OVERFULL
                                           : line_cost(natural, fixed, way->available, is_last));
    struct break_point *point = &h->points[to];
    if (!point->is_reached || cost < point->cost - COST_EQUAL) {
        *point = (struct break_point){.cost = cost, .from = from, .is_reached = true};
    }
    way->first_end = way->first_end == NOTATION_NONE ? to : way->first_end;
    way->has_line = true;
    return !is_end && !is_overfull;
}

static void try_lines(struct horizontal *h, struct line_way *way, uint32_t from, uint32_t to) {
    while (try_line(h, way, from, to)) {
        to++;
    }
    way->reach = to;
}

/* Lines that begin before this music and end in it. */
static bool lines_from_before(struct horizontal *h, const struct layout_before *before) {
    h->n_ways_before = before->n_ways;
    h->ways_before = arena_array(h->arena, (size_t)before->n_ways + 1, sizeof *h->ways_before);
    for (uint32_t i = 0; h->ways_before != NULL && i < before->n_ways; i++) {
        struct line_way *way = &h->ways_before[i];
        *way = before->ways[i];
        way->first_end = way->has_line ? 0 : NOTATION_NONE;
        try_lines(h, way, NOTATION_NONE, 1);
    }
    return h->ways_before != NULL;
}

/* The ends of the best lines; false: one of them begins before the music. */
static bool take_lines(const struct horizontal *h, uint32_t *ends, uint32_t *n_ends) {
    uint32_t n = (uint32_t)h->music->n_measures, n_lines = 0, at = n;
    for (; at > 0; at = h->points[at].from) {
        if (h->points[at].from == NOTATION_NONE) {
            return false;
        }
        n_lines++;
    }
    *n_ends = n_lines;
    for (at = n; n_lines > 0; at = h->points[at].from) {
        ends[--n_lines] = at;
    }
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
    struct line_way way = way_from(h, 0);
    return music->before == NULL &&
           way_length(h, &way, n, h->natural_x, way.natural_x) <= way.available;
}

int lines_break(struct horizontal *h, uint32_t **ends, uint32_t *n_lines) {
    const struct music *music = h->music;
    const struct layout_before *before = music->before != NULL ? h->options->before : NULL;
    uint32_t n = (uint32_t)music->n_measures;
    h->breaks_itself = breaks_by_itself(music);
    h->ways = arena_array(h->arena, (size_t)n + 1, sizeof *h->ways);
    h->points = arena_array(h->arena, (size_t)n + 1, sizeof *h->points);
    *ends = h->ends = arena_array(h->arena, (size_t)n + 1, sizeof **ends);
    if (h->points == NULL || h->ways == NULL || *ends == NULL) {
        return LG_ETOOLARGE;
    }
    if (fits_one_line(h)) { /* a single system keeps its natural width */
        (*ends)[0] = n;
        *n_lines = h->n_ends = 1;
        return 0;
    }
    if (before != NULL && !lines_from_before(h, before)) {
        return LG_ETOOLARGE;
    }
    h->points[0] =
        (struct break_point){.cost = before != NULL ? before->cost : 0, .is_reached = true};
    for (uint32_t from = 0; from < n; from++) {
        if (h->points[from].is_reached) {
            h->ways[from] = way_from(h, from);
            try_lines(h, &h->ways[from], from, from + 1);
        }
    }
    if (!take_lines(h, *ends, &h->n_ends)) {
        return LAYOUT_MOVED;
    }
    *n_lines = h->n_ends;
    return 0;
}

static void keep_way(const struct line_way *way, uint32_t measure, struct layout_before *to) {
    if (way->reach > measure) {
        to->ways[to->n_ways] = *way;
        to->ways[to->n_ways++].has_line = way->first_end <= measure;
    }
}

bool ways_keep(const struct horizontal *h, uint32_t measure, struct layout_before *to) {
    to->cost = h->points[measure].cost;
    to->n_ways = 0;
    to->ways = arena_array(h->options->next->arena, (size_t)measure + h->n_ways_before + 1,
                           sizeof *to->ways);
    for (uint32_t i = 0; to->ways != NULL && i < h->n_ways_before; i++) {
        keep_way(&h->ways_before[i], measure, to);
    }
    for (uint32_t from = 0; to->ways != NULL && from < measure; from++) {
        if (h->points[from].is_reached) {
            keep_way(&h->ways[from], measure, to);
        }
    }
    return to->ways != NULL;
}
