/* Open addressing with linear probing; see the header. */
#include "renderer/score/index.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "renderer/score/alloc.h"

enum { INDEX_CAPACITY_MIN = 32 };

uint64_t index_hash_number(uint64_t number) {
    /* Finaliser of splitmix64: every input bit reaches the low bits. */
    number ^= number >> 30;
    number *= 0xbf58476d1ce4e5b9u;
    number ^= number >> 27;
    number *= 0x94d049bb133111ebu;
    return number ^ (number >> 31);
}

void index_key_random(struct index_key *key) {
    crypto_shorthash_keygen(key->bytes);
}

uint64_t index_hash_text(const struct index_key *key, const char *text, size_t len) {
    unsigned char bytes[crypto_shorthash_BYTES];
    uint64_t hash;
    static_assert(sizeof bytes == sizeof hash && sizeof key->bytes == crypto_shorthash_KEYBYTES,
                  "siphash of 64 bits");
    crypto_shorthash(bytes, (const unsigned char *)text, len, key->bytes);
    memcpy(&hash, bytes, sizeof hash);
    return hash;
}

void *index_find(const struct index *index, uint64_t hash, index_match_fn match, const void *key) {
    if (index->capacity == 0) {
        return NULL;
    }
    size_t mask = index->capacity - 1;
    for (size_t at = (size_t)hash & mask; index->slots[at].item != NULL; at = (at + 1) & mask) {
        if (index->slots[at].hash == hash && match(index->slots[at].item, key)) {
            return index->slots[at].item;
        }
    }
    return NULL;
}

static void place(struct index *index, struct index_slot slot) {
    size_t mask = index->capacity - 1;
    size_t at = (size_t)slot.hash & mask;
    while (index->slots[at].item != NULL) {
        at = (at + 1) & mask;
    }
    index->slots[at] = slot;
}

static void grow(struct index *index) {
    struct index larger = {.n_items = index->n_items};
    larger.capacity = index->capacity == 0 ? INDEX_CAPACITY_MIN : index->capacity * 2;
    larger.slots = alloc_zero(larger.capacity * sizeof *larger.slots);
    for (size_t i = 0; i < index->capacity; i++) {
        if (index->slots[i].item != NULL) {
            place(&larger, index->slots[i]);
        }
    }
    free(index->slots);
    *index = larger;
}

void index_put(struct index *index, uint64_t hash, void *item) {
    if ((index->n_items + 1) * 4 > index->capacity * 3) {
        grow(index);
    }
    place(index, (struct index_slot){hash, item});
    index->n_items++;
}

void index_remove(struct index *index, uint64_t hash, const void *item) {
    if (index->capacity == 0) {
        return;
    }
    size_t mask = index->capacity - 1;
    size_t at = (size_t)hash & mask;
    while (index->slots[at].item != item) {
        if (index->slots[at].item == NULL) {
            return;
        }
        at = (at + 1) & mask;
    }
    /* Move back what probed past the hole. */
    for (size_t next = (at + 1) & mask; index->slots[next].item != NULL; next = (next + 1) & mask) {
        size_t home = (size_t)index->slots[next].hash & mask;
        if (((next - home) & mask) >= ((next - at) & mask)) {
            index->slots[at] = index->slots[next];
            at = next;
        }
    }
    index->slots[at].item = NULL;
    index->n_items--;
}

void index_finish(struct index *index) {
    free(index->slots);
    *index = (struct index){0};
}
