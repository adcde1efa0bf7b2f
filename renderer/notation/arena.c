/* Blocks of 64 KiB and more, handed out front to back; a large piece gets a block of its own. */
#include "renderer/notation/arena.h"

#include <stdalign.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES ((size_t)64 * 1024)
#define ALIGNMENT   alignof(max_align_t)

struct block {
    struct block *next;
    size_t size, used;
    alignas(max_align_t) unsigned char bytes[];
};

struct arena {
    atomic_int references;
    struct block *blocks; /* the first is the one in use */
    size_t used, limit;
    bool is_full;
};

struct arena *arena_create(size_t limit_bytes) {
    struct arena *arena = calloc(1, sizeof *arena);
    if (arena != NULL) {
        arena->limit = limit_bytes;
        atomic_init(&arena->references, 1);
    }
    return arena;
}

struct arena *arena_ref(struct arena *arena) {
    atomic_fetch_add_explicit(&arena->references, 1, memory_order_relaxed);
    return arena;
}

void arena_destroy(struct arena *arena) {
    if (arena == NULL ||
        atomic_fetch_sub_explicit(&arena->references, 1, memory_order_acq_rel) != 1) {
        return;
    }
    while (arena->blocks != NULL) {
        struct block *next = arena->blocks->next;
        free(arena->blocks);
        arena->blocks = next;
    }
    free(arena);
}

static struct block *block_for(struct arena *arena, size_t size) {
    struct block *block = arena->blocks;
    if (block != NULL && block->size - block->used >= size) {
        return block;
    }
    size_t block_size = size > BLOCK_BYTES / 4 ? size : BLOCK_BYTES;
    block = calloc(1, sizeof *block + block_size);
    if (block == NULL) {
        return NULL;
    }
    block->size = block_size;
    if (block_size == size && arena->blocks != NULL) { /* keep filling the one in use */
        block->next = arena->blocks->next;
        arena->blocks->next = block;
    } else {
        block->next = arena->blocks;
        arena->blocks = block;
    }
    return block;
}

void *arena_alloc(struct arena *arena, size_t size_bytes) {
    if (size_bytes > SIZE_MAX - ALIGNMENT) {
        arena->is_full = true;
        return NULL;
    }
    size_t size = (size_bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (size > arena->limit - arena->used) {
        arena->is_full = true;
        return NULL;
    }
    struct block *block = block_for(arena, size);
    if (block == NULL) {
        arena->is_full = true;
        return NULL;
    }
    void *piece = block->bytes + block->used;
    block->used += size;
    arena->used += size;
    return piece;
}

void *arena_array(struct arena *arena, size_t n, size_t size_bytes) {
    if (size_bytes != 0 && n > SIZE_MAX / size_bytes) {
        arena->is_full = true;
        return NULL;
    }
    return arena_alloc(arena, n * size_bytes);
}

char *arena_text(struct arena *arena, const char *text, size_t len) {
    char *copy = len < SIZE_MAX ? arena_alloc(arena, len + 1) : NULL;
    if (copy != NULL) {
        memcpy(copy, text, len);
    }
    return copy;
}

bool arena_grow(struct arena *arena, void **items, size_t n, size_t *capacity, size_t size_bytes) {
    if (n < *capacity) {
        return true;
    }
    size_t larger = *capacity == 0 ? 8 : *capacity * 2;
    void *copy = arena_array(arena, larger, size_bytes);
    if (copy == NULL) {
        return false;
    }
    if (n > 0) {
        memcpy(copy, *items, n * size_bytes);
    }
    *items = copy;
    *capacity = larger;
    return true;
}

bool arena_is_full(const struct arena *arena) {
    return arena->is_full;
}

size_t arena_used(const struct arena *arena) {
    return arena->used;
}
