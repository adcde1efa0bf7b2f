/* Map texts (score-language reference 10.2): pairs of a space and a time segment,
 *
 *     ( [0, 100[ [0, 40[ ) ( [0/4, 1/4[ )
 *
 * into segments of the object's own space, and back into text. */
#ifndef LEGGIO_SCORE_MAP_TEXT_H
#define LEGGIO_SCORE_MAP_TEXT_H

#include "renderer/score/maps/segments.h"
#include "renderer/score/message.h"
#include "renderer/score/object.h"

/* As written: segments in the space's own numbers; a one-dimensional space has y 0..0. */
struct map_text {
    enum map_space space;
    struct segments segments; /* in order of writing, not sorted */
};

#define MAP_TEXT_SEGMENTS_MAX 100000

struct map_text_error {
    int line;             /* from 1 */
    const char *expected; /* what should have stood there; static */
};

/* returns  0; LG_EBADREQUEST: parse failure, or numbers of the wrong kind; LG_ETOOLARGE */
int map_text_parse(const char *text, size_t len, enum map_space space, struct map_text *out,
                   struct map_text_error *error);
void map_text_finish(struct map_text *map);
/* One pair a line. */
void map_text_print(const struct map_text *map, struct text *out);

#endif
