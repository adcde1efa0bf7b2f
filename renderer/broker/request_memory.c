/* A zhashx by key and the order of arrival beside it. */
#include "renderer/broker/request_memory.h"

#include <stdlib.h>
#include <string.h>

#include <czmq.h>

#include "proto/limits.h"

struct entry {
    struct request_key key;
    struct entry *before, *next; /* older, younger */
    void *call;         /* NULL once answered */
    uint8_t *reply;
    size_t reply_size;
    int64_t entered_us;
    bool is_restored;
    int code;
};

struct request_memory {
    zhashx_t *by_key;
    struct entry *oldest, *youngest;
    size_t n_entries;
    size_t n_bytes;
};

static size_t hash_key(const void *arg) {
    const struct request_key *key = arg;
    return (size_t)(key->gateway_id ^ (key->counter * UINT64_C(0x9e3779b97f4a7c15)));
}

static int compare_keys(const void *a, const void *b) {
    return memcmp(a, b, sizeof(struct request_key));
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
    return memory;
}

static void drop(struct request_memory *memory, struct entry *entry) {
    *(entry->before == NULL ? &memory->oldest : &entry->before->next) = entry->next;
    *(entry->next == NULL ? &memory->youngest : &entry->next->before) = entry->before;
    zhashx_delete(memory->by_key, &entry->key);
    memory->n_entries--;
    memory->n_bytes -= entry->reply_size;
    free(entry->reply);
    free(entry);
}

void request_memory_destroy(struct request_memory *memory) {
    if (memory == NULL) {
        return;
    }
    while (memory->oldest != NULL) {
        drop(memory, memory->oldest);
    }
    zhashx_destroy(&memory->by_key);
    free(memory);
}

/* Those under way stay until they are answered: forgetting one would apply it twice. */
static void trim(struct request_memory *memory, int64_t now_us) {
    while (memory->oldest != NULL && memory->oldest->call == NULL &&
           (memory->n_entries >= LIMIT_REQUESTS_REMEMBERED ||
            memory->n_bytes > REQUEST_MEMORY_BYTES ||
            now_us - memory->oldest->entered_us > REQUEST_MEMORY_AGE_US)) {
        drop(memory, memory->oldest);
    }
}

static struct entry *add(struct request_memory *memory, struct request_key key, void *call,
                         int64_t now_us) {
    trim(memory, now_us);
    struct entry *entry = calloc(1, sizeof *entry);
    if (entry == NULL) {
        return NULL;
    }
    *entry = (struct entry){.key = key, .call = call, .entered_us = now_us};
    if (memory->youngest == NULL) {
        memory->oldest = entry;
    } else {
        entry->before = memory->youngest;
        memory->youngest->next = entry;
    }
    memory->youngest = entry;
    memory->n_entries++;
    zhashx_insert(memory->by_key, &entry->key, entry);
    return entry;
}

static void keep_reply(struct request_memory *memory, struct entry *entry, const uint8_t *reply,
                       size_t reply_size) {
    entry->reply = reply_size > 0 ? malloc(reply_size) : NULL;
    if (entry->reply != NULL) {
        memcpy(entry->reply, reply, reply_size);
        entry->reply_size = reply_size;
        memory->n_bytes += reply_size;
    }
}

enum request_state request_memory_enter(struct request_memory *memory, struct request_key key,
                                        void *call, int64_t now_us,
                                        struct request_found *found) {
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
    add(memory, key, call, now_us); /* no memory: applied, not remembered; better than refused */
    return REQUEST_NEW;
}

void request_memory_restore(struct request_memory *memory, struct request_key key, int64_t now_us,
                            const struct request_found *answer) {
    if (zhashx_lookup(memory->by_key, &key) != NULL) {
        return;
    }
    struct entry *entry = add(memory, key, NULL, now_us);
    if (entry != NULL) {
        entry->is_restored = true;
        entry->code = answer->code;
        keep_reply(memory, entry, answer->reply, answer->reply_size);
    }
}

void request_memory_answer(struct request_memory *memory, struct request_key key,
                           const uint8_t *reply, size_t reply_size) {
    struct entry *entry = zhashx_lookup(memory->by_key, &key);
    if (entry == NULL || entry->call == NULL) {
        return;
    }
    entry->call = NULL;
    keep_reply(memory, entry, reply, reply_size);
}

void request_memory_forget(struct request_memory *memory, struct request_key key) {
    struct entry *entry = zhashx_lookup(memory->by_key, &key);
    if (entry != NULL) {
        drop(memory, entry);
    }
}

size_t request_memory_size(const struct request_memory *memory) {
    return memory->n_entries;
}
