/* Memory of one engraving: many small pieces, freed together. Not thread safe;
 * one arena belongs to one engraving and to one thread at a time. */
#ifndef LEGGIO_NOTATION_ARENA_H
#define LEGGIO_NOTATION_ARENA_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

/* limit_bytes  what all pieces together may take, proto/limits.h; the caller destroys */
struct arena *arena_create(size_t limit_bytes);
/* Another owner, who destroys too; the last one frees. Any thread; only one thread allocates. */
struct arena *arena_ref(struct arena *arena);
void arena_destroy(struct arena *arena);
/* Zeroed, aligned for any type; NULL when the limit or memory is reached (then arena_is_full
 * stays true, so that a stage may check once at its end). */
void *arena_alloc(struct arena *arena, size_t size_bytes);
/* n * size_bytes with the multiplication checked. */
void *arena_array(struct arena *arena, size_t n, size_t size_bytes);
char *arena_text(struct arena *arena, const char *text, size_t len);
/* Room for one more at the end of a growing array: *items has *capacity places, n used; grows by
 * doubling (the old piece stays in the arena). false: full, nothing changed. */
bool arena_grow(struct arena *arena, void **items, size_t n, size_t *capacity, size_t size_bytes);
bool arena_is_full(const struct arena *arena);
size_t arena_used(const struct arena *arena);

#endif
