/* Operations of score expressions (score-language reference 1.5) on notation
 * models. Pure functions; the result is GMN text, so that it is engraved, kept
 * and read back like any other. */
#ifndef LEGGIO_NOTATION_SCORE_OPS_H
#define LEGGIO_NOTATION_SCORE_OPS_H

#include "renderer/notation/model.h"

enum score_op {
    SCORE_SEQ,    /* one after the other, voice by voice */
    SCORE_PAR,    /* together */
    SCORE_RPAR,   /* together, ending together */
    SCORE_HEAD,   /* the first up to the duration of the second */
    SCORE_TAIL,   /* the first from the duration of the second on */
    SCORE_EVHEAD, /* the same by the number of events */
    SCORE_EVTAIL,
    SCORE_TOP,       /* upper voices of the first, as many as the second has */
    SCORE_BOTTOM,    /* lower voices */
    SCORE_TRANSPOSE, /* so that the first notes agree */
    SCORE_DURATION,  /* the first, as long as the second */
    SCORE_PITCH,     /* rhythm of the first, pitches of the second, repeated */
    SCORE_RHYTHM,    /* pitches of the first, rhythm of the second, repeated */
    SCORE_OP_COUNT
};

/* By its word; SCORE_OP_COUNT: none. */
enum score_op score_op_find(const char *word, size_t len);
const char *score_op_name(enum score_op op);

/* text: malloc'ed GMN. returns 0; LG_ETOOLARGE; LG_ENOMEM. shape: linear */
int score_op_apply(enum score_op op, const struct notation *first, const struct notation *second,
                   char **text);

#endif
