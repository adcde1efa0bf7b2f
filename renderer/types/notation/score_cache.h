/* The last engravings, by their text: objects with the same score, and a score
 * that is set again, share one picture. Score thread only. */
#ifndef LEGGIO_TYPES_SCORE_CACHE_H
#define LEGGIO_TYPES_SCORE_CACHE_H

#include "renderer/types/notation/score_picture.h"

/* One reference, or NULL. */
struct score_picture *score_cache_find(const char *text, size_t len,
                                       const struct engraving_options *options);
/* Borrows the picture; drops the least used ones beyond LIMIT_SCORE_CACHE_BYTES. */
void score_cache_put(const char *text, size_t len, const struct engraving_options *options,
                     struct score_picture *picture);

#endif
