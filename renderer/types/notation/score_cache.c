/* A small table, searched in full: it holds tens of scores, not thousands. */
#include "renderer/types/notation/score_cache.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "proto/limits.h"

#define SLOTS 64

struct cached_score {
    struct score_picture *picture; /* NULL = free */
    char *text;
    size_t len, size_bytes;
    struct engraving_options options;
    uint64_t used; /* larger = later */
};

/* The one cache of the process. */
static struct {
    struct cached_score slots[SLOTS];
    size_t size_bytes;
    uint64_t clock;
} cache;

static bool is_same(const struct cached_score *slot, const char *text, size_t len,
                    const struct engraving_options *options) {
    return slot->picture != NULL && slot->len == len && slot->options.format == options->format &&
           slot->options.crops_page == options->crops_page &&
           slot->options.page_width_cm == options->page_width_cm &&
           slot->options.page_height_cm == options->page_height_cm &&
           memcmp(slot->text, text, len) == 0;
}

static struct cached_score *find(const char *text, size_t len,
                                 const struct engraving_options *options) {
    for (size_t slot_i = 0; slot_i < SLOTS; slot_i++) {
        if (is_same(&cache.slots[slot_i], text, len, options)) {
            return &cache.slots[slot_i];
        }
    }
    return NULL;
}

static void drop(struct cached_score *slot) {
    cache.size_bytes -= slot->size_bytes;
    score_picture_unref(slot->picture);
    free(slot->text);
    *slot = (struct cached_score){0};
}

/* The slot used longest ago; of the filled ones only when is_filled. */
static struct cached_score *oldest(bool is_filled) {
    struct cached_score *found = NULL;
    for (size_t slot_i = 0; slot_i < SLOTS; slot_i++) {
        struct cached_score *slot = &cache.slots[slot_i];
        if ((!is_filled || slot->picture != NULL) && (found == NULL || slot->used < found->used)) {
            found = slot;
        }
    }
    return found;
}

struct score_picture *score_cache_find(const char *text, size_t len,
                                       const struct engraving_options *options) {
    struct cached_score *slot = find(text, len, options);
    if (slot == NULL) {
        return NULL;
    }
    slot->used = ++cache.clock;
    return score_picture_ref(slot->picture);
}

void score_cache_put(const char *text, size_t len, const struct engraving_options *options,
                     struct score_picture *picture) {
    size_t size_bytes = score_picture_bytes(picture) + len;
    struct cached_score *slot = find(text, len, options);
    if (slot != NULL || size_bytes > LIMIT_SCORE_CACHE_BYTES / 2) {
        return;
    }
    char *copy = malloc(len + 1);
    if (copy == NULL) {
        return;
    }
    memcpy(copy, text, len);
    while (cache.size_bytes + size_bytes > LIMIT_SCORE_CACHE_BYTES) {
        drop(oldest(true));
    }
    slot = oldest(false);
    if (slot->picture != NULL) {
        drop(slot);
    }
    *slot = (struct cached_score){
        score_picture_ref(picture), copy, len, size_bytes, *options, ++cache.clock};
    cache.size_bytes += size_bytes;
}
