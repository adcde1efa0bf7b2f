/* The vertical half of the layout: everything that hangs above and below the staves, then
 * staves to systems and systems to pages. The order of the parts is gmn.md 11's. */
#include "renderer/notation/layout/vertical/vertical.h"

#include <math.h>
#include <stdlib.h>

#include "common/err.h"
#include "renderer/notation/engraving.h"

#define SLICES 6 /* of a sloping beam in the skyline */

/* y range of a polygon between two x. false: it does not reach there. */
static bool polygon_range(const struct ink *ink, double left, double right, struct ink_box *box) {
    *box = ink_box_empty();
    for (uint32_t i = 0; i < ink->n_points; i++) {
        struct ink_point a = ink->points[i], b = ink->points[(i + 1) % ink->n_points];
        double low = fmax(fmin(a.x, b.x), left), high = fmin(fmax(a.x, b.x), right);
        if (low > high) {
            continue;
        }
        double slope = fabs(b.x - a.x) > 1e-9 ? (b.y - a.y) / (b.x - a.x) : 0;
        double y1 = slope != 0 ? a.y + slope * (low - a.x) : a.y,
               y2 = slope != 0 ? a.y + slope * (high - a.x) : b.y;
        *box = ink_box_join(*box, (struct ink_box){low, fmin(y1, y2), high, fmax(y1, y2)});
    }
    return box->left <= box->right;
}

static void outline_polygon(struct arena *arena, struct placed_staff *staff,
                            const struct ink *ink) {
    double step = (ink->box.right - ink->box.left) / SLICES;
    for (int i = 0; i < SLICES; i++) {
        struct ink_box box;
        double left = ink->box.left + i * step;
        if (polygon_range(ink, left, left + step, &box)) {
            box.left = left;
            box.right = left + step;
            (void)skyline_add(arena, &staff->above, &box);
            (void)skyline_add(arena, &staff->below, &box);
        }
    }
}

static int compare_left(const void *a, const void *b) {
    const struct ink *first = *(const struct ink *const *)a,
                     *second = *(const struct ink *const *)b;
    double left = first->box.left, right = second->box.left;
    return left < right ? -1 : (left > right ? 1 : (first < second ? -1 : first > second));
}

/* From left to right: each box goes to the end of the outline, so that a line of any length takes
 * linear time. NULL when the arena is full. */
static const struct ink **sorted_ink(struct arena *arena, const struct ink_list *list) {
    const struct ink **sorted = arena_array(arena, list->n_items, sizeof *sorted);
    for (size_t i = 0; sorted != NULL && i < list->n_items; i++) {
        sorted[i] = &list->items[i];
    }
    if (sorted != NULL && list->n_items > 1) {
        qsort(sorted, list->n_items, sizeof *sorted, compare_left);
    }
    return sorted;
}

/* Outlines of what the horizontal half has drawn. */
static void make_outlines(struct arena *arena, struct placed_staff *staff) {
    skyline_init(&staff->above, -1, 0);
    skyline_init(&staff->below, 1, staff->height);
    skyline_init(&staff->crossed_above, -1, 0);
    skyline_init(&staff->crossed_below, 1, staff->height);
    const struct ink **sorted = sorted_ink(arena, &staff->ink);
    for (size_t i = 0; sorted != NULL && i < staff->ink.n_items; i++) {
        const struct ink *ink = sorted[i];
        if (ink->role == ROLE_STAFF_LINE) {
            continue;
        }
        if (ink->shape == INK_POLYGON && ink->n_points >= 3) {
            outline_polygon(arena, staff, ink);
            continue;
        }
        (void)skyline_add(arena, &staff->above, &ink->box);
        (void)skyline_add(arena, &staff->below, &ink->box);
    }
}

static void staff_notes_layout(struct vertical_staff *at) {
    articulations_layout(at);
    ties_layout(at);
    glissandos_layout(at);
}

static void staff_signs_layout(struct vertical_staff *at) {
    slurs_layout(at);
    tuplets_layout(at);
    fingerings_layout(at);
    ornaments_layout(at);
    breaths_layout(at);
    dynamics_layout(at);
    pedals_layout(at);
    octavas_layout(at);
    lyrics_layout(at);
    numbers_layout(at);
    texts_layout(at);
    tempos_layout(at);
    voltas_layout(at);
    marks_layout(at);
}

/* Ties write into the next system too: all of them first. */
static void hang_everything(struct vertical *vertical) {
    struct placed_score *placed = vertical->placed;
    for (uint32_t i = 0; i < placed->n_systems; i++) {
        for (uint32_t k = 0; k < placed->systems[i].n_staves; k++) {
            make_outlines(vertical->arena, &placed->systems[i].staves[k]);
        }
        groups_reserve(vertical, i);
        cross_beams_plan(vertical, i);
    }
    for (int pass = 0; pass < 2; pass++) {
        for (uint32_t i = 0; i < placed->n_systems; i++) {
            for (uint32_t k = 0; k < placed->systems[i].n_staves; k++) {
                struct vertical_staff *at = &vertical->systems[i].staves[k];
                if (at->staff->is_hidden) {
                    continue;
                }
                if (pass == 0) {
                    staff_notes_layout(at);
                } else {
                    staff_signs_layout(at);
                }
            }
        }
    }
}

int vertical_begin(struct vertical *vertical) {
    if (!vertical_sort(vertical)) {
        return LG_ETOOLARGE;
    }
    hang_everything(vertical);
    systems_layout(vertical);
    facts_collect(vertical);
    return arena_is_full(vertical->arena) ? LG_ETOOLARGE : 0;
}

int vertical_end(struct vertical *vertical, struct engraving *out) {
    uint32_t n_pages = 0;
    if (!pages_layout(vertical, &out->pages, &n_pages)) {
        return LG_ETOOLARGE;
    }
    out->n_pages = n_pages;
    out->systems =
        arena_array(vertical->arena, vertical->placed->n_systems + (size_t)1, sizeof *out->systems);
    if (out->systems == NULL) {
        return LG_ETOOLARGE;
    }
    out->n_systems = vertical->placed->n_systems;
    events_layout(vertical, out->pages, out->systems);
    return arena_is_full(vertical->arena) ? LG_ETOOLARGE : 0;
}

int vertical_layout(struct arena *arena, struct placed_score *placed,
                    const struct layout_options *options, struct engraving *out) {
    struct vertical vertical = {
        .arena = arena, .placed = placed, .music = placed->music, .options = options};
    int code = vertical_begin(&vertical);
    code = code != 0 ? code : vertical_end(&vertical, out);
    for (size_t i = 0; code == 0 && i < out->n_systems; i++) {
        out->n_heads_drawn += out->systems[i].n_heads_drawn;
    }
    return code;
}
