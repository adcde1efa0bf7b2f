/* Durations and what is drawn for them: values, dots, tuplet figures (gmn.md 10.5, 10.6). Pure. */
#ifndef LEGGIO_NOTATION_VALUES_H
#define LEGGIO_NOTATION_VALUES_H

#include "renderer/notation/music/music.h"

#define VALUE_DOTS_MAX 3

/* One displayable piece of a duration. */
struct value_part {
    struct rational duration; /* score time it takes */
    int value, n_dots;
};

/* Time of a value with dots, tuplets aside. */
struct rational value_duration(int value, int n_dots);
/* The odd part of the denominator: 3 of 1/12, 1 when no tuplet is needed. */
int64_t value_figure(struct rational duration);
/* How many of the figure's notes fill a normal value: the power of two below it (3 -> 2, 7
 * -> 4). */
int64_t value_figure_normal(int64_t figure);
/* What is written for a duration: 1/8 of 1/12. */
struct rational value_written(struct rational duration);
/* The value with dots that lasts exactly `duration` (no tuplets), or false. */
bool value_of_duration(struct rational duration, int *value, int *n_dots);
/* The first piece of a duration (> 0): as long as can be drawn; over a breve the rest comes first
 * (3/1 is 1 + 2). What is left is below a 256th: it is added to the last piece. */
struct value_part value_first_part(struct rational duration);
/* The one value that comes nearest. */
struct value_part value_nearest(struct rational duration);
/* "1/8", "/8", "3/8", "1/4." ... to a value; false when it is none. */
bool value_parse(const char *text, int *value, int *n_dots);

#endif
