/* A zhashx by key, and of those that are answered a list by age. */
#include "renderer/broker/request_memory.h"

#include <stdlib.h>
#include <string.h>

#include <czmq.h>

#include "proto/limits.h"

struct entry {
    struct request_key key;
    struct entry *before, *next; /* older, younger; of the answered ones */
    void *call;                  /* NULL once answered */
    uint8_t *reply;
    size_t reply_size;
    int64_t answered_us;
    bool is_restored;
    int code;
};

struct request_memory {
    zhashx_t *by_key; /* owns the entries */
    struct entry *oldest, *youngest;
    size_t n_answered;
    size_t n_bytes;
};

static size_t hash_key(const void *arg) {
    const struct request_key *key = arg;
    return (size_t)(key->gateway_id ^ (key->counter * UINT64_C(0x9e3779b97f4a7c15)));
}

static int compare_keys(const void *a, const void *b) {
    return memcmp(a, b, sizeof(struct request_key));
}

static void free_entry(void **item) {
    struct entry *entry = *item;
    free(entry->reply);
    free(entry);
    *item = NULL;
}

struct request_memory *request_memory_create(void) {
    struct request_memory *memory = calloc(1, sizeof *memory);
    if (memory == NULL) {
        return NULL;
    }
    memory->by_key = zhashx_new();
    if (memory->by_key == NULL) {
        free(memory);
        return NULL;
    }
    zhashx_set_key_hasher(memory->by_key, hash_key);
    zhashx_set_key_comparator(memory->by_key, compare_keys);
    zhashx_set_key_duplicator(memory->by_key, NULL); /* keys live in the entries */
    zhashx_set_key_destructor(memory->by_key, NULL);
    zhashx_set_destructor(memory->by_key, free_entry);
    return memory;
}

/* An answered one. */
static void drop(struct request_memory *memory, struct entry *entry) {
    *(entry->before == NULL ? &memory->oldest : &entry->before->next) = entry->next;
    *(entry->next == NULL ? &memory->youngest : &entry->next->before) = entry->before;
    memory->n_answered--;
    memory->n_bytes -= entry->reply_size;
    zhashx_delete(memory->by_key, &entry->key);
}

void request_memory_destroy(struct request_memory *memory) {
    if (memory == NULL) {
        return;
    }
    zhashx_destroy(&memory->by_key);
    free(memory);
}

/* Those under way are not counted: they are as many as the calls that wait, and forgetting one
 * would apply it twice. */
static void trim(struct request_memory *memory, int64_t now_us) {
    while (memory->oldest != NULL &&
           (memory->n_answered > LIMIT_REQUESTS_REMEMBERED ||
            memory->n_bytes > REQUEST_MEMORY_BYTES ||
            now_us - memory->oldest->answered_us > REQUEST_MEMORY_AGE_US)) {
        drop(memory, memory->oldest);
    }
}

static struct entry *add(struct request_memory *memory, struct request_key key, void *call) {
    struct entry *entry = calloc(1, sizeof *entry);
    if (entry == NULL) {
        return NULL;
    }
    *entry = (struct entry){.key = key, .call = call};
    if (zhashx_insert(memory->by_key, &entry->key, entry) != 0) {
        free(entry);
        return NULL;
    }
    return entry;
}

/* From now on it is remembered for a while. */
static void keep_reply(struct request_memory *memory, struct entry *entry, const uint8_t *reply,
                       size_t reply_size, int64_t now_us) {
    entry->reply = reply_size > 0 ? malloc(reply_size) : NULL;
    if (entry->reply != NULL) {
        memcpy(entry->reply, reply, reply_size);
        entry->reply_size = reply_size;
        memory->n_bytes += reply_size;
    }
    entry->answered_us = now_us;
    entry->before = memory->youngest;
    *(entry->before == NULL ? &memory->oldest : &entry->before->next) = entry;
    memory->youngest = entry;
    memory->n_answered++;
    trim(memory, now_us);
}

enum request_state request_memory_enter(struct request_memory *memory, struct request_key key,
                                        void *call, int64_t now_us, struct request_found *found) {
    const struct entry *entry = zhashx_lookup(memory->by_key, &key);
    *found = (struct request_found){0};
    if (entry != NULL && entry->call != NULL) {
        found->call = entry->call;
        return REQUEST_UNDER_WAY;
    }
    if (entry != NULL) {
        *found = (struct request_found){NULL, entry->reply, entry->reply_size, entry->code};
        return entry->is_restored ? REQUEST_RESTORED : REQUEST_ANSWERED;
    }
    trim(memory, now_us);
    add(memory, key, call); /* no memory: applied, not remembered; better than refused */
    return REQUEST_NEW;
}

void request_memory_restore(struct request_memory *memory, struct request_key key, int64_t now_us,
                            const struct request_found *answer) {
    if (zhashx_lookup(memory->by_key, &key) != NULL) {
        return;
    }
    struct entry *entry = add(memory, key, NULL);
    if (entry != NULL) {
        entry->is_restored = true;
        entry->code = answer->code;
        keep_reply(memory, entry, answer->reply, answer->reply_size, now_us);
    }
}

void request_memory_answer(struct request_memory *memory, struct request_key key,
                           const uint8_t *reply, size_t reply_size, int64_t now_us) {
    struct entry *entry = zhashx_lookup(memory->by_key, &key);
    if (entry == NULL || entry->call == NULL) {
        return;
    }
    entry->call = NULL;
    keep_reply(memory, entry, reply, reply_size, now_us);
}

void request_memory_forget(struct request_memory *memory, struct request_key key) {
    const struct entry *entry = zhashx_lookup(memory->by_key, &key);
    if (entry != NULL && entry->call != NULL) {
        zhashx_delete(memory->by_key, &key);
    }
}

size_t request_memory_size(const struct request_memory *memory) {
    return zhashx_size(memory->by_key);
}
