/* Map texts (score-language reference 10.2): pairs of a space and a time segment,
 *
 *     ( [0, 100[ [0, 40[ ) ( [0/4, 1/4[ )
 *
 * into segments of the object's own space, and back into text. */
#ifndef LEGGIO_SCORE_MAP_TEXT_H
#define LEGGIO_SCORE_MAP_TEXT_H

#include "renderer/score/maps/segments.h"
#include "renderer/score/message.h"

/* What a type's space is counted in. */
enum map_space {
    MAP_SPACE_NONE,   /* the type takes no map text: scores */
    MAP_SPACE_UNIT,   /* x, y floats -1..1: shapes */
    MAP_SPACE_PIXELS, /* x, y ints: pixels, columns and lines */
    MAP_SPACE_FRAMES, /* one interval of ints: graphs */
};

/* As written: segments in the space's own numbers; a one-dimensional space has y 0..0. */
struct map_text {
    enum map_space space;
    struct segments segments; /* in order of writing, not sorted */
};

#define MAP_TEXT_SEGMENTS_MAX 100000

/* line     of the error, from 1
 * returns  0; LG_EBADREQUEST: parse failure, or numbers of the wrong kind; LG_ETOOLARGE */
int map_text_parse(const char *text, size_t len, enum map_space space, struct map_text *out,
                   int *line);
void map_text_finish(struct map_text *map);
/* One pair a line. */
void map_text_print(const struct map_text *map, struct text *out);

#endif
