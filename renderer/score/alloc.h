/* Memory that must be there: the score cannot go on with half an object.
 *
 * A reserve is kept for the moment when there is no more: it is given back, and
 * what is under way comes to its end with it. As long as the reserve cannot be
 * had again, changes are refused (alloc_is_short). Only when it does not suffice
 * either these functions end the process (logged); journal and supervisor bring
 * it back. Everything a peer can make large is bounded in proto/limits.h.
 * Any thread. */
#ifndef LEGGIO_SCORE_ALLOC_H
#define LEGGIO_SCORE_ALLOC_H

#include <stdbool.h>
#include <stddef.h>

/* Holds what one message of the largest kind needs many times over. */
#define ALLOC_RESERVE_BYTES (16u * 1024 * 1024)

/* Is the reserve used up? Tries to get it (again): call it once at the start, and
 * before each change that a peer asks for. */
bool alloc_is_short(void);

/* Zeroed. Never NULL. */
void *alloc_zero(size_t size_bytes);
/* As realloc for n items; checks the multiplication. Never NULL for n > 0. */
void *alloc_resize(void *items, size_t n_items, size_t item_size_bytes);
/* Make room for one more item in a doubling array of *capacity items. */
void *alloc_grow(void *items, size_t n_items, size_t *capacity, size_t item_size_bytes);
char *alloc_text(const char *text);
char *alloc_text_n(const char *text, size_t len);

#endif
