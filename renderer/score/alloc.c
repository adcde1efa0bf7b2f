/* Memory that must be there; see the header for why these never return NULL. */
#include "renderer/score/alloc.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *must(void *memory) {
    if (memory == NULL) {
        fputs("leggio-renderer: out of memory\n", stderr);
        abort();
    }
    return memory;
}

void *alloc_zero(size_t size_bytes) {
    return must(calloc(1, size_bytes > 0 ? size_bytes : 1));
}

void *alloc_resize(void *items, size_t n_items, size_t item_size_bytes) {
    if (item_size_bytes != 0 && n_items > SIZE_MAX / item_size_bytes) {
        return must(NULL);
    }
    size_t size_bytes = n_items * item_size_bytes;
    return must(realloc(items, size_bytes > 0 ? size_bytes : 1));
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
