/* Memory that must be there: the score cannot go on with half an object, so
 * these end the process (logged) when there is none; journal and supervisor
 * bring it back. Everything a peer can make large is bounded in proto/limits.h. */
#ifndef LEGGIO_SCORE_ALLOC_H
#define LEGGIO_SCORE_ALLOC_H

#include <stddef.h>

/* Zeroed. Never NULL. */
void *alloc_zero(size_t size_bytes);
/* As realloc for n items; checks the multiplication. Never NULL for n > 0. */
void *alloc_resize(void *items, size_t n_items, size_t item_size_bytes);
/* Make room for one more item in a doubling array of *capacity items. */
void *alloc_grow(void *items, size_t n_items, size_t *capacity, size_t item_size_bytes);
char *alloc_text(const char *text);
char *alloc_text_n(const char *text, size_t len);

#endif
