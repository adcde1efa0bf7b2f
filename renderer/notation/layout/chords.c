/* Heads of one chord on both sides of its stem (gmn.md 16.28). */
#include <stdlib.h>

#include "renderer/notation/layout/horizontal.h"

#define FAR         100000
#define COLUMNS_MAX 4 /* more than two only for unisons in a chord */

/* Column of a head: 0 the normal one, 1 the other side of the stem, then further away. */
static double column_x(int column, int stem, double width, double thickness) {
    if (column == 0) {
        return 0;
    }
    double x = width - thickness + (column - 1) * width;
    return stem < 0 ? -x : x;
}

static int column_for_side(enum music_head_side side, int column, int stem) {
    switch (side) {
    case MUSIC_SIDE_REVERSE:
        return column == 0 ? 1 : 0;
    case MUSIC_SIDE_LEFT:
        return stem < 0 ? 1 : 0;
    case MUSIC_SIDE_RIGHT:
        return stem < 0 ? 0 : 1;
    case MUSIC_SIDE_NORMAL:
    case MUSIC_SIDE_CENTER:
        break;
    }
    return column;
}

void chord_place_seconds(const struct music_chord *chord, struct head_plan *heads, double width,
                         double stem) {
    uint32_t n = chord->n_heads;
    int direction = chord->value <= MUSIC_VALUE_WHOLE ? 1 : chord->stem;
    int last[COLUMNS_MAX]; /* position of the last head in each column */
    for (int c = 0; c < COLUMNS_MAX; c++) {
        last[c] = FAR;
    }
    for (uint32_t k = 0; k < n; k++) { /* from the head where the stem starts */
        uint32_t i = direction < 0 ? n - 1 - k : k;
        int position = chord->heads[i].position, column = 0;
        while (column + 1 < COLUMNS_MAX && abs(position - last[column]) <= 1) {
            column++;
        }
        last[column] = position;
        if (chord->heads[i].tab_text != NULL) {
            column = 0;
        }
        column = column_for_side(chord->heads[i].side, column, direction);
        heads[i].dx = column_x(column, direction, width, stem);
        if (chord->heads[i].side == MUSIC_SIDE_CENTER) {
            heads[i].dx = direction < 0 ? -width / 2 : width / 2;
        }
    }
}
