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

/* From this size on a block is a mapping of its own, which goes back to the system when it is
 * freed; so does what more than this is free at the end of an arena. glibc's own way is to raise
 * both to the largest block that was ever freed, and twice that: after the first dense frame, whose
 * compressor takes 9 MB, every thread kept up to 18 MB, and the renderer grew a little with each
 * pause of the music that was long enough for such a frame. source  tests/chaos/soak.py: +5.8 MB an
 * hour without; 48 000 changes with pauses: 4.8 MB in arenas without, 1.4 MB with */
#define ALLOC_MAPPED_BYTES (1024 * 1024)

/* Once, before the first thread is made. */
void alloc_set_up(void);

/* Zeroed. Never NULL. */
void *alloc_zero(size_t size_bytes);
/* As realloc for n items; checks the multiplication. Never NULL for n > 0. */
void *alloc_resize(void *items, size_t n_items, size_t item_size_bytes);
/* Make room for one more item in a doubling array of *capacity items. */
void *alloc_grow(void *items, size_t n_items, size_t *capacity, size_t item_size_bytes);
char *alloc_text(const char *text);
char *alloc_text_n(const char *text, size_t len);

#endif
