/* Memory that must be there; see the header for why these never return NULL. */
#include "renderer/score/alloc.h"

#include <malloc.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The one piece of state: memory belongs to the process, not to a score. */
static _Atomic(void *) reserve;

void alloc_set_up(void) {
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, ALLOC_MAPPED_BYTES);
    mallopt(M_TRIM_THRESHOLD, ALLOC_MAPPED_BYTES);
#endif
}

bool alloc_is_short(void) {
    if (atomic_load(&reserve) == NULL) {
        void *none = NULL;
        void *fresh = malloc(ALLOC_RESERVE_BYTES);
        if (!atomic_compare_exchange_strong(&reserve, &none, fresh)) {
            free(fresh); /* another thread was faster */
        }
    }
    return atomic_load(&reserve) == NULL;
}

/* Returns false when there was nothing left to give back. */
static bool release_reserve(void) {
    void *block = atomic_exchange(&reserve, NULL);
    bool was_there = block != NULL;
    free(block);
    return was_there;
}

static _Noreturn void give_up(void) {
    fputs("leggio-renderer: out of memory\n", stderr);
    abort();
}

void *alloc_zero(size_t size_bytes) {
    size_t wanted = size_bytes > 0 ? size_bytes : 1;
    void *memory = calloc(1, wanted);
    while (memory == NULL) {
        if (!release_reserve()) {
            give_up();
        }
        memory = calloc(1, wanted);
    }
    return memory;
}

void *alloc_resize(void *items, size_t n_items, size_t item_size_bytes) {
    if (item_size_bytes != 0 && n_items > SIZE_MAX / item_size_bytes) {
        give_up();
    }
    size_t wanted = n_items * item_size_bytes > 0 ? n_items * item_size_bytes : 1;
    void *memory = realloc(items, wanted);
    while (memory == NULL) {
        if (!release_reserve()) {
            give_up();
        }
        memory = realloc(items, wanted);
    }
    return memory;
}

void *alloc_grow(void *items, size_t n_items, size_t *capacity, size_t item_size_bytes) {
    if (n_items < *capacity) {
        return items;
    }
    *capacity = *capacity < 4 ? 4 : *capacity * 2;
    return alloc_resize(items, *capacity, item_size_bytes);
}

char *alloc_text(const char *text) {
    return alloc_text_n(text, strlen(text));
}

char *alloc_text_n(const char *text, size_t len) {
    char *copy = alloc_resize(NULL, len + 1, 1);
    memcpy(copy, text, len);
    copy[len] = '\0';
    return copy;
}
