/* Where two lists, or two pictures, differ: a bounded set of rectangles. */
#ifndef LEGGIO_DRAW_DAMAGE_H
#define LEGGIO_DRAW_DAMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/limits.h"
#include "renderer/draw/display_list.h"

#define DAMAGE_RECTS_MAX LIMIT_TILES

struct damage {
    struct rect_px rects[DAMAGE_RECTS_MAX];
    size_t n;
};

/* Add a rectangle; empty ones are nothing. Rectangles that lie close are merged, and when the set
 * is full the new one is united with the one that grows least.
 * shape    O(DAMAGE_RECTS_MAX) */
void damage_add(struct damage *damage, struct rect_px rect);

/* Everything that may look different between two lists of the same size. Items that are in both,
 * in the same order, are no damage; moved, changed, new and lost ones damage where they were and
 * are. A group counts as one item.
 * shape    O(n log n) of what lies between common beginning and end */
void damage_between(const struct display_list *before, const struct display_list *after,
                    struct damage *damage);

/* Exact comparison of one rectangle of two pictures of width x …, stride bytes a row, 4 bytes a
 * pixel: the smallest rectangle that holds all differences, width 0 when there is none. */
struct rect_px damage_compare(const uint8_t *before, const uint8_t *after, size_t stride,
                              struct rect_px rect);

#endif
