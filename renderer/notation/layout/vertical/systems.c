/* The distances between the staves of a system, then everything that joins them. */
#include "renderer/notation/layout/vertical/vertical.h"

#include <math.h>

#define STAFF_GAP 0.8 /* between the ink of two staves */

/* Top line to top line, at least: 8.8 for staves of 4 sp. */
static double least_distance(const struct placed_staff *upper) {
    return upper->height + (STAFF_DISTANCE - 4);
}

/* Where the beams between staves have room. */
static double beams_y(const struct vertical_system *system, const struct placed_system *placed,
                      uint32_t staff_i) {
    double y = -INFINITY;
    for (uint32_t i = 0; i < system->n_cross_beams; i++) {
        const struct cross_beam *beam = &system->cross_beams[i];
        if (beam->direction == 0 && beam->lower == staff_i && beam->upper < staff_i) {
            y = fmax(y, placed->staves[beam->upper].y + beam->distance);
        }
    }
    return y;
}

void staves_place(struct vertical *vertical, struct vertical_system *system,
                  const struct placed_system *placed) {
    const struct placed_staff *above = NULL;
    system->first_y = system->last_y = 0;
    for (uint32_t k = 0; k < placed->n_staves; k++) {
        struct placed_staff *staff = &placed->staves[k];
        staff->y = above != NULL ? above->y : 0;
        if (staff->is_hidden) {
            continue;
        }
        if (above != NULL) {
            double distance = skyline_distance(&above->below, &staff->above, STAFF_GAP);
            double extra = vertical->music->staves[staff->staff].distance;
            staff->y = above->y + fmax(distance, least_distance(above)) + fmax(extra, 0);
            staff->y = fmax(staff->y, beams_y(system, placed, k));
        }
        system->last_y = staff->y + staff->height;
        above = staff;
    }
}

/* Clefs reach a little beyond every staff; a page is cut to the rest. */
static void measure_music(struct vertical_system *system, const struct placed_system *placed) {
    system->music_top = 0;
    system->music_bottom = system->last_y;
    for (uint32_t k = 0; k < placed->n_staves; k++) {
        const struct placed_staff *staff = &placed->staves[k];
        for (size_t i = 0; !staff->is_hidden && i < staff->ink.n_items; i++) {
            const struct ink *ink = &staff->ink.items[i];
            if (ink->role != ROLE_CLEF) {
                system->music_top = fmin(system->music_top, ink->box.top + staff->y);
                system->music_bottom = fmax(system->music_bottom, ink->box.bottom + staff->y);
            }
        }
    }
    for (size_t i = 0; i < system->ink.n_items; i++) {
        system->music_top = fmin(system->music_top, system->ink.items[i].box.top);
        system->music_bottom = fmax(system->music_bottom, system->ink.items[i].box.bottom);
    }
}

/* Box and outlines of all ink of the system. */
static void measure_system(struct vertical *vertical, struct vertical_system *system,
                           const struct placed_system *placed) {
    struct ink_box box = {0, 0, placed->width, system->last_y};
    skyline_init(&system->above, -1, 0);
    skyline_init(&system->below, 1, system->last_y);
    for (uint32_t k = 0; k < placed->n_staves; k++) {
        const struct placed_staff *staff = &placed->staves[k];
        if (staff->is_hidden) {
            continue;
        }
        for (int side = 0; side < 2; side++) {
            const struct skyline *from = side == 0 ? &staff->above : &staff->below;
            for (size_t i = 0; i < from->n_segments; i++) {
                const struct skyline_segment *segment = &from->segments[i];
                struct ink_box piece = {segment->left, segment->y + staff->y, segment->right,
                                        segment->y + staff->y};
                box = ink_box_join(box, piece);
                if (side == 0 ? piece.top < 0 : piece.top > system->last_y) {
                    (void)skyline_add(vertical->arena, side == 0 ? &system->above : &system->below,
                                      &piece);
                }
            }
        }
    }
    for (size_t i = 0; i < system->ink.n_items; i++) {
        const struct ink_box *piece = &system->ink.items[i].box;
        box = ink_box_join(box, *piece);
        (void)skyline_add(vertical->arena, &system->above, piece);
        (void)skyline_add(vertical->arena, &system->below, piece);
    }
    system->top = box.top;
    system->bottom = box.bottom;
    system->left = box.left;
    system->right = box.right;
}

void systems_layout(struct vertical *vertical) {
    for (uint32_t i = 0; i < vertical->placed->n_systems; i++) {
        struct vertical_system *system = &vertical->systems[i];
        const struct placed_system *placed = &vertical->placed->systems[i];
        staves_place(vertical, system, placed);
        cross_beams_settle(vertical, i);
        double left = groups_layout(vertical, system, i);
        bars_layout(vertical, system, i);
        names_layout(vertical, system, i, left);
        cross_staff_layout(vertical, system);
        measure_system(vertical, system, placed);
        measure_music(system, placed);
    }
}
