/* What joins the staves of a system: the line at its start, braces and brackets left of
 * it (gmn.md 9 accol, 10.12), bar lines over the gaps. */
#include "renderer/notation/layout/vertical/vertical.h"

#include <math.h>

#define BAR_LINE      0.16
#define GROUP_GAP     0.35 /* staff lines to brace or bracket, and between nested ones */
#define BRACKET_WIDTH 0.45
#define BRACE_WIDTH   1.2
#define BRACKET_OVER  0.25 /* bracket over the outer staff lines; its tips go on */

static void add(struct vertical *vertical, struct vertical_system *system, const struct ink *ink) {
    (void)ink_list_add(vertical->arena, &system->ink, ink);
}

static struct ink box_ink(enum ink_role role, double left, double top, double right,
                          double bottom) {
    return (struct ink){.shape = INK_BOX,
                        .role = role,
                        .color = {0, 0, 0, 255},
                        .x = left,
                        .y = top,
                        .x2 = right,
                        .y2 = bottom,
                        .chord = NOTATION_NONE};
}

/* A brace in units: width 1, half height 1, tip at -1, 0; down its outer edge, back on
 * the inner. */
static const struct ink_point BRACE[13] = {
    {0, -1},       {-1.15, -0.78}, {0.02, -0.22}, {-1, 0},      {0.02, 0.22},
    {-1.15, 0.78}, {0, 1},         {-0.72, 0.82}, {0.46, 0.24}, {-1, 0},
    {0.46, -0.24}, {-0.72, -0.82}, {0, -1},
};

/* A filled double curve; ends at `right`, the tip `width` further left. Returns its left edge. */
static double add_brace(struct vertical *vertical, struct vertical_system *system, double top,
                        double bottom, double right) {
    struct ink_point *points = arena_array(vertical->arena, 13, sizeof *points);
    double half = (bottom - top) / 2, middle = (top + bottom) / 2;
    double width = fmin(BRACE_WIDTH + 0.012 * (bottom - top), 2.2);
    if (points == NULL) {
        return right - width;
    }
    for (int i = 0; i < 13; i++) {
        points[i] = (struct ink_point){right + BRACE[i].x * width, middle + BRACE[i].y * half};
    }
    struct ink ink = {.shape = INK_CURVE,
                      .role = ROLE_GROUP,
                      .color = {0, 0, 0, 255},
                      .points = points,
                      .n_points = 13,
                      .chord = NOTATION_NONE};
    add(vertical, system, &ink);
    return right - width;
}

static double add_bracket(struct vertical *vertical, struct vertical_system *system, double top,
                          double bottom, double right) {
    double left = right - BRACKET_WIDTH, over = BRACKET_OVER;
    struct ink line = box_ink(ROLE_GROUP, left, top - over, right, bottom + over);
    struct ink_box up = music_glyph_box(GLYPH_BRACKET_TIP_UP),
                   down = music_glyph_box(GLYPH_BRACKET_TIP_DOWN);
    struct ink tip =
        vertical_glyph(ROLE_GROUP, GLYPH_BRACKET_TIP_UP, left - up.left, top - over - up.bottom, 1);
    struct ink foot = vertical_glyph(ROLE_GROUP, GLYPH_BRACKET_TIP_DOWN, left - down.left,
                                     bottom + over - down.top, 1);
    add(vertical, system, &line);
    add(vertical, system, &tip);
    add(vertical, system, &foot);
    return left;
}

static double add_thin(struct vertical *vertical, struct vertical_system *system, double top,
                       double bottom, double right) {
    double left = right - 0.6, half = BAR_LINE / 2;
    struct ink line = box_ink(ROLE_GROUP, left, top - half, left + BAR_LINE, bottom + half);
    struct ink upper = box_ink(ROLE_GROUP, left, top - half, right + GROUP_GAP, top + half);
    struct ink lower = box_ink(ROLE_GROUP, left, bottom - half, right + GROUP_GAP, bottom + half);
    add(vertical, system, &line);
    add(vertical, system, &upper);
    add(vertical, system, &lower);
    return left;
}

/* First and last visible staff of a range; false: none. */
static bool visible_range(const struct placed_system *placed, uint32_t first, uint32_t last,
                          uint32_t *from, uint32_t *to) {
    bool found = false;
    for (uint32_t k = first; k <= last && k < placed->n_staves; k++) {
        if (!placed->staves[k].is_hidden) {
            *from = found ? *from : k;
            *to = k;
            found = true;
        }
    }
    return found;
}

static double add_group(struct vertical *vertical, struct vertical_system *system,
                        const struct placed_system *placed, const struct music_group *group,
                        double right) {
    uint32_t from = 0, to = 0;
    if (group->kind == MUSIC_GROUP_NONE ||
        !visible_range(placed, group->first_staff, group->last_staff, &from, &to)) {
        return right;
    }
    double top = placed->staves[from].y, bottom = placed->staves[to].y + placed->staves[to].height;
    if (group->kind == MUSIC_GROUP_BRACE) {
        return from < to ? add_brace(vertical, system, top, bottom, right) : right;
    }
    if (group->kind == MUSIC_GROUP_THIN) {
        return add_thin(vertical, system, top, bottom, right);
    }
    return add_bracket(vertical, system, top, bottom, right);
}

void groups_reserve(struct vertical *vertical, uint32_t system_i) {
    const struct placed_system *placed = &vertical->placed->systems[system_i];
    const struct music *music = vertical->music;
    struct ink_box up = music_glyph_box(GLYPH_BRACKET_TIP_UP),
                   down = music_glyph_box(GLYPH_BRACKET_TIP_DOWN);
    for (uint32_t i = 0; i < music->n_groups; i++) {
        uint32_t from = 0, to = 0;
        if (music->groups[i].kind != MUSIC_GROUP_BRACKET ||
            !visible_range(placed, music->groups[i].first_staff, music->groups[i].last_staff, &from,
                           &to)) {
            continue;
        }
        double left = -GROUP_GAP - BRACKET_WIDTH;
        double height = placed->staves[to].height + BRACKET_OVER;
        struct ink_box above = {left, -BRACKET_OVER - (up.bottom - up.top),
                                left + up.right - up.left, 0};
        struct ink_box below = {left, 0, left + down.right - down.left,
                                height + (down.bottom - down.top)};
        (void)skyline_add(vertical->arena, &placed->staves[from].above, &above);
        (void)skyline_add(vertical->arena, &placed->staves[to].below, &below);
    }
}

/* Groups that lie wholly inside this one and stand right of it. */
static uint32_t depth_of(const struct music *music, uint32_t group_i) {
    const struct music_group *group = &music->groups[group_i];
    uint32_t depth = 0;
    for (uint32_t i = 0; i < music->n_groups; i++) {
        const struct music_group *other = &music->groups[i];
        bool is_inside =
            other->first_staff >= group->first_staff && other->last_staff <= group->last_staff;
        bool is_equal =
            other->first_staff == group->first_staff && other->last_staff == group->last_staff;
        depth += other->kind != MUSIC_GROUP_NONE && is_inside && (!is_equal || i < group_i);
    }
    return depth;
}

double groups_layout(struct vertical *vertical, struct vertical_system *system, uint32_t system_i) {
    const struct placed_system *placed = &vertical->placed->systems[system_i];
    const struct music *music = vertical->music;
    uint32_t first = 0, last = 0;
    double left = 0;
    if (placed->n_staves == 0 || !visible_range(placed, 0, placed->n_staves - 1, &first, &last)) {
        return 0;
    }
    double bottom = placed->staves[last].y + placed->staves[last].height;
    if (first < last) {
        struct ink line =
            box_ink(ROLE_GROUP, 0, placed->staves[first].y - 0.05, BAR_LINE, bottom + 0.05);
        add(vertical, system, &line);
        if (music->n_groups == 0) {
            return add_brace(vertical, system, placed->staves[first].y, bottom, -GROUP_GAP);
        }
    }
    for (uint32_t depth = 0; depth < music->n_groups && depth < 8; depth++) { /* inner ones first */
        double next = left;
        for (uint32_t i = 0; i < music->n_groups; i++) {
            if (depth_of(music, i) == depth) {
                next = fmin(
                    next, add_group(vertical, system, placed, &music->groups[i], left - GROUP_GAP));
            }
        }
        left = next;
    }
    return left;
}

/* Do bar lines run from staff `a` to the next visible one `b` at this date? */
static bool is_joined(const struct music *music, uint32_t a, uint32_t b, struct rational date) {
    bool is = false;
    for (size_t i = 0; i < music->n_bar_spans; i++) {
        const struct music_bar_span *span = &music->bar_spans[i];
        if (rational_compare(span->date, date) <= 0 && span->first_staff <= a &&
            span->last_staff >= a) {
            is = span->last_staff >= b;
        }
    }
    return is;
}

bool vertical_is_joined(const struct vertical_staff *at) {
    for (uint32_t k = at->staff_i + 1; k < at->system->n_staves; k++) {
        if (!at->system->staves[k].is_hidden) {
            return is_joined(at->vertical->music, at->staff_i, k, at->system->end);
        }
    }
    return false;
}

static void join_bar(struct vertical *vertical, struct vertical_system *system,
                     const struct placed_bar *bar, double top, double bottom) {
    for (uint32_t i = 0; i < bar->n_lines && i < 3; i++) {
        double left = bar->lines[i].left, right = left + bar->lines[i].thickness;
        struct ink ink = box_ink(ROLE_BAR, left, top, right, bottom);
        if (bar->kind == MUSIC_BAR_DASHED || bar->kind == MUSIC_BAR_DOTTED) {
            ink =
                vertical_line(ROLE_BAR, (left + right) / 2, top + 0.25, (left + right) / 2, bottom);
            ink.thickness = right - left;
            ink.dash = 0.5;
            ink.gap = bar->kind == MUSIC_BAR_DASHED ? 0.5 : 0.25;
        }
        add(vertical, system, &ink);
    }
}

/* Has a staff a bar line there? One that has none gets the joined one through it. */
static bool has_bar(const struct placed_staff *staff, const struct placed_bar *bar) {
    for (size_t i = 0; i < staff->ink.n_items; i++) {
        const struct ink *ink = &staff->ink.items[i];
        if (ink->role == ROLE_BAR && ink->box.right > bar->left - 0.1 &&
            ink->box.left < bar->right + 0.1) {
            return true;
        }
    }
    return false;
}

/* A repeat that only the staff above has: its lines go on, its dots are repeated. */
static void continue_bar(struct vertical *vertical, struct vertical_system *system,
                         const struct placed_bar *bar, const struct placed_staff *above,
                         const struct placed_staff *staff) {
    join_bar(vertical, system, bar, staff->y, staff->y + staff->height);
    for (size_t i = 0; i < above->ink.n_items; i++) {
        struct ink dot = above->ink.items[i];
        if (dot.role == ROLE_REPEAT_DOT && dot.box.right > bar->left - 1.5 &&
            dot.box.left < bar->right + 1.5) {
            ink_move(&dot, 0, staff->y);
            add(vertical, system, &dot);
        }
    }
}

void bars_layout(struct vertical *vertical, struct vertical_system *system, uint32_t system_i) {
    const struct placed_system *placed = &vertical->placed->systems[system_i];
    const struct music *music = vertical->music;
    if (music->n_bar_spans == 0) {
        return;
    }
    for (uint32_t i = 0; i < placed->n_bars; i++) {
        const struct placed_staff *above = NULL;
        uint32_t above_i = 0;
        for (uint32_t k = 0; k < placed->n_staves; k++) {
            const struct placed_staff *staff = &placed->staves[k];
            if (staff->is_hidden) {
                continue;
            }
            if (above != NULL && is_joined(music, above_i, k, placed->bars[i].date)) {
                join_bar(vertical, system, &placed->bars[i], above->y + above->height, staff->y);
                if (placed->bars[i].n_lines > 0 && !has_bar(staff, &placed->bars[i])) {
                    continue_bar(vertical, system, &placed->bars[i], above, staff);
                }
            }
            above = staff;
            above_i = k;
        }
    }
}
