/* A small open-addressing index: hash -> pointer. For children by name, objects
 * by id and aliases; czmq's zhashx is not for this folder (only broker/ folders
 * see ZeroMQ), and its string copies would double the memory of a large family.
 *
 * Linear probing, at most 3/4 full, removal by moving later entries back (no
 * tombstones, so deleting 100 000 objects one by one stays linear). */
#ifndef LEGGIO_SCORE_INDEX_H
#define LEGGIO_SCORE_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct index_slot {
    uint64_t hash;
    void *item; /* NULL = free */
};

struct index {
    struct index_slot *slots;
    size_t capacity; /* a power of two, or 0 */
    size_t n_items;
};

typedef bool (*index_match_fn)(const void *item, const void *key);

/* Names come from outside: a keyed hash, so that nobody can make them collide. */
struct index_key {
    unsigned char bytes[16];
};

void index_key_random(struct index_key *key);
uint64_t index_hash_text(const struct index_key *key, const char *text, size_t len);
uint64_t index_hash_number(uint64_t number);

/* The item whose hash is equal and that matches the key; NULL when none. */
void *index_find(const struct index *index, uint64_t hash, index_match_fn match, const void *key);
/* The caller knows that it is not there yet. */
void index_put(struct index *index, uint64_t hash, void *item);
/* Nothing happens when it is not there. */
void index_remove(struct index *index, uint64_t hash, const void *item);
void index_finish(struct index *index);

#endif
